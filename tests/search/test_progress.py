"""How a search shows that it goes on."""

import io
import logging
import math
import multiprocessing
import re
import sys
import threading
from contextlib import redirect_stderr
from types import SimpleNamespace

import pytest
import tqdm.std
from sklearn.linear_model import Ridge
from sklearn.metrics import get_scorer
from small_search import make_trial

from sklstm._search.loop import Progress
from sklstm._search.progress import ProgressReport, describe_progress, describe_time_left
from sklstm._search.trials.trial import Candidate, FoldScore, Trial
from sklstm._search.values.units import Unit

OK = make_trial(-0.25)  # takes 1.5 s
FAILED = make_trial(0.0, error="Oops: a\nb")
RMSE = Unit("RMSE", -1)


def tell(*trials, n_trials=12, seconds=60.0):
    return Progress(trials, n_trials, seconds)


def describe(*trials):
    return describe_progress(tell(*trials), RMSE, "ETA 0:01:00")


def test_a_line_tells_the_last_trial_and_the_best():
    """Oracle: by hand; errors are positive."""
    better = make_trial(-0.123456789)
    assert describe(OK) == "trial 1/12: ok, RMSE 0.25, best 0.25, ETA 0:01:00"
    assert describe(better, OK, better).startswith("trial 3/12: ok, RMSE 0.12346, best 0.12346, ")
    assert describe(OK, FAILED).startswith("trial 2/12: failed, fold 0: Oops: a, best 0.25, ETA ")
    assert describe(FAILED).startswith("trial 1/12: failed, fold 0: Oops: a, best nan, ETA ")


def trial_of(seconds, in_new_process=False):
    fold = FoldScore({"score": 0.0}, {}, seconds, 0.0, in_new_process=in_new_process)
    return Trial(Candidate({}), (fold,))


START = trial_of(40.0, in_new_process=True)


@pytest.mark.parametrize(
    ("seconds", "elapsed", "eta"),
    [
        ([], 43.0, "unknown"),
        ([1.0], 44.0, "0:00:10"),
        ([1.0, 30.0, 2.0], 76.0, "0:00:20"),  # another shape was compiled
        ([1.0, 1.0], 24.0, "0:00:05"),  # two side by side
    ],
)
def test_the_time_left_is_that_of_the_median_trial_in_workers_that_have_started(
    seconds, elapsed, eta
):
    """Oracle: by hand, 10 of 12 trials are left; before the first fit 3 s passed."""
    trials = [START, *map(trial_of, seconds)]
    assert describe_time_left(tell(OK, OK, seconds=elapsed), trials, 3.0) == f"ETA {eta}"


@pytest.mark.parametrize(("trials", "eta"), [([], "unknown"), ([trial_of(0.0)] * 2, "0:00:00")])
def test_the_time_left_where_no_trial_took_time(trials, eta):
    """Oracle: by hand; without a trial all were recalled."""
    assert describe_time_left(tell(OK, OK, seconds=1.0), trials, 0.0) == f"ETA {eta}"


def test_at_the_end_no_time_is_left():
    assert describe_time_left(tell(OK, n_trials=1), [START], 0.0) == "ETA 0:00:00"


class Terminal(io.StringIO):
    """What is written to a terminal."""

    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The bar's clock, which stands still: each state of a bar is that of its last change."""
    monkeypatch.setattr(tqdm.std, "time", lambda: 1000.0)


def show(*shown, stderr, n_trials=3, verbose=0, refit=False):
    """Show trials, each with whether it is new; return what came on stderr."""
    with redirect_stderr(stderr):
        report = ProgressReport(Ridge(), verbose)
        scorer = get_scorer("neg_root_mean_squared_error")
        with report.showing_trials(n_trials, scorer) as show_trial:
            for number, (_, is_new) in enumerate(shown, start=1):
                trials = tuple(trial for trial, _ in shown[:number])
                show_trial(Progress(trials, n_trials, 60.0), is_new)
        if refit:
            with report.showing_refit():
                pass
    return stderr.getvalue()


def test_in_jupyter_there_is_a_bar_though_its_output_is_no_terminal(monkeypatch):
    """Oracle: IPython's interface, played by a stand-in; without widgets the bar is a text."""
    shell = SimpleNamespace(config={"IPKernelApp": {}})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert " 1/3 [" in show((OK, True), stderr=io.StringIO())
    shell.config.clear()  # IPython on a terminal whose output was sent elsewhere
    assert show((OK, True), stderr=io.StringIO()) == ""


def test_on_a_terminal_a_bar_shows_number_time_left_best_score_and_last_status():
    """Oracle: by hand; its last state is that after both trials, which took 30 s each."""
    last = show((OK, True), (FAILED, True), stderr=Terminal()).split("\r")[-1]
    assert re.match(r"search \d+ \(Ridge\):  67%", last)
    assert " 2/3 [00:00, ETA 0:00:30, best RMSE 0.25, last failed]" in last


