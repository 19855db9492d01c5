"""
A model for each of several series
==================================

Forecast the occupancy of 27 car parks, with a model for each. A loop over ``groupby`` is all you
need; each model finds the season of its car park by itself. Use this approach if the series are
independent of each other or have different times.
"""

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import pandas as pd
from sklearn.metrics import mean_absolute_error

from sklstm import LastValueRegressor, LSTMRegressor
from sklstm.datasets import load_parking

# %%
# The long table has a row for each measurement of each car park. A day has 18 measurements, from
# 8:00 to 16:30; the few at 7:30 are left out. The model counts rows, not hours, so each morning
# directly follows the afternoon of the day before.

frame = load_parking().frame
frame = frame[frame["time"].dt.strftime("%H:%M") >= "08:00"]
print(frame.head(3))

# %%
# The last two weeks are the test rows. Each car park is forecast half an hour ahead.

N_TEST_DAYS = 14
first_test_day = frame["time"].max().normalize() - pd.Timedelta(days=N_TEST_DAYS - 1)
forecasts, rows = {}, {}
for name, car_park in frame.groupby("car_park"):
    X = car_park.set_index("time")[["occupancy"]]
    y = X["occupancy"]
    is_test = X.index >= first_test_day
    model = LSTMRegressor(random_state=0).fit(X[~is_test], y[~is_test])
    last_value = LastValueRegressor().fit(X[~is_test], y[~is_test])
    forecasts[name] = pd.DataFrame({"measured": y[is_test], "forecast": model.predict(X[is_test])})
    rows[name] = {
        "mean": y[is_test].mean(),
        "LSTM": mean_absolute_error(y[is_test], model.predict(X[is_test])),
        "last value": mean_absolute_error(y[is_test], last_value.predict(X[is_test])),
        "seasons": model.season_length_[0],
    }
table = pd.DataFrame(rows).T
print(table.to_string(float_format="{:.1f}".format))

# %%
# All car parks together:

ratio = (table["LSTM"] / table["last value"]).astype(float)
print(f"LSTM better than the last value: {(ratio < 1).sum()} of {len(ratio)} car parks")
print(f"median error, as a share of the last value's: {ratio.median():.2f}")

# %%
# The picture shows the last three days of six car parks. The first forecasts of a day are the
# worst, because the cars alone do not tell the time.
# :ref:`sphx_glr_gallery_data_calendar_features.py` shows the remedy.

figure, axes = plt.subplots(2, 3, figsize=(10, 5.5), layout="constrained", sharex=True)
for name, ax in zip(ratio.index[::5], axes.flat, strict=True):
    days = forecasts[name]["2016-12-17":]
    for _, day in days.groupby(days.index.date):  # no line through the night
        ax.plot(day["measured"], color="black", label="measured")
        ax.plot(day["forecast"], color="C0", label="forecast")
    ax.set(title=name, ylim=(0, None))
    ax.xaxis.set_major_locator(mdates.DayLocator())
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%d %b"))
handles, labels = axes[0, 0].get_legend_handles_labels()
figure.legend(handles[:2], labels[:2], loc="outside upper right", ncols=2)
figure.suptitle("Six of 27 car parks, half an hour ahead")
figure.supylabel("cars")
plt.show()
