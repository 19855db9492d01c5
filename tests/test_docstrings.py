"""Every public docstring: numpydoc's, with output, shapes, sources, and the code's own defaults."""

import inspect
import re
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, DocTestFinder, DocTestParser, DocTestRunner
from pathlib import Path

import numpy as np
import pytest
from numpydoc.docscrape import get_doc_object
from numpydoc.validate import Validator, validate
from public_names import PATHS, PUBLIC, documented, list_public_names, load

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src"


# What numpydoc may say all the same.
IGNORED = {
    "GL01": "a docstring begins on the line of its quotes, which numpydoc < 1.11 does not allow",
    "ES01": "a summary that says it all needs no more text",
    "SA01": "no See Also where nothing is to be seen",
    "EX01": "methods are shown in their class's example; classes and functions are tested below",
    "RT02": "scikit-learn names its return values, `self : object`",
}


class OfAnyFile(Validator):
    """Looks for no source: a class is defined in another module than the one it names."""

    source_file_name = None
    source_file_def_line = None

    def __init__(self, obj_name):
        super().__init__(get_doc_object(self._load_obj(obj_name)))


def stated_default(type_line):
    """Text after `default=` in a parameter's type line; None where none is stated."""
    found = re.search(r"(?:^|, )default=(.+)$", type_line)
    return found and found[1]


def same_value(text, value):
    """Whether the text, read as Python, is the value (nan is nan)."""
    read = eval(text, {"np": np, "nan": np.nan})
    if isinstance(read, float) and np.isnan(read):
        return isinstance(value, float) and bool(np.isnan(value))
    return type(read) is type(value) and read == value


@pytest.mark.parametrize("path", PATHS)
def test_the_docstring_is_numpydoc_s(path):
    found = validate(path, validator_cls=OfAnyFile)["errors"]
    errors = [f"{code}: {text}" for code, text in found if code not in IGNORED]
    assert not errors


@pytest.mark.parametrize("path", PATHS)
def test_each_stated_default_is_the_signature_s(path):
    """Oracle: inspect.signature."""
    member, doc = documented(path)
    if isinstance(member, property):
        return
    signature = inspect.signature(member).parameters
    for parameter in doc["Parameters"]:
        name, text = parameter.name, stated_default(parameter.type)
        if name not in signature:  # *args; numpydoc's own check finds the unknown ones
            continue
        default = signature[name].default
        if default is inspect.Parameter.empty:
            assert text is None, f"{path}: {name} has no default, its docstring states {text}"
        else:
            assert text is not None, f"{path}: {name} states no default, it is {default!r}"
            assert same_value(text, default), f"{path}: {name}={default!r}, stated is {text}"


@pytest.mark.parametrize("path", PUBLIC)
def test_each_public_name_shows_an_example(path):
    """Oracle: doctest's parser; what the example prints stands below it."""
    _, doc = documented(path)
    examples = DocTestParser().get_examples("\n".join(doc["Examples"]))
    assert any(example.want for example in examples)


@pytest.mark.parametrize("path", PUBLIC)
def test_each_public_name_says_where_it_is_imported_from(path):
    """Oracle: the API page; pickles and logs name this module."""
    assert f"{load(path).__module__}.{load(path).__qualname__}" == path


def list_examples(path):
    member, _ = documented(path)
    return DocTestFinder(recurse=False).find(member, path, module=False, globs={})


@pytest.mark.parametrize("path", PATHS)
def test_examples_run(path):
    """Oracle: what stands below them. pytest finds none in a class that names another module."""
    for example in list_examples(path):
        runner = DocTestRunner(optionflags=ELLIPSIS | NORMALIZE_WHITESPACE)
        assert runner.run(example).failed == 0


def test_no_example_stands_where_it_is_not_run():
    """Oracle: the prompts in the source."""
    written = sum(file.read_text(encoding="utf-8").count(">>> ") for file in SRC.rglob("*.py"))
    run = [example for path in PATHS for found in list_examples(path) for example in found.examples]
    assert written == len(run)


@pytest.mark.parametrize("path", [path for path in PUBLIC if inspect.isclass(load(path))])
def test_each_public_class_leads_on(path):
    _, doc = documented(path)
    assert doc["See Also"] or doc["References"]


@pytest.mark.parametrize("path", PATHS)
def test_each_source_is_used_in_the_text(path):
    text = inspect.getdoc(documented(path)[0])
    sources = re.findall(r"^ *\.\. \[(\d+)\]", text, re.MULTILINE)
    assert sources == [str(number) for number in range(1, len(sources) + 1)]
    assert list(dict.fromkeys(re.findall(r"\[(\d+)\]_", text))) == sources


@pytest.mark.parametrize("path", PATHS)
def test_each_array_states_its_shape(path):
    _, doc = documented(path)
    named = [entry for part in ("Parameters", "Returns", "Attributes") for entry in doc[part]]
    arrays = [entry for entry in named if re.search("ndarray|array-like", entry.type)]
    assert [entry.name for entry in arrays if "of shape" not in entry.type] == []


def test_a_page_lists_names_below_their_module():
    """Oracle: by hand."""
    page = ".. currentmodule:: a.b\n\n.. autosummary::\n   :toctree: generated/\n\n   C\n   d\n"
    assert list_public_names(f"{page}.. currentmodule:: e\n\n   f\n") == ["a.b.C", "a.b.d", "e.f"]


@pytest.mark.parametrize(
    ("type_line", "text"),
    [
        ("int, default=8", "8"),
        ('{"a", "b"}, default="a"', '"a"'),
        ("float, default=1e-3", "1e-3"),
        ("tuple, default=(1, 2)", "(1, 2)"),
        ('{"default"} or dict, default="default"', '"default"'),
        ("array-like of shape (n,)", None),
    ],
)
def test_a_default_is_read_from_the_type_line(type_line, text):
    """Oracle: by hand."""
    assert stated_default(type_line) == text


def test_a_wrong_default_is_seen():
    """Oracle: by hand."""
    assert same_value("1e-3", 0.001)
    assert same_value("np.nan", float("nan"))
    assert not same_value("8", 6)
    assert not same_value("False", 0)
    assert not same_value("None", float("nan"))
