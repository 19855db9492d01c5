"""The events of a search for scikit-learn's callbacks, which exist from version 1.9 on.

They are nested: the fit contains the search and the refit, the search its trials, each trial its
folds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sklstm._callbacks import has_callbacks


@dataclass(frozen=True)
class FitTask:
    """One fit of a candidate, as a worker reports it."""

    search: Any
    context: Any  # scikit-learn's CallbackContext


@contextmanager
def observing(task: FitTask | None, estimator: Any, **data: Any) -> Iterator[None]:
    """Let callbacks watch the fit of this estimator; data: X, y and metadata of this fit."""
    if task is None:
        yield
        return
    with task.context.propagate_callback_context(estimator):
        task.context.call_on_fit_task_begin(estimator=task.search, **data)
        try:
            yield
        finally:
            task.context.call_on_fit_task_end(estimator=task.search, **data)


class Tasks:
    """The tree of tasks of one search; without callbacks nothing happens.

    data: X, y and metadata, of all rows.
    """

    def __init__(
        self, search: Any, data: dict[str, Any], n_trials: int, n_folds: int, n_seeds: int
    ) -> None:
        self._search, self._n_folds, self._n_seeds = search, n_folds, n_seeds
        self._data = {"estimator": search, **data}
        self._root = None
        if has_callbacks(search):
            self._root = search._init_callback_context(max_subtasks=1 + bool(search.refit))
            self._root.call_on_fit_task_begin(**self._data)
            self._trials = self._root.subcontext(task_name="search", max_subtasks=n_trials)
            self._trials.call_on_fit_task_begin(**self._data)

    def begin_trials(self, n_trials: int) -> list[list[list[FitTask]]] | None:
        """Begin some trials; return the tasks of their folds, one for each seed."""
        if self._root is None:
            return None
        return [self._begin_trial() for _ in range(n_trials)]

    def _begin_trial(self) -> list[list[FitTask]]:
        n_fits = self._n_folds * self._n_seeds
        trial = self._trials.subcontext(task_name="trial", max_subtasks=n_fits)
        trial.call_on_fit_task_begin(**self._data)
        return [
            [
                FitTask(self._search, trial.subcontext(task_name="candidate-split-evaluation"))
                for _ in range(self._n_seeds)
            ]
            for _ in range(self._n_folds)
        ]

    def end_trials(self, trials: Sequence[Sequence[Sequence[FitTask]]] | None) -> bool:
        """End these trials; tell whether a callback asks to stop the search."""
        contexts = [folds[0][0].context.parent for folds in trials or ()]
        answers = [context.call_on_fit_task_end(**self._data) for context in contexts]
        return any(answers)

    def end_search(self) -> None:
        """End the search itself, which the refit follows."""
        if self._root is not None:
            self._trials.call_on_fit_task_end(**self._data)

    def begin_refit(self) -> FitTask | None:
        """Return the task of the fit on all rows."""
        if self._root is None:
            return None
        return FitTask(self._search, self._root.subcontext(task_name="refit-with-best-params"))

    def end(self) -> None:
        """End the fit of the search."""
        if self._root is not None:
            self._root.call_on_fit_task_end(**self._data)
