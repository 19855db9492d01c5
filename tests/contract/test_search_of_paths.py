"""Searches that score whole paths and quantiles.

Unless a test says otherwise, its oracle is the model fitted and scored by hand on each fold, with
loops over rows and steps.
"""

import pickle

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from small_forecasters import Bands
from small_regressor import tiny

from sklstm import BayesTimeSeriesSearchCV, ConformalRegressor

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 2))
Y = X[:, 1] + X[:, 0] / 10 + RNG.normal(size=120)
FOLDS = list(TimeSeriesSplit(3).split(X))
STEPS, LEVELS, QUANTILES = 4, [-0.5, 0.0, 0.4], (0.2, 0.8)
ROWS = "neg_root_mean_squared_error"
RMSE, MAE = "neg_root_mean_squared_error_path", "neg_mean_absolute_error_path"
PINBALL = "neg_mean_pinball_loss_path"


def search_bands(model=None, space=None, **changes):
    model = Bands(steps=STEPS) if model is None else model
    if space is None:
        (name,) = (name for name in model.get_params() if name.split("__")[-1] == "level")
        space = {name: LEVELS}
    settings = {"n_iter": 3, "cv": 3, "pruning": False, "strategy": "random"}
    return BayesTimeSeriesSearchCV(
        model, space, **{**settings, "x0": None, "random_state": 0, **changes}
    )


def list_misses(y, paths, step):
    return np.array([y[t + step] - paths[t, step] for t in range(len(y) - step)])


def rmse_of_paths(model, X, y):
    paths = model.predict_steps(X)
    steps = range(paths.shape[1])
    return np.mean([np.sqrt(np.mean(list_misses(y, paths, j) ** 2)) for j in steps])


def mae_of_paths(model, X, y):
    paths = model.predict_steps(X)
    return np.mean([np.mean(abs(list_misses(y, paths, j))) for j in range(paths.shape[1])])


def pinball_of_paths(model, X, y):
    paths, losses = model.predict_steps_quantiles(X), []
    for k, q in enumerate(model.quantiles_):
        for j in range(paths.shape[1]):
            misses = list_misses(y, paths[..., k], j)
            losses.append(np.mean([max(q * miss, (q - 1) * miss) for miss in misses]))
    return np.mean(losses)


def rmse_of_rows(model, X, y):
    return np.sqrt(np.mean((y - model.predict(X)) ** 2))


def score_by_hand(error, model, y=Y):
    """The mean over the folds."""
    return -np.mean([error(model.fit(X[a], y[a]), X[b], y[b]) for a, b in FOLDS])


@pytest.mark.parametrize(
    ("parameters", "scoring", "error"),
    [
        ({"steps": 1}, None, rmse_of_rows),
        ({"steps": STEPS}, None, rmse_of_paths),
        ({"steps": STEPS, "quantiles": QUANTILES}, None, pinball_of_paths),
        ({"steps": 1, "quantiles": QUANTILES}, None, pinball_of_paths),
        ({"steps": STEPS}, RMSE, rmse_of_paths),
        ({"steps": STEPS}, MAE, mae_of_paths),
        ({"steps": STEPS, "quantiles": QUANTILES}, PINBALL, pinball_of_paths),
        ({"steps": STEPS, "quantiles": QUANTILES}, RMSE, rmse_of_paths),
        ({"steps": STEPS}, ROWS, rmse_of_rows),
    ],
)
def test_candidates_are_scored_by_what_the_forecaster_is_built_for(parameters, scoring, error):
    search = search_bands(Bands(**parameters), scoring=scoring).fit(X, Y)
    by_hand = [score_by_hand(error, Bands(**parameters, **each.params)) for each in search.trials_]
    np.testing.assert_allclose([trial.score for trial in search.trials_], by_hand)
    assert search.best_score_ == pytest.approx(max(by_hand))


@pytest.mark.parametrize(
    "nest",
    [
        make_pipeline,
        lambda inner: TransformedTargetRegressor(inner, func=np.array, inverse_func=np.array),
        lambda inner: GridSearchCV(inner, {}, cv=2),
    ],
    ids=["pipeline", "target", "grid"],
)
@pytest.mark.parametrize("quantiles", [None, QUANTILES], ids=["paths", "quantiles"])
def test_the_default_is_found_inside_a_nest(nest, quantiles):
    """Oracle: the model by itself, which these nests leave as it is."""
    model = Bands(steps=STEPS, quantiles=quantiles)
    inside, alone = search_bands(nest(model)).fit(X, Y), search_bands(model).fit(X, Y)
    scores = [trial.score for trial in alone.trials_]
    np.testing.assert_allclose([trial.score for trial in inside.trials_], scores)
    assert inside.scorer_ == alone.scorer_


