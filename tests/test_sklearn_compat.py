"""What scikit-learn keeps private is there, and does what it is used for."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.svm import SVR

from sklstm import _sklearn_compat as compat


def test_rows_of_any_container_are_counted_and_taken():
    """Oracle: by hand."""
    for rows in [[1, 2, 3], np.arange(1, 4), pd.Series([1, 2, 3])]:
        assert compat.num_samples(rows) == 3
        assert [*compat.safe_indexing(rows, np.array([0, 2]))] == [1, 3]
    with pytest.raises(TypeError, match="Expected sequence or array-like"):
        compat.num_samples(5)


def test_of_a_matrix_of_similarities_the_columns_are_taken_too():
    """Oracle: by hand."""
    similar, y = np.arange(9).reshape(3, 3), np.arange(3)
    rows, train = np.array([2]), np.array([0, 1])
    X, _ = compat.safe_split(SVR(kernel="precomputed"), similar, y, rows, train)
    np.testing.assert_array_equal(X, [[6, 7]])
    X, _ = compat.safe_split(Ridge(), similar, y, rows, train)
    np.testing.assert_array_equal(X, [[6, 7, 8]])


def test_weights_are_read_with_scikit_learns_errors():
    """Oracle: scikit-learn's message."""
    with pytest.raises(ValueError, match="Negative values in data"):
        compat.check_sample_weight([-1.0, 1.0], np.zeros((2, 1)), ensure_non_negative=True)
