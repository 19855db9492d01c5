"""
Several targets at once
=======================

Forecast three car parks with one model. If y has several columns, one model learns all of them, and
the forecast of each target also reads the columns of the others. Use this for series with the same
rows that may depend on each other. This example compares it with one model for each car park.
"""

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.metrics import mean_absolute_error

from sklstm import LastValueRegressor, LSTMRegressor
from sklstm.datasets import load_parking

# %%
# The columns of the table are three car parks, and its rows are half an hour apart during the day.
# Rows are kept only if all three car parks were measured.

NAMES = ["Broad Street", "Others-CCCPS8", "Shopping"]
X = load_parking().data[NAMES].between_time("08:00", "16:30").dropna()
train, test = slice(None, "2016-12-05"), slice("2016-12-06", None)
print(X.corr().round(2))

# %%
# **One model for the three**: y is the same table as X.

together = LSTMRegressor(random_state=0).fit(X[train], X[train])
predictions = {"one model": together.predict(X[test])}
print("columns of the targets:", together.target_column_)
print("seasons:", together.season_length_)

# %%
# **One model for each**, which reads only the column of its car park:

alone = {
    name: LSTMRegressor(random_state=0).fit(X.loc[train, [name]], X.loc[train, name])
    for name in NAMES
}
predictions["three models"] = pd.DataFrame(
    {name: model.predict(X.loc[test, [name]]) for name, model in alone.items()}
).to_numpy()
predictions["last value"] = LastValueRegressor().fit(X[train], X[train]).predict(X[test])

# %%

errors = pd.DataFrame(
    {
        kind: mean_absolute_error(X[test], predicted, multioutput="raw_values")
        for kind, predicted in predictions.items()
    },
    index=NAMES,
)
print(errors.round(1))

# %%
# The single model is better for the shopping centre and worse for Broad Street, so the three models
# are the safer choice here. The single model is fitted only once, which takes less time if there
# are many targets.

figure, axes = plt.subplot_mosaic(
    [[*NAMES], ["errors"] * 3], figsize=(10, 6), layout="constrained", height_ratios=[3, 2]
)
day = "2016-12-15"
rows = X[test].index.normalize() == day
for column, name in enumerate(NAMES):
    hours = X[test].index[rows].hour + X[test].index[rows].minute / 60
    axes[name].plot(hours, X[test].loc[rows, name], color="black", label="measured")
    axes[name].plot(hours, predictions["one model"][rows, column], label="one model")
    axes[name].plot(hours, predictions["three models"][rows, column], label="three models")
    axes[name].set(title=f"{name}, {day}", xlabel="hour", ylim=(0, None))
axes[NAMES[0]].set_ylabel("cars")
axes[NAMES[0]].legend()
errors.plot.barh(ax=axes["errors"], color=["C0", "C1", "lightgrey"])
axes["errors"].set(xlabel="mean absolute error in cars")
axes["errors"].invert_yaxis()
plt.show()
