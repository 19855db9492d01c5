"""Searches whose workers die: the results of one in which none died."""

import os
import signal
import threading
import warnings
from contextlib import closing
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

from sklstm import BayesTimeSeriesSearchCV, LSTMRegressor
from sklstm._search.trials.retrying import WorkerLost
from sklstm._search.trials.workers import open_workers

X, Y, _ = draw_rows(60)
LEVELS = [0.1, 0.2, 0.3, 0.4]
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
    return search(Mortal(way=way), space={"level": LEVELS}, n_iter=4, cv=2, **changes)


def same_but_errors(found):
    return {
        name: column for name, column in without_times(found.cv_results_).items() if name != "error"
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
    make_search(None).fit(X, Y)  # the workers have started
    began = perf_counter()
    alone = make_search(folder / "alone.jsonl").fit(X, Y)
    seconds = perf_counter() - began
    n_noticed = 0
    for number, moment in enumerate(moments):
        log = folder / f"{number}.jsonl"
        with warnings.catch_warnings(record=True) as caught, Killing(moment * seconds) as killing:
            warnings.simplefilter("always")
            found = make_search(log).fit(X, Y)
        assert found.cv_results_["error"].tolist() == alone.cv_results_["error"].tolist()
        assert without_times(found.cv_results_) == without_times(alone.cv_results_)
        assert found.best_params_ == alone.best_params_
        assert found.best_score_ == alone.best_score_
        assert read_trials(log) == read_trials(folder / "alone.jsonl")
        texts = [str(warning.message) for warning in caught]
        assert (
            sum("worker process of the search was killed or crashed" in text for text in texts) <= 1
        )
        assert not any("failed" in text for text in texts)
        n_noticed += bool(texts)
        if killing.n_killed and not texts:
            sleep(1.0)  # joblib shall notice it before the next search, not in it
    return n_noticed


def test_a_worker_that_is_killed_changes_no_result(tmp_path):
    """Oracle: the search without a kill; a kill after the last fit is not noticed."""

    def make_search(log):
        return search(Mortal(seconds=0.03), log=log)

    assert check_kills([0.1, 0.5], make_search, tmp_path) >= 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_moments", "changes"),
    [(8, {}), (4, {"pruning": False, "n_seeds": 2, "pre_dispatch": "all"})],
)
def test_a_worker_that_is_killed_at_any_moment_changes_no_result(tmp_path, n_moments, changes):
    """Oracle: as above."""

    class Seeded(Mortal):
        def __init__(self, level=0.5, seconds=0.05, random_state=0):
            super().__init__(level, seconds=seconds)
            self.random_state = random_state

    def make_search(log):
        return search(Seeded(), log=log, n_iter=8, **changes)

    moments = np.arange(n_moments) / n_moments
    assert check_kills(moments, make_search, tmp_path) >= 0.7 * n_moments


@pytest.mark.slow
def test_a_network_whose_worker_is_killed_is_the_same(tmp_path):
    """Oracle: the search without a kill; one fit on 45 rows ends its process."""
    trigger, tests = tmp_path / "trigger", os.getpid()
    space = {"learning_rate": (1e-3, 1e-1, "log-uniform")}

    class Network(LSTMRegressor):
        def fit(self, X, y):
            super().fit(X, y)
            if len(X) == 45 and os.getpid() != tests and trigger.exists():
                trigger.unlink()
                os.kill(os.getpid(), signal.SIGKILL)
            return self

    estimator = Network(**tiny().get_params())
    alone = search(estimator, space=space, n_iter=4).fit(X, Y)
    trigger.touch()
    with pytest.warns(UserWarning, match="A worker process of the search was killed or crashed"):
        found = search(estimator, space=space, n_iter=4).fit(X, Y)
    assert not trigger.exists()
    assert without_times(found.cv_results_) == without_times(alone.cv_results_)
    assert found.best_params_ == alone.best_params_


