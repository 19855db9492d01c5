"""The search loop: asking, running, telling and stopping."""

import warnings
from functools import partial
from time import sleep
from typing import ClassVar

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from small_search import CHEAP, FOLDS, Book, Level, evaluate, make_trial, make_workers

from sklstm._search.log.memory import Memory
from sklstm._search.loop import BestResiduals, Loop, Progress, Stops
from sklstm._search.proposals.dimensions import read_search_spaces
from sklstm._search.proposals.optimizer import ProposalSettings
from sklstm._search.proposals.plan import make_plan
from sklstm._search.proposals.starts import Starts
from sklstm._search.trials.tasks import Tasks
from sklstm._search.trials.trial import Candidate, FoldScore, Trial


class Counting(Level):
    """Notes the level of each fit in a list that all share; what a test hooks in comes first."""

    fits: ClassVar[list] = []
    hooks: ClassVar[list] = []

    def fit(self, X, y):
        for hook in self.hooks:
            hook(self)
        self.fits.append(self.level)
        return self


@pytest.fixture(autouse=True)
def fits():
    Counting.fits.clear()
    Counting.hooks.clear()
    return Counting.fits


class Clock:
    """A clock that a fit moves on by a second."""

    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        return self.seconds

    def tick(self, model):
        self.seconds += 1.0


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    Counting.hooks.append(clock.tick)
    monkeypatch.setattr("sklstm._search.loop.perf_counter", clock)
    return clock


UNIT = {"level": (0.0, 1.0)}


def make_loop(spaces=UNIT, n_iter=4, log=None, time_limit=None, callbacks=(), **changes):
    """Make a loop over levels, each of three folds; the score is minus the level."""
    spaces = read_search_spaces(spaces, n_iter)
    starts = changes.pop("starts", [Starts() for _ in spaces])
    settings = {"strategy": "random", **changes.pop("settings", {})}
    plan = make_plan(spaces, starts, ProposalSettings(**settings), 0, {})
    watch = changes.pop("watch", lambda progress, is_new: None)
    workers = make_workers(changes.pop("n_jobs", None))
    return Loop(
        plan,
        evaluate(Counting(), **changes),
        workers,
        Memory(log),
        Stops(time_limit, callbacks),
        Tasks(None, {}, plan.n_trials, len(FOLDS), 1),
        watch,
    )


def run(*args, **kwargs):
    loop = make_loop(*args, **kwargs)
    loop.run()
    return loop


def interrupt_at(n_fits):
    """Let the user press Ctrl-C in the fit that comes after so many."""

    def hook(model):
        if len(Counting.fits) == n_fits:
            raise KeyboardInterrupt

    Counting.hooks.append(hook)


def list_levels(trials):
    return [trial.params["level"] for trial in trials]


def test_all_spaces_are_searched_one_after_the_other():
    """Oracle: by hand."""
    loop = run([(UNIT, 2), ({"level": (2.0, 3.0)}, 3)])
    assert [(each.candidate.space, each.candidate.number) for each in loop.trials] == [
        *((0, 0), (0, 1)),
        *((1, 0), (1, 1), (1, 2)),
    ]
    assert [level > 1 for level in list_levels(loop.trials)] == [False] * 2 + [True] * 3
    assert loop.stop_reason is None


def test_the_optimizers_are_told_how_their_points_did():
    """Oracle: minus the level is the score, of which scikit-optimize minimises the negative."""
    loop = run([(UNIT, 2), ({"level": (2.0, 3.0)}, 3)])
    for space, optimizer in enumerate(loop.optimizers):
        result = optimizer.make_result()
        levels = list_levels(each for each in loop.trials if each.candidate.space == space)
        assert result.x_iters == [[level] for level in levels]
        np.testing.assert_allclose(result.func_vals, levels, rtol=1e-12)


def test_a_candidate_has_its_point_and_its_parameters():
    """Oracle: by hand; the point of a category is its position."""
    (trial,) = run({"level": [0.25], "other": ["a"]}, n_iter=1).trials
    assert trial.candidate == Candidate({"level": 0.25, "other": "a"}, (0, 0), 0, 0)


