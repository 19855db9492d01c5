"""The trial log: its lines, what goes on from them, and what is refused.

Nearly all searches here are random, which is quick; what is proposed is no matter of the log. In
`tests/data` are logs that are kept, which `write_stored_logs` made.
"""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from functools import partial
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from same_results import without_times
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import Lasso, Ridge
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_search import CHEAP

from sklstm import LSTMRegressor
from sklstm._search.log.records import FORMAT, MARK
from sklstm._search.log.trial_log import open_log, read_log
from sklstm._search.search import BayesTimeSeriesSearchCV

# All numbers are exact in binary, so that their hashes are the same everywhere.
X = (np.arange(180) * 37 % 101).reshape(60, 3) / 8
Y = X[:, 0] / 2 + X[:, 1]
WEIGHT = 1 + np.arange(60) % 4 / 4
GROUPS = np.repeat([0, 1, 2], 20)

EVENTS = []  # what Level and Disk did, in order


class Level(RegressorMixin, BaseEstimator):
    """Predicts its parameter, which may be too high."""

    def __init__(self, level=2.0, shape=None, fails_above=np.inf):
        self.level = level
        self.shape = shape
        self.fails_above = fails_above

    def fit(self, X, y, sample_weight=None):
        EVENTS.append("fit")
        if self.level > self.fails_above:
            raise RuntimeError(f"level {self.level}:\nzu hoch ⚠")
        return self

    def predict(self, X):
        return np.full(len(X), self.level)


class Disk:
    """Stands for `os` in the log: notes what is written and synced, and has only so much room."""

    def __init__(self, room=sys.maxsize):
        self.room = room  # bytes

    def __getattr__(self, name):
        return getattr(os, name)

    def write(self, file, text):
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        n_written = os.write(file, text[: self.room])
        self.room -= n_written
        EVENTS.append("write")
        return n_written

    def fsync(self, file):
        EVENTS.append("sync")


@pytest.fixture(autouse=True)
def events():
    EVENTS.clear()
    return EVENTS


@pytest.fixture
def path(tmp_path):
    return tmp_path / "trials.jsonl"


@pytest.fixture
def quick(monkeypatch):
    """Where a test runs hundreds of searches: neither sync the log nor look for the versions."""
    monkeypatch.setattr("sklstm._search.log.trial_log.os", Disk())
    monkeypatch.setattr("sklstm._search.preparation.list_versions", dict)


def make_search(log=None, estimator=None, search_spaces=None, **changes):
    settings = {"n_iter": 3, "cv": 2, "strategy": "random", "random_state": 0, **changes}
    estimator = Level() if estimator is None else estimator
    return BayesTimeSeriesSearchCV(
        estimator, search_spaces or {"level": (0.0, 10.0)}, log=log, **settings
    )


def run(log=None, **changes):
    """The columns of a search that two equal ones share."""
    return without_times(make_search(log, **changes).fit(X, Y).cv_results_)


def read_lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write_lines(path, lines):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def read_errors(program):
    """What another process that runs the program prints as its error."""
    process = [sys.executable, "-c", program]
    return subprocess.run(process, check=False, capture_output=True, text=True).stderr


# The lines


def test_a_log_is_a_line_for_the_search_and_one_for_each_trial(path):
    """Oracle: cv_results_."""
    search = make_search(path, Level(fails_above=8.0), n_iter=8, cv=3, return_train_score=True)
    with pytest.warns(FitFailedWarning):
        results = search.fit(X, Y).cv_results_
    header, *records = read_lines(path)
    assert header[MARK] == FORMAT
    assert set(header) == {MARK, "problem", "versions"}
    assert header["versions"]["numpy"] == np.__version__
    assert len(records) == 8
    assert set(results["status"]) == {"ok", "pruned", "failed"}
    for trial, record in enumerate(records):
        assert (record["space"], record["trial"]) == (0, trial)
        assert record["status"] == results["status"][trial]
        assert record["error"] == results["error"][trial]
        assert record["params"] == results["params"][trial]
        folds = {number: fold for number, fold in enumerate(record["folds"]) if fold is not None}
        assert record["seconds"] == sum(
            fold[f"{part}_time"] for fold in folds.values() for part in ("fit", "score")
        )
        if record["status"] == "failed":
            assert record["score"] is None
            continue
        if record["status"] == "pruned":
            assert record["score"] is None
            assert record["estimate"] == search.trials_[trial].estimate
            assert (list(folds), record["folds"][2]) == ([0, 1], None)
        else:
            assert record["score"] == results["mean_test_score"][trial]
        for number, fold in folds.items():
            assert fold["test_scores"]["score"] == results[f"split{number}_test_score"][trial]
            assert fold["train_scores"]["score"] == results[f"split{number}_train_score"][trial]
    text = path.read_bytes()
    assert text.isascii()
    assert text.endswith(b"}\n")


