"""The rows before X, against one long X and the rule read literally."""

import datetime as dt
import pickle
import warnings
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_windows import HORIZONS, WINDOW_LENGTHS, make_rows

from sklstm._rows.history import Kept, find_place
from sklstm._rows.labels import Labels, read_labels
from sklstm._rows.windows import Alignment, Windows


def keep(frame):
    return Kept(np.asarray(frame, dtype=float), read_labels(frame))


def windows_of(kept, frame, window_length, horizon, history="auto", known=()):
    """The windows of the frame's rows, as a forecaster makes them in `predict`."""
    X = np.asarray(frame, dtype=float)
    alignment = Alignment(window_length, horizon, known)
    return find_place(kept, X, read_labels(frame), alignment, history).make_windows(X)


def rows_before(*args):
    """The rows that stand before X in its windows."""
    windows = windows_of(*args)
    return windows.block[: windows.n_before]


def assert_same_windows(windows, long, n_skipped):
    """The windows are those of one long X from row `n_skipped` on, which has no rows before it."""
    targets = np.arange(len(windows))
    may_read = windows.has_rows(targets)
    np.testing.assert_array_equal(may_read, long.has_rows(targets + n_skipped))
    np.testing.assert_array_equal(
        windows.cut(targets)[may_read], long.cut(targets + n_skipped)[may_read]
    )


def test_kept_rows_are_pickled_as_arrays_and_text():
    """Oracle: the promise that a pickle holds arrays only."""
    index = pd.date_range("2024-01-01", periods=4, freq="B", tz="Europe/Berlin")
    kept = keep(pd.DataFrame({"a": range(4)}, index=index))
    values = vars(kept.labels)
    assert [type(value) for value in values.values()] == [np.ndarray, str, str]
    assert b"pandas" not in pickle.dumps(kept)


# History: the rows before X

# One hundred labels of each kind; how many rows are missing between two of them is known.
INDEXES = {
    "integers": pd.RangeIndex(100, 200),
    "every tenth": pd.RangeIndex(10, 1010, 10),
    "days": pd.date_range("2024-01-01", periods=100),
    "business days": pd.date_range("2024-01-01", periods=100, freq="B"),
    "business days in Tokyo": pd.date_range("2024-01-01", periods=100, freq="B", tz="Asia/Tokyo"),
    "months": pd.date_range("2024-01-01", periods=100, freq="MS"),
    "every second month": pd.date_range("2024-01-01", periods=100, freq="2MS"),
    "month ends": pd.date_range("2024-01-31", periods=100, freq=pd.offsets.MonthEnd()),
    "milliseconds": pd.date_range("2024-01-01", periods=100, freq="5ms"),
    # Berlin puts the clock forward on 31 March 2024 and back on 27 October.
    "days in spring": pd.date_range("2024-03-25", periods=100, tz="Europe/Berlin"),
    "days in autumn": pd.date_range("2024-10-20", periods=100, tz="Europe/Berlin"),
    "hours in spring": pd.date_range("2024-03-30 14:00", periods=100, freq="h", tz="Europe/Berlin"),
    "hours in autumn": pd.date_range("2024-10-26 14:00", periods=100, freq="h", tz="Europe/Berlin"),
    "monthly periods": pd.period_range("2024-01", periods=100, freq="M"),
    "quarterly periods": pd.period_range("2024Q1", periods=100, freq="Q-JAN"),
    "yearly periods": pd.period_range("1950", periods=100, freq="Y"),
    "weekly periods": pd.period_range("2024-01-03", periods=100, freq="W-WED"),
    "periods of two days": pd.period_range("2024-01-03", periods=50, freq="2D"),
}
LABELLED = st.sampled_from(list(INDEXES))


def make_frame(kind, n_rows):
    return pd.DataFrame(make_rows(n_rows), index=INDEXES[kind][:n_rows])


def drop_frequency(frame):
    """The frame with the dates that it has, as if read from a file."""
    if isinstance(frame.index, pd.DatetimeIndex):
        return frame.set_axis(pd.DatetimeIndex(list(frame.index)))
    return frame


def long_windows(frame, window_length, horizon):
    """The windows of a long X with nothing before it."""
    return Windows(np.asarray(frame, dtype=float), 0, Alignment(window_length, horizon))


