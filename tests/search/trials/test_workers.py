"""Workers: the same search wherever its fits run; clusters have tests/contract/test_clusters.py."""

import threading
from time import sleep

import joblib
import pytest
from joblib.parallel import ThreadingBackend
from same_results import without_times
from sklearn.utils.parallel import delayed
from small_search import CHEAP, Level, draw_rows

from sklstm import BayesTimeSeriesSearchCV
from sklstm._search.trials.workers import open_workers

X, Y, _ = draw_rows(60)


class Lists(ThreadingBackend):
    """Gives all results at once, as the backends "multiprocessing" and, derived from it, "ray"."""

    supports_return_generator = False


class Holding(ThreadingBackend):
    """Has a table of what is sent once, as Dask's backend."""

    def __init__(self, **options):
        super().__init__(**options)
        self.client = Client()
        self.data_futures = {}


class Client:
    """Stands in for Dask's: what is submitted is held at once, until it is cancelled."""

    def __init__(self):
        self.cancelled = []

    def submit(self, function, data, pure):
        return Future(function(data), self)


class Future:
    def __init__(self, result, client):
        self.result, self.client = result, client

    def cancel(self):
        self.client.cancelled.append(self.result)


joblib.register_parallel_backend("lists", Lists)
joblib.register_parallel_backend("holding", Holding)


def search(**changes):
    return BayesTimeSeriesSearchCV(
        Level(),
        {"level": (0.0, 1.0)},
        **{"n_iter": 6, "cv": 3, "n_points": 2, "random_state": 0, "optimizer_kwargs": CHEAP}
        | changes,
    ).fit(X, Y)


def count_lines(file):
    return len(file.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("backend", ["lists", "threading", "sequential"])
def test_a_backend_changes_no_result(backend, tmp_path):
    """Oracle: the search without a backend of the user's choice; the log has a line a trial."""
    alone = search()
    with joblib.parallel_config(backend, n_jobs=2):
        found = search(log=tmp_path / "log.jsonl")
    assert without_times(found.cv_results_) == without_times(alone.cv_results_)
    assert count_lines(tmp_path / "log.jsonl") == 1 + 6


@pytest.mark.parametrize("backend", ["threading", "sequential", "loky"])
def test_results_come_one_by_one_where_the_backend_can(backend, tmp_path):
    """Oracle: a task that waits until the result of the one before is there."""
    with joblib.parallel_config(backend, n_jobs=2), open_workers(None, "all", []) as workers:
        results = workers.run([delayed(abs)(-1), delayed(wait_for)(tmp_path / "file")])
        assert next(results) == 1
        (tmp_path / "file").touch()
        assert list(results) == ["file"]


def wait_for(file):
    """Return the name of a file once it is there."""
    for _ in range(3000):
        if file.exists():
            return file.name
        sleep(0.01)
    raise TimeoutError


def test_what_all_tasks_share_is_in_the_backends_table_while_the_workers_are_open():
    """Oracle: the table; what was in it before stays, as what a user had scattered."""
    shared, other = [1, 2], object()
    with joblib.parallel_config("holding", n_jobs=2):
        backend, _ = joblib.parallel.get_active_backend()
        backend.data_futures[id(other)] = "the user's"
        with open_workers(None, "all", shared):
            assert backend.data_futures[id(shared)].result is shared
            assert backend.client.cancelled == []
        assert backend.data_futures == {id(other): "the user's"}
        assert backend.client.cancelled == [shared]


def test_an_error_cancels_what_was_sent():
    with joblib.parallel_config("holding", n_jobs=2):
        backend, _ = joblib.parallel.get_active_backend()
        with pytest.raises(KeyError), open_workers(None, "all", shared := [1]):
            raise KeyError
        assert (backend.data_futures, backend.client.cancelled) == ({}, [shared])


@pytest.mark.parametrize(("n_jobs", "n_threads"), [(None, 1), (1, 1), (2, 2)])
def test_as_many_tasks_run_side_by_side_as_there_are_jobs(n_jobs, n_threads):
    """Oracle: tasks that wait for each other, and tell their threads."""
    meeting = threading.Barrier(n_threads, timeout=30)

    def meet():
        meeting.wait()
        return threading.get_ident()

    with joblib.parallel_config("threading"), open_workers(n_jobs, "all", []) as workers:
        assert len(set(workers.run([delayed(meet)() for _ in range(2)]))) == n_threads
