"""Asking and telling."""

import math
from unittest.mock import patch

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor as SklearnProcess
from skopt import Optimizer
from skopt.learning import GaussianProcessRegressor
from skopt.space import Categorical, Real
from small_search import CHEAP

from sklstm._search.proposals.dimensions import read_search_spaces
from sklstm._search.proposals.losses import standardise
from sklstm._search.proposals.optimizer import AskTell, ProposalSettings
from sklstm._search.proposals.starts import Starts
from sklstm._search.proposals.surrogate import PriorGaussianProcess
from sklstm._search.trials.trial import Outcome

SPACE = {"rate": (1e-4, 1e-1, "log-uniform"), "count": (1, 20), "kind": ["a", "b", None]}


def read(space=SPACE, n_iter=12):
    return read_search_spaces(space, n_iter)[0]


def bowl(params):
    """A score with its maximum of 0 at rate=1e-2, count=15, kind="b"."""
    distance = (math.log10(params["rate"]) + 2) ** 2 + ((params["count"] - 15) / 10) ** 2
    return -distance - (params["kind"] != "b")


def search(score=bowl, space=SPACE, n_iter=12, starts=None, seed=0, **settings):
    """Search as the search does; return the points, their scores and the AskTell.

    score: gives a number or an Outcome.
    """
    settings.setdefault("optimizer_kwargs", CHEAP)
    space = read(space, n_iter)
    ask_tell = AskTell(space, starts or Starts(), ProposalSettings(**settings), seed)
    points, scores = [], []
    while len(points) < n_iter and (batch := ask_tell.ask()[: n_iter - len(points)]):
        answers = [score(space.decode(point)) for point in batch]
        outcomes = [each if isinstance(each, Outcome) else Outcome(each) for each in answers]
        ask_tell.tell(batch, outcomes)
        points += batch
        scores += [outcome.score for outcome in outcomes]
    return points, scores, ask_tell


@pytest.mark.parametrize(
    ("n_iter", "count"), [(1, 3), (15, 3), (16, 4), (20, 5), (39, 9), (40, 10), (500, 10)]
)
def test_the_default_number_of_initial_points(n_iter, count):
    """Oracle: max(3, min(10, n_iter // 4)), by hand."""
    assert ProposalSettings().count_initial_points(n_iter) == count
    assert ProposalSettings(n_initial_points=np.int64(7)).count_initial_points(n_iter) == 7


@pytest.mark.parametrize("design", ["halton", None, 7])
def test_a_design_that_there_is_not_is_refused(design):
    with pytest.raises(ValueError, match=r"initial_point_generator=.* one of \['random', 'sobol'"):
        ProposalSettings(optimizer_kwargs={"initial_point_generator": design})


@pytest.mark.parametrize("name", ["acq_func", "random_state", "n_initial_points", "dimensions"])
def test_what_the_search_itself_decides_is_refused_in_optimizer_kwargs(name):
    with pytest.raises(ValueError, match=f"optimizer_kwargs has '{name}'"):
        ProposalSettings(optimizer_kwargs={name: 1})


@pytest.mark.parametrize("acq_func", ["EI", "LCB", "PI", "gp_hedge", "EIps"])
def test_the_model_finds_better_points_than_chance(acq_func):
    """Oracle: the best of as many random points, from three seeds."""

    def find_best(strategy):
        runs = [search(n_iter=18, seed=n, strategy=strategy, acq_func=acq_func) for n in range(3)]
        return np.mean([max(scores) for _, scores, _ in runs])

    assert find_best("bayes") > find_best("random") / 2


def test_the_default_model_comes_close_to_the_maximum():
    """Oracle: the maximum of the bowl, 0, and what random points reach from this seed."""
    assert max(search(n_iter=14, seed=1, optimizer_kwargs={})[1]) > -0.02
    assert max(search(n_iter=14, seed=1, strategy="random")[1]) < -0.05


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


