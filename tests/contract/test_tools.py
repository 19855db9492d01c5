"""`LSTMRegressor` inside scikit-learn's tools: each gives the number that is worked out without it.

The oracle is plain code around clone, fit and predict, and metrics in NumPy. All networks here run
in the programs of three columns, one output and a window of up to 8 rows.
"""

import math
import warnings
from functools import cache

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import BaggingRegressor, StackingRegressor, VotingRegressor
from sklearn.experimental import enable_halving_search_cv  # noqa: F401, allows the import below
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LinearRegression
from sklearn.metrics import get_scorer
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    ShuffleSplit,
    TimeSeriesSplit,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    validation_curve,
)
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from small_regressor import bare

from sklstm import BayesTimeSeriesSearchCV

N_ROWS = 60
N_TRAIN = 40
K = 4  # rows that a prediction looks back: window_length=4, horizon=1
RMSE = "neg_root_mean_squared_error"
CV = TimeSeriesSplit(n_splits=3, test_size=10)
FOLDS = [(np.arange(start), np.arange(start, start + 10)) for start in (30, 40, 50)]


def make_rows(n_rows=N_ROWS):
    """A random walk that has a logarithm, the day of the week, noise."""
    rng = np.random.default_rng(0)
    walk = 50 + rng.normal(size=n_rows).cumsum()
    return np.column_stack([walk, np.arange(n_rows) % 7, rng.normal(size=n_rows)])


X = make_rows()
y = X[:, 0]
NAMES = ["price", "weekday", "noise"]
FRAME = pd.DataFrame(X, columns=NAMES, index=pd.date_range("2024-01-01", periods=N_ROWS))
TRAIN, TEST = X[:N_TRAIN], X[N_TRAIN:]
WEIGHT = np.random.default_rng(1).uniform(0.1, 2.0, size=N_ROWS)


@cache
def fitted(**parameters):
    return bare(**parameters).fit(TRAIN, y[:N_TRAIN])


def rmse(y, predictions, weight=None):
    return np.sqrt(np.average((y - predictions) ** 2, weights=weight))


def score_by_hand(estimator, train, test, fit_weight=None, score_weight=None, X=X):
    """Minus the RMSE on the test rows of a clone fitted on the training rows."""
    fresh = clone(estimator)
    fit_params = {} if fit_weight is None else {"sample_weight": fit_weight[train]}
    take = X.iloc if isinstance(X, pd.DataFrame) else X
    fresh.fit(take[train], y[train], **fit_params)
    weight = None if score_weight is None else score_weight[test]
    return -rmse(y[test], fresh.predict(take[test]), weight)


def scores_by_hand(estimator, *weights):
    return [score_by_hand(estimator, train, test, *weights) for train, test in FOLDS]


def predict_by_hand(regressor, before, X):
    """The rule: row t reads the four rows before it; a missing one is the oldest there is."""
    block = np.concatenate([before, X])
    rows = np.arange(len(before), len(block))[:, None] - [4, 3, 2, 1]
    predictions = regressor.model_({"window": block[np.maximum(rows, 0)]}).numpy()[:, 0]
    if len(before) == 0:  # nothing to read for row 0
        predictions[0] = y[K:N_TRAIN].mean()
    return predictions


# Around one regressor


@pytest.mark.parametrize("output", ["default", "pandas", "polars"])
@pytest.mark.parametrize("rows", [X, FRAME], ids=["array", "frame"])
def test_a_pipeline_predicts_as_a_fit_on_the_scaled_rows(rows, output):
    """Oracle: rows scaled beforehand; whether the scaler drops the dates does not matter."""
    if output == "polars":
        pytest.importorskip("polars")
    pipeline = make_pipeline(StandardScaler(), bare()).set_output(transform=output)
    pipeline.fit(rows[:N_TRAIN], y[:N_TRAIN])
    scaler = StandardScaler().fit(TRAIN)
    expected = bare().fit(scaler.transform(TRAIN), y[:N_TRAIN]).predict(scaler.transform(TEST))
    np.testing.assert_array_equal(pipeline.predict(rows[N_TRAIN:]), expected)
    assert pipeline.score(rows[N_TRAIN:], y[N_TRAIN:]) == pytest.approx(
        1 - np.sum((y[N_TRAIN:] - expected) ** 2) / np.sum((y[N_TRAIN:] - y[N_TRAIN:].mean()) ** 2)
    )


