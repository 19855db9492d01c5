"""A scorer of paths, against a double loop over rows and steps."""

import copy
import pickle
from functools import partial

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.linear_model import Ridge
from sklearn.metrics import (
    max_error,
    mean_absolute_error,
    mean_pinball_loss,
    mean_squared_error,
    r2_score,
    root_mean_squared_error,
)
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from small_forecasters import Bands

from sklstm import BayesTimeSeriesSearchCV
from sklstm.evaluation import make_path_scorer

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3)).cumsum(axis=0)
ONE, TWO = X[:, 0] + RNG.normal(size=40), X[:, :2] + RNG.normal(size=(40, 2))
WEIGHT = RNG.uniform(0.1, 2, size=40)
CV = TimeSeriesSplit(3)
N_STEPS = 4


class Steps(RegressorMixin, BaseEstimator):
    """Forecasts `bend` times the columns of X, plus the mean of y, for each step a bit more."""

    def __init__(self, n_steps=N_STEPS, bend=1.0, unknown=()):
        self.n_steps = n_steps
        self.bend = bend
        self.unknown = unknown  # (row, step) pairs without a forecast

    def fit(self, X, y, sample_weight=None):
        self.mean_ = np.average(y, axis=0, weights=sample_weight)
        return self

    def predict(self, X):
        return self.predict_steps(X)[:, 0]

    def predict_steps(self, X):
        columns = np.asarray(X)[:, : np.size(self.mean_)]
        paths = np.stack(
            [self.bend * columns + self.mean_ + j for j in range(self.n_steps)], axis=1
        )
        for row, step in self.unknown:
            paths[row, step] = np.nan
        return paths if np.ndim(self.mean_) else paths[..., 0]


def score_by_hand(metric, y, paths, weight=None):
    """The rule read literally: the mean over the steps of the metric over the pairs of each."""
    of_steps = []
    for j in range(paths.shape[1]):
        pairs = [t for t in range(len(y)) if t + j < len(y) and np.isfinite(paths[t, j]).all()]
        targets, forecasts = [y[t + j] for t in pairs], [paths[t, j] for t in pairs]
        weights = {} if weight is None else {"sample_weight": [weight[t + j] for t in pairs]}
        of_steps.append(metric(targets, forecasts, **weights))
    return np.mean(of_steps)


def scores_by_hand(metric, y, **parameters):
    """What each fold scores, as a loop."""
    models = [(Steps(**parameters).fit(X[train], y[train]), test) for train, test in CV.split(X)]
    return [-score_by_hand(metric, y[test], model.predict_steps(X[test])) for model, test in models]


@pytest.mark.parametrize("y", [ONE, TWO], ids=["one output", "two outputs"])
@pytest.mark.parametrize("metric", [mean_absolute_error, root_mean_squared_error, r2_score])
def test_a_score_is_the_mean_over_the_steps(metric, y):
    """Oracle: a double loop over steps and rows; a column of one output is scored like one axis."""
    model = Steps(unknown=[(0, 0), (5, 2), (39, 3)]).fit(X, y)
    by_hand = score_by_hand(metric, y, model.predict_steps(X))
    assert make_path_scorer(metric)(model, X, y) == pytest.approx(-by_hand)
    greater = make_path_scorer(metric, greater_is_better=True)
    assert greater(model, X, y) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    "kind", [list, pd.Series, lambda y: y[:, None]], ids=["list", "Series", "column"]
)
def test_targets_of_each_kind_score_alike(kind):
    """Oracle: the array."""
    scorer, model = make_path_scorer(mean_absolute_error), Steps().fit(X, ONE)
    assert scorer(model, pd.DataFrame(X), kind(ONE)) == scorer(model, X, ONE)


def test_a_pair_has_the_weight_of_its_target():
    """Oracle: the double loop."""
    model = Steps(unknown=[(5, 2)]).fit(X, ONE)
    by_hand = score_by_hand(mean_absolute_error, ONE, model.predict_steps(X), WEIGHT)
    score = make_path_scorer(mean_absolute_error)(model, X, ONE, sample_weight=WEIGHT)
    assert score == pytest.approx(-by_hand)