@given(
    kind=LABELLED,
    n_kept=st.integers(2, 30),
    first=st.integers(0, 30),
    n_rows=st.integers(1, 20),
    window_length=WINDOW_LENGTHS,
    horizon=HORIZONS,
)
def test_labelled_rows_have_the_windows_of_one_long_X(
    kind, n_kept, first, n_rows, window_length, horizon
):
    """Oracle: all rows in one X. Those to predict begin among the kept rows or follow them."""
    first = min(first, n_kept)
    frame = make_frame(kind, 50)
    X = frame.iloc[first : first + n_rows]
    windows = windows_of(keep(frame[:n_kept]), X, window_length, horizon)
    assert_same_windows(windows, long_windows(frame, window_length, horizon), first)


@given(
    n_kept=st.integers(1, 30),
    n_rows=st.integers(1, 20),
    window_length=WINDOW_LENGTHS,
    horizon=HORIZONS,
)
def test_unlabelled_rows_that_follow_have_the_windows_of_one_long_X(
    n_kept, n_rows, window_length, horizon
):
    """Oracle: kept rows and those to predict in one X."""
    rows = make_rows(50)
    windows = windows_of(
        keep(rows[:n_kept]), rows[n_kept : n_kept + n_rows], window_length, horizon
    )
    assert_same_windows(windows, long_windows(rows, window_length, horizon), n_kept)


@given(
    kind=LABELLED,
    n_kept=st.integers(2, 20),
    gap=st.integers(1, 12),
    window_length=WINDOW_LENGTHS,
    horizon=HORIZONS,
    frequency=st.sampled_from(["both", "X", "kept"]),
)
def test_missing_rows_stand_at_their_place_filled_with_the_row_before(
    kind, n_kept, gap, window_length, horizon, frequency
):
    """Oracle: one long X, in which the missing rows repeat the last kept row."""
    gap = min(gap, Alignment(window_length, horizon).reach)
    frame = make_frame(kind, 50)
    train, X = frame[:n_kept], frame[n_kept + gap :]
    if frequency == "X":
        train = drop_frequency(train)
    if frequency == "kept":
        X = drop_frequency(X)
    frame.iloc[n_kept : n_kept + gap] = frame.iloc[n_kept - 1]
    windows = windows_of(keep(train), X, window_length, horizon)
    assert_same_windows(windows, long_windows(frame, window_length, horizon), n_kept + gap)


def test_the_gap_of_a_split_in_time_counts_as_missing_rows():
    """Oracle: by hand. Of 20 business days 0 .. 9 train, 10 and 11 are left out."""
    frame = make_frame("business days", 20)
    train, test = np.arange(10), np.arange(12, 20)  # as TimeSeriesSplit(gap=2) yields them
    before = rows_before(keep(frame.iloc[train]), frame.iloc[test], 4, 1)
    np.testing.assert_array_equal(before, frame.to_numpy()[[8, 9, 9, 9]])


def test_a_single_kept_row_is_history_too():
    """Oracle: by hand: no step is known, so X adjoins."""
    frame = drop_frequency(make_frame("months", 50))
    np.testing.assert_array_equal(rows_before(keep(frame[:1]), frame[40:], 4, 1), frame[:1])
    numbered = pd.DataFrame(make_rows(8), index=range(7, 15))  # integers count by 1
    before = rows_before(keep(numbered[:1]), numbered[3:], 4, 1)
    np.testing.assert_array_equal(before, numbered.to_numpy()[[0, 0, 0]])


def test_dates_without_a_frequency_take_the_history_to_be_adjacent():
    """Oracle: the rule: the number of missing rows is unknown."""
    frame = drop_frequency(make_frame("business days", 30))
    windows = windows_of(keep(frame[:10]), frame[12:], 3, 1)
    assert_same_windows(windows, long_windows(frame.drop(frame.index[10:12]), 3, 1), 10)


def test_a_gap_that_was_within_the_training_rows_stays_closed():
    """Oracle: the rule: inside X, rows count; label 9 follows label 4 there, so here too."""
    frame = pd.DataFrame(make_rows(8), index=[1, 2, 3, 4, 9, 10, 11, 12])
    windows = windows_of(keep(frame[:6]), frame[4:], 3, 1)
    assert_same_windows(windows, long_windows(frame, 3, 1), 4)


