"""
Several steps ahead
===================

Forecast an electricity load one to six hours ahead. There are three ways: one model that forecasts
a path of six steps, one model with six outputs, or one model for each horizon. This example shows
how to write each of them, and compares their errors with those of the last value.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.metrics import mean_absolute_error

from sklstm import LastValueRegressor, LSTMRegressor
from sklstm.datasets import load_electricity

STEPS = range(1, 7)  # hours ahead
X, y = load_electricity(return_X_y=True)
X, y = X["2014-08":"2014-11"], y["2014-08":"2014-11"]
n_train = len(X) - 30 * 24  # November tests

# %%
# **A path of six steps** is the simplest way. y is the column of X, not shifted, and ``steps=6``
# forecasts the rows t to t+5 from one window. For a longer path, see :doc:`the next 24 hours
# </next_24_hours>`.

path = LSTMRegressor(steps=len(STEPS), random_state=0).fit(X[:n_train], y[:n_train])
by_path = path.predict_steps(X[n_train:])

# %%
# **One model, six outputs.** Row t of this target holds the loads of the hours t to t+5. With
# ``horizon=1``, the window ends at hour t-1, so these loads lie 1 to 6 hours ahead. The last five
# rows lack some of the loads and are left out. Training also stops five rows early, so that no
# training target lies in the test month.

targets = pd.concat({step: y.shift(1 - step) for step in STEPS}, axis=1)
lead = len(STEPS) - 1
fitted, test = slice(None, n_train - lead), slice(n_train, len(X) - lead)


def predict_outputs(model):
    model.fit(X[fitted], targets[fitted])
    return model.predict(X[test.start - lead :])[lead:-lead]  # the hours between are history


by_outputs = {
    "last value": predict_outputs(LastValueRegressor()),
    "six outputs": predict_outputs(LSTMRegressor(random_state=0)),
}

# %%
# **One model for each horizon.** The target is the column itself, and ``horizon=6`` ends the window
# six hours before the hour that is predicted.


def predict_horizon(step):
    model = LSTMRegressor(horizon=step, random_state=0).fit(X[:n_train], y[:n_train])
    return model.predict(X[n_train:])[step - 1 :][: test.stop - test.start]


by_horizon = np.column_stack([predict_horizon(step) for step in STEPS])

# %%
# Each row of the table compares forecasts of the same hours that are made equally far in advance.

forecasts = by_outputs | {"six steps": by_path[:-lead], "six models": by_horizon}
errors = pd.DataFrame(
    {
        name: mean_absolute_error(targets[test], forecast, multioutput="raw_values")
        for name, forecast in forecasts.items()
    },
    index=pd.Index(STEPS, name="hours ahead"),
)
print(errors.round(1))

# %%
# At each distance, the error of the last value is more than three times that of any model. The six
# models are best two to five hours ahead; the path is best one and six hours ahead. The path and
# the six outputs need one fit instead of six.

figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
style = {"marker": "o", "xticks": STEPS, "ylim": (0, None)}
errors.plot(ax=axes[0], title="With the last value", ylabel="mean absolute error in kW", **style)
colors = ["C1", "C2", "C3"]
errors.iloc[:, 1:].plot(ax=axes[1], title="The three ways alone", color=colors, **style)
plt.show()

# %%
# ``forecast`` predicts the rows after the last one: with ``steps=6``, the next six hours, all from
# the same window.

print("next six hours:", path.update(X[n_train:]).forecast().round(), "kW")