def test_pandas_reads_a_log(path):
    """Oracle: cv_results_; pandas itself reads numbers to 15 digits."""
    search = make_search(path, n_iter=5).fit(X, Y)
    frame = pd.read_json(path, lines=True)
    assert len(frame) == 1 + 5
    trials = frame[1:]
    np.testing.assert_allclose(trials["score"], search.cv_results_["mean_test_score"], rtol=1e-13)
    assert trials["status"].tolist() == ["ok"] * 5
    np.testing.assert_allclose(
        [params["level"] for params in trials["params"]],
        search.cv_results_["param_level"].tolist(),
        rtol=1e-13,
    )


def test_each_trial_is_on_disk_before_the_next_one_begins(path, monkeypatch, events):
    """Oracle: by hand, two folds a trial and a refit; first the folder is synced, for the name."""
    monkeypatch.setattr("sklstm._search.log.trial_log.os", Disk())
    make_search(path).fit(X, Y)
    on_disk = ["write", "sync"]
    assert events == ["sync", *on_disk, *(["fit", "fit", *on_disk] * 3), "fit"]


def test_a_log_can_be_read_while_its_last_line_is_torn(path):
    """Oracle: the log before."""
    run(path)
    header, *records = read_lines(path)
    assert read_log(path) == (header, records)
    path.write_bytes(path.read_bytes()[:-9])
    assert read_log(path) == (header, records[:-1])


def test_what_cannot_be_read_as_a_log_is_named(path):
    with pytest.raises(OSError, match=r"The log .*jsonl' cannot be read: No such file"):
        read_log(path)
    path.touch()
    with pytest.raises(ValueError, match=r"The log .*jsonl' is empty"):
        read_log(path)


# Going on


def test_a_finished_search_is_read_from_its_log_alone(path, events):
    """Oracle: the search without a log; the one fit is that on all rows."""
    expected = run()
    assert run(path) == expected
    lines = path.read_bytes()
    events.clear()
    assert run(path) == expected
    assert events == ["fit"]
    assert path.read_bytes() == lines


TWO_SPACES = [
    {"alpha": (1e-3, 1e3, "log-uniform"), "tol": (1e-5, 1e-3)},
    {"alpha": (1e-2, 1e2, "log-uniform"), "fit_intercept": [True, False]},
]


