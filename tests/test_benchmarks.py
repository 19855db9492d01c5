"""benchmarks/: what a script says of itself, the pages that name it, what it may import."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTENTS = ROOT / "benchmarks" / "README.md"
FILES = sorted(CONTENTS.parent.glob("*/*.py"))
SCRIPTS = [path for path in FILES if "__name__ ==" in path.read_text(encoding="utf-8")]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("*.md")), CONTENTS]


def name_of(path):
    """The dotted name that `python -m` takes."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def read_on_one_line(page):
    return " ".join(page.read_text(encoding="utf-8").split())


@pytest.mark.parametrize("script", SCRIPTS, ids=name_of)
def test_a_script_says_its_question_its_time_and_the_page_that_prints_its_figures(script):
    docstring = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8")))
    assert "?" in docstring.splitlines()[0]
    assert re.search(r"^Time: \w", docstring, re.MULTILINE)
    page = re.search(r"^Figures: (docs/\w+\.md)", docstring, re.MULTILINE)[1]
    assert f"python -m {name_of(script)}" in read_on_one_line(ROOT / page)


def test_the_contents_list_every_script():
    listed = re.findall(r"^\| \[\w+\]\((\S+\.py)\)", CONTENTS.read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == [path.relative_to(CONTENTS.parent).as_posix() for path in SCRIPTS]


def test_the_commands_of_pages_name_scripts_that_exist():
    named = re.findall(r"python -m (benchmarks\.[\w.]+)", " ".join(map(read_on_one_line, PAGES)))
    assert set(named) == set(map(name_of, SCRIPTS))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_imports_from_its_own_folder_and_from_tools_only(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    folders = {name.split(".")[1] for name in names if name.startswith("benchmarks.")}
    assert folders <= {path.parent.name, "tools"}