def test_recalled_trials_count_in_the_bar_but_not_into_the_time_left():
    """Oracle: 3 of 4 trials are there, and only one of them was run: it has the start in it."""
    last = show((OK, False), (OK, False), (START, True), stderr=Terminal(), n_trials=4)
    assert " 3/4 [00:00, ETA unknown, " in last.split("\r")[-1]


def test_the_refit_is_shown_after_the_trials(capsys):
    """Oracle: by hand."""
    last = show((OK, True), stderr=Terminal(), n_trials=1, refit=True).split("\r")[-1]
    assert re.match(r"search \d+ \(Ridge\), refit: 100%.* 1/1 \[00:00\]", last)
    show((OK, True), stderr=Terminal(), n_trials=1, refit=True, verbose=1)
    last = capsys.readouterr().out.splitlines()[-1]
    assert re.fullmatch(r"search \d+ \(Ridge\), refit of the best candidate on all rows", last)


def test_two_searches_have_two_labels():
    labels = [ProgressReport(Ridge(), 0).label for _ in range(2)]
    assert labels[0] != labels[1]


def test_elsewhere_there_is_no_bar(capsys):
    assert show((OK, True), stderr=io.StringIO(), refit=True) == ""
    assert capsys.readouterr().out == ""


def test_a_worker_thread_shows_no_bar():
    """A search inside another one, say in cross_validate with threads."""
    terminal = Terminal()
    worker = threading.Thread(target=show, args=((OK, True),), kwargs={"stderr": terminal})
    worker.start()
    worker.join()
    assert terminal.getvalue() == ""


def test_a_worker_process_shows_no_bar(monkeypatch):
    monkeypatch.setattr(multiprocessing.current_process(), "name", "LokyProcess-1")
    assert show((OK, True), stderr=Terminal()) == ""


def without_labels(lines):
    return [re.sub(r"^search \d+ \(Ridge\), ", "", line) for line in lines]


def test_the_logger_is_told_each_line_and_verbose_prints_it(capsys, caplog):
    """Oracle: by hand; the recalled trial says nothing of the time left, 60 s have passed."""
    caplog.set_level("INFO", "sklstm")
    show((OK, False), (FAILED, True), stderr=io.StringIO())
    lines = [
        "trial 1/3: ok, RMSE 0.25, best 0.25, ETA unknown",
        "trial 2/3: failed, fold 0: Oops: a, best 0.25, ETA 0:01:00",
    ]
    assert without_labels(record.getMessage() for record in caplog.records) == lines
    assert {record.name for record in caplog.records} == {"sklstm._search.progress"}
    assert capsys.readouterr().out == ""
    show((OK, False), (FAILED, True), stderr=io.StringIO(), verbose=1)
    assert without_labels(capsys.readouterr().out.splitlines()) == lines


def test_the_record_of_a_trial_has_its_fields(caplog):
    """Oracle: by hand; scores keep the sign that the search maximises."""
    caplog.set_level("INFO", "sklstm")
    show((OK, True), (FAILED, True), stderr=io.StringIO(), refit=True)
    first, second, refit = caplog.records
    names = "trial", "n_trials", "status", "score", "best_score", "seconds"
    assert [getattr(first, name) for name in names] == [1, 3, "ok", -0.25, -0.25, 1.5]
    assert [getattr(second, name) for name in names[:3]] == [2, 3, "failed"]
    assert math.isnan(second.score)
    assert second.best_score == -0.25
    assert first.search == second.search == refit.search
    assert not hasattr(refit, "trial")


def test_of_a_pruned_trial_the_line_tells_after_how_many_folds():
    """Oracle: by hand."""
    pruned = make_trial(0.0, -0.5, None)
    assert describe(OK, pruned).startswith("trial 2/12: pruned, after 2 of 3 folds, best 0.25, ")


def test_with_verbose_each_trial_appears_once_and_there_is_no_bar(capsys):
    assert show((OK, True), stderr=Terminal(), verbose=1) == ""
    assert capsys.readouterr().out.count("trial 1/3") == 1


@pytest.mark.parametrize("name", ["sklstm", "", "sklstm._search.progress"])
def test_what_the_logger_writes_to_the_screen_is_not_printed_once_more(name, capsys, caplog):
    """Oracle: by hand; a handler of the user's for standard output."""
    caplog.set_level("INFO", "sklstm")
    handler = logging.StreamHandler(sys.stdout)
    logging.getLogger(name).addHandler(handler)
    try:
        show((OK, True), stderr=io.StringIO(), verbose=1)
        assert capsys.readouterr().out.count("trial 1/3") == 1
        handler.setLevel("WARNING")
        show((OK, True), stderr=io.StringIO(), verbose=1)
        assert capsys.readouterr().out.count("trial 1/3") == 1
    finally:
        logging.getLogger(name).removeHandler(handler)
