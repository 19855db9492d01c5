"""What scikit-learn's callbacks see of a fit, and how they stop it."""

import pickle
import threading
import time

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from small_regressor import bare, tiny
from threadpoolctl import threadpool_limits

from sklstm._callbacks import HAS_CALLBACKS
from sklstm._lstm import members
from sklstm._lstm.fit_tasks import NO_TASKS

rng = np.random.default_rng(0)
X = np.column_stack([rng.normal(size=120).cumsum(), rng.normal(size=(120, 2))])
y = X[:, 0]
MANY = 100_000  # epochs that no test waits for
needs_callbacks = pytest.mark.skipif(not HAS_CALLBACKS, reason="scikit-learn 1.9 brought them")


class Recorder:
    """A FitCallback that notes each task; `answer` decides at the end of each whether to stop."""

    def __init__(self, answer=lambda path, regressor: False):
        self.answer = answer
        self.events = []
        self.fitted = {}  # the regressor at the end of each task, by its path
        self.data = set()

    def setup(self, estimator, context):
        self.events.append("setup")

    def teardown(self, estimator, context):
        self.events.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.events.append(f"begin {name_path(context)}")

    def on_fit_task_end(
        self, estimator, context, *, X=None, y=None, metadata=None, fitted_estimator=None
    ):
        path = name_path(context)
        self.events.append(f"end {path}")
        self.fitted[path] = fitted_estimator
        self.data.add((id(X), id(y), None if metadata is None else (*metadata,)))
        return self.answer(path, fitted_estimator)

    def list_tasks(self, name=""):
        """The paths of all tasks that ended."""
        return [path for path in self.fitted if name in path.rpartition("/")[2]]


class Propagated(Recorder):
    max_propagation_depth = None


def name_path(context):
    name = f"/{context.task_name}-{context.task_id}"
    return name if context.parent is None else name_path(context.parent) + name


def stop_after(epochs):
    """Ask to stop at the end of these epochs' tasks."""
    return Recorder(lambda path, _: path.endswith(f"/epoch-{epochs - 1}"))


def fit_with(recorder, make=tiny, **parameters):
    return make(**parameters).set_callbacks(recorder).fit(X, y)


def assert_same(one, two):
    """Predictions and what training recorded are equal to the last bit."""
    np.testing.assert_array_equal(one.predict(X), two.predict(X))
    assert one.loss_curve_ == two.loss_curve_
    assert one.validation_scores_ == two.validation_scores_


# The tree of tasks


@needs_callbacks
def test_the_fit_of_one_network_contains_its_epochs():
    """Oracle: by hand."""
    recorder = Recorder()
    fit_with(recorder, epochs=2)
    assert recorder.events == [
        "setup",
        "begin /fit-0",
        "begin /fit-0/epoch-0",
        "end /fit-0/epoch-0",
        "begin /fit-0/epoch-1",
        "end /fit-0/epoch-1",
        "end /fit-0",
        "teardown",
    ]


@needs_callbacks
@pytest.mark.parametrize("n_threads", [1, 2])
def test_the_fit_of_several_networks_contains_them_and_each_its_epochs(n_threads):
    """Oracle: by hand; threads may change the order of tasks of different networks alone."""
    recorder = Recorder()
    with threadpool_limits(n_threads, user_api="blas"):
        fit_with(recorder, n_networks=3)
    assert recorder.events[:2] == ["setup", "begin /fit-0"]
    assert recorder.events[-2:] == ["end /fit-0", "teardown"]
    for number in range(3):
        network = f"/fit-0/network-{number}"
        of_network = [each for each in recorder.events if f"{network}/" in f"{each}/"]
        assert of_network == [
            f"begin {network}",
            f"begin {network}/epoch-0",
            f"end {network}/epoch-0",
            f"begin {network}/epoch-1",
            f"end {network}/epoch-1",
            f"end {network}",
        ]
    assert len(recorder.events) == 2 + 3 * 6 + 2


