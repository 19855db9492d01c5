"""The alignment rule, against the rule read literally: as loops over rows."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from small_windows import HORIZONS, WINDOW_LENGTHS, make_rows

from sklstm._rows.windows import Alignment, Season, Windows, window_rows


def read_rule(t, lag, horizon, n_before, is_far):
    """Row of X that stands `lag` before row t, the oldest readable if it is missing, else None."""
    begins_in_X = is_far and t >= horizon
    readable = range(0 if begins_in_X else -n_before, t - horizon + 1)
    return None if not readable else max(t - lag, readable[0])


# Rows


@given(
    n_rows=st.integers(1, 40),
    window_length=st.integers(1, 14),
    horizon=HORIZONS,
    n_before=st.integers(0, 20),
    is_far=st.booleans(),
)
def test_windows_follow_the_rule_read_literally(n_rows, window_length, horizon, n_before, is_far):
    """Oracle: the rule as a double loop."""
    rows = window_rows(n_rows, Alignment(window_length, horizon), n_before, is_far)
    assert rows.shape == (n_rows, window_length)
    for t in range(n_rows):
        for slot in range(window_length):
            lag = horizon + window_length - 1 - slot
            row = read_rule(t, lag, horizon, n_before, is_far)
            assert rows[t, slot] == (-1 if row is None else row + n_before)


def test_rows_of_a_short_case():
    """Oracle: by hand. Window 3, horizon 1, two rows before X: row t reads t-3 .. t-1."""
    expected = [[0, 0, 1], [0, 1, 2], [1, 2, 3]]
    np.testing.assert_array_equal(window_rows(3, Alignment(3, 1), n_before=2), expected)
    without_history = [[-1, -1, -1], [0, 0, 0], [0, 0, 1]]
    np.testing.assert_array_equal(window_rows(3, Alignment(3, 1)), without_history)
    far = [[0, 0, 1], [2, 2, 2], [2, 2, 3]]
    np.testing.assert_array_equal(window_rows(3, Alignment(3, 1), n_before=2, is_far=True), far)


@given(window_length=WINDOW_LENGTHS, horizon=HORIZONS)
def test_the_first_full_window_ends_the_look_back(window_length, horizon):
    """Oracle: the rule: a full window reads row t-h-w+1 >= 0 first, and no row twice."""
    reach = Alignment(window_length, horizon).reach
    rows = window_rows(reach + 2, Alignment(window_length, horizon))
    n_rows_read = [len(set(row[row >= 0])) for row in rows]
    assert n_rows_read[reach:] == [window_length, window_length]
    assert all(n < window_length for n in n_rows_read[:reach])


# Windows


@given(
    n_rows=st.integers(1, 20),
    window_length=WINDOW_LENGTHS,
    horizon=HORIZONS,
    n_before=st.integers(0, 14),
    is_far=st.booleans(),
    known=st.sets(st.integers(0, 2)),
    data=st.data(),
)
def test_cut_reads_ordinary_and_known_columns_each_at_its_rows(
    n_rows, window_length, horizon, n_before, is_far, known, data
):
    """Oracle: the rule, entry by entry; known columns are read `horizon` rows later."""
    block = make_rows(n_before + n_rows, n_features=3)
    windows = Windows(
        block, n_before, Alignment(window_length, horizon, tuple(sorted(known))), is_far
    )
    targets = np.array(data.draw(st.lists(st.integers(0, n_rows - 1), max_size=5)), dtype=int)
    cut = windows.cut(targets)
    assert len(windows) == n_rows
    assert cut.shape == (len(targets), window_length, 3)
    for i, slot, column in np.ndindex(cut.shape):
        t, lag = targets[i], horizon + window_length - 1 - slot
        oldest = read_rule(t, 10**6, horizon, n_before, is_far)
        assert windows.has_rows(targets)[i] == (oldest is not None)
        if oldest is not None:
            row = max(t - lag + (horizon if column in known else 0), oldest)
            assert cut[i, slot, column] == block[row + n_before, column]


@given(
    n_rows=st.integers(1, 20), window_length=WINDOW_LENGTHS, horizon=HORIZONS, known=st.booleans()
)
def test_no_prediction_reads_a_row_newer_than_the_rule_allows(
    n_rows, window_length, horizon, known
):
    """Oracle: the rule; what may not be read is NaN, and changes no window."""
    rows = make_rows(n_rows + 3)
    alignment = Alignment(window_length, horizon, (1,) if known else ())
    expected = Windows(rows, 3, alignment)
    for t in range(n_rows):
        hidden = rows.copy()
        hidden[3 + t - horizon + 1 :, 0] = np.nan
        hidden[3 + t + 1 - (0 if known else horizon) :, 1] = np.nan
        windows = Windows(hidden, 3, alignment)
        if windows.has_rows(np.array([t])):
            np.testing.assert_array_equal(windows.cut(np.array([t])), expected.cut(np.array([t])))


def test_a_window_without_rows_is_filled_with_finite_numbers():
    """Oracle: the caller's need to compute on all windows, whose predictions it then replaces."""
    windows = Windows(make_rows(4), 0, Alignment(3, 2))
    np.testing.assert_array_equal(windows.has_rows(np.arange(4)), [False, False, True, True])
    assert np.isfinite(windows.cut(np.arange(4))).all()