@pytest.mark.parametrize(
    ("search_spaces", "n_spaces"), [(TWO_SPACES[0], 1), (TWO_SPACES, 2)], ids=["one", "two"]
)
def test_30_trials_and_20_more_are_50_in_one_go(path, search_spaces, n_spaces):
    """Oracle: the search without a log."""
    go = partial(
        run,
        estimator=Ridge(),
        search_spaces=search_spaces,
        strategy="bayes",
        optimizer_kwargs=CHEAP,
        n_initial_points=7,
    )
    go(path, n_iter=30 // n_spaces)
    assert go(path, n_iter=50 // n_spaces) == go(n_iter=50 // n_spaces)
    assert len(read_lines(path)) == 1 + 50


@pytest.mark.usefixtures("quick")
def test_wherever_the_last_line_is_torn_the_search_goes_on_to_the_same_results(path, events):
    """Oracle: the search that was not torn; the fits are those of one trial, and the refit."""
    go = partial(run, path, cv=[(np.arange(30), np.arange(30, 60))])
    expected = go()
    text = path.read_bytes()
    begin = text.rstrip().rfind(b"\n") + 1
    for cut in range(begin, len(text)):
        path.write_bytes(text[:cut])
        events.clear()
        assert go() == expected
        assert events.count("fit") == 1 + 1
        assert path.read_bytes().startswith(text[:begin])
        assert [record["trial"] for record in read_lines(path)[1:]] == [0, 1, 2]


@pytest.mark.usefixtures("quick")
def test_wherever_the_header_is_torn_the_search_begins_anew(path):
    """Oracle: the search that was not torn; most of a header is hashes, one byte as the next."""
    expected = run(path, n_iter=1)
    header = path.read_bytes().splitlines(keepends=True)[0]
    for cut in range(len(header)):
        path.write_bytes(header[:cut])
        with open_log(path) as log:
            assert log.header is None
        assert path.read_bytes() == b""
        if cut % 40 <= 1:
            path.write_bytes(header[:cut])
            assert run(path, n_iter=1) == expected
            assert path.read_bytes().startswith(header)


def test_a_log_without_trials_holds_nothing_and_is_begun_anew(path):
    """As after a stop before the first trial. Oracle: the search without a log."""
    run(path, random_state=7, n_initial_points=2)
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    spaces = [{"level": (0.0, 5.0)}, {"level": (3.0, 9.0)}]
    assert run(path, search_spaces=spaces) == run(search_spaces=spaces)
    assert len(read_lines(path)) == 1 + 6
    assert read_lines(path)[0]["problem"]["n_initial_points"] == [3, 3]


def test_a_header_that_is_right_is_not_written_again(path, monkeypatch):
    """A stop meanwhile would leave less than before. Oracle: nothing but appending is allowed."""
    run(path)
    whole = path.read_bytes()
    path.write_bytes(whole.splitlines(keepends=True)[0])
    monkeypatch.setattr(os, "ftruncate", None)
    run(path)
    assert [line["params"] for line in read_lines(path)[1:]] == [
        json.loads(line)["params"] for line in whole.splitlines()[1:]
    ]


def test_of_a_batch_only_the_trials_that_are_missing_are_run(path, events):
    """Oracle: the search without a log, and two fits for each missing trial."""
    expected = run(n_iter=4, n_points=2)
    run(path, n_iter=4, n_points=2)
    header, *records = read_lines(path)
    write_lines(path, [header, records[0], records[1], records[3]])
    events.clear()
    assert run(path, n_iter=4, n_points=2) == expected
    assert events.count("fit") == 2 + 1
    assert [record["trial"] for record in read_lines(path)[1:]] == [0, 1, 3, 2]


def test_without_a_random_state_the_seed_is_in_the_log(path):
    """Oracle: the search with that seed; without a log, two searches differ."""
    run(path, random_state=None)
    seed = read_lines(path)[0]["problem"]["seed"]
    assert run(path, random_state=None, n_iter=6) == run(random_state=seed, n_iter=6)
    assert run(path, random_state=seed, n_iter=6) == run(random_state=seed, n_iter=6)
    assert run(random_state=None) != run(random_state=None)


@pytest.mark.parametrize("make_state", [np.random.RandomState, np.random.default_rng])
def test_a_random_state_is_the_same_search_if_it_draws_the_same_seed(path, make_state):
    expected = run(path, random_state=make_state(3))
    assert run(path, random_state=make_state(3)) == expected
    with pytest.raises(ValueError, match="- seed: "):
        run(path, random_state=make_state(4))


def test_the_number_of_initial_points_is_settled_by_the_first_of_two_searches(path):
    """Oracle: the rule max(3, min(10, n_iter // 4)), and the search with that number."""
    go = partial(run, strategy="bayes", optimizer_kwargs=CHEAP)
    go(path, n_iter=16)
    assert read_lines(path)[0]["problem"]["n_initial_points"] == [4]
    assert go(path, n_iter=24) == go(n_iter=24, n_initial_points=4) != go(n_iter=24)


@pytest.mark.parametrize(
    "changes",
    [
        {"n_iter": 2},
        {"n_iter": 5},
        {"n_jobs": 2},
        {"pre_dispatch": 1},
        {"verbose": 1},
        {"callbacks": [lambda progress: None]},
        {"time_limit": 1000.0},
        {"refit": False},
        {"allow_future_train": True},
    ],
)
def test_how_many_trials_and_how_they_are_run_may_change(path, changes):
    """Oracle: the search without a log."""
    run(path)
    with joblib.parallel_config("threading"):
        assert run(path, **changes) == run(**changes)


def test_other_versions_are_told_and_no_more(path):
    """Oracle: the search without a log."""
    run(path)
    header, *records = read_lines(path)
    header["versions"] |= {"numpy": "1.0", "python": "2.7.18"}
    write_lines(path, [header, *records])
    with pytest.warns(UserWarning, match=r"python 2\.7\.18 \(now 3\..*\), numpy 1\.0") as told:
        assert run(path) == run()
    assert len(told) == 1


# What is refused


@pytest.mark.parametrize(
    "junk",
    [
        b"Dear diary",
        b"Dear diary,\ntoday",
        b"\n",
        b"[]\n",
        b"\x89PNG\r\n\x1a\n",
        bytes(100),
        b'{"sklstm_log": 1}\n',
        b'{"sklstm_log": 1, "problem": 2, "versions": 3}\n',
        b'{"sklstm_log": "1", "problem": {}, "versions": {}}\n',
        b'{"a": 1}\n{"sklstm_log": 1, "problem": {}, "versions": {}}\n',
    ],
)
def test_a_file_that_is_no_log_is_refused_and_left_as_it_is(path, junk, events):
    path.write_bytes(junk)
    with pytest.raises(ValueError, match=re.escape(f"log={str(path)!r} ")):
        run(path)
    assert path.read_bytes() == junk
    assert events == []


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda line: line[:-9] + b"\n", "column"),
        (lambda line: b"\n", "Expecting value"),
        (lambda line: b"17\n", "it is 17, not a JSON object"),
        (lambda line: line.replace(b'"trial"', b'"trail"'), "it has no 'trial'"),
        (
            lambda line: line.replace(b'"fit_time"', b'"fat_time"'),
            r"it has no 'folds\[0\]\.fit_time'",
        ),
        (lambda line: b"\xff" + line, "decode"),
    ],
)
def test_a_broken_line_is_named_where_others_follow(path, spoil, reason):
    run(path)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = spoil(lines[2])
    text = b"".join(lines)
    path.write_bytes(text)
    with pytest.raises(
        ValueError, match=f"a line 3 that does not belong in a search's log: .*{reason}"
    ):
        run(path)
    assert path.read_bytes() == text


