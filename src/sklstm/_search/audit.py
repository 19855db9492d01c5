"""The leak audit, which finds faults of the splits and spaces before the first fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sklstm._nested.parts import reads_windows
from sklstm._rows.folds import Fold
from sklstm._rows.labels import Labels, first_disorder
from sklstm._search.proposals.dimensions import SearchSpace
from sklstm._search.trials.trial import Evaluation
from sklstm._sklearn_compat import num_samples
from sklstm._warnings import warn_caller

Level = Literal["ok", "warning", "error"]
OWN_ROW = "target in its own row"  # a report repeats this check


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

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
        """Raise a ValueError with the report if there is an error; issue the warnings otherwise."""
        errors = self.select("error")
        if errors:
            raise ValueError(f"{errors[0].text}\n\nThe leak audit:\n{self}")
        for finding in self.select("warning"):
            warn_caller(finding.text)

    def repeat_warnings(self, check: str) -> None:
        """Repeat the warnings of this check."""
        for finding in self.select("warning"):
            if finding.check == check:
                warn_caller(finding.text)


def audit_search(
    evaluation: Evaluation,
    spaces: Sequence[SearchSpace],
    allow_future_train: bool,
    cut_edges: Sequence[str] = (),
    labels: Labels | None = None,
    own_row: str | None = None,
) -> Audit:
    """Check folds and spaces.

    cut_edges: warnings from when the space was cut to the folds; labels: of the rows; own_row: the
    result of `describe_own_row` for the estimator.
    """
    leak: Level = "warning" if allow_future_train else "error"
    folds = evaluation.folds
    return Audit(
        (
            _check_future_rows(folds, labels, leak),
            _check_order(evaluation.estimator, folds, labels, leak),
            _check_gap(evaluation, labels, leak),
            _check_own_row(own_row),
            _check_windows(evaluation.estimator, folds, spaces),
            *_check_edges(cut_edges),
        )
    )


def _check_future_rows(folds: Sequence[Fold], labels: Labels | None, leak: Level) -> Finding:
    check = "future rows"
    for number, (train, test) in enumerate(folds):
        train_times, test_times = _find_times(train, labels), _find_times(test, labels)
        if train_times.max() >= test_times.min():
            last, first = train[train_times.argmax()], test[test_times.argmin()]
            return Finding(
                leak,
                check,
                f"Fold {number} of cv trains on row {_name_row(last, labels)}, at or after its "
                f"first test row {_name_row(first, labels)}: the model would learn from the "
                "future. Sort the rows by time and use TimeSeriesSplit, or set "
                "allow_future_train=True if the order of the rows does not matter.",
            )
    return Finding("ok", check, "each fold trains only on rows before its first test row")


def _find_times(rows: Any, labels: Labels | None) -> Any:
    """Return the times of rows: their labels, or else their numbers."""
    return rows if labels is None else labels.values[rows]


def _name_row(row: int, labels: Labels | None) -> str:
    return str(row) if labels is None else f"{row} ({labels.show(labels.values[row])})"


def _is_in_order(rows: np.ndarray, labels: Labels | None) -> bool:
    """Tell whether the labels of the rows, if there are any, are in increasing order."""
    return labels is None or first_disorder(labels.values[rows]) is None


def _check_order(
    estimator: Any, folds: Sequence[Fold], labels: Labels | None, leak: Level
) -> Finding:
    check = "order of rows"
    if not reads_windows(estimator):
        return Finding("ok", check, "the estimator reads no window of rows")
    every = np.arange(0 if labels is None else len(labels.values))
    if not _is_in_order(every, labels):
        return Finding(leak, check, f"Rows of X {_describe_step(every, labels)}")
    for number, fold in enumerate(folds):
        for rows, name in zip(fold, ("training", "test"), strict=True):
            if np.any(np.diff(rows) != 1):
                level: Level = "warning" if _is_in_order(rows, labels) else leak
                text = f"In fold {number} of cv {name} rows {_describe_step(rows, labels)}"
                return Finding(level, check, text)
    return Finding("ok", check, "the rows of each fold follow each other")


def _describe_step(rows: np.ndarray, labels: Labels | None) -> str:
    """Describe the first step to a row that is not later, or not the next one."""
    step = None if labels is None else first_disorder(labels.values[rows])
    if step is None:
        step = int(np.argmax(np.diff(rows) != 1)) + 1
    before, after = (_name_row(row, labels) for row in rows[step - 1 : step + 1])
    return (
        f"do not follow each other in time: row {after} comes after row {before}. Windows are "
        "taken by position, so some would join rows that are not adjacent. Use folds of "
        "consecutive rows, in time order."
    )


def _check_gap(evaluation: Evaluation, labels: Labels | None, leak: Level) -> Finding:
    check = "training targets in test rows"
    if evaluation.y is None:
        return Finding("ok", check, "there is no target")
    lead = evaluation.gap.n_rows
    for number, (train, test) in enumerate(evaluation.folds):
        reached = _list_reached(train, lead, num_samples(evaluation.X))
        times, first = _find_times(reached, labels), test[_find_times(test, labels).argmin()]
        if len(reached) and times.max() >= _find_times(first, labels):
            row = reached[times.argmax()]
            return Finding(
                leak if evaluation.gap.is_certain else "warning",
                check,
                f"y is taken from a column of X up to {lead} rows later. In fold {number} of cv, "
                f"targets of training rows are taken from rows up to {_name_row(row, labels)}, at "
                f"or after the first test row {_name_row(first, labels)}. Use "
                f"TimeSeriesSplit(gap={lead}), or cv=None, which leaves that gap.",
            )
    if not lead:
        return Finding("ok", check, "y is not taken from a later row of a column of X")
    return Finding("ok", check, f"y is taken from up to {lead} rows later, and the gap allows it")


def _list_reached(train: np.ndarray, lead: int, n_rows: int) -> np.ndarray:
    """List the rows up to `lead` after a training row, where training targets may lie."""
    is_reached = np.zeros(n_rows, dtype=bool)
    for step in range(1, min(lead, n_rows) + 1):
        is_reached[train[train < n_rows - step] + step] = True
    return np.flatnonzero(is_reached)


def _check_own_row(own_row: str | None) -> Finding:
    if own_row is None:
        return Finding("ok", OWN_ROW, "the estimator does not read y in the row that it predicts")
    return Finding("warning", OWN_ROW, own_row)


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
                f"fold has {n_rows} rows. With horizon={horizon}, a window there can have at most "
                f"{most} rows. Search shorter windows, use fewer folds or give more rows.",
            )
    return Finding("ok", check, f"all windows fit into the smallest training fold, {n_rows} rows")


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
        return [Finding("ok", check, "the whole space is searched")]
    return [Finding("warning", check, text) for text in cut_edges]
