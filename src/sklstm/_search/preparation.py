"""The preparation of a search before its first trial, from the user's rows to a plan.

Labels are read, scores and metadata are routed, rows are split into folds, spaces are read, and all
of this is audited. Only then is the log opened, which may contain the seed.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sklearn.base import clone
from sklearn.utils import get_tags, indexable
from sklearn.utils.validation import has_fit_parameter

from sklstm._nested.gap import find_gap
from sklstm._nested.own_row import describe_own_row
from sklstm._nested.parts import find_params, offered_space, reads_windows
from sklstm._nested.reaching import count_steps
from sklstm._rows.folds import Fold, make_folds
from sklstm._rows.labels import Labels, first_disorder, settle_labels, without_labels
from sklstm._search.audit import Audit, audit_search
from sklstm._search.log.problem import describe_problem, list_versions
from sklstm._search.log.trial_log import TrialLog, open_log
from sklstm._search.log.warm_start import add_known, list_known_trials
from sklstm._search.proposals.dimensions import SearchSpace, read_search_spaces
from sklstm._search.proposals.optimizer import ProposalSettings
from sklstm._search.proposals.plan import Plan, make_plan
from sklstm._search.proposals.starts import read_starts
from sklstm._search.routing import route_to_fit
from sklstm._search.trials.scoring import ONE_STANDARD_ERROR, read_scoring, reads_paths
from sklstm._search.trials.trial import Evaluation


@dataclass(frozen=True)
class Preparation:
    """A search that is ready for its first trial."""

    evaluation: Evaluation
    audit: Audit
    plan: Plan
    log: TrialLog | None
    metadata: dict[str, Any]  # the arguments of fit other than X and y


def check_arguments(search: Any, y: Any, metadata: Mapping[str, Any]) -> None:
    """Refuse parameters of the search and arguments of fit that contradict each other."""
    estimator, n_seeds = search.estimator, search.n_seeds
    if n_seeds > 1 and not find_params(estimator, "random_state"):
        raise ValueError(
            f"n_seeds={n_seeds} needs a random_state in the estimator or a nested one, but "
            f"{estimator!r} has none. Set n_seeds=1."
        )
    if "callback" in metadata and not has_fit_parameter(estimator, "callback"):
        raise TypeError(
            "fit does not accept callback, unlike that of BayesSearchCV. Set the parameter "
            "callbacks instead."
        )
    if y is None and get_tags(search).target_tags.required:
        raise ValueError(f"{estimator!r} requires y to be passed, but the target y is None.")


@contextmanager
def preparing(search: Any, X: Any, y: Any, metadata: dict[str, Any]) -> Iterator[Preparation]:
    """Prepare a search, and keep its log open as long as the context lasts."""
    X, y = indexable(X, y)
    reads_before = reads_windows(search.estimator)
    must_increase = reads_before and not search.allow_future_train
    labels, *settled = settle_labels(X, y, must_increase=must_increase)
    if reads_before:
        X, y = settled
    if reads_before and labels is not None and not labels.increase:
        X, y = without_labels(X), without_labels(y)  # a forecaster would refuse them
    evaluation = prepare_evaluation(search, X, y, labels, metadata)
    spaces, cuts = read_spaces(search, evaluation.folds)
    refuse_short_folds(evaluation, spaces)
    own_row = describe_own_row(
        evaluation.estimator, evaluation.X, evaluation.y, fit_params=evaluation.fit_params
    )
    audit = audit_search(evaluation, spaces, search.allow_future_train, cuts, labels, own_row)
    audit.raise_or_warn()
    with open_log(search.log) as log:
        plan = plan_search(search, evaluation, spaces, log.problem if log else {})
        if log is not None:
            log.begin(describe_problem(evaluation, metadata, plan), list_versions())
        yield Preparation(evaluation, audit, plan, log, metadata)


def prepare_evaluation(
    search: Any, X: Any, y: Any, labels: Labels | None, metadata: dict[str, Any]
) -> Evaluation:
    """Decide the scoring of candidates, the folds, and the metadata of the fits."""
    scoring = read_scoring(search.estimator, search.scoring, search.objective, search.refit)
    routed = route_to_fit(search, metadata, scoring.scorer)
    gap = find_gap(search.estimator, X, y, routed.estimator.fit)
    folds = make_folds(search.cv, X, y, gap.n_rows, **routed.splitter.split)
    if search.refit == ONE_STANDARD_ERROR and len(folds) < 2:
        raise ValueError(
            f"refit={search.refit!r} needs the spread of at least two folds, but "
            f"cv={search.cv!r} has one. Set refit=True, or use more folds."
        )
    if reads_windows(search.estimator) and labels is not None:
        values = [labels.values[rows] for fold in folds for rows in fold]
        if any(first_disorder(each) is not None for each in values):
            # A forecaster would refuse them; the audit lets them pass only if the user does.
            X, y = without_labels(X), without_labels(y)
    return Evaluation(
        clone(search.estimator),
        X,
        y,
        gap,
        folds,
        scoring,
        fit_params=routed.estimator.fit,
        score_params=routed.scorer.score,
        error_score=search.error_score,
        return_train_score=search.return_train_score,
        pruning=bool(search.pruning),
        n_seeds=int(search.n_seeds),
    )


def read_spaces(search: Any, folds: Sequence[Fold]) -> tuple[list[SearchSpace], list[str]]:
    """Read the spaces, and the warnings from default spaces that were cut to the folds."""
    search_spaces = search.search_spaces
    with warnings.catch_warnings(record=True) as cuts:
        warnings.simplefilter("always", UserWarning)
        if search_spaces is None:
            n_rows = min(len(train) for train, _ in folds)
            search_spaces = offered_space(search.estimator, n_rows)
    spaces = read_search_spaces(search_spaces, search.n_iter)
    return spaces, [str(cut.message) for cut in cuts]


def refuse_short_folds(evaluation: Evaluation, spaces: Sequence[SearchSpace]) -> None:
    """Refuse folds whose test rows are shorter than a path, unless the search tunes `steps`."""
    is_tuned = any(name.split("__")[-1] == "steps" for space in spaces for name in space.dimensions)
    if is_tuned or not reads_paths(evaluation.scoring.scorer):
        return
    steps = count_steps(evaluation.estimator)
    shortest = min(len(test) for _, test in evaluation.folds)
    if steps > shortest:
        raise ValueError(
            f"Paths of steps={steps} rows cannot be scored on folds with {shortest} test rows, "
            "which have no target for the last step. Use fewer folds, more rows or fewer steps, or "
            "set scoring='neg_root_mean_squared_error', which scores only the first row of each "
            "path."
        )


def plan_search(
    search: Any,
    evaluation: Evaluation,
    spaces: Sequence[SearchSpace],
    logged: Mapping[str, Any],
) -> Plan:
    """Plan how candidates are proposed; missing settings come from the log, if there is one."""
    starts = read_starts(search.x0, search.estimator, spaces)
    if search.warm_start_from is not None:
        known = list_known_trials(search.warm_start_from, evaluation.scoring)
        add_known(starts, spaces, known)
    settings = ProposalSettings(
        search.strategy,
        search.acq_func,
        search.n_initial_points,
        search.n_points,
        search.optimizer_kwargs or {},
    )
    return make_plan(spaces, starts, settings, search.random_state, logged)
