"""
Tune another estimator
======================

The search takes any estimator or Pipeline. Here it tunes a support vector machine that forecasts
the next day's trading volume from the ten days before, on folds that never train on the future.
"""

import numpy as np
import pandas as pd
from sklearn.metrics import root_mean_squared_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from sklstm import BayesTimeSeriesSearchCV
from sklstm.datasets import load_stock

# %%
# An estimator without windows of its own reads one row of X for each prediction. So the rows hold
# the past as columns, and ``shift`` keeps the day itself out.

volume = np.log(load_stock().frame["volume"])
X = pd.concat({f"lag {n}": volume.shift(n) for n in range(1, 11)}, axis=1)[10:]
y = volume[10:]
train, test = slice(None, -400), slice(-400, None)

model = make_pipeline(StandardScaler(), SVR(gamma=0.1))  # 0.1: what "scale" is for ten columns
search = BayesTimeSeriesSearchCV(
    model,
    {
        "svr__C": (1e-2, 1e3, "log-uniform"),
        "svr__gamma": (1e-4, 1.0, "log-uniform"),
        "svr__epsilon": (1e-3, 1.0, "log-uniform"),
    },
    n_iter=20,
    random_state=0,
).fit(X[train], y[train])
print(search.summary())

# %%
# The last 400 days, which the search never saw:

print("RMSE of log(volume)")
for name, predicted in {
    "last value": X[test]["lag 1"],
    "SVR, not tuned": model.fit(X[train], y[train]).predict(X[test]),
    "SVR, tuned": search.predict(X[test]),
}.items():
    print(f"  {name:<16} {root_mean_squared_error(y[test], predicted):.3f}")
