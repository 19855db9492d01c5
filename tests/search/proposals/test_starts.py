"""Where a search starts."""

import math

import numpy as np
import pytest
from sklearn.linear_model import HuberRegressor, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from sklstm._search.proposals.dimensions import read_search_spaces
from sklstm._search.proposals.starts import Starts, read_starts
from sklstm._search.trials.trial import Outcome


def starts_of(x0, estimator=None, *spaces):
    read_spaces = read_search_spaces(list(spaces) or [{"alpha": (0.1, 10.0)}], 3)
    return read_starts(x0, estimator or Ridge(), read_spaces), read_spaces


def test_the_default_start_is_the_estimators_own():
    """Oracle: Ridge's signature."""
    (starts,), (space,) = starts_of("default", None, {"alpha": (0.1, 10.0), "tol": (1e-6, 1.0)})
    assert [space.decode(point) for point in starts.points] == [{"alpha": 1.0, "tol": 1e-4}]
    pipeline = make_pipeline(StandardScaler(), Ridge(alpha=3.0))
    (starts,), _ = starts_of("default", pipeline, {"ridge__alpha": (0.1, 10.0)})
    assert starts.points == [(3.0,)]


def test_a_default_outside_the_space_is_left_out_with_a_warning():
    with pytest.warns(UserWarning, match=r"x0='default'.* alpha=1.0 is outside .* 2.0 to 10.0"):
        (starts,), _ = starts_of("default", None, {"alpha": (2.0, 10.0)})
    assert starts == Starts()


def test_the_default_start_belongs_to_the_first_space_that_holds_it():
    spaces = [{"alpha": (2.0, 10.0)}, {"alpha": (0.1, 10.0)}, {"alpha": (0.5, 2.0)}]
    (first, second, third), _ = starts_of("default", None, *spaces)
    assert (first.points, second.points, third.points) == ([], [(1.0,)], [])


@pytest.mark.parametrize("x0", ["default", None, {"alpha": 2.0}], ids=str)
@pytest.mark.parametrize("estimator", [Ridge(), make_pipeline(StandardScaler(), Ridge())], ids=str)
def test_a_mistyped_name_is_refused_by_the_estimator_and_nothing_is_warned_of(x0, estimator):
    """Oracle: scikit-learn's own error; a warning would fail the test (issue 18, point 23)."""
    prefix = "" if isinstance(estimator, Ridge) else "ridge__"
    spaces = [{f"{prefix}alpha": (0.1, 10.0)}, {f"{prefix}alhpa": (0.1, 10.0)}]
    with pytest.raises(ValueError, match=r"^Invalid parameter 'alhpa' for estimator Ridge\(\)"):
        starts_of(x0, estimator, *spaces)


def test_a_parameter_of_a_part_that_the_space_replaces_is_not_mistyped():
    """Oracle: by hand: Ridge has no epsilon, which SVR has."""
    pipeline = Pipeline([("model", Ridge())])
    space = {"model": [SVR(), HuberRegressor()], "model__epsilon": (1.1, 2.0)}
    with pytest.warns(UserWarning, match="no value for 'model__epsilon'"):
        (starts,), _ = starts_of("default", pipeline, space)
    assert starts == Starts()


def test_what_a_start_leaves_open_is_the_estimators():
    space = {"alpha": (0.1, 10.0), "tol": (1e-6, 1.0)}
    (starts,), (space,) = starts_of([{"alpha": 2}, {"tol": 0.5}, {"alpha": 2.0}], None, space)
    assert [space.decode(point) for point in starts.points] == [
        {"alpha": 2.0, "tol": 1e-4},
        {"alpha": 1.0, "tol": 0.5},
    ]


def test_scores_that_are_known_come_with_their_points():
    """Oracle: by hand; nobody said how long they took."""
    (starts,), _ = starts_of(({"alpha": 2}, -0.5))
    assert (starts.points, list(starts.known)) == ([], [(2.0,)])
    assert starts.known[(2.0,)].score == -0.5
    assert math.isnan(starts.known[(2.0,)].seconds)
    (starts,), _ = starts_of(([{"alpha": 2}, {"alpha": 3}], np.array([-0.5, -1])))
    assert {point: known.score for point, known in starts.known.items()} == {
        (2.0,): -0.5,
        (3.0,): -1.0,
    }


def test_the_seconds_of_an_outcome_are_unknown_unless_they_are_told():
    assert math.isnan(Outcome(1.0).seconds)
    assert Outcome(1.0, 2.5) == (1.0, 2.5, 0.0)


@pytest.mark.parametrize("x0", [None, []])
def test_a_search_may_begin_without_a_start(x0):
    assert starts_of(x0)[0] == [Starts()]


def test_a_start_belongs_to_the_first_space_that_holds_it():
    spaces = [{"alpha": (0.1, 0.5)}, {"alpha": (0.4, 10.0)}, {"tol": (1e-6, 1.0)}]
    (first, second, third), _ = starts_of([{"alpha": 0.45}, {"alpha": 7}, {}], None, *spaces)
    assert (first.points, second.points, third.points) == ([(0.45,)], [(7.0,), (1.0,)], [])


@pytest.mark.parametrize(
    ("x0", "error", "text"),
    [
        ({"alpha": 50}, ValueError, r"x0=\{'alpha': 50\} .* alpha=50 .* from 0.1 to 10.0"),
        (({"alpha": 50}, 1.0), ValueError, "alpha=50 is outside"),
        ({"beta": 1}, ValueError, "'beta' is not searched"),
        ([1.0], TypeError, "dicts of parameters; got 1.0"),
        (({"alpha": 1}, [1.0, 2.0]), ValueError, "one finite score for each of 1 points"),
        (({"alpha": 1}, np.nan), ValueError, "finite"),
        (({"alpha": 1}, 1.0, 2.0), ValueError, r"must be \(x0, y0\)"),
        ([{"alpha": a} for a in (1, 2, 3, 4)], ValueError, "4 points .* but n_iter=3"),
    ],
)
def test_a_wrong_start_is_an_error(x0, error, text):
    with pytest.raises(error, match=text):
        starts_of(x0)
