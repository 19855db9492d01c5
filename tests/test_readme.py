"""README.md: its quick start runs, its commands are the ones CI runs."""

import re
import subprocess
import sys
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


@pytest.mark.slow
def test_the_quick_start_runs_and_shows_that_the_models_halve_the_last_values_error(tmp_path):
    """Oracle: README, which says a third; the rest is room for another version."""
    printed = run_python("-c", block("quick start"), folder=tmp_path)
    errors = dict(re.findall(r"^(.+): RMSE (\S+)$", printed, re.MULTILINE))
    assert set(errors) == {"LSTM", "tuned LSTM", "last value"}
    last_value = float(errors.pop("last value"))
    assert max(map(float, errors.values())) < last_value / 2


@pytest.mark.slow
def test_the_main_job_prints_80_columns_and_what_readme_says_of_both_series(tmp_path, monkeypatch):
    """Oracle: README: ahead of the last value on the load, and nothing is so on the prices."""
    monkeypatch.setenv("MPLBACKEND", "Agg")
    script = block("main job").split()[-1]
    printed = run_python(ROOT / script, folder=tmp_path)
    assert max(map(len, printed.splitlines())) <= 80
    assert re.search(r"the last value: .* %\): better$", printed, re.MULTILINE)
    assert "distinguishably better than the last value: none" in printed
    assert len(list(tmp_path.glob("*.png"))) == 2


def test_the_quick_start_has_ten_lines_of_code():
    lines = [line for line in block("quick start").splitlines() if line.strip()]
    code = [line for line in lines if not line.startswith(("from ", "import ", "#"))]
    assert len(code) <= 10


@pytest.mark.parametrize("mark", ["main job", "tests"])
def test_a_command_is_one_line_and_ci_runs_it(mark):
    assert len(block(mark).splitlines()) == 1
    assert f'readme_block "{mark}"' in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
