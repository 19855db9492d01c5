"""Windows in batches: what the compiled programs are handed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sklstm._lstm.batches import count_batches, lay_out_steps, split_evenly
from sklstm._lstm.examples import Examples
from sklstm._lstm.scaling import ColumnScales, OutputScales, Scaling
from sklstm._network.sizes import PaddedSizes
from sklstm._network.training import ProgramShape, Rates
from sklstm._rows.windows import Alignment, Windows

SHAPE = ProgramShape(
    PaddedSizes(4, 2, 8, 2),
    micro_batch_size=3,
    n_micro_batches=2,
    capacity=5,
    n_steps=3,
    loss="squared_error",
)


def make_scaling(n_features, centre, scale):
    """One centre and scale for all columns, another pair for the one output."""
    each = np.ones(n_features)
    place = np.arange(n_features)
    none = np.full(n_features, -1)
    columns = ColumnScales(place, none, each < 0, 0 * each, each, each, np.inf * each)
    own = np.array([-1]), np.ones(1), np.zeros(1), np.array([centre]), np.array([scale])
    return Scaling("standard", columns, OutputScales(*own, np.ones(1), np.zeros(1)))


def make_examples(n=7, window_length=3):
    """Row t holds t and 10 t, its target is 100 t and its weight t."""
    t = np.arange(n + window_length, dtype=float)
    windows = Windows(np.column_stack([t, 10 * t]), 0, Alignment(window_length, 1))
    rows = np.arange(window_length, n + window_length)
    y = 100.0 * rows[:, None]
    return Examples(windows, make_scaling(2, centre=100.0, scale=2.0), rows, y, rows[:, None] * 1.0)


@given(n=st.integers(1, 200), size=st.integers(1, 30))
def test_batches_are_full_but_the_last_and_hold_every_row_once(n, size):
    """Oracle: Python's slices of a list."""
    rows = list(range(n))
    slices = [rows[first : first + size] for first in range(0, n, size)]
    assert [run.tolist() for run in split_evenly(np.arange(n), size)] == slices
    assert count_batches(n, size).tolist() == [len(run) for run in slices]


def test_the_picked_examples_stand_in_the_micro_batches_of_their_steps_with_zeros_around_them():
    """Oracle: by hand: seven examples in reverse, in batches of four, the second one short.

    A batch is two micro-batches of three.
    """
    picks = np.arange(7)[::-1]
    keep = np.random.default_rng(0).random((7, 6)) < 0.5
    steps = lay_out_steps(
        make_examples(), picks, keep, Rates(np.ones(2), np.full(2, 3.0)), 4, SHAPE
    )
    batches = steps.micro_batches
    assert (steps.n_real, steps.n_micro_batches) == (2, 2)
    assert batches.windows.shape == (5, 4, 3, 2)
    # Example 6 predicts row 9 from rows 6, 7, 8. Example 3 stands in the second micro-batch.
    # Example 0 predicts row 3 from rows 0, 1, 2 and is the third one of the second batch, which
    # begins the third micro-batch.
    np.testing.assert_array_equal(batches.windows[0, :, 0], [[6, 60], [7, 70], [8, 80], [0, 0]])
    np.testing.assert_array_equal(batches.windows[1, :, 0], [[3, 30], [4, 40], [5, 50], [0, 0]])
    np.testing.assert_array_equal(batches.windows[2, :, 2], [[0, 0], [1, 10], [2, 20], [0, 0]])
    assert not batches.windows[1, :, 1:].any()
    assert not batches.windows[3:].any()
    targets = [[400, 350, 300], [250, 0, 0], [200, 150, 100], [0, 0, 0], [0, 0, 0]]
    np.testing.assert_array_equal(batches.targets[:, :, 0], targets)  # (100 t - 100) / 2
    assert not batches.targets[:, :, 1].any()
    weight = [[9 / 4, 8 / 4, 7 / 4], [6 / 4, 0, 0], [5 / 3, 4 / 3, 3 / 3], [0, 0, 0], [0, 0, 0]]
    np.testing.assert_array_equal(batches.weight[:, :, 0], np.float32(weight))
    assert not batches.weight[:, :, 1:].any()
    np.testing.assert_array_equal(batches.keep[2, 2], [*keep[6], False, False])
    assert steps.rates.rate.tolist() == [1, 1, 0]
    assert steps.rates.shrink.tolist() == [3, 3, 0]