@needs_callbacks
@pytest.mark.parametrize("n_networks", [1, 2])
def test_networks_of_paths_have_further_tasks_on_all_targets(n_networks):
    """Oracle: by hand: 2 epochs, and as many on all targets."""
    recorder = Recorder()
    parameters = {"steps": 3, "early_stopping": True, "epochs": 2, "n_iter_no_change": 9}
    fit_with(recorder, bare, n_networks=n_networks, **parameters)
    tasks = sorted(recorder.list_tasks("network") or recorder.list_tasks("epoch"))
    if n_networks == 1:
        assert tasks == [f"/fit-0/epoch-{n}" for n in range(4)]
    else:
        of_all = [f"/fit-0/network-on-all-targets-{n}" for n in (2, 3)]
        assert tasks == ["/fit-0/network-0", "/fit-0/network-1", *of_all]
        assert len(recorder.list_tasks("epoch")) == 8


@needs_callbacks
def test_each_partial_fit_is_a_fit_of_one_epoch():
    """Oracle: by hand."""
    recorder = Recorder()
    regressor = tiny().set_callbacks(recorder)
    for _ in range(2):
        regressor.partial_fit(X, y)
    of_one = [f"{word} /fit-0{part}" for word, part in [("begin", ""), ("begin", "/epoch-0")]]
    of_one += ["end /fit-0/epoch-0", "end /fit-0"]
    assert recorder.events == ["setup", *of_one, "teardown"] * 2


@needs_callbacks
def test_a_fit_that_goes_on_has_the_networks_that_are_left():
    """Oracle: the forecaster's own."""
    parameters = {"n_networks": 3, "early_stopping": True, "warm_start": True}
    regressor = tiny(**parameters).fit(X, y)
    recorder = Recorder()
    left = len(regressor.networks_)
    regressor.set_callbacks(recorder).fit(X, y)
    assert len(recorder.list_tasks("network")) == (left if left > 1 else 0)


@needs_callbacks
def test_a_network_that_is_not_trained_has_no_task():
    """Oracle: by hand: with 30 rows too few targets can be held back."""
    recorder = Recorder()
    regressor = tiny(early_stopping="auto").set_callbacks(recorder).fit(X[:30], y[:30])
    assert regressor.n_iter_ == 0
    assert recorder.list_tasks() == ["/fit-0"]


def test_without_callbacks_there_are_no_tasks():
    assert NO_TASKS.open_network(0, 0, None) is None
    NO_TASKS.end_fit()
    assert not NO_TASKS.stop_is_asked


# What callbacks get


@needs_callbacks
def test_at_the_end_of_an_epoch_there_is_a_regressor_that_was_trained_so_far():
    """Oracle: fits of one epoch, two and three."""
    recorder = Recorder()
    whole = fit_with(recorder, epochs=3)
    for epoch in range(3):
        assert_same(recorder.fitted[f"/fit-0/epoch-{epoch}"], tiny(epochs=epoch + 1).fit(X, y))
    assert_same(recorder.fitted["/fit-0"], whole)


@needs_callbacks
def test_the_regressor_of_an_epoch_has_the_weights_of_it_whichever_was_the_best():
    """Oracle: scikit-learn's R2 of each one's predictions on the targets held back."""
    recorder = Recorder()
    parameters = {"early_stopping": True, "validation_fraction": 0.25, "learning_rate": 0.3}
    regressor = fit_with(recorder, epochs=6, decay_rate=1.0, **parameters)
    assert regressor.best_iter_ < regressor.n_iter_
    n_held_back = 29  # a quarter of the 116 targets with a window
    for epoch, score in enumerate(regressor.validation_scores_[1:]):
        fitted = recorder.fitted[f"/fit-0/epoch-{epoch}"]
        missed = np.mean((y - fitted.predict(X))[-n_held_back:] ** 2)
        assert 1 - missed / np.var(y[-n_held_back:]) == pytest.approx(score, rel=1e-6)
        assert fitted.validation_scores_[-1] == score