def test_labels_of_different_units_and_zones_match():
    """Oracle: one long X; the same instants in another unit, zone or type."""
    frame = make_frame("days", 20)
    for other in (
        frame.set_axis(frame.index.as_unit("ns")),
        frame.set_axis(frame.index.as_unit("s")),
        frame.set_axis(frame.index.to_period()),
    ):
        for train, X in ((frame, other), (other, frame)):
            windows = windows_of(keep(train[:12]), X[14:], 4, 1)
            filled = np.asarray(frame)[[*range(12), 11, 11, *range(14, 20)]]
            assert_same_windows(windows, long_windows(filled, 4, 1), 14)
    berlin = frame.tz_localize("Europe/Berlin")
    windows = windows_of(keep(berlin[:12]), berlin.tz_convert("Asia/Tokyo")[8:], 4, 1)
    assert_same_windows(windows, long_windows(frame, 4, 1), 8)


def test_a_zone_that_has_no_name_counts_in_utc():
    """Oracle: one long X; this zone cannot be found again by what str calls it."""
    zone = dt.timezone(dt.timedelta(hours=1), "office hours")
    index = pd.date_range("2024-01-01", periods=20, tz=zone)
    frame = pd.DataFrame(make_rows(20), index=index)
    filled = frame.to_numpy()[[*range(8), 7, 7, 7, 7, *range(12, 20)]]
    assert_same_windows(
        windows_of(keep(frame[:8]), frame[12:], 6, 1), long_windows(filled, 6, 1), 12
    )


@pytest.mark.parametrize(
    ("last", "first", "filled"),
    [
        ("2024-03-30 02:30", "2024-04-01 02:30", "2024-03-31 01:00"),  # 02:30 was left out: 03:00
        ("2024-10-26 02:30", "2024-10-28 02:30", "2024-10-27 00:30"),  # it came twice: the first
    ],
)
def test_a_missing_row_may_stand_where_the_clock_is_changed(last, first, filled):
    """Oracle: by hand: the dates of a row missing in Berlin, where it is filled in UTC."""
    rows = make_rows(4)
    train = pd.DataFrame(rows[:2], pd.date_range(end=last, periods=2, tz="Europe/Berlin"))
    X = pd.DataFrame(rows[2:], pd.date_range(first, periods=2, tz="Europe/Berlin"))
    kept = move_on(keep(train), X, 3, 1)
    np.testing.assert_array_equal(kept.X, rows[[0, 1, 1, 2, 3]])
    assert kept.labels.values[2] == np.datetime64(filled)


def test_a_holiday_calendar_of_its_own_is_not_counted_by_another():
    """Oracle: by hand. Christmas is no business day here, so 26 December adjoins the 24th."""
    calendar = pd.offsets.CustomBusinessDay(holidays=["2024-12-25"])
    frame = pd.DataFrame(make_rows(9), index=pd.date_range("2024-12-16", periods=9, freq=calendar))
    windows = windows_of(keep(frame[:7]), frame[7:], 4, 1)
    assert_same_windows(windows, long_windows(frame, 4, 1), 7)


@pytest.mark.parametrize("kind", ["days", "integers"])
def test_dates_are_never_matched_to_numbers(kind):
    """Oracle: the rule: X is unlabelled then, so it follows, or is the kept rows."""
    other = "integers" if kind == "days" else "days"
    rows = make_rows(30)
    kept = keep(make_frame(kind, 30)[:20])
    following = pd.DataFrame(rows[20:], index=INDEXES[other][:10])
    assert_same_windows(windows_of(kept, following, 3, 1), long_windows(rows, 3, 1), 20)
    same = pd.DataFrame(rows[:20], index=INDEXES[other][:20])
    assert_same_windows(windows_of(kept, same, 3, 1), long_windows(rows[:20], 3, 1), 0)


def test_unlabelled_kept_rows_are_matched_by_their_numbers():
    """Oracle: one long X; a frame's row numbers match the training array's."""
    rows = make_rows(40)
    frame = pd.DataFrame(rows)
    for first in (5, 30):
        windows = windows_of(keep(rows[:30]), frame[first:], 4, 1)
        assert_same_windows(windows, long_windows(rows, 4, 1), first)
    filled = np.concatenate([rows[:30], rows[[29, 29]], rows[32:]])
    windows = windows_of(keep(frame[:30]), frame[32:], 4, 1)
    assert_same_windows(windows, long_windows(filled, 4, 1), 32)


