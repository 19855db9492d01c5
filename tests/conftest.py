"""Settings for every test: TensorFlow on the CPU, repeatable cases, a folder for programs."""

import os
import tempfile
from pathlib import Path

from hypothesis import settings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before any test imports TensorFlow
# Compiled programs of all test processes and of the next runs, apart from the user's own.
folder = Path(tempfile.gettempdir()) / "sklstm-tests"
os.environ.setdefault("SKLSTM_CACHE_DIR", str(folder))
os.environ.setdefault("MPLBACKEND", "Agg")  # no test opens a window
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # the promised bits are those of a CPU

# No deadline: the first example of a test may compile a program, the next ones reuse it.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_collection_modifyitems(items):
    """Begin with the files of slow tests; one that began last would leave the other worker idle.

    pyproject.toml switches off pytest-xdist's own order, by the number of tests in a file.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
