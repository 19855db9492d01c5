"""Conformal intervals: which rows calibrate, how wide they are, how they follow drift."""

import pickle
import warnings
from contextlib import nullcontext

import numpy as np
import pandas as pd
import pytest
import sklearn
from hypothesis import given
from hypothesis import strategies as st
from mapie.regression import SplitConformalRegressor
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils.estimator_checks import check_estimator
from small_regressor import tiny
from small_search import CHEAP, draw_rows

from sklstm import BayesTimeSeriesSearchCV, LastValueRegressor, SeasonalNaiveRegressor
from sklstm._intervals.conformal import ConformalRegressor
from sklstm._intervals.widths import conformal_quantile
from sklstm.metrics import interval_coverage

X, Y, RNG = draw_rows(120)
WEIGHT = RNG.uniform(0.1, 2.0, size=120)
WALK = RNG.normal(size=(120, 2)).cumsum(axis=0)
ALPHA = {"alpha": (1e-3, 1e3, "log-uniform")}


class Zero(RegressorMixin, BaseEstimator):
    """Predicts zeros, so that the targets are the misses; keeps what it was fitted on."""

    def fit(self, X, y, sample_weight=None):
        self.fitted_on_ = np.asarray(X), np.asarray(y), sample_weight
        return self

    def predict(self, X):
        return np.zeros((len(X), *self.fitted_on_[1].shape[1:]))


def calibrate(scores, **parameters):
    """Fit a ConformalRegressor whose misses in calibration are these."""
    scores = np.asarray(scores, dtype=float)
    rows = np.zeros((2 * len(scores), 1))
    parameters = {"calibration_fraction": 0.5, **parameters}
    return ConformalRegressor(Zero(), **parameters).fit(rows, np.concatenate([scores, scores]))


def find_half_width(regressor):
    low, high = regressor.predict_interval([[0.0]])[0]
    assert low == -high
    return high


# Which rows calibrate


def test_the_last_rows_calibrate_and_are_not_trained_on():
    """Oracle: the rule by hand; of 10 rows, 0.25 is 3, rounded up."""
    rows, y = np.arange(10.0)[:, None] ** 2 % 7, np.arange(10.0)
    regressor = ConformalRegressor(Zero(), calibration_fraction=0.25).fit(rows, y)
    fitted_on, targets, _ = regressor.estimator_.fitted_on_
    assert fitted_on.tolist() == rows[:7].tolist()
    assert targets.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert regressor.scores_.tolist() == [[7], [8], [9]]


@pytest.mark.parametrize("lead", [0, 1, 5])
def test_no_training_target_lies_in_the_calibration_rows(lead):
    """Oracle: the rule by hand; row t's target is row t + lead, and row 90 calibrates first."""
    rows, y = WALK[: 120 - lead], WALK[lead:, 0]
    regressor = ConformalRegressor(LinearRegression(), calibration_fraction=0.25)
    with nullcontext() if lead else pytest.warns(UserWarning, match="column 0 of X in the same"):
        regressor.fit(rows, y)
    n_train = len(rows) - int(np.ceil(len(rows) / 4)) - lead
    plain = LinearRegression().fit(rows[:n_train], y[:n_train])
    missed = np.abs(y - plain.predict(rows))[n_train + lead :]
    np.testing.assert_allclose(regressor.scores_[:, 0], missed)


def test_early_stopping_has_a_tail_of_its_own():
    """Oracle: the same regressor, fitted on the rows that do not calibrate."""
    stopping = tiny(early_stopping=True, epochs=3)
    regressor = ConformalRegressor(stopping, calibration_fraction=0.25).fit(WALK, WALK[:, 0])
    alone = stopping.fit(WALK[:90], WALK[:90, 0])
    assert regressor.estimator_.validation_scores_ == alone.validation_scores_
    missed = np.abs(WALK[90:, 0] - alone.predict(WALK[90:]))
    np.testing.assert_array_equal(regressor.scores_[:, 0], missed)


def test_weights_are_cut_to_the_training_rows():
    """Oracle: Ridge on these rows."""
    regressor = ConformalRegressor(Ridge(), calibration_fraction=0.25)
    regressor.fit(X, Y, sample_weight=WEIGHT)
    plain = Ridge().fit(X[:90], Y[:90], sample_weight=WEIGHT[:90])
    np.testing.assert_array_equal(regressor.predict(X), plain.predict(X))


