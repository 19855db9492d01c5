"""
From a CSV file to a served forecast
====================================

This example shows all steps from a raw file to a forecast in production: read and clean the file,
find the seasons, add the calendar, test on weeks that no fit has seen, run a short search, put a
calibrated band around the forecast, save the model, load it in a fresh process, forecast tomorrow,
and update the model the day after. Copy the steps that you need for your own file.
"""

# sphinx_gallery_thumbnail_number = 5
import subprocess
import sys
import tempfile
from pathlib import Path

import joblib
import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import mean_absolute_error

from sklstm import BayesTimeSeriesSearchCV, ConformalRegressor, LSTMRegressor
from sklstm.datasets import load_electricity
from sklstm.evaluation import make_path_scorer, skill_table, temporal_train_test_split
from sklstm.metrics import interval_coverage
from sklstm.plots import ConvergenceDisplay, ForecastDisplay, SeasonDisplay

folder = tempfile.TemporaryDirectory()
here = Path(folder.name)

# %%
# The file
# --------
#
# Put your own file here. This one is made from a real electricity load, from April to 23 November.
# It has the problems of real files: two date formats, a week in another unit, missing hours,
# missing values, a reading of 99,999, an hour that occurs twice, and a line of text.

truth = load_electricity().target
rng = np.random.default_rng(0)
load = truth["2014-04":"2014-11-23"]
is_iso = load.index < "2014-09-01"
is_megawatt = (load.index >= "2014-07-07") & (load.index < "2014-07-14")
lines = pd.DataFrame(
    {
        "time": np.where(
            is_iso, load.index.strftime("%Y-%m-%d %H:%M"), load.index.strftime("%d.%m.%Y %H:%M")
        ),
        "load": np.where(is_megawatt, load / 1000, load).astype(object),
        "unit": np.where(is_megawatt, "MW", "kW"),
    }
)
lines.loc[rng.choice(len(lines), 40, replace=False), "load"] = ""
lines.loc[1500, "load"] = 99999
lines = lines.drop(range(2000, 2030))
lines = pd.concat([lines, lines.iloc[[700]], pd.DataFrame({"time": ["meter replaced"]})])
lines.to_csv(here / "load.csv", sep=";", index=False)
print((here / "load.csv").read_text().splitlines()[:4])

# %%
# Read and clean
# --------------
#
# Read all columns as text first, so that pandas guesses nothing. Dates have one of two formats; a
# line that fits neither is not a measurement.

raw = pd.read_csv(here / "load.csv", sep=";", dtype=str)
iso = pd.to_datetime(raw["time"], format="%Y-%m-%d %H:%M", errors="coerce")
dotted = pd.to_datetime(raw["time"], format="%d.%m.%Y %H:%M", errors="coerce")
time = iso.fillna(dotted)
kilowatts = pd.to_numeric(raw["load"]) * raw["unit"].map({"kW": 1.0, "MW": 1000.0})
as_read = pd.Series(kilowatts.to_numpy(), index=pd.DatetimeIndex(time, name="time"), name="load")
as_read = as_read[time.notna().to_numpy()].sort_index()

# %%
# Make one row for each hour: drop repeated hours, treat impossible values as missing, and let
# ``asfreq`` add the missing hours.

LARGEST = 10_000  # kW, more than the connection can carry
regular = as_read[~as_read.index.duplicated(keep="last")].asfreq("h")
regular = regular.where(regular < LARGEST)
print(f"{len(raw)} lines, {len(regular)} hours, {regular.isna().sum()} of them missing")

# %%
# Fill a missing hour with the same hour of the day before. Interpolation would use later hours,
# which are not known when a forecast is made.

cleaned = regular.copy()
for row in np.flatnonzero(cleaned.isna()):
    cleaned.iloc[row] = cleaned.iloc[max(row - 24, 0)]  # on the first day, its first hour
print("largest error of a filled hour:", f"{(cleaned - truth[cleaned.index]).abs().max():.0f} kW")

