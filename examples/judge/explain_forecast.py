"""
What a forecast is made of
==========================

Which values does a forecast rely on? An ``LSTMRegressor`` starts from a ridge, whose coefficients
you can inspect, and the networks correct its errors. For a model of an electricity load, this
example shows the coefficients of the ridge, the contribution of the networks, and how much the
error grows if a column is shuffled.
"""

# sphinx_gallery_thumbnail_number = 2
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.inspection import permutation_importance
from sklearn.metrics import mean_absolute_error

from sklstm import LSTMRegressor
from sklstm.datasets import load_electricity
from sklstm.plots import WindowDisplay

X, y = load_electricity(return_X_y=True)
X, y = X["2014-05":"2014-11"], y["2014-05":"2014-11"]
hour = 2 * np.pi * X.index.hour / 24
X = X.assign(hour_sin=np.sin(hour), hour_cos=np.cos(hour), weekend=(X.index.day_of_week >= 5) * 1.0)
train, test = slice(None, "2014-10"), slice("2014-11", None)
calendar = ["hour_sin", "hour_cos", "weekend"]
model = LSTMRegressor(known_columns=calendar, random_state=0).fit(X[train], y[train])

# %%
# **Which rows are read.** The model reads the window, and the rows around the same hour one day and
# one week earlier.

figure, ax = plt.subplots(figsize=(9, 4.5), layout="constrained")
WindowDisplay.from_estimator(model, ax=ax)
figure.suptitle("Rows that the forecast of row t reads")
plt.show()

# %%
# **The ridge.** ``linear_start_`` has a coefficient for each value that the ridge reads. The
# coefficients of the load are in kW per kW.

coefficients = model.linear_start_
of_load = coefficients[coefficients.index.str.startswith("load")]
largest = of_load.sort_values(key=np.abs, ascending=False).head(10)
print(f"{len(coefficients)} coefficients, {len(of_load)} of the load; the largest of these:")
print(largest.round(2).to_string())

# %%
# **The networks.** ``network_share_`` is the share of the ridge's loss that the networks remove, on
# training rows that were held back. ``networks_`` has a row for each of the three networks.

print(f"share of the network: {100 * model.network_share_:.0f} %")
print(model.networks_.round(3).to_string())

# %%
# **The columns.** Permutation importance shuffles a column of the test rows and measures how much
# the error grows. It needs ``max_samples=1.0``, because a sample of the rows is not a series.

error = mean_absolute_error(y[test], model.predict(X[test]))
shuffled = permutation_importance(
    model,
    X[test],
    y[test],
    scoring="neg_mean_absolute_error",
    n_repeats=5,
    max_samples=1.0,
    random_state=0,
)
growth = pd.Series(shuffled.importances_mean, index=X.columns)
print(f"mean absolute error {error:.1f} kW; with a column shuffled it grows by, in kW:")
print(growth.round(1).to_string())

# %%
# Nearly all of the information comes from the load itself: from the hour before, and from the same
# hour one day and one week earlier. The calendar adds little, because the load at these hours also
# tells the time.

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
largest[::-1].plot.barh(ax=left, color=np.where(largest[::-1] > 0, "C0", "C1"))
left.axvline(0, color="black", linewidth=0.8)
left.set(title="Largest coefficients of the ridge", xlabel="kW per kW")
growth[::-1].plot.barh(ax=right, color="C2")
right.set(title="Error added by shuffling a column", xlabel="mean absolute error in kW")
plt.show()
