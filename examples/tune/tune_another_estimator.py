"""
Tune another estimator
======================

``BayesTimeSeriesSearchCV`` tunes any scikit-learn estimator or Pipeline. Here it tunes a support
vector machine that forecasts an electricity load from earlier hours, on folds that never train on
the future. Use it in place of ``GridSearchCV`` or ``BayesSearchCV`` if the rows are ordered in
time.
"""

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.metrics import root_mean_squared_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from sklstm import BayesTimeSeriesSearchCV
from sklstm.datasets import load_electricity
from sklstm.plots import ObjectiveDisplay

# %%
# An ordinary estimator reads one row of X for each prediction. The columns therefore hold the past:
# the loads of the last six hours, and of the same hour one day and one week earlier. Because of
# ``shift``, no column contains the load of the hour that is forecast.

load = load_electricity().target
LAGS = [1, 2, 3, 4, 5, 6, 24, 168]
X = pd.concat({f"lag {n}": load.shift(n) for n in LAGS}, axis=1)["2014-09":"2014-11"]
y = load["2014-09":"2014-11"]
train, test = slice(None, "2014-10"), slice("2014-11", None)

model = make_pipeline(StandardScaler(), SVR(gamma=0.1))
search = BayesTimeSeriesSearchCV(
    model,
    {
        "svr__C": (1.0, 1e5, "log-uniform"),
        "svr__gamma": (1e-4, 1.0, "log-uniform"),
        "svr__epsilon": (0.1, 100.0, "log-uniform"),
    },
    n_iter=20,
    cv=3,
    random_state=0,
).fit(X[train], y[train])
print(search.summary())

# %%
# Compare the models in November, which the search has not seen:

predictions = {
    "last value": X[test]["lag 1"],
    "SVR, not tuned": model.fit(X[train], y[train]).predict(X[test]),
    "SVR, tuned": search.predict(X[test]),
}
print("RMSE in November, in kW")
for name, predicted in predictions.items():
    print(f"  {name:<16} {root_mean_squared_error(y[test], predicted):6.1f}")

# %%
# The picture shows how the search's own model expects the error to depend on two of the parameters.
# The points are the trials.

figure, axes = plt.subplots(1, 2, figsize=(9, 4.5), layout="constrained")
ObjectiveDisplay.from_search(search, params=["svr__C", "svr__gamma"], ax=axes)
figure.suptitle("Error of the support vector machine, by parameter")
plt.show()
