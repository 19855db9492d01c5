"""show_versions: complete, and without starting TensorFlow."""

import platform
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import sklstm
from sklstm._versions import DISTRIBUTIONS, show_versions

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


def test_python_and_each_dependency_stand_in_the_report(capsys):
    """Oracle: the platform module, and the packages' own `__version__`."""
    import joblib
    import numpy
    import sklearn

    show_versions()
    report = capsys.readouterr().out
    assert f"python: {platform.python_version()}" in report
    for name, module in {"joblib": joblib, "numpy": numpy, "scikit-learn": sklearn}.items():
        assert f"{name}: {module.__version__}\n" in report


def test_every_dependency_of_the_package_is_listed():
    """Oracle: pyproject.toml."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    required = {re.match(r"[\w-]+", line)[0] for line in project["dependencies"]}
    assert required < set(DISTRIBUTIONS)


def test_a_missing_package_is_called_missing(capsys, monkeypatch):
    monkeypatch.setattr("sklstm._versions.DISTRIBUTIONS", ("no-such-package",))
    show_versions()
    assert "no-such-package: not installed" in capsys.readouterr().out


def test_the_report_starts_no_tensorflow():
    program = "import sys, sklstm; sklstm.show_versions(); sys.exit('tensorflow' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_the_version_has_one_source():
    assert version("sklstm") == sklstm.__version__