@pytest.mark.parametrize("asks", [True, False])
def test_metadata_routing_sends_weights_where_they_are_asked_for(asks):
    """Oracle: Ridge with weights and without."""
    with sklearn.config_context(enable_metadata_routing=True):
        ridge = Ridge().set_fit_request(sample_weight=asks)
        regressor = ConformalRegressor(ridge, calibration_fraction=0.25)
        if not asks:
            with pytest.raises(TypeError, match="sample_weight"):
                regressor.fit(X, Y, sample_weight=WEIGHT)
            return
        regressor.fit(X, Y, sample_weight=WEIGHT)
    plain = Ridge().fit(X[:90], Y[:90], sample_weight=WEIGHT[:90])
    np.testing.assert_array_equal(regressor.predict(X), plain.predict(X))


def test_too_few_rows_to_train_on_are_told():
    """Oracle: by hand; 0.95 of 20 rows are 19, and the target is one row later."""
    regressor = ConformalRegressor(Ridge(), calibration_fraction=0.95)
    with pytest.raises(ValueError, match=r"the last 19 of n_samples = 20 rows .* and 1 rows"):
        regressor.fit(WALK[:20], WALK[1:21, 0])


# What stands before the rows to predict

HISTORIES = {
    "alone": lambda model: model,
    "pipeline": lambda model: make_pipeline(StandardScaler(), model),
    "target": lambda model: TransformedTargetRegressor(model, transformer=StandardScaler()),
    "conformal": lambda model: ConformalRegressor(model, calibration_fraction=0.5),
    "search": lambda model: GridSearchCV(model, {"history": ["auto"]}, cv=TimeSeriesSplit(2)),
}


@pytest.mark.parametrize("wrap", HISTORIES.values(), ids=HISTORIES)
@pytest.mark.parametrize("lead", [0, 1, 3])
@pytest.mark.parametrize("is_frame", [False, True], ids=["array", "frame"])
def test_later_rows_are_predicted_with_all_rows_before_them(wrap, lead, is_frame):
    """Oracle: the last value, h rows before the row at which it is known: none is forgotten."""
    horizon = 0 if lead else 1
    baseline = LastValueRegressor(horizon=horizon)
    rows = pd.DataFrame(WALK) if is_frame else WALK
    y = WALK[lead:, 0]
    regressor = ConformalRegressor(wrap(baseline), calibration_fraction=0.2)
    regressor.fit(rows[:100], y[:100])
    last = WALK[100 - horizon : 117 - horizon, 0]
    np.testing.assert_allclose(regressor.predict(rows[100:117]), last)
    missed = np.abs(y[80:100] - WALK[80 - horizon : 100 - horizon, 0])
    np.testing.assert_allclose(regressor.scores_[:, 0], missed)
    regressor.update(rows[100:110], y[100:110])
    np.testing.assert_allclose(regressor.predict(rows[110:117]), last[10:])


def test_an_lstm_predicts_as_if_all_rows_were_one_block():
    """Oracle: the regressor fitted on the training rows, and all later rows as one X."""
    regressor = ConformalRegressor(tiny(), calibration_fraction=0.25).fit(WALK[:100], WALK[:100, 0])
    block = tiny().fit(WALK[:75], WALK[:75, 0]).predict(WALK[75:])
    np.testing.assert_allclose(regressor.scores_[:, 0], np.abs(WALK[75:100, 0] - block[:25]))
    np.testing.assert_allclose(regressor.predict(WALK[100:]), block[25:], rtol=1e-6)
    regressor.update(WALK[100:105], WALK[100:105, 0])
    np.testing.assert_allclose(regressor.predict(WALK[105:]), block[30:], rtol=1e-6)
    regressor.update(WALK[105:110], WALK[105:110, 0])
    np.testing.assert_allclose(regressor.forecast(), block[35:36], rtol=1e-6)


def test_a_forecast_has_the_interval_that_the_rows_have_once_they_are_there():
    """Oracle: predict_interval."""
    baseline = SeasonalNaiveRegressor(season_length=4, horizon=3)
    regressor = ConformalRegressor(baseline, coverage=0.5).fit(WALK[:100], WALK[:100, 0])
    expected = regressor.predict_interval(WALK[100:103])
    np.testing.assert_array_equal(regressor.forecast_interval(), expected)
    np.testing.assert_array_equal(regressor.forecast(), expected.mean(axis=1))
    after = regressor.predict_interval(WALK[100:])
    np.testing.assert_array_equal(regressor.forecast_interval(WALK[100:110]), after[10:13])