def test_a_failure_is_told_as_one_whatever_its_score():
    """Oracle: by hand; a failure costs the worst loss, 0.75, and a deviation of 0.25 and 0.75."""

    def fail_above_1(model):
        if model.level > 1:
            raise ValueError("too high")

    Counting.hooks.append(fail_above_1)
    starts = [Starts([(0.25,), (2.0,), (0.75,)])]
    loop = run({"level": (0.0, 3.0)}, n_iter=3, starts=starts, error_score=5.0)
    assert [trial.status for trial in loop.trials] == ["ok", "failed", "ok"]
    assert loop.optimizers[0].make_result().func_vals.tolist() == [0.25, 1.0, 0.75]


@pytest.mark.parametrize("n_points", [1, 3])
def test_a_shorter_search_begins_as_a_longer_one(n_points):
    """Oracle: the longer one."""
    settings = {"n_points": n_points}
    shorter, longer = (run(n_iter=n, settings=settings).trials for n in (4, 7))
    assert list_levels(shorter) == list_levels(longer)[:4]
    assert len(longer) == 7


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_trials_stand_in_the_order_in_which_they_were_proposed(n_jobs):
    """Oracle: the numbers, and the search one by one; some fits are slower than others."""
    Counting.hooks.append(lambda model: sleep(0.02 * (model.level > 0.5)))
    loop = run(n_iter=6, settings={"n_points": 3}, n_jobs=n_jobs)
    assert [trial.candidate.number for trial in loop.trials] == list(range(6))
    assert list_levels(loop.trials) == list_levels(run(n_iter=6).trials)


def test_a_space_that_runs_out_is_told_of_and_the_next_one_is_searched():
    """Oracle: by hand."""
    spaces = [({"level": [0.25, 0.5]}, 5), (UNIT, 1)]
    with pytest.warns(UserWarning, match=r"before n_iter=5, .* only 2 points"):
        loop = run(spaces)
    assert [trial.candidate.space for trial in loop.trials] == [0, 0, 1]


def test_what_two_spaces_hold_is_fitted_once(fits):
    """Oracle: by hand; four trials of three levels, three folds each."""
    told = []
    loop = run(
        [{"level": [0.25, 0.5]}, {"level": [0.5, 0.75]}],
        n_iter=2,
        watch=lambda progress, is_new: told.append((progress.trials_[-1].params["level"], is_new)),
    )
    assert sorted(fits) == [0.25] * 3 + [0.5] * 3 + [0.75] * 3
    assert sorted(list_levels(loop.trials)) == [0.25, 0.5, 0.5, 0.75]
    first, second = (trial for trial in loop.trials if trial.params["level"] == 0.5)
    assert second.folds == first.folds
    assert [trial.candidate.space for trial in (first, second)] == [0, 1]
    assert sorted(told) == [(0.25, True), (0.5, False), (0.5, True), (0.75, True)]


def test_what_two_spaces_write_in_two_ways_is_fitted_once(fits):
    """Oracle: two estimators with the same parameters, arrays with the same content."""
    values = [Ridge(2.0), np.array([1.0, 2.0])]
    same = [Ridge(alpha=2.0), np.array([1.0, 2.0])]
    loop = run([{"other": values}, {"other": same}], n_iter=2)
    assert (len(loop.trials), len(fits)) == (4, 6)


def test_functions_of_the_same_source_are_not_the_same(fits):
    """Oracle: the idiom to make functions in a loop; each trial has its own score."""
    functions = [lambda level=level: level for level in (0.25, 0.75)]
    Counting.hooks.append(lambda model: setattr(model, "level", model.other()))
    loop = run({"other": functions}, n_iter=2)
    assert sorted(trial.score for trial in loop.trials) == [-0.75, -0.25]
    assert sorted(fits) == [0.25] * 3 + [0.75] * 3


@pytest.mark.parametrize("n_points", [1, 2])
def test_logged_trials_are_not_run_again(fits, n_points):
    """Oracle: the same search without a log, of which the second and third trial are kept."""
    settings = {"n_points": n_points}
    whole = run(settings=settings).trials
    fits.clear()
    log, told = Book(*whole[1:3]), []
    loop = run(settings=settings, log=log, watch=lambda progress, is_new: told.append(is_new))
    assert list_levels(loop.trials) == list_levels(whole)
    assert loop.trials[1:3] == whole[1:3]
    assert sorted(set(fits)) == sorted(list_levels([whole[0], whole[3]]))
    assert [trial.candidate.number for trial in log.appended] == [0, 3]
    assert sorted(told) == [False, False, True, True]


