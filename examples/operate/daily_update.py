"""
Forecast every day, update every day
====================================

A model in production is trained once and then forecasts many times. Each night it forecasts the
load of the next 24 hours. A day later, ``update`` adds the measured load, without training. This
example serves a model for two weeks, and compares the errors of its forecasts with those of the
load one week earlier.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from sklstm import LSTMRegressor
from sklstm.datasets import load_electricity

load = load_electricity().frame[:"2014-11"]


def add_calendar(frame):
    hour = 2 * np.pi * frame.index.hour / 24
    weekend = (frame.index.day_of_week >= 5).astype(float)
    return frame.assign(hour_sin=np.sin(hour), hour_cos=np.cos(hour), weekend=weekend)


X = add_calendar(load)
days = pd.date_range("2014-11-10", periods=14, freq="D")
past = X[: days[0] - pd.Timedelta(hours=1)]

# %%
# Train once, on all rows before the first night.

calendar = ["hour_sin", "hour_cos", "weekend"]
model = LSTMRegressor(steps=24, known_columns=calendar, random_state=0)
model.fit(past, past["load"])

# %%
# The loop runs over two weeks. ``known`` holds the calendar of the hours to forecast; their load is
# NaN. ``update`` changes the history that forecasts start from, not the weights.

forecasts = []
for day in days:
    hours = pd.date_range(day, periods=24, freq="h")
    known = add_calendar(pd.DataFrame({"load": np.nan}, index=hours))
    forecasts.append(pd.Series(model.forecast(known=known), index=hours))
    model.update(X.loc[hours])  # the day as it was measured
forecast = pd.concat(forecasts)

# %%
# The table shows the error of each day, next to that of repeating the load of the week before.

truth = load["load"][forecast.index]
week_before = load["load"].shift(7 * 24)[forecast.index]
errors = pd.DataFrame(
    {
        "forecast": (truth - forecast).abs(),
        "a week before": (truth - week_before).abs(),
    }
)
by_day = errors.groupby(errors.index.date).mean()
print(by_day.round(1).to_string())
print(f"\nall days: {by_day.mean().round(1).to_dict()}")
print("days on which the forecast is better:", (by_day.diff(axis=1).iloc[:, 1] > 0).sum(), "of 14")

# %%

figure, (hours, bars) = plt.subplots(2, figsize=(10, 6), layout="constrained", height_ratios=[3, 2])
hours.plot(truth, color="black", label="measured")
hours.plot(forecast, color="C0", label="forecast of the night before")
for day in days:
    hours.axvline(day, color="lightgrey", linewidth=0.8, zorder=0)
hours.set(title="Fourteen forecasts, each made at midnight", ylabel="load in kW")
hours.legend(loc="upper center", ncols=2)
hours.set_ylim(top=1.2 * truth.max())
by_day.index = days.strftime("%a %d")
by_day.plot.bar(ax=bars, rot=0, color=["C0", "lightgrey"])
bars.set(title="Mean absolute error of each day", ylabel="kW", xlabel="November 2014")
plt.show()
