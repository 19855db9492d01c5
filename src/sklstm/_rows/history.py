"""History: the kept rows, and the position of the rows to predict among them.

The kept rows are those of `fit` and `update`. Rows to predict follow or overlap them, as their
labels or values show. The kept rows before them are the history that their first windows read.
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
    """The rows that predictions may read before X: those of `fit`, extended by `update`."""

    X: np.ndarray  # (n_rows, n_features), float64
    labels: Labels | None = None  # None: the rows are numbered 0 .. n_rows-1
    filled: tuple[int, ...] = ()  # positions of the rows that were missing, oldest first


@dataclass(frozen=True)
class Place:
    """The position of X among the kept rows, and the operations that depend on it."""

    kept: Kept
    alignment: Alignment
    n_older: int  # kept rows that are older than X
    missing: tuple = ()  # labels of the rows missing between these and X, never more than k
    is_kept: bool = False  # X begins with a kept row
    ends: tuple = ()  # labels on both sides, where more than k rows are missing

    @property
    def is_far(self) -> bool:
        """X is too far from the kept rows to read them as if they were adjacent."""
        return bool(self.ends)

    def fill(self, X: np.ndarray) -> np.ndarray:
        """Fill missing values of X with the last number before them, in X or in the kept rows."""
        if not np.isnan(X).any():
            return X
        before = self.kept.X[: self.n_older][-1:]
        return fill_forward(np.concatenate([before, X]))[len(before) :]

    def make_windows(self, X: np.ndarray) -> Windows:
        """Make the windows of X after the last rows before it; missing rows repeat the last one.

        Warns if more than k are missing.
        """
        reach = self.alignment.reach_of_history
        if self.is_far:
            self._warn("Predictions therefore ignore the kept rows if they can read rows of X.")
        older = self._list_older(at_most=reach)
        n_cut = max(0, len(older.X) - reach)
        before = older.X[n_cut:]
        block = np.concatenate([before, X]) if len(before) else X  # no copy of a long X for nothing
        filled = tuple(row - n_cut for row in older.filled if row >= n_cut)
        return Windows(block, len(before), self.alignment, self.is_far, filled)

    def keep(self, X: np.ndarray, labels: Labels | None) -> Kept:
        """Return the new kept rows: those older than X, the missing ones, then X.

        If more than k rows are missing, warn and keep only X.
        """
        place = self
        if self.is_far:
            self._warn("The kept rows are therefore dropped, and only X is kept.")
            place = replace(self, n_older=0, ends=())
        older = place._list_older(at_most=place.n_older)
        rows = np.concatenate([older.X, X])
        return Kept(rows, _label_on(place, len(X), labels), older.filled)

    def _list_older(self, at_most: int) -> Kept:
        """Join the last kept rows older than X and the missing ones, without labels."""
        first = max(0, self.n_older - at_most)
        older = self.kept.X[first : self.n_older]
        filled = (row - first for row in self.kept.filled if first <= row < self.n_older)
        missing = range(len(older), len(older) + len(self.missing))
        older = np.concatenate([older, np.repeat(older[-1:], len(missing), axis=0)])
        return Kept(older, filled=(*filled, *missing))

    def _warn(self, consequence: str) -> None:
        (last, first), reach = self.ends, self.alignment.reach
        warn_caller(
            f"More than {reach} rows seem to be missing between the last kept row, {last}, and the "
            f"first row of X, {first}. The window looks back window_length + horizon - 1 = {reach} "
            f"rows. {consequence} Call update with the rows in between, or set "
            'history="continue" if X follows the kept rows.'
        )


def find_place(
    kept: Kept,
    X: np.ndarray,
    labels: Labels | None,
    alignment: Alignment,
    history: str = "auto",
) -> Place:
    """Find the position of X among the kept rows.

    "auto": labels are matched if both sides have labels of the same kind, such as dates. Otherwise
    X is taken for the kept rows if it equals their beginning and fits nowhere else; any other X
    follows the last kept row. "continue": X follows the last kept row, whatever its labels and
    values are. "none": no kept row comes before X.
    """
    follows = Place(kept, alignment, len(kept.X))
    if history != "auto":
        return follows if history == "continue" else replace(follows, n_older=0)
    numbered = _number_rows(kept)
    if labels is not None and are_of_one_kind(numbered, labels):
        check_zones(numbered, labels)
        return _match_labels(follows, numbered, labels)
    if begins_like(kept.X, X, alignment.reach):
        return replace(follows, n_older=0, is_kept=True)
    return follows


def _number_rows(kept: Kept) -> Labels:
    return kept.labels or Labels(np.arange(len(kept.X)))


def _match_labels(follows: Place, kept: Labels, labels: Labels) -> Place:
    """Place the first of the labels among the kept ones; `follows`: the place after all of them."""
    first, reach = labels.values[0], follows.alignment.reach
    n_older = int(np.searchsorted(kept.values, first))
    is_kept = n_older < len(kept.values) and bool(kept.values[n_older] == first)
    place = replace(follows, n_older=n_older, is_kept=is_kept)
    reads_others = follows.alignment.reach_of_history > 0
    if n_older == 0 or is_kept or not reads_others:  # what was adjacent in training is so again
        return place
    last = kept.values[n_older - 1]
    missing = find_missing(kept, labels, last, first, at_most=reach + 1)
    is_far = is_long(first - last, kept, reach + 1) if missing is None else len(missing) > reach
    return replace(place, ends=(last, first)) if is_far else replace(place, missing=missing or ())


def _label_on(place: Place, n_new: int, labels: Labels | None) -> Labels | None:
    """Return the labels of the kept rows and X; None, meaning 0 .. n-1, if they are unknown."""
    if labels is None:
        return _continue_labels(place, n_new)
    if not place.n_older and not place.is_kept:  # X alone is kept
        return _unless_numbered(labels)
    older = _number_rows(place.kept)
    if not are_of_one_kind(older, labels) or not agree_on_zones(older, labels):
        return None if place.n_older else labels
    missing = np.array(place.missing, dtype=older.values.dtype)
    values = np.concatenate([older.values[: place.n_older], missing, labels.values])
    if np.any(values[1:] <= values[:-1]):  # history="continue" asked to overlook it
        return None
    return _unless_numbered(Labels(values, older.zone, older.frequency or labels.frequency))


def _unless_numbered(labels: Labels) -> Labels | None:
    """Drop the labels 0 .. n-1, which are those of rows without labels."""
    is_numbering = labels.are_integers and np.array_equal(
        labels.values, np.arange(len(labels.values))
    )
    return None if is_numbering else labels


def _continue_labels(place: Place, n_new: int) -> Labels | None:
    """Return the labels after unlabelled rows are added: integers count on, others are lost."""
    labels, n_rows = place.kept.labels, place.n_older + n_new
    if labels is None or (place.n_older == 0 and not place.is_kept):
        return None
    n_more = n_rows - len(labels.values)
    if n_more <= 0:
        return replace(labels, values=labels.values[:n_rows])
    if not labels.are_integers:
        return None
    more = labels.values[-1] + find_step(labels.values) * np.arange(1, n_more + 1)
    return Labels(np.concatenate([labels.values, more]))
