"""The run of a prepared search, and what it warns of."""

import pytest
from small_search import Level, draw_rows

from sklstm import BayesTimeSeriesSearchCV
from sklstm._search.preparation import preparing
from sklstm._search.progress import ProgressReport
from sklstm._search.running import run_search

X, Y, _ = draw_rows(60)


class Interrupted(Level):
    """Has the user press Ctrl-C in its fifth fit."""

    n_fits = 0

    def fit(self, X, y):
        Interrupted.n_fits += 1
        if Interrupted.n_fits == 5:
            raise KeyboardInterrupt
        return self


def run(estimator=None, **changes):
    settings = {"n_iter": 4, "cv": 3, "random_state": 0, "pruning": False, **changes}
    search = BayesTimeSeriesSearchCV(estimator or Level(), {"level": (0.0, 1.0)}, **settings)
    with preparing(search, X, Y, {}) as prepared:
        return run_search(search, prepared, ProgressReport(search.estimator, 0))


def test_all_trials_are_run():
    loop = run()
    assert [trial.status for trial in loop.trials] == ["ok"] * 4
    assert loop.stop_reason is None


@pytest.mark.parametrize("in_a_list", [False, True])
def test_one_callback_or_a_list_of_them_may_stop_it(in_a_list):
    """Oracle: by hand."""

    def stop(progress):
        return len(progress.trials_) == 2

    loop = run(callbacks=[stop] if in_a_list else stop)
    assert (len(loop.trials), loop.stop_reason) == (2, "callback")


def test_a_search_that_ends_before_its_model_was_asked_is_warned_of():
    """Oracle: by hand; the first trial is finished, however late it is."""
    with pytest.warns(UserWarning, match="time_limit=1e-09 ended the search after 1 of 4 trials"):
        loop = run(time_limit=1e-9)
    assert loop.stop_reason == "time_limit"


def test_an_interrupt_is_warned_of():
    """Oracle: by hand; of the second trial one fit is finished."""
    with pytest.warns(UserWarning, match="interrupted after 1 of 4 trials"):
        loop = run(Interrupted())
    assert loop.stop_reason == "interrupt"
