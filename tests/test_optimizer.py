"""Asking and telling."""

import math
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skopt import Optimizer
from skopt.learning import GaussianProcessRegressor
from skopt.learning.gaussian_process.kernels import Matern
from skopt.space import Categorical, Real

from sklstm.optimizer import (
    AskTell,
    Settings,
    Starts,
    make_finite_losses,
    read_starts,
    standardise,
)
from sklstm.spaces import read_search_spaces

# skopt's default model costs 0.1 s a fit, most of it to find the kernel's parameters.
CHEAP = {
    "base_estimator": GaussianProcessRegressor(
        1.0 * Matern(0.5, nu=2.5), alpha=1e-6, normalize_y=True, optimizer=None
    ),
    "acq_optimizer_kwargs": {"n_points": 200, "n_restarts_optimizer": 1},
}
SPACE = {"rate": (1e-4, 1e-1, "log-uniform"), "count": (1, 20), "kind": ["a", "b", None]}


def read(space=SPACE, n_iter=12):
    return read_search_spaces(space, n_iter)[0]


def bowl(params):
    """A score with its maximum of 0 at rate=1e-2, count=15, kind="b"."""
    distance = (math.log10(params["rate"]) + 2) ** 2 + ((params["count"] - 15) / 10) ** 2
    return -distance - (params["kind"] != "b")


def search(score=bowl, space=SPACE, n_iter=12, starts=None, seed=0, **settings):
    """Search as the search does; return the points, their scores and the AskTell."""
    settings.setdefault("optimizer_kwargs", CHEAP)
    space = read(space, n_iter)
    ask_tell = AskTell(space, starts or Starts(), Settings(**settings), seed)
    points, scores = [], []
    while len(points) < n_iter and (batch := ask_tell.ask()[: n_iter - len(points)]):
        answers = [score(space.decode(point)) for point in batch]
        ask_tell.tell(batch, answers)
        points += batch
        scores += answers
    return points, scores, ask_tell


@pytest.mark.parametrize(
    ("n_iter", "count"), [(1, 3), (15, 3), (16, 4), (20, 5), (39, 9), (40, 10), (500, 10)]
)
def test_the_default_number_of_initial_points(n_iter, count):
    """Oracle: max(3, min(10, n_iter // 4)), by hand."""
    assert Settings().count_initial_points(n_iter) == count
    assert Settings(n_initial_points=np.int64(7)).count_initial_points(n_iter) == 7


@pytest.mark.parametrize("name", ["acq_func", "random_state", "n_initial_points", "dimensions"])
def test_what_the_search_itself_decides_is_refused_in_optimizer_kwargs(name):
    with pytest.raises(ValueError, match=f"optimizer_kwargs has '{name}'"):
        Settings(optimizer_kwargs={name: 1})


def test_a_failure_costs_the_worst_loss_and_a_deviation():
    """Oracle: by hand; losses 1, 3, 5 have a deviation of sqrt(8 / 3)."""
    losses = make_finite_losses([-1.0, np.nan, -3.0, -np.inf, -5.0])
    penalty = 5 + math.sqrt(8 / 3)
    np.testing.assert_allclose(losses, [1, penalty, 3, penalty, 5])
    np.testing.assert_array_equal(make_finite_losses([np.nan, np.nan]), [0, 0])