@pytest.mark.parametrize(("n_points", "n_initial_points"), [(1, 4), (4, 4), (3, 3)])
@pytest.mark.parametrize("acq_func", ["EI", "gp_hedge"])
def test_the_model_is_fitted_once_for_each_trial_after_the_initial_points(
    n_points, n_initial_points, acq_func
):
    """Oracle: a fit before each proposal of the model, and one when the last trials are told."""
    with patch.object(
        GaussianProcessRegressor, "fit", autospec=True, side_effect=GaussianProcessRegressor.fit
    ) as fit:
        search(n_points=n_points, n_initial_points=n_initial_points, acq_func=acq_func)
    assert fit.call_count == (12 - n_initial_points) + 1


@pytest.mark.parametrize("n_points", [1, 3])
def test_the_optimizer_is_never_copied(n_points):
    """Oracle: none; a copy of skopt's fits its model anew to all that was told."""
    with patch.object(Optimizer, "copy", side_effect=AssertionError):
        search(n_iter=12, n_points=n_points)


KNOWN = {
    (0.0,): Outcome(-1.0, 2.0),
    (0.1,): Outcome(-1.25, 20.0),
    (0.9,): Outcome(-1.5, 200.0),
    (1.0,): Outcome(-2.25, 2000.0),
}


def ask_known(n_points, acq_func="EI", seed=3):
    """Make an AskTell that was told KNOWN, and ask it."""
    settings = ProposalSettings(
        acq_func=acq_func, n_initial_points=4, n_points=n_points, optimizer_kwargs=CHEAP
    )
    ask_tell = AskTell(read({"a": (0.0, 1.0)}), Starts(known=KNOWN), settings, seed)
    return ask_tell, ask_tell.ask()


@pytest.mark.parametrize("acq_func", ["EI", "LCB", "EIps"])
def test_a_batch_is_what_skopt_proposes_if_it_is_told_that_each_did_as_well_as_the_best(acq_func):
    """Oracle: skopt's own Optimizer, told the lies by hand; losses in deviations from their mean.

    The shortest time, 2 s, is told as exp(highest loss), in which the best loss is below all logs.
    """
    losses = (np.array([1.0, 1.25, 1.5, 2.25]) - 1.5) / np.std([1.0, 1.25, 1.5, 2.25])
    seconds = np.array([1.0, 10.0, 100.0, 1000.0]) * math.exp(losses.max())
    answers, lie = losses.tolist(), losses.min()
    if acq_func == "EIps":
        answers, lie = (
            [list(pair) for pair in zip(losses, seconds, strict=True)],
            [lie, seconds.min()],
        )
    skopts = Optimizer(
        [Real(0.0, 1.0, transform="normalize")],
        acq_func=acq_func,
        n_initial_points=0,
        avoid_duplicates=False,
        random_state=3,
        **CHEAP,
    )
    skopts.tell([list(point) for point in KNOWN], answers)
    expected = [skopts.ask()]
    for _ in range(2):
        skopts.tell(expected[-1], lie)
        expected.append(skopts.ask())
    _, batch = ask_known(3, acq_func)
    np.testing.assert_allclose(batch, expected, rtol=1e-9)
    assert len(set(batch)) == 3


@pytest.mark.parametrize("acq_func", ["EI", "gp_hedge", "EIps"])
def test_the_model_forgets_its_lies(acq_func):
    """Oracle: an AskTell that was asked for one point, and so was never lied to."""
    (liar, batch), (honest, _) = ask_known(3, acq_func), ask_known(1, acq_func)
    told = [vars(each._model) for each in (liar, honest)]
    for name in ("Xi", "yi", "_next_x", "_n_initial_points"):
        assert told[0][name] == told[1][name]
    assert len(told[0]["models"]) == 1
    np.testing.assert_array_equal(*(each["next_xs_"] for each in told))
    if acq_func == "gp_hedge":
        assert told[0]["gains_"].tolist() == told[1]["gains_"].tolist()
    liar.tell(batch, [Outcome(-1.0, 1.0)] * 3)
    (model,) = liar.make_result().models
    gp = model.estimators_[0] if acq_func == "EIps" else model
    assert sorted(gp.X_train_.ravel()) == sorted([a for (a,) in [*KNOWN, *batch]])


