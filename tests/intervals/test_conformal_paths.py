"""Intervals of paths: each lead calibrated by itself, and followed as its rows come."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from small_paths import Paths, draw_paths
from small_regressor import tiny

from sklstm import BayesTimeSeriesSearchCV, ConformalRegressor
from sklstm.metrics import interval_coverage

COVERAGE, GAMMA = 0.6, 0.1
N_TRAIN, N_FIT, N_ROWS = 20, 40, 70  # rows to train on, rows of fit, all rows
WALK = np.random.default_rng(0).normal(size=(160, 2)).cumsum(axis=0)


def conform(estimator, **parameters):
    defaults = {"coverage": COVERAGE, "calibration_fraction": 0.5, "step_size": GAMMA}
    return ConformalRegressor(estimator, **defaults | parameters)


def find_quantile(scores, alpha):
    rank = int(np.ceil(round((len(scores) + 1) * (1 - alpha), 9)))
    return [-np.inf, *sorted(scores), np.inf][min(max(rank, 0), len(scores) + 1)]


def follow_by_hand(model, X, y, lead, n_seen):
    """Scores and alpha of a lead once n_seen rows have come, from what `Paths` says it predicts.

    Split conformal prediction with |y - prediction|, or max(lower - y, y - upper) of Romano et al.;
    alpha by eq. (2) of Gibbs & Candes.
    """

    def score(t):
        begin = t - lead
        newest = X[begin - model.horizon, 0]
        prediction = (lead + 1) * newest + X[t, 1]
        reach = 0 if model.quantiles is None else 0.4 * (lead + 1 + abs(newest))
        # In this order, as scores of whole numbers are often equal to the last bit.
        return max(prediction - reach - y[t], y[t] - (prediction + reach))

    scores, alpha = [score(t) for t in range(N_TRAIN + lead, N_FIT)], 1 - COVERAGE
    for t in range(N_FIT, n_seen):
        err = score(t) > find_quantile(scores, alpha)
        alpha += GAMMA * (1 - COVERAGE - err)
        scores = [*scores[1:], score(t)]
    return scores, alpha


@given(
    sizes=st.lists(st.integers(1, 12), max_size=6),
    steps=st.integers(2, 6),
    horizon=st.integers(0, 3),
    quantiles=st.sampled_from([None, (0.1, 0.9)]),
    is_frame=st.booleans(),
    seed=st.integers(0, 99),
)
@settings(max_examples=60)
def test_a_lead_learns_from_each_row_that_has_come_whatever_the_blocks(
    sizes, steps, horizon, quantiles, is_frame, seed
):
    """Oracle: the articles' formulas row by row; 0.1 and 0.9 lie 0.4 spreads off the median."""
    rows, y = draw_paths(N_ROWS, seed=seed)
    X = pd.DataFrame(rows, index=pd.date_range("2020", periods=N_ROWS)) if is_frame else rows
    model = Paths(steps, horizon, quantiles)
    regressor = conform(model, method="adaptive").fit(X[:N_FIT], y[:N_FIT])
    seen = N_FIT
    for size in sizes:
        newer = slice(seen, min(seen + size, N_ROWS))
        if newer.stop == newer.start:
            break
        regressor.update(X[newer], y[newer])
        seen = newer.stop
    assert regressor.scores_.shape == (N_FIT - N_TRAIN, steps, 1)
    for lead in range(steps):
        scores, alpha = follow_by_hand(model, rows, y, lead, seen)
        expected = np.append(scores, [np.nan] * lead)
        np.testing.assert_allclose(regressor.scores_[:, lead, 0], expected, rtol=0, atol=1e-12)
        assert regressor.alpha_[lead, 0] == pytest.approx(alpha, abs=1e-12)


