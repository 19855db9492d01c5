"""
Find the seasons of a series
============================

After how many rows does a series repeat itself? ``SeasonDisplay`` shows what ``find_seasons`` finds
in yearly sunspots, monthly sea temperatures, hourly electricity loads and daily stock prices. By
default, ``LSTMRegressor`` uses the same seasons, so you rarely have to set ``season_length``.
"""

import matplotlib.pyplot as plt
import pandas as pd
import statsmodels.api as sm
from sklearn.metrics import mean_absolute_error

from sklstm import LastValueRegressor, LSTMRegressor
from sklstm.datasets import load_electricity, load_stock
from sklstm.plots import SeasonDisplay

# %%
# Two of these four series turn out to have seasons.

sunspots = sm.datasets.sunspots.load_pandas().data
sunspots = pd.Series(
    sunspots["SUNACTIVITY"].to_numpy(),
    index=pd.to_datetime(sunspots["YEAR"].astype(int).astype(str)),
)
sea = sm.datasets.elnino.load_pandas().data.set_index("YEAR").stack()
sea.index = pd.date_range("1950-01", periods=len(sea), freq="MS")

series = {
    "sunspots, yearly": sunspots,
    "sea temperature, monthly": sea,
    "electricity load, hourly": load_electricity().target["2014-06":"2014-11"],
    "stock price, daily": load_stock().target,
}

# %%
# The display shows the autocorrelation of the residuals of a linear forecast from the last eight
# rows. A peak above the threshold (dotted line) counts as a season if the rows around one season
# earlier improve this forecast on held-out rows. Dashed lines mark the seasons found.

figure, axes = plt.subplots(2, 2, figsize=(10, 6), layout="constrained")
for (name, values), ax in zip(series.items(), axes.flat, strict=True):
    display = SeasonDisplay.from_series(values, ax=ax)
    found = " and ".join(map(str, display.lengths)) or "none"
    ax.get_legend().remove()
    ax.set_title(f"{name}: {found}")
    print(f"{name:<26} {found}")
plt.show()

# %%
# Sunspots come and go in cycles of 9 to 14 years. This is not a season, because a season has the
# same number of rows each time. A forecast can still follow such cycles. Prices have neither
# seasons nor cycles.
#
# The table compares one-row-ahead forecasts of the last fifth of each series, with and without the
# seasons found. The errors are divided by those of a forecast that repeats the last value.


def score(model, values):
    X, n_test = values.to_frame("value"), len(values) // 5
    model.fit(X[:-n_test], X["value"][:-n_test])
    return mean_absolute_error(values[-n_test:], model.predict(X[-n_test:]))


models = {
    "without seasons": LSTMRegressor(season_length=None, random_state=0),
    "with the seasons found": LSTMRegressor(random_state=0),
}
errors = pd.DataFrame(
    {
        kind: {
            name: score(model, values) / score(LastValueRegressor(), values)
            for name, values in series.items()
        }
        for kind, model in models.items()
    }
)
print(errors.round(2))

# %%
# For the electricity load, the daily and weekly seasons halve the error. The sea temperature
# changes so gradually that a network can follow it without the season.
