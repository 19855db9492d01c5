"""
Calendar features as known columns
==================================

Forecast the number of cars in a car park half an hour ahead, with and without the calendar. The
time of day and the weekday of a row are known years in advance: ``known_columns`` lets the model
read them in the row that it predicts. The calendar is encoded in a Pipeline, as in any other
scikit-learn project.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.metrics import mean_absolute_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from sklstm import LSTMRegressor, forecast
from sklstm.datasets import load_parking

WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
TIMES = [f"{hour:02}:{minute:02}" for hour in range(8, 17) for minute in (0, 30)]


def add_calendar(cars):
    calendar = {"time": cars.index.strftime("%H:%M"), "weekday": cars.index.strftime("%a")}
    return cars.to_frame("cars").assign(**calendar)


cars = load_parking().data["Shopping"].between_time("08:00", "16:30").dropna()
X, y = add_calendar(cars), cars
train, test = slice(None, "2016-12-05"), slice("2016-12-06", None)
print(X.head(3))

# %%
# The Pipeline turns times and weekdays into columns of 0 and 1. With pandas output, the columns
# keep their names and the rows keep their dates.

columns = make_column_transformer(
    ("passthrough", ["cars"]),
    (OneHotEncoder(categories=[TIMES, WEEKDAYS], sparse_output=False), ["time", "weekday"]),
    verbose_feature_names_out=False,
).set_output(transform="pandas")
calendar = [f"time_{time}" for time in TIMES] + [f"weekday_{day}" for day in WEEKDAYS]

models = {
    "no calendar": make_pipeline(
        make_column_transformer(("passthrough", ["cars"])), LSTMRegressor(random_state=0)
    ),
    "calendar of the rows before": make_pipeline(columns, LSTMRegressor(random_state=0)),
    "calendar of the row itself": make_pipeline(
        columns, LSTMRegressor(known_columns=calendar, random_state=0)
    ),
}

# %%
# The last two weeks are the test rows.

misses = pd.DataFrame(index=y[test].index)
for name, model in models.items():
    predicted = model.fit(X[train], y[train]).predict(X[test])
    misses[name] = np.abs(y[test] - predicted)
    print(f"{name:<28} mean absolute error {mean_absolute_error(y[test], predicted):5.1f} cars")

# %%
# Without the calendar, the model has to learn from the cars alone where a day begins. Most of the
# gain from the calendar comes from the first hour of the day. The calendar of the row itself is
# best here. On other car parks, the calendar of the rows before works equally well, because it also
# tells the time. Try both.

figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
misses.groupby(misses.index.strftime("%H:%M")).mean().plot(ax=ax, marker="o")
ax.set(xlabel="time of day", ylabel="mean absolute error in cars", ylim=(0, None))
ax.set_title("Shopping, half an hour ahead")
plt.show()

# %%
# To forecast the row after the last one, pass its calendar as ``known``, with the columns of X. The
# cars are not known and stay NaN. The steps of the Pipeline transform both X and ``known``.

model = models["calendar of the row itself"]
next_row = add_calendar(pd.Series([np.nan], index=[pd.Timestamp("2016-12-20 08:00")]))
print(f"2016-12-20 08:00: {forecast(model, X, known=next_row)[0]:.0f} cars")
