"""The progress of a search: a bar on a terminal or in Jupyter, or lines."""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from multiprocessing import current_process
from statistics import median
from typing import Any

from tqdm import TqdmWarning

from sklstm._search.loop import Progress
from sklstm._search.trials.trial import Trial
from sklstm._search.values.units import Unit, find_unit

with warnings.catch_warnings():
    warnings.simplefilter("ignore", TqdmWarning)  # Jupyter without its widgets: a bar of text
    from tqdm.auto import tqdm

logger = logging.getLogger(__name__)
# Without tqdm's remaining time, which uses the mean over all trials including the first.
BAR = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]"

_numbers = count(1)  # of the searches of this process


class ProgressReport:
    """Reports each finished trial and the refit.

    It shows a bar on a terminal and in Jupyter, or prints lines instead with verbose.
    """

    def __init__(self, estimator: Any, verbose: int) -> None:
        self._number = next(_numbers)
        self.label = f"search {self._number} ({type(estimator).__name__})"
        self._verbose = verbose

    @contextmanager
    def showing_trials(
        self, n_trials: int, scorer: Any, tell_start: Callable[[], float] = lambda: 0.0
    ) -> Iterator[Callable[[Progress, bool], None]]:
        """Yield a function that shows the progress; call it after each trial.

        Its second argument is whether the trial is new, because a trial from a log or a cache says
        nothing about the time. `tell_start` returns the seconds that the workers took to start.
        """
        new: list[Trial] = []
        with self._open_bar(self.label, n_trials) as bar:

            def show(progress: Progress, is_new: bool) -> None:
                last = progress.trials_[-1]
                if is_new:
                    new.append(last)
                unit = find_unit(scorer, last.objective)
                left = describe_time_left(progress, new, tell_start())
                best = f"best {unit.name} {unit.write(progress.best_score_)}"
                bar.set_postfix_str(f"{left}, {best}, last {last.status}", refresh=False)
                bar.update()
                self._write(describe_progress(progress, unit, left), **list_fields(progress))

            yield show

    @contextmanager
    def showing_refit(self) -> Iterator[None]:
        """Show that the best candidate is being fitted on all rows."""
        self._write("refit of the best candidate on all rows")
        with self._open_bar(f"{self.label}, refit", 1) as bar:
            yield
            bar.update()

    def _open_bar(self, label: str, total: int) -> Any:
        # None: tqdm shows nothing if the output is not a terminal, such as that of Jupyter.
        disable = bool(self._verbose) or not _is_in_front() or (False if _is_in_jupyter() else None)
        return tqdm(total=total, desc=label, bar_format=BAR, disable=disable)

    def _write(self, line: str, **fields: Any) -> None:
        line = f"{self.label}, {line}"
        logger.info(line, extra={"search": self._number, **fields})
        if self._verbose and not _is_logged_to_the_screen():
            print(line)


def describe_progress(progress: Progress, unit: Unit, left: str) -> str:
    """Describe the last trial, the best score so far and the time left, in one line."""
    last, number = progress.trials_[-1], len(progress.trials_)
    best = unit.write(progress.best_score_)
    return (
        f"trial {number}/{progress.n_trials}: {last.status}, {_describe_outcome(last, unit)}, "
        f"best {best}, {left}"
    )


def list_fields(progress: Progress) -> dict[str, Any]:
    """List the attributes of the log record for the last trial."""
    last = progress.trials_[-1]
    return {
        "trial": len(progress.trials_),
        "n_trials": progress.n_trials,
        "status": last.status,
        "score": last.score,
        "best_score": progress.best_score_,
        "seconds": last.seconds,
    }


def describe_time_left(progress: Progress, new: Sequence[Trial], start_seconds: float) -> str:
    """Describe the time left, given the trials that were run here.

    It is based on the median trial. Trials in which a process fits for the first time do not count,
    because they include the start of TensorFlow, which takes longer than the rest of a short
    search. The `start_seconds` of the workers do not count either.
    """
    n_left = progress.n_trials - len(progress.trials_)
    typical = [trial.seconds for trial in new if not trial.in_new_process]
    if not n_left:
        return "ETA 0:00:00"
    if not typical:
        return "ETA unknown"
    # Elapsed seconds for each second of a fit: less than 1 if fits run in parallel.
    spent = sum(trial.seconds for trial in new)
    pace = (progress.seconds - start_seconds) / spent if spent > 0 else 1.0
    return f"ETA {timedelta(seconds=round(pace * median(typical) * n_left))}"


def _describe_outcome(trial: Trial, unit: Unit) -> str:
    if trial.status == "failed":
        return str(trial.error).splitlines()[0]
    if trial.status == "pruned":
        return f"after {len(trial.run_folds)} of {len(trial.folds)} folds"
    return f"{unit.name} {unit.write(trial.score)}"


def _is_logged_to_the_screen() -> bool:
    """Tell whether the log's lines already go to the screen, where `verbose` would repeat them."""
    if not logger.isEnabledFor(logging.INFO):
        return False
    place: logging.Logger | None = logger
    while place is not None:
        for handler in place.handlers:
            is_shown = getattr(handler, "stream", None) in (sys.stdout, sys.stderr)
            if is_shown and handler.level <= logging.INFO:
                return True
        place = place.parent if place.propagate else None
    return False


def _is_in_front() -> bool:
    """Tell whether this is the user's own process and thread, not a worker's."""
    return (
        current_process().name == "MainProcess"
        and threading.current_thread() is threading.main_thread()
    )


def _is_in_jupyter() -> bool:
    """Tell whether a notebook shows the output, by the same criterion as tqdm."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and "IPKernelApp" in shell.config