@needs_callbacks
def test_the_regressor_of_a_network_has_this_network_alone():
    """Oracle: the mean of three networks that count alike."""
    recorder = Recorder()
    regressor = fit_with(recorder, n_networks=3)
    alone = [recorder.fitted[f"/fit-0/network-{number}"] for number in range(3)]
    assert [len(each.networks_) for each in alone] == [1, 1, 1]
    mean = np.mean([each.predict(X) for each in alone], axis=0)
    np.testing.assert_allclose(regressor.predict(X), mean, rtol=1e-12)


@needs_callbacks
@pytest.mark.parametrize("weight", [None, np.ones(120)], ids=["no weights", "weights"])
def test_all_tasks_get_the_rows_as_given_and_the_weights_as_metadata(weight):
    recorder = Recorder()
    tiny().set_callbacks(recorder).fit(X, y, weight)
    assert recorder.data == {(id(X), id(y), None if weight is None else ("sample_weight",))}


@needs_callbacks
def test_a_scoring_monitor_scores_each_epoch():
    """Oracle: R2 of fits of one epoch and of two; of weighted targets."""
    from sklearn.callback import ScoringMonitor

    weight = np.arange(1.0, 121)
    monitor = ScoringMonitor(scoring="r2")
    tiny().set_callbacks(monitor).fit(X, y, weight)
    rows = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    fits = [tiny(epochs=n).fit(X, y, weight) for n in (1, 2)]
    assert [row["r2"] for row in rows] == [fit.score(X, y, weight) for fit in fits]


@needs_callbacks
def test_a_progress_bar_shows_a_line_for_the_fit_and_each_network(capsys):
    from sklearn.callback import ProgressBar

    fit_with(ProgressBar(), n_networks=2)
    lines = capsys.readouterr().out
    for task in ("fit", "network #0", "network #1"):
        assert f"LSTMRegressor - {task}" in lines


@needs_callbacks
@pytest.mark.parametrize(
    "parameters",
    [{}, {"n_networks": 3, "early_stopping": True}, {"steps": 3, "early_stopping": True}],
    ids=["one", "three", "paths"],
)
def test_callbacks_change_nothing_in_the_fit(parameters):
    """Oracle: the fit without them."""
    parameters = {"epochs": 5, **parameters}
    assert_same(fit_with(Recorder(), **parameters), tiny(**parameters).fit(X, y))


@needs_callbacks
def test_no_two_hooks_run_at_the_same_time():
    running, most = [], []

    def answer(path, _):
        running.append(path)
        most.append(len(running))
        time.sleep(0.01)
        running.pop()

    fit_with(Recorder(answer), n_networks=3, epochs=3)
    assert max(most) == 1


# Stopping


@needs_callbacks
def test_a_fit_that_is_stopped_is_one_of_fewer_epochs():
    """Oracle: a fit of three epochs."""
    assert_same(fit_with(stop_after(3), epochs=MANY), tiny(epochs=3).fit(X, y))


@needs_callbacks
def test_a_fit_that_is_stopped_keeps_the_best_epoch_so_far():
    """Oracle: a fit of four epochs, of which the last is not the best."""
    parameters = {"early_stopping": True, "learning_rate": 0.3, "decay_rate": 1.0}
    regressor = fit_with(stop_after(4), epochs=MANY, **parameters)
    expected = tiny(epochs=4, **parameters).fit(X, y)
    assert regressor.best_iter_ == expected.best_iter_ < regressor.n_iter_ == 4
    assert_same(regressor, expected)


