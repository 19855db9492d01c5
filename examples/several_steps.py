"""
Several steps ahead
===================

Trading volume one to five days ahead, in two ways: one network with five outputs, or one network
for each horizon. Their errors stand beside the last value's, which grow with the distance.
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
# **One network, five outputs.** Row t of this target holds the volumes of the days t to t+4. With
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
# **One network for each horizon.** The target stays the column itself, and ``horizon=5`` ends the
# window five days before the day that is predicted.


def predict_horizon(step):
    model = LSTMRegressor(horizon=step, random_state=0).fit(X[:n_train], y[:n_train])
    return model.predict(X[n_train:])[step - 1 :][: test.stop - test.start]


by_horizon = np.column_stack([predict_horizon(step) for step in STEPS])

# %%
# Errors of the same forecasts: row by row the same days, made on the same day.

forecasts = by_outputs | {"five networks": by_horizon}
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
# ``forecast`` tells what follows the last row. With five outputs it is one row of five days, with
# ``horizon=5`` five rows of one day, each from the row five days before it.

ahead = LSTMRegressor(random_state=0).fit(X[:-lead], targets[:-lead]).update(X[-lead:]).forecast()
print("million shares:", (np.exp(ahead[0]) / 1e6).round(1))
