"""The time axis: dates if the rows have them, otherwise row numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sklstm._rows.labels import read_labels


def read_times(*tables: Any) -> tuple[np.ndarray, str]:
    """Read the times of rows, and the name of the axis.

    They are the labels of the first table or series that has labels, otherwise row numbers.
    """
    for table in tables:
        labels = read_labels(table)
        if labels is not None:
            date = "date (UTC)" if labels.zone else "date"
            return labels.values, date if labels.are_dates else "row"
    return np.arange(len(tables[0])), "row"


def read_times_after(earlier: Any, *tables: Any) -> tuple[np.ndarray, np.ndarray, str]:
    """Read the times of earlier rows and of the rows after them; row numbers continue."""
    before, earlier_name = read_times(earlier)
    times, name = read_times(*tables)
    if earlier_name != name:
        raise ValueError(
            f"train is labelled by {earlier_name}s, but the rows after it by {name}s. Give both "
            "the same kind of index."
        )
    if name == "row" and all(read_labels(table) is None for table in tables):
        times = times + before[-1] + 1
    return before, times, name


def place_on_axis(time: Any, times: np.ndarray) -> Any:
    """Turn a user's date or number into the type of these times."""
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
