"""The axis of time: dates, zones, periods, numbers."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.dates import ConciseDateFormatter

from sklstm.plots._times import find_edges, label_axis, place_on_axis, read_times, read_times_after

DAYS = pd.date_range("2020-01-01", periods=3)


@pytest.mark.parametrize(
    ("index", "times", "name"),
    [
        (DAYS, DAYS.to_numpy(), "date"),
        (DAYS.tz_localize("Europe/Berlin"), (DAYS - pd.Timedelta("1h")).to_numpy(), "date (UTC)"),
        (DAYS.to_period(), DAYS.to_numpy(), "date"),
        (pd.Index([5, 6, 8]), [5, 6, 8], "row"),
        (pd.RangeIndex(3), [0, 1, 2], "row"),
        (["a", "b", "c"], [0, 1, 2], "row"),
    ],
    ids=["dates", "zone", "periods", "integers", "numbered", "names"],
)
def test_an_index_tells_when_rows_are(index, times, name):
    """Oracle: pandas; Berlin is one hour ahead in winter."""
    read, read_name = read_times(pd.Series(range(3), index))
    np.testing.assert_array_equal(read, times)
    assert read_name == name


def test_the_first_table_with_labels_tells():
    times, name = read_times(np.zeros(3), pd.DataFrame({"a": range(3)}, DAYS))
    np.testing.assert_array_equal(times, DAYS)
    assert name == "date"


def test_arrays_after_arrays_are_numbered_on():
    before, times, _ = read_times_after(np.zeros(4), np.zeros(2))
    assert (before.tolist(), times.tolist()) == ([0, 1, 2, 3], [4, 5])


def test_labelled_rows_after_others_keep_their_labels():
    series = pd.Series(range(6))
    before, times, _ = read_times_after(series[:4], series[4:])
    assert (before.tolist(), times.tolist()) == ([0, 1, 2, 3], [4, 5])


def test_dates_after_numbers_are_refused():
    with pytest.raises(ValueError, match=r"train is labelled by rows, .* by dates"):
        read_times_after(np.zeros(4), pd.Series(range(3), DAYS))


def test_a_user_s_date_is_put_on_an_axis_of_dates_in_utc():
    """Oracle: Berlin is one hour ahead in winter."""
    days = DAYS.to_numpy()
    assert place_on_axis("2020-01-02", days) == np.datetime64("2020-01-02")
    midnight = pd.Timestamp("2020-01-02", tz="Europe/Berlin")
    assert place_on_axis(midnight, days) == np.datetime64("2020-01-01T23:00")
    assert place_on_axis(7, np.arange(3)) == 7


def test_the_last_row_ends_one_step_after_it_begins():
    """Oracle: by hand; 2020-01-01 is day 18262 since 1970."""
    assert find_edges(np.array([0, 1, 2])).tolist() == [0, 1, 2, 3]
    assert find_edges(DAYS.to_numpy()).tolist() == [18262, 18263, 18264, 18265]


def test_dates_are_written_short():
    _, ax = pyplot.subplots()
    label_axis(ax, DAYS.to_numpy(), "date")
    assert ax.get_xlabel() == "date"
    assert isinstance(ax.xaxis.get_major_formatter(), ConciseDateFormatter)