def list_places(content, place=()):
    """The ways to each value in what was read from JSON, as keys one after the other."""
    if isinstance(content, dict | list):
        keys = content if isinstance(content, dict) else range(len(content))
        for key in keys:
            yield (*place, key)
            yield from list_places(content[key], (*place, key))


def damage(line, place, value):
    """Delete the value at this place of the line, or put another one there."""
    line = deepcopy(line)
    *way, last = place
    parent = line
    for key in way:
        parent = parent[key]
    if value is DELETED:
        del parent[last]
    else:
        parent[last] = value
    return line


DELETED = object()
OTHER_VALUES = [DELETED, None, True, -1, 1.5, "x", [], {}, [None], {"x": None}, 10**400, np.nan]
REAL_LOGS = {
    "pruned and failed": {
        "estimator": Level(fails_above=8.0),
        "n_iter": 8,
        "cv": 3,
        "return_train_score": True,
    },
    "seeds and metrics": {
        "estimator": Ridge(random_state=0),
        "search_spaces": {"alpha": (0.5, 8.0)},
        "scoring": ["r2", "neg_max_error"],
        "objective": "r2",
        "n_seeds": 2,
        "n_iter": 4,
    },
}


@pytest.fixture(scope="module")
def real_logs(tmp_path_factory):
    """The settings and lines of searches, of which some trials were pruned and some failed."""
    folder = tmp_path_factory.mktemp("logs")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FitFailedWarning)
        for name, changes in REAL_LOGS.items():
            run(folder / name, **changes)
    return [(changes, read_lines(folder / name)) for name, changes in REAL_LOGS.items()]


