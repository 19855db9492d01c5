"""docs/ and the pages at the top: blocks of a page run as one program, links lead somewhere."""

import inspect
import pydoc
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import sklstm
import sklstm.plots

ROOT = Path(__file__).parents[1]
DOCS = sorted((ROOT / "docs").glob("*.md"))
TOP = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
CONTENTS = ROOT / "benchmarks" / "README.md"


def list_blocks(page):
    text = page.read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.slow
@pytest.mark.pages
@pytest.mark.parametrize(
    "page", [page for page in DOCS if list_blocks(page)], ids=lambda page: page.stem
)
def test_the_blocks_of_a_page_run_as_one_program(page, tmp_path):
    program = "\n".join(list_blocks(page))
    command = [sys.executable, "-W", "error", "-c", program]
    run = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize(
    "page", [*TOP, *DOCS, CONTENTS], ids=lambda page: str(page.relative_to(ROOT))
)
def test_links_to_local_files_lead_to_files(page):
    links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    local = [link for link in links if not re.match(r"https?://", link)]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_the_api_reference_lists_every_public_name():
    """Oracle: `__all__` of the package and of its plots."""
    text = (ROOT / "docs" / "api.rst").read_text(encoding="utf-8")
    listed = re.findall(r"^   (\w+)$", text, re.MULTILINE)
    assert {*sklstm.__all__, *sklstm.plots.__all__} - {"__version__"} <= set(listed)


def test_the_inventories_of_other_projects_list_names_that_exist():
    """Oracle: the projects themselves."""
    entries = [
        line.split()[:2]
        for inventory in sorted((ROOT / "docs" / "inventories").glob("*.inv"))
        for line in inventory.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    assert len(entries) > 10
    for name, kind in entries:
        found = pydoc.locate(name)
        assert found is not None, name
        assert inspect.isclass(found) == (kind == "class"), name


@pytest.mark.parametrize(
    ("picture", "script", "function"),
    [
        ("folders", "draw_folders", "draw"),
        ("alignment", "draw_alignment", "draw"),
        ("path", "draw_alignment", "draw_path"),
        ("fits", "draw_bars", "draw_fits"),
        ("accuracy", "draw_bars", "draw_accuracy"),
        ("_static/logo", "draw_logo", "draw"),
        ("_static/favicon", "draw_logo", "draw"),
    ],
)
def test_a_picture_is_the_one_that_its_script_draws(picture, script, function):
    """Oracle: the script, which asks the code; `python docs/<script>.py` draws it again."""
    names = runpy.run_path(str(ROOT / "docs" / f"{script}.py"))
    drawn = names[function]()
    assert (ROOT / "docs" / f"{picture}.svg").read_text(encoding="utf-8") == drawn


def test_the_picture_of_the_alignment_shows_the_rows_of_the_rule():
    """Oracle: docs/alignment.md by hand, with w = 3; S = 168 rows before t is a week of hours."""
    script = runpy.run_path(str(ROOT / "docs" / "draw_alignment.py"))
    window, shifted, known, everything = (
        {line.name: line.text for line in panel.lines} for panel in script["list_panels"]()
    )
    assert window == {"X": "t-3 .. t-1", "y": "the value of row t"}
    assert shifted == {"X": "t-2 .. t", "y.shift(-1)": "the value of row t+1"}
    rows = {"X": "t-4 .. t-2", "known_columns": "t-2 .. t"}
    assert known == {**rows, "y": "the value of row t"}
    further = {"linear start": "t-169 .. t-167, t-72 .. t-1", "season": "t-169 .. t-167"}
    assert everything == {"X": "t-3 .. t-1", **further, "y": "the value of row t"}


def test_the_picture_of_a_path_shows_the_rows_of_the_rule():
    """Oracle: docs/alignment.md by hand, with w = 3, h = 1, s = 24; step 23 goes two days back."""
    script = runpy.run_path(str(ROOT / "docs" / "draw_alignment.py"))
    shared, first, twelfth, last = (
        {line.name: line.text for line in panel.lines} for panel in script["list_path_panels"]()
    )
    assert shared == {
        "X": "t-3 .. t-1",
        "known_columns": "t-2 .. t",
        "y": "the path: t .. t+23",
    }
    assert first == {"season": "t-25 .. t-23", "known_columns": "t", "y": "the value of row t"}
    by_noon = {"season": "t-13 .. t-11", "known_columns": "t+12", "y": "the value of row t+12"}
    assert twelfth == by_noon
    by_night = {"season": "t-26 .. t-24", "known_columns": "t+23", "y": "the value of row t+23"}
    assert last == by_night
