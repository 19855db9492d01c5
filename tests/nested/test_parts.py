"""The parts of an estimator that offer something."""

import pytest
from sklearn.base import BaseEstimator
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skopt.space import Integer

from sklstm._nested.parts import find_params, find_parts_with, offered_space


class Offering(BaseEstimator):
    """Offers a space of its own, as large as the rows allow."""

    def __init__(self, depth=1, inner=None):
        self.depth = depth
        self.inner = inner

    def search_space(self, n_rows):
        return {"depth": Integer(1, n_rows)}


def test_parts_are_found_with_their_prefix():
    """Oracle: the names that set_params takes."""
    estimator = make_pipeline(StandardScaler(), TransformedTargetRegressor(Offering()))
    ((prefix, part),) = find_parts_with(estimator, "search_space")
    assert prefix == "transformedtargetregressor__regressor__"
    assert estimator.get_params()[prefix.removesuffix("__")] is part
    assert [prefix for prefix, _ in find_parts_with(Offering(), "search_space")] == [""]


def test_parameters_are_found_by_the_end_of_their_path():
    estimator = make_pipeline(StandardScaler(), Offering(depth=2, inner=Offering(depth=3)))
    assert find_params(estimator, "depth") == {"offering__depth": 2, "offering__inner__depth": 3}
    assert find_params(Offering(), "th") == {}


def test_the_offered_spaces_of_all_parts_are_joined():
    space = offered_space(Offering(inner=Offering()), n_rows=7)
    assert {name: dimension.high for name, dimension in space.items()} == {
        "depth": 7,
        "inner__depth": 7,
    }


def test_without_an_offer_the_space_must_be_given():
    with pytest.raises(ValueError, match="Pipeline and its nested estimators have none"):
        offered_space(make_pipeline(StandardScaler(), Ridge()), n_rows=7)