@given(data=st.data())
@settings(
    max_examples=800, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@pytest.mark.usefixtures("quick")
@pytest.mark.filterwarnings("ignore:.* candidates failed", "ignore:.* are outside the")
def test_wherever_a_line_is_damaged_the_log_and_the_line_are_named(real_logs, data):
    """Oracle: a search goes on from the log and another starts from it, or both name the line.

    A value that is right as JSON goes may also be right as a value, in a category for instance.
    """
    changes, lines = data.draw(st.sampled_from(real_logs))
    number = data.draw(st.integers(0, len(lines) - 1))
    place = data.draw(st.sampled_from(list(list_places(lines[number]))))
    damaged = damage(lines[number], place, data.draw(st.sampled_from(OTHER_VALUES)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.jsonl")
        write_lines(path, [*lines[:number], damaged, *lines[number + 1 :]])
        named = re.escape(f"log={str(path)!r} ")
        # The number of folds stands in the first line, and the second one may be other than that.
        place = "[12]" if number == 0 else number + 1
        line = rf"{named}has a line {place} that does not belong in a search's log"
        # What differs from this search is named as such, not as a damage.
        other = rf"|{named}(belongs to another|has .* as trial)|scored with"
        for source in ({"log": path}, {"warm_start_from": path, "n_iter": 1}):
            try:
                run(**changes | source)
            except ValueError as error:
                assert re.search(line + other, str(error)), str(error)


def test_a_log_of_a_newer_format_is_refused(path):
    run(path)
    header, *records = read_lines(path)
    write_lines(path, [header | {MARK: FORMAT + 1}, *records])
    text = path.read_bytes()
    with pytest.raises(ValueError, match=f"its format {FORMAT + 1} is newer than {FORMAT}; update"):
        run(path)
    assert path.read_bytes() == text


def make_scorer_of(scale):
    """Scorers of one name, of which the sources are the same and the values are not."""

    def score(model, X, y):
        return -scale * root_mean_squared_error(y, model.predict(X))

    return score


def make_other_scorer():
    """A scorer whose qualified name is made that of `make_scorer_of`."""

    def score(model, X, y):
        return -abs(y - model.predict(X)).max()

    score.__qualname__ = make_scorer_of(1).__qualname__
    return score


SCORES = {"scoring": ["r2", "neg_max_error"], "objective": "r2"}
BY_GROUP = {"cv": GroupKFold(3), "allow_future_train": True, "groups": GROUPS}
# What the log's search is given, what the next one is given in its place, and what thus differs.
OTHERS = {
    "pruning": ({}, {"pruning": False}, {"pruning"}),
    "seeds": (
        {"estimator": Ridge(random_state=0)},
        {"estimator": Ridge(random_state=0), "n_seeds": 2},
        {"n_seeds"},
    ),
    "X": ({}, {"X": X + 1}, {"X"}),
    "a table": ({}, {"X": pd.DataFrame(X)}, {"X"}),
    "names of columns": (
        {"X": pd.DataFrame(X, columns=["a", "b", "c"])},
        {"X": pd.DataFrame(X, columns=["a", "b", "d"])},
        {"X"},
    ),
    "y": ({}, {"y": Y + 1}, {"y"}),
    "fewer rows": ({}, {"X": X[1:], "y": Y[1:]}, {"X", "y", "splits"}),
    "weights": ({}, {"sample_weight": WEIGHT}, {"metadata"}),
    "other weights": ({"sample_weight": WEIGHT}, {"sample_weight": WEIGHT + 1}, {"metadata"}),
    "groups": (BY_GROUP, {"groups": GROUPS[::-1] % 2 + np.arange(60) % 3}, {"metadata", "splits"}),
    "folds": ({}, {"cv": 3}, {"splits"}),
    "class": ({}, {"estimator": Lasso()}, {"estimator"}),
    "parameter": ({}, {"estimator": Ridge(tol=1e-3)}, {"estimator"}),
    "metric": ({"scoring": "r2"}, {"scoring": "neg_max_error"}, {"scoring"}),
    "scorer": (
        {"scoring": make_scorer_of(1)},
        {"scoring": make_other_scorer()},
        {"scoring"},
    ),
    "what a scorer holds": (
        {"scoring": make_scorer_of(1)},
        {"scoring": make_scorer_of(2)},
        {"scoring"},
    ),
    "one of two metrics": (SCORES, {"scoring": ["r2", "neg_mean_squared_error"]}, {"scoring"}),
    "objective": (SCORES, {"objective": "neg_max_error"}, {"objective"}),
    "train scores": ({}, {"return_train_score": True}, {"return_train_score"}),
    "error score": ({}, {"error_score": -9.0}, {"error_score"}),
    "bound": ({}, {"search_spaces": {"alpha": (0.5, 9.0)}}, {"spaces"}),
    "prior": ({}, {"search_spaces": {"alpha": (0.5, 8.0, "log-uniform")}}, {"spaces"}),
    "categories": ({}, {"search_spaces": {"alpha": [1.0, 2.0]}}, {"spaces", "starts"}),
    "one space more": (
        {},
        {"search_spaces": [{"alpha": (0.5, 8.0)}, {"alpha": (2.0, 4.0)}]},
        {"spaces", "starts"},
    ),
    "start": ({}, {"x0": {"alpha": 3.0}}, {"starts"}),
    "known start": ({}, {"x0": ({"alpha": 1.0}, 0.5)}, {"starts"}),
    "strategy": ({}, {"strategy": "bayes"}, {"strategy"}),
    "acquisition": ({}, {"acq_func": "PI"}, {"acq_func"}),
    "model": ({}, {"optimizer_kwargs": CHEAP}, {"optimizer_kwargs"}),
    "initial points": ({}, {"n_initial_points": 2}, {"n_initial_points"}),
    "batch": ({}, {"n_points": 2}, {"n_points"}),
    "seed": ({}, {"random_state": 1}, {"seed"}),
}


def fit(log, X=X, y=Y, sample_weight=None, groups=None, **changes):
    settings = {"estimator": Ridge(), "search_spaces": {"alpha": (0.5, 8.0)}, "n_iter": 1}
    given = {"sample_weight": sample_weight, "groups": groups}
    metadata = {name: value for name, value in given.items() if value is not None}
    return make_search(log, **settings | changes).fit(X, y, **metadata)


@pytest.mark.parametrize("case", OTHERS)
@pytest.mark.filterwarnings("ignore:Fold . of cv trains on row")
def test_another_search_is_refused_and_what_differs_is_named(path, case):
    """Oracle: by hand."""
    before, change, differing = OTHERS[case]
    fit(path, **before)
    text = path.read_bytes()
    with pytest.raises(ValueError, match="belongs to another search") as refusal:
        fit(path, **before | change)
    lines = r"^- (\w+)[\w.]*: .* in the log, .* now$"
    named = re.findall(lines, str(refusal.value), flags=re.MULTILINE)
    assert set(named) == differing
    assert str(path) in str(refusal.value)
    assert path.read_bytes() == text


OTHER_DEFAULTS = {  # what a version with another default of it has in the log, and the error says
    "linear_start": (False, "false in the log, true now"),
    "season_length": ([24, 168], '[24, 168] in the log, "auto" now'),
    "early_stopping": (False, 'false in the log, "auto" now'),
    "scaling": (None, 'null in the log, "auto" now'),
}


@pytest.mark.parametrize(
    ("estimator", "place"),
    [
        (LSTMRegressor(), "estimator.params"),
        (make_pipeline(StandardScaler(), LSTMRegressor()), "estimator.params.steps.1.1.params"),
    ],
    ids=["alone", "in a Pipeline"],
)
def test_a_log_with_other_defaults_of_a_forecaster_is_refused_and_names_them(
    path, estimator, place
):
    """Oracle: by hand; the log's header is that of a version whose defaults were others."""
    step = "" if isinstance(estimator, LSTMRegressor) else "lstmregressor__"
    search = {"estimator": estimator, "search_spaces": {f"{step}tol": (1e-5, 1e-3)}}
    fit(path, **search)  # so few rows that no network is trained
    header, *records = read_lines(path)
    params = header["problem"]
    for name in place.split("."):
        params = params[int(name) if name.isdigit() else name]
    before = dict(params)

    def read_differences():
        write_lines(path, [header, *records])
        with pytest.raises(ValueError, match="belongs to another search") as refusal:
            fit(path, **search)
        return re.findall("^- (.*)$", str(refusal.value), flags=re.MULTILINE)

    for name, (logged, told) in OTHER_DEFAULTS.items():
        params[name] = logged
        assert read_differences() == [f"{place}.{name}: {told}"]
        params[name] = before[name]
    params["linear_skip"] = True
    del params["linear_start"]  # as in the log of a version that did not have it
    assert read_differences() == [
        f"{place}.linear_skip: true in the log, false now",
        f"{place}.linear_start: nothing in the log, true now",
    ]


def write_program(folder, n_iter=2, factor=1, power="1", lock=None):
    """A user's program, in which n_iter and a lambda stand on one line."""
    program = folder / "program.py"
    program.write_text(
        f"""
import threading
import numpy as np
from sklearn.linear_model import Ridge
from sklstm._search.search import BayesTimeSeriesSearchCV
FACTOR = {factor}
LOCK = {lock}
X = np.arange(60.0)[:, None]
def run(log):
    made = {{"n_iter": {n_iter}, "scoring": lambda m, X, y: FACTOR * m.alpha ** {power}}}
    search = BayesTimeSeriesSearchCV(
        Ridge(), {{"alpha": (0.5, 8.0)}}, log=log, strategy="random", random_state=0, cv=2, **made
    )
    search.fit(X, np.sqrt(X[:, 0]))
"""
    )
    return run_path(str(program))["run"]


def test_n_iter_may_change_on_the_line_of_a_lambda(tmp_path, path):
    """Oracle: by hand; two trials and three more."""
    write_program(tmp_path)(path)
    write_program(tmp_path, n_iter=5)(path)
    assert len(read_lines(path)) == 1 + 5


@pytest.mark.parametrize("changes", [{"factor": 2}, {"power": "2"}], ids=str)
def test_a_lambda_that_was_changed_itself_or_by_a_global_is_another_search(tmp_path, path, changes):
    write_program(tmp_path)(path)
    with pytest.raises(ValueError, match="belongs to another search") as refusal:
        write_program(tmp_path, **changes)(path)
    assert re.findall(r"^- (\w+)", str(refusal.value), flags=re.MULTILINE) == ["scoring"]


def test_what_cannot_be_described_brings_a_warning(tmp_path, path):
    """Oracle: by hand; a lock has neither a content nor a text of its own."""
    run = write_program(tmp_path, lock="threading.Lock()", power="(not LOCK.locked())")
    with pytest.warns(UserWarning, match="cannot describe these objects") as told:
        run(path)
    assert "scoring.score.globals.LOCK: <unlocked _thread.lock object at 0x" in str(told[0].message)


def test_each_part_of_the_problem_is_tried_above(path):
    """Oracle: the header."""
    fit(path)
    tried = set().union(*(differing for _, _, differing in OTHERS.values()))
    assert tried == set(read_lines(path)[0]["problem"])


def test_a_log_of_other_proposals_is_refused(path):
    """As another processor may make them: by the last bit of one value."""
    run(path)
    header, *records = read_lines(path)
    records[1]["point"] = [np.nextafter(records[1]["point"][0], 0)]
    write_lines(path, [header, *records])
    with pytest.raises(ValueError, match="as trial 1, but this search proposes"):
        run(path)


def test_only_one_search_at_a_time_writes_a_log(path):
    """Another thread and another process, while the first search is at its second trial."""
    refusals = []
    program = (
        f"from sklstm._search.log.trial_log import open_log\nwith open_log({str(path)!r}): pass"
    )

    def run_others(progress):
        if len(progress.trials_) == 2:
            with ThreadPoolExecutor() as threads:
                refusals.append(threads.submit(run, path).exception())
            refusals.append(read_errors(program))

    expected = run()
    assert run(path, callbacks=run_others) == expected
    in_thread, in_process = refusals
    message = f"log={str(path)!r} is in use by another search. Use a separate log for each search."
    assert isinstance(in_thread, BlockingIOError)
    assert str(in_thread) == message
    assert f"BlockingIOError: {message}" in in_process
    assert len(read_lines(path)) == 1 + 3
    assert run(path) == expected


@pytest.mark.parametrize("link", [os.symlink, os.link], ids=["symlink", "hard link"])
def test_two_names_of_one_file_are_one_log(tmp_path, path, link):
    """Another process, by another name of the file. Oracle: the search without a log."""
    other = tmp_path / "elsewhere" / "other.jsonl"
    other.parent.mkdir()
    path.touch()
    link(path, other)
    program = (
        f"from sklstm._search.log.trial_log import open_log\nwith open_log({str(other)!r}): pass"
    )
    refusals = []

    def open_by_the_other_name(progress):
        text = path.read_bytes()
        refusals.append(read_errors(program))
        assert path.read_bytes() == text

    expected = run()
    assert run(path, callbacks=open_by_the_other_name) == expected
    assert len(refusals) == 3
    for refusal in refusals:
        assert f"log={str(other)!r} is in use by another search" in refusal
    assert run(other) == expected
    assert len(read_lines(path)) == 1 + 3


def test_a_link_to_a_log_that_is_not_there_yet_begins_it(tmp_path, path):
    """Oracle: the search without a log."""
    (tmp_path / "link").symlink_to(path)
    assert run(tmp_path / "link") == run()
    assert len(read_lines(path)) == 1 + 3


def test_to_take_the_lock_changes_no_byte_and_leaves_no_file(path):
    """Oracle: the folder and the file before."""
    run(path)
    text = path.read_bytes()
    with open_log(path), pytest.raises(BlockingIOError), open_log(path):
        pass
    assert path.read_bytes() == text
    assert list(path.parent.iterdir()) == [path]


def refuse_to_lock(file, operation):
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))


@pytest.mark.parametrize(
    ("system", "reason"),
    [
        (SimpleNamespace(flock=refuse_to_lock, LOCK_EX=2, LOCK_NB=4), "No locks available"),
        (None, "this system has no fcntl.flock"),
    ],
)
def test_where_no_lock_can_be_made_the_message_says_so(path, monkeypatch, system, reason, events):
    """By stand-ins for a network's file system and for a system that is not POSIX."""
    run(path)
    text = path.read_bytes()
    events.clear()
    monkeypatch.setattr("sklstm._search.log.trial_log.fcntl", system)
    with pytest.raises(OSError, match=f"cannot be locked: {reason}. Without a lock") as refusal:
        run(path)
    assert str(path) in str(refusal.value)
    assert (events, path.read_bytes()) == ([], text)


def test_a_search_that_failed_leaves_its_log_to_the_next(path):
    go = partial(run, path, estimator=Level(fails_above=4.0), error_score="raise", n_iter=20)
    with pytest.raises(RuntimeError, match="zu hoch") as failure:
        go()
    lines = read_lines(path)
    assert len(lines) > 1
    with pytest.raises(RuntimeError, match=str(failure.value)):
        go()
    assert read_lines(path) == lines


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("", "it is not a file"),
        ("no/such/folder.jsonl", "its folder does not exist"),
        ("file/log.jsonl", "its folder does not exist"),
    ],
)
def test_a_place_where_no_file_can_be_is_refused_before_any_fit(tmp_path, place, reason, events):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=f"cannot be written: {reason}. Use the path of a file"):
        run(tmp_path / place)
    assert events == []
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="there is no such device")
def test_a_device_is_refused(events):
    with pytest.raises(OSError, match="'/dev/null' cannot be written: it is not a file"):
        run("/dev/null")
    assert events == []