@pytest.mark.parametrize("strategy", ["bayes", "random"])
@pytest.mark.parametrize("design", ["sobol", "lhs"])
def test_a_design_spreads_the_first_points_evenly(design, strategy):
    """Oracle: both put each of eight points into an eighth of its own, in each parameter."""
    space = {"a": (0.0, 1.0), "b": (1.0, 2.0**8, "log-uniform"), "c": (1, 8)}
    settings = {"n_initial_points": 8, "strategy": strategy}
    kwargs = CHEAP | {"initial_point_generator": design}
    points, _, _ = search(
        lambda params: params["a"], space, 9, optimizer_kwargs=kwargs, seed=5, **settings
    )
    first = np.array(points[:8])
    assert sorted(np.floor(first[:, 0] * 8)) == list(range(8))
    assert sorted(np.floor(np.log2(first[:, 1]))) == list(range(8))
    by_chance = np.array(search(space=space, seed=5, score=lambda params: 0.0, **settings)[0][:8])
    assert sorted(np.floor(by_chance[:, 0] * 8)) != list(range(8))


@pytest.mark.parametrize("design", ["random", "sobol", "lhs"])
def test_a_design_gives_only_points_that_are_missing_and_new(design):
    """Oracle: the space's six points; the start comes first, and no point twice."""
    space = {"a": (1, 3), "b": [True, None]}
    starts = Starts([(2, 1)])
    kwargs = CHEAP | {"initial_point_generator": design}
    points, _, _ = search(
        lambda params: 0.0, space, 6, starts, n_initial_points=6, optimizer_kwargs=kwargs
    )
    assert points[0] == (2, 1)
    assert sorted(points) == [(a, b) for a in (1, 2, 3) for b in (0, 1)]


@pytest.mark.parametrize("left_is_cheap", [True, False])
def test_eips_prefers_the_cheaper_of_two_regions_that_are_as_good(left_is_cheap):
    """Oracle: two peaks of one height, of which one costs 20 times the other; starts alike."""

    def score(params):
        is_left = params["a"] < 0.5
        peak = 0.25 if is_left else 0.75
        return Outcome(-abs(params["a"] - peak), 1.0 if is_left == left_is_cheap else 20.0)

    starts = Starts([(0.1,), (0.4,), (0.6,), (0.9,)])
    settings = {"n_initial_points": 4, "acq_func": "EIps"}
    points, _, _ = search(score, {"a": (0.0, 1.0)}, 8, starts, **settings)
    n_cheap = sum((a < 0.5) == left_is_cheap for (a,) in points[4:])
    assert n_cheap >= 3


def test_the_seconds_that_eips_is_told_are_those_of_the_outcomes():
    """Oracle: the model of log(seconds), which meets what it was told, but for the unit."""
    ask_tell, _ = ask_known(1, "EIps")
    result = ask_tell.make_result()
    assert result.func_vals.tolist() == [1.0, 1.25, 1.5, 2.25]
    _, log_seconds = result.models[-1].predict(np.array(list(KNOWN))).T
    expected = np.log([1.0, 10.0, 100.0, 1000.0])
    np.testing.assert_allclose(log_seconds - log_seconds[0], expected, atol=1e-3)


@pytest.mark.parametrize("seconds", [lambda n: np.nan, lambda n: np.nan if n % 2 else 1.0])
@pytest.mark.parametrize("n_points", [1, 3])
def test_eips_can_do_without_seconds(seconds, n_points):
    """Oracle: the space; a start of which only the score is known has no seconds."""

    def score(params):
        return Outcome(bowl(params), seconds(params["count"]))

    settings = {"acq_func": "EIps", "n_points": n_points}
    starts = Starts(known={(3, 0, 0.01): Outcome(-2.0)})
    points, _, ask_tell = search(score, n_iter=8, starts=starts, **settings)
    assert len(set(points)) == 8
    assert all(ask_tell.space.encode(ask_tell.space.decode(point)) == point for point in points)


