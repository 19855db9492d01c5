"""The search loop: ask for candidates, run them and report their scores, until it stops."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Literal

import numpy as np

from sklstm._search.log.memory import Memory
from sklstm._search.proposals.optimizer import AskTell
from sklstm._search.proposals.plan import Plan
from sklstm._search.trials.pruning import Threshold, set_threshold
from sklstm._search.trials.retrying import RetryingWorkers
from sklstm._search.trials.rounds import CandidateError, run_trials
from sklstm._search.trials.tasks import Tasks
from sklstm._search.trials.trial import Candidate, Evaluation, Trial
from sklstm._warnings import warn_caller

StopReason = Literal["time_limit", "callback", "interrupt"]


@dataclass(frozen=True)
class Progress:
    """The state of a search, as callbacks get it.

    Attributes
    ----------
    trials_ : tuple of Trial
        The finished trials, in the order in which they were proposed. Each has `params`, `score`
        (the mean over the folds), `status` ("ok", "pruned" or "failed"), `error`, `seconds` and
        `folds`.
    n_trials : int
        Number of trials that the search will have, unless it is stopped.
    seconds : float
        Seconds since the search began.
    best_score_ : float
        The best mean score of a trial that ran all folds; NaN before there is one.
    best_params_ : dict or None
        Its parameters.
    """

    trials_: tuple[Trial, ...]
    n_trials: int
    seconds: float

    @property
    def best_score_(self) -> float:
        """The best score; NaN before a trial succeeded."""
        best = self._find_best()
        return np.nan if best is None else best.score

    @property
    def best_params_(self) -> dict[str, Any] | None:
        """The best candidate's parameters."""
        best = self._find_best()
        return None if best is None else best.params

    def _find_best(self) -> Trial | None:
        succeeded = (trial for trial in self.trials_ if trial.status == "ok")
        return max(succeeded, key=lambda trial: trial.score, default=None)


@dataclass
class BestResiduals:
    """The residuals of the best trial so far: as much memory as one trial's."""

    _best: Trial | None = None

    def take_off(self, trial: Trial) -> Trial:
        """Keep the trial's residuals if it is the best so far; return it without them."""
        if trial.status == "ok" and (self._best is None or _rank(trial) > _rank(self._best)):
            self._best = trial
        return trial.without_residuals()

    def find(self, trial: Trial) -> np.ndarray | None:
        """Find a trial's residuals; None unless it was run here and has the best score."""
        if self._best is None or self._best.candidate is not trial.candidate:
            return None
        return self._best.residuals


def _rank(trial: Trial) -> tuple[float, int, int]:
    """Rank by score; of equal ones the first proposed is the best, whichever ended first."""
    return trial.score, -trial.candidate.space, -trial.candidate.number


@dataclass(frozen=True)
class Stops:
    """The conditions that stop a search before its last trial."""

    time_limit: float | None  # seconds
    callbacks: Sequence[Callable[[Progress], Any]]