@given(
    cuts=st.lists(st.integers(1, 29), max_size=6, unique=True),
    steps=st.integers(1, 6),
    n_outputs=st.sampled_from([None, 1, 2]),
    quantiles=st.sampled_from([None, (0.1, 0.9)]),
    seed=st.integers(0, 99),
)
@settings(max_examples=40)
def test_blocks_of_any_sizes_teach_the_same_as_single_rows(cuts, steps, n_outputs, quantiles, seed):
    """Oracle: an update for each row; whole numbers, so that nothing is rounded."""
    X, y = draw_paths(N_ROWS, n_outputs, seed)
    fresh = conform(Paths(steps, quantiles=quantiles), method="adaptive")
    in_blocks, one_by_one = (clone(fresh).fit(X[:N_FIT], y[:N_FIT]) for _ in range(2))
    for rows in np.split(np.arange(N_FIT, N_ROWS), sorted(cuts)):
        in_blocks.update(X[rows], y[rows])
    for t in range(N_FIT, N_ROWS):
        one_by_one.update(X[t : t + 1], y[t : t + 1])
    np.testing.assert_array_equal(in_blocks.scores_, one_by_one.scores_)
    np.testing.assert_array_equal(in_blocks.alpha_, one_by_one.alpha_)


@given(n_seen=st.integers(N_FIT, N_ROWS - 1), steps=st.integers(1, 6), seed=st.integers(0, 99))
@settings(max_examples=30)
def test_no_interval_depends_on_targets_that_have_not_come(n_seen, steps, seed):
    """Oracle: the same rows with other targets from row n_seen on, and other rows after it."""
    X, y = draw_paths(N_ROWS, seed=seed)
    other_X, other_y = X + 100.0, y - 100.0
    found = []
    for later_X, later_y in ((X, y), (other_X, other_y)):
        rows = np.where(np.arange(N_ROWS)[:, None] < n_seen, X, later_X)
        targets = np.where(np.arange(N_ROWS) < n_seen, y, later_y)
        regressor = conform(Paths(steps), method="adaptive").fit(rows[:N_FIT], targets[:N_FIT])
        for t in range(N_FIT, n_seen):
            regressor.update(rows[t : t + 1], targets[t : t + 1])
        known = np.zeros((steps, 2))
        found.append(
            [regressor.scores_, regressor.alpha_, regressor.forecast_interval(None, known)]
        )
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("method", ["split", "adaptive"])
@pytest.mark.parametrize("n_outputs", [None, 1, 2])
def test_each_step_is_as_wide_as_its_lead_needs(method, n_outputs):
    """Oracle: the paths, and sorted lists of the scores of each lead; NaN where the path is."""
    X, y = draw_paths(N_ROWS, n_outputs)
    regressor = conform(Paths(steps=4), method=method).fit(X[:N_FIT], y[:N_FIT])
    regressor.update(X[N_FIT:60], y[N_FIT:60])
    paths = regressor.predict_steps(X[60:])
    interval = regressor.predict_steps_interval(X[60:])
    assert interval.shape == (*paths.shape, 2)
    assert np.isnan(interval[-1, 1:]).all()
    alpha = np.reshape(regressor.alpha_, (4, -1))
    for lead in range(4):
        for output in range(n_outputs or 1):
            scores = regressor.scores_[: 20 - lead, lead, output]
            q = max(0, find_quantile(scores, alpha[lead, output]))
            ends = interval.reshape(10, 4, -1, 2)[:, lead, output]
            middle = paths.reshape(10, 4, -1)[:, lead, output]
            np.testing.assert_array_equal(ends, np.stack([middle - q, middle + q], axis=-1))
    np.testing.assert_array_equal(regressor.predict_interval(X[60:]), interval[:, 0])
    known = regressor.predict_steps_interval(X[60:65], X[65:])
    np.testing.assert_array_equal(known, interval[:5])


@pytest.mark.parametrize("horizon", [0, 1, 3])
def test_a_forecast_has_the_widths_of_first_leads_and_then_of_the_last_path(horizon):
    """Oracle: predict_steps_interval once the rows are there.

    With horizon=0 the last path begins in the last row known, whose first step is not ahead.
    """
    target = WALK[:-1, 0] if horizon else WALK[1:, 0]
    regressor = conform(tiny(horizon=horizon, steps=4, known_columns=1))
    regressor.fit(WALK[:100], target[:100])
    once_there = regressor.predict_steps_interval(WALK[100:])
    regressor.update(WALK[100:110], target[100:110])
    ahead = np.arange(horizon + 3)
    known = WALK[110 + ahead]
    interval = regressor.forecast_interval(known=known)
    leads = np.maximum(0, ahead - horizon + 1)
    np.testing.assert_allclose(interval, once_there[10 + ahead - leads, leads], rtol=1e-5)
    forecast = regressor.forecast(known=known)
    np.testing.assert_allclose(forecast, interval.mean(axis=1), rtol=1e-5)


