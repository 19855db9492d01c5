"""The leak audit: ways in which a split or a space spoils a search, told before the first fit."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.base import is_regressor

from sklstm.spaces import SearchSpace, find_parts_with
from sklstm.targets import find_target_columns, largest_lead
from sklstm.trials import Evaluation, Fold

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    level: Level
    check: str
    text: str

    def __str__(self) -> str:
        """Write the finding as a line of the report."""
        return f"{self.level:7} {self.check}: {self.text}"


@dataclass(frozen=True)
class Audit:
    """All findings; its text is the report.

    Attributes
    ----------
    findings : tuple of Finding
        Each has `level` ("ok", "warning" or "error"), `check` and `text`.
    """

    findings: tuple[Finding, ...]

    def __str__(self) -> str:
        """Write the report, a line for each check."""
        return "\n".join(map(str, self.findings))

    def select(self, level: Level) -> list[Finding]:
        """Select the findings of one level."""
        return [finding for finding in self.findings if finding.level == level]

    def raise_or_warn(self) -> None:
        """Raise a ValueError with the report if something is wrong; warn of what is doubtful."""
        errors = self.select("error")
        if errors:
            raise ValueError(f"{errors[0].text}\n\nThe leak audit:\n{self}")
        for finding in self.select("warning"):
            warnings.warn(finding.text, UserWarning, stacklevel=3)


def audit_search(
    evaluation: Evaluation,
    spaces: Sequence[SearchSpace],
    allow_future_train: bool,
    cut_edges: Sequence[str] = (),
) -> Audit:
    """Check folds and spaces; cut_edges: what was said when the space was cut to the folds."""
    leak: Level = "warning" if allow_future_train else "error"
    folds = evaluation.folds
    return Audit(
        (
            _check_future_rows(folds, leak),
            _check_gap(evaluation.estimator, evaluation.X, evaluation.y, folds, leak),
            _check_windows(evaluation.estimator, folds, spaces),
            *_check_edges(cut_edges),
        )
    )


def _check_future_rows(folds: Sequence[Fold], leak: Level) -> Finding:
    check = "future rows"
    for number, (train, test) in enumerate(folds):
        if train.max() >= test.min():
            return Finding(
                leak,
                check,
                f"Fold {number} of cv trains on row {train.max()}, at or after its first test row "
                f"{test.min()}: the model would learn from the future. Use TimeSeriesSplit, or "
                "set allow_future_train=True if the order of the rows does not matter.",
            )
    return Finding("ok", check, "each fold trains on rows before its first test row only")


def _check_gap(estimator: Any, X: Any, y: Any, folds: Sequence[Fold], leak: Level) -> Finding:
    check = "training targets in test rows"
    if y is None:
        return Finding("ok", check, "there is no target")
    lead, is_certain = _find_gap(estimator, X, y)
    for number, (train, test) in enumerate(folds):
        if train.max() < test.min() <= train.max() + lead:
            return Finding(
                leak if is_certain else "warning",
                check,
                f"y is a column of X up to {lead} rows later, and in fold {number} of cv the test "
                f"rows begin at {test.min()}, only {test.min() - train.max()} after the last "
                f"training row {train.max()}: targets of training rows lie in the test rows. Use "
                f"TimeSeriesSplit(gap={lead}), or cv=None, which leaves that gap.",
            )
    if not lead:
        return Finding("ok", check, "y was not found as a later row of a column of X")
    return Finding("ok", check, f"y is a column up to {lead} rows later, and the gap allows for it")


def find_needed_gap(estimator: Any, X: Any, y: Any) -> int:
    """Find how many rows must lie between training and test rows, so that no target is in both.

    The estimator or a part of it may tell; of others, the target is looked for among later rows
    of the columns of X.
    """
    return _find_gap(estimator, X, y)[0]


def _find_gap(estimator: Any, X: Any, y: Any) -> tuple[int, bool]:
    """Find the needed gap, and whether it is certain: by values alone it may be chance."""
    parts = find_parts_with(estimator, "needed_gap")
    gaps = [int(part.needed_gap(X, y)) for _, part in parts]
    return (max(gaps), True) if gaps else (_find_lead(estimator, X, y), False)


def _find_lead(estimator: Any, X: Any, y: Any) -> int:
    """Find by how many rows a regressor's target lies after its row, by values alone; 0 if not."""
    if y is None or not is_regressor(estimator) or np.iscomplexobj(X) or np.iscomplexobj(y):
        return 0
    try:
        columns = pd.DataFrame(X).select_dtypes("number").to_numpy(dtype=np.float64)
        targets = np.asarray(y, dtype=np.float64).reshape(len(columns), -1)
    except (TypeError, ValueError):  # no table of numbers: there is nothing to find by value
        return 0
    if not (np.isfinite(columns).all() and np.isfinite(targets).all()):
        return 0
    return largest_lead(find_target_columns(columns, targets, horizon=1))


def _check_windows(estimator: Any, folds: Sequence[Fold], spaces: Sequence[SearchSpace]) -> Finding:
    check = "windows in folds"
    n_rows = min(len(train) for train, _ in folds)
    for name, shortest, longest, horizon in _list_windows(estimator, spaces):
        most = n_rows - horizon
        if longest > most:
            level: Level = "error" if shortest > most else "warning"
            return Finding(
                level,
                check,
                f"{name} is searched from {shortest} to {longest} rows, but the smallest training "
                f"fold has {n_rows}: with horizon={horizon} a window of more than {most} rows "
                "cannot be trained on there. Search shorter windows, use fewer folds or give more "
                "rows.",
            )
    return Finding("ok", check, f"the smallest training fold, {n_rows} rows, holds all windows")


def _list_windows(
    estimator: Any, spaces: Sequence[SearchSpace]
) -> Iterator[tuple[str, int, int, int]]:
    """List the window lengths that are searched: name, shortest, longest, the model's horizon."""
    own: Mapping[str, Any] = estimator.get_params(deep=True)
    for space in spaces:
        for name, dimension in space.dimensions.items():
            prefix, _, last = name.rpartition("__")
            values = getattr(dimension, "categories", None) or dimension.bounds
            if last == "window_length" and all(isinstance(value, int) for value in values):
                horizon = own.get(f"{prefix}__horizon" if prefix else "horizon", 1)
                yield name, min(values), max(values), horizon


def _check_edges(cut_edges: Sequence[str]) -> list[Finding]:
    check = "edges of the space"
    if not cut_edges:
        return [Finding("ok", check, "nothing of the space was cut off")]
    return [Finding("warning", check, text) for text in cut_edges]
