"""Residuals that are overheard while a scorer has a regressor predict."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import check_scoring
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_search import draw_rows

from sklstm._search.trials.residuals import find_residuals, overhearing

X, Y, _ = draw_rows(40)


def overhear(model, scoring=None, rows=X, y=Y):
    """Score the model; return what was overheard."""
    scorer = scoring if callable(scoring) else check_scoring(model, scoring)
    with overhearing(model, rows) as predictions:
        scorer(model, rows, y)
    return predictions


@pytest.mark.parametrize(
    "scoring",
    [
        "neg_root_mean_squared_error",
        ["r2", "neg_mean_squared_error"],
        lambda model, X, y: model.predict(X).sum(),
    ],
    ids=["one", "several", "callable"],
)
@pytest.mark.parametrize("model", [Ridge(), make_pipeline(StandardScaler(), Ridge())], ids=str)
def test_what_the_scorer_has_predicted_is_overheard(model, scoring):
    """Oracle: the model's own predictions; several scorers of scikit-learn ask once."""
    (prediction,) = overhear(model.fit(X, Y), scoring)
    np.testing.assert_array_equal(prediction, model.predict(X))


def test_a_regressors_own_score_has_it_predict_but_a_pipelines_predicts_past_it():
    """Oracle: scikit-learn; Pipeline.score has its last step score the transformed rows."""
    assert len(overhear(Ridge().fit(X, Y))) == 1
    assert overhear(make_pipeline(StandardScaler(), Ridge()).fit(X, Y)) == []


def test_predictions_of_other_rows_are_not_meant():
    def score(model, X, y):
        model.predict(X[:5])
        return model.predict(X.copy()).sum()

    assert overhear(Ridge().fit(X, Y), score) == []


@pytest.mark.parametrize("model", [LogisticRegression(), BaseEstimator()], ids=str)
def test_what_is_no_regressor_is_left_alone(model):
    with overhearing(model, X) as predictions:
        assert "predict" not in vars(model)
    assert predictions == []


def test_the_model_is_afterwards_as_it_was():
    """Oracle: its attributes, after a scorer that fails too."""
    model = Ridge().fit(X, Y)
    before = set(vars(model))

    def fail(model, X, y):
        raise RuntimeError("no score today")

    with pytest.raises(RuntimeError, match="no score today"):
        overhear(model, fail)
    assert set(vars(model)) == before


@pytest.mark.parametrize("kind", [np.asarray, list, pd.Series], ids=lambda kind: kind.__name__)
def test_residuals_are_the_target_minus_the_first_prediction(kind):
    """Oracle: by hand."""
    residuals = find_residuals(kind([1.0, 5.0]), [[2.0, 1.5], [9.0, 9.0]])
    assert residuals.tolist() == [-1.0, 3.5]


def test_residuals_have_the_shape_of_the_target():
    """Oracle: by hand; a model may leave out an axis of length 1, or add it."""
    assert find_residuals([[1.0], [5.0]], [np.array([2.0, 1.5])]).tolist() == [[-1.0], [3.5]]
    assert find_residuals([1.0, 5.0], [np.array([[2.0], [1.5]])]).tolist() == [-1.0, 3.5]
    y = np.column_stack([Y, 2 * Y])
    model = LinearRegression().fit(X, y)
    np.testing.assert_array_equal(find_residuals(y, [model.predict(X)]), y - model.predict(X))


@pytest.mark.parametrize(
    ("y", "predictions"),
    [([1.0], []), (None, []), (["a"], [[1.0]]), ([1.0], [["a"]]), ([1.0, 2.0], [[1.0]])],
)
def test_what_cannot_be_subtracted_is_not_known(y, predictions):
    assert find_residuals(y, predictions) is None
