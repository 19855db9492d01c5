"""
Tune another estimator
======================

``BayesTimeSeriesSearchCV`` takes any estimator or Pipeline of scikit-learn. Here it tunes a support
vector machine that forecasts an electricity load from earlier hours, on folds that never train on
the future. Use it in place of ``GridSearchCV`` or ``BayesSearchCV`` where the rows have an order in
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
# An estimator without windows of its own reads one row of X for each prediction. The rows therefore
# hold the past as columns: the last six hours, and the same hour of the day and the week before.
# ``shift`` keeps the hour itself out.

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
# November, which the search has not seen:

predictions = {
    "last value": X[test]["lag 1"],
    "SVR, not tuned": model.fit(X[train], y[train]).predict(X[test]),
    "SVR, tuned": search.predict(X[test]),
}
print("RMSE in November, in kW")
for name, predicted in predictions.items():
    print(f"  {name:<16} {root_mean_squared_error(y[test], predicted):6.1f}")

# %%
# How the error depends on two of the parameters, as the model of the search sees it. The points are
# the trials.

figure, axes = plt.subplots(1, 2, figsize=(9, 4.5), layout="constrained")
ObjectiveDisplay.from_search(search, params=["svr__C", "svr__gamma"], ax=axes)
figure.suptitle("Error of the support vector machine, by parameter")
plt.show()