@pytest.mark.parametrize(
    "scoring",
    [[MAE, RMSE, "r2"], (MAE, RMSE), {MAE, "r2"}, {"mae": MAE, "rmse": RMSE, "r2": "r2"}],
    ids=lambda scoring: type(scoring).__name__,
)
def test_path_scores_stand_among_others(scoring):
    """Oracle: each of them alone."""
    name = "mae" if isinstance(scoring, dict) else MAE
    several = search_bands(scoring=scoring, objective=name).fit(X, Y)
    alone = search_bands(scoring=MAE).fit(X, Y)
    column = several.cv_results_[f"mean_test_{name}"]
    np.testing.assert_allclose(column, alone.cv_results_["mean_test_score"])
    assert several.best_params_ == alone.best_params_
    assert "score: path MAE, mean over leads 1 to 4" in several.summary()


def test_names_that_are_given_twice_or_not_known_are_refused_as_by_scikit_learn():
    with pytest.raises(ValueError, match="uplicate"):
        search_bands(scoring=[MAE, MAE], objective=MAE).fit(X, Y)
    with pytest.raises(ValueError, match="neg_max_error_path"):
        search_bands(scoring="neg_max_error_path").fit(X, Y)


@pytest.mark.parametrize("quantiles", [None, QUANTILES], ids=["paths", "quantiles"])
def test_weights_count_in_the_scores_of_paths(quantiles):
    """Oracle: rows of weight 0 at the end of each fold might as well not be there."""
    weight = np.ones(120)
    for _, test in FOLDS:
        weight[test[20:]] = 0
    model = Bands(steps=STEPS, quantiles=quantiles)
    weighted = search_bands(model, cv=FOLDS).fit(X, Y, sample_weight=weight)
    cut = search_bands(model, cv=[(train, test[:20]) for train, test in FOLDS]).fit(X, Y)
    scores = [trial.score for trial in cut.trials_]
    np.testing.assert_allclose([trial.score for trial in weighted.trials_], scores)


@pytest.mark.parametrize(
    ("parameters", "unit", "n_leads"),
    [
        ({"steps": STEPS}, "path RMSE", 4),
        ({"steps": 2, "quantiles": QUANTILES}, "pinball loss", 2),
        ({"steps": 1, "quantiles": QUANTILES}, "pinball loss", 1),
        ({"steps": 1}, "RMSE", 1),
    ],
)
def test_the_summary_names_the_score_and_its_leads(parameters, unit, n_leads):
    """Oracle: by hand; a pickle says the same."""
    search = search_bands(Bands(**parameters)).fit(X, Y)
    lines = search.summary().splitlines()
    line = f"score: {unit}, mean over leads 1 to {n_leads}" if n_leads > 1 else None
    assert [each for each in lines if each.startswith("score")] == ([line] if line else [])
    number = f"{search.best_index_ + 1}/{len(search.trials_)}"
    assert f": trial {number}, {unit} {-search.best_score_:.5g} (" in search.summary()
    assert pickle.loads(pickle.dumps(search)).summary() == search.summary()


def test_a_search_that_tunes_the_steps_scores_each_candidate_on_its_own_path():
    search = search_bands(Bands(steps=6), {"steps": [1, 2, 6]}).fit(X, Y)
    by_hand = [score_by_hand(rmse_of_paths, Bands(**trial.params)) for trial in search.trials_]
    np.testing.assert_allclose([trial.score for trial in search.trials_], by_hand)
    steps = search.best_params_["steps"]
    assert (f"leads 1 to {steps}" in search.summary()) == (steps > 1)


def test_a_search_that_tunes_the_steps_of_a_model_of_one_scores_first_rows():
    """Oracle: the RMSE of predict, which does not depend on the steps."""
    search = search_bands(Bands(steps=1), {"steps": [1, 2, 60]}).fit(X, Y)
    by_hand = score_by_hand(rmse_of_rows, Bands())
    np.testing.assert_allclose([trial.score for trial in search.trials_], by_hand)
    assert "score:" not in search.summary()


@pytest.mark.filterwarnings("ignore:.*candidates failed:sklearn.exceptions.FitFailedWarning")
def test_candidates_whose_paths_or_quantiles_cannot_be_scored_fail_alone():
    """Oracle: by hand: folds of 30 rows hold no path of 60; without quantiles there is no loss."""
    search = search_bands(Bands(steps=60), {"steps": [2, 4, 60]}).fit(X, Y)
    status = {trial.params["steps"]: trial.status for trial in search.trials_}
    assert status == {2: "ok", 4: "ok", 60: "failed"}
    model = Bands(steps=2, quantiles=QUANTILES)
    search = search_bands(model, {"quantiles": [[0.2, 0.8], None]}, n_iter=2).fit(X, Y)
    assert {trial.params["quantiles"] is None: trial.status for trial in search.trials_} == {
        False: "ok",
        True: "failed",
    }