def test_known_rows_reach_the_forecast():
    """Oracle: predict_interval."""
    regressor = ConformalRegressor(tiny(known_columns=1, horizon=2), coverage=0.5)
    regressor.fit(WALK[:100], WALK[:100, 0])
    known = WALK[100:102].copy()
    known[:, 0] = np.nan
    expected = regressor.predict_interval(WALK[100:102])
    np.testing.assert_allclose(regressor.forecast_interval(known=known), expected, rtol=1e-6)


def test_what_cannot_forecast_has_no_forecast():
    assert not hasattr(ConformalRegressor(Ridge()), "forecast_interval")
    assert not hasattr(ConformalRegressor(Ridge()).fit(X, Y), "forecast")
    assert hasattr(ConformalRegressor(tiny()), "forecast_interval")


# How wide an interval is


@given(
    scores=st.lists(st.integers(0, 10), min_size=1, max_size=30),
    percent=st.integers(1, 99),
)
def test_the_half_width_is_the_score_of_the_rank(scores, percent):
    """Oracle: the rank in whole numbers, where nothing is rounded, and a sorted list."""
    rank = -(-(len(scores) + 1) * percent // 100)
    regressor = calibrate(scores, coverage=percent / 100)
    if rank <= len(scores):
        assert find_half_width(regressor) == sorted(scores)[rank - 1]
    else:
        with pytest.raises(ValueError, match=f"there are {len(scores)}"):
            regressor.predict_interval([[0.0]])


@pytest.mark.parametrize(("coverage", "needed"), [(0.9, 9), (0.95, 19), (0.99, 99), (0.5, 1)])
def test_a_coverage_needs_so_many_rows(coverage, needed):
    """Oracle: by hand; of 9 rows, and one more, 9 are 0.9. The message tells them."""
    calibrate(np.ones(needed), coverage=coverage).predict_interval([[0.0]])
    if needed > 1:
        with pytest.raises(ValueError, match=f"at least {needed} rows .* are {needed - 1}"):
            calibrate(np.ones(needed - 1), coverage=coverage).predict_interval([[0.0]])


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.9])
def test_mapie_puts_the_same_intervals_around(coverage):
    """Oracle: MAPIE's split conformal regressor on the same rows."""
    regressor = ConformalRegressor(Ridge(), coverage=coverage, calibration_fraction=0.3)
    regressor.fit(X[:100], Y[:100])
    peer = SplitConformalRegressor(Ridge(), confidence_level=coverage, prefit=False)
    peer.fit(X[:70], Y[:70]).conformalize(X[70:100], Y[70:100])
    _, intervals = peer.predict_interval(X[100:])
    np.testing.assert_allclose(regressor.predict_interval(X[100:]), intervals[:, :, 0])


def test_each_output_has_a_width_of_its_own():
    """Oracle: each output alone."""
    targets = np.column_stack([Y, 10 * X[:, 0] ** 2])
    together = ConformalRegressor(Ridge(), coverage=0.8).fit(X[:100], targets[:100])
    interval = together.predict_interval(X[100:])
    assert interval.shape == (20, 2, 2)
    for output in (0, 1):
        alone = ConformalRegressor(Ridge(), coverage=0.8).fit(X[:100], targets[:100, output])
        np.testing.assert_allclose(interval[:, output], alone.predict_interval(X[100:]))


def test_a_column_of_targets_stays_a_column():
    """Oracle: the same targets without the axis."""
    regressor = ConformalRegressor(LinearRegression(), coverage=0.8)
    flat = regressor.fit(X, Y).predict_interval(X)
    column = regressor.fit(X, Y[:, None]).predict_interval(X)
    np.testing.assert_allclose(column, flat[:, None])


