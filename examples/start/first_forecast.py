"""
A first forecast
================

Forecast an hourly electricity load one hour ahead with the default ``LSTMRegressor``. Start here if
you know scikit-learn: ``fit`` and ``predict`` work as usual, but the rows must be in the order of
time. The forecast is compared with the last value, which any forecast should beat.
"""

import matplotlib.pyplot as plt
from sklearn.metrics import mean_absolute_error

from sklstm import LastValueRegressor, LSTMRegressor
from sklstm.datasets import load_electricity
from sklstm.evaluation import temporal_train_test_split
from sklstm.plots import ForecastDisplay

X, y = load_electricity(return_X_y=True)
X, y = X["2014-06":"2014-11"], y["2014-06":"2014-11"]
X_train, X_test, y_train, y_test = temporal_train_test_split(X, y, test_size="2014-11-01")
print(X_train.tail(3))

# %%
# The target y is the column ``load`` of X, in the same row. You need not shift anything: the
# prediction for a row reads the rows before it, and never the row itself.

models = {"LSTM": LSTMRegressor(random_state=0), "last value": LastValueRegressor()}
predictions = {name: model.fit(X_train, y_train).predict(X_test) for name, model in models.items()}
for name, predicted in predictions.items():
    print(f"{name:<11} mean absolute error {mean_absolute_error(y_test, predicted):6.1f} kW")

# %%
# The model has found the seasons of a day and a week by itself:

print("seasons:", models["LSTM"].season_length_[0], "hours")

# %%
# The picture shows the first week of November. Each hour was predicted from the hours before it.

week = slice(0, 7 * 24)
figure, ax = plt.subplots(figsize=(9, 4), layout="constrained")
ForecastDisplay.from_predictions(
    y_test[week], predictions["LSTM"][week], train=y_train[-2 * 24 :], ax=ax
)
ax.set(ylabel="load in kW")
figure.suptitle("Load forecast one hour ahead")
plt.show()

# %%
# ``update`` adds new rows without training. ``forecast`` predicts the hour after the last row.

model = models["LSTM"].update(X_test)
print(f"2014-12-01 00:00: {model.forecast()[0]:.0f} kW")
