"""The shipped series: their values, and the shape that scikit-learn's loaders give."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.utils import Bunch

import sklstm
from sklstm.datasets import load_electricity, load_parking, load_stock

FEATURES = ["open", "high", "low", "close", "volume"]

# Read by eye from the source's text (stocks.csv.gz of bokeh_sampledata 2026.1, ticker IBM).
FIRST_ROWS = {
    "2000-03-01": [102.0, 105.5, 100.06, 100.25, 10807800],
    "2000-03-02": [100.5, 105.44, 99.5, 103.12, 11192900],
}
LAST_ROWS = {
    "2013-02-28": [202.18, 203.123, 200.79, 200.83, 4689200],
    "2013-03-01": [200.65, 202.94, 199.36, 202.91, 3308300],
}


def read_text(filename):
    path = Path(sklstm.__file__).parent / "data" / filename
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_the_first_and_last_rows_are_the_source_s():
    frame = load_stock().data
    for expected, rows in [(FIRST_ROWS, frame.head(2)), (LAST_ROWS, frame.tail(2))]:
        assert list(rows.index.strftime("%Y-%m-%d")) == list(expected)
        np.testing.assert_array_equal(rows.to_numpy(), list(expected.values()))


def test_every_value_is_the_file_s():
    """Oracle: the file read by the csv module, without pandas."""
    header, *rows = read_text("ibm.csv.gz")
    frame = load_stock().data
    assert header == ["date", *FEATURES]
    assert list(frame.index.strftime("%Y-%m-%d")) == [row[0] for row in rows]
    np.testing.assert_array_equal(frame.to_numpy(), [[float(x) for x in row[1:]] for row in rows])


def test_the_rows_are_trading_days_oldest_first():
    index = load_stock().data.index
    assert isinstance(index, pd.DatetimeIndex)
    assert index.name == "date"
    assert len(index) == 3270
    assert index.is_monotonic_increasing
    assert index.is_unique
    assert index.day_of_week.max() == 4  # Friday


def test_no_price_lies_outside_its_day_s_range():
    frame = load_stock().data
    assert (frame[["open", "close"]].max(axis=1) <= frame["high"]).all()
    assert (frame[["open", "close"]].min(axis=1) >= frame["low"]).all()
    assert (frame > 0).all(axis=None)


def test_the_first_and_last_loads_are_the_file_s():
    """Oracle: read by eye from the text of the file."""
    load = load_electricity().target
    assert load.head(3).to_list() == [1226.31, 1172.29, 1161.21]
    assert load.tail(2).to_list() == [1636.45, 1439.4]


def test_every_load_is_the_file_s():
    """Oracle: the file read by the csv module, without pandas."""
    header, *rows = read_text("electricity.csv.gz")
    frame = load_electricity().data
    assert header == ["time", "load"]
    assert list(frame.index.strftime("%Y-%m-%d %H:%M:%S")) == [time for time, _ in rows]
    np.testing.assert_array_equal(frame["load"], [float(load) for _, load in rows])


def test_the_loads_are_of_each_hour_of_2014():
    index = load_electricity().data.index
    assert index.freq == pd.tseries.frequencies.to_offset("h")
    assert index.name == "time"
    assert (index[0], index[-1]) == (pd.Timestamp("2014-01-01"), pd.Timestamp("2014-12-31 23:00"))
    assert len(index) == 365 * 24


def test_the_hours_at_which_the_clocks_change_are_as_described():
    """Oracle: UCI's page; the hour skipped has no load, the hour repeated has that of two."""
    load = load_electricity().target
    assert load.idxmin() == pd.Timestamp("2014-03-30 01:00")
    before, twice, after = load["2014-10-26 00:00":"2014-10-26 02:00"]
    assert 0.9 < twice / (before + after) < 1.1


@pytest.mark.parametrize(
    ("load", "features", "target"),
    [(load_stock, FEATURES, "close"), (load_electricity, ["load"], "load")],
)
def test_the_bunch_has_what_scikit_learn_s_loaders_give(load, features, target):
    bunch = load()
    assert isinstance(bunch, Bunch)
    assert set(bunch) == {
        *("data", "target", "frame", "feature_names", "target_names", "DESCR", "filename")
    }
    assert bunch.feature_names == list(bunch.data.columns) == features
    assert bunch.target_names == [target]
    pd.testing.assert_series_equal(bunch.target, bunch.data[target])
    pd.testing.assert_frame_equal(bunch.frame, bunch.data)


