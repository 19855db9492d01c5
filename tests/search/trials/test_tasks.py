"""What scikit-learn's callbacks are told of a search."""

import pickle
from collections import Counter

import joblib
import numpy as np
import pytest
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.preprocessing import StandardScaler
from small_search import CHEAP, ROWS, Level

from sklstm._callbacks import HAS_CALLBACKS
from sklstm._search.search import BayesTimeSeriesSearchCV
from sklstm._search.trials.tasks import Tasks, observing

Y = np.zeros(len(ROWS))
needs_callbacks = pytest.mark.skipif(not HAS_CALLBACKS, reason="scikit-learn 1.9 brought them")


class Recorder:
    """A FitCallback that notes all it is told; it asks to stop after the tasks of one name."""

    def __init__(self, stop_after=None):
        self.stop_after = stop_after
        self.events = []
        self.told = []

    def setup(self, estimator, context):
        self.events.append("setup")

    def teardown(self, estimator, context):
        self.events.append("teardown")

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None):
        self.events.append(f"begin {name_path(context)}")
        self.told.append((context.task_name, type(estimator), X, y))

    def on_fit_task_end(self, estimator, context):
        self.events.append(f"end {name_path(context)}")
        return context.task_name == self.stop_after

    def count(self, word, task):
        last_parts = [each.rpartition("/")[2] for each in self.events if each.startswith(word)]
        return sum(part.startswith(f"{task}-") for part in last_parts)


class Propagated(Recorder):
    """A recorder that also follows the fits of the candidates themselves."""

    max_propagation_depth = None


NAMES = {"candidate-split-evaluation": "fold", "refit-with-best-params": "refit"}


def name_path(context):
    """Name a task and those around it, each with its number among its siblings."""
    name = f"/{NAMES.get(context.task_name, context.task_name)}-{context.task_id}"
    return name if context.parent is None else name_path(context.parent) + name


def search_with(*callbacks, estimator=None, space=None, **changes):
    settings = {"n_iter": 2, "cv": 2, "random_state": 0, "optimizer_kwargs": CHEAP, **changes}
    space = space or {"level": (0.0, 1.0)}
    search = BayesTimeSeriesSearchCV(estimator or Level(), space, **settings)
    return search.set_callbacks(*callbacks) if callbacks else search


@needs_callbacks
def test_the_tree_of_tasks_is_fit_search_trials_folds_and_refit():
    """Oracle: by hand, two trials of two folds; the larger training fold comes first."""
    recorder = Recorder()
    search_with(recorder).fit(ROWS, Y)
    assert recorder.events == [
        "setup",
        "begin /fit-0",
        "begin /fit-0/search-0",
        *(
            f"{word} /fit-0/search-0/trial-{trial}{fold}"
            for trial in (0, 1)
            for word, fold in [
                ("begin", ""),
                ("begin", "/fold-1"),
                ("end", "/fold-1"),
                ("begin", "/fold-0"),
                ("end", "/fold-0"),
                ("end", ""),
            ]
        ),
        "end /fit-0/search-0",
        "begin /fit-0/refit-1",
        "end /fit-0/refit-1",
        "end /fit-0",
        "teardown",
    ]


@needs_callbacks
def test_each_task_is_told_by_the_search_and_those_of_all_rows_with_the_rows():
    recorder = Recorder()
    search_with(recorder).fit(ROWS, Y)
    for task, kind, X, y in recorder.told:
        assert kind is BayesTimeSeriesSearchCV
        if task in ("fit", "search", "trial"):
            assert X is ROWS
            assert y is Y


class DataRecorder:
    """A FitCallback that notes the data of each task, by the task's name."""

    def __init__(self):
        self.data = []

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def note(self, word, context, X, y, metadata):
        lists = [None if part is None else np.asarray(part).tolist() for part in (X, y)]
        weights = metadata and {name: list(value) for name, value in metadata.items()}
        self.data.append((word, context.task_name, *lists, weights))

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None, metadata=None):
        self.note("begin", context, X, y, metadata)

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, metadata=None):
        self.note("end", context, X, y, metadata)


@needs_callbacks
@pytest.mark.parametrize("weight", [None, np.arange(1.0, 13.0)], ids=["no weights", "weights"])
def test_callbacks_are_given_the_data_and_weights_of_each_fit_as_by_grid_search(weight):
    """Oracle: GridSearchCV over the same folds; our trials are tasks that it does not have."""
    ours, theirs = DataRecorder(), DataRecorder()
    space = {"level": [0.25, 0.5]}
    cv = TimeSeriesSplit(2)
    search = search_with(ours, space=space, cv=cv, pruning=False, x0=None)
    grid = GridSearchCV(Level(), space, cv=cv, scoring="neg_root_mean_squared_error")
    for each in (search, grid.set_callbacks(theirs)):
        each.fit(ROWS, Y, sample_weight=weight)
    shared = {"candidate-split-evaluation", "refit-with-best-params", "fit"}
    assert shared <= {task for _, task, *_ in theirs.data}
    kept = [
        sorted(repr(each) for each in recorder.data if each[1] in shared)
        for recorder in (ours, theirs)
    ]
    assert kept[0] == kept[1]


@needs_callbacks
def test_without_refit_there_is_no_such_task():
    recorder = Recorder()
    search_with(recorder, refit=False).fit(ROWS, Y)
    assert recorder.count("begin", "refit") == 0
    assert recorder.events[-3:] == ["end /fit-0/search-0", "end /fit-0", "teardown"]


