"""How a search shows that it goes on."""

import io
import multiprocessing
import sys
import threading
from contextlib import redirect_stderr
from types import SimpleNamespace

import pytest
import tqdm.std
from small_search import make_trial

from sklstm.loop import Progress
from sklstm.progress import ProgressReport, describe_progress

OK = make_trial(0.25)
FAILED = make_trial(0.0, error="Oops: a\nb")


def tell(*trials, n_trials=12, seconds=60.0):
    return Progress(trials, n_trials, seconds)


def test_a_line_tells_the_last_trial_and_the_best():
    """Oracle: by hand."""
    better = make_trial(0.123456789)
    assert describe_progress(tell(OK)).startswith("trial 1/12: ok, score 0.25, best 0.25, ETA ")
    assert describe_progress(tell(better, OK, better)).startswith(
        "trial 3/12: ok, score 0.12346, best 0.25, ETA "
    )
    assert describe_progress(tell(OK, FAILED)).startswith(
        "trial 2/12: failed, fold 0: Oops: a, best 0.25, ETA "
    )
    assert describe_progress(tell(FAILED)).startswith(
        "trial 1/12: failed, fold 0: Oops: a, best nan, ETA "
    )


@pytest.mark.parametrize(
    ("n_recalled", "eta"), [(0, "0:03:00"), (1, "0:04:30"), (2, "0:09:00"), (3, "unknown")]
)
def test_the_time_to_go_is_that_of_the_trials_that_were_run(n_recalled, eta):
    """Oracle: 9 of 12 trials are left, and those that were run took 60 s: 20, 30 or 60 s each."""
    assert describe_progress(tell(OK, OK, OK), n_recalled).endswith(f", ETA {eta}")


class Terminal(io.StringIO):
    """What is written to a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """The bar's clock, which stands still until a test moves it."""
    clock = {"seconds": 1000.0}
    monkeypatch.setattr(tqdm.std, "time", lambda: clock["seconds"])
    return clock


def show(*shown, stderr, n_trials=3, verbose=0):
    """Show trials, each with whether it is new; return what came on stderr."""
    with redirect_stderr(stderr), ProgressReport(n_trials, verbose) as report:
        for number, (_, is_new) in enumerate(shown, start=1):
            trials = tuple(trial for trial, _ in shown[:number])
            report.show(Progress(trials, n_trials, 60.0), is_new)
    return stderr.getvalue()


def test_in_jupyter_there_is_a_bar_though_its_output_is_no_terminal(monkeypatch):
    """Oracle: IPython's interface, played by a stand-in; without widgets the bar is a text."""
    shell = SimpleNamespace(config={"IPKernelApp": {}})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert " 1/3 [" in show((OK, True), stderr=io.StringIO())
    shell.config.clear()  # IPython on a terminal whose output was sent elsewhere
    assert show((OK, True), stderr=io.StringIO()) == ""


def test_on_a_terminal_a_bar_shows_number_best_score_and_last_status():
    """Oracle: the parts that a bar of tqdm is to have; its last state is that after both trials."""
    last = show((OK, True), (FAILED, True), stderr=Terminal()).split("\r")[-1]
    assert last.startswith("Search:  67%")
    assert " 2/3 [" in last
    assert "best 0.25, last failed" in last


def test_recalled_trials_count_in_the_bar_but_not_into_its_time_to_go(clock):
    """Oracle: 2 of 4 trials were recalled at once, one took 60 s, and so will the one that is left.

    With the recalled ones counted, it would be 60 s / 3 = 20 s.
    """
    terminal = Terminal()
    with redirect_stderr(terminal), ProgressReport(4, verbose=0) as report:
        for n, is_new in ((1, False), (2, False), (3, True)):
            clock["seconds"] += 60 * is_new
            report.show(Progress((OK,) * n, 4, 60.0), is_new)
    assert " 3/4 [01:00<01:00" in terminal.getvalue()


def test_elsewhere_there_is_no_bar(capsys):
    assert show((OK, True), stderr=io.StringIO()) == ""
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


def test_the_logger_is_told_each_line_and_verbose_prints_it(capsys, caplog):
    """Oracle: by hand; the recalled trial says nothing of the time to go."""
    caplog.set_level("INFO", "sklstm")
    show((OK, False), (FAILED, True), stderr=io.StringIO())
    lines = [
        "trial 1/3: ok, score 0.25, best 0.25, ETA unknown",
        "trial 2/3: failed, fold 0: Oops: a, best 0.25, ETA 0:01:00",
    ]
    assert [record.getMessage() for record in caplog.records] == lines
    assert {record.name for record in caplog.records} == {"sklstm.progress"}
    assert capsys.readouterr().out == ""
    show((OK, False), (FAILED, True), stderr=io.StringIO(), verbose=1)
    assert capsys.readouterr().out.splitlines() == lines


def test_of_a_pruned_trial_the_line_tells_after_how_many_folds():
    """Oracle: by hand."""
    trials = (make_trial(1.0, 2.0, 3.0), make_trial(0.0, 0.5, None))
    line = describe_progress(Progress(trials, 3, 60.0))
    assert line == "trial 2/3: pruned, after 2 of 3 folds, best 2, ETA 0:00:30"


def test_lines_stand_beside_the_bar(capsys):
    """Oracle: the lines are on stdout, the bar is on stderr."""
    bar = show((OK, True), stderr=Terminal(), verbose=1)
    assert capsys.readouterr().out == "trial 1/3: ok, score 0.25, best 0.25, ETA 0:02:00\n"
    assert "best 0.25, last ok" in bar