@pytest.mark.parametrize(
    "way",
    ["SIGKILL", *(pytest.param(way, marks=pytest.mark.slow) for way in ("SIGSEGV", "exit"))],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
def test_a_candidate_that_kills_its_worker_twice_fails_and_the_others_do_not(way):
    """Oracle: the search in which this candidate raises an error; the levels, by hand."""
    with pytest.warns(
        UserWarning, match="A worker process of the search was killed or crashed"
    ) as caught:
        found = search_levels(way).fit(X, Y)
    raised = search_levels("raise").fit(X, Y)
    assert same_but_errors(found) == same_but_errors(raised)
    assert found.best_params_ == raised.best_params_
    (trial,) = [trial for trial in found.trials_ if trial.status == "failed"]
    assert trial.params == {"level": DEADLY}
    assert trial.error.startswith("fold 0: worker lost: ")
    assert sum("worker process" in str(warning.message) for warning in caught) == 1


@pytest.mark.filterwarnings("ignore:A worker process")
def test_a_search_that_goes_on_from_its_log_does_not_try_such_a_candidate_again(tmp_path):
    """Oracle: the fits, counted."""
    log, notes = tmp_path / "log.jsonl", tmp_path / "notes"
    notes.mkdir()
    changes = {"space": {"level": LEVELS}, "n_iter": 4, "cv": 2, "log": log, "pruning": False}
    estimator = Mortal(way="SIGKILL", notes=notes)
    with pytest.warns(FitFailedWarning, match="worker lost"):
        first = search(estimator, **changes).fit(X, Y)
    n_fits = len(list(notes.iterdir()))
    assert count_fits(notes, DEADLY) >= 2 * 2  # on each fold, once more alone
    with pytest.warns(FitFailedWarning, match="worker lost"):
        second = search(estimator, **changes).fit(X, Y)
    assert len(list(notes.iterdir())) == n_fits + 1  # the refit
    assert without_times(second.cv_results_) == without_times(first.cv_results_)


@pytest.mark.filterwarnings("ignore:A worker process")
def test_with_error_score_raise_it_is_an_error():
    with pytest.raises(RuntimeError, match=r"'level': 0\.3\}, fold \d: worker lost: "):
        search_levels("SIGKILL", error_score="raise").fit(X, Y)


class OwnPool(Level):
    """Raises what the death of a worker of its own would raise."""

    def fit(self, X, y):
        if self.level == DEADLY:
            raise TerminatedWorkerError("a worker of the estimator")
        return self


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_pool_that_an_estimator_broke_is_not_that_of_the_search(n_jobs):
    """Oracle: the error itself; without a warning, which would be an error here."""
    changes = {"space": {"level": LEVELS}, "n_iter": 4, "n_jobs": n_jobs}
    with pytest.raises(TerminatedWorkerError, match="a worker of the estimator"):
        search(OwnPool(), error_score="raise", **changes).fit(X, Y)
    with pytest.warns(FitFailedWarning, match="TerminatedWorkerError: a worker of the estimator"):
        search(OwnPool(), **changes).fit(X, Y)


def die_or(number, tests, deadly=()):
    if number in deadly and os.getpid() != tests:
        WAYS_TO_DIE["SIGKILL"]()
    sleep(0.05)
    return number


@pytest.mark.parametrize("pre_dispatch", ["2*n_jobs", pytest.param("all", marks=pytest.mark.slow)])
@pytest.mark.filterwarnings("ignore:A worker process")
def test_only_tasks_that_kill_their_worker_are_without_a_result(pre_dispatch):
    """Oracle: by hand, of twelve tasks two."""
    tasks = [delayed(die_or)(number, os.getpid(), (3, 8)) for number in range(12)]
    with joblib.parallel_config("loky"), open_workers(2, pre_dispatch, []) as workers:
        results = list(workers.run(tasks))
        again = list(workers.run(tasks[:3]))
    lost = [number for number, result in enumerate(results) if isinstance(result, WorkerLost)]
    assert lost == [3, 8]
    assert all(results[number] == number for number in range(12) if number not in lost)
    assert all(results[number].seconds > 0 for number in lost)
    assert again == [0, 1, 2]


def find_folder(array):
    return os.path.dirname(os.path.dirname(array.filename))


@pytest.mark.filterwarnings("ignore:A worker process")
def test_new_workers_have_the_users_settings(tmp_path):
    """Oracle: the folder of the memory map in which a worker reads an array of 2 MB."""
    big = np.zeros(2**18)
    tasks = [delayed(die_or)(0, os.getpid(), (0,)), *[delayed(find_folder)(big)] * 3]
    with (
        joblib.parallel_config("loky", temp_folder=str(tmp_path)),
        open_workers(2, "all", []) as workers,
    ):
        lost, *folders = workers.run(tasks)
    assert isinstance(lost, WorkerLost)
    assert set(folders) == {str(tmp_path)}


def interrupt():
    raise KeyboardInterrupt


@pytest.mark.parametrize("deadly", [(), (0,)])
@pytest.mark.filterwarnings("ignore:A worker process")
def test_an_interrupt_is_no_lost_worker(deadly):
    """Oracle: the interrupt, which ends the tasks side by side and a task that runs alone."""
    tasks = [delayed(die_or)(0, os.getpid(), deadly), delayed(interrupt)()]
    with joblib.parallel_config("loky"), open_workers(2, "all", []) as workers:
        results = workers.run(tasks)
        with pytest.raises(KeyboardInterrupt):
            list(results)


@pytest.mark.filterwarnings("ignore:A worker process")
def test_tasks_may_be_left_after_one_that_lost_its_worker():
    """Oracle: by hand; what is left is not begun, and the workers are there for other tasks."""
    tasks = [delayed(die_or)(number, os.getpid(), (0,)) for number in range(4)]
    with joblib.parallel_config("loky"), open_workers(2, "2*n_jobs", []) as workers:
        with closing(workers.run(tasks)) as results:
            assert isinstance(next(results), WorkerLost)
        assert list(workers.run(tasks[1:])) == [1, 2, 3]


def test_the_workers_start_is_the_time_before_the_first_task_began():
    """Oracle: a task of 0.3 s that begins at once, in a thread, and is noted 0.1 s later."""
    with joblib.parallel_config("threading"), open_workers(2, "all", []) as workers:
        assert workers.start_seconds == 0
        for _ in workers.run([delayed(sleep)(0.3)] * 2):
            sleep(0.1)
            workers.note_seconds(0.3)
    assert 0.1 < workers.start_seconds < 1.0
