"""Searches on a Dask cluster: the results of one process, whatever happens to the workers.

Oracle, where nothing else is said: the same search in this process alone.
"""

import json
import logging
import os
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from time import monotonic, sleep

import joblib
import numpy as np
import pytest
from same_results import without_times
from small_regressor import tiny
from small_search import CHEAP, Level, draw_rows

from sklstm import BayesTimeSeriesSearchCV

distributed = pytest.importorskip("distributed")

N_TRIALS = 8
X, Y, _ = draw_rows(60)


class Eventful(Level):
    """Fails at a level of 0.9; kills its own process in the first fit after a file was laid out."""

    def __init__(self, level=0.5, trigger=None, seconds=0.0):
        super().__init__(level)
        self.trigger = trigger
        self.seconds = seconds  # that a fit takes

    def fit(self, X, y, **params):
        if self.trigger is not None and take(self.trigger):
            distributed.get_worker()  # or an error: the process of the tests shall live
            os.kill(os.getpid(), signal.SIGKILL)
        sleep(self.seconds)
        if self.level == 0.9:
            raise ValueError("too high")
        return self


def take(file):
    """Remove a file; tell whether it was there. Of several processes, one gets True."""
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    return True


class Parcel:
    """Writes down each process that packs it, to be sent."""

    def __init__(self, notes):
        self.notes = notes

    def __getstate__(self):
        with self.notes.open("a") as file:
            file.write(f"{os.getpid()}\n")
        return vars(self)


@contextmanager
def open_cluster():
    """Two worker processes of one thread, each with a nanny that starts a new one if it dies."""
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=":0",  # any free port
            silence_logs=logging.CRITICAL,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@contextmanager
def open_cluster_without_nannies():
    """Two worker processes that nobody replaces."""
    options = ["--no-nanny", "--no-dashboard", "--nthreads", "1"]
    with ExitStack() as stack:
        cluster = stack.enter_context(
            distributed.LocalCluster(
                n_workers=0, dashboard_address=":0", silence_logs=logging.CRITICAL
            )
        )
        client = stack.enter_context(distributed.Client(cluster))
        program = [sys.executable, "-m", "distributed.cli.dask_worker", cluster.scheduler_address]
        for _ in range(2):
            worker = subprocess.Popen(
                [*program, *options],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(worker.wait)
            stack.callback(worker.kill)
        yield client


@pytest.fixture(scope="module")
def client():
    with open_cluster() as client:
        yield client


def make_search(estimator=None, space=None, **changes):
    """A search of levels whose first trial fails, unless told otherwise."""
    settings = {"n_iter": N_TRIALS, "cv": 3, "optimizer_kwargs": CHEAP, "random_state": 0}
    settings |= {"n_points": 3, "refit": False, **changes}
    if space is None:
        space = {"level": (0.0, 1.0)}
        settings.setdefault("x0", {"level": 0.9})
    return BayesTimeSeriesSearchCV(
        Eventful() if estimator is None else estimator, space, **settings
    )


def spell(search):
    """All that two searches which are the same have in common."""
    results = without_times(search.cv_results_)
    return results, [(trial.params, trial.status, trial.error) for trial in search.trials_]


ignores_failures = pytest.mark.filterwarnings("ignore:.* candidates failed and rank last")


@ignores_failures
@pytest.mark.parametrize("n_points", [1, 3])
@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("backend", ["sequential", "threading", "loky", "dask"])
def test_backends_and_jobs_change_nothing(backend, n_jobs, n_points, client):
    alone = make_search(n_points=n_points).fit(X, Y)
    with joblib.parallel_config(backend):
        search = make_search(n_points=n_points, n_jobs=n_jobs).fit(X, Y)
    assert spell(search) == spell(alone)
    assert search.trials_[0].status == "failed"


@pytest.mark.slow
def test_networks_come_out_the_same_to_the_last_bit_on_one_thread_each(client):
    """Oracle of the threads: TensorFlow's own setting in the workers, 0 where nobody chose."""
    space = {"learning_rate": (1e-3, 1e-1, "log-uniform"), "epochs": (1, 3)}
    search = make_search(tiny(), space, n_iter=4, n_points=2, cv=2, refit=True)
    alone = search.fit(X, Y)
    expected, predictions = spell(alone), alone.predict(X)
    with joblib.parallel_config("dask"):
        search.fit(X, Y)
    assert spell(search) == expected
    np.testing.assert_array_equal(search.predict(X), predictions)
    assert set(client.run(count_threads).values()) <= {(1, "1"), (None, "1")}
    assert (1, "1") in client.run(count_threads).values()


def count_threads():
    """TensorFlow's intra-op threads in this process, None where it was not imported, and BLAS's."""
    tensorflow = sys.modules.get("tensorflow")
    threading = tensorflow and tensorflow.config.threading
    return (
        threading and threading.get_intra_op_parallelism_threads(),
        os.environ.get("OMP_NUM_THREADS"),
    )


def lay_out(trigger, after):
    """Lay the file out when so many trials are finished: now, or in the callback that is made."""
    if after == 0:
        trigger.touch()

    def callback(progress):
        if len(progress.trials_) == after:
            trigger.touch()

    return callback


def check_a_search_survives(tmp_path, after):
    """Kill a worker in a fit, when so many trials are finished."""
    trigger, log = tmp_path / "trigger", tmp_path / "killed.jsonl"
    estimator = Eventful(trigger=trigger, seconds=0.02)
    with joblib.parallel_config("dask"):
        search = make_search(estimator, callbacks=lay_out(trigger, after), log=log).fit(X, Y)
    alone = make_search(log=tmp_path / "alone.jsonl").fit(X, Y)
    assert not trigger.exists()
    assert spell(search) == spell(alone)
    assert read_trials(log) == read_trials(tmp_path / "alone.jsonl")


def read_trials(log):
    """The lines of a log without times, in the order in which their trials were proposed."""
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()[1:]]
    for line in lines:
        for part in (line, *filter(None, line["folds"])):  # a fold that did not run is None
            for name in ("seconds", "fit_time", "score_time"):
                part.pop(name, None)
    return sorted(lines, key=lambda line: line["trial"])