def test_fewer_rows_may_be_forecast_but_none_beyond_the_last_path():
    """Oracle: the first rows of the whole forecast."""
    X, y = draw_paths(N_FIT)
    regressor = conform(Paths(steps=3, horizon=2)).fit(X, y)
    whole = regressor.forecast_interval()
    assert whole.shape == (4, 2)
    np.testing.assert_array_equal(regressor.forecast_interval(n_rows=2), whole[:2])
    np.testing.assert_array_equal(regressor.forecast(n_rows=2), whole[:2].mean(axis=1))
    with pytest.raises(ValueError, match=r"n_rows=5 .* = 4 rows ahead"):
        regressor.forecast_interval(n_rows=5)


def test_far_leads_need_more_rows_than_the_first():
    """Oracle: by hand; of 10 rows held back lead 1 has 9, which 0.9 needs, and lead 2 has 8."""
    X, y = draw_paths(20)
    regressor = conform(Paths(steps=3), coverage=0.9).fit(X, y)
    assert regressor.predict_interval(X).shape == (20, 2)
    assert regressor.forecast_interval(n_rows=2).shape == (2, 2)
    for ask in (lambda: regressor.predict_steps_interval(X), regressor.forecast_interval):
        with pytest.raises(ValueError, match="at least 11 rows to calibrate the 3 steps of a path"):
            ask()


def test_leads_without_a_calibration_row_never_learn():
    """Oracle: by hand; 3 rows held back hold no path of more than 3 steps."""
    X, y = draw_paths(40)
    settings = {"calibration_fraction": 0.1, "coverage": 0.5, "method": "adaptive"}
    in_blocks, one_by_one = (conform(Paths(6), **settings).fit(X[:30], y[:30]) for _ in range(2))
    in_blocks.update(X[30:], y[30:])
    for t in range(30, 40):
        one_by_one.update(X[t : t + 1], y[t : t + 1])
    np.testing.assert_array_equal(in_blocks.scores_, one_by_one.scores_)
    np.testing.assert_array_equal(in_blocks.alpha_, one_by_one.alpha_)
    assert np.isnan(in_blocks.scores_[:, 3:]).all()
    assert (in_blocks.alpha_[3:] == 0.5).all()


# Around a real model

ROUNDING = {"rtol": 1e-4, "atol": 1e-4}  # batches of other sizes add up in another order, float32
MODELS = {
    "alone": lambda model: model,
    "search": lambda model: GridSearchCV(model, {"history": ["auto"]}, cv=TimeSeriesSplit(2)),
    "conformal": lambda model: ConformalRegressor(model, coverage=0.5),
}


def list_misses(paths, y):
    """The miss of each lead of each path, NaN where its row is not there."""
    missed = np.full(paths.shape, np.nan)
    for begin in range(len(y)):
        for lead in range(min(paths.shape[1], len(y) - begin)):
            missed[begin, lead] = abs(y[begin + lead] - paths[begin, lead])
    return missed


def check_updates(regressor, X, y, paths, first):
    """Check the scores of 25 rows as rows come; `paths` begin in the rows from `first` on."""
    seen = first + 25
    for size in (0, 1, 1, 5, 2, 20):
        newer = slice(seen, seen + size)
        if size:
            regressor.update(X[newer], y[newer])
        seen += size
        expected = list_misses(paths[: seen - first], y[first:seen])[-25:]
        np.testing.assert_allclose(regressor.scores_[..., 0], expected, **ROUNDING)


