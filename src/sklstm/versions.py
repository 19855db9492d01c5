"""What a bug report should tell: the versions of everything that takes part."""

import platform
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

import joblib
from threadpoolctl import threadpool_info

DISTRIBUTIONS = (
    "sklstm",
    "scikit-learn",
    "scikit-optimize",
    "tensorflow",
    "keras",
    "numpy",
    "pandas",
    "scipy",
    "joblib",
    "threadpoolctl",
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