@ignores_failures
@pytest.mark.parametrize("after", [3, pytest.param(0, marks=pytest.mark.slow)])
def test_a_killed_worker_loses_nothing(after, tmp_path):
    """Neither trials nor lines of the log, which this process writes; nothing fails.

    The cluster is a new one: a nanny gives up a worker that dies before the nanny knows it runs.
    """
    with open_cluster() as client:
        before = set(client.run(os.getpid).values())
        check_a_search_survives(tmp_path, after)
        client.wait_for_workers(2, timeout=120)
        assert len(before & set(client.run(os.getpid).values())) == 1


@pytest.mark.slow
@ignores_failures
def test_a_killed_worker_that_nobody_replaces_loses_nothing(tmp_path):
    with open_cluster_without_nannies() as client:
        client.wait_for_workers(2, timeout=120)
        check_a_search_survives(tmp_path, after=3)
        assert len(client.ncores()) == 1


@ignores_failures
@pytest.mark.parametrize("n_points", [1, 3])
def test_the_data_is_sent_to_the_cluster_once(n_points, client, tmp_path):
    """Oracle: what travels with the data notes who sends it, for 24 fits in 3 or 8 batches.

    This process sends it to the scheduler, which runs here too and sends it on to one worker, and
    by bad luck to another one; from there on workers send it to each other.
    """
    notes = tmp_path / "notes"
    with joblib.parallel_config("dask"):
        make_search(n_points=n_points).fit(X, Y, parcel=Parcel(notes))
    senders = [int(line) for line in notes.read_text().splitlines()]
    assert set(senders) <= {os.getpid(), *client.run(os.getpid).values()}
    assert 2 <= senders.count(os.getpid()) <= 3
    assert len(senders) < N_TRIALS


class Interrupt(logging.Handler):
    """Interrupts the search as Ctrl-C does, when the fifth trial is reported."""

    def __init__(self):
        super().__init__()
        self.n_trials = 0

    def emit(self, record):
        self.n_trials += 1
        if self.n_trials == 5:
            raise KeyboardInterrupt


@pytest.fixture
def interrupt(caplog):
    logger, handler = logging.getLogger("sklstm"), Interrupt()
    with caplog.at_level(logging.INFO, "sklstm"):
        logger.addHandler(handler)
        yield
        logger.removeHandler(handler)


def wait_until_forgotten(client):
    """Wait until the scheduler knows of no task any more."""
    deadline = monotonic() + 30
    while client.cluster.scheduler.tasks:
        assert monotonic() < deadline, list(client.cluster.scheduler.tasks)
        sleep(0.05)


@ignores_failures
@pytest.mark.filterwarnings("ignore:The search was interrupted")
def test_an_interrupt_takes_back_what_the_cluster_was_to_do(client, interrupt):
    estimator = Eventful(seconds=0.1)
    with joblib.parallel_config("dask"):
        search = make_search(estimator, n_points=4, n_iter=12, pre_dispatch="all").fit(X, Y)
        assert (len(search.trials_), search.stop_reason_) == (5, "interrupt")
        wait_until_forgotten(client)
        again = make_search().fit(X, Y)
    assert spell(again) == spell(make_search().fit(X, Y))


@ignores_failures
@pytest.mark.filterwarnings("ignore:.* before its model proposed a candidate")
def test_the_time_limit_takes_back_what_the_cluster_was_to_do(client):
    estimator = Eventful(seconds=0.1)
    with joblib.parallel_config("dask"):
        search = make_search(estimator, n_iter=50, time_limit=1.0, pre_dispatch="all").fit(X, Y)
        assert 1 <= len(search.trials_) < 50
        assert search.stop_reason_ == "time_limit"
        wait_until_forgotten(client)


def test_a_search_may_run_in_a_worker(client):
    """As cross_val_score of a search does; oracle: the same in this process."""
    search = make_search(Level(), refit=True, n_iter=4)
    expected = search.fit(X, Y).best_params_
    with joblib.parallel_config("dask"):
        (found,) = joblib.Parallel()([joblib.delayed(find_best)(search)])
    assert found == expected


def find_best(search):
    return search.fit(X, Y).best_params_
