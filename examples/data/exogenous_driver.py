"""
An exogenous driver: demand that follows the weather
====================================================

How much does the temperature help to forecast the demand for heat? The series is simulated, so the
lowest possible error is known. The example compares models that know only the temperatures measured
so far with one that also knows the temperature of the day to forecast, as if from a weather
forecast.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.metrics import root_mean_squared_error

from sklstm import LastValueRegressor, LSTMRegressor, SeasonalNaiveRegressor

N_DAYS, N_TEST, NOISE = 1500, 365, 2.0  # NOISE: of the demand, which no forecast can know
rng = np.random.default_rng(0)
day = np.arange(N_DAYS)

# %%
# A town's demand for heat depends on how cold it is on the day and how cold it was the day before.
# It is lower at weekends.

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
# After two simple forecasts, the same model is given one more piece of information at a time: a
# column, or the coming values of one. The model reads ``known_columns`` up to the row that it
# predicts, and all other columns up to the row before. The weather forecast is assumed to be
# perfect.

ALL = ["demand", "temperature", "weekend"]
models = {
    "last value": (ALL, LastValueRegressor()),
    "last week": (ALL, SeasonalNaiveRegressor(season_length=7)),
    "demand alone": (["demand"], LSTMRegressor(random_state=0)),
    "+ weekend": (["demand", "weekend"], LSTMRegressor(known_columns=["weekend"], random_state=0)),
    "+ temperature so far": (ALL, LSTMRegressor(known_columns=["weekend"], random_state=0)),
    "+ temperature to come": (
        ALL,
        LSTMRegressor(known_columns=["weekend", "temperature"], random_state=0),
    ),
}
predictions = {
    name: model.fit(X[columns][train], y[train]).predict(X[columns][test])
    for name, (columns, model) in models.items()
}
errors = pd.Series(
    {name: root_mean_squared_error(y[test], predicted) for name, predicted in predictions.items()}
)
print("RMSE over the last year:")
print(errors.round(2).to_string())

# %%
# Adding the temperature measured so far reduces the error by a tenth. Knowing the temperature of
# the coming day as well nearly halves it again, to 2.3. The lowest possible error is 2.0.

figure, (bars, lines) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
errors[::-1].plot.barh(ax=bars)
bars.axvline(NOISE, color="black", linestyle="--", label="noise: lowest possible error")
bars.set(title="Error over the last year", xlabel="RMSE in units of demand")
bars.legend(loc="lower right")
weeks = slice(-28, None)
days = day[test][weeks]
lines.plot(days, y[test][weeks], color="black", label="demand")
lines.plot(days, predictions["demand alone"][weeks], color="C1", label="demand alone")
known = predictions["+ temperature to come"]
lines.plot(days, known[weeks], color="C0", label="+ temperature to come")
lines.set(title="The last four weeks", xlabel="day", ylabel="demand")
lines.legend()
plt.show()
