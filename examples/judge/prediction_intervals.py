"""
Prediction intervals
====================

How far off can a forecast be? ``ConformalRegressor`` puts an interval around each prediction of any
regressor, wide enough to hold the truth in nine out of ten cases. This example checks this on an
electricity load, over all hours and for each hour of the day. It also shows that a single width
does not fit all hours.
"""

# sphinx_gallery_thumbnail_number = 2
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from sklstm import ConformalRegressor, LSTMRegressor
from sklstm.datasets import load_electricity
from sklstm.metrics import interval_coverage, interval_score, interval_width
from sklstm.plots import ForecastDisplay

COVERAGE = 0.9
X, y = load_electricity(return_X_y=True)
hour = 2 * np.pi * X.index.hour / 24
X = X.assign(hour_sin=np.sin(hour), hour_cos=np.cos(hour))
past, later = slice("2014-04", "2014-09"), slice("2014-10", "2014-11")
known = ["hour_sin", "hour_cos"]

# %%
# **One width for all rows.** The model is fitted on the first four fifths of the rows; its errors
# on the last fifth determine the width. The interval extends equally far on both sides.
#
# **A width that changes.** With ``quantiles``, the model itself forecasts a band, which is wide in
# hours that are hard to forecast. ``ConformalRegressor`` corrects its width.

models = {
    "one width": LSTMRegressor(known_columns=known, random_state=0),
    "band of quantiles": LSTMRegressor(known_columns=known, quantiles=(0.05, 0.95), random_state=0),
}
regressors = {
    name: ConformalRegressor(model, coverage=COVERAGE).fit(X[past], y[past])
    for name, model in models.items()
}
intervals = {name: model.predict_interval(X[later]) for name, model in regressors.items()}

# %%
# The interval score adds a penalty for misses to the width; lower is better.

for name, interval in intervals.items():
    print(
        f"{name:<18} coverage {interval_coverage(y[later], interval):.2f}"
        f"   mean width {interval_width(interval):5.0f} kW"
        f"   interval score {interval_score(y[later], interval, COVERAGE):5.0f}"
    )

# %%
# The picture shows coverage and width by hour of the day. With a single width, the intervals hold
# all loads at night, but too few in the hours when the load rises or falls. The band of quantiles
# is wide in these hours and narrow at night, but it holds too few loads in the hour that begins at
# 18:00.

by_hour = {}
for name, interval in intervals.items():
    low, high = interval.T
    rows = pd.DataFrame({"inside": (low <= y[later]) & (y[later] <= high), "width": high - low})
    by_hour[name] = rows.groupby(rows.index.hour).mean()

figure, (coverage, width) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for name, rows in by_hour.items():
    coverage.plot(rows["inside"], marker=".", label=name)
    width.plot(rows["width"], marker=".", label=name)
coverage.axhline(COVERAGE, color="grey", linestyle="--", label="asked for")
coverage.set(title="Share of hours inside", xlabel="hour of the day", ylim=(0, 1.05))
width.set(title="Mean width in kW", xlabel="hour of the day", ylim=(0, None))
coverage.legend(loc="lower right")
figure.suptitle("Intervals by hour, October and November")
plt.show()

# %%
# The last picture shows three days with the band of quantiles.

figure, ax = plt.subplots(figsize=(9, 4), layout="constrained")
days = (X[later].index >= "2014-10-07") & (X[later].index < "2014-10-10")
ForecastDisplay.from_predictions(
    y[later][days],
    regressors["band of quantiles"].predict(X[later])[days],
    interval=intervals["band of quantiles"][days],
    ax=ax,
)
ax.set_ylabel("load in kW")
figure.suptitle("One hour ahead, with a band that should hold 90 % of the hours")
plt.show()