@needs_callbacks
@pytest.mark.parametrize(("n_points", "n_trials"), [(1, 1), (2, 2)])
def test_a_callback_that_says_so_at_the_end_of_a_trial_stops_the_search(n_points, n_trials):
    """Oracle: the search ends with the batch of that trial; the refit follows."""
    recorder = Recorder(stop_after="trial")
    search = search_with(recorder, n_iter=5, n_points=n_points).fit(ROWS, Y)
    assert search.stop_reason_ == "callback"
    assert len(search.trials_) == recorder.count("end", "trial") == n_trials
    assert recorder.count("end", "refit") == 1


@needs_callbacks
@pytest.mark.parametrize("task", ["candidate-split-evaluation", "search", "fit"])
def test_the_end_of_other_tasks_stops_nothing(task):
    search = search_with(Recorder(stop_after=task)).fit(ROWS, Y)
    assert (len(search.trials_), search.stop_reason_) == (2, None)


@needs_callbacks
@pytest.mark.parametrize("estimator", [None, Level(level=0.25)])
def test_callbacks_change_nothing_in_the_results(estimator):
    """Oracle: the search without them."""
    with_them, without = (
        search_with(Recorder(), estimator=estimator),
        search_with(estimator=estimator),
    )
    params = [search.fit(ROWS, Y).cv_results_["params"] for search in (with_them, without)]
    assert params[0] == params[1]


@needs_callbacks
def test_a_fit_that_fails_ends_its_task():
    """Oracle: as many ends as beginnings, for the trial that fails and the one that does not."""

    class Fragile(Level):
        def fit(self, X, y):
            if self.level > 1:
                raise ValueError("too high")
            return self

    recorder = Recorder()
    search = search_with(recorder, estimator=Fragile(), space={"level": [0.5, 2.0]})
    with pytest.warns(FitFailedWarning):
        search.fit(ROWS, Y)
    tasks = Counter(event.split(" ")[-1] for event in recorder.events if " " in event)
    assert set(tasks.values()) == {2}
    assert (recorder.count("end", "trial"), recorder.count("end", "fold")) == (2, 4)


@needs_callbacks
def test_an_error_that_ends_the_search_tears_the_callbacks_down():
    class Broken(Level):
        def fit(self, X, y):
            raise ValueError("no fit today")

    recorder = Recorder()
    with pytest.raises(ValueError, match="no fit today"):
        search_with(recorder, estimator=Broken(), error_score="raise").fit(ROWS, Y)
    assert recorder.events[-1] == "teardown"


@needs_callbacks
def test_a_callback_that_is_propagated_sees_the_fits_of_the_candidates_too():
    """Oracle: two trials of two folds and the refit are five fits of a StandardScaler."""
    recorder = Propagated()
    search_with(
        recorder,
        estimator=StandardScaler(),
        space={"with_std": [True, False]},
        scoring=lambda scaler, X: float(scaler.with_std),
    ).fit(ROWS)
    fits = [task for task, kind, _, _ in recorder.told if kind is StandardScaler]
    assert fits == ["fit"] * 5
    assert recorder.count("begin", "fit") == 1 + 5  # the search's own one is the first
    assert recorder.events.count("setup") == recorder.events.count("teardown") == 1


@needs_callbacks
def test_threads_tell_of_their_fits():
    """Oracle: the tasks without threads, in another order."""
    recorders = Recorder(), Recorder()
    search_with(recorders[0]).fit(ROWS, Y)
    with joblib.parallel_config("threading", n_jobs=2):
        search_with(recorders[1]).fit(ROWS, Y)
    assert sorted(recorders[0].events) == sorted(recorders[1].events)


@needs_callbacks
def test_the_task_of_a_fit_can_be_sent_to_a_process():
    """Oracle: its name after the way there."""
    search = search_with(Recorder())
    tasks = Tasks(search, {"X": ROWS, "y": Y}, n_trials=3, n_folds=2, n_seeds=2)
    (folds,) = tasks.begin_trials(1)
    assert len(folds) == 2
    assert [len(seeds) for seeds in folds] == [2, 2]
    sent = pickle.loads(pickle.dumps(folds[0][1]))
    assert name_path(sent.context) == "/fit-0/search-0/trial-0/fold-1"
    with observing(sent, Level()):
        pass
    assert sent.search._skl_callbacks[0].events[-1] == "end /fit-0/search-0/trial-0/fold-1"


@needs_callbacks
def test_trials_from_a_log_are_no_tasks(tmp_path):
    """Oracle: by hand; of four trials two are in the log."""
    search_with(log=tmp_path / "log.jsonl").fit(ROWS, Y)
    recorder = Recorder()
    search = search_with(recorder, log=tmp_path / "log.jsonl", n_iter=4).fit(ROWS, Y)
    assert len(search.trials_) == 4
    assert (recorder.count("begin", "trial"), recorder.count("begin", "fold")) == (2, 4)


def test_without_callbacks_there_are_no_tasks():
    tasks = Tasks(search_with(), {"X": ROWS, "y": Y}, n_trials=2, n_folds=2, n_seeds=1)
    assert tasks.begin_trials(2) is None
    assert tasks.end_trials(None) is False
    tasks.end_search()
    assert tasks.begin_refit() is None
    tasks.end()


def test_a_fit_that_nobody_watches_is_left_alone():
    model = Level()
    with observing(None, model):
        assert vars(model) == vars(Level())
