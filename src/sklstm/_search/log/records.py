"""The lines of a log: conversion of a trial to JSON and back, and checks for damaged lines."""

from __future__ import annotations

import math
import reprlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sklstm._search.trials.trial import Candidate, FoldScore, Trial
from sklstm._search.values.description import describe

FORMAT = 2  # 1 described a function by its lines of source, 2 by its syntax tree
MARK = "sklstm_log"  # the key that a header begins with
UNTOLD = ("residuals", "in_new_process")  # of a fold: what only the search that ran it needs
LARGEST_SEED = 2**32 - 1  # that NumPy's RandomState takes


def make_record(trial: Trial) -> dict[str, Any]:
    """Convert a finished trial to the content of its line."""
    return {
        "space": trial.candidate.space,
        "trial": trial.candidate.number,
        "status": trial.status,
        "score": _write_number(trial.score),
        "objective": trial.objective,
        "seconds": trial.seconds,
        "params": describe(trial.params),
        "point": list(trial.candidate.point),
        "error": trial.error,
        "estimate": trial.estimate,
        "folds": [None if fold is None else _write_fold(fold) for fold in trial.folds],
    }


def _write_fold(fold: FoldScore) -> dict[str, Any]:
    told = {name: value for name, value in asdict(fold).items() if name not in UNTOLD}
    return (
        told
        | {"test_scores": _write_scores(fold.test_scores)}
        | {"train_scores": _write_scores(fold.train_scores)}
        | {"seed_scores": [_write_scores(scores) for scores in fold.seed_scores]}
    )


def read_record(record: Mapping[str, Any], candidate: Candidate) -> Trial:
    """Undo `make_record`, given the candidate in Python's own values."""
    folds = tuple(None if fold is None else _read_fold(fold) for fold in record["folds"])
    return Trial(candidate, folds, record["objective"], record.get("estimate"))


def _read_fold(fold: Mapping[str, Any]) -> FoldScore:
    return FoldScore(
        test_scores=_read_scores(fold["test_scores"]),
        train_scores=_read_scores(fold["train_scores"]),
        fit_time=fold["fit_time"],
        score_time=fold["score_time"],
        error=fold["error"],
        seed_scores=tuple(_read_scores(scores) for scores in fold.get("seed_scores", ())),
    )


def _write_scores(scores: Mapping[str, float]) -> dict[str, Any]:
    return {metric: _write_number(score) for metric, score in scores.items()}


def _read_scores(scores: Mapping[str, Any]) -> dict[str, float]:
    return {metric: _read_number(score) for metric, score in scores.items()}


def _write_number(score: float) -> float | str | None:
    """Convert NaN to null, which pandas reads as missing, and infinities to texts."""
    return None if math.isnan(score) else score if math.isfinite(score) else str(score)


def _read_number(score: float | str | None) -> float:
    return math.nan if score is None else float(score)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_text_or_none(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_count(value: Any) -> bool:
    is_int = isinstance(value, int) and not isinstance(value, bool)
    return is_int and 0 <= value <= sys.maxsize  # as long as Python can count


def _is_number(value: Any) -> bool:
    is_real = isinstance(value, int | float) and not isinstance(value, bool)
    return is_real and abs(value) <= sys.float_info.max  # neither NaN nor too long an integer


def _is_number_or_none(value: Any) -> bool:
    return value is None or _is_number(value)


def _is_duration(value: Any) -> bool:
    return _is_number(value) and value >= 0


def _is_score(value: Any) -> bool:
    return _is_number_or_none(value) or value in ("inf", "-inf")


def _are_scores(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_score, value.values()))


def _are_seeds(value: Any) -> bool:
    return isinstance(value, list) and all(map(_are_scores, value))


def _is_point(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_number, value))


def _are_folds(value: Any) -> bool:
    return isinstance(value, list) and all(fold is None or isinstance(fold, dict) for fold in value)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