def test_labels_and_arrays_give_the_same_windows():
    """Oracle: the same rows as arrays."""
    frame = make_frame("business days", 30)
    rows = frame.to_numpy()
    labelled = windows_of(keep(frame[:20]), frame[20:], 5, 2)
    np.testing.assert_array_equal(
        labelled.cut(np.arange(10)),
        windows_of(keep(rows[:20]), rows[20:], 5, 2).cut(np.arange(10)),
    )


@pytest.mark.parametrize("aware", ["kept", "X"])
def test_naive_dates_are_not_compared_with_aware_ones(aware):
    """Oracle: the rule."""
    frame = make_frame("days", 20)
    train, X = frame[:10], frame[10:]
    if aware == "kept":
        train = train.tz_localize("UTC")
    else:
        X = X.tz_localize("UTC")
    with pytest.raises(TypeError, match=r"no time zone.*tz_localize"):
        windows_of(keep(train), X, 3, 1)


# Rows without labels: are they the kept ones?


@pytest.mark.parametrize(
    ("n_kept", "n_shared", "n_more", "is_kept"),
    [
        (30, 30, 0, True),  # the training rows
        (30, 30, 5, True),  # the training rows, then later ones
        (30, 12, 0, True),  # their first 12
        (30, 12, 5, False),  # begins like them, goes on otherwise
        (30, 9, 0, False),  # too few to tell
        (6, 6, 0, True),  # all of them, however few
        (6, 6, 8, True),
        (6, 5, 0, False),
    ],
)
def test_unlabelled_rows_that_begin_like_the_kept_rows_are_these(n_kept, n_shared, n_more, is_kept):
    """Oracle: the rule, case by case."""
    kept, more = make_rows(n_kept), make_rows(n_more + 1)[:n_more]
    X = np.concatenate([kept[:n_shared], more])
    before = rows_before(Kept(kept), X, 3, 1)
    np.testing.assert_array_equal(before, kept[:0] if is_kept else kept[-3:])


def test_fewer_rows_than_a_prediction_looks_back_on_are_not_recognised():
    """Oracle: the rule: k = 15 rows are needed, unless they are all."""
    kept = make_rows(30)
    assert len(rows_before(Kept(kept), kept[:14], 15, 1)) == 15
    assert len(rows_before(Kept(kept), kept[:15], 15, 1)) == 0
    assert len(rows_before(Kept(kept[:12]), kept[:12], 15, 1)) == 0


def test_history_continue_and_none_overrule_values_and_labels():
    """Oracle: the rule."""
    frame = make_frame("days", 20)
    for X in (frame, frame.to_numpy(), frame.tz_localize("UTC")):
        before = rows_before(keep(frame), X, 3, 1, "continue")
        np.testing.assert_array_equal(before, frame[-3:])
        assert len(rows_before(keep(frame[:9]), X[9:], 3, 1, "none")) == 0


# Rows far from the kept ones


def far_case():
    """Kept rows 100 .. 119, X from 130 on: ten rows are missing."""
    frame = pd.DataFrame(make_rows(40), index=range(100, 140))
    return frame[:20], frame[30:]


def test_far_history_is_read_only_where_nothing_else_can_be():
    """Oracle: windows of X alone; before them, at t < h = 2, those of rows taken as adjacent."""
    train, X = far_case()
    with pytest.warns(
        UserWarning, match="More than 4 rows .* last kept row, 119, and the first row of X, 130"
    ):
        windows = windows_of(keep(train), X, 3, 2)
    alone = long_windows(X, 3, 2)
    np.testing.assert_array_equal(windows.cut(np.arange(2, 10)), alone.cut(np.arange(2, 10)))
    adjacent = long_windows(pd.concat([train, X]), 3, 2)
    np.testing.assert_array_equal(windows.cut(np.arange(2)), adjacent.cut(np.arange(20, 22)))
    assert windows.has_rows(np.arange(10)).all()


def test_history_is_far_from_one_missing_row_more_than_a_prediction_looks_back():
    """Oracle: by hand: 10 rows are missing; windows of 10 rows look back 10, those of 9 only 9."""
    train, X = far_case()
    before = rows_before(keep(train), X, 10, 1)
    np.testing.assert_array_equal(before, np.repeat(train[-1:], 10, axis=0))
    with pytest.warns(UserWarning, match="More than 9 rows"):
        assert windows_of(keep(train), X, 9, 1).is_far