@pytest.mark.parametrize(
    ("load", "source", "licence"),
    [
        (load_stock, "Quandl WIKI", "Public Domain"),
        (load_electricity, "ElectricityLoadDiagrams20112014", "CC BY 4.0"),
        (load_parking, "Parking Birmingham", "Government"),
    ],
)
def test_the_description_and_the_notice_name_source_and_licence(load, source, licence):
    notice = (Path(__file__).parents[1] / "NOTICE").read_text(encoding="utf-8")
    for text in (load().DESCR, notice):
        assert source in text
        assert licence in text


@pytest.mark.parametrize("as_frame", [True, False])
@pytest.mark.parametrize("load", [load_stock, load_electricity])
def test_return_X_y_gives_the_bunch_s_data_and_target(load, as_frame):
    X, y = load(return_X_y=True, as_frame=as_frame)
    bunch = load(as_frame=as_frame)
    assert type(X) is type(bunch.data)
    assert type(y) is type(bunch.target)
    np.testing.assert_array_equal(X, bunch.data)
    np.testing.assert_array_equal(y, bunch.target)


@pytest.mark.parametrize(
    ("load", "shape", "position"), [(load_stock, (3270, 5), 3), (load_electricity, (8760, 1), 0)]
)
def test_arrays_are_float64_and_hold_the_frame_s_values(load, shape, position):
    bunch = load(as_frame=False)
    assert bunch.frame is None
    assert bunch.data.dtype == bunch.target.dtype == np.float64
    assert bunch.data.shape == shape
    np.testing.assert_array_equal(bunch.data, load().data)
    np.testing.assert_array_equal(bunch.target, bunch.data[:, position])


def test_a_caller_may_change_what_it_got():
    stock = load_stock()
    stock.data.iloc[0, 0] = -1.0
    assert stock.frame.iloc[0, 0] == FIRST_ROWS["2000-03-01"][0]
    assert load_stock().data.iloc[0, 0] == FIRST_ROWS["2000-03-01"][0]


def test_the_first_and_last_occupancies_are_the_source_s():
    """Oracle: the file of the UCI repository, read by eye; it has 7:59:42 for the first time."""
    data = load_parking().data
    assert data["BHMBCCMKT01"].head(4).to_list() == [61, 64, 80, 107]
    assert data["Bull Ring"].iloc[-1] == 2174
    assert np.isnan(data["NIA South"].iloc[-1])


def test_every_occupancy_is_the_file_s():
    """Oracle: the file read by the csv module, without pandas."""
    (time, *names), *rows = read_text("parking.csv.gz")
    data = load_parking().data
    assert [time, *names] == ["time", *data.columns]
    assert list(data.index.strftime("%Y-%m-%d %H:%M:%S")) == [row[0] for row in rows]
    np.testing.assert_array_equal(
        data, [[float(cell or "nan") for cell in row[1:]] for row in rows]
    )


def test_the_times_are_half_hours_of_the_day_with_four_days_missing():
    """Oracle: the description."""
    index = load_parking().data.index
    assert index.is_monotonic_increasing
    assert index.is_unique
    assert set(index.minute) == {0, 30}
    assert set(index.strftime("%H:%M")[[0, -1]]) == {"08:00", "16:30"}
    assert index.hour.min() == 7
    days = pd.date_range("2016-10-04", "2016-12-19")
    missing = days.difference(index.normalize()).strftime("%m-%d")
    assert list(missing) == ["10-20", "10-21", "12-03", "12-04"]


def test_the_long_table_has_a_row_for_each_measurement_of_the_wide_one():
    """Oracle: the wide table, pivoted from the long one."""
    parking = load_parking()
    assert list(parking.frame.columns) == ["time", "car_park", "occupancy"]
    assert parking.frame["occupancy"].dtype == np.int64
    assert len(parking.frame) == parking.data.notna().sum().sum() == 34182
    wide = parking.frame.pivot(index="time", columns="car_park", values="occupancy")
    pd.testing.assert_frame_equal(wide.astype(float), parking.data)
    assert parking.feature_names == list(wide.columns)
    order = parking.frame.sort_values(["car_park", "time"]).index
    assert order.equals(parking.frame.index)
