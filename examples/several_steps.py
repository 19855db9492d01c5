"""
Several steps ahead
===================

Trading volume one to five days ahead, in three ways: one model that forecasts a path of five steps,
one with five outputs, or one for each horizon. Their errors are compared with those of the last
value, which grow with the distance.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.metrics import root_mean_squared_error

from sklstm import LastValueRegressor, LSTMRegressor
from sklstm.datasets import load_stock

STEPS = range(1, 6)  # days ahead
X = np.log(load_stock().frame[["volume"]])
y = X["volume"]
n_train = len(X) - 400

# %%
# **A path of five steps**, the simplest way: y stays the column itself, and ``steps=5`` forecasts
# the rows t to t+4 from the same window. :doc:`The next 24 hours </next_24_hours>` is longer.

path = LSTMRegressor(steps=len(STEPS), random_state=0).fit(X[:n_train], y[:n_train])
by_path = path.predict_steps(X[n_train:])

# %%
# **One model, five outputs.** Row t of this target holds the volumes of the days t to t+4. With
# ``horizon=1`` the window ends at day t-1, so they lie 1 to 5 days ahead. The last four rows have
# no such target. Training ends where its last target is the last training day.

targets = pd.concat({step: y.shift(1 - step) for step in STEPS}, axis=1)
lead = len(STEPS) - 1
fitted, test = slice(None, n_train - lead), slice(n_train, len(X) - lead)


def predict_outputs(model):
    model.fit(X[fitted], targets[fitted])
    return model.predict(X[test.start - lead :])[lead:-lead]  # the days between are history


by_outputs = {
    "last value": predict_outputs(LastValueRegressor()),
    "five outputs": predict_outputs(LSTMRegressor(random_state=0)),
}

# %%
# **One model for each horizon.** The target stays the column itself, and ``horizon=5`` ends the
# window five days before the day that is predicted.


def predict_horizon(step):
    model = LSTMRegressor(horizon=step, random_state=0).fit(X[:n_train], y[:n_train])
    return model.predict(X[n_train:])[step - 1 :][: test.stop - test.start]


by_horizon = np.column_stack([predict_horizon(step) for step in STEPS])

# %%
# Errors of the same forecasts: row by row the same days, made on the same day.

forecasts = by_outputs | {"five steps": by_path[:-lead], "five models": by_horizon}
errors = pd.DataFrame(
    {
        name: root_mean_squared_error(targets[test], forecast, multioutput="raw_values")
        for name, forecast in forecasts.items()
    },
    index=pd.Index(STEPS, name="days ahead"),
)
print(errors.round(3))

# %%

errors.plot(marker="o", ylabel="RMSE of log(volume)", xticks=STEPS, ylim=(0, None))
plt.show()

# %%
# ``forecast`` returns what follows the last row: with ``steps=5`` the five days after it, all from
# the same window.

ahead = path.update(X[n_train:]).forecast()
print("million shares:", (np.exp(ahead) / 1e6).round(1))