@pytest.mark.parametrize("kind", INDEXES)
def test_any_labels_that_count_tell_that_history_is_far(kind):
    """Oracle: by hand: 20 rows are missing, and a prediction looks back 4."""
    frame = make_frame(kind, 50)
    with pytest.warns(UserWarning, match="More than 4 rows"):
        assert windows_of(keep(frame[:20]), frame[40:], 4, 1).is_far


@pytest.mark.parametrize(("days", "is_far"), [(12, False), (13, True)])
def test_dates_without_a_frequency_are_far_by_the_longest_training_step(days, is_far):
    """Oracle: by hand: the longest step is 3 days, so 4 of them, 12 days, hold k = 3 rows."""
    train = pd.DataFrame(
        make_rows(4), index=pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-05", "2024-01-06"])
    )
    X = pd.DataFrame(make_rows(2), index=pd.to_datetime(["2024-01-06", "2024-03-01"]))
    X = X.set_axis(X.index + pd.to_timedelta([days, 0], unit="D"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        windows = windows_of(keep(train), X, 3, 1)
    assert windows.is_far == is_far == bool(caught)


def test_who_looks_back_on_no_row_is_never_warned():
    """Oracle: the rule: with window 1 and horizon 0, k = 0."""
    train, X = far_case()
    windows = windows_of(keep(train), X, 1, 0)
    assert windows.n_before == 0
    assert not windows.is_far


def test_counting_a_long_time_in_short_steps_ends_early():
    """Oracle: a second's steps over 50 years are 1.6e9; the test would not end."""
    train = pd.DataFrame(make_rows(5), index=pd.date_range("1970", periods=5, freq="s"))
    X = pd.DataFrame(make_rows(5), index=pd.date_range("2020", periods=5, freq="s"))
    with pytest.warns(UserWarning, match="rows seem to be missing"):
        assert windows_of(keep(train), X, 8, 1).is_far


# Moving the kept rows on


def move_on(kept, frame, window_length, horizon, history="auto"):
    X = np.asarray(frame, dtype=float)
    labels, alignment = read_labels(frame), Alignment(window_length, horizon)
    return find_place(kept, X, labels, alignment, history).keep(X, labels)


@given(
    kind=LABELLED,
    as_arrays=st.booleans(),
    ends=st.lists(st.integers(2, 45), min_size=2, max_size=4, unique=True).map(sorted),
    window_length=WINDOW_LENGTHS,
    horizon=HORIZONS,
)
def test_after_updates_the_next_rows_have_the_windows_of_one_long_X(
    kind, as_arrays, ends, window_length, horizon
):
    """Oracle: all blocks in one X."""
    frame = make_frame(kind, 50)
    frame = frame.to_numpy() if as_arrays else frame
    kept = keep(frame[: ends[0]])
    for begin, end in pairwise(ends):
        kept = move_on(kept, frame[begin:end], window_length, horizon)
    long = long_windows(frame, window_length, horizon)
    assert len(kept.X) == ends[-1]
    assert_same_windows(windows_of(kept, frame[ends[-1] :], window_length, horizon), long, ends[-1])


@given(
    kind=LABELLED,
    gap=st.integers(1, 5),
    overlap=st.integers(-3, 3),
    frequency=st.sampled_from(["both", "X", "kept"]),
)
def test_an_update_fills_missing_rows_and_labels_them(kind, gap, overlap, frequency):
    """Oracle: one long X with the missing rows filled; the next X may begin among these."""
    frame = make_frame(kind, 50)
    train, update = frame[:20], frame[20 + gap : 30]
    if frequency == "X":
        train = drop_frequency(train)
    if frequency == "kept":
        update = drop_frequency(update)
    kept = move_on(keep(train), update, 5, 1)
    frame.iloc[20 : 20 + gap] = frame.iloc[19]
    np.testing.assert_array_equal(kept.X, frame[:30])
    np.testing.assert_array_equal(kept.labels.values, read_labels(frame[:30]).values)
    for first in (20 + gap + overlap, 30 + overlap, 33):
        filled = frame.to_numpy(copy=True)
        filled[30:first] = filled[29]
        windows = windows_of(kept, drop_frequency(frame[first:]), 5, 1)
        assert_same_windows(windows, long_windows(filled, 5, 1), first)


def test_an_update_with_the_kept_rows_themselves_replaces_them():
    """Oracle: the rule, on frames and on arrays: X is the kept rows, then later ones."""
    frame = make_frame("days", 30)
    for rows in (frame, frame.to_numpy()):
        for end in (20, 30):
            np.testing.assert_array_equal(move_on(keep(rows[:20]), rows[:end], 3, 1).X, frame[:end])
    overlapping = move_on(keep(frame[:20]), frame[12:25] * 2, 3, 1)
    np.testing.assert_array_equal(overlapping.X, pd.concat([frame[:12], frame[12:25] * 2]))


def test_an_update_far_ahead_keeps_its_own_rows_only():
    """Oracle: the rule."""
    train, X = far_case()
    with pytest.warns(UserWarning, match="only X is kept"):
        kept = move_on(keep(train), X, 3, 1)
    np.testing.assert_array_equal(kept.X, X)
    np.testing.assert_array_equal(kept.labels.values, X.index)


def test_numbers_of_unlabelled_rows_go_on_through_updates():
    """Oracle: by hand. Rows 0 .. 29 are kept; a frame's rows 30 and 33 .. are matched to them."""
    rows = make_rows(40)
    frame = pd.DataFrame(rows)
    assert move_on(keep(rows[:20]), rows[20:30], 3, 1).labels is None
    kept = move_on(keep(rows[:20]), frame[20:30], 3, 1)
    assert kept.labels is None
    kept = move_on(kept, frame.loc[[30, 33, 34]], 3, 1)
    np.testing.assert_array_equal(kept.labels.values, [*range(31), 33, 34])


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (pd.RangeIndex(100, 120), range(100, 130)),
        (pd.RangeIndex(100, 140, 2), range(100, 160, 2)),
        (pd.date_range("2024-01-01", periods=20), None),
    ],
    ids=str,
)
def test_rows_without_labels_after_labelled_ones_are_numbered_on_if_numbers_can_be(index, expected):
    """Oracle: by hand; an array after dates has no dates that could be told."""
    rows = make_rows(30)
    for X in (rows[20:], rows):
        labels = move_on(keep(pd.DataFrame(rows[:20], index=index)), X, 3, 1).labels
        if expected is None:
            assert labels is None
        else:
            np.testing.assert_array_equal(labels.values, expected)
    same = move_on(keep(pd.DataFrame(rows[:20], index=index)), rows[:20], 3, 1)
    np.testing.assert_array_equal(same.labels.values, Labels(index.to_numpy()).values)


