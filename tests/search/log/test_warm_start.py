"""What a search learns from the trials of another one."""

import json
import math
import warnings

import numpy as np
import pytest
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import Pipeline
from small_search import CHEAP, ROWS, Level

from sklstm._search.log.warm_start import add_known, list_known_trials
from sklstm._search.proposals.dimensions import read_search_spaces
from sklstm._search.proposals.starts import Starts
from sklstm._search.search import BayesTimeSeriesSearchCV
from sklstm._search.trials.scoring import read_scoring
from sklstm._search.trials.trial import Outcome
from sklstm._search.values.description import describe


class Fragile(Level):
    """Fails at a level above 1."""

    def fit(self, X, y):
        if self.level > 1:
            raise ValueError("too high")
        return self


def score_twice(estimator, X, y):
    return {"a": -estimator.level, "b": estimator.level}


def score_once(estimator, X, y):
    return -estimator.level


def run(estimator=None, space=None, **changes):
    """Search three trials; the start is level=0.5, the score is minus the level."""
    space = space or {"level": (0.0, 1.0)}
    settings = {"n_iter": 3, "cv": 2, "random_state": 0, "optimizer_kwargs": CHEAP, **changes}
    search = BayesTimeSeriesSearchCV(estimator or Level(), space, **settings)
    return search.fit(ROWS, np.zeros(len(ROWS)))


def known_from(source, scoring=None, objective=None, refit=True):
    return list_known_trials(source, read_scoring(Level(), scoring, objective, refit))


def test_a_fitted_search_and_its_log_tell_the_same_trials(tmp_path):
    """Oracle: the search's own trials."""
    search = run(log=tmp_path / "log.jsonl")
    known = known_from(search)
    assert known == known_from(tmp_path / "log.jsonl") == known_from(str(tmp_path / "log.jsonl"))
    assert known == [
        (trial.params, Outcome(trial.score, trial.seconds)) for trial in search.trials_
    ]
    assert [outcome.score for _, outcome in known] == search.cv_results_["mean_test_score"].tolist()


def test_trials_that_failed_are_known_to_have_failed(tmp_path):
    """Oracle: levels above 1 fail; the first of them would not have known its metric."""
    space = {"level": [2.0, 0.5]}
    with pytest.warns(FitFailedWarning):
        search = run(Fragile(), space, n_iter=2, x0=[{"level": 2.0}], scoring=["r2"])
    (bad, failed), (good, ok) = known_from(search, ["r2"])
    assert (bad, good) == ({"level": 2.0}, {"level": 0.5})
    assert math.isnan(failed.score)
    assert failed.seconds > 0
    assert math.isfinite(ok.score)


SEVERAL = ["r2", "neg_mean_squared_error"]
SCORINGS = {
    "none": (None, None, True),
    "name": ("r2", None, True),
    "refit beside one": ("r2", None, "r2"),
    "list of one": (["r2"], None, True),
    "list": (SEVERAL, "r2", True),
    "refit": ({"x": "r2", "r2": "neg_mean_squared_error"}, None, "x"),
    "callable of one": (score_once, None, True),
    "callable of several": (score_twice, "a", True),
}


@pytest.mark.parametrize("kind", SCORINGS)
def test_the_same_scoring_is_recognised(kind, tmp_path):
    """Oracle: the search itself; its log, too."""
    scoring, objective, refit = SCORINGS[kind]
    path = tmp_path / "log.jsonl"
    search = run(scoring=scoring, objective=objective, refit=refit, log=path)
    assert len(known_from(search, scoring, objective, refit)) == 3
    assert known_from(path, scoring, objective, refit) == known_from(
        search, scoring, objective, refit
    )


def test_one_of_several_metrics_is_the_same_as_that_metric_alone():
    """Oracle: both maximise R2."""
    several, alone = (SEVERAL, "r2"), (["r2"], None)
    search = run(scoring=several[0], objective=several[1])
    assert len(known_from(search, *alone)) == len(known_from(search, "r2")) == 3
    assert len(known_from(run(scoring="r2"), *several)) == 3


@pytest.mark.parametrize(
    ("scored", "wanted"),
    [
        ((None, None), ("r2", None)),
        (("r2", None), (None, None)),
        ((SEVERAL, "r2"), (SEVERAL, "neg_mean_squared_error")),
        ((score_twice, "a"), (score_twice, "b")),
        ((score_once, None), (score_twice, "a")),
        ((score_once, None), ("r2", None)),
    ],
)
def test_scores_of_another_metric_are_refused(scored, wanted):
    """Oracle: by hand; scores of other metrics cannot be compared."""
    search = run(scoring=scored[0], objective=scored[1])
    with pytest.raises(
        ValueError, match=r"scored with .* but this search maximises .* same scoring"
    ):
        known_from(search, *wanted)


