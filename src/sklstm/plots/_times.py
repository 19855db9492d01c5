"""The axis of time: dates where rows have them, else numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sklstm._rows.labels import read_labels


def read_times(*tables: Any) -> tuple[np.ndarray, str]:
    """Read where rows stand in time, and what to call the axis.

    The first of the tables or series that has labels tells. Otherwise rows are numbered.
    """
    for table in tables:
        labels = read_labels(table)
        if labels is not None:
            date = "date (UTC)" if labels.zone else "date"
            return labels.values, date if labels.are_dates else "row"
    return np.arange(len(tables[0])), "row"


def read_times_after(earlier: Any, *tables: Any) -> tuple[np.ndarray, np.ndarray, str]:
    """Read where earlier rows stand and where those after them do; numbers go on."""
    before, earlier_name = read_times(earlier)
    times, name = read_times(*tables)
    if earlier_name != name:
        raise ValueError(
            f"train stands on an axis of {earlier_name}s, the rows after it of {name}s."
        )
    if name == "row" and all(read_labels(table) is None for table in tables):
        times = times + before[-1] + 1
    return before, times, name


def place_on_axis(time: Any, times: np.ndarray) -> Any:
    """Turn a date or number of a user's into one of the kind of these times."""
    if times.dtype.kind != "M":
        return time
    date = pd.Timestamp(time)
    return (date if date.tz is None else date.tz_convert(None)).to_datetime64()


def find_edges(times: np.ndarray) -> np.ndarray:
    """Find where each row begins on the axis, and where the last one ends."""
    if times.dtype.kind == "M":
        from matplotlib.dates import date2num

        times = date2num(times)
    return np.append(times, times[-1] + np.median(np.diff(times)))


def label_axis(ax: Any, times: np.ndarray, name: str) -> None:
    """Name the axis, with short dates where it shows dates."""
    ax.set_xlabel(name)
    if times.dtype.kind == "M":
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

        locator = AutoDateLocator()
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))
