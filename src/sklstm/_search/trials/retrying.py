"""Workers that survive the death of one: the fits that it may have run are repeated, each alone.

With parallel fits it is unknown which of them killed a worker, because joblib stops all workers
when one dies. Run alone, the fit that kills its worker again is known, and the others succeed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Self

from joblib import effective_n_jobs
from joblib.externals.loky.process_executor import TerminatedWorkerError
from sklearn.utils.parallel import Parallel

from sklstm._warnings import warn_caller


@dataclass(frozen=True)
class WorkerLost:
    """The result of a task that lost its worker twice."""

    seconds: float  # until the worker died, the second time


class RetryingWorkers:
    """Workers of joblib that run tasks in parallel, as a context while they are open.

    Only processes of joblib's backend "loky" die with a TerminatedWorkerError, and are replaced. A
    task must not raise this error itself.
    """

    def __init__(self, make_parallel: Callable[[], Parallel]) -> None:
        self._make_parallel = make_parallel
        self._parallel = make_parallel()
        self._opened = ExitStack()
        self._has_lost_one = False
        self._opened_at = perf_counter()
        self._has_started = False
        self.start_seconds = 0.0

    def __enter__(self) -> Self:
        self._opened.enter_context(self._parallel)
        return self

    def __exit__(self, *error: object) -> None:
        self._opened.close()

    @property
    def n_workers(self) -> int:
        """The number of tasks that run in parallel."""
        return effective_n_jobs(self._parallel.n_jobs)

    def note_seconds(self, seconds: float) -> None:
        """Note how long the task of the latest result ran.

        From the first one follow `start_seconds`, in which the workers started.
        """
        if not self._has_started:
            self._has_started = True
            self.start_seconds = max(0.0, perf_counter() - self._opened_at - seconds)

    def run(self, tasks: Sequence[Any]) -> Generator[Any, None, None]:
        """Yield the results of the tasks in their order; close the generator to cancel the rest."""
        n_done = 0
        while n_done < len(tasks):
            try:
                with cancelling(self._parallel, tasks[n_done:]) as results:
                    for result in results:
                        n_done += 1
                        yield result
            except TerminatedWorkerError:
                self._warn_once()
                self._replace_workers()
                # Workers begin tasks in order, so these may have been running. If a later one was
                # (an earlier task took longer), it kills a worker once more, and its turn comes.
                for task in tasks[n_done : n_done + self.n_workers]:
                    n_done += 1
                    yield self._run_alone(task)

    def _run_alone(self, task: Any) -> Any:
        began = perf_counter()
        try:
            (result,) = self._parallel([task])
        except TerminatedWorkerError:
            self._replace_workers()
            return WorkerLost(perf_counter() - began)
        return result

    def _replace_workers(self) -> None:
        # The old Parallel starts new workers as well, but forgets the user's settings, such as
        # temp_folder, and would begin with tasks that it had not yet handed out when one died.
        self._opened.close()
        self._parallel = self._opened.enter_context(self._make_parallel())

    def _warn_once(self) -> None:
        if not self._has_lost_one:
            self._has_lost_one = True
            warn_caller(
                "A worker process of the search was killed or crashed, most often because memory "
                "ran out. The fits that were running are repeated one at a time, and the search "
                "continues. If memory is short, set a lower n_jobs."
            )


@contextmanager
def cancelling(parallel: Parallel, tasks: Sequence[Any]) -> Iterator[Any]:
    """Iterate over the tasks' results; at the end, cancel those that were not waited for."""
    results = parallel(tasks)
    try:
        yield results
    finally:
        if parallel.return_generator:  # a list has all results
            # joblib warns of what it cancels, unless it thinks that all were asked for. A filter
            # for that warning would not do: the worker threads set filters of their own.
            parallel.return_generator = False
            results.close()
            parallel.return_generator = True