class Loop:
    """One run of a search; its finished trials stay in `trials`, however it ends."""

    def __init__(
        self,
        plan: Plan,
        evaluation: Evaluation,
        workers: RetryingWorkers,
        memory: Memory,
        stops: Stops,
        tasks: Tasks,
        watch: Callable[[Progress, bool], None],
    ) -> None:
        self.trials: list[Trial] = []
        self.stop_reason: StopReason | None = None
        self.optimizers = plan.make_optimizers()
        self.residuals = BestResiduals()
        self.tasks = tasks
        self._n_trials = plan.n_trials
        self._n_told = 0  # number of trials that an optimizer knows of
        self._evaluation, self._workers = evaluation, workers
        self._memory, self._stops, self._watch = memory, stops, watch
        self._began = perf_counter()

    def run(self) -> None:
        """Search all spaces, one after the other; Ctrl-C ends it once a trial is finished."""
        try:
            for space, optimizer in enumerate(self.optimizers):
                self._search_space(space, optimizer)
                if self.stop_reason is not None:
                    break
        except KeyboardInterrupt:
            if not self.trials:
                raise
            self.stop_reason = "interrupt"
            self._tell(optimizer)  # what is finished of its batch
        except CandidateError as carrier:
            raise carrier.error from carrier.__cause__  # of a worker process, its traceback
        if len(self.trials) == self._n_trials:
            self.stop_reason = None  # there was nothing left to stop

    def _search_space(self, space: int, optimizer: AskTell) -> None:
        n_iter = optimizer.space.n_iter
        n_asked = 0
        # Asked for a whole batch and cut, so that a shorter search begins as a longer one does.
        while n_asked < n_iter and (points := optimizer.ask()[: n_iter - n_asked]):
            self._run_batch(
                [
                    Candidate(optimizer.space.decode(point), point, space, n_asked + place)
                    for place, point in enumerate(points)
                ]
            )
            n_asked += len(points)
            self._tell(optimizer)
            self._note_stop()
            if self.stop_reason is not None:
                return
        if n_asked < n_iter:
            warn_caller(
                f"The search ends before n_iter={n_iter}, because its space has only {n_asked} "
                "points."
            )

    def _run_batch(self, candidates: Sequence[Candidate]) -> None:
        """Look the candidates up or run them; keep their trials in order, fewer if time ran out."""
        first = len(self.trials)
        try:
            missing = []
            for candidate in candidates:
                known = self._memory.find(candidate)
                if known is None:
                    missing.append(candidate)
                else:
                    self._keep(self._memory.add(known), is_new=False)
            for trial in self._run(missing, self._set_threshold(self.trials[:first])):
                self._keep(self._memory.add(self.residuals.take_off(trial)), is_new=True)
        finally:
            self.trials[first:] = sorted(
                self.trials[first:], key=lambda trial: trial.candidate.number
            )

    def _tell(self, optimizer: AskTell) -> None:
        """Pass the scores of new trials to the optimizer."""
        batch = self.trials[self._n_told :]
        self._n_told = len(self.trials)  # first, so that an interrupt does not repeat trials
        if batch:
            optimizer.tell(
                [trial.candidate.point for trial in batch], [trial.outcome for trial in batch]
            )

    def _set_threshold(self, earlier: Sequence[Trial]) -> Threshold | None:
        """Set the threshold by earlier batches only, because this one's trials end in any order."""
        if not self._evaluation.pruning:
            return None
        succeeded = [trial for trial in earlier if trial.status == "ok"]
        return set_threshold([trial.list_scores(trial.objective) for trial in succeeded])

    def _run(self, candidates: Sequence[Candidate], threshold: Threshold | None) -> Iterator[Trial]:
        if candidates:
            tasks = self.tasks.begin_trials(len(candidates))
            yield from run_trials(
                self._workers, self._evaluation, candidates, self._is_late, tasks, threshold
            )
            if self.tasks.end_trials(tasks):
                self.stop_reason = "callback"

    def _keep(self, trial: Trial, is_new: bool) -> None:
        self.trials.append(trial)
        self._watch(self.tell_progress(), is_new)

    def _is_late(self) -> bool:
        """Tell whether the time is up; never before the first trial is finished."""
        limit = self._stops.time_limit
        return limit is not None and bool(self.trials) and perf_counter() - self._began >= limit

    def _note_stop(self) -> None:
        """Note the reason to stop the search, if there is one: the time, or else a callback."""
        if self.stop_reason is None and self._is_late():
            self.stop_reason = "time_limit"
        if self.stop_reason is None and self._call_callbacks():
            self.stop_reason = "callback"

    def _call_callbacks(self) -> bool:
        """Call all callbacks; return whether one of them stops the search."""
        progress = self.tell_progress()
        answers = [callback(progress) for callback in self._stops.callbacks]
        return any(answers)

    @property
    def model_was_asked(self) -> bool:
        """Whether a model was asked for a candidate, or there is no model."""
        return any(optimizer.model_was_asked for optimizer in self.optimizers)

    def tell_progress(self) -> Progress:
        """Return the progress of the search."""
        return Progress(tuple(self.trials), self._n_trials, perf_counter() - self._began)
