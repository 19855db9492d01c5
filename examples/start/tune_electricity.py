"""
Tune the LSTM on an electricity load
====================================

A client's load in each hour of 2014, forecast one hour ahead. The last quarter of the year is held
out: the default model and a tuned one forecast it, beside the last value, the last season, and a
ridge and boosted trees that read the same seasons. Two pictures are saved: how the search converged
beside a random one, and the forecast beside the truth. IBM's prices come last, as a series on which
there is nothing to gain.
"""

import time

import numpy as np

from sklstm import BayesTimeSeriesSearchCV, LSTMRegressor
from sklstm.datasets import load_electricity, load_stock
from sklstm.evaluation import skill_table, temporal_train_test_split
from sklstm.plots import ConvergenceDisplay, ForecastDisplay

SPACE = {"window_length": (2, 16), "dropout": (0.0, 0.5)}
FORTNIGHT = 14 * 24  # hours of the picture

began = time.perf_counter()
X, y = load_electricity(return_X_y=True)
hour = 2 * np.pi * X.index.hour / 24
X = X.assign(hour_sin=np.sin(hour), hour_cos=np.cos(hour))
X_train, X_test, y_train, y_test = temporal_train_test_split(X, y, test_size="2014-10-01")

# %%
# Nothing is set but the columns that are known in advance: the seasons of a day and a week are
# found. Two searches then tune this model, one whose candidates a Gaussian process proposes, and
# one that draws them at random.

default = LSTMRegressor(known_columns=["hour_sin", "hour_cos"], random_state=0)
searches = {
    strategy: BayesTimeSeriesSearchCV(
        default, SPACE, n_iter=10, strategy=strategy, cv=3, random_state=0
    ).fit(X_train, y_train)
    for strategy in ["bayes", "random"]
}
search = searches["bayes"]
print(f"best parameters, by the mean RMSE of {search.n_splits_} folds:")
for name, value in search.best_params_.items():
    print(f"  {name} = {value:.3g}")

# %%
# The last quarter, which the search has not seen. ``skill`` is by how much an error is below that
# of the last value, ``gain`` by how much that of the tuned model is below the row's. The intervals
# are wide because ten days hold half of the squared errors: the last week of the year, and the two
# days at the end of summer time, when a row holds the load of two hours.

print("\nload, October to December:")
table = search.report(X_test, y_test)

# %%


def describe_gain(rival):
    gain, low, high = 100 * table.loc[rival, ["gain", "gain_low", "gain_high"]].astype(float)
    verdict = "better" if low > 0 else "worse" if high < 0 else "not distinguishable"
    return f"{gain:.1f} % (95 % interval {low:.1f} to {high:.1f} %): {verdict}"


print("\nBy how much the error of the tuned LSTM is below that of")
print(f"  the last value: {describe_gain('last value')}")
print(f"  the ridge with seasons: {describe_gain('ridge on lags')}")
print(f"  the default LSTM: {describe_gain('default model')}")

# %%
# What the forecast is made of: a ridge's coefficients come first, and the network adds what it has
# learned of the rest.

tuned = search.best_estimator_
coefficients = tuned.linear_start_.filter(like="load").sort_values(key=abs, ascending=False)
print(f"\nseasons found: {' and '.join(map(str, tuned.season_length_[0]))} hours")
print("largest coefficients of past loads in the ridge that it starts from:")
for name, value in coefficients.head(5).items():
    print(f"  {name:12}{value:7.3f}")
share = f"{100 * tuned.network_share_:.1f} %"
print(f"share of its error in the validation tail that the network takes off: {share}")

# %%
# Both searches begin at the default model. What they gain on it is small against the distance to
# the last value, whose error on the same folds is in the report.

convergence = ConvergenceDisplay.from_search(searches)

# %%
# The first two weeks of the rows held out, after the last one of training.

forecast = ForecastDisplay.from_estimator(
    search, X_test[:FORTNIGHT], y_test[:FORTNIGHT], train=y_train[-FORTNIGHT // 2 :]
)

# %%

print()
for name, display in {"convergence": convergence, "forecast": forecast}.items():
    display.figure_.savefig(f"tune_electricity_{name}.png", dpi=150)
    print(f"saved tune_electricity_{name}.png")

# %%
# IBM's daily prices, the last 400 days: here the last value is as good a forecast as any.

prices, close = load_stock(return_X_y=True)
models = {"LSTM": LSTMRegressor(random_state=0)}
table = skill_table(models, prices[["close", "volume"]], close, test_size=400)
print("\nIBM's close, the last 400 days, with the 95 % interval of the skill:")
for name, row in table.iterrows():
    interval = f"{row['skill_low']:.3f} to {row['skill_high']:.3f}"
    print(f"  {name:26}RMSE {row['rmse']:.3f}, skill {row['skill']:6.3f} ({interval})")
better = table.index[table["skill_low"] > 0]
print(f"distinguishably better than the last value: {', '.join(better) or 'none'}")
print(f"\n{time.perf_counter() - began:.0f} s")
