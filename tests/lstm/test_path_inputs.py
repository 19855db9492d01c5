"""What the path head reads, beside values picked by hand."""

import numpy as np

from sklstm._lstm.path_inputs import fit_path_inputs
from sklstm._rows.targets import TargetColumn
from sklstm._rows.windows import Alignment, Season, Windows

# Row t holds t, 100 + t and 7 t; the last column is known in advance.
X = np.column_stack([np.arange(60.0), 100 + np.arange(60.0), 7 * np.arange(60.0)])
TARGETS = [TargetColumn(0, 0, 1.0, 0.0), None]
ALIGNMENT = Alignment(4, 1, (2,), (Season(0, 12, (0,)),), steps=3)


def make(alignment=ALIGNMENT, targets=TARGETS):
    return fit_path_inputs(alignment, targets, X)


def test_each_step_reads_its_own_row_and_the_rows_around_its_place_a_season_ago():
    """Oracle: by hand: step j of row 30 is row 30 + j, and its place is 12 rows before."""
    found = make().read(Windows(X, 0, ALIGNMENT), np.array([30]))
    np.testing.assert_array_equal(
        found[0], [[210, 17, 18, 19], [217, 18, 19, 20], [224, 19, 20, 21]]
    )


def test_a_place_that_may_not_be_read_yet_is_a_season_further_back():
    """Oracle: by hand: at horizon 10, the place of row 32 is row 20, but row 21 is not known."""
    alignment = Alignment(4, 10, (), (Season(0, 12, (0,)),), steps=3)
    found = make(alignment).read(Windows(X, 0, alignment), np.array([30]))
    np.testing.assert_array_equal(found[0], [[17, 18, 19], [18, 19, 20], [7, 8, 9]])


def test_numbers_are_scaled_as_their_kind_is():
    """Oracle: by hand: known ones by their own mean, targets and starts as the window's target."""
    inputs = make()
    raw = np.array([[[210.0, 17, 18, 19], [217, 18, 19, 20], [224, 19, 20, np.nan]]])
    centre, scale = np.array([[29.0, 5.0]]), np.array([[2.0, 4.0]])
    start = np.array([[31.0, 9, 33, 13, 35, 1000]])
    found = inputs.apply(raw, centre, scale, start)
    assert found.dtype == np.float32
    assert inputs.count(n_starts=2) == found.shape[2] == 6
    known = (raw[0, :, 0] - X[:, 2].mean()) / X[:, 2].std()
    np.testing.assert_allclose(found[0, :, 0], known, rtol=1e-6)
    np.testing.assert_array_equal(
        found[0, :, 1:4], [[-6, -5.5, -5], [-5.5, -5, -4.5], [-5, -4.5, 0]]
    )
    np.testing.assert_array_equal(found[0, :, 4:], [[1, 1], [2, 2], [3, 10]])
    without = inputs.apply(raw, centre, scale, None)
    np.testing.assert_array_equal(without, found[:, :, :4])


def test_with_a_single_step_there_is_no_path_head():
    assert make(Alignment(4, 1)) is None


def test_where_nothing_is_known_nothing_is_read():
    inputs = make(Alignment(4, 1, steps=3))
    assert inputs.read(Windows(X, 0, Alignment(4, 1, steps=3)), np.arange(5)).shape == (5, 3, 0)
    assert inputs.count(n_starts=0) == 0