figure, ax = plt.subplots(figsize=(9, 4), layout="constrained")
week = slice("2014-06-20", "2014-06-26")
ax.plot(cleaned[week], color="C1", label="filled")
ax.plot(regular[week], color="black", label="measured")
ax.set(
    title="A week of the cleaned load, with missing hours filled",
    ylabel="load in kW",
    ylim=(0, None),
)
ax.xaxis.set_major_formatter(mdates.DateFormatter("%d %b"))
ax.legend(loc="lower left", ncols=2)
plt.show()

# %%
# Seasons
# -------
#
# The load repeats itself every day and every week. The model will find these seasons by itself; the
# picture is for you.

figure, ax = plt.subplots(figsize=(9, 4), layout="constrained")
display = SeasonDisplay.from_series(cleaned, ax=ax)
figure.suptitle("Autocorrelation of the load")
plt.show()
print("seasons:", display.lengths, "hours")

# %%
# The calendar
# ------------
#
# The hour of the day and the day of the week are known in advance. Sine and cosine make hour 23 a
# neighbour of hour 0, and Sunday a neighbour of Monday.


def add_calendar(frame):
    hour = 2 * np.pi * frame.index.hour / 24
    day = 2 * np.pi * frame.index.day_of_week / 7
    calendar = {"hour_sin": np.sin(hour), "hour_cos": np.cos(hour)}
    calendar |= {"day_sin": np.sin(day), "day_cos": np.cos(day)}
    return frame.assign(**calendar, weekend=(frame.index.day_of_week >= 5).astype(float))


X = add_calendar(cleaned.to_frame())
y = X["load"]

# %%
# Evaluate
# --------
#
# Hold out the last three weeks before you look at any model. The skill table compares forecasts of
# 24 hours with those of simple baselines. ``gain`` is how much smaller the RMSE of the LSTM is than
# that of the baseline, as a share. If the interval from ``gain_low`` to ``gain_high`` contains 0,
# the two cannot be told apart on these weeks.

X_train, X_test, y_train, y_test = temporal_train_test_split(X, y, test_size=21 * 24)
model = LSTMRegressor(
    steps=24,
    quantiles=(0.1, 0.9),
    known_columns=list(X.columns.drop("load")),
    random_state=0,
)
table = skill_table({"LSTM": model}, X, y, test_size=len(X_test))
print(table[["mae", "gain", "gain_low", "gain_high"]].astype(float).round(3).to_string())

near = table.drop(index="last value")  # too far off to be drawn with the others
figure, ax = plt.subplots(figsize=(8, 3.5), layout="constrained")
ax.barh(near.index, near["mae"].astype(float), color=["C0"] + ["lightgrey"] * 3)
ax.set(title="Error over the next 24 hours", xlabel="mean absolute error in kW")
ax.invert_yaxis()
plt.show()

# %%
# A short search
# --------------
#
# Run four trials on the training rows, with one network instead of three to save time. Each trial
# is scored by the loss of its quantiles over all 24 hours.

search = BayesTimeSeriesSearchCV(
    clone(model).set_params(n_networks=1),
    {"window_length": (4, 24), "units": (8, 48), "learning_rate": (3e-3, 3e-2, "log-uniform")},
    n_iter=4,
    cv=2,
    refit=False,
    random_state=0,
).fit(X_train, y_train)
print("best parameters:", search.best_params_)

figure, ax = plt.subplots(figsize=(8, 3.5), layout="constrained")
ConvergenceDisplay.from_search(search, ax=ax)
figure.suptitle("Best loss so far")
plt.show()

# %%
# The held-out weeks decide whether the tuned parameters are used. The errors on these weeks are
# therefore slightly optimistic from here on.

