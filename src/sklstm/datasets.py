"""Real time series that come with the package, to try forecasters without a download."""

from importlib.resources import as_file, files
from typing import Any, Literal, overload

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

DATA = files("sklstm").joinpath("data")


@overload
def load_stock(
    *, return_X_y: Literal[True], as_frame: Literal[True] = True
) -> tuple[pd.DataFrame, pd.Series]: ...
@overload
def load_stock(
    *, return_X_y: Literal[True], as_frame: Literal[False]
) -> tuple[np.ndarray, np.ndarray]: ...
@overload
def load_stock(*, return_X_y: Literal[False] = False, as_frame: bool = True) -> Bunch: ...
def load_stock(*, return_X_y: bool = False, as_frame: bool = True) -> Any:
    """Load IBM's daily prices from 2000-03-01 to 2013-03-01 (forecasting).

    ================   =========================================
    Rows               3,270 trading days, oldest first
    Features           open, high, low, close (US dollars), volume (shares)
    Target             close, of the same row
    Missing values     none
    ================   =========================================

    The target of a row is the close in that same row, so ``target`` is the column ``close``. Do not
    shift it: with the default ``horizon=1``, the prediction for a row reads only the rows before
    it, so nothing leaks.

    Parameters
    ----------
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=True
        If True, ``data`` is a DataFrame and ``target`` a Series, both indexed by date. The dates
        tell the forecasters of this package where later rows belong. If False, both are float64
        arrays without dates.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        data : {DataFrame, ndarray} of shape (3270, 5)
            The features.
        target : {Series, ndarray} of shape (3270,)
            The closing price of each row.
        frame : DataFrame of shape (3270, 5) or None
            The features; the target is one of them. None if ``as_frame=False``.
        feature_names : list of str
            The names of the features.
        target_names : list of str
            The name of the target.
        DESCR : str
            The description of the data, with their source and licence.
        filename : str
            The name of the data file.

    (data, target) : tuple if ``return_X_y`` is True
        The features and the target.

    See Also
    --------
    sklstm.evaluation.temporal_train_test_split : Holds out the last rows.

    Notes
    -----
    The prices are as traded, not adjusted for dividends. They come from Quandl WIKI Prices and are
    in the public domain. See ``load_stock().DESCR`` for the details.

    Examples
    --------
    >>> from sklstm.datasets import load_stock
    >>> X, y = load_stock(return_X_y=True)
    >>> X.shape
    (3270, 5)
    >>> X[["open", "close", "volume"]].tail(2).to_dict("list")
    {'open': [202.18, 200.65], 'close': [200.83, 202.91], 'volume': [4689200, 3308300]}
    >>> y.tail(2).to_list()
    [200.83, 202.91]
    """
    return _load("ibm", "close", return_X_y, as_frame)


@overload
def load_electricity(
    *, return_X_y: Literal[True], as_frame: Literal[True] = True
) -> tuple[pd.DataFrame, pd.Series]: ...
@overload
def load_electricity(
    *, return_X_y: Literal[True], as_frame: Literal[False]
) -> tuple[np.ndarray, np.ndarray]: ...
@overload
def load_electricity(*, return_X_y: Literal[False] = False, as_frame: bool = True) -> Bunch: ...
def load_electricity(*, return_X_y: bool = False, as_frame: bool = True) -> Any:
    """Load a client's hourly electricity load in 2014 (forecasting).

    ================   =========================================
    Rows               8,760 hours, oldest first
    Features           load
    Target             load, of the same row
    Missing values     none
    ================   =========================================

    The target of a row is the load in that same row, as in :func:`load_stock`. Do not shift it for
    ``horizon=1``. The series has a daily and a weekly season, of 24 and 168 rows.

    Parameters
    ----------
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=True
        If True, ``data`` is a DataFrame and ``target`` a Series, both indexed by hour, with the
        frequency "h". If False, both are float64 arrays without dates.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        data : {DataFrame, ndarray} of shape (8760, 1)
            The features.
        target : {Series, ndarray} of shape (8760,)
            The load of each row.
        frame : DataFrame of shape (8760, 1) or None
            The single feature, which is the target. None if ``as_frame=False``.
        feature_names : list of str
            The names of the features.
        target_names : list of str
            The name of the target.
        DESCR : str
            The description of the data, with their source and licence.
        filename : str
            The name of the data file.

    (data, target) : tuple if ``return_X_y`` is True
        The features and the target.

    See Also
    --------
    load_stock : Loads daily prices, on which hardly any forecast beats the last value.
    sklstm.evaluation.temporal_train_test_split : Holds out the last rows.

    Notes
    -----
    The load comes from "ElectricityLoadDiagrams20112014" (UCI Machine Learning Repository), through
    the Monash Time Series Forecasting Repository, under CC BY 4.0. See ``load_electricity().DESCR``
    for the details. Hours are local time in Portugal. The hour in which summer time begins is close
    to zero, and the hour in which it ends contains the load of two hours.

    Examples
    --------
    >>> from sklstm.datasets import load_electricity
    >>> X, y = load_electricity(return_X_y=True)
    >>> X.shape
    (8760, 1)
    >>> X.index.freqstr
    'h'
    >>> y.tail(2).to_list()
    [1636.45, 1439.4]
    """
    return _load("electricity", "load", return_X_y, as_frame)


