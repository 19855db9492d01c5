"""
Logarithms: a Pipeline with a transformed target
================================================

Yearly sunspot numbers are never negative, and high numbers vary more than low ones. The spread of
their logarithms, ``log(1 + x)``, is more even. A Pipeline transforms the column,
``TransformedTargetRegressor`` transforms the target, and forecasts are returned in the units of y.
Cross-validation with a scikit-learn scorer compares the mean absolute errors.
"""

import matplotlib.pyplot as plt
import numpy as np
import statsmodels.api as sm
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import sklstm
from sklstm import LastValueRegressor, LSTMRegressor

data = sm.datasets.sunspots.load_pandas().data
year = data["YEAR"].astype(int).to_numpy()
X, y = data[["SUNACTIVITY"]].to_numpy(), data["SUNACTIVITY"].to_numpy()

# %%
# The column is transformed in the same way as the target, so that the model still finds the target
# among its columns. ``log1p``, the logarithm of 1 + x, also works for years without sunspots.

logarithm = FunctionTransformer(np.log1p, np.expm1)
models = {
    "last value": LastValueRegressor(),
    "as it is": LSTMRegressor(random_state=0),
    "logarithms": TransformedTargetRegressor(
        make_pipeline(logarithm, LSTMRegressor(random_state=0)), transformer=logarithm
    ),
}

# %%
# There are three folds of 40 years. Each is forecast by a model that was fitted on all years before
# it.

folds = TimeSeriesSplit(3, test_size=40)
for name, model in models.items():
    scores = -cross_val_score(model, X, y, cv=folds, scoring="neg_mean_absolute_error")
    print(f"{name:<11} mean absolute error {scores.mean():5.1f}   folds {scores.round(1)}")

# %%
# The logarithms are better in two of the three folds, and reduce the error by 3 % on average. The
# picture shows the last fold.

tested = slice(-40, None)
predictions = {
    name: models[name].fit(X[:-40], y[:-40]).predict(X[tested])
    for name in ["as it is", "logarithms"]
}
figure, ax = plt.subplots(figsize=(9, 4), layout="constrained")
ax.plot(year[-60:], y[-60:], color="black", label="sunspots")
for name, predicted in predictions.items():
    ax.plot(year[tested], predicted, marker=".", label=name)
ax.set(title="Sunspots, one year ahead", xlabel="year", ylabel="sunspot number", ylim=(0, None))
ax.legend(loc="upper left")
plt.show()

# %%
# ``sklstm.forecast`` finds the forecaster inside the model and transforms its forecast back.

model = models["logarithms"].fit(X, y)
print(f"{year[-1] + 1}: {sklstm.forecast(model)[0]:.1f}")