def test_folds_that_hold_no_whole_path_are_refused_before_the_first_fit():
    """Oracle: by hand: 30 test rows."""
    with pytest.raises(ValueError, match="steps=31 rows cannot be scored on folds with 30 test ro"):
        search_bands(Bands(steps=31)).fit(X, Y)
    search_bands(Bands(steps=30)).fit(X, Y)
    search_bands(Bands(steps=31), scoring=ROWS).fit(X, Y)


@pytest.mark.parametrize("quantiles", [None, QUANTILES], ids=["paths", "quantiles"])
def test_the_residuals_are_those_of_the_first_rows(quantiles):
    """Oracle: y minus predict on each fold."""
    model = Bands(steps=STEPS, quantiles=quantiles)
    search = search_bands(model).fit(X, Y)
    model.set_params(**search.best_params_)
    by_hand = [Y[b] - model.fit(X[a], Y[a]).predict(X[b]) for a, b in FOLDS]
    np.testing.assert_allclose(search.best_residuals_, np.concatenate(by_hand))
    with pytest.raises(ValueError, match=r"best estimator that forecasts paths or quantiles"):
        ConformalRegressor.from_search(search)


def test_a_log_knows_the_default_score(tmp_path):
    """Oracle: the same search goes on from it; one that scores otherwise is refused."""
    log = tmp_path / "log.jsonl"
    first = search_bands(log=log, n_iter=2).fit(X, Y)
    assert "make_path_scorer(root_mean_squared_error)" in log.read_text()
    again = search_bands(log=log, scoring=RMSE).fit(X, Y)
    assert [trial.folds for trial in again.trials_[:2]] == [trial.folds for trial in first.trials_]
    with pytest.raises(ValueError, match="scoring"):
        search_bands(log=log, scoring=ROWS).fit(X, Y)
    with pytest.raises(ValueError, match="scored with"):
        search_bands(warm_start_from=log, scoring=MAE).fit(X, Y)


def test_score_is_that_of_the_best_estimator_unless_a_path_score_is_named():
    """Oracle: R2 of predict, and the loops over rows and steps."""
    search = search_bands().fit(X, Y)
    assert search.score(X, Y) == search.best_estimator_.score(X, Y)
    named = search_bands(scoring=RMSE).fit(X, Y)
    assert named.score(X, Y) == pytest.approx(-rmse_of_paths(named.best_estimator_, X, Y))


def test_candidates_are_dropped_by_the_score_of_their_paths():
    """Oracle: by hand; levels of a thousand deviations cannot catch up."""
    points = [{"level": 0.0}, {"level": 0.1}, {"level": 1000.0}, {"level": 2000.0}]
    search = search_bands(
        space={"level": [each["level"] for each in points]},
        n_iter=4,
        n_initial_points=4,
        pruning=True,
        cv=4,
        x0=points,
    ).fit(X, Y)
    assert [trial.status for trial in search.trials_] == ["ok", "ok", "pruned", "pruned"]


@pytest.mark.parametrize("quantiles", [None, QUANTILES], ids=["paths", "quantiles"])
def test_the_report_compares_paths_with_the_last_value_repeated(quantiles, capsys):
    """Oracle: the target of the row before, along each path.

    Around it lie, by lead, the quantiles of the changes over as many training rows.
    """
    walk = RNG.normal(size=(160, 2)).cumsum(axis=0)
    y = walk[:, 0]
    search = search_bands(Bands(steps=STEPS, quantiles=quantiles)).fit(walk[:120], y[:120])
    table = search.report(walk[120:], y[120:])
    assert table.index[0] == "tuned model"
    printed = capsys.readouterr().out

    class Naive:
        quantiles_ = np.array([0.2, 0.5, 0.8])

        def predict_steps(self, X):
            return np.repeat(y[119:159, None], STEPS, axis=1)

        def predict_steps_quantiles(self, X):
            missed = [
                np.quantile(y[lead + 1 : 120] - y[: 119 - lead], self.quantiles_)
                for lead in range(STEPS)
            ]
            return self.predict_steps(X)[..., None] + missed

    error, unit = (pinball_of_paths, "pinball loss") if quantiles else (rmse_of_paths, "path RMSE")
    assert f"{unit} on the search's folds: {-search.best_score_:.5g}" in printed
    tuned = error(search.best_estimator_, walk[120:], y[120:])
    naive = error(Naive(), walk[120:], y[120:])
    assert f"{unit} on these rows: {tuned:.5g} (last value: {naive:.5g})" in printed


def test_an_lstm_is_searched_by_its_paths():
    model = tiny(steps=3, season_length=None)
    search = search_bands(model, {"learning_rate": [0.01, 0.02]}, n_iter=1).fit(X, X[:, 0])
    by_hand = score_by_hand(rmse_of_paths, model.set_params(**search.best_params_), X[:, 0])
    assert search.best_score_ == pytest.approx(by_hand, rel=1e-5)
    assert "score: path RMSE, mean over leads 1 to 3" in search.summary()
    assert len(search.best_residuals_) == 90
