"""What decides the trials of a search."""

import numpy as np
import pytest

from sklstm._search.proposals.dimensions import read_search_spaces
from sklstm._search.proposals.optimizer import ProposalSettings
from sklstm._search.proposals.plan import LARGEST_SEED, draw_seed, make_plan
from sklstm._search.proposals.starts import Starts
from sklstm._search.trials.trial import Outcome

SPACES = [({"a": (0.0, 1.0)}, 4), ({"a": (0.0, 1.0), "b": (1, 9)}, 40)]


def plan(spaces=SPACES, random_state=0, logged=(), starts=None, **settings):
    spaces = read_search_spaces(list(spaces), 12)
    starts = starts or [Starts() for _ in spaces]
    settings = ProposalSettings(**{"strategy": "random", **settings})
    return make_plan(spaces, starts, settings, random_state, dict(logged))


def first_points(plan, n_points=3):
    """Ask each space's optimizer for its first points."""
    return [[optimizer.ask()[0] for _ in range(n_points)] for optimizer in plan.make_optimizers()]


def test_the_trials_are_those_of_all_spaces():
    """Oracle: by hand."""
    assert plan().n_trials == 44


def test_each_space_has_its_own_number_of_initial_points():
    """Oracle: max(3, min(10, n_iter // 4)), by hand; a number that was set holds for all."""
    assert plan().n_initial_points == [3, 10]
    assert plan(n_initial_points=6).n_initial_points == [6, 6]


def test_the_optimizers_use_the_plans_number_of_initial_points():
    """Oracle: the design of the first points, which puts each of eight into an eighth of its own.

    n_iter=40 alone would mean a design of ten.
    """
    design = {"optimizer_kwargs": {"initial_point_generator": "lhs"}}
    logged = {"n_initial_points": [8], "seed": 0}
    (points,) = first_points(plan([SPACES[1]], None, logged, **design), 8)
    assert sorted(int(a * 8) for a, _ in points) == list(range(8))


def test_a_plan_can_be_run_again():
    """Oracle: the first run."""
    one = plan()
    assert first_points(one) == first_points(one)
    assert first_points(one) != first_points(plan(random_state=1))


def test_each_space_has_its_own_seed_which_those_after_it_do_not_change():
    """Oracle: one space twice, and the plan of the first space alone."""
    first, second = first_points(plan([SPACES[0], SPACES[0]]))
    assert first != second
    assert first_points(plan([SPACES[0]])) == [first]


def test_the_optimizers_have_their_own_starts():
    starts = [Starts([(0.25,)]), Starts(known={(0.5, 3): Outcome(1.0)})]
    first, second = plan(starts=starts).make_optimizers()
    assert first.ask() == [(0.25,)]
    assert second.make_result().x_iters == [[0.5, 3]]


def test_what_was_left_open_is_taken_from_the_log():
    """Oracle: by hand; n_iter=40 alone would mean 10 initial points."""
    logged = {"n_initial_points": [3, 7], "seed": 123}
    resumed = plan(random_state=None, logged=logged)
    assert (resumed.n_initial_points, resumed.seed) == ([3, 7], 123)


def test_what_was_set_is_not_taken_from_the_log():
    """Oracle: by hand."""
    logged = {"n_initial_points": [3, 7], "seed": 123}
    given = plan(random_state=5, logged=logged, n_initial_points=4)
    assert (given.n_initial_points, given.seed) == ([4, 4], 5)


def test_a_seed_of_zero_in_the_log_is_one():
    assert plan(random_state=None, logged={"seed": 0}).seed == 0


def test_an_integer_is_a_seed_itself():
    assert draw_seed(7) == 7
    assert type(draw_seed(np.int64(7))) is int


@pytest.mark.parametrize("make_state", [np.random.RandomState, np.random.default_rng])
def test_a_generator_gives_a_seed_that_follows_from_its_state(make_state):
    """Oracle: the same generator from the same state; drawing moves it on."""
    state = make_state(3)
    seed = draw_seed(state)
    assert seed == draw_seed(make_state(3))
    assert seed != draw_seed(state)
    assert type(seed) is int
    assert 0 <= seed < LARGEST_SEED


def test_no_random_state_means_numpys_own():
    """Oracle: numpy.random.seed."""
    before = np.random.get_state()
    np.random.seed(3)
    seed = draw_seed(None)
    np.random.set_state(before)
    assert seed == draw_seed(np.random.RandomState(3))
    assert draw_seed(None) != draw_seed(None)
