"""The scores of a fitted search's trials, in the unit that its user says them in."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.metrics import make_scorer, max_error
from small_display import search_levels
from small_search import make_trial

from sklstm import BayesTimeSeriesSearchCV
from sklstm._search.values.units import Unit
from sklstm.plots._scores import express, find_best_so_far, read_unit

LEAST, GREATEST = Unit("RMSE", -1), Unit("R²", 1)


def tell_both(estimator, X, y):
    return {"level": estimator.level, "neg_max_error": -estimator.level}


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, "RMSE (lower is better)"),
        ({"scoring": "neg_mean_absolute_percentage_error"}, "mean absolute percentage error (lowe"),
        ({"scoring": "neg_median_absolute_error"}, "median absolute error (lower is better)"),
        ({"scoring": "explained_variance"}, "explained variance score (higher is better)"),
        (
            {"scoring": make_scorer(max_error, greater_is_better=False)},
            "max error (lower is better)",
        ),
        ({"scoring": lambda level, X, y: -level.level}, "score (higher is better)"),
        (
            {"scoring": ["r2", "neg_mean_absolute_error"], "objective": "r2"},
            "R² (higher is better)",
        ),
        ({"scoring": tell_both, "objective": "level"}, "level (higher is better)"),
        ({"scoring": tell_both, "objective": "neg_max_error"}, "max error (lower is better)"),
    ],
)
def test_the_unit_has_the_metric_s_name_and_its_good_end(settings, text):
    assert str(read_unit(search_levels(2.0, 1.0, **settings))).startswith(text)


def test_an_error_is_positive():
    trials = [make_trial(-4.0, -2.0), make_trial(-1.0, -1.0)]
    assert express(LEAST, trials).tolist() == [3.0, 1.0]


def test_pruned_and_failed_trials_have_no_score_and_are_never_the_best():
    """Oracle: by hand; 0.5 is the error on the one fold that ran."""
    trials = [
        make_trial(-1.0, -1.0, error="ValueError"),
        make_trial(-4.0, -2.0),
        make_trial(-0.5, None),
        make_trial(-np.inf, -1.0),
        make_trial(-2.0, -2.0),
    ]
    np.testing.assert_array_equal(express(LEAST, trials), [np.nan, 3, np.nan, np.nan, 2])
    np.testing.assert_array_equal(find_best_so_far(LEAST, trials), [np.nan, 3, 3, 3, 2])
    np.testing.assert_array_equal(find_best_so_far(GREATEST, trials), [np.nan, -3, -3, -3, -2])


def test_what_is_no_fitted_search_is_refused():
    with pytest.raises(TypeError, match=r"must be a BayesTimeSeriesSearchCV; got Ridge\(\)"):
        read_unit(Ridge())
    with pytest.raises(NotFittedError):
        read_unit(BayesTimeSeriesSearchCV(Ridge()))
