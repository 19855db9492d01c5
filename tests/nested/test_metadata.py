"""Which part gets which metadata: by path, by name and for which rows."""

import numpy as np
import pytest
import sklearn
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklstm import LSTMRegressor
from sklstm._nested.metadata import find_weight, find_weight_of_rows, is_routing_enabled, take_rows

WEIGHT = np.array([1.0, 0.0, 2.0])
STEP = "lstmregressor__"


def nest(model):
    """A Pipeline with the model, and what may stand around it; with the model's prefix in each."""
    pipeline = make_pipeline(StandardScaler(), model)
    return [
        (pipeline, STEP),
        (TransformedTargetRegressor(pipeline), f"regressor__{STEP}"),
        (GridSearchCV(pipeline, {}), f"estimator__{STEP}"),
        (GridSearchCV(TransformedTargetRegressor(pipeline), {}), f"estimator__regressor__{STEP}"),
    ]


@pytest.mark.parametrize(("estimator", "prefix"), nest(LSTMRegressor()), ids=str)
def test_a_weight_reaches_its_step_under_the_name_of_the_step(estimator, prefix):
    """Oracle: scikit-learn's own names of a step's fit parameters."""
    params = {f"{STEP}sample_weight": WEIGHT}
    assert find_weight(estimator, prefix, params) is WEIGHT
    assert find_weight_of_rows(estimator, params) is WEIGHT
    assert find_weight(estimator, prefix, {}) is None
    assert find_weight_of_rows(estimator, {"other": WEIGHT}) is None


@pytest.mark.parametrize("number", range(4))
def test_a_weight_reaches_the_part_that_requests_it_where_metadata_is_routed(number):
    """Oracle: the request itself, under a name of its own."""
    with sklearn.config_context(enable_metadata_routing=True):
        model = LSTMRegressor().set_fit_request(sample_weight="importance")
        estimator, prefix = nest(model)[number]
        assert is_routing_enabled()
        assert find_weight(estimator, prefix, {"importance": WEIGHT}) is WEIGHT
        assert find_weight_of_rows(estimator, {"importance": WEIGHT}) is WEIGHT
    assert not is_routing_enabled()


def test_the_estimator_itself_comes_first():
    """Oracle: by hand."""
    assert find_weight(Ridge(), "", {"sample_weight": WEIGHT}) is WEIGHT
    assert find_weight_of_rows(Ridge(), {"sample_weight": WEIGHT}) is WEIGHT


def test_what_has_an_entry_for_each_row_is_cut_to_the_rows():
    """Oracle: by hand."""
    params = {"sample_weight": WEIGHT, "list": [1, 2, 3], "name": "abc", "number": 3}
    cut = take_rows(params, np.array([0, 2]), 3)
    assert cut["sample_weight"].tolist() == [1.0, 2.0]
    assert cut["list"] == [1, 3]
    assert (cut["name"], cut["number"]) == ("abc", 3)