def test_a_search_without_trials_teaches_nothing(tmp_path):
    """Oracle: a log of which only the header was written before a crash; its scoring is another."""
    path = tmp_path / "log.jsonl"
    run(log=path)
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    assert known_from(path, "r2") == []


def test_a_search_that_is_not_fitted_is_an_error():
    with pytest.raises(NotFittedError):
        known_from(BayesTimeSeriesSearchCV(Level(), {"level": (0.0, 1.0)}))


def test_a_log_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(OSError, match="cannot be read: No such file"):
        known_from(tmp_path / "none.jsonl")


def add(spaces, *known, starts=None):
    """Add outcomes; return the starts, one for each space."""
    spaces = read_search_spaces(spaces, 5)
    starts = starts or [Starts() for _ in spaces]
    # Through JSON, as they come from a log.
    add_known(starts, spaces, [(json.loads(json.dumps(describe(p))), o) for p, o in known])
    return starts


def test_outcomes_stand_at_the_points_of_their_parameters():
    """Oracle: by hand; a category is its position."""
    model = Pipeline([("model", Ridge())])
    space = {"a": (0.0, 1.0), "b": [None, (1, 2), "x"], "c": [LinearRegression(), model]}
    ok, failed = Outcome(1.0, 2.0), Outcome(np.nan, 3.0)
    (starts,) = add(
        space,
        ({"a": 0.5, "b": (1, 2), "c": Pipeline([("model", Ridge())])}, ok),
        ({"a": 0.0, "b": None, "c": LinearRegression()}, failed),
    )
    assert starts.points == []
    assert starts.known == {(0.5, 1, 1): ok, (0.0, 0, 0): failed}


def test_what_the_space_does_not_hold_is_left_out_with_a_warning():
    """Oracle: by hand; of five trials one lies in the space."""
    known = [({"a": 0.25}, Outcome(1.0))]
    known += [({"a": 2.0}, Outcome(2.0)), ({"b": 0.5}, Outcome(3.0)), ({}, Outcome(4.0))]
    known += [({"a": 0.5, "b": 1.0}, Outcome(5.0))]
    with pytest.warns(UserWarning, match=r"4 of 5 trials of warm_start_from are outside"):
        (starts,) = add({"a": (0.0, 1.0)}, *known)
    assert starts.known == {(0.25,): Outcome(1.0)}


def test_each_outcome_belongs_to_the_first_space_that_holds_it():
    """Oracle: by hand."""
    outcomes = [Outcome(1.0), Outcome(2.0)]
    spaces = [{"a": (0.0, 0.5)}, {"a": (0.0, 1.0)}]
    first, second = add(spaces, ({"a": 0.25}, outcomes[0]), ({"a": 0.75}, outcomes[1]))
    assert first.known == {(0.25,): outcomes[0]}
    assert second.known == {(0.75,): outcomes[1]}


def test_what_is_evaluated_anyway_or_known_already_is_not_told_twice():
    """Oracle: by hand; a start point will be told with its own score, the first outcome stands."""
    starts = [Starts([(0.5,)], {(0.25,): Outcome(9.0)})]
    known = [({"a": a}, Outcome(a)) for a in (0.5, 0.25, 0.75)] + [({"a": 0.75}, Outcome(8.0))]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (starts,) = add({"a": (0.0, 1.0)}, *known, starts=starts)
    assert starts.points == [(0.5,)]
    assert starts.known == {(0.25,): Outcome(9.0), (0.75,): Outcome(0.75)}


@pytest.mark.parametrize("via", ["search", "log"])
def test_a_warm_search_asks_the_model_at_once_and_no_known_point_again(via, tmp_path):
    """Oracle: the score is minus the level, so the model goes on where the first search was best.

    Three known trials are as many as the search would draw before it asks the model.
    """
    path = tmp_path / "log.jsonl"
    first = run(log=path)
    warm = run(x0=None, random_state=1, warm_start_from=first if via == "search" else path)
    levels = [[params["level"] for params in s.cv_results_["params"]] for s in (first, warm)]
    assert not set(levels[0]) & set(levels[1])
    assert len(levels[1]) == 3
    assert levels[1][0] < min(levels[0])
    assert len(warm.optimizer_results_[0].x_iters) == 6
