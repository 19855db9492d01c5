"""The run of a prepared search: the loop, with workers, callbacks and a line of progress."""

from __future__ import annotations

from typing import Any

from sklstm._callbacks import name_metadata
from sklstm._search.log.memory import Memory
from sklstm._search.loop import Loop, Stops
from sklstm._search.preparation import Preparation
from sklstm._search.progress import ProgressReport
from sklstm._search.trials.tasks import Tasks
from sklstm._search.trials.workers import open_workers
from sklstm._warnings import warn_caller


def run_search(search: Any, prepared: Preparation, report: ProgressReport) -> Loop:
    """Run the trials of a search, and warn if it ended early."""
    evaluation, n_trials = prepared.evaluation, prepared.plan.n_trials
    callbacks = search.callbacks or []
    stops = Stops(search.time_limit, [callbacks] if callable(callbacks) else callbacks)
    metadata = name_metadata(prepared.metadata)
    data = {"X": evaluation.X, "y": evaluation.y, "metadata": metadata}
    tasks = Tasks(search, data, n_trials, len(evaluation.folds), evaluation.n_seeds)
    with (
        open_workers(search.n_jobs, search.pre_dispatch, evaluation) as workers,
        report.showing_trials(
            n_trials, evaluation.scoring.show_scorer(), lambda: workers.start_seconds
        ) as show,
    ):
        loop = Loop(prepared.plan, evaluation, workers, Memory(prepared.log), stops, tasks, show)
        loop.run()
    _warn_of_an_early_end(loop, n_trials, search.time_limit)
    return loop


def _warn_of_an_early_end(loop: Loop, n_trials: int, time_limit: float | None) -> None:
    if loop.stop_reason == "time_limit" and not loop.model_was_asked:
        warn_caller(
            f"time_limit={time_limit} ended the search after {len(loop.trials)} of "
            f"{n_trials} trials, before its model proposed a candidate: all of them were start "
            "points or random. Use a longer time_limit, or lower n_initial_points."
        )
    if loop.stop_reason == "interrupt":
        warn_caller(
            f"The search was interrupted after {len(loop.trials)} of {n_trials} trials. "
            "They are kept, and the best candidate is fitted on all rows unless refit=False. A "
            "second interrupt stops the search immediately."
        )