def measure_coverage(seed, estimator):
    """Coverage of 200 rows of iid noise, after 99 that calibrate: 0.9 of 100 is 90 exactly."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(695, 2))
    y = rows @ [1.0, -2.0] + rng.standard_t(3, size=695)
    regressor = ConformalRegressor(estimator).fit(rows[:495], y[:495])
    return interval_coverage(y[495:], regressor.predict_interval(rows[495:]))


def test_the_mean_coverage_on_iid_noise_is_the_nominal_one():
    """Oracle: the theorem of split conformal prediction; 50 seeds tell their own standard error.

    The tree learns its training rows by heart: had it seen those that calibrate, the intervals
    would have no width.
    """
    tree = DecisionTreeRegressor(random_state=0)
    coverages = [measure_coverage(seed, tree) for seed in range(50)]
    error = np.std(coverages, ddof=1) / np.sqrt(50)
    assert error < 0.01
    assert abs(np.mean(coverages) - 0.9) < 3 * error


def test_calibration_on_rows_that_were_trained_on_does_not_cover():
    """Oracle: a tree that has seen all rows misses none, so that the intervals have no width."""

    class Peeking(DecisionTreeRegressor):
        def fit(self, X, y):
            return super().fit(*seen)

    rng = np.random.default_rng(0)
    rows = rng.normal(size=(695, 2))
    y = rows @ [1.0, -2.0] + rng.standard_t(3, size=695)
    seen = rows[:495], y[:495]
    regressor = ConformalRegressor(Peeking(random_state=0)).fit(*seen)
    assert interval_coverage(y[495:], regressor.predict_interval(rows[495:])) < 0.1


# Following drift


def test_adaptive_by_hand():
    """Oracle: by hand. Four scores, coverage 0.6, step 0.1: the rank is ceil(5 (1 - alpha)).

    alpha 0.4, rank 3, width 3: a score of 5 is outside, alpha falls by 0.06 to 0.34, and 1 goes.
    Rank 4 of 2, 3, 4, 5 is 5: a score of 0 is inside, alpha rises by 0.04 to 0.38, and 2 goes.
    Rank 4 of 0, 3, 4, 5 is 5.
    """
    regressor = calibrate([1, 2, 3, 4], coverage=0.6, method="adaptive", step_size=0.1)
    assert find_half_width(regressor) == 3
    regressor.update([[0.0]], [5.0])
    assert regressor.alpha_ == pytest.approx([0.34])
    assert regressor.scores_.tolist() == [[2], [3], [4], [5]]
    assert find_half_width(regressor) == 5
    regressor.update([[0.0]], [0.0])
    assert regressor.alpha_ == pytest.approx([0.38])
    assert regressor.scores_.tolist() == [[3], [4], [5], [0]]
    assert find_half_width(regressor) == 5


@given(
    first=st.lists(st.integers(0, 10), min_size=9, max_size=20),
    later=st.lists(st.integers(0, 10), min_size=1, max_size=60),
    step_size=st.floats(0.01, 1),
    percent=st.integers(10, 90),
)
def test_the_share_of_misses_is_near_its_aim_whatever_comes(first, later, step_size, percent):
    """Oracle: Gibbs & Candes, Proposition 4.1: |mean(err) - alpha| <= (max(a, 1 - a) + g) / (g T).

    A miss is counted by the interval that was given before each row, which is nothing from
    alpha = 1 on.
    """
    coverage = percent / 100
    regressor = calibrate(first, coverage=coverage, method="adaptive", step_size=step_size)
    n_misses = 0
    for score in later:
        n_misses += regressor.alpha_[0] >= 1 or score > find_half_width(regressor)
        regressor.update([[0.0]], [score])
    bound = (max(coverage, 1 - coverage) + step_size) / (step_size * len(later))
    assert abs(n_misses / len(later) - (1 - coverage)) <= bound + 1e-9


def test_rows_in_one_update_count_one_after_the_other():
    """Oracle: an update for each."""
    later = RNG.exponential(size=(30, 2))
    first = RNG.exponential(size=(20, 2))
    settings = {"method": "adaptive", "step_size": 0.1}
    at_once = calibrate(first, **settings).update(np.zeros((30, 1)), later)
    one_by_one = calibrate(first, **settings)
    for score in later:
        one_by_one.update([[0.0]], score[None])
    np.testing.assert_array_equal(at_once.scores_, one_by_one.scores_)
    np.testing.assert_array_equal(at_once.alpha_, one_by_one.alpha_)


def test_from_alpha_0_on_an_interval_is_infinite_and_from_1_on_it_has_no_width():
    """Oracle: the article's definition of the quantile."""
    regressor = calibrate(np.arange(1, 10), method="adaptive", step_size=1.0)
    regressor.update([[0.0]], [100.0])  # alpha is 0.1 + 0.1 - 1
    assert regressor.alpha_[0] <= 0
    assert find_half_width(regressor) == np.inf
    regressor.update(np.zeros((18, 1)), np.zeros(18))  # each row inside adds 0.1
    assert regressor.alpha_ == pytest.approx([1.0])
    assert find_half_width(regressor) == 0


def test_split_keeps_its_scores():
    """Oracle: the intervals before."""
    regressor = calibrate(np.arange(1, 10))
    regressor.update(np.zeros((50, 1)), np.full(50, 100.0))
    assert find_half_width(regressor) == 9
    assert len(regressor.scores_) == 9


