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


@pytest.mark.slow
def test_the_quick_start_runs_and_shows_the_last_value_beside_the_model(tmp_path):
    program = block("quick start")
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, check=False, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    assert "last value" in answer.stdout


def test_the_quick_start_has_ten_lines_of_code():
    lines = [line for line in block("quick start").splitlines() if line.strip()]
    code = [line for line in lines if not line.startswith(("from ", "import ", "#"))]
    assert len(code) <= 10


@pytest.mark.parametrize("mark", ["main job", "tests"])
def test_a_command_is_one_line_and_ci_runs_it(mark):
    assert len(block(mark).splitlines()) == 1
    assert f'readme_block "{mark}"' in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
