"""A search that is killed goes on where it was, as if nothing had happened.

Oracle: the same search in one go, in a process of its own as well.
"""

import json
import os
import pickle
import subprocess
import sys
from itertools import pairwise

import killed_searches
import pytest
from same_results import without_times

N_LINES = 1 + killed_searches.N_TRIALS  # of a log that is complete

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="Only Linux forks a process with NumPy in it without danger."
)


def kill_searches(folder, kind, n_kills):
    """Where the kills came, and of each search the results in one go and those after its kills."""
    program = [sys.executable, killed_searches.__file__, folder, kind, str(n_kills)]
    subprocess.run(program, check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    kills = json.loads((folder / "kills.json").read_text())
    numbers = range(kills[-1]["search"] + 1)
    return kills, [
        [read_results(folder / f"{name}_{number}.pickle") for name in ("whole", "killed")]
        for number in numbers
    ]


def read_results(file):
    return without_times(pickle.loads(file.read_bytes()))


def count_in_between(kills):
    """How many came after the first line of the log was whole, and before the last one was."""
    return sum(1 <= kill["n_lines"] < N_LINES for kill in kills)


def loses_a_line(kills):
    """Whether a log had fewer lines at a kill than at the one before."""
    return any(
        after["search"] == before["search"] and after["n_lines"] < before["n_lines"]
        for before, after in pairwise(kills)
    )


def test_after_30_kills_the_results_are_those_of_searches_in_one_go(tmp_path):
    kills, results = kill_searches(tmp_path, "quick", 30)
    assert len(kills) == 30
    assert count_in_between(kills) >= 20
    assert sum(kill["is_torn"] for kill in kills) >= 3
    assert not loses_a_line(kills)
    for whole, killed in results:
        assert killed == whole
    assert any("'failed'" in whole["status"] for whole, _ in results)


@pytest.mark.slow
def test_a_search_of_networks_goes_on_too(tmp_path):
    """To the last bit, although each process compiles its programs anew."""
    kills, results = kill_searches(tmp_path, "networks", 3)
    assert len(kills) == 3
    assert count_in_between(kills) >= 1
    assert not loses_a_line(kills)
    for whole, killed in results:
        assert killed == whole
