"""Searches that are killed while they run, and begun again until they end; run as a program.

``python killed_searches.py FOLDER KIND N_KILLS``, with ``tests`` in PYTHONPATH, leaves in FOLDER of
each search the results in one go and those after the kills, and in ``kills.json`` where each kill
came. A search runs in a child of this process, which has imported all but TensorFlow and has run
nothing, so that a child begins within milliseconds. It writes its log a few bytes at a time, as a
slow disk would, so that many kills come in the middle of a line.
"""

import json
import os
import pickle
import random
import signal
import sys
import time
import warnings
from itertools import count
from pathlib import Path

import numpy as np
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from small_search import CHEAP

import sklstm._search.log.trial_log
from sklstm import BayesTimeSeriesSearchCV, LSTMRegressor

N_TRIALS = 10
MOST_KILLS = 5  # of a search; each takes the trials that are logged as done, and gets further
CHUNK = 16  # bytes that the slow disk takes at a time
PAUSE_S = 1e-3  # what it takes for them: a line takes longer than a trial
N_ROWS = 60
RNG = np.random.default_rng(0)
X = np.column_stack([RNG.normal(size=N_ROWS).cumsum(), RNG.normal(size=(N_ROWS, 2))])
Y = X[:, 0] + 0.1 * RNG.normal(size=N_ROWS)


def refuse_negative(X, limit):
    if limit < 0:
        raise ValueError("limit is\nnegative")
    return X


ALPHA = (1e-3, 1e3, "log-uniform")
SETTINGS = {"n_iter": N_TRIALS, "cv": 3, "optimizer_kwargs": CHEAP}
PLAIN = BayesTimeSeriesSearchCV(Ridge(), {"alpha": ALPHA, "tol": (1e-5, 1e-3)}, **SETTINGS)
IN_BATCHES = clone(PLAIN).set_params(n_points=2)
WITH_FAILURES = BayesTimeSeriesSearchCV(
    make_pipeline(FunctionTransformer(refuse_negative, kw_args={"limit": 0}), Ridge()),
    [
        ({"ridge__alpha": ALPHA}, N_TRIALS // 2),
        (
            {
                "functiontransformer__kw_args": [{"limit": limit} for limit in (0, 1, -1)],
                "ridge__alpha": ALPHA,
            },
            N_TRIALS // 2,
        ),
    ],
    scoring=["r2", "neg_mean_absolute_error"],
    objective="r2",
    **SETTINGS,
)
OF_NETWORKS = BayesTimeSeriesSearchCV(
    LSTMRegressor(window_length=4, units=4, epochs=2, batch_size=8, random_state=0),
    {"learning_rate": (1e-3, 1e-1, "log-uniform"), "window_length": (2, 8)},
    **SETTINGS,
)
SEARCHES = {"quick": [PLAIN, IN_BATCHES, WITH_FAILURES], "networks": [OF_NETWORKS]}


class SlowDisk:
    """Stands for `os` in the log."""

    def __getattr__(self, name):
        return getattr(os, name)

    def write(self, file, text):
        time.sleep(PAUSE_S)
        return os.write(file, text[:CHUNK])


class Child:
    """A process that runs a search and writes its results, unless it is killed."""

    def __init__(self, search, log, results):
        ready, tell_ready = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            run_search(search, log, results, tell_ready)
            os._exit(0)
        os.close(tell_ready)
        os.read(ready, 1)
        os.close(ready)

    def wait(self):
        """Return whether it was killed."""
        _, status = os.waitpid(self.pid, 0)
        if not os.WIFSIGNALED(status) and status != 0:
            raise ChildProcessError("A search failed; its traceback stands above.")
        return os.WIFSIGNALED(status)

    def kill_after(self, seconds):
        """Return whether it was killed, or had ended before."""
        time.sleep(seconds)
        os.kill(self.pid, signal.SIGKILL)
        return self.wait()


def run_search(search, log, results, tell_ready):
    warnings.simplefilter("ignore")
    sklstm._search.log.trial_log.os = SlowDisk()
    search.set_params(log=log).estimator.fit(X, Y)  # loads TensorFlow before the clock starts
    os.write(tell_ready, b".")
    search.fit(X, Y)
    results.write_bytes(pickle.dumps(search.cv_results_))


def run_whole(search, log, results):
    """Run a search in one go; return the seconds that it took."""
    child = Child(search, log, results)
    began = time.perf_counter()
    child.wait()
    return time.perf_counter() - began


def kill_and_go_on(search, log, results, draw_seconds, n_kills):
    """Kill a search until it ends before, or was killed so often; then let it end.

    Returns of each kill the lines that the log has, and whether one more is torn.
    """
    kills = []
    while len(kills) < n_kills:
        if not Child(search, log, results).kill_after(draw_seconds()):
            return kills
        text = log.read_bytes() if log.exists() else b""
        is_torn = text != b"" and not text.endswith(b"\n")
        kills.append({"n_lines": text.count(b"\n"), "is_torn": is_torn})
    Child(search, log, results).wait()
    return kills


def main(folder, kind, n_kills):
    rng = random.Random(0)
    kills = []
    for number in count():
        search = SEARCHES[kind][number % len(SEARCHES[kind])].set_params(random_state=number)
        whole, killed = (
            (folder / f"{name}_{number}.jsonl", folder / f"{name}_{number}.pickle")
            for name in ("whole", "killed")
        )
        # Of the second half, later kills would leave few trials for those that follow.
        latest = run_whole(search, *whole) / 2
        n_left = min(MOST_KILLS, n_kills - len(kills))
        new = kill_and_go_on(search, *killed, lambda end=latest: rng.uniform(0, end), n_left)
        kills += [kill | {"search": number} for kill in new]
        if len(kills) == n_kills:
            break
    (folder / "kills.json").write_text(json.dumps(kills))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