@needs_callbacks
@pytest.mark.parametrize("n_threads", [1, 2])
def test_all_networks_end_after_their_epoch_once_one_is_stopped(n_threads):
    """Oracle: the number of epochs; each network has trained one at least."""
    recorder = Recorder(lambda path, _: path.endswith("network-0/epoch-1"))
    with threadpool_limits(n_threads, user_api="blas"):
        regressor = fit_with(recorder, n_networks=3, epochs=MANY)
    n_epochs = regressor.networks_["n_iter"]
    assert n_epochs[0] == 2
    assert n_epochs.min() >= 1
    assert n_epochs.max() < MANY
    assert np.isfinite(regressor.predict(X)).all()
    assert recorder.events[-1] == "teardown"


@needs_callbacks
def test_networks_of_paths_that_are_stopped_are_not_trained_on_all_targets(monkeypatch):
    """Oracle: a fit of two epochs, and of none on all targets."""
    parameters = {"steps": 3, "early_stopping": True, "n_iter_no_change": 9}
    regressor = fit_with(stop_after(2), bare, epochs=MANY, **parameters)
    monkeypatch.setattr(members, "EPOCHS_ON_ALL", 0)
    expected = bare(epochs=2, **parameters).fit(X, y)
    np.testing.assert_array_equal(regressor.predict_steps(X), expected.predict_steps(X))
    assert regressor.loss_curve_ == expected.loss_curve_


# Errors


@needs_callbacks
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
@pytest.mark.parametrize("network", [0, 1])
def test_an_error_of_a_callback_ends_the_fit_and_tears_down(error, network):
    """Oracle: after the error no hook is called.

    Few epochs: on a single thread, network 0 is trained to its end before network 1.
    """

    def fail(path, _):
        if path.endswith(f"network-{network}/epoch-0"):
            raise error("by hand")

    recorder = Recorder(fail)
    n_threads = threading.active_count()
    regressor = tiny(n_networks=2, epochs=50).set_callbacks(recorder)
    with pytest.raises(error, match="by hand"):
        regressor.fit(X, y)
    assert threading.active_count() <= n_threads
    assert recorder.events[-2:] == [f"end /fit-0/network-{network}/epoch-0", "teardown"]
    assert set(vars(regressor)) == {*regressor.get_params(), "_skl_callbacks"}
    assert_same(
        regressor.set_callbacks().set_params(epochs=2).fit(X, y), tiny(n_networks=2).fit(X, y)
    )


@needs_callbacks
def test_a_fit_that_fails_by_itself_tears_down():
    recorder = Recorder()
    with pytest.raises(ValueError, match="at least 5 rows"):
        tiny().set_callbacks(recorder).fit(X[:3], y[:3])
    assert recorder.events == ["setup", "begin /fit-0", "teardown"]


# In scikit-learn's tools


@needs_callbacks
def test_clones_share_the_callbacks_and_pickles_have_them():
    """Oracle: LogisticRegression does so, by scikit-learn's `clone`."""
    recorder = Recorder()
    regressor = tiny().set_callbacks(recorder)
    clone(regressor).fit(X, y)
    assert recorder.events[-1] == "teardown"
    pickled = pickle.loads(pickle.dumps(tiny().set_callbacks(Recorder(None))))
    assert [type(each) for each in pickled._skl_callbacks] == [Recorder]


@needs_callbacks
def test_a_search_hands_its_callbacks_on_and_each_fit_may_be_stopped():
    """Oracle: by hand: two folds and the refit, each stopped after its first epoch."""
    recorder = Propagated(lambda path, _: path.endswith("/epoch-0"))
    search = GridSearchCV(tiny(epochs=MANY), {"units": [4]}, cv=TimeSeriesSplit(2))
    search.set_callbacks(recorder).fit(X, y)
    assert search.best_estimator_.n_iter_ == 1
    fits = ["/fit-0/search-0/fit-0", "/fit-0/search-0/fit-1", "/fit-0/fit-1"]
    assert recorder.list_tasks("epoch") == [f"{fit}/epoch-0" for fit in fits]
    assert recorder.events.count("setup") == recorder.events.count("teardown") == 1
