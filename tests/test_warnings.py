"""Warnings point to the user's line."""

import warnings
from functools import partial
from inspect import currentframe
from types import FunctionType

import pytest

from sklstm._warnings import PASSED_OVER, warn_caller


def call_from(module, function):
    """A function that calls another one, as if it stood in the module."""

    def call():
        function()

    return FunctionType(call.__code__, {"__name__": module}, None, None, call.__closure__)


@pytest.mark.parametrize("package", sorted(PASSED_OVER))
def test_a_warning_passes_over_the_package_and_those_that_call_it_for_a_user(package):
    """Oracle: the line of this test that calls the outermost function; `call` has another one."""
    inner = call_from("sklstm.some.room", partial(warn_caller, "beware"))
    outer = call_from(f"{package}.some.room", inner)
    here = currentframe().f_lineno + 2
    with pytest.warns(UserWarning, match="beware") as caught:
        outer()
    assert [(warning.filename, warning.lineno) for warning in caught] == [(__file__, here)]


def test_the_category_is_the_one_that_is_given():
    """Oracle: by hand."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_caller("beware", RuntimeWarning)
    assert [warning.category for warning in caught] == [RuntimeWarning]
