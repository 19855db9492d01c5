"""
Tune the LSTM on an electricity load
====================================

Tune a model that forecasts a client's hourly load in 2014 one hour ahead. October to December are
held out. On these months, the default model and the tuned one are compared with four simple
forecasts: the last value, the value one season earlier, and a ridge and boosted trees that read the
same seasons. IBM's daily prices come last, as a series on which no model has anything to gain.
"""

# sphinx_gallery_thumbnail_number = 2
import time

import matplotlib.pyplot as plt
import numpy as np

from sklstm import BayesTimeSeriesSearchCV, LSTMRegressor
from sklstm.datasets import load_electricity, load_stock
from sklstm.evaluation import skill_table, temporal_train_test_split
from sklstm.plots import ConvergenceDisplay, ForecastDisplay

SPACE = {"window_length": (2, 16), "dropout": (0.0, 0.5)}
WEEK = 7 * 24  # hours

began = time.perf_counter()
X, y = load_electricity(return_X_y=True)
hour = 2 * np.pi * X.index.hour / 24
X = X.assign(hour_sin=np.sin(hour), hour_cos=np.cos(hour))
X_train, X_test, y_train, y_test = temporal_train_test_split(X, y, test_size="2014-10-01")

# %%
# Only the columns that are known in advance are set. The model finds the seasons of a day and a
# week by itself. Two searches then tune it: one proposes candidates with a Gaussian process, the
# other draws them at random. Without pruning, every trial has a score for the picture below.

default = LSTMRegressor(known_columns=["hour_sin", "hour_cos"], random_state=0)
searches = {
    strategy: BayesTimeSeriesSearchCV(
        default, SPACE, n_iter=10, strategy=strategy, cv=3, pruning=False, random_state=0
    ).fit(X_train, y_train)
    for strategy in ["bayes", "random"]
}
search = searches["bayes"]

# %%
# The report compares the models on the last quarter, which the search has not seen. ``skill`` is
# how much smaller an RMSE is than that of the last value. ``gain`` is how much smaller the RMSE of
# the tuned model is than that of the model in the row. Both have a 95 % interval. The intervals are
# wide because a few days cause half of the squared errors: the last week of the year, and the two
# days at the end of summer time, when a row holds the load of two hours.

print("ELECTRICITY: hourly load, forecast one hour ahead, October to December 2014\n")
electricity = search.report(X_test, y_test)
print("\nbest parameters of the search:")
for name, value in search.best_params_.items():
    print(f"  {name} = {value:.3g}")

# %%
# A ridge regression forecasts first, and the networks correct it. These are the largest
# coefficients of the ridge. Each name says how many hours before the predicted hour the load was
# measured.

tuned = search.best_estimator_
coefficients = tuned.linear_start_.filter(like="load").sort_values(key=abs, ascending=False)
print(f"seasons found: {' and '.join(map(str, tuned.season_length_[0]))} hours")
print("largest coefficients of the ridge that it starts from:")
for name, value in coefficients.head(3).items():
    print(f"  {name:12}{value:7.3f}")

# %%
# Both searches begin with the default model. The points are the trials, and the lines are the best
# error so far. On this series, the searches gain next to nothing over the defaults.

convergence = ConvergenceDisplay.from_search(searches)
for line, tried in zip(convergence.lines_.values(), searches.values(), strict=True):
    errors = -tried.trials_frame()["score"]
    convergence.ax_.plot(errors.index + 1, errors, "o", color=line.get_color(), alpha=0.5)
convergence.ax_.set(xlabel="trial", ylabel="RMSE on the folds (kW)")
convergence.figure_.suptitle("Tuning on electricity: trials, and the best so far")
convergence.figure_.savefig("tune_electricity_convergence.png", dpi=150)

# %%
# The picture shows the second week of October, with the error of each hour below.

week = slice(WEEK, 2 * WEEK)
truth, predicted = y_test[week], search.predict(X_test)[week]
figure, (top, below) = plt.subplots(
    2, sharex=True, height_ratios=[3, 1], figsize=(9, 5), layout="constrained"
)
ForecastDisplay.from_predictions(truth, predicted, ax=top)
top.set(ylabel="load (kW)", xlabel="")
figure.suptitle("Electricity load, forecast one hour ahead")
below.bar(truth.index, truth - predicted, width=1 / 24, color="#0072b2")
below.axhline(0, color="black", lw=0.8)
below.set(ylabel="error (kW)", xlabel="day")
figure.savefig("tune_electricity_forecast.png", dpi=150)

# %%
# Compare a model with simple forecasts on the last 400 of IBM's daily prices. Today's price is as
# good a forecast of tomorrow's price as any.

prices, close = load_stock(return_X_y=True)
models = {"LSTM": LSTMRegressor(random_state=0)}
stock = skill_table(models, prices[["close", "volume"]], close, test_size=400)
print("\nIBM: daily closing price, forecast one day ahead, the last 400 days\n")
print(stock[["rmse", "mae", "skill", "skill_low", "skill_high"]].round(3).to_string())

# %%
# Print both results in words. A model is better or worse only if the 95 % interval excludes zero.


def compare(table, rival, name):
    """Say by how much the RMSE of the table's first row is lower than the rival's."""
    gain, low, high = 100 * table.loc[rival, ["gain", "gain_low", "gain_high"]].astype(float)
    verdict = "better than" if low > 0 else "worse than" if high < 0 else "no better than"
    print(f"  {verdict} {name}: {gain:z.1f} % ({low:z.1f} to {high:z.1f} %)")


print("\nVERDICT: how much lower the RMSE is, with its 95 % interval")
print("Electricity, the tuned LSTM:")
compare(electricity, "last value", "the last value")
compare(electricity, "ridge on lags", "a ridge on the same seasons")
compare(electricity, "default model", "the LSTM with nothing set")
print("IBM, the LSTM:")
compare(stock, "last value", "the last value")
print("\nsaved tune_electricity_convergence.png and tune_electricity_forecast.png")
print(f"{time.perf_counter() - began:.0f} s")
