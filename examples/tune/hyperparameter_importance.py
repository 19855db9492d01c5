"""
Which hyperparameters matter
============================

A search tells you more than which candidate is best. This example searches four parameters of an
``LSTMRegressor`` that forecasts the cars in a car park. It shows how the search converged, what
share of the variance of the error each parameter explains, and how the error depends on the two
most important parameters.
"""

import matplotlib.pyplot as plt

from sklstm import BayesTimeSeriesSearchCV, LSTMRegressor
from sklstm.datasets import load_parking
from sklstm.plots import ConvergenceDisplay, ObjectiveDisplay, ParameterImportanceDisplay

cars = load_parking().data["Bull Ring"].between_time("08:00", "16:30").dropna()
X, y = cars.to_frame(), cars
train, test = slice(None, "2016-12-05"), slice("2016-12-06", None)

# %%
# The search tunes the network alone: a linear start would do most of the work and hide the effect
# of the parameters. The number of epochs is small, to keep the run short.

SPACE = {
    "window_length": (2, 16),
    "units": (4, 32),
    "learning_rate": (3e-4, 3e-2, "log-uniform"),
    "dropout": (0.0, 0.5),
}
search = BayesTimeSeriesSearchCV(
    LSTMRegressor(linear_start=False, n_networks=1, epochs=15, random_state=0),
    SPACE,
    n_iter=24,
    n_initial_points=8,
    cv=3,
    random_state=0,
).fit(X[train], y[train])
print(search.summary())

# %%
# **Convergence and importance.** The shares describe the whole space: a parameter is important if
# some of its values are bad, even if all good candidates have the same value.

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
ConvergenceDisplay.from_search(search, ax=left)
importance = ParameterImportanceDisplay.from_search(search, ax=right)
figure.suptitle("24 trials on a car park")
plt.show()

for name, share in zip(importance.names, importance.importances, strict=True):
    print(f"{name:<14} {share:.2f}")

# %%
# **Dependence on the parameters.** The learning rate matters most: with a small one, 15 epochs are
# not enough. The line is the error that the search's own model expects, averaged over the other
# parameters. The points are the trials; the hollow ones were dropped before their last fold.

top = sorted(zip(importance.importances, importance.names, strict=True), reverse=True)[:2]
figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
ObjectiveDisplay.from_search(search, params=[name for _, name in top], ax=axes)
figure.suptitle("The two most important parameters")
plt.show()

# %%
# **Evaluate** on the last two weeks, which the search has not seen. ``gain`` is how much smaller
# the RMSE of the tuned model is than that of the model in each row, with a 95 % interval.

table = search.report(X[test], y[test])
