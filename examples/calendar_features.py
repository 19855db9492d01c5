"""
Calendar features as known columns
==================================

The next day's trading volume, from the volumes so far and from what the calendar tells of that day.
Weekdays and the third Friday of a month, on which options expire, are known years in advance:
``known_columns`` lets the network read them at the row that it predicts.
"""

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.metrics import root_mean_squared_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sklstm import LastValueRegressor, LSTMRegressor, forecast
from sklstm.datasets import load_stock

volume = np.log(load_stock().frame["volume"])  # by what factor it changes counts, not by how much


def add_calendar(volume):
    day = volume.index
    is_third_friday = (day.day_of_week == 4) & (day.day >= 15) & (day.day <= 21)
    calendar = {"weekday": day.day_name(), "third_friday": is_third_friday.astype(float)}
    return pd.DataFrame({"volume": volume, **calendar}, index=day)


X, y = add_calendar(volume), volume
train, test = slice(None, -400), slice(-400, None)

# %%
# The Pipeline turns weekdays into columns of 0 and 1. With pandas as its output the columns keep
# their names, and the rows their dates.

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
columns = make_column_transformer(
    (StandardScaler(), ["volume"]),
    (OneHotEncoder(categories=[WEEKDAYS], sparse_output=False), ["weekday"]),
    ("passthrough", ["third_friday"]),
    verbose_feature_names_out=False,
).set_output(transform="pandas")
calendar = [f"weekday_{day}" for day in WEEKDAYS] + ["third_friday"]

forecasters = {
    "last value": LastValueRegressor(),
    "volumes alone": make_pipeline(
        make_column_transformer((StandardScaler(), ["volume"])), LSTMRegressor(random_state=0)
    ),
    "calendar of the days before": make_pipeline(columns, LSTMRegressor(random_state=0)),
    "calendar of the day itself": make_pipeline(
        columns, LSTMRegressor(known_columns=calendar, random_state=0)
    ),
}

# %%
# Errors are in units of log(volume): 0.3 is a factor of 1.35. The last 400 days are the test.

print(f"{'RMSE':<30} all days  third Fridays")
is_expiry = X[test]["third_friday"].to_numpy() == 1
for name, forecaster in forecasters.items():
    features = X[["volume"]] if name == "last value" else X
    predicted = forecaster.fit(features[train], y[train]).predict(features[test])
    rmse = root_mean_squared_error(y[test], predicted)
    on_expiry = root_mean_squared_error(y[test][is_expiry], predicted[is_expiry])
    print(f"{name:<30} {rmse:8.3f}  {on_expiry:13.3f}")

# %%
# To forecast the day after the last row, its calendar is given as ``known``, with the columns of X;
# the volume is not known and stays NaN. The steps of the Pipeline transform both.

model = forecasters["calendar of the day itself"]
next_day = add_calendar(pd.Series([np.nan], index=[pd.Timestamp("2013-03-04")]))
volume_on_monday = np.exp(forecast(model, X, known=next_day)[0])
print(f"Monday 2013-03-04: {volume_on_monday / 1e6:.1f} million shares")