candidates = {
    "default": clone(model),
    "tuned": clone(model).set_params(**search.best_params_),
}
score = make_path_scorer(mean_absolute_error)
errors = {
    name: -score(candidate.fit(X_train, y_train), X_test, y_test)
    for name, candidate in candidates.items()
}
best = min(errors, key=errors.get)
print({name: round(error, 1) for name, error in errors.items()}, "kW; use:", best)

# %%
# Calibrate the band
# ------------------
#
# The model forecasts quantiles, but nothing guarantees that 80 % of later hours lie between them.
# ``ConformalRegressor`` corrects the width of the band, and with ``method="adaptive"`` every
# ``update`` corrects it again. Try this on the held-out weeks, day by day.

regressor = ConformalRegressor(clone(candidates[best]), coverage=0.8, method="adaptive")
regressor.fit(X_train, y_train)
forecasts, bands = [], []
for first in range(0, len(X_test), 24):
    day = slice(first, first + 24)
    known = X_test[day].assign(load=np.nan)
    forecasts.append(regressor.forecast(known=known))
    bands.append(regressor.forecast_interval(known=known))
    regressor.update(X_test[day], y_test[day])
forecast, band = np.concatenate(forecasts), np.concatenate(bands)
print(f"share of hours inside, asked for 0.80: {interval_coverage(y_test, band):.2f}")

figure, ax = plt.subplots(figsize=(9, 4), layout="constrained")
week = slice(-7 * 24, None)
ForecastDisplay.from_predictions(y_test[week], forecast[week], interval=band[week], ax=ax)
ax.set_ylabel("load in kW")
figure.suptitle("Bands of 80 %, each made at midnight for the next day")
plt.show()

# %%
# Save, load, forecast tomorrow
# -----------------------------
#
# The regressor was trained on the rows before the held-out weeks, and its history now contains all
# rows of the file. Save it, along with tomorrow's calendar.

joblib.dump(regressor, here / "model.joblib")


def list_hours(day):
    hours = pd.date_range(day, periods=24, freq="h", name="time")
    return add_calendar(pd.DataFrame({"load": np.nan}, index=hours))


list_hours("2014-11-24").to_csv(here / "known.csv")

# %%
# A fresh process loads the regressor and writes the forecast. It does not import TensorFlow, so it
# starts quickly.

SERVE = """
import sys
from pathlib import Path
import joblib, pandas as pd

folder = Path(sys.argv[1])
regressor = joblib.load(folder / "model.joblib")
known = pd.read_csv(folder / "known.csv", index_col="time", parse_dates=True).asfreq("h")
low, high = regressor.forecast_interval(known=known).T
forecast = {"low": low, "load": regressor.forecast(known=known), "high": high}
pd.DataFrame(forecast, index=known.index).to_csv(folder / "forecast.csv")
print("TensorFlow imported:", "tensorflow" in sys.modules)
"""
served = subprocess.run(
    [sys.executable, "-c", SERVE, here], check=True, capture_output=True, text=True
)
print(served.stdout)
monday = pd.read_csv(here / "forecast.csv", index_col="time", parse_dates=True)
print(monday[::4].round())

# %%
# The next day
# ------------
#
# ``update`` adds the measured day to the history and adapts the band, without training. The next
# forecast begins where this day ended.

measured = add_calendar(truth["2014-11-24"].to_frame())
regressor.update(measured, measured["load"])
known = list_hours("2014-11-25")
low, high = regressor.forecast_interval(known=known).T
tuesday = pd.DataFrame(
    {"low": low, "load": regressor.forecast(known=known), "high": high}, index=known.index
)

figure, ax = plt.subplots(figsize=(9, 4), layout="constrained")
two_days = pd.concat([monday, tuesday])
ForecastDisplay.from_predictions(
    truth[two_days.index],
    two_days["load"],
    interval=two_days[["low", "high"]].to_numpy(),
    train=y[-2 * 24 :],
    ax=ax,
)
ax.set_ylabel("load in kW")
figure.suptitle("Monday and Tuesday, each forecast at midnight")
plt.show()
folder.cleanup()