def test_where_noise_grows_adaptive_covers_more_than_split():
    """Oracle: noise of which the rows to come have up to three times as much as those before."""
    rng = np.random.default_rng(0)
    spread = np.linspace(1, 3, 2000)
    y = spread * rng.normal(size=2000)
    rows = np.zeros((2000, 1))
    coverage = {}
    for method in ("split", "adaptive"):
        regressor = ConformalRegressor(Zero(), method=method).fit(rows[:1000], y[:1000])
        inside = []
        for t in range(1000, 2000):
            inside.append(interval_coverage(y[t : t + 1], regressor.predict_interval(rows[:1])))
            regressor.update(rows[:1], y[t : t + 1])
        coverage[method] = np.mean(inside)
    assert coverage["split"] < 0.85
    assert coverage["adaptive"] == pytest.approx(0.9, abs=0.02)


# From a search


def make_search(estimator=None, space=ALPHA, **changes):
    settings = {"n_iter": 4, "cv": 3, "optimizer_kwargs": CHEAP, "random_state": 0, **changes}
    return BayesTimeSeriesSearchCV(Ridge() if estimator is None else estimator, space, **settings)


def test_a_searchs_fold_residuals_calibrate():
    """Oracle: fits of the best candidate on each fold, by hand."""
    search = make_search().fit(X, Y)
    regressor = ConformalRegressor.from_search(search, coverage=0.8)
    folds = TimeSeriesSplit(3).split(X)
    best = Ridge(**search.best_params_)
    missed = [np.abs(Y[b] - best.fit(X[a], Y[a]).predict(X[b])) for a, b in folds]
    np.testing.assert_allclose(regressor.scores_[:, 0], np.concatenate(missed))
    prediction = search.predict(X)
    half_width = np.sort(np.concatenate(missed))[int(np.ceil(91 * 0.8)) - 1]
    expected = np.column_stack([prediction - half_width, prediction + half_width])
    np.testing.assert_allclose(regressor.predict_interval(X), expected)


def test_a_search_gives_its_residuals_for_nothing():
    """Oracle: the fits and predictions of all folds, counted, and those of the refit."""
    calls = []

    class Counting(Ridge):
        def fit(self, X, y):
            calls.append("fit")
            return super().fit(X, y)

        def predict(self, X):
            calls.append("predict")
            return super().predict(X)

    search = make_search(Counting(), pruning=False).fit(X, Y)
    ConformalRegressor.from_search(search)
    assert (calls.count("fit"), calls.count("predict")) == (4 * 3 + 1, 4 * 3)


def test_the_search_is_left_as_it_is():
    """Oracle: its own forecast."""
    search = make_search(LastValueRegressor(), {"horizon": [1, 2]}, n_iter=2)
    search.fit(WALK[:100], WALK[:100, 0])
    regressor = ConformalRegressor.from_search(search, method="adaptive")
    regressor.update(WALK[100:], WALK[100:, 0])
    assert regressor.forecast() == WALK[-1, 0]
    assert search.forecast() == WALK[99, 0]
    assert clone(regressor).fit(WALK, WALK[:, 0]).predict(WALK[-1:]).shape == (1,)


def test_a_search_that_does_not_know_its_residuals_says_what_to_do(tmp_path):
    search = make_search(log=tmp_path / "log").fit(X, Y).fit(X, Y)
    with pytest.raises(
        ValueError, match=r"read from the log\. .* ConformalRegressor\(search\.best"
    ):
        ConformalRegressor.from_search(search)
    for unfit in (make_search(), make_search(refit=False).fit(X, Y)):
        with pytest.raises(ValueError, match="fitted search, with refit=True"):
            ConformalRegressor.from_search(unfit)
    with pytest.raises(ValueError, match="'coverage' parameter"):
        ConformalRegressor.from_search(make_search().fit(X, Y), coverage=90)


# As scikit-learn's estimators