def load_parking() -> Bunch:
    """Load the occupancy of 27 car parks in Birmingham, autumn 2016 (forecasting).

    ================   =========================================
    Times              1,327, about every half hour from 8:00 to 16:30, oldest first
    Series             number of cars in each of 27 car parks
    Missing values     1,647 of 35,829
    ================   =========================================

    There is no single target, because there are several series. Use one column of ``data`` for a
    model of one car park, several columns for a model with several targets, or group ``frame`` by
    car park to fit one model for each.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        data : DataFrame of shape (1327, 27)
            The number of cars, with one column for each car park, indexed by time. NaN if a
            measurement is missing.
        frame : DataFrame of shape (34182, 3)
            The same data as a long table with the columns time, car_park and occupancy. It has one
            row for each measurement, sorted by car park, then by time.
        feature_names : list of str
            The names of the car parks.
        DESCR : str
            The description of the data, with their source and licence.
        filename : str
            The name of the data file.

    See Also
    --------
    load_electricity : Loads a single hourly series without gaps.

    Notes
    -----
    The measurements come from "Parking Birmingham" (UCI Machine Learning Repository), under the UK
    Open Government Licence v3.0. See ``load_parking().DESCR`` for the details. There are no
    measurements at night: the row after 16:30 is that of the next morning. A day has 16 to 19 rows,
    and four days are missing.

    Examples
    --------
    >>> from sklstm.datasets import load_parking
    >>> parking = load_parking()
    >>> parking.data.loc["2016-10-04 08:00", ["Broad Street", "Bull Ring"]].to_dict()
    {'Broad Street': 178.0, 'Bull Ring': 215.0}

    Loop over the car parks to get one series for each:

    >>> for name, rows in list(parking.frame.groupby("car_park"))[-2:]:
    ...     occupancy = rows.set_index("time")["occupancy"]
    ...     print(name, len(occupancy), occupancy.max())
    Others-CCCPS98 1307 1911
    Shopping 1307 1637
    """
    filename = "parking.csv.gz"
    wide = _read_frame(filename).rename_axis(columns="car_park")
    measured = wide.melt(value_name="occupancy", ignore_index=False).dropna()
    return Bunch(
        data=wide,
        frame=measured.astype({"occupancy": int}).reset_index(),
        feature_names=list(wide.columns),
        DESCR=_read_description("parking"),
        filename=filename,
    )


def _load(name: str, target: str, return_X_y: bool, as_frame: bool) -> Any:
    filename = f"{name}.csv.gz"
    frame = _read_frame(filename)
    as_pandas = (frame.copy(), frame[target].copy())
    X, y = as_pandas if as_frame else [part.to_numpy(dtype=float) for part in as_pandas]
    if return_X_y:
        return X, y
    return Bunch(
        data=X,
        target=y,
        frame=frame if as_frame else None,
        feature_names=list(frame.columns),
        target_names=[target],
        DESCR=_read_description(name),
        filename=filename,
    )


def _read_frame(filename: str) -> pd.DataFrame:
    """Read a file whose first column holds dates; they have a frequency if they are regular."""
    with as_file(DATA.joinpath(filename)) as path:
        frame = pd.read_csv(path, index_col=0, parse_dates=True)
    return frame.set_index(pd.DatetimeIndex(frame.index, freq="infer"))


def _read_description(name: str) -> str:
    return DATA.joinpath(f"{name}.rst").read_text(encoding="utf-8")
