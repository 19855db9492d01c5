"""Types for users: an editor and mypy see each argument, and no option is missing from them."""

import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

import pytest
from public_names import PATHS, documented

import sklstm

SCRIPT = Path(__file__).parent / "data" / "typed_script.py"
ESTIMATORS = [
    sklstm.BayesTimeSeriesSearchCV,
    sklstm.ConformalRegressor,
    sklstm.LSTMRegressor,
    sklstm.LastValueRegressor,
    sklstm.SeasonalNaiveRegressor,
]
CONFIGURATION = """[mypy]
strict = True
[mypy-sklearn.*]
ignore_missing_imports = True
"""


@pytest.mark.slow
def test_mypy_finds_the_planted_errors_of_a_users_script_and_no_others(tmp_path):
    """Oracle: the comments of the script; each names the error planted in its line."""
    (tmp_path / "mypy.ini").write_text(CONFIGURATION)
    arguments = ["--config-file", tmp_path / "mypy.ini", "--cache-dir", tmp_path, SCRIPT]
    answer = subprocess.run(
        [sys.executable, "-m", "mypy", *arguments], check=False, capture_output=True, text=True
    )
    found = re.findall(r":(\d+): error: .*\[([\w-]+)\]$", answer.stdout, re.MULTILINE)
    lines = enumerate(SCRIPT.read_text().splitlines(), start=1)
    planted = [(str(number), line.split("# planted: ")[1]) for number, line in lines if "#" in line]
    assert len(planted) == 5
    assert found == planted, answer.stdout + answer.stderr


@pytest.mark.parametrize("path", PATHS)
def test_everything_public_is_annotated(path):
    member, _ = documented(path)
    if isinstance(member, property):
        member = member.fget
    if inspect.isclass(member):
        member = vars(member).get("__init__")
    if member is None or not callable(member):
        return
    signature = inspect.signature(member)
    bare = [
        name
        for name, parameter in signature.parameters.items()
        if parameter.annotation is inspect.Parameter.empty and name not in ("self", "cls")
    ]
    assert bare == []
    assert signature.return_annotation is not inspect.Signature.empty


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda estimator: estimator.__name__)
def test_types_and_docstrings_list_all_options(estimator):
    """Oracle: `_parameter_constraints`, which decide what `fit` takes."""
    hints = get_type_hints(estimator.__init__)
    _, doc = documented(f"sklstm.{estimator.__name__}")
    stated = {parameter.name: parameter.type for parameter in doc["Parameters"]}
    for name, constraints in estimator._parameter_constraints.items():
        allowed = {option for each in constraints for option in getattr(each, "options", ())}
        if not allowed:
            continue
        assert list_literals(hints[name]) == allowed, name
        in_words = set(re.findall(r'"(\w+)"', stated[name].partition(", default=")[0]))
        assert in_words == allowed, name


def list_literals(hint):
    """All strings that a type allows by name."""
    if get_origin(hint) is Literal:
        return {option for option in get_args(hint) if isinstance(option, str)}
    return {option for part in get_args(hint) for option in list_literals(part)}
