"""A function's own syntax, and the globals that it reads."""

import ast
import math
from functools import wraps
from runpy import run_path
from types import FunctionType

import pandas as pd
import pytest

from sklstm._search.values.syntax import find_syntax, is_installed, list_globals

NUMBER, OTHER = 3, 4


def normalise(source):
    """The source as Python's own parser writes it."""
    return ast.unparse(ast.parse(source))


# fmt: off
PAIR = [lambda x: x + 1, lambda x: sorted([x], key=lambda y: x * y)]; N_ITER = 5
NESTED = lambda x, inner=(lambda: 2 ** 3): inner() + x
LONG = (lambda x: x
        + 1, lambda x: "ä" + x, lambda: None)
# fmt: on


@pytest.mark.parametrize(
    ("function", "source"),
    [
        (PAIR[0], "lambda x: x + 1"),
        (PAIR[1], "lambda x: sorted([x], key=lambda y: x * y)"),
        (NESTED, "lambda x, inner=(lambda: 2 ** 3): inner() + x"),
        (NESTED.__defaults__[0], "lambda: 2 ** 3"),
        (LONG[0], "lambda x: x + 1"),
        (LONG[1], "lambda x: 'ä' + x"),
        (LONG[2], "lambda: None"),
    ],
)
def test_of_a_lambda_the_syntax_is_the_lambda_alone(function, source):
    """Oracle: by hand; there are several of them on one line, and in one another."""
    assert find_syntax(function) == normalise(source)


def make_wrapped():
    def decorate(function):
        @wraps(function)
        def call(x):
            return function(x) + 1

        return call

    @decorate
    def double(x):  # twice
        """Double."""
        return   2*x  # fmt: skip

    return double


def test_comments_and_layout_are_no_syntax():
    """Oracle: by hand; a wrapper is itself, and has what it wraps around it."""
    wrapper = make_wrapped()
    (wrapped,) = (cell.cell_contents for cell in wrapper.__closure__)
    source = "@decorate\ndef double(x):\n    '''Double.'''\n    return 2 * x"
    assert find_syntax(wrapped) == normalise(source)
    assert find_syntax(wrapper) == normalise(
        "@wraps(function)\ndef call(x):\n    return function(x) + 1"
    )


@pytest.mark.parametrize("file", ["<typed in>", __file__])
def test_a_function_that_is_not_in_its_file_has_no_syntax(file):
    module = compile("\n" * 500 + "lambda x: x + 1", file, "eval")
    assert find_syntax(FunctionType(module.co_consts[0], {})) is None


def test_a_file_that_is_no_longer_python_has_no_syntax(tmp_path):
    path = tmp_path / "module.py"
    path.write_text("f = lambda x: x")
    function = run_path(str(path))["f"]
    assert find_syntax(function) == "lambda x: x"
    path.write_text("f = lambda x: (")
    assert find_syntax(function) is None


def read_all(x):
    def read_more():
        return [OTHER + math.tau for _ in range(3)]

    class Inner:
        number = NUMBER

    return len(x), x.OTHER, read_more, Inner, math.inf, undefined  # noqa: F821


def test_globals_are_those_of_nested_code_too_and_no_builtins():
    """Oracle: by hand; x.OTHER is no global, and a name that is nowhere is left out.

    The class reads the name of its module.
    """
    assert list_globals(read_all) == {
        "__name__": __name__,
        "NUMBER": 3,
        "OTHER": 4,
        "math.inf": math.inf,
        "math.tau": math.tau,
    }


def test_an_attribute_that_a_module_does_not_have_leaves_the_module():
    assert list_globals(lambda: math.nothing) == {"math": math}


def test_installed_functions_are_told_from_the_users_own():
    """Oracle: by hand; one of pandas and one of Python against two of this file."""
    assert is_installed(pd.concat)
    assert is_installed(wraps)
    assert not is_installed(read_all)
    assert not is_installed(PAIR[0])