def test_a_folder_that_may_not_be_written_to_is_named_before_any_fit(path, monkeypatch, events):
    """By a stand-in, because the tests may run as root, who may write anywhere."""

    def refuse(*args, **kwargs):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("sklstm._search.log.trial_log.os", Disk())
    monkeypatch.setattr("sklstm._search.log.trial_log.os.open", refuse)
    with pytest.raises(OSError, match="cannot be written: Permission denied") as refusal:
        run(path)
    assert str(path) in str(refusal.value)
    assert events == []


# A disk that is full


def test_a_disk_that_is_full_costs_the_log_and_nothing_else(path, monkeypatch):
    """Oracle: the search without a log. The disk is full in a line, and between two."""
    expected = run(n_iter=5)
    run(path, n_iter=5)
    header, first, *_ = path.read_bytes().splitlines(keepends=True)
    for room in (len(header), len(header + first) - 1, len(header + first), len(header) + 30):
        path.unlink()
        monkeypatch.setattr("sklstm._search.log.trial_log.os", Disk(room))
        with pytest.warns(
            UserWarning, match=r"no longer be written \(No space left on device\)"
        ) as told:
            assert run(path, n_iter=5) == expected
        assert len(told) == 1
        n_whole = path.read_bytes().count(b"\n")
        assert f"ends before trial {n_whole - 1} of space 0" in str(told[0].message)
        monkeypatch.undo()
        assert run(path, n_iter=5) == expected
        assert len(read_lines(path)) == 1 + 5