def test_a_logged_target_is_forecast_from_its_logged_column_and_brought_back():
    """Oracle: logarithms taken by hand, and the exponential of the predictions."""
    log_price = ColumnTransformer(
        [("log", FunctionTransformer(np.log), [0])], remainder="passthrough"
    )
    model = TransformedTargetRegressor(
        make_pipeline(log_price, bare()), func=np.log, inverse_func=np.exp
    ).fit(TRAIN, y[:N_TRAIN])
    logged = X.copy()
    logged[:, 0] = np.log(y)
    by_hand = bare().fit(logged[:N_TRAIN], np.log(y[:N_TRAIN]))
    assert model.regressor_[-1].target_column_ == by_hand.target_column_ == [0]
    expected = np.exp(by_hand.predict(logged[N_TRAIN:]))
    np.testing.assert_allclose(model.predict(TEST), expected, rtol=1e-12)


def test_a_column_transformer_in_front_scales_and_reorders_columns():
    """Oracle: the columns put side by side by hand."""
    columns = ColumnTransformer(
        [("scale", StandardScaler(), ["noise", "price"]), ("keep", "passthrough", ["weekday"])]
    )
    model = make_pipeline(columns, bare(known_columns=2)).fit(FRAME[:N_TRAIN], y[:N_TRAIN])
    mean, std = TRAIN.mean(axis=0), TRAIN.std(axis=0)
    Z = np.column_stack([(X[:, [2, 0]] - mean[[2, 0]]) / std[[2, 0]], X[:, 1]])
    expected = bare(known_columns=2).fit(Z[:N_TRAIN], y[:N_TRAIN]).predict(Z[N_TRAIN:])
    np.testing.assert_allclose(model.predict(FRAME[N_TRAIN:]), expected, rtol=1e-6)


# Several regressors


def test_multi_output_regressor_fits_one_regressor_per_output():
    """Oracle: a fit of its own for each output."""
    Y = X[:, [0, 2]]
    model = MultiOutputRegressor(bare()).fit(TRAIN, Y[:N_TRAIN])
    expected = [bare().fit(TRAIN, Y[:N_TRAIN, output]).predict(TEST) for output in range(2)]
    np.testing.assert_array_equal(model.predict(TEST), np.column_stack(expected))


def test_voting_regressor_predicts_the_mean_of_its_members():
    """Oracle: the members fitted alone."""
    members = [("a", bare()), ("b", bare(random_state=1)), ("c", bare(window_length=6))]
    model = VotingRegressor(members).fit(TRAIN, y[:N_TRAIN])
    alone = [clone(member).fit(TRAIN, y[:N_TRAIN]).predict(TEST) for _, member in members]
    np.testing.assert_allclose(model.predict(TEST), np.mean(alone, axis=0), rtol=1e-12)
    weighted = clone(model).set_params(weights=[3, 2, 1]).fit(TRAIN, y[:N_TRAIN])
    expected = np.average(alone, axis=0, weights=[3, 2, 1])
    np.testing.assert_allclose(weighted.predict(TEST), expected, rtol=1e-12)


def test_stacking_of_fitted_members_is_least_squares_on_their_predictions():
    """Oracle: NumPy's least squares, on rows that the members were not trained on."""
    members = [("a", fitted()), ("b", fitted(random_state=1))]
    model = StackingRegressor(members, LinearRegression(), cv="prefit").fit(TEST, y[N_TRAIN:])
    predictions = [member.predict(TEST) for _, member in members]
    A = np.column_stack([*predictions, np.ones(len(TEST))])
    *coefficients, intercept = np.linalg.lstsq(A, y[N_TRAIN:])[0]
    np.testing.assert_allclose(model.final_estimator_.coef_, coefficients, rtol=1e-6)
    np.testing.assert_allclose(model.final_estimator_.intercept_, intercept, rtol=1e-6)


def test_tools_that_want_each_row_in_one_test_fold_refuse_a_time_series_split():
    """Oracle: scikit-learn. Members fitted before can be stacked, as above."""
    with pytest.raises(ValueError, match="partitions"):
        cross_val_predict(bare(), X, y, cv=CV)
    with pytest.raises(ValueError, match="partitions"):
        StackingRegressor([("a", bare())], LinearRegression(), cv=CV).fit(X, y)