def test_an_update_that_must_follow_or_stand_alone_does():
    """Oracle: the rule; labels that then contradict the order are dropped."""
    frame = make_frame("days", 20)
    kept = move_on(keep(frame), frame[:5], 3, 1, "continue")
    np.testing.assert_array_equal(kept.X, pd.concat([frame, frame[:5]]))
    assert kept.labels is None
    aware = frame.tz_localize("UTC")
    assert move_on(keep(frame[:10]), aware[10:], 3, 1, "continue").labels is None
    alone = move_on(keep(frame[:10]), frame[10:], 3, 1, "none")
    np.testing.assert_array_equal(alone.X, frame[10:])
    np.testing.assert_array_equal(alone.labels.values, frame.index[10:].to_numpy())
    assert move_on(keep(frame[:10]), frame[10:].to_numpy(), 3, 1, "none").labels is None


def test_an_update_under_labels_of_another_kind_keeps_them_only_where_they_label_all_rows():
    """Oracle: by hand: numbers after dates label nothing; the kept rows renumbered are numbered."""
    frame = make_frame("days", 20)
    numbered = frame.set_axis(range(100, 120))
    assert move_on(keep(frame[:12]), numbered[12:], 3, 1).labels is None
    kept = move_on(keep(frame[:12]), numbered, 3, 1)
    np.testing.assert_array_equal(kept.labels.values, range(100, 120))


def test_rows_that_are_kept_alone_have_their_own_frequency():
    """Oracle: pandas' own; before, hours that began after days counted as days."""
    days = pd.DataFrame(make_rows(5), index=pd.date_range("2020-01-01", periods=5, freq="D"))
    hours = pd.DataFrame(make_rows(5), index=pd.date_range("2021-01-01", periods=5, freq="h"))
    moved = move_on(keep(days), hours, 3, 1, history="none")
    np.testing.assert_array_equal(moved.X, hours.to_numpy())
    assert moved.labels.frequency == "h"