def test_a_disk_that_is_full_at_once_is_told_before_any_fit(path, monkeypatch, events):
    """Oracle: the search without a log, once there is room."""
    monkeypatch.setattr("sklstm._search.log.trial_log.os", Disk(room=100))
    with pytest.raises(OSError, match="cannot be written: No space left on device") as refusal:
        run(path)
    assert str(path) in str(refusal.value)
    assert "fit" not in events
    monkeypatch.undo()
    assert run(path) == run()


# Logs of earlier versions


def fit_stored(name, log, n_more=0):
    """The search of a log in tests/data; all that it draws at random, each platform draws alike."""
    if name == "one space":
        search = make_search(log, n_iter=4 + n_more, n_initial_points=6, strategy="bayes")
        return search.set_params(pruning=False).fit(X, Y)
    search = make_search(
        log,
        Level(fails_above=7.0),
        [
            ({"level": (0.0, 8.0), "shape": [None, (3, 4), "flat"]}, 6),
            {"level": [7.0, 7.5, 2.5, 3.5], "shape": [(3, 4), None]},
        ],
        pruning=False,
        n_iter=3 + n_more,
        n_points=2,
        scoring=["r2", "neg_mean_absolute_error"],
        objective="r2",
        return_train_score=True,
        x0=[{"level": 7.75, "shape": (3, 4)}, {"level": 1.0, "shape": "flat"}],
    )
    return search.fit(X, Y, sample_weight=WEIGHT)