def test_bagging_keeps_the_order_of_rows_as_it_draws_them_by_weights():
    """Oracle: members fitted on all rows in order, each weighed by how often it was drawn."""
    model = BaggingRegressor(bare(), n_estimators=3, random_state=0).fit(TRAIN, y[:N_TRAIN])
    alone = []
    for member, drawn in zip(model.estimators_, model.estimators_samples_, strict=True):
        counts = np.bincount(drawn, minlength=N_TRAIN)
        by_hand = bare(random_state=member.random_state)
        alone.append(by_hand.fit(TRAIN, y[:N_TRAIN], sample_weight=counts).predict(TEST))
    np.testing.assert_allclose(model.predict(TEST), np.mean(alone, axis=0), rtol=1e-12)


def test_bagging_without_drawing_is_the_mean_of_plain_fits():
    """Oracle: fits without weights, with the members' seeds."""
    model = BaggingRegressor(
        bare(), n_estimators=2, bootstrap=False, max_samples=1.0, random_state=0
    ).fit(TRAIN, y[:N_TRAIN])
    seeds = [member.random_state for member in model.estimators_]
    alone = [bare(random_state=seed).fit(TRAIN, y[:N_TRAIN]).predict(TEST) for seed in seeds]
    np.testing.assert_allclose(model.predict(TEST), np.mean(alone, axis=0), rtol=1e-12)


def test_bagging_of_a_pipeline_without_metadata_routing_gives_its_members_shuffled_rows():
    """Oracle: a fit on the rows in the order drawn. Put the bagging into the Pipeline instead."""
    pipeline = make_pipeline(StandardScaler(), bare())
    model = BaggingRegressor(pipeline, n_estimators=1, random_state=0).fit(TRAIN, y[:N_TRAIN])
    member, drawn = model.estimators_[0], model.estimators_samples_[0]
    assert np.any(np.diff(drawn) < 0)
    by_hand = clone(member).fit(TRAIN[drawn], y[drawn])
    np.testing.assert_array_equal(model.predict(TEST), by_hand.predict(TEST))


# Scores


def test_cross_val_score_is_a_loop_over_the_folds():
    """Oracle: the loop; each test fold continues its training fold."""
    scores = cross_val_score(bare(), X, y, cv=CV, scoring=RMSE)
    np.testing.assert_allclose(scores, scores_by_hand(bare()), rtol=1e-12)


@pytest.mark.parametrize("rows", [X, FRAME], ids=["array", "frame"])
def test_cross_validate_scores_training_rows_as_predicted_without_history(rows):
    """Oracle: windows cut by hand; training rows come from nowhere, test rows from these."""
    result = cross_validate(
        bare(), rows, y, cv=CV, scoring=RMSE, return_train_score=True, return_estimator=True
    )
    for (train, test), regressor, score, train_score in zip(
        FOLDS, result["estimator"], result["test_score"], result["train_score"], strict=True
    ):
        predictions = predict_by_hand(regressor, X[train], X[test])
        assert score == pytest.approx(-rmse(y[test], predictions), rel=1e-6)
        predictions = predict_by_hand(regressor, X[:0], X[train])
        predictions[0] = y[train][K:].mean()
        assert train_score == pytest.approx(-rmse(y[train], predictions), rel=1e-6)


@pytest.mark.parametrize("rows", [X, FRAME], ids=["array", "frame"])
def test_a_time_series_split_with_a_gap_and_at_most_24_training_rows(rows):
    """Oracle: the folds by hand. Dates tell that 2 rows are missing, and the row before stands in.

    Of arrays nothing tells it, and the training rows are taken to be adjacent.
    """
    cv = TimeSeriesSplit(n_splits=3, test_size=10, gap=2, max_train_size=24)
    result = cross_validate(bare(), rows, y, cv=cv, scoring=RMSE, return_estimator=True)
    for start, regressor, score in zip(
        (30, 40, 50), result["estimator"], result["test_score"], strict=True
    ):
        before = X[start - 26 : start - 2]
        by_hand = bare().fit(before, y[start - 26 : start - 2])
        assert regressor.loss_curve_ == by_hand.loss_curve_
        if rows is FRAME:
            before = np.concatenate([before, before[[-1, -1]]])
        test = slice(start, start + 10)
        predictions = predict_by_hand(by_hand, before, X[test])
        assert score == pytest.approx(-rmse(y[test], predictions), rel=1e-6)