@pytest.mark.parametrize("y", [ONE, TWO], ids=["one output", "two outputs"])
def test_cross_val_score_scores_each_fold(y):
    """Oracle: the double loop on each fold."""
    scores = cross_val_score(Steps(), X, y, cv=CV, scoring=make_path_scorer(mean_absolute_error))
    np.testing.assert_allclose(scores, scores_by_hand(mean_absolute_error, y))


def test_several_path_scorers_and_others_stand_side_by_side():
    """Oracle: each of them alone."""
    scoring = {
        "mae": make_path_scorer(mean_absolute_error),
        "mse": make_path_scorer(mean_squared_error),
        "next": "neg_mean_absolute_error",
    }
    results = cross_validate(Steps(), X, ONE, cv=CV, scoring=scoring)
    for name, scorer in scoring.items():
        alone = cross_val_score(Steps(), X, ONE, cv=CV, scoring=scorer)
        np.testing.assert_array_equal(results[f"test_{name}"], alone)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_grid_search_finds_the_parameters_with_the_best_paths(n_jobs):
    """Oracle: the double loop for each candidate."""
    grid = {"bend": [-1.0, 0.3, 1.0]}
    search = GridSearchCV(
        Steps(), grid, cv=CV, scoring=make_path_scorer(mean_absolute_error), n_jobs=n_jobs
    ).fit(X, ONE)
    by_hand = [np.mean(scores_by_hand(mean_absolute_error, ONE, bend=b)) for b in grid["bend"]]
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], by_hand)
    assert search.best_params_["bend"] == grid["bend"][np.argmax(by_hand)]
    assert clone(search).get_params()["scoring"] == search.scoring


def test_a_search_of_ours_names_the_metric_and_its_sign():
    """Oracle: what it says of scikit-learn's own scorer of the same metric."""
    search = BayesTimeSeriesSearchCV(
        Steps(),
        {"bend": (-1.0, 1.0)},
        n_iter=3,
        cv=3,
        random_state=0,
        scoring=make_path_scorer(mean_absolute_error),
    ).fit(X, ONE)
    assert "MAE" in search.summary()
    assert search.best_score_ == np.nanmax(search.cv_results_["mean_test_score"]) < 0


def test_a_search_weighs_the_scores_only_if_the_metric_can():
    """Oracle: scikit-learn's searches, which ask a scorer for it."""
    assert make_path_scorer(mean_absolute_error)._accept_sample_weight()
    assert not make_path_scorer(max_error)._accept_sample_weight()


@pytest.mark.parametrize("asked", [True, "weight"])
def test_with_metadata_routing_the_scorer_gets_the_weights_that_it_asks_for(asked):
    """Oracle: the double loop, weighted in the score and not in fit."""
    name = "sample_weight" if asked is True else asked
    with sklearn.config_context(enable_metadata_routing=True):
        scorer = make_path_scorer(mean_absolute_error)
        asking = scorer.set_score_request(sample_weight=asked)
        model = Steps().set_fit_request(sample_weight=False)
        ask = partial(cross_val_score, model, X, ONE, cv=CV, params={name: WEIGHT})
        scores = ask(scoring=asking)
        if asked is True:
            with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
                ask(scoring=scorer)
    by_hand = [
        -score_by_hand(
            mean_absolute_error,
            ONE[test],
            Steps().fit(X[train], ONE[train]).predict_steps(X[test]),
            WEIGHT[test],
        )
        for train, test in CV.split(X)
    ]
    np.testing.assert_allclose(scores, by_hand)


SCORERS = {
    "make_path_scorer(mean_absolute_error)": make_path_scorer(mean_absolute_error),
    "make_path_scorer(r2_score, greater_is_better=True)": make_path_scorer(
        r2_score, greater_is_better=True
    ),
    "make_path_scorer(mean_absolute_error, quantiles=True)": make_path_scorer(
        mean_absolute_error, quantiles=True
    ),
}


@pytest.mark.parametrize("text", SCORERS)
def test_a_scorer_is_written_as_it_was_made(text):
    """Oracle: the call, which makes an equal one."""
    scorer = SCORERS[text]
    assert repr(scorer) == text
    assert eval(text) == scorer
    assert len({eval(text), scorer, *SCORERS.values()}) == len(SCORERS)


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda scorer: pickle.loads(pickle.dumps(scorer))]
)
def test_a_copy_is_equal(copied):
    """Oracle: the scorer; its pickle names nothing private."""
    for scorer in SCORERS.values():
        asking = scorer.set_score_request(sample_weight=True)
        assert copied(scorer) == scorer
        assert copied(asking) == asking != scorer
        assert b"PathScorer" not in pickle.dumps(asking)


