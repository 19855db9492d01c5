"""Warm starts: a search learns from the trials of a fitted search or of a log."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sklearn.utils.validation import check_is_fitted

from sklstm._search.log.problem import describe_scorers
from sklstm._search.log.records import read_record
from sklstm._search.log.trial_log import read_log
from sklstm._search.proposals.dimensions import SearchSpace
from sklstm._search.proposals.starts import Starts
from sklstm._search.trials.scoring import ONE_METRIC, Scoring
from sklstm._search.trials.trial import Candidate, Outcome
from sklstm._search.values.description import describe
from sklstm._warnings import warn_caller

Known = tuple[dict[str, Any], Outcome]  # parameters as `describe` puts them


def list_known_trials(source: Any, scoring: Scoring) -> list[Known]:
    """List the trials of a fitted search or a log; raise a ValueError if the scoring differs."""
    if isinstance(source, str | os.PathLike):
        header, records = read_log(source)
        trials = [read_record(record, Candidate(record["params"])) for record in records]
        scored_by = header["problem"]["scoring"]
    else:
        check_is_fitted(source, "trials_")
        trials = source.trials_
        scored_by = describe_scorers(source.scorer_)
    # A trial that failed before it was scored does not know its metric.
    objective = next((trial.objective for trial in trials if trial.status == "ok"), None)
    if objective is not None:
        refuse_other_scores(scored_by, objective, scoring)
    return [(describe(trial.params), trial.outcome) for trial in trials]


def refuse_other_scores(scored_by: Mapping[str, Any], objective: str, scoring: Scoring) -> None:
    """Raise a ValueError if those scores come from another scorer than the one to maximise now."""
    theirs = _find_scorer(scored_by, objective)
    own = _find_scorer(describe_scorers(scoring.scorer), _choose_objective(scoring, objective))
    if theirs != own:
        raise ValueError(
            f"warm_start_from has trials that were scored with {theirs}, but this search maximises "
            f"{own}. Use the same scoring, or leave warm_start_from at None."
        )


def _choose_objective(scoring: Scoring, theirs: str) -> str:
    if scoring.metrics is not None:
        return scoring.choose_objective(scoring.metrics)
    # The metrics of a callable are not known yet; if it is theirs, it has the same metrics.
    return theirs if theirs == ONE_METRIC else scoring.wish or theirs


def _find_scorer(scorers: Mapping[str, Any], metric: str) -> Any:
    """Find the scorer of the metric, or the callable that returns it among several."""
    return scorers[metric] if metric in scorers else {metric: dict(scorers)}


def add_known(
    starts: Sequence[Starts],
    spaces: Sequence[SearchSpace],
    trials: Iterable[tuple[Mapping[str, Any], Outcome]],
) -> None:
    """Add the trials of another search whose parameters are in these spaces.

    trials: descriptions of parameters, from `describe`, with the outcome.
    """
    trials = list(trials)
    n_placed = 0
    for params, outcome in trials:
        for space, start in zip(spaces, starts, strict=True):
            try:
                point = space.encode(params, is_same=_is_described)
            except ValueError:
                continue
            if point not in start.points:  # start points are evaluated anyway
                start.known.setdefault(point, outcome)
            n_placed += 1
            break
    if n_placed < len(trials):
        warn_caller(
            f"{len(trials) - n_placed} of {len(trials)} trials of warm_start_from are outside the "
            "search space and are ignored."
        )


def _is_described(category: Any, value: Any) -> bool:
    described = describe(category)
    return described == value and isinstance(described, bool) == isinstance(value, bool)
