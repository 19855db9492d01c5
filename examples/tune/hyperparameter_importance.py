"""
Which hyperparameters matter
============================

A search knows more than its best candidate. This example searches four parameters of an
``LSTMRegressor`` on a car park and draws what the search learned: how it converged, which share of
the error each parameter explains, and in which direction the two most important ones work.
"""

import matplotlib.pyplot as plt

from sklstm import BayesTimeSeriesSearchCV, LSTMRegressor
from sklstm.datasets import load_parking
from sklstm.plots import ConvergenceDisplay, ObjectiveDisplay, ParameterImportanceDisplay

cars = load_parking().data["Bull Ring"].between_time("08:00", "16:30").dropna()
X, y = cars.to_frame(), cars
train, test = slice(None, "2016-12-05"), slice("2016-12-06", None)

# %%
# The network alone is searched: a linear start would do most of the work, and hide what the
# parameters do. The epochs are few, to be quick.

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
# **How the search went, and what matters.** The shares describe the whole space: a parameter counts
# if its bad values are bad, even if all good candidates have the same value of it.

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
ConvergenceDisplay.from_search(search, ax=left)
importance = ParameterImportanceDisplay.from_search(search, ax=right)
figure.suptitle("24 trials on a car park")
plt.show()

for name, share in zip(importance.names, importance.importances, strict=True):
    print(f"{name:<14} {share:.2f}")

# %%
# **In which direction.** The learning rate matters most: with a small one, 15 epochs are not
# enough. The line is the error as the search's model sees it, averaged over the other parameters.
# Points are trials; the hollow ones were dropped before their last fold.

top = sorted(zip(importance.importances, importance.names, strict=True), reverse=True)[:2]
figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
ObjectiveDisplay.from_search(search, params=[name for _, name in top], ax=axes)
figure.suptitle("The two most important parameters")
plt.show()

# %%
# **Evaluate** on the last two weeks, which the search has not seen. ``gain`` says by how much
# the error of the tuned model is below that of each row, with its 95 % interval.

table = search.report(X[test], y[test])
