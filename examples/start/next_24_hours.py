"""
The next 24 hours
=================

Forecast an electricity load in each of the next 24 hours, with an 80 % band, from a CSV file. The
last four weeks of the file are held out first, to compare the forecasts and their bands with those
of simple methods. :doc:`Multi-step forecasts </next_24_hours>` explains each step.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from sklstm import LSTMRegressor
from sklstm.datasets import load_electricity
from sklstm.evaluation import skill_table
from sklstm.plots import ForecastDisplay

# %%
# Put your own file here, with a column for the hour and one for the load. This one ends on Sunday,
# 14 December 2014.

load = load_electricity().frame
folder = tempfile.TemporaryDirectory()
file = Path(folder.name, "load.csv")
load[:"2014-12-14"].to_csv(file)

# %%
# The calendar of an hour is known in advance. Sine and cosine make hour 23 a neighbour of hour 0,
# and Sunday a neighbour of Monday.


def add_calendar(frame):
    hour = 2 * np.pi * frame.index.hour / 24
    day = 2 * np.pi * frame.index.day_of_week / 7
    calendar = {"hour_sin": np.sin(hour), "hour_cos": np.cos(hour)}
    calendar |= {"day_sin": np.sin(day), "day_cos": np.cos(day)}
    return frame.assign(**calendar, weekend=(frame.index.day_of_week >= 5).astype(float))


X = add_calendar(pd.read_csv(file, index_col=0, parse_dates=True).asfreq("h"))
y = X["load"]
folder.cleanup()

# %%
# The model forecasts 24 rows at once, and the 0.1, 0.5 and 0.9 quantiles of each row.

calendar = list(X.columns.drop("load"))
model = LSTMRegressor(steps=24, quantiles=(0.1, 0.9), known_columns=calendar, random_state=0)

# %%
# **Evaluate.** The table compares all 24 hours of every path that begins in the last four weeks.
# ``gain`` is how much smaller the RMSE of the LSTM is than that of the model in each row, as a
# share. The bands should hold 80 % of the hours. ``wql`` and ``interval_score`` also depend on the
# width of the bands; lower is better.

table = skill_table({"LSTM": model}, X, y, test_size=4 * 7 * 24)
print(table[["mae", "gain", "wql", "coverage", "interval_score"]].round(3))

# %%
# **Forecast the next 24 hours** with a model that is fitted on all rows. ``tomorrow`` has the
# columns of X: the calendar is filled in, and the load is NaN.

model.fit(X, y)
hours = pd.date_range("2014-12-15", periods=24, freq="h")
tomorrow = add_calendar(pd.DataFrame({"load": np.nan}, index=hours))
path = model.forecast(known=tomorrow)
band = model.forecast_quantiles(known=tomorrow)[:, [0, -1]]
table = pd.DataFrame({"low": band[:, 0], "load": path, "high": band[:, 1]}, index=hours)
print(table[::3].round())

# %%
# The black line shows the measured load of the days before and of Monday. The band applies to each
# hour separately, so on most days the load leaves it at some hour.

monday = load["load"]["2014-12-15"]
figure, ax = plt.subplots(figsize=(9, 4), layout="constrained")
ForecastDisplay.from_predictions(monday, path, interval=band, train=y[-3 * 24 :], ax=ax)
ax.set_ylabel("load in kW")
figure.suptitle("Monday, 15 December 2014, with an 80 % band")
plt.show()
