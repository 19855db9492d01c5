"""
Intervals that follow drift
===========================

Intervals around the next day's close of a stock. They are calibrated in calm years; then comes the
crisis of 2008, and after it the price doubles. ``method="split"`` keeps the width that it found in
``fit``. ``method="adaptive"`` is told each close before it predicts the next, and follows.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from sklstm import ConformalRegressor, LastValueRegressor, LSTMRegressor
from sklstm.datasets import load_stock
from sklstm.metrics import interval_coverage, interval_score

COVERAGE = 0.9
X = load_stock().frame[["close"]]
y = X["close"]
past, later = slice(None, "2006"), slice("2007", None)
X_later, y_later = X[later], y[later]

# %%
# Both are fitted on the years 2000 to 2006, of which the last fifth calibrates. ``update`` moves on
# the history, and the width of "adaptive"; what the network has learned stays as it is.


def fit(model, method):
    return ConformalRegressor(model, coverage=COVERAGE, method=method).fit(X[past], y[past])


def follow(regressor):
    """Predict the interval of each day, and tell the day's close before the next."""
    intervals = []
    for day in range(len(X_later)):
        today = slice(day, day + 1)
        intervals.append(regressor.predict_interval(X_later[today])[0])
        regressor.update(X_later[today], y_later[today])
    return np.array(intervals)


network = LSTMRegressor(random_state=0)
intervals = {
    "split": fit(network, "split").predict_interval(X_later),
    "adaptive": follow(fit(network, "adaptive")),
    "adaptive, around the last value": follow(fit(LastValueRegressor(), "adaptive")),
}

# %%
# The share of closes inside their interval, and its mean width in US dollars. 2013 ends in March.


def describe(interval):
    low, high = interval.T
    return pd.DataFrame({"inside": (low <= y_later) & (y_later <= high), "width": high - low})


days = pd.concat({name: describe(intervals[name]) for name in ["split", "adaptive"]}, axis=1)
print(days.groupby(days.index.year).mean().round(2))

# %%
# Over all days. The interval score adds to the width what misses cost; less is better. Intervals
# around the network are no better than around the last value, which its predictions hardly leave.

print(f"{'':<31}  coverage  interval score")
for name, interval in intervals.items():
    coverage = interval_coverage(y_later, interval)
    print(f"{name:<31}  {coverage:8.3f}  {interval_score(y_later, interval, COVERAGE):14.2f}")

# %%

figure, (widths, shares) = plt.subplots(2, sharex=True, figsize=(8, 6), layout="constrained")
middle = intervals["split"].mean(axis=1)  # the network's predictions, the same for both
widths.plot(
    y_later.index, np.abs(y_later - middle), ".", color="grey", markersize=2, label="misses"
)
for name, color in {"split": "C1", "adaptive": "C0"}.items():
    widths.plot(days[name]["width"] / 2, color=color, label=f"reach of {name}")
    shares.plot(days[name]["inside"].rolling(100).mean(), color=color, label=name)
shares.axhline(COVERAGE, color="grey", linestyle="--", label="asked for")
widths.set(ylabel="US dollars", ylim=(0, 10))
shares.set(ylabel="share inside, last 100 days", ylim=(0, 1))
widths.legend(loc="upper left")
shares.legend(loc="lower right")
plt.show()
