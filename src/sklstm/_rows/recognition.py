"""Recognition of the kept rows: whether rows without labels have the same values.

Rows are recognised only if their values allow no other answer: they equal the beginning of the kept
rows and fit nowhere else. Repeating values, such as constants or a calendar, fit in many places, so
they are recognised only if they equal all kept rows.
"""

from __future__ import annotations

import numpy as np

from sklstm._rows.number_columns import find_range

FEWEST_ROWS = 10  # fewer rows may resemble the first kept rows by chance
ROUNDING = 1e-6  # of the largest value: a round trip through float32 or a text file stays below it
# Of a column's range. Rounding is never allowed more, or rows of a high level would all be alike.
# float32 rounds by 6e-4 of the spread at a level of 1e4 spreads, float64 by 1e-4 at 1e12.
LARGEST_MISS = 1e-3
NO_RANGE = 8 * np.finfo(np.float64).eps  # of the largest value: a constant that was rounded


def begins_like(kept: np.ndarray, X: np.ndarray, reach: int) -> bool:
    """Tell whether X, (n_rows, n_features), is the kept rows, their beginning, or begins with them.

    Entries that are NaN say nothing. `reach` rows are needed to tell, unless they are all.
    """
    if len(X) < min(max(reach, FEWEST_ROWS), len(kept)):
        return False
    shared = min(len(X), len(kept))
    tolerance = _find_tolerance(kept[:shared])
    if not _are_alike(kept[:shared], X[:shared], tolerance):
        return False
    return len(X) == len(kept) or not _fits_elsewhere(kept, X[:shared], tolerance)


def _find_tolerance(rows: np.ndarray) -> np.ndarray:
    """Return the tolerance of each column, (n_features,)."""
    lowest, highest = find_range(rows, axis=0)
    size, span = np.fmax(np.abs(lowest), np.abs(highest)), highest - lowest
    rounding = ROUNDING * size
    return np.where(span > NO_RANGE * size, np.minimum(rounding, LARGEST_MISS * span), rounding)


def _are_alike(rows: np.ndarray, X: np.ndarray, tolerance: np.ndarray) -> bool:
    return not np.any(np.abs(rows - X) > tolerance)  # NaN is not greater: it does not differ


def _fits_elsewhere(kept: np.ndarray, X: np.ndarray, tolerance: np.ndarray) -> bool:
    """Tell whether X also fits the kept rows at a later position.

    It may then end after the last kept row, if at least half of it overlaps the kept rows. Rows are
    compared one by one, the rarest first, so that few positions are left after a few rows.
    """
    begins = np.arange(1, len(kept) - (len(X) + 1) // 2 + 1)
    first_check = 1  # positions left are checked whole after 1, 2, 4, ... rows
    rarest = zip(_list_rarest_first(X, kept), _list_rarest_first(kept, kept), strict=False)
    for n_compared, (row, kept_row) in enumerate(rarest, start=1):
        begins = _keep_alike(begins, kept, X, begins + row, np.full(len(begins), row), tolerance)
        rows = kept_row - begins
        begins = _keep_alike(begins, kept, X, np.full(len(begins), kept_row), rows, tolerance)
        if len(begins) == 0:
            return False
        if n_compared == first_check:
            if _fits_at(int(begins[0]), kept, X, tolerance):
                return True
            begins, first_check = begins[1:], 2 * first_check
    return any(_fits_at(int(begin), kept, X, tolerance) for begin in begins)


def _keep_alike(
    begins: np.ndarray,
    kept: np.ndarray,
    X: np.ndarray,
    kept_rows: np.ndarray,
    rows: np.ndarray,
    tolerance: np.ndarray,
) -> np.ndarray:
    """Drop the positions at which a kept row differs from the corresponding row of X."""
    both = (kept_rows < len(kept)) & (rows >= 0) & (rows < len(X))
    differ = np.abs(kept[kept_rows[both]] - X[rows[both]]) > tolerance
    both[both] = differ.any(axis=1)
    return begins[~both]


def _fits_at(begin: int, kept: np.ndarray, X: np.ndarray, tolerance: np.ndarray) -> bool:
    rows = kept[begin : begin + len(X)]
    return _are_alike(rows, X[: len(rows)], tolerance)


def _list_rarest_first(X: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Order the rows of X by how far they are from the middle of the kept rows, farthest first."""
    middle, span = np.median(kept, axis=0), np.ptp(kept, axis=0)
    distance = np.abs(X - middle) / np.where(span > 0, span, 1)
    return np.argsort(-np.nan_to_num(distance.max(axis=1)), kind="stable")
