"""Splits in time: models are fitted on earlier rows and tested on later ones."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import TimeSeriesSplit, check_cv
from sklearn.utils import indexable

from sklstm._rows.labels import Labels, read_labels
from sklstm._sklearn_compat import num_samples, safe_indexing

Fold = tuple[np.ndarray, np.ndarray]  # the numbers of the training rows, of the test rows

DEFAULT_N_SPLITS = 5


def make_folds(cv: Any, X: Any, y: Any, gap: int, **split_params: Any) -> list[Fold]:
    """Split the rows once, in time with this gap unless cv itself says how to split."""
    if cv is None or isinstance(cv, Integral):
        splitter = TimeSeriesSplit(DEFAULT_N_SPLITS if cv is None else int(cv), gap=gap)
    else:
        splitter = check_cv(cv, y)
    n_rows = num_samples(X)
    try:
        splits = list(splitter.split(X, y, **split_params))
    except ValueError as error:
        raise ValueError(f"X with n_samples={n_rows} cannot be split: {error}") from error
    folds = [
        (_to_row_numbers(train, n_rows, number), _to_row_numbers(test, n_rows, number))
        for number, (train, test) in enumerate(splits)
    ]
    if not folds or not all(len(train) and len(test) for train, test in folds):
        raise ValueError(f"cv={cv!r} yields no folds, or a fold without training or test rows.")
    return folds


def _to_row_numbers(rows: Any, n_rows: int, fold: int) -> np.ndarray:
    """Turn a mask or row numbers into row numbers; refuse numbers of rows that do not exist."""
    rows = np.asarray(rows)
    if rows.dtype == bool and rows.shape == (n_rows,):
        return np.flatnonzero(rows)
    if rows.size == 0:
        return np.array([], dtype=np.intp)
    if rows.ndim != 1 or rows.dtype.kind not in "iu":
        raise ValueError(
            f"Fold {fold} of cv yields an array of shape {rows.shape} and type {rows.dtype}; it "
            f"must yield row numbers, or a mask with one entry for each of the {n_rows} rows of X."
        )
    if rows.min() < 0 or rows.max() >= n_rows:
        wrong = rows[(rows < 0) | (rows >= n_rows)][0]
        raise ValueError(
            f"Fold {fold} of cv yields row {wrong}, but the rows of X are numbered from 0 to "
            f"{n_rows - 1}. Count from the first row; negative numbers are not allowed."
        )
    return rows


def temporal_train_test_split(*arrays: Any, test_size: Any = 0.2, gap: int = 0) -> list[Any]:
    """Split rows in time: the last rows are for testing, the rows before them for training.

    Parameters
    ----------
    *arrays : array-likes of shape (n_rows,) or (n_rows, ...)
        Rows in time order, oldest first, such as X and y.
    test_size : float, int, str or date, default=0.2
        Size of the test set: a share of the rows in (0, 1), rounded up; a number of rows; or, if
        the first array with an index has dates, a date. The test set then begins with the first row
        on or after this date.
    gap : int, default=0
        Number of rows to leave out between training and test rows. If y is shifted, leave out as
        many rows as it is shifted by. Without this gap, the last training targets lie in the test
        rows.

    Returns
    -------
    parts : list
        The training rows and the test rows of each array, as in
        :func:`sklearn.model_selection.train_test_split`.

    Raises
    ------
    ValueError
        If no row is left for training or for testing, if the labels say that a training row is
        newer than a test row, or if `test_size` is a date and no array has an index of dates.
    TypeError
        If only one of `test_size` and the index has a time zone.

    See Also
    --------
    skill_table : Compares forecasters on held-out rows.

    Examples
    --------
    >>> from sklstm.datasets import load_stock
    >>> from sklstm.evaluation import temporal_train_test_split
    >>> X, y = load_stock(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = temporal_train_test_split(X, y, test_size="2013-01-01")
    >>> len(X_train), X_test.index[0]
    (3229, Timestamp('2013-01-02 00:00:00'))
    """
    if not arrays:
        raise ValueError("temporal_train_test_split needs at least one array.")
    arrays = indexable(*arrays)
    n_rows = num_samples(arrays[0])
    n_test = _count_test_rows(test_size, arrays, n_rows)
    if not isinstance(gap, Integral) or isinstance(gap, bool) or gap < 0:
        raise ValueError(f"gap={gap!r} must be an int of 0 or more.")
    n_train = n_rows - n_test - gap
    if n_train < 1 or n_test < 1:
        raise ValueError(
            f"test_size={test_size!r} with gap={gap} leaves {max(n_train, 0)} of {n_rows} rows to "
            f"train on and {n_test} to test on; both need at least one."
        )
    parts = slice(0, n_train), slice(n_rows - n_test, n_rows)
    refuse_newer_training_rows(_read_first_labels(arrays), n_train, n_rows - n_test)
    return [safe_indexing(array, part) for array in arrays for part in parts]


temporal_train_test_split.__module__ = "sklstm.evaluation"  # where users import it from


def refuse_newer_training_rows(labels: Labels | None, n_train: int, first_test: int) -> None:
    """Refuse rows if their labels say that a training row is newer than a test row."""
    if labels is None:
        return
    train, test = labels.values[:n_train], labels.values[first_test:]
    if train.max() > test.min():
        raise ValueError(
            f"The rows are not in time order: row {np.argmax(train)}, "
            f"{labels.show(train.max())}, would be a training row, and row "
            f"{first_test + np.argmin(test)}, {labels.show(test.min())}, a test row. Sort all "
            "arrays by time, oldest first."
        )


def _read_first_labels(arrays: Iterable[Any]) -> Labels | None:
    return next((labels for array in arrays if (labels := read_labels(array))), None)


def _count_test_rows(test_size: Any, arrays: Iterable[Any], n_rows: int) -> int:
    if isinstance(test_size, str | date | np.datetime64 | pd.Period):
        return _count_rows_from(test_size, arrays)
    is_number = isinstance(test_size, Real) and not isinstance(test_size, bool)
    if is_number and isinstance(test_size, Integral) and int(test_size) >= 1:
        return int(test_size)
    if is_number and 0 < float(test_size) < 1:
        return math.ceil(float(test_size) * n_rows)
    raise ValueError(
        f"test_size={test_size!r} must be a share of the rows in (0, 1), a number of rows of 1 or "
        "more, or a date."
    )


def _count_rows_from(first: Any, arrays: Iterable[Any]) -> int:
    """Count the rows from a date on, by the first index that holds dates."""
    labels = _read_first_labels(arrays)
    if labels is None or not labels.are_dates:
        raise ValueError(f"test_size={first!r} is a date, but no array has an index of dates.")
    try:
        when = first.start_time if isinstance(first, pd.Period) else pd.Timestamp(first)
    except ValueError as error:
        raise ValueError(f"test_size={first!r} is not a date: {error}") from None
    if (when.tz is None) != (labels.zone is None):
        raise TypeError(
            f"test_size={first!r} has {when.tz or 'no time zone'}, the index has "
            f"{labels.zone or 'no time zone'}; they can be compared only if both or neither have "
            "one."
        )
    if when.tz is not None:
        when = when.tz_convert(None)
    return int(np.sum(labels.values >= when.to_datetime64()))
