"""The shipped series: its values, and the shape that scikit-learn's loaders give."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.utils import Bunch

import sklstm
from sklstm.datasets import load_stock

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


def test_the_first_and_last_rows_are_the_source_s():
    frame = load_stock().data
    for expected, rows in [(FIRST_ROWS, frame.head(2)), (LAST_ROWS, frame.tail(2))]:
        assert list(rows.index.strftime("%Y-%m-%d")) == list(expected)
        np.testing.assert_array_equal(rows.to_numpy(), list(expected.values()))


def test_every_value_is_the_file_s():
    """Oracle: the file read by the csv module, without pandas."""
    path = Path(sklstm.__file__).parent / "data" / "ibm.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
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


def test_the_bunch_has_what_scikit_learn_s_loaders_give():
    stock = load_stock()
    assert isinstance(stock, Bunch)
    assert set(stock) == {
        *("data", "target", "frame", "feature_names", "target_names", "DESCR", "filename")
    }
    assert stock.feature_names == list(stock.data.columns) == FEATURES
    assert stock.target_names == ["close"]
    pd.testing.assert_series_equal(stock.target, stock.data["close"])
    pd.testing.assert_frame_equal(stock.frame, stock.data)


def test_the_description_names_source_and_licence():
    description = load_stock().DESCR
    assert "Quandl WIKI" in description
    assert "Public Domain" in description


@pytest.mark.parametrize("as_frame", [True, False])
def test_return_X_y_gives_the_bunch_s_data_and_target(as_frame):
    X, y = load_stock(return_X_y=True, as_frame=as_frame)
    stock = load_stock(as_frame=as_frame)
    assert type(X) is type(stock.data)
    assert type(y) is type(stock.target)
    np.testing.assert_array_equal(X, stock.data)
    np.testing.assert_array_equal(y, stock.target)


def test_arrays_are_float64_and_hold_the_frame_s_values():
    stock = load_stock(as_frame=False)
    assert stock.frame is None
    assert stock.data.dtype == stock.target.dtype == np.float64
    assert stock.data.shape == (3270, 5)
    np.testing.assert_array_equal(stock.data, load_stock().data)
    np.testing.assert_array_equal(stock.target, stock.data[:, FEATURES.index("close")])


def test_a_caller_may_change_what_it_got():
    stock = load_stock()
    stock.data.iloc[0, 0] = -1.0
    assert stock.frame.iloc[0, 0] == FIRST_ROWS["2000-03-01"][0]
    assert load_stock().data.iloc[0, 0] == FIRST_ROWS["2000-03-01"][0]
