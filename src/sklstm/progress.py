"""How a search shows that it goes on: a bar on a terminal or in Jupyter, lines elsewhere."""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from datetime import timedelta
from multiprocessing import current_process
from types import TracebackType
from typing import Self

from tqdm import TqdmWarning

from sklstm.loop import Progress
from sklstm.trials import Trial

with warnings.catch_warnings():
    warnings.simplefilter("ignore", TqdmWarning)  # Jupyter without its widgets: a bar of text
    from tqdm.auto import tqdm

logger = logging.getLogger(__name__)


class ProgressReport:
    """Tells of each finished trial: number, best score, time to go, last status."""

    def __init__(self, n_trials: int, verbose: int) -> None:
        self._verbose = verbose
        self._n_recalled = 0
        # None: tqdm shows nothing where the output is no terminal, as Jupyter's is not.
        disable = not _is_in_front() or (False if _is_in_jupyter() else None)
        self._bar = tqdm(total=n_trials, desc="Search", unit="trial", smoothing=0, disable=disable)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.close()

    def show(self, progress: Progress, is_new: bool) -> None:
        """Show the last trial; one from a log or a cache says nothing of the time to go."""
        self._n_recalled += not is_new
        if not self._bar.disable:
            self._bar.initial = self._n_recalled  # counts, but not into the time to go
            best, last = progress.best_score_, progress.trials_[-1].status
            self._bar.set_postfix_str(f"best {best:.5g}, last {last}", refresh=False)
            self._bar.update()
        line = describe_progress(progress, self._n_recalled)
        logger.info(line)
        if self._verbose:
            self._bar.write(line)


def describe_progress(progress: Progress, n_recalled: int = 0) -> str:
    """Describe in a line the last trial, the best so far and the time to go."""
    last, number = progress.trials_[-1], len(progress.trials_)
    outcome = _describe_outcome(last)
    n_run, n_left = number - n_recalled, progress.n_trials - number
    eta = timedelta(seconds=round(progress.seconds / n_run * n_left)) if n_run else "unknown"
    return (
        f"trial {number}/{progress.n_trials}: {last.status}, {outcome}, "
        f"best {progress.best_score_:.5g}, ETA {eta}"
    )


def _describe_outcome(trial: Trial) -> str:
    if trial.status == "failed":
        return str(trial.error).splitlines()[0]
    if trial.status == "pruned":
        return f"after {len(trial.run_folds)} of {len(trial.folds)} folds"
    return f"score {trial.score:.5g}"


def _is_in_front() -> bool:
    """Whether this is the user's own process and thread, not a worker's beside others."""
    return (
        current_process().name == "MainProcess"
        and threading.current_thread() is threading.main_thread()
    )


def _is_in_jupyter() -> bool:
    """Whether a notebook shows the output, by the same sign that tqdm goes by."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and "IPKernelApp" in shell.config
