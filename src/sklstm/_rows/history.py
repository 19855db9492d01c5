"""History: the kept rows, and where rows to predict stand among them.

The kept rows are those of `fit` and `update`. Rows to predict follow them or overlap them: labels
tell, or values. What stands before them is the history that their first windows read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sklstm._rows.labels import (
    Labels,
    agree_on_zones,
    are_of_one_kind,
    check_zones,
    find_missing,
    find_step,
    is_long,
)
from sklstm._rows.number_columns import fill_forward
from sklstm._rows.recognition import begins_like
from sklstm._rows.windows import Alignment, Windows
from sklstm._warnings import warn_caller


@dataclass(frozen=True)
class Kept:
    """The rows that predictions may reach back to: those of `fit`, moved on by `update`."""

    X: np.ndarray  # (n_rows, n_features), float64
    labels: Labels | None = None  # None: the rows are numbered 0 .. n_rows-1


@dataclass(frozen=True)
class Place:
    """Where X stands among the kept rows."""

    n_older: int  # kept rows that are older than X
    missing: tuple = ()  # labels of the rows missing between these and X, never more than k
    is_kept: bool = False  # X begins with a kept row
    ends: tuple = ()  # labels on both sides, where more than k rows are missing

    @property
    def is_far(self) -> bool:
        """X is too far from the kept rows to read them as if they were adjacent."""
        return bool(self.ends)


def find_place(
    kept: Kept,
    X: np.ndarray,
    labels: Labels | None,
    alignment: Alignment,
    history: str = "auto",
) -> Place:
    """Find where X stands among the kept rows.

    "auto": labels are matched if both sides have some of one kind, dates say. Otherwise an X that
    begins as the kept rows do, and as no others, is these rows; any other follows the last one.
    "continue": X follows the last kept row, whatever labels and values say. "none": X stands alone.
    """
    if history != "auto":
        return Place(len(kept.X) if history == "continue" else 0)
    numbered = _number_rows(kept)
    if labels is not None and are_of_one_kind(numbered, labels):
        check_zones(numbered, labels)
        return _find_place_by_labels(numbered, labels, alignment.reach)
    if begins_like(kept.X, X, alignment.reach):
        return Place(0, is_kept=True)
    return Place(len(kept.X))


def _number_rows(kept: Kept) -> Labels:
    return kept.labels or Labels(np.arange(len(kept.X)))


def _find_place_by_labels(kept: Labels, labels: Labels, reach: int) -> Place:
    first = labels.values[0]
    n_older = int(np.searchsorted(kept.values, first))
    is_kept = n_older < len(kept.values) and bool(kept.values[n_older] == first)
    if n_older == 0 or is_kept or reach == 0:  # what was adjacent in training is so again
        return Place(n_older, is_kept=is_kept)
    last = kept.values[n_older - 1]
    missing = find_missing(kept, labels, last, first, at_most=reach + 1)
    is_far = is_long(first - last, kept, reach + 1) if missing is None else len(missing) > reach
    return Place(n_older, ends=(last, first)) if is_far else Place(n_older, missing or ())


def fill_after(kept: Kept, X: np.ndarray, place: Place) -> np.ndarray:
    """Fill what is missing in X with the last number before it, in X or in the kept rows."""
    if not np.isnan(X).any():
        return X
    before = kept.X[: place.n_older][-1:]
    return fill_forward(np.concatenate([before, X]))[len(before) :]


def windows_after(
    kept: Kept,
    X: np.ndarray,
    labels: Labels | None,
    alignment: Alignment,
    history: str = "auto",
) -> Windows:
    """Make the windows of X, after the last k rows before it; missing ones repeat the row before.

    Warns if more than k are missing.
    """
    reach = alignment.reach
    place = find_place(kept, X, labels, alignment, history)
    if place.is_far:
        _warn_far(place, reach, "Predictions that can read rows of X read no others.")
    older = _older_rows(kept, place, reach)
    before = older[max(0, len(older) - reach) :]
    block = np.concatenate([before, X]) if len(before) else X  # no copy of a long X for nothing
    return Windows(block, len(before), alignment, place.is_far)


def _older_rows(kept: Kept, place: Place, at_most: int) -> np.ndarray:
    """Join the last kept rows older than X and the missing ones."""
    older = kept.X[max(0, place.n_older - at_most) : place.n_older]
    return np.concatenate([older, np.repeat(older[-1:], len(place.missing), axis=0)])


def _warn_far(place: Place, reach: int, consequence: str) -> None:
    last, first = place.ends
    warn_caller(
        f"More than {reach} rows seem to be missing between the kept rows, up to {last}, and X, "
        f"from {first}; window_length + horizon - 1 = {reach} is as far as a prediction looks "
        f'back. {consequence} Call update with the rows between, or set history="continue" if X '
        "follows the kept rows."
    )


def keep_on(
    kept: Kept,
    X: np.ndarray,
    labels: Labels | None,
    alignment: Alignment,
    history: str = "auto",
) -> Kept:
    """Move the kept rows on: those older than X, the missing ones, then X.

    Warns if more than k are missing; then X alone is kept.
    """
    place = find_place(kept, X, labels, alignment, history)
    if place.is_far:
        _warn_far(place, alignment.reach, "They are dropped, X alone is kept.")
        place = Place(0)
    older = _older_rows(kept, place, place.n_older)
    return Kept(np.concatenate([older, X]), _label_on(kept, place, len(X), labels))


def _label_on(kept: Kept, place: Place, n_new: int, labels: Labels | None) -> Labels | None:
    """Labels of the kept rows moved on by X; None, thus 0 .. n-1, where they cannot be told."""
    if labels is None:
        return _continue_labels(kept.labels, place, n_new)
    older = _number_rows(kept)
    if not are_of_one_kind(older, labels) or not agree_on_zones(older, labels):
        return None if place.n_older else labels
    missing = np.array(place.missing, dtype=older.values.dtype)
    values = np.concatenate([older.values[: place.n_older], missing, labels.values])
    if np.any(values[1:] <= values[:-1]):  # history="continue" asked to overlook it
        return None
    return _unless_numbered(Labels(values, older.zone, older.frequency or labels.frequency))


def _unless_numbered(labels: Labels) -> Labels | None:
    """Drop the labels 0 .. n-1: so are rows without labels numbered."""
    is_numbering = labels.are_integers and np.array_equal(
        labels.values, np.arange(len(labels.values))
    )
    return None if is_numbering else labels


def _continue_labels(labels: Labels | None, place: Place, n_new: int) -> Labels | None:
    """Labels once unlabelled rows follow: integers count on, others are lost."""
    n_rows = place.n_older + n_new
    if labels is None or (place.n_older == 0 and not place.is_kept):
        return None
    n_more = n_rows - len(labels.values)
    if n_more <= 0:
        return replace(labels, values=labels.values[:n_rows])
    if not labels.are_integers:
        return None
    more = labels.values[-1] + find_step(labels.values) * np.arange(1, n_more + 1)
    return Labels(np.concatenate([labels.values, more]))
