"""Versions: those that a bug report should tell, and the one that an estimator was pickled by."""

import platform
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import joblib
from threadpoolctl import threadpool_info

from sklstm._warnings import warn_caller

# Those that can change a candidate or its score: the log of a search holds their versions.
COMPUTING = (
    "sklstm",
    "scikit-learn",
    "scikit-optimize",
    "numpy",
    "scipy",
    "tensorflow",
)
# A bug may lie in the others, too: those that read, run, show and store what is computed.
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
    """Print the versions of Python, of sklstm and of what it uses, for a bug report.

    Versions are read from the installed packages' metadata: nothing is imported for it, so a
    broken TensorFlow is listed too. The thread pools are those loaded so far.

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
        "CPUs": joblib.cpu_count(),  # those that this process may use, in a container too
    }


def find_version(name: str) -> str:
    """Find a package's version in its metadata."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


ENTRY = "_sklstm_version"  # in the pickled state only, beside scikit-learn's `_sklearn_version`


class WarnsOfOtherVersions:
    """Have an estimator warn when it is unpickled by another version than it was pickled by.

    Fitted attributes may change their meaning from one version to the next, so what such a pickle
    predicts is anyone's guess. Stands left of `BaseEstimator`, whose state it extends.
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
    way_back = f"sklstm=={pickled_by}" if pickled_by else "the version that it was pickled by"
    return (
        f"{name} was pickled by {before} and is unpickled by sklstm {here}: it may fail, or "
        f"predict something else. Fit it again, or install {way_back}."
    )
