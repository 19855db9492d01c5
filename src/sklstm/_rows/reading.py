"""The rows that a forecaster receives, checked once and converted to one form."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.validation import assert_all_finite, validate_data

from sklstm._rows.labels import Labels, is_numbered, read_labels
from sklstm._rows.missing import naming_rows
from sklstm._rows.number_columns import find_range, hide_weightless
from sklstm._rows.unreadable import naming_columns
from sklstm._sklearn_compat import check_sample_weight

# Windows are cut from contiguous rows. From contiguous columns, as in a DataFrame, NumPy would copy
# all rows for each cut: 0.1 s for 2,000,000 rows of 8.
AS_ROWS = {"dtype": np.float64, "order": "C"}
# The check of X for estimators that can handle missing numbers.
GAPPY: dict[str, Any] = {"ensure_all_finite": "allow-nan"}
LARGEST_NUMBER = 1e150  # squares of larger ones are infinite, and so are deviations


@dataclass(frozen=True)
class Rows:
    """Consecutive rows in time, oldest first, with their targets; they are never changed."""

    X: np.ndarray  # (n_rows, n_features), float64
    y: np.ndarray  # (n_rows, n_outputs), float64
    weight: np.ndarray  # (n_rows,), of the target's row, relative: the largest is 1 or up to 2
    labels: Labels | None
    y_shape: tuple[int, ...]  # of a row's targets as they were given: () or (n_outputs,)

    @property
    def n_outputs(self) -> int:
        """The number of outputs."""
        return self.y.shape[1]

    def take(self, target_rows: np.ndarray, steps: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Take the targets of these rows, and their weights, each (n_targets, steps * n_outputs).

        With several steps, each row's target comes first, then those of the rows after it. Targets
        beyond the last row have weight 0.
        """
        if steps == 1:
            y, weight = _take(self.y, target_rows), _take(self.weight, target_rows)
            return y, np.broadcast_to(weight[:, None], y.shape)
        rows = np.asarray(target_rows)[:, None] + np.arange(steps)
        there = np.minimum(rows, len(self.y) - 1)
        weight = np.where(rows < len(self.y), self.weight[there], 0.0)
        y = self.y[there].reshape(len(rows), -1)
        return y, np.repeat(weight, self.n_outputs, axis=1)

    @property
    def counted_y(self) -> np.ndarray:
        """The targets, with NaN in rows of weight 0, which do not count."""
        return hide_weightless(self.y, self.weight)


def _take(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Take the values of these rows, without a copy if they are adjacent, as they mostly are."""
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1:
        return values[rows[0] : rows[-1] + 1]
    return values[rows]


def read_rows(
    forecaster: Any, X: Any, y: Any, sample_weight: Any = None, *, reset: bool = True, **checks: Any
) -> Rows:
    """Check rows with targets; `checks` are further ones of scikit-learn's `validate_data`."""
    labels = read_labels(X, y, must_increase=True)
    # Rows numbered by their own index are matched to later ones by number, whatever y says.
    labels = None if is_numbered(X) else labels
    checks |= {"multi_output": True, "y_numeric": True, "reset": reset}
    with naming_columns(X), naming_rows(X=X, y=y):
        X, y = validate_data(forecaster, X, y, **AS_ROWS, copy=True, **checks)
    outputs = y.reshape(len(y), -1).astype(np.float64, order="C")
    _refuse_huge(X, "X")
    _refuse_huge(outputs, "y")
    return Rows(X, outputs, _check_weight(sample_weight, X), labels, y.shape[1:])


def read_new_rows(forecaster: Any, X: Any, **checks: Any) -> tuple[np.ndarray, Labels | None]:
    """Check rows that a fitted forecaster will predict or keep; return their labels too."""
    labels = read_labels(X, must_increase=True)
    with naming_columns(X), naming_rows(X=X):
        X = validate_data(forecaster, X, **AS_ROWS, reset=False, **checks)
    _refuse_huge(X, "X")
    return X, labels


def _refuse_huge(numbers: np.ndarray, name: str) -> None:
    lowest, highest = find_range(numbers)
    largest = max(highest, -lowest)
    if largest > LARGEST_NUMBER:
        raise ValueError(
            f"{name} has numbers as large as {largest:.3g}, but numbers above {LARGEST_NUMBER:g} "
            f"cannot be squared safely. Divide {name} by a constant."
        )


def _check_weight(sample_weight: Any, X: np.ndarray) -> np.ndarray:
    if sample_weight is None:
        return np.broadcast_to(1.0, len(X))  # a single number, read n_rows times
    weight = check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    assert_all_finite(weight, input_name="sample_weight")  # a number for all rows is unchecked
    return _make_relative(weight)


def _make_relative(weight: np.ndarray) -> np.ndarray:
    """Scale the largest weight to between 1 and 2, because the sum of large ones is infinite.

    The factor is a power of 2, which leaves all ratios exact. Positive weights stay positive.
    """
    _, exponent = np.frexp(weight.max())
    relative = np.ldexp(weight, 1 - exponent)
    return np.where(weight > 0, np.maximum(relative, np.finfo(np.float64).tiny), 0.0)
