"""What intervals are scored by, against numbers by hand."""

import numpy as np
import pytest
from mapie.metrics.regression import (
    regression_coverage_score,
    regression_mean_width_score,
    regression_mwi_score,
)

from sklstm.metrics import interval_coverage, interval_score, interval_width

# Targets inside, on an end, 2 below and 1 above.
Y = [1.0, 4.0, 3.0, 7.0]
INTERVAL = [[0.0, 2.0], [1.0, 4.0], [5.0, 6.0], [2.0, 6.0]]
RNG = np.random.default_rng(0)


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
