"""Rows that tell windows apart, and how long windows are in random cases."""

import numpy as np
from hypothesis import strategies as st

WINDOW_LENGTHS = st.integers(1, 9)
HORIZONS = st.integers(0, 4)


def make_rows(n_rows, n_features=2):
    """Rows that all differ, in no order: no window is like another by accident."""
    return np.random.default_rng(n_rows).normal(size=(n_rows, n_features))