def test_arguments_of_the_metric_are_set_by_partial():
    """Oracle: the double loop."""
    metric = partial(mean_pinball_loss, alpha=0.9)
    model = Steps().fit(X, ONE)
    by_hand = score_by_hand(metric, ONE, model.predict_steps(X))
    scorer = make_path_scorer(metric)
    assert scorer(model, X, ONE) == pytest.approx(-by_hand)
    assert "mean_pinball_loss" in repr(scorer) and "alpha=0.9" in repr(scorer)


@pytest.mark.parametrize("y", [ONE, TWO], ids=["one output", "two outputs"])
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["even", "weighted"])
def test_quantiles_of_paths_are_scored_by_a_metric_of_each(y, weight):
    """Oracle: the double loop for each quantile, and the mean over them, through a Pipeline too."""
    model = Bands(steps=N_STEPS, quantiles=(0.1, 0.7)).fit(X, y)
    scorer = make_path_scorer(mean_pinball_loss, quantiles=True)
    paths = model.predict_steps_quantiles(X)
    by_hand = [
        score_by_hand(partial(mean_pinball_loss, alpha=q), y, paths[..., k], weight)
        for k, q in enumerate([0.1, 0.5, 0.7])
    ]
    assert scorer(model, X, y, sample_weight=weight) == pytest.approx(-np.mean(by_hand))
    assert scorer(make_pipeline(model), X, y, weight) == pytest.approx(-np.mean(by_hand))


def test_an_estimator_without_quantiles_is_refused():
    scorer = make_path_scorer(mean_pinball_loss, quantiles=True)
    with pytest.raises(AttributeError, match="Bands has no method predict_steps_quantiles"):
        scorer(Bands().fit(X, ONE), X, ONE)


def test_an_estimator_without_paths_is_refused():
    with pytest.raises(AttributeError, match="Ridge has no method predict_steps"):
        make_path_scorer(mean_absolute_error)(Ridge().fit(X, ONE), X, ONE)


def test_a_metric_that_is_no_function_is_refused():
    with pytest.raises(TypeError, match="metric='mae' must be a function"):
        make_path_scorer("mae")


@pytest.mark.parametrize("n_rows", [1, 3])
def test_a_step_beyond_all_rows_is_refused(n_rows):
    """Oracle: by hand; of n rows the last target lies n - 1 steps after the first row."""
    model, scorer = Steps().fit(X, ONE), make_path_scorer(mean_absolute_error)
    with pytest.raises(ValueError, match=f"Step {n_rows} cannot be scored.* {n_rows} given rows"):
        scorer(model, X[:n_rows], ONE[:n_rows])
    assert np.isfinite(scorer(model, X[:N_STEPS], ONE[:N_STEPS]))


def test_a_step_without_any_forecast_is_refused():
    model = Steps(unknown=[(t, 1) for t in range(40)]).fit(X, ONE)
    with pytest.raises(ValueError, match=r"Step 1 cannot be scored: .* among the 40 given rows"):
        make_path_scorer(mean_absolute_error)(model, X, ONE)


@pytest.mark.parametrize(
    ("y", "paths", "needed"),
    [
        (ONE, ONE, r"\(40, n_steps\)"),
        (ONE, np.ones((39, 2)), r"\(40, n_steps\)"),
        (ONE, np.ones((40, 0)), r"\(40, n_steps\)"),
        (ONE, np.ones((40, 2, 2)), r"\(40, n_steps\)"),
        (TWO, np.ones((40, 2)), r"\(40, n_steps, 2\)"),
    ],
    ids=["one axis", "fewer rows", "no step", "more outputs", "fewer outputs"],
)
def test_paths_of_another_shape_are_refused(y, paths, needed):
    class Fixed(Steps):
        def predict_steps(self, X):
            return paths

    with pytest.raises(ValueError, match=f"predict_steps returned the shape .* must be {needed}"):
        make_path_scorer(mean_absolute_error)(Fixed(), X, y)
