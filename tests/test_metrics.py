"""What intervals and quantiles are scored by, against numbers by hand and by peers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapie.metrics.regression import (
    regression_coverage_score,
    regression_mean_width_score,
    regression_mwi_score,
)
from sklearn.metrics import mean_pinball_loss

from sklstm.metrics import (
    interval_coverage,
    interval_score,
    interval_width,
    quantile_loss,
    weighted_quantile_loss,
)

# Targets inside, on an end, 2 below and 1 above.
Y = [1.0, 4.0, 3.0, 7.0]
INTERVAL = [[0.0, 2.0], [1.0, 4.0], [5.0, 6.0], [2.0, 6.0]]
RNG = np.random.default_rng(0)

# Two rows of three steps, and the forecasts of three quantiles for each of them.
QUANTILES = [0.1, 0.5, 0.8]
PATHS = np.array([[3.0, -1.0, 4.0], [1.0, -5.0, 9.0]])
PATH_QUANTILES = np.array(
    [
        [[2.0, 3.0, 5.0], [-2.0, 0.0, 1.0], [4.0, 4.0, 7.0]],
        [[-1.0, 2.0, 2.0], [-9.0, -4.0, 0.0], [6.0, 7.0, 8.0]],
    ]
)


def test_coverage_width_and_score_by_hand():
    """Oracle: by hand; the widths are 2, 3, 1 and 4, and at 0.8 a miss counts ten times."""
    assert interval_coverage(Y, INTERVAL) == 2 / 4
    assert interval_width(INTERVAL) == (2 + 3 + 1 + 4) / 4
    assert interval_score(Y, INTERVAL, 0.8) == pytest.approx((2 + 3 + 1 + 4 + 10 * (2 + 1)) / 4)


def test_of_several_outputs_all_targets_count_alike():
    """Oracle: the same targets as one output."""
    y, interval = np.reshape(Y, (2, 2)), np.reshape(INTERVAL, (2, 2, 2))
    assert interval_coverage(y, interval) == interval_coverage(Y, INTERVAL)
    assert interval_width(interval) == interval_width(INTERVAL)
    assert interval_score(y, interval, 0.8) == interval_score(Y, INTERVAL, 0.8)


def test_of_paths_all_steps_count_alike():
    """Oracle: the same targets as rows of one output."""
    y, ends = RNG.normal(size=(2, 3, 2)), np.sort(RNG.normal(size=(2, 3, 2, 2)), axis=-1)
    flat_y, flat_ends = y.ravel(), ends.reshape(-1, 2)
    assert interval_coverage(y, ends) == interval_coverage(flat_y, flat_ends)
    assert interval_width(ends) == pytest.approx(interval_width(flat_ends))
    assert interval_score(y, ends, 0.8) == pytest.approx(interval_score(flat_y, flat_ends, 0.8))


@pytest.mark.parametrize("n_outputs", [None, 2])
def test_steps_without_a_target_are_refused_and_can_be_left_out(n_outputs):
    """Oracle: a loop over the targets that are known; the last steps of the last row have none."""
    outputs = () if n_outputs is None else (n_outputs,)
    y, ends = RNG.normal(size=(4, 3, *outputs)), RNG.normal(size=(4, 3, *outputs, 2))
    y[3, 1:] = np.nan
    with pytest.raises(ValueError, match="y_true contains NaN"):
        interval_coverage(y, ends)
    with pytest.raises(ValueError, match="y_true contains NaN"):
        quantile_loss(y, ends, [0.1, 0.9])
    known = np.isfinite(y)
    pairs = [(y[place], *ends[place]) for place in np.ndindex(y.shape) if known[place]]
    coverage = np.mean([low <= target <= high for target, low, high in pairs])
    assert interval_coverage(y[known], ends[known]) == coverage
    targets, lows, highs = np.transpose(pairs)
    losses = (
        mean_pinball_loss(targets, lows, alpha=0.1),
        mean_pinball_loss(targets, highs, alpha=0.9),
    )
    assert quantile_loss(y[known], ends[known], [0.1, 0.9]) == pytest.approx(np.mean(losses))


def test_mapie_finds_the_same():
    """Oracle: MAPIE."""
    y, interval = RNG.normal(size=50), np.sort(RNG.normal(size=(50, 2)), axis=1)
    ours = [
        interval_coverage(y, interval),
        interval_width(interval),
        interval_score(y, interval, 0.9),
    ]
    theirs = [
        regression_coverage_score(y, interval[..., None]),
        regression_mean_width_score(interval[..., None]),
        regression_mwi_score(y, interval[..., None], 0.9),
    ]
    np.testing.assert_allclose(ours, np.hstack(theirs))


def test_the_score_is_least_between_the_true_quantiles():
    """Oracle: the quantiles 0.1 and 0.9 of even numbers from 0 to 1, beside other intervals."""
    y = (np.arange(1000) + 0.5) / 1000

    def score(low, high):
        return interval_score(y, np.tile([low, high], (1000, 1)), 0.8)

    others = [(0.05, 0.9), (0.15, 0.9), (0.1, 0.85), (0.1, 0.95), (0.05, 0.85), (0.05, 0.95)]
    assert all(score(0.1, 0.9) < score(*other) for other in others)


def test_an_infinite_interval_holds_all_and_scores_worst():
    """Oracle: by hand."""
    interval = [[-np.inf, np.inf]]
    assert interval_coverage([3.0], interval) == 1.0
    assert interval_width(interval) == interval_score([3.0], interval, 0.9) == np.inf


@pytest.mark.parametrize(
    ("y", "interval"),
    [
        (Y, INTERVAL[:3]),
        (Y, np.transpose(INTERVAL)),
        (np.reshape(Y, (4, 1)), INTERVAL),
        (Y, np.full((4, 2), np.nan)),
    ],
    ids=["fewer rows", "ends as rows", "a column", "NaN"],
)
def test_intervals_of_another_shape_are_refused(y, interval):
    with pytest.raises(ValueError, match=r"interval (has the shape|must hold)"):
        interval_coverage(y, interval)


@pytest.mark.parametrize("coverage", [0, 1, 90, -0.5])
def test_a_coverage_out_of_range_is_refused(coverage):
    with pytest.raises(ValueError, match=f"coverage={coverage}"):
        interval_score(Y, INTERVAL, coverage)


def test_quantile_losses_by_hand():
    """Oracle: by hand; 2 lies 1 below a forecast of 3, 4 lies 2 above one of 2."""
    y, forecasts, quantiles = [2.0, 4.0], [[3.0, 2.0], [3.0, 2.0]], [0.9, 0.2]
    losses = [0.1 * 1, 0.2 * 0, 0.9 * 1, 0.2 * 2]
    assert quantile_loss(y, forecasts, quantiles) == pytest.approx(sum(losses) / 4)
    of_quantiles = [2 * (0.1 * 1 + 0.9 * 1) / 6, 2 * (0.2 * 0 + 0.2 * 2) / 6]
    assert weighted_quantile_loss(y, forecasts, quantiles) == pytest.approx(np.mean(of_quantiles))


@pytest.mark.parametrize("shape", [(7,), (7, 2), (7, 3, 2)], ids=["rows", "outputs", "paths"])
def test_scikit_learn_finds_the_same_for_each_quantile(shape):
    """Oracle: sklearn.metrics.mean_pinball_loss, which takes one quantile at a time."""
    y, forecasts = RNG.normal(size=shape), RNG.normal(size=(*shape, 3))
    theirs = [
        mean_pinball_loss(y.ravel(), forecasts[..., i].ravel(), alpha=q)
        for i, q in enumerate(QUANTILES)
    ]
    assert quantile_loss(y, forecasts, QUANTILES) == pytest.approx(np.mean(theirs))


def test_gluonts_and_utilsforecast_find_the_same_weighted_loss():
    """Oracle: GluonTS 0.17.0 and utilsforecast 0.2.17 print 0.20289855 and 0.202899.

    metric = MeanWeightedSumQuantileLoss(quantile_levels=QUANTILES)(axis=None)
    forecasts = {str(q): PATH_QUANTILES[..., i] for i, q in enumerate(QUANTILES)}
    metric.update({"label": PATHS, **forecasts})
    print(metric.get())

    columns = {f"q{i}": PATH_QUANTILES[..., i].ravel() for i in range(3)}
    frame = pd.DataFrame({"unique_id": 0, "ds": range(6), "y": PATHS.ravel(), **columns})
    print(scaled_crps(frame, {"loss": list(columns)}, np.array(QUANTILES)))
    """
    loss = weighted_quantile_loss(PATHS, PATH_QUANTILES, QUANTILES)
    assert loss == pytest.approx(0.20289855072463767)


def test_the_loss_of_two_quantiles_is_a_share_of_the_interval_score():
    """Oracle: both formulas by hand; at the coverage 0.8 the share is (1 - 0.8) / 4."""
    loss = quantile_loss(Y, INTERVAL, [0.1, 0.9])
    assert loss == pytest.approx(0.2 / 4 * interval_score(Y, INTERVAL, 0.8))


@given(
    sample=st.lists(st.integers(-50, 50), min_size=1, max_size=30),
    quantile=st.floats(0.01, 0.99),
    other=st.floats(-60, 60),
)
def test_no_forecast_has_a_smaller_loss_than_the_quantile_of_the_sample(sample, quantile, other):
    """Oracle: the least number that at least that share of the sample does not exceed."""
    y = np.array(sample, dtype=float)
    best = np.quantile(y, quantile, method="inverted_cdf")

    def loss(forecast):
        return quantile_loss(y, np.full((len(y), 1), forecast), [quantile])

    assert loss(best) <= loss(other) + 1e-9


@given(power=st.integers(-200, 200), sign=st.sampled_from([-1, 1]))
def test_the_weighted_loss_has_no_unit(power, sign):
    """Oracle: the loss before the change of unit; a power of two keeps every digit.

    A negative factor turns the quantile q into 1 - q.
    """
    unit = sign * 2.0**power
    quantiles = QUANTILES if sign > 0 else np.subtract(1, QUANTILES)
    loss = weighted_quantile_loss(unit * PATHS, unit * PATH_QUANTILES, quantiles)
    assert loss == pytest.approx(weighted_quantile_loss(PATHS, PATH_QUANTILES, QUANTILES))


def test_an_infinite_forecast_has_an_infinite_loss():
    """Oracle: by hand; the target 3 lies infinitely far from either forecast."""
    for forecast in (-np.inf, np.inf):
        assert quantile_loss([3.0], [[forecast]], [0.5]) == np.inf
        assert weighted_quantile_loss([3.0], [[forecast]], [0.5]) == np.inf


@pytest.mark.parametrize(("y", "total"), [([0.0, 0.0], "0.0"), ([1e308, 1e308], "inf")])
def test_a_loss_that_cannot_be_weighted_is_refused(y, total):
    with pytest.raises(ValueError, match=rf"sum of \|y_true\| is {total}; .* quantile_loss"):
        weighted_quantile_loss(y, [[1.0], [1.0]], [0.5])


@pytest.mark.parametrize(
    "quantiles",
    [[0.1, 0.5, 1.0], [0.0, 0.5, 0.9], [10, 50, 90], [0.1, np.nan, 0.9], [], 0.5, [QUANTILES]],
    ids=["1", "0", "percent", "NaN", "none", "a number", "2-D"],
)
def test_quantiles_out_of_range_are_refused(quantiles):
    with pytest.raises(ValueError, match=r"quantiles=.* must be a list of one or more numbers bet"):
        quantile_loss(PATHS, PATH_QUANTILES, quantiles)


@pytest.mark.parametrize("loss", [quantile_loss, weighted_quantile_loss])
@pytest.mark.parametrize(
    ("y", "forecasts"),
    [
        (PATHS[:1], PATH_QUANTILES),
        (PATHS, PATH_QUANTILES[..., :2]),
        (PATHS, np.moveaxis(PATH_QUANTILES, -1, 0)),
        (PATHS[..., None], PATH_QUANTILES),
        (PATHS, np.full_like(PATH_QUANTILES, np.nan)),
    ],
    ids=["fewer rows", "fewer quantiles", "quantiles first", "an axis more", "NaN"],
)
def test_quantiles_of_another_shape_are_refused(loss, y, forecasts):
    with pytest.raises(ValueError, match=r"y_quantiles (has the shape|must hold)"):
        loss(y, forecasts, QUANTILES)


@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_targets_that_are_not_finite_are_refused(missing):
    with pytest.raises(ValueError, match="Input y_true contains"):
        weighted_quantile_loss([missing], [[1.0]], [0.5])