def test_learning_curve_of_arrays_lets_the_test_rows_follow_the_first_training_rows():
    """Oracle: the loop; of each training fold the tool takes the first rows, not the last."""
    sizes, train_scores, scores = learning_curve(
        bare(), X, y, train_sizes=[15, 30], cv=CV, scoring=RMSE
    )
    for row, size in enumerate(sizes):
        for fold, (train, test) in enumerate(FOLDS):
            part = train[:size]
            expected = score_by_hand(bare(), part, test), score_by_hand(bare(), part, part)
            found = scores[row, fold], train_scores[row, fold]
            np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_learning_curve_of_dated_rows_warns_of_the_rows_it_leaves_out():
    """Oracle: the loop; the first 15 training rows are 15 and more days before the test rows."""
    with pytest.warns(UserWarning, match="More than 4 rows"):
        _, _, scores = learning_curve(bare(), FRAME, y, train_sizes=[15], cv=CV, scoring=RMSE)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="More than 4 rows")
        expected = [score_by_hand(bare(), train[:15], test, X=FRAME) for train, test in FOLDS]
    np.testing.assert_allclose(scores[0], expected, rtol=1e-12)


def test_validation_curve_is_the_loop_over_values_and_folds():
    """Oracle: the loop."""
    _, scores = validation_curve(
        bare(), X, y, param_name="epochs", param_range=[1, 3], cv=CV, scoring=RMSE
    )
    expected = [scores_by_hand(bare(epochs=epochs)) for epochs in (1, 3)]
    np.testing.assert_allclose(scores, expected, rtol=1e-12)


# Searches


def assert_found_by_hand(search, estimator):
    """Each candidate's fold scores are those of the loop, and the best was fitted on all rows."""
    for row, params in enumerate(search.cv_results_["params"]):
        found = [search.cv_results_[f"split{fold}_test_score"][row] for fold in range(3)]
        expected = scores_by_hand(clone(estimator).set_params(**params))
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    means = [
        np.mean(scores_by_hand(clone(estimator).set_params(**params)))
        for params in search.cv_results_["params"]
    ]
    assert search.best_params_ == search.cv_results_["params"][int(np.argmax(means))]
    best = clone(estimator).set_params(**search.best_params_).fit(X, y)
    later = make_rows(80)[N_ROWS:]
    np.testing.assert_array_equal(search.predict(later), best.predict(later))


@pytest.mark.parametrize("estimator", [bare(), make_pipeline(StandardScaler(), bare())])
def test_grid_search_scores_each_candidate_as_the_loop(estimator):
    """Oracle: the loop, over the grid written out."""
    prefix = "lstmregressor__" if isinstance(estimator, Pipeline) else ""
    grid = {f"{prefix}learning_rate": [0.001, 0.1], f"{prefix}window_length": [2, 4]}
    search = GridSearchCV(estimator, grid, cv=CV, scoring=RMSE).fit(X, y)
    pairs = [tuple(params.values()) for params in search.cv_results_["params"]]
    assert pairs == [(0.001, 2), (0.001, 4), (0.1, 2), (0.1, 4)]
    assert_found_by_hand(search, estimator)


def test_randomized_search_scores_each_candidate_as_the_loop():
    """Oracle: the loop; of 3 values 3 different ones are drawn."""
    values = [0.001, 0.01, 0.1]
    search = RandomizedSearchCV(
        bare(), {"learning_rate": values}, n_iter=3, cv=CV, scoring=RMSE, random_state=0
    ).fit(X, y)
    assert sorted(params["learning_rate"] for params in search.cv_results_["params"]) == values
    assert_found_by_hand(search, bare())