STORED = [(name, n) for name in ("one space", "two spaces") for n in range(1, FORMAT + 1)]


def find_stored(name, n):
    """The file of the log in format n."""
    return Path(__file__).parent / "data" / f"log_{n}_{name.replace(' ', '_')}.jsonl"


# That versions are others and that candidates failed is as it should be.
AS_EXPECTED = pytest.mark.filterwarnings(
    "ignore:.* was written with", "ignore:.* candidates failed"
)


def write_stored_logs():
    """Write them; once more only for a new FORMAT, and under its own number.

    ``cd tests && python -c "import test_log; test_log.write_stored_logs()"``
    """
    for name, n in STORED:
        if n == FORMAT:
            find_stored(name, n).unlink(missing_ok=True)
            fit_stored(name, find_stored(name, n))


@AS_EXPECTED
@pytest.mark.parametrize(("name", "n"), STORED)
def test_a_log_of_each_format_is_still_read(name, n, path, events):
    """Oracle: the file's own numbers; the one fit is that on all rows."""
    shutil.copy(find_stored(name, n), path)
    results = fit_stored(name, path).cv_results_
    assert events.count("fit") == 1
    assert path.read_bytes() == find_stored(name, n).read_bytes()
    records = read_lines(path)[1:]
    assert len(records) == len(results["params"])
    for row, record in enumerate(records):
        assert json.loads(json.dumps(results["params"][row])) == record["params"]
        assert results["status"][row] == record["status"]
        assert results["error"][row] == record["error"]
        for number, fold in enumerate(record["folds"]):
            for part in ("test", "train"):
                for metric, score in fold[f"{part}_scores"].items():
                    assert results[f"split{number}_{part}_{metric}"][row] == score


@AS_EXPECTED
@pytest.mark.parametrize(("name", "n"), STORED)
def test_a_log_of_each_format_still_goes_on(name, n, path, events):
    """Oracle: the parameters that the search without a log tries; two fits for each of two more."""
    shutil.copy(find_stored(name, n), path)
    params = fit_stored(name, path, n_more=2).cv_results_["params"]
    assert events.count("fit") == 2 * 2 + 1
    assert params == fit_stored(name, None, n_more=2).cv_results_["params"]
    stored = read_lines(find_stored(name, n))
    lines = read_lines(path)
    assert lines[:-2] == stored
    assert len(lines) == len(stored) + 2


def test_categories_come_back_as_they_were_given(path):
    """A tuple, which is a list in the log, and None. Oracle: by hand."""
    spaces = {"shape": [(3, 4), None, "flat"]}
    expected = run(search_spaces=spaces, x0=None)
    run(path, search_spaces=spaces, x0=None)
    search = make_search(path, search_spaces=spaces, x0=None).fit(X, Y)
    assert without_times(search.cv_results_) == expected
    assert {params["shape"] for params in search.cv_results_["params"]} == {(3, 4), None, "flat"}
