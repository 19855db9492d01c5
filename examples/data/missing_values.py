"""
Missing values and gaps in the index
====================================

Real measurements have holes: single values that are NaN, and hours that have no row at all. This
example makes both kinds of holes in an electricity load, fills them without looking ahead, and
measures how much the error grows. The same steps work for any sensor.
"""

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import mean_absolute_error

from sklstm import LSTMRegressor
from sklstm.datasets import load_electricity

complete = load_electricity().frame["2014-06":"2014-11"]
rng = np.random.default_rng(0)

# %%
# **The holes.** 3 % of the values are NaN, and three outages of up to two days have no rows. One
# outage is in November, the test month.

raw = complete.mask(rng.random(complete.shape) < 0.03)
outages = [("2014-07-10 06:00", 48), ("2014-09-02 12:00", 30), ("2014-11-18 08:00", 24)]
for first, n_hours in outages:
    start = complete.index.get_loc(first)
    raw = raw.drop(complete.index[start : start + n_hours], errors="ignore")
print(f"{len(complete)} hours, {len(raw)} rows, {raw['load'].isna().sum()} of them NaN")
print("frequency of the index:", raw.index.freq)

# %%
# **Make the rows regular first.** A window is a number of rows, so a missing row would shift all
# rows after it. ``asfreq`` adds a row of NaN for each missing hour.

regular = raw.asfreq("h")
is_known = regular["load"].notna()
print(f"{len(regular)} rows, {(~is_known).sum()} of them NaN")

# %%
# **Then fill, with older values only.** The last known value is a poor guess for a load with a
# daily season; the load at the same hour of the day before is better. ``interpolate`` and ``bfill``
# would read later rows, which a forecast does not have.

last_value = regular.ffill()
day_before = regular.copy()
for start in np.flatnonzero(~is_known):
    day_before.iloc[start] = day_before.iloc[max(start - 24, 0)]  # filled before, if it was missing

# %%
# **Give filled targets no weight.** A row of weight 0 is not trained on, but later rows still read
# it. Only measured hours of November are scored.


def score(X, weight=None):
    train, test = slice(None, "2014-10"), slice("2014-11", None)
    weight = None if weight is None else weight[train]
    model = LSTMRegressor(random_state=0).fit(X[train], X["load"][train], sample_weight=weight)
    scored = is_known[test]
    return mean_absolute_error(complete["load"][test][scored], model.predict(X[test])[scored])


errors = {
    "complete data": score(complete),
    "last value": score(last_value),
    "last value, weight 0": score(last_value, is_known.astype(float)),
    "day before": score(day_before),
    "day before, weight 0": score(day_before, is_known.astype(float)),
}
for name, error in errors.items():
    print(f"{name:<21} mean absolute error {error:5.1f} kW")

# %%
# If the holes are filled with the last value, the error is almost half as large again as with
# complete data. With the day before, it is 1 % larger. Leaving the filled targets out of training
# does not help here: targets that are filled well do little harm.

figure, (hours, bars) = plt.subplots(
    1, 2, figsize=(10, 4), layout="constrained", width_ratios=[3, 2]
)
week = slice("2014-07-08", "2014-07-14")
hours.plot(complete.loc[week, "load"], color="lightgrey", linewidth=4, label="true load")
hours.plot(last_value.loc[week, "load"], color="C1", label="last value")
hours.plot(day_before.loc[week, "load"], color="C2", label="day before")
hours.plot(regular.loc[week, "load"], color="black", label="measured")
hours.set(title="An outage of two days", ylabel="load in kW")
hours.set_ylim(0, None)
hours.xaxis.set_major_formatter(mdates.DateFormatter("%d %b"))
hours.legend(loc="lower left", ncols=2)
bars.barh(list(errors), list(errors.values()), color=["lightgrey", "C1", "C1", "C2", "C2"])
bars.set(title="Error in November", xlabel="mean absolute error in kW")
bars.invert_yaxis()
plt.show()