@given(st.lists(st.floats(-1e6, 1e6), min_size=2), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_standardised_losses_have_no_unit(losses, shift, scale):
    """Oracle: the definition, mean 0 and deviation 1, which shift and scale do not change."""
    losses = np.round(losses)
    if np.ptp(losses) > 0:
        np.testing.assert_allclose(standardise(losses).mean(), 0, atol=1e-9)
        np.testing.assert_allclose(standardise(losses).std(), 1)
        moved = standardise(shift + scale * losses)
        np.testing.assert_allclose(moved, standardise(losses), atol=1e-5)


def test_equal_losses_stay_finite():
    assert standardise(np.array([3.0, 3.0])).tolist() == [0, 0]


@pytest.mark.parametrize("acq_func", ["EI", "LCB", "PI", "gp_hedge"])
def test_the_model_finds_better_points_than_chance(acq_func):
    """Oracle: the best of as many random points, from three seeds."""

    def find_best(strategy):
        runs = [search(n_iter=25, seed=n, strategy=strategy, acq_func=acq_func) for n in range(3)]
        return np.mean([max(scores) for _, scores, _ in runs])

    assert find_best("bayes") > find_best("random") / 2


def test_the_default_model_comes_close_to_the_maximum():
    """Oracle: the maximum of the bowl, 0, and what random points reach from this seed."""
    assert max(search(n_iter=18, seed=1, optimizer_kwargs={})[1]) > -0.02
    assert max(search(n_iter=18, seed=1, strategy="random")[1]) < -0.05


@pytest.mark.parametrize("n_points", [1, 3])
def test_one_seed_gives_one_search(n_points):
    points, _, _ = search(n_points=n_points, n_iter=8)
    assert points == search(n_points=n_points, n_iter=8)[0]
    assert points != search(n_points=n_points, n_iter=8, seed=1)[0]


def test_ten_trials_suffice_to_ask_the_model_and_begin_as_at_random():
    """Oracle: the random search; skopt's own is random up to the tenth trial."""
    bayes, random = (search(n_iter=10, strategy=kind)[0] for kind in ("bayes", "random"))
    assert bayes[:3] == random[:3]
    assert bayes[3:] != random[3:]


def test_the_unit_of_the_scores_decides_nothing():
    """Oracle: scores times a power of two, which no rounding touches."""
    points, _, _ = search()
    for unit in (2.0**-12, 2.0**12):
        assert search(lambda params, unit=unit: unit * bowl(params))[0] == points


@pytest.mark.parametrize("n_points", [1, 3])
def test_a_shorter_search_begins_as_a_longer_one(n_points):
    """Oracle: the longer search; batches are asked in full and cut."""
    settings = {"n_points": n_points, "n_initial_points": 4}
    longer, _, _ = search(n_iter=11, **settings)
    assert search(n_iter=7, **settings)[0] == longer[:7]


def test_the_model_is_fitted_once_for_each_trial_after_the_initial_points():
    """Oracle: trials 4 to 12 are told to a model that is due."""
    with patch.object(
        GaussianProcessRegressor, "fit", autospec=True, side_effect=GaussianProcessRegressor.fit
    ) as fit:
        search(n_iter=12, n_initial_points=4)
    assert fit.call_count == 9


@pytest.mark.parametrize(("n_points", "n_copies"), [(1, 0), (3, 3)])
def test_the_optimizer_is_copied_only_to_ask_for_several_points(n_points, n_copies):
    """Oracle: 12 trials less 3 initial ones are three batches of three."""
    with patch.object(Optimizer, "copy", autospec=True, side_effect=Optimizer.copy) as copy:
        search(n_iter=12, n_points=n_points)
    assert copy.call_count == n_copies


@pytest.mark.parametrize("strategy", ["bayes", "random"])
@pytest.mark.parametrize("n_points", [1, 4])
def test_no_point_is_asked_twice_and_a_finite_space_runs_out(strategy, n_points):
    """Oracle: the six points of the space."""
    space = {"a": (1, 3), "b": [True, None]}
    points, _, ask_tell = search(
        lambda params: params["a"], space, 20, strategy=strategy, n_points=n_points
    )
    assert sorted(points) == [(a, b) for a in (1, 2, 3) for b in (0, 1)]
    assert ask_tell.ask() == []


def test_a_nearly_exhausted_space_gives_its_last_point():
    """Oracle: a category so rare that chance alone would not find it."""
    space = {"a": Categorical(["x", "y"], prior=[1 - 1e-9, 1e-9])}
    assert search(lambda params: 0.0, space, 5, strategy="random")[0] == [(0,), (1,)]


def test_points_that_lie_close_are_not_the_same():
    """Oracle: skopt would replace all points of this space by random ones."""
    points, scores, _ = search(lambda p: -((p["a"] * 1e12 - 0.3) ** 2), {"a": Real(0, 1e-12)}, 12)
    assert max(scores) > -1e-3
    assert len(set(points)) == 12


@pytest.mark.parametrize(
    "space",
    [
        {"a": [None]},
        {"a": [None, True, False], "b": [(1, 2), (3,), (1, 2, 3)]},
        {"a": [{"b": 1}, "balanced", 1, 1.5], "c": (0.0, 1.0)},
        {"a": Categorical(["x", "y", "z"], transform="label"), "b": (1, 2)},
    ],
    ids=str,
)
@pytest.mark.parametrize("acq_func", ["EI", "gp_hedge"])
def test_categories_of_any_kind_are_searched(space, acq_func):
    points, _, ask_tell = search(lambda params: hash(str(params)) % 7, space, 7, acq_func=acq_func)
    assert len(points) == min(7, read(space).size)
    for point in points:
        for name, value in ask_tell.space.decode(point).items():
            dimension = ask_tell.space.dimensions[name]
            if isinstance(dimension, Categorical):
                assert any(value is category for category in dimension.categories)


@pytest.mark.parametrize("base_estimator", ["GP", "RF", "ET"])
def test_other_models_can_be_asked(base_estimator):
    kwargs = {"base_estimator": base_estimator, "acq_optimizer_kwargs": {"n_points": 50}}
    assert len(search(n_iter=5, optimizer_kwargs=kwargs)[0]) == 5


def test_failures_first_do_not_look_good_later():
    """Oracle: half of the range fails; the model asks there less often than chance would."""

    def score(params):
        return np.nan if params["a"] > 0.5 else -10 - params["a"]

    starts = Starts([(0.9,), (0.8,), (0.7,)])
    points, scores, _ = search(score, {"a": (0.0, 1.0)}, 14, starts)
    assert np.isnan(scores[:3]).all()
    assert np.mean([a > 0.5 for (a,) in points[5:]]) < 0.3


def test_all_trials_may_fail():
    points, _, ask_tell = search(lambda params: np.nan, n_iter=6)
    assert len(set(points)) == 6
    assert ask_tell.make_result().func_vals.tolist() == [0] * 6


def test_start_points_come_first_and_count_as_initial():
    """Oracle: two of the three initial points are given, so the model is fitted at the third."""
    starts = Starts([(0, 5, 1e-3), (2, 6, 1e-2)])
    space = read()
    starts.points[:] = [space.encode({"kind": "a", "count": n, "rate": 1e-3}) for n in (5, 6)]
    points, _, ask_tell = search(starts=starts, n_iter=3)
    assert points[:2] == starts.points
    assert len(ask_tell.make_result().models) == 1


def test_known_scores_teach_the_model_and_are_not_asked_for():
    """Oracle: with as many known scores as initial points, the first question goes to the model."""
    space = {"a": (1, 3), "b": [True, None]}
    known = {(1, 0): 0.0, (2, 0): 1.0, (3, 0): 2.0}
    points, _, ask_tell = search(lambda params: 0.0, space, 12, Starts(known=known))
    assert sorted(points) == [(1, 1), (2, 1), (3, 1)]
    result = ask_tell.make_result()
    assert result.x_iters[:3] == [[1, True], [2, True], [3, True]]
    assert result.func_vals[:3].tolist() == [0, -1, -2]


def test_the_record_is_scikit_optimizes_in_the_users_values():
    """Oracle: the points and scores of the search."""
    points, scores, ask_tell = search()
    result = ask_tell.make_result()
    best = ask_tell.space.decode(points[int(np.argmax(scores))])
    assert result.space.dimension_names == ["count", "kind", "rate"]
    assert result.x == list(best.values())
    assert result.fun == -max(scores)
    assert all(point in result.space for point in result.x_iters)
    assert result.models[-1].predict(result.space.transform(result.x_iters)).shape == (12,)


def test_the_record_names_what_cannot_be_hashed():
    _, _, ask_tell = search(lambda params: 0.0, {"a": [{"b": 1}, "c"]}, 2)
    assert sorted(ask_tell.make_result().x_iters) == [["c"], ["{'b': 1}"]]


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
    with pytest.warns(UserWarning, match=r"x0='default'.* alpha=1.0 lies outside .* 2.0 to 10.0"):
        (starts,), _ = starts_of("default", None, {"alpha": (2.0, 10.0)})
    assert starts == Starts()


def test_what_a_start_leaves_open_is_the_estimators():
    space = {"alpha": (0.1, 10.0), "tol": (1e-6, 1.0)}
    (starts,), (space,) = starts_of([{"alpha": 2}, {"tol": 0.5}, {"alpha": 2.0}], None, space)
    assert [space.decode(point) for point in starts.points] == [
        {"alpha": 2.0, "tol": 1e-4},
        {"alpha": 1.0, "tol": 0.5},
    ]


def test_scores_that_are_known_come_with_their_points():
    assert starts_of(({"alpha": 2}, -0.5))[0] == [Starts(known={(2.0,): -0.5})]
    pairs = ([{"alpha": 2}, {"alpha": 3}], np.array([-0.5, -1]))
    assert starts_of(pairs)[0] == [Starts(known={(2.0,): -0.5, (3.0,): -1.0})]


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
        (({"alpha": 50}, 1.0), ValueError, "alpha=50 lies outside"),
        ({"beta": 1}, ValueError, "'beta' is not searched"),
        ([1.0], TypeError, "dicts of parameters; got 1.0"),
        (({"alpha": 1}, [1.0, 2.0]), ValueError, "one finite score for each of 1 points"),
        (({"alpha": 1}, np.nan), ValueError, "finite"),
        (({"alpha": 1}, 1.0, 2.0), ValueError, r"must be \(x0, y0\)"),
        ([{"alpha": a} for a in (1, 2, 3, 4)], ValueError, "4 points .* more than n_iter=3"),
    ],
)
def test_a_wrong_start_is_an_error(x0, error, text):
    with pytest.raises(error, match=text):
        starts_of(x0)