Field = tuple[Callable[[Any], bool], str]  # whether a value is right, and what it must be
COUNT: Field = (_is_count, "a whole number of 0 or more")
DURATION: Field = (_is_duration, "a number of seconds")
SCORES: Field = (_are_scores, "a number, null, 'inf' or '-inf' for each metric")
ERROR: Field = (_is_text_or_none, "a text or null")
TABLE: Field = (_is_table, "an object")
RECORD: dict[str, Field] = {
    "space": COUNT,
    "trial": COUNT,
    "status": (_is_text, "a text"),
    "score": (_is_score, "a number, null, 'inf' or '-inf'"),
    "objective": (_is_text, "a text"),
    "seconds": DURATION,
    "params": TABLE,
    "point": (_is_point, "a list of numbers"),
    "error": ERROR,
    "estimate": (_is_number_or_none, "a number or null"),
    "folds": (_are_folds, "a list of objects and nulls"),
}
FOLD: dict[str, Field] = {
    "test_scores": SCORES,
    "train_scores": SCORES,
    "fit_time": DURATION,
    "score_time": DURATION,
    "error": ERROR,
    "seed_scores": (_are_seeds, "a list of objects with a number for each metric"),
}
HEADER: dict[str, Field] = {MARK: COUNT, "problem": TABLE, "versions": TABLE}
# Of the problem what is read from a log; all else is only compared with the search's own.
PROBLEM: dict[str, Field] = {
    "splits": (lambda value: _is_table(value) and _is_count(value.get("n")), "an object with 'n'"),
    "scoring": TABLE,
    "spaces": (lambda value: isinstance(value, list), "a list"),
    "seed": (
        lambda value: _is_count(value) and value <= LARGEST_SEED,
        f"a whole number from 0 to {LARGEST_SEED}",
    ),
    "n_initial_points": (
        lambda value: isinstance(value, list) and all(_is_count(n) and n > 0 for n in value),
        "a list of whole numbers of 1 or more",
    ),
}
OPTIONAL = ("estimate", "seed_scores")  # not yet in the first logs


def check_header(header: Any) -> dict[str, Any]:
    """Return the header of a log; a ValueError explains what is wrong with it."""
    if not isinstance(header, dict) or MARK not in header:
        raise ValueError(f"it does not begin with {MARK!r}")
    _check_fields(header, HEADER)
    if header[MARK] > FORMAT:
        raise ValueError(f"its format {header[MARK]} is newer than {FORMAT}; update sklstm")
    problem = header["problem"]
    _check_fields(problem, PROBLEM, "problem.")
    if len(problem["n_initial_points"]) != len(problem["spaces"]):
        raise ValueError("its 'problem.n_initial_points' must have one entry for each space")
    return header


def check_record(record: Any, n_folds: int) -> dict[str, Any]:
    """Return the line of a trial; a ValueError explains what is wrong with it.

    Types are checked at any depth, and the status must agree with the trial that is read from the
    line. A number that was replaced by another one cannot be noticed.
    """
    _check_fields(record, RECORD)
    for number, fold in enumerate(record["folds"]):
        if fold is not None:
            _check_fields(fold, FOLD, f"folds[{number}].")
    if len(record["folds"]) != n_folds:
        raise ValueError(f"it has {len(record['folds'])} folds, but the search has {n_folds}")
    if len(record["point"]) != len(record["params"]):
        raise ValueError("its 'point' must have one entry for each of its 'params'")
    _check_scores(record)
    status = read_record(record, Candidate(record["params"])).status
    if status != record["status"]:
        raise ValueError(f"its 'status' is {record['status']!r}, but its folds say {status!r}")
    if (status == "pruned") != (record.get("estimate") is not None):
        raise ValueError(f"its 'status' is {status!r}, but only a pruned trial has an 'estimate'")
    return record


def _check_scores(record: Mapping[str, Any]) -> None:
    """Refuse folds without the objective's score, also for each seed."""
    objective = record["objective"]
    folds: Sequence[Mapping[str, Any]] = [fold for fold in record["folds"] if fold is not None]
    if not folds:
        raise ValueError("it has scores for none of its folds")
    n_seeds = {len(seeds) for fold in folds if (seeds := fold.get("seed_scores"))}
    if len(n_seeds) > 1:
        raise ValueError("its folds have different numbers of 'seed_scores'")
    for fold in folds:
        scores = [
            *fold.get("seed_scores", ()),
            *([fold["test_scores"]] if fold["error"] is None else []),
        ]
        if any(objective not in each for each in scores):
            raise ValueError(f"it has a fold without a score for its objective {objective!r}")


def _check_fields(content: Any, fields: Mapping[str, Field], place: str = "") -> None:
    if not _is_table(content):
        raise ValueError(f"it is {reprlib.repr(content)}, not a JSON object")
    for name, (is_right, wanted) in fields.items():
        if name not in content:
            if name in OPTIONAL:
                continue
            raise ValueError(f"it has no '{place}{name}'")
        if not is_right(content[name]):
            shown = reprlib.repr(content[name])
            raise ValueError(f"its '{place}{name}' is {shown}, but must be {wanted}")
