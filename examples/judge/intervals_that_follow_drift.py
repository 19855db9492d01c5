"""
Intervals that follow drift
===========================

Intervals that were calibrated in calm years are too narrow in a crisis. This example puts intervals
around the next day's close of a stock and follows them through the crisis of 2008.
``method="split"`` keeps the width that it found in ``fit``. ``method="adaptive"`` learns from each
close before it predicts the next.
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
# Both methods are fitted on the years 2000 to 2006, and calibrated on the last fifth of these rows.
# ``update`` adds a row to the history and adapts the width of "adaptive"; the network is not
# trained again.


def fit(model, method):
    return ConformalRegressor(model, coverage=COVERAGE, method=method).fit(X[past], y[past])


def follow(regressor):
    """Predict the interval of each day, and update with its close before the next."""
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
# The table shows, for each year, the share of closes inside their interval and the mean width in US
# dollars. 2013 ends in March.


def describe(interval):
    low, high = interval.T
    return pd.DataFrame({"inside": (low <= y_later) & (y_later <= high), "width": high - low})


days = pd.concat({name: describe(intervals[name]) for name in ["split", "adaptive"]}, axis=1)
print(days.groupby(days.index.year).mean().round(2))

# %%
# The next table covers all days. The interval score adds the cost of misses to the width; lower is
# better. The intervals around the network are no better than those around the last value, because
# the predictions of the network stay close to the last value.

print(f"{'':<31}  coverage  interval score")
for name, interval in intervals.items():
    coverage = interval_coverage(y_later, interval)
    print(f"{name:<31}  {coverage:8.3f}  {interval_score(y_later, interval, COVERAGE):14.2f}")

# %%
# The upper panel shows how far the intervals reach from their middle; the dots are the misses, the
# absolute errors of the predictions. The lower panel shows the share of the last hundred closes
# inside.

figure, (widths, shares) = plt.subplots(2, sharex=True, figsize=(9, 5.5), layout="constrained")
middle = intervals["split"].mean(axis=1)  # the network's predictions, the same for both
widths.plot(
    y_later.index, np.abs(y_later - middle), ".", color="grey", markersize=2, label="misses"
)
for name, color in {"split": "C1", "adaptive": "C0"}.items():
    widths.plot(days[name]["width"] / 2, color=color, label=f"reach of {name}")
    shares.plot(days[name]["inside"].rolling(100).mean(), color=color, label=name)
shares.axhline(COVERAGE, color="grey", linestyle="--", label="asked for")
widths.set(title="90 % intervals through the crisis of 2008", ylabel="US dollars", ylim=(0, 10))
shares.set(ylabel="share inside, last 100 days", ylim=(0, 1))
widths.legend(loc="upper left")
shares.legend(loc="lower right")
plt.show()