@pytest.mark.parametrize(
    ("time_limit", "n_fits", "n_trials"),
    [(0.5, 3, 1), (3.0, 3, 1), (3.5, 4, 1), (4.5, 5, 1), (5.5, 6, 2), (9.0, 9, 3)],
)
def test_no_fold_begins_after_the_time_limit_but_the_first_trial_is_finished(
    clock, fits, time_limit, n_fits, n_trials
):
    """Oracle: by hand; each fit takes a second, each trial has three."""
    loop = run(time_limit=time_limit)
    assert (len(fits), len(loop.trials), loop.stop_reason) == (n_fits, n_trials, "time_limit")


def test_of_a_batch_the_trials_that_were_finished_in_time_are_kept(clock, fits):
    """Oracle: by hand; the folds of two candidates alternate, the first is done after 5 s."""
    loop = run(time_limit=4.5, settings={"n_points": 2})
    assert (len(fits), list_levels(loop.trials)) == (5, [fits[0]])
    assert loop.optimizers[0].make_result().x_iters == [[fits[0]]]


@pytest.mark.parametrize("time_limit", [12.0, 100.0, None])
def test_a_search_that_is_ready_was_not_stopped(clock, time_limit):
    """Oracle: by hand; all four trials take 12 s."""
    loop = run(time_limit=time_limit)
    assert (len(loop.trials), loop.stop_reason) == (4, None)


def test_callbacks_are_told_of_the_search_after_each_batch(clock):
    """Oracle: by hand; each trial takes 3 s."""
    told = []
    loop = run(n_iter=5, callbacks=[told.append], settings={"n_points": 2})
    assert [len(progress.trials_) for progress in told] == [2, 4, 5]
    assert [progress.seconds for progress in told] == [6.0, 12.0, 15.0]
    assert {progress.n_trials for progress in told} == {5}
    assert told[-1].trials_ == tuple(loop.trials)
    assert told[-1].best_score_ == max(trial.score for trial in loop.trials)


def test_a_callback_that_returns_true_stops_the_search_after_all_were_asked():
    """Oracle: by hand; the first callback stops it at the second trial."""
    told = []
    loop = run(callbacks=[lambda progress: len(progress.trials_) == 2, told.append])
    assert (len(loop.trials), len(told), loop.stop_reason) == (2, 2, "callback")


def test_a_stopped_space_is_the_last():
    loop = run([UNIT, UNIT], callbacks=[lambda progress: True])
    assert [(each.candidate.space, each.candidate.number) for each in loop.trials] == [(0, 0)]


def test_a_callback_that_fails_ends_the_search_with_its_error():
    def fail(progress):
        raise RuntimeError("no callback today")

    with pytest.raises(RuntimeError, match="no callback today"):
        run(callbacks=[fail])


@pytest.mark.parametrize(("n_fits", "n_trials"), [(3, 1), (4, 1), (8, 2)])
def test_an_interrupt_keeps_the_finished_trials(n_fits, n_trials):
    """Oracle: by hand; each trial has three fits."""
    interrupt_at(n_fits)
    loop = run()
    assert (len(loop.trials), loop.stop_reason) == (n_trials, "interrupt")
    assert len(loop.optimizers[0].make_result().x_iters) == n_trials


@pytest.mark.parametrize("n_fits", [0, 2])
def test_an_interrupt_before_the_first_trial_is_finished_is_the_users(n_fits):
    interrupt_at(n_fits)
    with pytest.raises(KeyboardInterrupt):
        run()


def test_an_interrupt_keeps_what_is_finished_of_a_batch(fits):
    """Oracle: by hand; the folds of two candidates alternate, the first is done after five."""
    interrupt_at(5)
    loop = run(settings={"n_points": 2})
    assert (list_levels(loop.trials), loop.stop_reason) == ([fits[0]], "interrupt")
    assert loop.optimizers[0].make_result().x_iters == [[fits[0]]]