def score_roughly(params):
    """A score that is off by more where x is large."""
    x = params["x"]
    return Outcome(-((x - 0.3) ** 2), variance=0.01 * x)


def test_a_gaussian_process_is_told_how_far_each_score_may_be_off():
    """Oracle: scikit-learn's process with the variances, in the unit of the losses, on top."""
    space = {"x": (0.0, 1.0)}
    points, scores, ask_tell = search(score_roughly, space, n_iter=7, n_initial_points=6)
    losses, x = -np.array(scores), np.array(points)
    kernel = CHEAP["base_estimator"].kernel
    expected = SklearnProcess(kernel, alpha=1e-6 + 0.01 * x[:, 0] / losses.var(), optimizer=None)
    expected.set_params(normalize_y=True).fit(x, standardise(losses))
    (model,) = ask_tell.make_result().models
    grid = np.linspace(0, 1, 9)[:, None]
    np.testing.assert_allclose(model.predict(grid), expected.predict(grid), atol=1e-9)


@pytest.mark.parametrize("acq_func", ["EI", "EIps"])
def test_variances_go_with_batches(acq_func):
    """Oracle: the points of a batch differ, and each is asked in turn."""
    points, _, _ = search(
        score_roughly,
        {"x": (0.0, 1.0)},
        n_iter=11,
        n_points=4,
        n_initial_points=3,
        acq_func=acq_func,
    )
    assert len(set(points)) == 11


@pytest.mark.parametrize("base_estimator", ["RF", "ET"])
def test_other_models_do_without_variances(base_estimator):
    points, _, _ = search(
        score_roughly,
        {"x": (0.0, 1.0)},
        n_iter=5,
        n_initial_points=3,
        optimizer_kwargs={"base_estimator": base_estimator},
    )
    assert len(set(points)) == 5


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


@pytest.mark.parametrize(("kwargs", "has_prior"), [({}, True), ({"base_estimator": "GP"}, False)])
@pytest.mark.parametrize("acq_func", ["EI", "EIps"])
def test_the_model_has_a_prior_unless_another_is_asked_for(kwargs, has_prior, acq_func):
    """Oracle: the class; with EIps there is a model for the seconds beside that of the scores."""
    few = {"acq_optimizer_kwargs": CHEAP["acq_optimizer_kwargs"]}
    _, _, ask_tell = search(n_iter=4, acq_func=acq_func, optimizer_kwargs=few | kwargs)
    (model,) = ask_tell._model.models
    models = model.estimators_ if acq_func == "EIps" else [model]
    assert [isinstance(each, PriorGaussianProcess) for each in models] == [has_prior] * len(models)


def test_the_models_of_a_result_are_scikit_optimize_s_own_and_predict_the_same():
    """Oracle: the models that were asked; skopt's class can be unpickled without this package."""
    _, _, ask_tell = search(n_iter=5)
    for asked, shown in zip(ask_tell._model.models, ask_tell.make_result().models, strict=True):
        assert type(shown) is GaussianProcessRegressor
        points = np.random.default_rng(0).uniform(size=(9, asked.X_train_.shape[1]))
        for one, two in zip(
            *(m.predict(points, return_std=True) for m in (asked, shown)), strict=True
        ):
            np.testing.assert_array_equal(one, two)


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
    starts = Starts([(5, 0, 1e-3), (6, 0, 1e-3)])
    points, _, ask_tell = search(starts=starts, n_iter=3)
    assert points[:2] == starts.points
    assert len(ask_tell.make_result().models) == 1


def test_known_scores_teach_the_model_and_are_not_asked_for():
    """Oracle: with as many known scores as initial points, the first question goes to the model."""
    space = {"a": (1, 3), "b": [True, None]}
    known = {(1, 0): Outcome(0.0), (2, 0): Outcome(1.0), (3, 0): Outcome(2.0)}
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
