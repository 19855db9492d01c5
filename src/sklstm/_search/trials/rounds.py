"""Rounds: the candidates of a batch run on their folds in parallel until each trial is decided.

All folds are one round, unless candidates may be dropped: then there is a round for each fold. The
trials do not depend on the number of workers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import product
from typing import Any

from joblib.externals.loky.process_executor import BrokenProcessPool
from sklearn.utils.parallel import delayed

from sklstm._rows.folds import Fold
from sklstm._search.trials.fits import score_on_fold
from sklstm._search.trials.pruning import LEAST_FOLDS, Threshold
from sklstm._search.trials.retrying import RetryingWorkers, WorkerLost
from sklstm._search.trials.tasks import FitTask
from sklstm._search.trials.trial import Candidate, Evaluation, FoldScore, Trial, make_trial

WORKER_LOST = (
    "worker lost: the process of this fit was killed or crashed, and again when the fit ran alone. "
    "If memory ran out, search smaller models, use fewer rows or set a lower n_jobs."
)


def run_trials(
    workers: RetryingWorkers,
    evaluation: Evaluation,
    candidates: Sequence[Candidate],
    is_over: Callable[[], bool] = lambda: False,
    tasks: Sequence[Sequence[Sequence[FitTask]]] | None = None,
    threshold: Threshold | None = None,
) -> Iterator[Trial]:
    """Score the candidates on the folds, with as many parallel fits as there are workers.

    Yields each trial when its last fold is done. After each fold, `is_over` decides whether the
    rest is skipped. tasks[candidate][fold][seed]: the task of this fit for scikit-learn's
    callbacks. With a threshold, the folds run in rounds, those with few training rows first, and a
    candidate that will not reach the threshold is dropped between two rounds.
    """
    folds = evaluation.folds
    order = sorted(range(len(folds)), key=lambda fold: len(folds[fold][0]))
    scores: list[dict[int, FoldScore]] = [{} for _ in candidates]
    running = list(range(len(candidates)))
    n_done = 0  # folds of each that runs
    while running:
        next_folds = order[n_done:]
        if threshold is not None:
            n_next = count_next_folds(n_done, len(running), workers.n_workers)
            next_folds = next_folds[:n_next]
        n_done += len(next_folds)
        fits = list_fits(running, next_folds, folds)
        left = Counter(number for number, _ in fits)
        prepared = list(prepare_fits(evaluation, candidates, fits, tasks))
        with closing(workers.run(prepared)) as results:
            for (number, fold), result in zip(fits, results, strict=True):
                if isinstance(result, WorkerLost):
                    result = score_lost_fit(result, evaluation, candidates[number], fold)
                workers.note_seconds(result.seconds)
                scores[number][fold] = result
                left[number] -= 1
                if not left[number]:
                    trial = conclude(
                        candidates[number], scores[number], order, evaluation, threshold
                    )
                    if trial is not None:
                        running.remove(number)
                        yield trial
                if is_over():
                    return


def count_next_folds(n_done: int, n_candidates: int, n_workers: int) -> int:
    """Count the folds of each candidate for the next round.

    It is one, or in the first round the folds that always run; more only if workers would be idle.
    """
    return max(1, LEAST_FOLDS - n_done, n_workers // n_candidates)


def list_fits(
    candidates: Sequence[int], folds: Sequence[int], splits: Sequence[Fold]
) -> list[tuple[int, int]]:
    """List (candidate, fold), more training rows first: a long fit that began last runs alone."""
    pairs = product(candidates, sorted(folds))
    return sorted(pairs, key=lambda pair: -len(splits[pair[1]][0]))


class CandidateError(Exception):
    """Wraps an error of a candidate that would be misinterpreted on the way from its worker.

    Generators turn a StopIteration into a RuntimeError, and a process pool that broke inside the
    candidate is not that of the search. `error` is the original exception.
    """

    @property
    def error(self) -> Exception:
        """The candidate's own exception."""
        return self.args[0]


def score_for_generator(*args: Any) -> FoldScore:
    """Score a candidate on a fold with `score_on_fold`, for results that a generator passes on."""
    try:
        return score_on_fold(*args)
    except (StopIteration, BrokenProcessPool) as error:
        raise CandidateError(error) from None


def score_lost_fit(
    lost: WorkerLost, evaluation: Evaluation, candidate: Candidate, fold: int
) -> FoldScore:
    """Score a candidate on a fold on which it lost its worker twice: as failed."""
    if evaluation.error_score == "raise":
        raise RuntimeError(f"{candidate.params}, fold {fold}: {WORKER_LOST}")
    return FoldScore({}, {}, lost.seconds, 0.0, WORKER_LOST, in_new_process=True)


def prepare_fits(
    evaluation: Evaluation,
    candidates: Sequence[Candidate],
    fits: Sequence[tuple[int, int]],
    tasks: Sequence[Sequence[Sequence[FitTask]]] | None,
) -> Iterator[Any]:
    """Prepare the fits, (candidate, fold) each, for joblib."""
    for number, fold in fits:
        of_seeds = () if tasks is None else tasks[number][fold]
        yield delayed(score_for_generator)(evaluation, candidates[number].params, fold, of_seeds)


def conclude(
    candidate: Candidate,
    scores: Mapping[int, FoldScore],
    order: Sequence[int],
    evaluation: Evaluation,
    threshold: Threshold | None,
) -> Trial | None:
    """Make the trial if its folds so far decide it; None if it is to run the next one.

    Folds that idle workers ran after the deciding one are left out, so that the result does not
    depend on the number of workers.
    """
    counted: dict[int, FoldScore] = {}
    for fold in order:
        if fold not in scores:
            return None
        counted[fold] = scores[fold]
        if threshold is None and len(counted) < len(order):
            continue
        in_order = tuple(counted.get(place) for place in range(len(order)))
        trial = make_trial(candidate, in_order, evaluation.scoring)
        if trial.status == "failed":
            break
        run = trial.list_scores(trial.objective)
        if threshold is not None and threshold.is_out_of_reach(run):
            return replace(trial, estimate=threshold.estimate_mean(run))
    return trial