@pytest.mark.parametrize(("stop", "time_limit"), [("interrupt", None), ("time_limit", 10.5)])
def test_a_search_goes_on_from_a_batch_that_was_cut_short_as_in_one_go(clock, stop, time_limit):
    """Oracle: the search in one go; of its second batch one trial is finished after 11 fits."""
    settings = {"strategy": "bayes", "n_initial_points": 2, "optimizer_kwargs": CHEAP}
    go = partial(run, n_iter=6, settings={"n_points": 2, **settings})
    whole = list_levels(go().trials)
    Counting.fits.clear()
    if stop == "interrupt":
        interrupt_at(11)
    cut = go(time_limit=time_limit)
    assert (list_levels(cut.trials), cut.stop_reason) == (whole[:3], stop)
    assert cut.optimizers[0].make_result().x_iters == [[level] for level in whole[:3]]
    Counting.fits.clear()
    assert list_levels(go(log=Book(*cut.trials)).trials) == whole


def test_an_interrupt_stops_the_spaces_that_would_follow(fits):
    interrupt_at(4)
    loop = run([UNIT, UNIT])
    assert (len(fits), len(loop.trials)) == (4, 1)


def test_another_error_of_a_fit_ends_the_search():
    def fail(model):
        raise RuntimeError("no fit today")

    Counting.hooks.append(fail)
    with pytest.raises(RuntimeError, match="no fit today"):
        run(error_score="raise")


@pytest.mark.parametrize("kind", [StopIteration, StopAsyncIteration, KeyError, AssertionError])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_the_error_of_a_fit_ends_the_search_as_it_is_whatever_its_class(kind, n_jobs):
    """Oracle: the exception itself; a generator would make a RuntimeError of StopIteration."""
    error = kind("no fit today")

    def fail(model):
        raise error

    Counting.hooks.append(fail)
    with pytest.raises(kind) as caught:
        run(error_score="raise", n_jobs=n_jobs)
    assert caught.value is error


def test_the_best_so_far_is_the_best_of_those_that_did_not_fail():
    """Oracle: by hand."""
    trials = [
        make_trial(9.0, params={"a": 0}, error="x"),
        make_trial(1.0, params={"a": 1}),
        make_trial(2.0, 4.0, params={"a": 2}),
        make_trial(np.inf, params={"a": 3}),
    ]
    best = [Progress(tuple(trials[:n]), 9, 1.0) for n in range(5)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_equal([p.best_score_ for p in best], [np.nan, np.nan, 1.0, 3.0, 3.0])
    assert [p.best_params_ for p in best] == [None, None, {"a": 1}, {"a": 2}, {"a": 2}]


def make_trial_with_residuals(score, number=0, residual=1.0):
    fold = FoldScore({"score": score}, {}, 0.0, 0.0, residuals=np.array([residual]))
    return Trial(Candidate({}, number=number), (fold,))


def test_only_the_residuals_of_the_best_trial_are_kept():
    """Oracle: by hand; failed trials are none, and pruned ones did not run all folds."""
    first, best, worse = (make_trial_with_residuals(score) for score in (1.0, 3.0, 2.0))
    failed = make_trial_with_residuals(np.inf)
    dropped = Trial(Candidate({}), (*make_trial_with_residuals(9.0).folds, None))
    residuals = BestResiduals()
    for trial in (failed, first, best, worse, dropped):
        bare = residuals.take_off(trial)
        assert bare == trial
        assert bare.residuals is None
    assert residuals.find(best).tolist() == [1.0]
    assert residuals.find(first) is None


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_equal_trials_the_first_proposed_is_the_best_whichever_ends_first(order):
    """Oracle: the rank in cv_results_, where the first of equal rows is the best."""
    trials = [make_trial_with_residuals(1.0, number, residual=number) for number in (0, 1)]
    residuals = BestResiduals()
    for number in order:
        residuals.take_off(trials[number])
    assert residuals.find(trials[0]).tolist() == [0.0]
    assert residuals.find(trials[1]) is None


def test_no_residuals_are_known_before_a_trial_succeeded():
    assert BestResiduals().find(make_trial(1.0)) is None


def test_the_loops_trials_and_its_log_hold_no_residuals():
    """Oracle: the level itself, which Level predicts for targets of 0."""
    log = Book()
    loop = run(log=log)
    assert [trial.residuals for trial in [*loop.trials, *log.appended]] == [None] * 8
    best = max(loop.trials, key=lambda trial: trial.score)
    np.testing.assert_array_equal(loop.residuals.find(best), [-best.params["level"]] * 6)