@pytest.mark.parametrize("wrap", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("index", ["none", "numbers", "dates"])
def test_an_lstm_is_scored_as_if_all_rows_were_one_block(wrap, index):
    """Oracle: the same model, fitted on the training rows, with all later rows as one X."""
    X, y = WALK, WALK[:, 0]
    if index != "none":
        dates = pd.date_range("2020", periods=len(WALK)) if index == "dates" else None
        X = pd.DataFrame(WALK, columns=["a", "b"], index=dates)
    model = wrap(tiny(steps=3, known_columns=[1]))
    regressor = conform(model, method="adaptive", calibration_fraction=0.25).fit(X[:100], y[:100])
    alone = clone(model).fit(X[:75], y[:75])
    alone = getattr(alone, "best_estimator_", alone)
    check_updates(regressor, X, y, alone.predict_steps(X[75:]), 75)


def test_no_path_of_the_rows_between_counts():
    """Oracle: the model fitted on the rows before; rows 73 and 74 stand between, for the lead."""
    X, y = WALK[:-2], WALK[2:, 0]
    model = tiny(steps=3, horizon=0)
    regressor = conform(model, method="adaptive", calibration_fraction=0.25).fit(X[:100], y[:100])
    paths = model.fit(X[:73], y[:73]).predict_steps(X[73:])[2:]
    check_updates(regressor, X, y, paths, 75)


def test_tables_and_arrays_may_take_turns():
    """Oracle: arrays alone; values without labels follow each other."""
    frame = pd.DataFrame(WALK, columns=["a", "b"])
    plain, mixed = (conform(tiny(steps=3), method="adaptive") for _ in range(2))
    plain.fit(WALK[:100], WALK[:100, 0])
    mixed.fit(frame[:100], WALK[:100, 0])
    for first in range(100, 130, 5):
        newer = slice(first, first + 5)
        plain.update(WALK[newer], WALK[newer, 0])
        mixed.update(frame[newer].reset_index(drop=True), WALK[newer, 0])
    np.testing.assert_allclose(mixed.scores_, plain.scores_, **ROUNDING)


@pytest.mark.parametrize("quantiles", [None, (0.1, 0.9)])
def test_each_lead_covers_exchangeable_rows(quantiles):
    """Oracle: the theorem, coverage <= mean <= coverage + 1 / (n + 1), n scores of each lead.

    Scores of one lead share no number with each other, so they are exchangeable. 60 seeds tell
    their own standard error.
    """
    coverages = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        X, y = rng.normal(size=(600, 2)), 3 * rng.standard_t(3, size=600)
        model = ConformalRegressor(Paths(3, quantiles=quantiles), calibration_fraction=0.25)
        interval = model.fit(X[:400], y[:400]).predict_steps_interval(X[400:])
        targets = np.stack([np.roll(y[400:], -lead) for lead in range(3)], axis=1)[:198]
        inside = [interval_coverage(targets[:, lead], interval[:198, lead]) for lead in range(3)]
        coverages.append(inside)
    error = np.std(coverages, axis=0, ddof=1) / np.sqrt(60)
    mean, n_scores = np.mean(coverages, axis=0), 100 - np.arange(3)
    assert (error < 0.01).all()
    assert (mean > 0.9 - 3 * error).all()
    assert (mean < 0.9 + 1 / (n_scores + 1) + 3 * error).all()


def test_the_share_of_misses_of_a_lead_is_near_its_aim():
    """Oracle: Gibbs & Candes, Proposition 4.1, for each lead; the noise grows fourfold."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(900, 2)), np.linspace(1, 4, 900) * rng.normal(size=900)
    regressor = conform(Paths(3), method="adaptive").fit(X[:200], y[:200])
    alphas = [regressor.alpha_[:, 0]]
    for t in range(200, 900):
        alphas.append(regressor.update(X[t : t + 1], y[t : t + 1]).alpha_[:, 0])
    err = (1 - COVERAGE) - np.diff(alphas, axis=0) / GAMMA
    np.testing.assert_allclose(err, np.round(err), atol=1e-9)
    bound = (max(COVERAGE, 1 - COVERAGE) + GAMMA) / (GAMMA * 700)
    assert (np.abs(err.mean(axis=0) - (1 - COVERAGE)) <= bound + 1e-9).all()


# As scikit-learn's estimators


@pytest.mark.parametrize("make", [lambda: tiny(steps=3), lambda: Paths(3, quantiles=(0.1, 0.9))])
def test_a_pickle_is_updated_the_same(make):
    """Oracle: the regressor itself; no room of ours is named in the pickle."""
    regressor = conform(make(), method="adaptive").fit(WALK[:100], WALK[:100, 0])
    pickled = pickle.dumps(regressor)
    assert b"sklstm._intervals" not in pickled
    copy = pickle.loads(pickled)
    for each in (regressor, copy):
        each.update(WALK[100:110], WALK[100:110, 0])
    np.testing.assert_array_equal(copy.scores_, regressor.scores_)
    np.testing.assert_array_equal(copy.alpha_, regressor.alpha_)
    expected = regressor.predict_steps_interval(WALK[110:])
    np.testing.assert_array_equal(copy.predict_steps_interval(WALK[110:]), expected)
    again = clone(regressor).fit(WALK[:100], WALK[:100, 0])
    assert again.scores_.shape == (50, 3, 1)


def test_a_fit_with_fewer_steps_leaves_nothing_of_the_one_before():
    """Oracle: a new regressor."""
    regressor = conform(Paths(3, quantiles=(0.1, 0.9)), method="adaptive")
    regressor.fit(WALK[:100], WALK[:100, 0])
    regressor.set_params(estimator=Ridge()).fit(WALK[:100], WALK[:100, 0] ** 2)
    assert regressor.scores_.shape == (50, 1)
    assert regressor.alpha_.shape == (1,)
    assert regressor.band_ is None
    regressor.update(WALK[100:105], WALK[100:105, 0] ** 2)
    assert not hasattr(regressor, "predict_steps_interval")


def test_an_update_with_other_targets_leaves_all_as_it_was():
    """Oracle: the regressor before."""
    X, y = draw_paths(60)
    regressor = conform(Paths(3), method="adaptive").fit(X[:40], y[:40])
    before = pickle.dumps(regressor)
    for rows, targets in ((X[40:], X[40:]), (X[40:], y[41:]), (X[40:], np.full(20, np.nan))):
        with pytest.raises(ValueError, match=r"y has|y contains|inconsistent"):
            regressor.update(rows, targets)
    assert pickle.dumps(regressor) == before


def test_a_method_that_changes_after_fit_follows_no_paths():
    """Oracle: single rows may, as they need no more than their prediction."""
    X, y = draw_paths(60)
    for first in ("split", "adaptive"):
        regressor = conform(Paths(3), method=first).fit(X[:40], y[:40])
        regressor.set_params(method="split").update(X[40:50], y[40:50])
        with pytest.raises(ValueError, match="Fit again"):
            regressor.set_params(method="adaptive").update(X[50:], y[50:])
    single = conform(Paths(1)).fit(X[:40], y[:40]).set_params(method="adaptive")
    assert single.update(X[40:50], y[40:50]).scores_.shape == (20, 1)


def test_what_predicts_no_paths_has_no_intervals_of_them():
    assert not hasattr(ConformalRegressor(Ridge()), "predict_steps_interval")
    assert not hasattr(ConformalRegressor(make_pipeline(Ridge())), "predict_steps")
    assert hasattr(ConformalRegressor(Paths()), "predict_steps_interval")


def test_one_step_is_a_path_too():
    """Oracle: predict_interval."""
    regressor = conform(tiny()).fit(WALK[:100], WALK[:100, 0])
    assert regressor.scores_.shape == (50, 1)
    interval = regressor.predict_steps_interval(WALK[100:])
    np.testing.assert_array_equal(interval[:, 0], regressor.predict_interval(WALK[100:]))


@pytest.mark.parametrize("model", [Paths(3), Paths(1, quantiles=(0.1, 0.9))], ids=str)
def test_the_residuals_of_a_search_calibrate_no_paths_and_no_quantiles(model):
    space = {"horizon": [1, 2]}
    search = BayesTimeSeriesSearchCV(model, space, n_iter=2, cv=2, random_state=0)
    X, y = draw_paths(60)
    search.fit(X, y)
    with pytest.raises(ValueError, match=r"ConformalRegressor\(search\.best_estimator_\)\.fit"):
        ConformalRegressor.from_search(search)
    assert ConformalRegressor(search.best_estimator_, coverage=0.5).fit(X, y).scores_.ndim == (
        3 if model.steps > 1 else 2
    )