@given(
    n_rows=st.integers(1, 20),
    n_before=st.integers(0, 14),
    window_length=WINDOW_LENGTHS,
    horizon=HORIZONS,
)
def test_full_target_rows_are_those_whose_windows_repeat_no_row(
    n_rows, n_before, window_length, horizon
):
    """Oracle: the rule: a full window reads as many different rows as it is long."""
    windows = Windows(make_rows(n_before + n_rows), n_before, Alignment(window_length, horizon))
    rows = window_rows(n_rows, Alignment(window_length, horizon), n_before)
    full = [t for t in range(n_rows) if len({*rows[t]} - {-1}) == window_length]
    np.testing.assert_array_equal(windows.full_target_rows(), full)


@given(
    n_rows=st.integers(1, 20),
    n_before=st.integers(0, 6),
    window_length=st.integers(1, 6),
    horizon=HORIZONS,
    known=st.sampled_from([(), (1,)]),
)
def test_the_rows_read_are_those_of_all_full_windows_each_once(
    n_rows, n_before, window_length, horizon, known
):
    """Oracle: the windows: the first one's rows, then the newest row of each later one."""
    windows = Windows(
        make_rows(n_before + n_rows), n_before, Alignment(window_length, horizon, known)
    )
    targets = windows.full_target_rows()
    assume(len(targets))
    cut = windows.cut(targets)
    read = np.concatenate([cut[0], cut[1:, -1]])
    np.testing.assert_array_equal(windows.rows_read(targets), read)


def test_rows_that_follow_are_part_of_the_windows():
    """Oracle: the windows of one long X."""
    rows = make_rows(9)
    windows = Windows(rows[:6], 2, Alignment(3, 1)).followed_by(rows[6:])
    targets = np.arange(7)
    assert len(windows) == len(targets)
    np.testing.assert_array_equal(
        windows.cut(targets), Windows(rows, 2, Alignment(3, 1)).cut(targets)
    )


@given(n_rows=st.integers(2, 30), window_length=WINDOW_LENGTHS)
def test_both_spellings_of_one_step_ahead_read_the_same_windows(n_rows, window_length):
    """Oracle: horizon 0 at row t, the target one row later, is horizon 1 at row t+1."""
    rows = make_rows(n_rows)
    targets = np.arange(n_rows - 1)
    np.testing.assert_array_equal(
        Windows(rows, 0, Alignment(window_length, 0)).cut(targets),
        Windows(rows, 0, Alignment(window_length, 1)).cut(targets + 1),
    )


def test_a_few_windows_of_very_many_rows_cost_little_memory():
    """Oracle: all windows would hold 2,000,000 * 168 numbers, 2.7 GB, and their row numbers too."""
    windows = Windows(np.arange(2e6).reshape(-1, 1), 0, Alignment(168, 1))
    cut = windows.cut(np.arange(1_999_000, 1_999_064))
    np.testing.assert_array_equal(cut[0, :, 0], np.arange(1_999_000 - 168, 1_999_000))


@given(
    length=st.integers(2, 12), horizon=st.integers(0, 6), lead=st.integers(0, 3),
    step=st.integers(0, 20),
)  # fmt: skip
def test_a_step_is_a_prediction_for_its_own_row_at_a_longer_horizon(length, horizon, lead, step):
    """Oracle: the rule at horizon h + j, counted from row t + j."""
    alignment = Alignment(3, horizon, steps=step + 1)
    season = Season(0, length, (lead,))
    alone = Alignment(3, horizon + step).season_lag(season, lead)
    assert alignment.season_lag(season, lead, step) == alone - step
    assert alignment.season_lag(season, lead, step) - 1 >= horizon


def test_a_step_is_known_where_its_row_is_there_and_holds_a_number():
    """Oracle: by hand."""
    block = np.arange(12.0).reshape(6, 2)
    block[3, 1] = np.nan
    windows = Windows(block, 1, Alignment(2, 1, (1,), steps=3))
    expected = [[True, True, False], [True, False, True], [False, True, True], [True, True, False]]
    np.testing.assert_array_equal(windows.has_known(np.arange(4)), expected)
    assert Windows(block, 1, Alignment(2, 1, steps=3)).has_known(np.arange(5)).all()
