"""The regressor inside others."""

import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_display import search_levels
from small_search import ROWS, Level

from sklstm._nested.inside import find_inside, walk_inside

LEVEL = Level(2.0)


@pytest.mark.parametrize(
    "estimator",
    [
        LEVEL,
        make_pipeline(StandardScaler(), LEVEL),
        TransformedTargetRegressor(LEVEL),
        GridSearchCV(make_pipeline(StandardScaler(), TransformedTargetRegressor(LEVEL)), {}),
    ],
    ids=["itself", "pipeline", "target", "nested"],
)
def test_the_regressor_is_found(estimator):
    assert find_inside(estimator, "level") is LEVEL


def test_what_was_fitted_comes_before_what_was_given():
    search = search_levels(2.0, refit=True)
    search.estimator.set_params(level=9.0)
    assert find_inside(search, "level") is search.best_estimator_
    target = TransformedTargetRegressor(LEVEL).fit(ROWS, ROWS[:, 0])
    assert find_inside(target, "level") is target.regressor_


def test_each_part_is_passed_from_the_outside_in():
    """Oracle: by hand; a frozen estimator shows the regressor_ of the target inside as its own."""
    target = TransformedTargetRegressor(LEVEL).fit(ROWS, ROWS[:, 0])
    frozen = FrozenEstimator(target)
    pipeline = make_pipeline(StandardScaler(), frozen)
    assert list(walk_inside(pipeline)) == [pipeline, frozen, target, target.regressor_]


def test_an_estimator_without_it_is_refused_by_name():
    with pytest.raises(ValueError, match=r"Pipeline\(.* has no level, .* Give an LSTMRegr"):
        find_inside(make_pipeline(StandardScaler(), Ridge()), "level")
