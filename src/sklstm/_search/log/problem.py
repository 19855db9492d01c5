"""The description of a search in the log's header: everything that determines its trials."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sklstm._search.proposals.dimensions import SearchSpace
from sklstm._search.proposals.plan import Plan
from sklstm._search.proposals.starts import Starts
from sklstm._search.trials.pruning import describe_rule
from sklstm._search.trials.scoring import list_scorers
from sklstm._search.trials.trial import Evaluation
from sklstm._search.values.description import describe, hash_data
from sklstm._versions import COMPUTING, find_version


def describe_problem(
    evaluation: Evaluation, metadata: Mapping[str, Any], plan: Plan
) -> dict[str, Any]:
    """Describe everything that searches with the same log must have in common.

    metadata: the arguments of `fit` other than X and y. The number of trials, the number of
    processors and the time limit may differ.
    """
    return {
        "estimator": describe(evaluation.estimator),
        "X": describe_data(evaluation.X),
        "y": describe_data(evaluation.y),
        "metadata": {name: describe_data(value) for name, value in metadata.items()},
        "splits": _describe_folds(evaluation.folds),
        "scoring": describe_scorers(evaluation.scoring.scorer),
        "objective": evaluation.scoring.wish,
        "return_train_score": bool(evaluation.return_train_score),
        "error_score": describe(evaluation.error_score),
        # None without pruning, as in logs that are older than pruning.
        "pruning": describe_rule() if evaluation.pruning else None,
        "n_seeds": int(evaluation.n_seeds) if evaluation.n_seeds > 1 else None,
        "spaces": [_describe_space(space) for space in plan.spaces],
        "starts": [_describe_starts(start) for start in plan.starts],
        "strategy": plan.settings.strategy,
        "acq_func": plan.settings.acq_func,
        "optimizer_kwargs": describe(plan.settings.optimizer_kwargs),
        "n_initial_points": list(plan.n_initial_points),
        "n_points": int(plan.settings.n_points),
        "seed": plan.seed,
    }


def describe_data(data: Any) -> Any:
    """Describe rows, or metadata with an entry for each row, by a hash of the content."""
    has_entries = hasattr(data, "shape") or hasattr(data, "__len__")
    return hash_data(data) if has_entries and not isinstance(data, str | dict) else describe(data)


def _describe_folds(folds: Sequence[tuple[np.ndarray, np.ndarray]]) -> dict[str, Any]:
    rows = [part for fold in folds for part in fold]
    sizes = [len(part) for part in rows]
    return {"n": len(folds), "hash": hash_data(np.concatenate([sizes, *rows]).astype(np.int64))}


def _describe_space(space: SearchSpace) -> dict[str, Any]:
    return {
        name: {
            "kind": type(dimension).__name__,
            "values": describe(getattr(dimension, "categories", dimension.bounds)),
            "prior": describe(dimension.prior),
        }
        for name, dimension in space.dimensions.items()
    }


def _describe_starts(starts: Starts) -> dict[str, Any]:
    return {
        "points": describe(starts.points),
        "known": [describe([point, outcome]) for point, outcome in starts.known.items()],
    }


def list_versions() -> dict[str, str]:
    """List the versions of all packages that may change a candidate or its score."""
    versions = {name: find_version(name) for name in COMPUTING}
    return {"python": platform.python_version(), **versions}


def describe_scorers(scorer: Any) -> dict[str, Any]:
    """Describe each metric by its scorer."""
    return {name: describe(each) for name, each in list_scorers(scorer).items()}
