"""Searches whose workers die: the results of one in which none died."""

import os
import signal
import threading
import warnings
from itertools import count
from time import perf_counter, sleep

import joblib
import numpy as np
import pandas as pd
import pytest
from joblib.externals.loky import reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError
from same_results import without_times
from sklearn.exceptions import FitFailedWarning
from sklearn.utils.parallel import delayed
from small_regressor import tiny
from small_search import CHEAP, Level, draw_rows

from sklstm import BayesTimeSeriesSearchCV
from sklstm._search.trials.retrying import WorkerLost
from sklstm._search.trials.workers import open_workers

X, Y, _ = draw_rows(60)
LEVELS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
DEADLY = 0.3
WAYS_TO_DIE = {
    "SIGKILL": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "SIGSEGV": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "exit": lambda: os._exit(1),
}


class Mortal(Level):
    """Ends its process, or raises an error, at the level of 0.3; notes each fit in a folder."""

    def __init__(self, level=0.5, way=None, notes=None, seconds=0.0, tests=os.getpid()):  # noqa: B008
        super().__init__(level)
        self.way = way
        self.notes = notes
        self.seconds = seconds  # that a fit takes
        self.tests = tests  # the process that shall live

    def fit(self, X, y):
        if self.notes is not None:
            note(self.notes, self.level)
        sleep(self.seconds)
        if self.level == DEADLY and self.way is not None:
            if self.way == "raise" or os.getpid() == self.tests:
                raise ValueError("too high")
            WAYS_TO_DIE[self.way]()
        return self


def note(folder, level):
    """Add a file for a fit; processes side by side need no lock for that."""
    for number in count():
        try:
            (folder / f"{level} {number}").touch(exist_ok=False)
            return
        except FileExistsError:
            continue


def count_fits(folder, level):
    return len(list(folder.glob(f"{level} *")))


def search(estimator, **changes):
    settings = {"n_iter": 6, "cv": 3, "n_jobs": 2, "n_points": 2, "random_state": 0}
    settings |= {"optimizer_kwargs": CHEAP, "x0": None, **changes}
    space = settings.pop("space", {"level": (0.0, 1.0)})
    return BayesTimeSeriesSearchCV(estimator, space, **settings)


def search_levels(way, **changes):
    return search(Mortal(way=way), space={"level": LEVELS}, **changes)


def same_but_errors(found):
    return {
        name: column
        for name, column in without_times(found.cv_results_).items()
        if name != "error"
    }


def read_trials(log):
    """The trials of a log without their times, each bit of a number."""
    frame = pd.read_json(log, lines=True, precise_float=True).dropna(subset="trial")
    folds = [
        [fold and {key: fold[key] for key in fold if not key.endswith("_time")} for fold in folds]
        for folds in frame["folds"]
    ]
    kept = frame[["space", "trial", "status", "score", "params", "point", "error", "estimate"]]
    return repr(kept.to_dict("records")), repr(folds)


def find_workers():
    executor = reusable_executor._executor
    return [] if executor is None else list(executor._processes or {})


class Killing:
    """Kills a worker after so many seconds, or as soon as there is one."""

    def __init__(self, seconds):
        self.n_killed = 0
        self._seconds = seconds
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._kill)

    def _kill(self):
        self._is_over.wait(self._seconds)
        while not self._is_over.is_set():
            for worker in find_workers():
                os.kill(worker, signal.SIGKILL)
                self.n_killed = 1
                return
            sleep(0.005)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._is_over.set()
        self._thread.join()


def check_kills(moments, make_search, folder):
    """Kill a worker at each of the moments, parts of the search's time; compare with no kill."""
    make_search(folder / "warm.jsonl").fit(X, Y)  # the workers have started
    began = perf_counter()
    alone = make_search(folder / "alone.jsonl").fit(X, Y)
    seconds = perf_counter() - began
    n_noticed = 0
    for number, moment in enumerate(moments):
        log = folder / f"{number}.jsonl"
        with warnings.catch_warnings(record=True) as caught, Killing(moment * seconds) as killing:
            warnings.simplefilter("always")
            found = make_search(log).fit(X, Y)
        assert without_times(found.cv_results_) == without_times(alone.cv_results_)
        assert found.best_params_ == alone.best_params_
        assert found.best_score_ == alone.best_score_
        assert read_trials(log) == read_trials(folder / "alone.jsonl")
        texts = [str(warning.message) for warning in caught]
        assert sum("worker process of the search died" in text for text in texts) <= 1
        assert not any("failed" in text for text in texts)
        n_noticed += bool(texts) and killing.n_killed
    return n_noticed


def test_a_worker_that_is_killed_changes_no_result(tmp_path):
    """Oracle: the search without a kill; a kill after the last fit is not noticed."""

    def make_search(log):
        return search(Mortal(seconds=0.03), log=log)

    assert check_kills([0.1, 0.5], make_search, tmp_path) >= 1


@pytest.mark.slow
@pytest.mark.parametrize("changes", [{}, {"pruning": False, "n_seeds": 2, "pre_dispatch": "all"}])
def test_a_worker_that_is_killed_at_any_moment_changes_no_result(tmp_path, changes):
    """Oracle: as above."""

    class Seeded(Mortal):
        def __init__(self, level=0.5, seconds=0.05, random_state=0):
            super().__init__(level, seconds=seconds)
            self.random_state = random_state

    def make_search(log):
        return search(Seeded(), log=log, n_iter=8, **changes)

    assert check_kills(np.arange(24) / 24, make_search, tmp_path) >= 18


@pytest.mark.slow
def test_a_network_whose_worker_is_killed_is_the_same(tmp_path):
    """Oracle: as above."""

    def make_search(log):
        space = {"learning_rate": (1e-3, 1e-1, "log-uniform")}
        return search(tiny(), space=space, log=log, n_iter=4)

    assert check_kills([0.3], make_search, tmp_path) == 1
