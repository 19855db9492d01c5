"""Versions of packages, for bug reports and for estimators that are unpickled."""

import platform
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import joblib
from threadpoolctl import threadpool_info

from sklstm._warnings import warn_caller

# These can change a candidate or its score, so the log of a search records their versions.
COMPUTING = (
    "sklstm",
    "scikit-learn",
    "scikit-optimize",
    "numpy",
    "scipy",
    "tensorflow",
)
# A bug may also lie in the others, which read data, run jobs, and show or store results.
DISTRIBUTIONS = (
    *COMPUTING,
    "keras",
    "pandas",
    "joblib",
    "threadpoolctl",
    "platformdirs",
    "tqdm",
    "matplotlib",
    "distributed",
)


def show_versions() -> None:
    """Print the versions of Python, sklstm and its dependencies, for a bug report.

    Versions are read from the metadata of the installed packages. No package is imported, so a
    broken TensorFlow is listed too. Only the thread pools that are already loaded are printed.

    Examples
    --------
    >>> from sklstm import show_versions
    >>> show_versions()
    System:
       python: 3...
    Dependencies:
       sklstm: ...
    """
    _print_section("System", _system().items())
    _print_section("Dependencies", ((name, find_version(name)) for name in DISTRIBUTIONS))
    for pool in threadpool_info():
        _print_section("Thread pool", pool.items())


show_versions.__module__ = "sklstm"  # where users import it from


def _print_section(title: str, entries: Iterable[tuple[str, object]]) -> None:
    print(f"{title}:")
    for key, value in entries:
        print(f"{key:>16}: {value}")
    print()


def _system() -> dict[str, object]:
    return {
        "python": sys.version.replace("\n", " "),
        "executable": sys.executable,
        "machine": platform.platform(),
        "CPUs": joblib.cpu_count(),  # that this process may use, also in a container
    }


def find_version(name: str) -> str:
    """Find a package's version in its metadata."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


ENTRY = "_sklstm_version"  # only in the pickled state, like scikit-learn's `_sklearn_version`


class WarnsOfOtherVersions:
    """Make an estimator warn when another version than the one that pickled it unpickles it.

    The meaning of fitted attributes may change between versions, so the predictions of such a
    pickle cannot be trusted. Inherit from it before `BaseEstimator`, whose state it extends.
    """

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), ENTRY: find_version("sklstm")}  # type: ignore[dict-item]

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        pickled_by, here = state.pop(ENTRY, None), find_version("sklstm")
        if pickled_by != here:
            warn_caller(_describe(type(self).__name__, pickled_by, here))
        super().__setstate__(state)  # type: ignore[misc]


def _describe(name: str, pickled_by: str | None, here: str) -> str:
    before = f"sklstm {pickled_by}" if pickled_by else "an older version of sklstm"
    way_back = f"sklstm=={pickled_by}" if pickled_by else "the version that it was pickled with"
    return (
        f"{name} was pickled with {before} and is unpickled with sklstm {here}. It may fail or "
        f"give other predictions. Fit it again, or install {way_back}."
    )
