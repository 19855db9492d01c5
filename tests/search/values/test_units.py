"""The score of a search as its user says it."""

import numpy as np
import pytest
from sklearn.metrics import (
    get_scorer,
    make_scorer,
    max_error,
    mean_absolute_error,
    mean_pinball_loss,
)

from sklstm._search.values.units import Unit, find_unit
from sklstm.evaluation import make_path_scorer


@pytest.mark.parametrize(
    ("scorer", "metric", "unit"),
    [
        (get_scorer("neg_root_mean_squared_error"), "score", Unit("RMSE", -1)),
        (get_scorer("r2"), "score", Unit("R²", 1)),
        (make_scorer(max_error, greater_is_better=False), "score", Unit("max error", -1)),
        (make_scorer(max_error), "score", Unit("max error", 1)),
        (make_path_scorer(mean_absolute_error), "score", Unit("path MAE", -1)),
        (make_path_scorer(mean_pinball_loss, quantiles=True), "score", Unit("pinball loss", -1)),
        (lambda model, X, y: 0.0, "score", Unit("score", 1)),
        (lambda model, X, y: {"neg_loss": 0.0}, "neg_loss", Unit("loss", -1)),
        ({"a": get_scorer("r2"), "b": get_scorer("neg_max_error")}, "b", Unit("max error", -1)),
        ({"a": get_scorer("r2")}, "score", Unit("score", 1)),
    ],
)
def test_the_unit_is_read_from_the_scorer_of_the_metric(scorer, metric, unit):
    """Oracle: by hand; the last one is a trial that failed before it had a score."""
    assert find_unit(scorer, metric) == unit


@pytest.mark.parametrize(
    ("sign", "score", "text"),
    [(-1, -2.3764999, "2.3765"), (1, -0.25, "-0.25"), (-1, 0.0, "0"), (-1, np.nan, "nan")],
)
def test_an_error_is_written_as_a_positive_number(sign, score, text):
    """Oracle: by hand."""
    assert Unit("x", sign).write(score) == text
