"""Draws next_24_hours.png, the picture of the README and the front page: a day and its forecast.

Run it as ``python docs/draw_day.py``; it takes half a minute. The model is the one of
examples/start/next_24_hours.py. It is fitted on the hours before Monday, 15 December 2014.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.dates import DateFormatter, DayLocator, HourLocator
from matplotlib.figure import Figure

from sklstm import LSTMRegressor
from sklstm.datasets import load_electricity
from sklstm.plots import ForecastDisplay

PICTURE = Path(__file__).parent / "_static" / "next_24_hours.png"
DAY = "2014-12-15"


def add_calendar(frame: pd.DataFrame) -> pd.DataFrame:
    """Add sine and cosine of the hour and the weekday, and whether it is a weekend."""
    hour = 2 * np.pi * frame.index.hour / 24
    day = 2 * np.pi * frame.index.day_of_week / 7
    calendar = {"hour_sin": np.sin(hour), "hour_cos": np.cos(hour)}
    calendar |= {"day_sin": np.sin(day), "day_cos": np.cos(day)}
    return frame.assign(**calendar, weekend=(frame.index.day_of_week >= 5).astype(float))


def draw() -> Figure:
    """Fit on the hours before the day, forecast the day, and draw both."""
    X = add_calendar(load_electricity().frame)
    y = X["load"]
    before, hours = X.index < DAY, X.index.normalize() == DAY
    calendar = list(X.columns.drop("load"))
    model = LSTMRegressor(steps=24, quantiles=(0.1, 0.9), known_columns=calendar, random_state=0)
    model.fit(X[before], y[before])
    known = X[hours].assign(load=np.nan)
    path, quantiles = model.forecast(known=known), model.forecast_quantiles(known=known)
    display = ForecastDisplay.from_predictions(
        y[hours],
        path,
        interval=quantiles[:, [0, -1]],
        train=y[before][-2 * 24 :],
        spans={},
        line_kw={"lw": 2},
    )
    ax, figure = display.ax_, display.figure_
    figure.set_size_inches(9, 3.6)
    ax.axvline(pd.Timestamp(DAY) - pd.Timedelta(minutes=30), color="#999999", ls="--", lw=1)
    ax.set(xlabel="", ylabel="load (kW)")
    ax.margins(x=0.01)
    ax.xaxis.set_major_locator(DayLocator())
    ax.xaxis.set_minor_locator(HourLocator(byhour=[6, 12, 18]))
    ax.xaxis.set_major_formatter(DateFormatter("%a, %d %b"))
    ax.xaxis.get_offset_text().set_visible(False)
    lines = [display.true_line_, display.pred_line_, display.band_]
    names = ["truth", "forecast, made on Sunday at midnight", "80 % band"]
    ax.legend(lines, names, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)
    return figure


if __name__ == "__main__":
    draw().savefig(PICTURE, dpi=120)