@pytest.mark.parametrize("method", ["split", "adaptive"])
def test_the_contract_of_scikit_learn_holds(method):
    """Oracle: scikit-learn's own checks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)
        check_estimator(ConformalRegressor(Ridge(), method=method))


def test_it_works_inside_what_stands_around_a_regressor():
    """Oracle: the regressor itself, fitted on the rows that do not calibrate."""
    plain = Ridge(alpha=2.0).fit(X[:96], Y[:96])
    pipeline = make_pipeline(StandardScaler(with_std=False), ConformalRegressor(Ridge(alpha=2.0)))
    np.testing.assert_allclose(pipeline.fit(X, Y).predict(X), plain.predict(X))
    target = TransformedTargetRegressor(ConformalRegressor(Ridge(alpha=2.0)))
    np.testing.assert_allclose(target.fit(X, Y).predict(X), plain.predict(X))
    space = {"estimator__alpha": [2.0, 3.0]}
    search = make_search(ConformalRegressor(Ridge(alpha=2.0)), space, n_iter=2).fit(X, Y)
    best = search.best_estimator_
    assert best.estimator_.alpha == search.best_params_["estimator__alpha"]
    assert best.predict_interval(X).shape == (120, 2)
    scores = cross_val_score(ConformalRegressor(Ridge()), X, Y, cv=TimeSeriesSplit(2))
    assert (scores > 0.8).all()


def test_a_search_around_a_forecaster_forecasts_through_it():
    """Oracle: the last value."""
    search = make_search(
        ConformalRegressor(LastValueRegressor()), {"coverage": [0.8, 0.9]}, n_iter=2
    )
    assert search.fit(WALK, WALK[:, 0]).forecast() == WALK[-1, 0]
    assert search.best_estimator_.forecast_interval().shape == (1, 2)


def test_names_of_columns_are_kept():
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    regressor = ConformalRegressor(Ridge()).fit(frame, pd.Series(Y))
    assert regressor.feature_names_in_.tolist() == ["a", "b", "c"]
    assert regressor.n_features_in_ == 3


def test_a_pickle_predicts_the_same_intervals_and_is_updated_the_same():
    """Oracle: the regressor itself."""
    regressor = ConformalRegressor(tiny(), coverage=0.8, method="adaptive")
    regressor.fit(WALK[:100], WALK[:100, 0])
    copy = pickle.loads(pickle.dumps(regressor))
    for each in (regressor, copy):
        each.update(WALK[100:110], WALK[100:110, 0])
    expected = regressor.predict_interval(WALK[110:])
    np.testing.assert_array_equal(copy.predict_interval(WALK[110:]), expected)


@pytest.mark.parametrize(
    "parameters",
    [
        {"coverage": 1},
        {"coverage": 90},
        {"method": "jackknife"},
        {"calibration_fraction": 0},
        {"step_size": -0.1},
    ],
    ids=str,
)
def test_parameters_out_of_range_are_refused(parameters):
    with pytest.raises(ValueError, match=f"{next(iter(parameters))}' parameter"):
        ConformalRegressor(Ridge(), **parameters).fit(X, Y)


def test_targets_that_are_no_numbers_are_refused_in_the_calibration_rows_too():
    y = Y.copy()
    y[-1] = np.nan
    with pytest.raises(ValueError, match="y contains NaN"):
        ConformalRegressor(Ridge()).fit(X, y)


def test_a_fit_that_fails_leaves_nothing_behind():
    """Oracle: scikit-learn's check of a fitted regressor."""
    regressor = ConformalRegressor(Ridge())
    with pytest.raises(ValueError, match="y contains NaN"):
        regressor.fit(X, np.append(Y[:-1], np.nan))
    with pytest.raises(NotFittedError):
        regressor.predict(X)


def test_an_update_with_other_targets_is_refused():
    regressor = ConformalRegressor(Ridge(), method="adaptive").fit(X, Y)
    with pytest.raises(
        ValueError, match=r"y has the shape \(5, 2\), but the predictions .* \(5,\)"
    ):
        regressor.update(X[:5], X[:5, :2])
    with pytest.raises(ValueError, match=r"y has the shape \(4,\)"):
        regressor.update(X[:5], Y[:4])


@pytest.mark.parametrize("name", ["predict", "predict_interval", "update"])
def test_an_unfitted_one_says_so(name):
    arguments = (X, Y) if name == "update" else (X,)
    with pytest.raises(NotFittedError):
        getattr(ConformalRegressor(Ridge()), name)(*arguments)


def test_the_quantile_of_each_output_has_its_own_alpha():
    """Oracle: by hand; ranks 1, 2 and 3 of two scores, and 0."""
    scores = np.array([[1.0, 10.0, 3.0, 5.0], [2.0, 20.0, 4.0, 6.0]])
    alpha = np.array([0.9, 0.5, 0.0, 1.0])
    assert conformal_quantile(scores, alpha).tolist() == [1.0, 20.0, np.inf, -np.inf]
