"""
GridSearchCV with TimeSeriesSplit and a gap
===========================================

scikit-learn's own searches can also tune an ``LSTMRegressor``, if their folds respect the order of
time. Here the target lies three hours after its row. Without a gap, the last training targets would
lie in the test rows. This example is for projects that have to stay with ``GridSearchCV``.
"""

import warnings

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit

import sklstm
from sklstm import LSTMRegressor
from sklstm.datasets import load_electricity
from sklstm.plots import SplitDisplay

# %%
# The target of a row is the load three hours later. ``horizon=0`` lets the prediction read the row
# itself.

AHEAD = 3
load = load_electricity().target
X = load["2014-08":"2014-11"].to_frame()
y = load.shift(-AHEAD)[X.index]
model = LSTMRegressor(horizon=0, n_networks=1, random_state=0)

# %%
# ``needed_gap`` says how many rows to leave out between training and test rows. With a smaller gap,
# the last training targets would be loads of the test rows.

gap = model.needed_gap(X, y)
cv = TimeSeriesSplit(3, test_size=14 * 24, gap=gap)
print("gap:", gap, "rows")

# %%
# The grid varies how far back the network looks, and how large it is. November is held out for the
# final test.
#
# ``GridSearchCV`` does not give the rows of the gap to the model, so the first predictions of a
# fold have no complete window. The warning about this is suppressed here.
# ``BayesTimeSeriesSearchCV`` gives these rows to the model.

is_test = X.index >= "2014-11-01"
X_train, y_train = X[~is_test][:-gap], y[~is_test][:-gap]
search = GridSearchCV(
    model,
    {"window_length": [2, 8, 16], "units": [8, 32]},
    cv=cv,
    scoring="neg_mean_absolute_error",
)
with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="More than")
    search.fit(X_train, y_train)
results = pd.DataFrame(search.cv_results_)
errors = -results.pivot(
    index="param_window_length", columns="param_units", values="mean_test_score"
)
print("best:", search.best_params_)
print("standard deviation between folds:", results["std_test_score"].round(1).to_list())

# %%
# On the left are the folds; the gap of three hours is too narrow to be visible. On the right is the
# mean error of each candidate.

figure, (left, right) = plt.subplots(
    1, 2, figsize=(10, 4), layout="constrained", width_ratios=[3, 2]
)
SplitDisplay.from_cv(cv, X_train, ax=left)
right.imshow(errors, cmap="Blues", vmax=1.5 * errors.max(axis=None), aspect="auto")
for row, window_length in enumerate(errors.index):
    for column, units in enumerate(errors.columns):
        right.text(column, row, f"{errors.loc[window_length, units]:.1f}", ha="center")
right.set(xlabel="units", ylabel="window_length", title="mean absolute error in kW")
right.set_xticks(range(len(errors.columns)), errors.columns)
right.set_yticks(range(len(errors.index)), errors.index)
plt.show()

# %%
# In November, compare the best candidate with the default model and with the load one day before
# the target. ``update`` gives the rows of the gap to the fitted models.

X_gap, X_test, y_test = X[~is_test][-gap:], X[is_test], y[is_test]
default = model.fit(X_train, y_train)
for fitted in (default, search):
    sklstm.update(fitted, X_gap)
print("mean absolute error in November, in kW")
for name, predicted in {
    "a day before": load.shift(24 - AHEAD)[X_test.index],
    "default model": default.predict(X_test),
    "best of the grid": search.predict(X_test),
}.items():
    print(f"  {name:<17} {mean_absolute_error(y_test, predicted):5.1f}")
