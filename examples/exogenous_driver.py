"""
A driver from outside: demand that follows the weather
======================================================

The daily demand of a town for heat, made up: it follows the cold of the day and of the day before,
and is lower at weekends. What is the temperature worth to the forecast if it is measured, and what
if it is known a day in advance?
"""

import numpy as np
import pandas as pd
from sklearn.metrics import root_mean_squared_error

from sklstm import LastValueRegressor, LSTMRegressor, SeasonalNaiveRegressor

N_DAYS, N_TEST, NOISE = 1500, 365, 2.0  # NOISE: of the demand, which no forecast can know
rng = np.random.default_rng(0)
day = np.arange(N_DAYS)

weather = np.zeros(N_DAYS)  # departure from the season, some days long
for t in day[1:]:
    weather[t] = 0.8 * weather[t - 1] + rng.normal(scale=2)
temperature = 10 - 12 * np.cos(2 * np.pi * day / 365) + weather
cold = np.maximum(0, 15 - temperature)
is_weekend = (day % 7 >= 5).astype(float)
demand = 50 + 2 * cold - 8 * is_weekend + rng.normal(scale=NOISE, size=N_DAYS)
demand[1:] += 1.5 * cold[:-1]

X = pd.DataFrame({"demand": demand, "temperature": temperature, "weekend": is_weekend})
y = X["demand"]
train, test = slice(None, -N_TEST), slice(-N_TEST, None)

# %%
# The same network, with more and more columns. ``known_columns`` are read at the row that is
# predicted, all others up to the row before. The weekend is known of every day, of the temperature
# there is a forecast, taken to be perfect here.

ALL = ["demand", "temperature", "weekend"]
models = {
    "last value": (ALL, LastValueRegressor()),
    "last week": (ALL, SeasonalNaiveRegressor(season_length=7)),
    "demand alone": (["demand"], LSTMRegressor(random_state=0)),
    "and the weekend": (
        ["demand", "weekend"],
        LSTMRegressor(known_columns=["weekend"], random_state=0),
    ),
    "and the temperature so far": (ALL, LSTMRegressor(known_columns=["weekend"], random_state=0)),
    "and the temperature to come": (
        ALL,
        LSTMRegressor(known_columns=["weekend", "temperature"], random_state=0),
    ),
}

# %%
# 2.0 is the least possible error, that of the noise.

print("RMSE over the last year, in the unit of the demand")
for name, (columns, model) in models.items():
    model.fit(X[columns][train], y[train])
    rmse = root_mean_squared_error(y[test], model.predict(X[columns][test]))
    print(f"  {name:<28} {rmse:.2f}")