def test_halving_search_spends_epochs_as_its_resource():
    """Oracle: the tournament by hand: 1, 2, 4 epochs for 4, 2, 1 candidates."""
    rates = [0.001, 0.01, 0.05, 0.1]
    search = HalvingGridSearchCV(
        bare(),
        {"learning_rate": rates},
        resource="epochs",
        min_resources=1,
        max_resources=4,
        factor=2,
        cv=CV,
        scoring=RMSE,
        random_state=0,
    ).fit(X, y)
    played = []
    for epochs in (1, 2, 4):
        scored = {
            rate: np.mean(scores_by_hand(bare(learning_rate=rate, epochs=epochs))) for rate in rates
        }
        played += [(epochs, rate, scored[rate]) for rate in sorted(rates)]
        rates = sorted(rates, key=scored.get)[-(len(rates) // 2) :]
    results = search.cv_results_
    found = [
        (params["epochs"], params["learning_rate"], score)
        for params, score in zip(results["params"], results["mean_test_score"], strict=True)
    ]
    np.testing.assert_allclose(sorted(found), played, rtol=1e-12)
    assert search.best_params_ == {"learning_rate": rates[0], "epochs": 4}


# Tools that shuffle


def halve_rows(X, y):
    search = HalvingGridSearchCV(
        bare(), {"units": [3, 4]}, cv=CV, min_resources=30, error_score="raise", random_state=0
    )
    search.fit(X, y)


SHUFFLING = {
    "ShuffleSplit": lambda X, y: cross_val_score(
        bare(), X, y, cv=ShuffleSplit(random_state=0), error_score="raise"
    ),
    "halving over rows": halve_rows,
    "learning_curve(shuffle=True)": lambda X, y: learning_curve(
        bare(), X, y, train_sizes=[20], cv=CV, shuffle=True, random_state=0, error_score="raise"
    ),
    "permutation_importance on a sample": lambda X, y: permutation_importance(
        bare().fit(X, y), X, y, max_samples=0.5, random_state=0
    ),
}


@pytest.mark.parametrize("tool", SHUFFLING)
def test_rows_that_a_tool_shuffles_are_refused_where_their_dates_tell(tool):
    """Oracle: the rule: dates must be sorted. Arrays have none, so there nothing can tell."""
    with pytest.raises(ValueError, match="must be sorted"):
        SHUFFLING[tool](FRAME, y)
    SHUFFLING[tool](X, y)


# Inspection


@pytest.mark.parametrize("rows", [X, FRAME], ids=["array", "frame"])
def test_permutation_importance_is_the_loss_of_score_when_a_column_is_permuted(rows):
    """Oracle: the same permutations by hand; a column that is dropped before has none at all."""
    read = ColumnTransformer([("read", "passthrough", [0, 1, 2])])
    wide = rows.assign(dropped=range(N_ROWS)) if rows is FRAME else np.c_[X, np.arange(N_ROWS)]
    model = make_pipeline(read, bare()).fit(wide[:N_TRAIN], y[:N_TRAIN])
    result = permutation_importance(
        model,
        wide[N_TRAIN:],
        y[N_TRAIN:],
        scoring=RMSE,
        n_repeats=3,
        max_samples=1.0,
        random_state=0,
    )
    regressor, seed = model[-1], np.random.RandomState(0).randint(np.iinfo(np.int32).max + 1)
    baseline = -rmse(y[N_TRAIN:], predict_by_hand(regressor, TRAIN, TEST))
    for column in range(3):
        rng, order = np.random.RandomState(seed), np.arange(len(TEST))
        permuted = TEST.copy()
        for repeat in range(3):
            rng.shuffle(order)
            permuted[:, column] = permuted[order, column]
            score = -rmse(y[N_TRAIN:], predict_by_hand(regressor, TRAIN, permuted))
            found = result.importances[column, repeat]
            assert found == pytest.approx(baseline - score, rel=1e-4, abs=1e-5)
    assert result.importances_mean[0] > 0
    np.testing.assert_array_equal(result.importances[3], 0)


CHANGED_ROWS = {
    "rows after training": (TEST, TRAIN),
    "dated rows after training": (FRAME[N_TRAIN:], TRAIN),
    "dated training rows": (FRAME[:N_TRAIN], X[:0]),
    # Once changed, training rows without labels look like rows that follow.
    "training rows": (TRAIN, TRAIN),
}


@pytest.mark.parametrize("case", CHANGED_ROWS)
def test_partial_dependence_is_the_mean_prediction_with_a_column_set_to_each_value(case):
    """Oracle: windows cut by hand out of the changed rows, and the history they have."""
    rows, before = CHANGED_ROWS[case]
    regressor = fitted()
    if isinstance(rows, pd.DataFrame):
        regressor = bare().fit(FRAME[:N_TRAIN], y[:N_TRAIN])
    result = partial_dependence(regressor, rows, [1], method="brute", kind="both")
    np.testing.assert_array_equal(result["grid_values"][0], range(7))
    for value in range(7):
        changed = np.asarray(rows, dtype=np.float64).copy()  # pandas 2.2 gives np.array a view
        changed[:, 1] = value
        expected = predict_by_hand(regressor, before, changed)
        np.testing.assert_allclose(result["individual"][0, :, value], expected, rtol=1e-6)
        assert result["average"][0, value] == pytest.approx(expected.mean(), rel=1e-6)


# sample_weight, with metadata routing and without

HAND_ON = {
    "Pipeline": lambda regressor: Pipeline([("as is", "passthrough"), ("model", regressor)]),
    "TransformedTargetRegressor": TransformedTargetRegressor,
    "VotingRegressor": lambda regressor: VotingRegressor([("model", regressor)]),
    "MultiOutputRegressor": MultiOutputRegressor,
}


@pytest.mark.parametrize("routing", [False, True])
@pytest.mark.parametrize("tool", HAND_ON)
def test_tools_hand_sample_weight_on(tool, routing):
    """Oracle: the regressor fitted with the weights; without them it is another."""
    by_hand = bare().fit(TRAIN, y[:N_TRAIN], sample_weight=WEIGHT[:N_TRAIN]).predict(TEST)
    assert np.any(by_hand != fitted().predict(TEST))
    with sklearn.config_context(enable_metadata_routing=routing):
        regressor = bare().set_fit_request(sample_weight=True) if routing else bare()
        name = "model__sample_weight" if tool == "Pipeline" and not routing else "sample_weight"
        target = y[:N_TRAIN, None] if tool == "MultiOutputRegressor" else y[:N_TRAIN]
        model = HAND_ON[tool](regressor).fit(TRAIN, target, **{name: WEIGHT[:N_TRAIN]})
        np.testing.assert_array_equal(np.ravel(model.predict(TEST)), by_hand)


def make_search(kind, estimator, scoring=RMSE):
    rates = {"learning_rate": [0.01, 0.1]}
    if isinstance(estimator, Pipeline):
        rates = {f"lstmregressor__{name}": values for name, values in rates.items()}
    more = {"n_iter": 2, "random_state": 0} if kind is BayesTimeSeriesSearchCV else {}
    return kind(estimator, rates, cv=CV, scoring=scoring, **more)


def assert_scores(search, fit_weight, score_weight):
    """The fold scores are those of the loop with these weights; the refit is the weighted one."""
    rates = [next(iter(params.values())) for params in search.cv_results_["params"]]
    assert sorted(rates) == [0.01, 0.1]
    for row, rate in enumerate(rates):
        found = [search.cv_results_[f"split{fold}_test_score"][row] for fold in range(3)]
        expected = scores_by_hand(bare(learning_rate=rate), fit_weight, score_weight)
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    regressor = bare(learning_rate=next(iter(search.best_params_.values())))
    later = make_rows(80)[N_ROWS:]
    expected = regressor.fit(X, y, sample_weight=fit_weight).predict(later)
    np.testing.assert_array_equal(search.predict(later), expected)


BOTH_SEARCHES = pytest.mark.parametrize("kind", [GridSearchCV, BayesTimeSeriesSearchCV])


def test_weights_matter_in_the_fit_and_in_the_score():
    """Oracle: the loop with weights and without: the tests below can tell."""
    plain, weighted = scores_by_hand(bare()), scores_by_hand(bare(), WEIGHT, WEIGHT)
    in_fit = scores_by_hand(bare(), WEIGHT)
    for scores, others in ((plain, in_fit), (in_fit, weighted), (plain, weighted)):
        assert np.max(np.abs(np.divide(scores, others) - 1)) > 1e-3


@BOTH_SEARCHES
def test_searches_without_routing_weigh_the_fits_and_the_scores(kind):
    """Oracle: the loop, weighted in fit and metric."""
    search = make_search(kind, bare()).fit(X, y, sample_weight=WEIGHT)
    assert_scores(search, WEIGHT, WEIGHT)


@BOTH_SEARCHES
def test_searches_without_routing_hand_a_steps_weights_to_its_fit_only(kind):
    """Oracle: the loop, weighted in fit."""
    pipeline = Pipeline([("as is", "passthrough"), ("lstmregressor", bare())])
    search = make_search(kind, pipeline).fit(X, y, lstmregressor__sample_weight=WEIGHT)
    assert_scores(search, WEIGHT, None)


@BOTH_SEARCHES
@pytest.mark.parametrize("weigh_fit, weigh_score", [(True, True), (True, False), (False, True)])
@pytest.mark.parametrize("in_pipeline", [True, False])
def test_searches_with_routing_weigh_what_asked_for_weights(
    kind, weigh_fit, weigh_score, in_pipeline
):
    """Oracle: the loop, weighted in fit or metric as set_fit_request and set_score_request say."""
    with sklearn.config_context(enable_metadata_routing=True):
        regressor = bare().set_fit_request(sample_weight=weigh_fit)
        scoring = get_scorer(RMSE).set_score_request(sample_weight=weigh_score)
        if in_pipeline:
            regressor = Pipeline([("as is", "passthrough"), ("lstmregressor", regressor)])
        search = make_search(kind, regressor, scoring).fit(X, y, sample_weight=WEIGHT)
        assert_scores(search, WEIGHT if weigh_fit else None, WEIGHT if weigh_score else None)


def test_cross_val_score_with_routing_weighs_fit_and_score():
    """Oracle: the loop, weighted in fit and metric."""
    with sklearn.config_context(enable_metadata_routing=True):
        scores = cross_val_score(
            bare().set_fit_request(sample_weight=True),
            X,
            y,
            cv=CV,
            scoring=get_scorer(RMSE).set_score_request(sample_weight=True),
            params={"sample_weight": WEIGHT},
        )
    np.testing.assert_allclose(scores, scores_by_hand(bare(), WEIGHT, WEIGHT), rtol=1e-12)


# Intervals of another package


# MAPIE asks a fitted estimator for the prediction of one row of zeros, without names.
@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
@pytest.mark.parametrize("confidence_level", [0.8, 0.9])
@pytest.mark.parametrize("rows", [X, FRAME], ids=["array", "frame"])
def test_mapie_puts_the_quantile_of_the_absolute_residuals_around_predictions(
    rows, confidence_level
):
    """Oracle: of n residuals the one of rank ceil((n + 1) level); rows move on by `update`."""
    mapie = pytest.importorskip("mapie.regression")
    regressor = bare().fit(rows[:30], y[:30])
    conformal = mapie.SplitConformalRegressor(
        regressor, confidence_level=confidence_level, prefit=True
    ).conformalize(rows[30:50], y[30:50])
    residuals = np.abs(y[30:50] - predict_by_hand(regressor, X[:30], X[30:50]))
    half_width = np.sort(residuals)[math.ceil(21 * confidence_level) - 1]
    regressor.update(rows[30:50])  # else the next rows would be taken to follow row 29
    points, intervals = conformal.predict_interval(rows[50:])
    expected = predict_by_hand(regressor, X[:50], X[50:])
    np.testing.assert_allclose(points, expected, rtol=1e-6)
    np.testing.assert_allclose(intervals[:, 0, 0], expected - half_width, rtol=1e-6)
    np.testing.assert_allclose(intervals[:, 1, 0], expected + half_width, rtol=1e-6)


# Workers


@pytest.mark.parametrize("backend", ["threading", pytest.param("loky", marks=pytest.mark.slow)])
def test_two_workers_give_the_bits_of_one(backend):
    """Oracle: the scores of one worker."""
    regressor = bare(dropout=0.3)
    expected = cross_val_score(regressor, X, y, cv=CV, scoring=RMSE, n_jobs=1)
    with joblib.parallel_config(backend=backend, n_jobs=2):
        scores = cross_val_score(regressor, X, y, cv=CV, scoring=RMSE)
    np.testing.assert_array_equal(scores, expected)
