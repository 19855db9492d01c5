"""Scores of bands of several models, by hand."""

import numpy as np
import pytest

from sklstm.evaluation._band_scores import Levels, find_levels, score_band
from sklstm.evaluation._held_out import Band, Forecasts


def make_band(*levels):
    return Band(levels, np.zeros((1, 1, 1, len(levels))))


def make_forecasts(truth, band):
    return Forecasts(np.zeros_like(truth), truth, 0.0, 0.0, band=band)


@pytest.mark.parametrize(
    ("bands", "expected"),
    [
        ([], None),
        ([make_band(0.1, 0.5, 0.9)], Levels((0.1, 0.5, 0.9), (0.1, 0.9))),
        ([make_band(0.05, 0.1, 0.5, 0.9), make_band(0.1, 0.5, 0.9, 0.95)],
         Levels((0.1, 0.5, 0.9), (0.1, 0.9))),
        ([make_band(0.2, 0.5, 0.9)], Levels((0.2, 0.5, 0.9), None)),
        ([make_band(0.1, 0.5), make_band(0.5, 0.9)], Levels((0.5,), None)),
    ],
)  # fmt: skip
def test_bands_are_compared_by_the_quantiles_that_all_have(bands, expected):
    """Oracle: by hand: the interval leaves as much out above as below."""
    assert find_levels(bands) == expected


def test_scores_count_the_targets_that_are_there():
    """Oracle: by hand: the pair beyond the last row does not count."""
    truth = np.array([[[1.0], [3.0]], [[5.0], [np.nan]]])  # two rows, two leads
    quantiles = np.stack([truth - 1, truth + 1, truth + 3], axis=-1)
    quantiles[0, 0, 0] = [2.0, 2.0, 4.0]  # the target lies below
    band = Band((0.25, 0.5, 0.75), quantiles)
    levels = find_levels([band])
    scores = score_band(make_forecasts(truth, band), levels)
    assert scores["coverage"] == 2 / 3
    # Widths 2, 4, 4; one miss of 1, which counts 2 / (1 - 0.5).
    np.testing.assert_allclose(scores["interval_score"], (2 + 4 * 1 + 4 + 4) / 3)
    losses = [0.75 * 1 + 0.25 + 0.25, 0.5 * 3, 0.25 * 3 * 3]  # of each level
    np.testing.assert_allclose(scores["wql"], 2 * sum(losses) / 9 / 3)


def test_a_model_without_a_band_has_no_scores():
    scores = score_band(make_forecasts(np.ones((2, 1, 1)), None), Levels((0.5,), None))
    assert set(scores) == {"wql", "coverage", "interval_score"}
    assert np.isnan(list(scores.values())).all()


def test_targets_of_zero_have_no_relative_loss():
    """Oracle: `weighted_quantile_loss` divides by their sum; the interval has its score."""
    band = Band((0.1, 0.5, 0.9), np.zeros((2, 1, 1, 3)))
    scores = score_band(make_forecasts(np.zeros((2, 1, 1)), band), find_levels([band]))
    assert np.isnan(scores["wql"])
    assert (scores["coverage"], scores["interval_score"]) == (1.0, 0.0)
