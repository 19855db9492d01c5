"""The gallery of examples/: how many there are, what they draw, and what they are about."""

import ast
import re
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
SCRIPTS = sorted(EXAMPLES.glob("**/*.py"))
FOLDERS = [folder for folder in EXAMPLES.iterdir() if folder.is_dir()]


def read(script):
    return script.read_text(encoding="utf-8")


def called_names(script):
    """The names of all functions and methods that a script calls."""
    calls = [node.func for node in ast.walk(ast.parse(read(script))) if isinstance(node, ast.Call)]
    return {getattr(call, "attr", getattr(call, "id", None)) for call in calls}


def imported_names(script):
    nodes = ast.walk(ast.parse(read(script)))
    return {a.name for node in nodes if isinstance(node, ast.ImportFrom) for a in node.names}


def test_there_are_at_least_twenty_each_in_a_folder_of_its_subject():
    assert len(SCRIPTS) >= 20
    assert {script.parent for script in SCRIPTS} == set(FOLDERS)


def test_at_most_a_third_is_about_stocks():
    about_stocks = [script.stem for script in SCRIPTS if "load_stock" in imported_names(script)]
    assert len(about_stocks) <= len(SCRIPTS) / 3, about_stocks


def test_the_gallery_lists_the_folders():
    """Oracle: the folders themselves; Sphinx fails for one that is missing from the order."""
    conf = read(EXAMPLES.parent / "docs" / "conf.py")
    listed = re.search(r"for folder in (\[.*?\])", conf)
    assert set(ast.literal_eval(listed[1])) == {folder.name for folder in FOLDERS}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_folder_has_a_header_with_a_title_and_a_sentence(folder):
    title, line, empty, sentence = read(folder / "GALLERY_HEADER.rst").splitlines()
    assert set(line) == {"-"}
    assert len(line) == len(title)
    assert not empty
    assert sentence.endswith(".")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_an_example_draws_a_picture(script):
    """Oracle: it opens a figure, itself or by a display of the package."""
    figures = {"subplots", "subplot_mosaic", "from_search", "from_estimator", "from_predictions"}
    assert called_names(script) & figures


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_an_example_begins_with_a_title_and_what_it_shows(script):
    """Oracle: a line, another as long that underlines it, and a paragraph of two to six clauses."""
    title, line, empty, *text = ast.get_docstring(ast.parse(read(script))).splitlines()
    assert line == "=" * len(title)
    assert not empty
    paragraph = " ".join(text).split("  ")[0]
    assert 2 <= len(re.findall(r"[.?:;](?=\s|$)", paragraph)) <= 6


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_an_example_uses_the_public_api_alone(script):
    """Oracle: no module of the package, and no attribute, has a leading underscore."""
    nodes = list(ast.walk(ast.parse(read(script))))
    modules = [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    attributes = [node.attr for node in nodes if isinstance(node, ast.Attribute)]
    assert not [name for name in modules if "._" in name]
    assert not [name for name in attributes if name.startswith("_")]
