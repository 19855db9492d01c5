"""README.md: its quick start runs, its commands are the ones CI runs."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(mark):
    """The fenced block after the comment `<!-- mark -->`, as .ci/run finds it."""
    found = re.search(rf"^<!-- {mark} -->\n```\w*\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert found, f"README.md has no block marked {mark!r}"
    return found[1]


def run_python(*arguments, folder):
    """What a run of Python in the folder prints."""
    answer = subprocess.run(
        [sys.executable, *arguments], cwd=folder, check=False, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_readmes_copy_of_the_main_jobs_output_is_80_columns_wide():
    assert max(map(len, block("main job's output").splitlines())) <= 80


@pytest.mark.skipif("MAIN_JOB_OUTPUT" not in os.environ, reason="CI sets it after the main job")
def test_the_main_job_prints_80_columns_and_what_readme_shows():
    """Oracle: README's copy of the output, in which machines may differ by the numbers."""
    output = Path(os.environ["MAIN_JOB_OUTPUT"])
    printed = output.read_text(encoding="utf-8")
    assert max(map(len, printed.splitlines())) <= 80
    for text in (printed, block("main job's output")):
        verdicts = re.findall(r"^  (.+) than the last value: ", text, re.MULTILINE)
        assert verdicts == ["better", "no better"]
    assert list_first_words(printed) == list_first_words(block("main job's output"))
    assert len(list(output.parent.glob("tune_electricity_*.png"))) == 2


def list_first_words(text):
    """The first word of each line that does not begin with a number or continue a sentence."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    return [words[0] for words in lines if re.fullmatch(r"[A-Z]\w+,?:?", words[0])]


@pytest.mark.slow
@pytest.mark.pages
def test_the_blocks_run_as_one_program_and_the_models_halve_the_last_values_error(tmp_path):
    """Oracle: README, which says a third of the error, and forecasts 27 car parks at the end."""
    blocks = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    printed = run_python("-c", "\n".join(blocks), folder=tmp_path)
    errors = dict(re.findall(r"^(.+): RMSE (\S+)$", printed, re.MULTILINE))
    assert set(errors) == {"LSTM", "tuned LSTM", "last value"}
    last_value = float(errors.pop("last value"))
    assert max(map(float, errors.values())) < last_value / 2
    assert len(ast.literal_eval(printed.splitlines()[-1])) == 27


def test_the_quick_start_has_ten_lines_of_code():
    lines = [line for line in block("quick start").splitlines() if line.strip()]
    code = [line for line in lines if not line.startswith(("from ", "import ", "#"))]
    assert len(code) <= 10


@pytest.mark.parametrize("mark", ["main job", "tests"])
def test_a_command_is_one_line_and_ci_runs_it(mark):
    assert len(block(mark).splitlines()) == 1
    assert f'readme_block "{mark}"' in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_on_a_package_index_each_link_leads_to_a_page_of_the_documentation():
    """Oracle: the files of docs/ and examples/, from which the pages are built."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    hook = project["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]
    shown = README
    for rule in hook["substitutions"]:
        shown = re.sub(rule["pattern"], rule["replacement"], shown)
    links = re.findall(r"\]\(([^)]+)\)", shown)
    assert len(links) > 20
    site = project["project"]["urls"]["Documentation"]
    for link in links:
        page = link.removeprefix(site)
        assert page != link, f"{link} is not on the site"
        assert find_source(page).exists(), page


def find_source(page):
    """The file that a page of the site is built from."""
    if page == "gallery/index.html":
        return ROOT / "examples" / "GALLERY_HEADER.rst"
    if page.startswith("gallery/"):
        return (ROOT / "examples" / page.removeprefix("gallery/")).with_suffix(".py")
    if page.startswith("_static/"):
        return ROOT / "docs" / page
    return (ROOT / "docs" / page).with_suffix(".md")
