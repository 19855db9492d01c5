"""
Tune the LSTM on a stock
========================

Daily prices are hard to forecast: hardly anything beats the last value. A search tunes the model on
all rows but the last 400. The tuned model, the default model and simple forecasts are then compared
on these 400 rows. Two pictures are saved. The first one shows how this search and a random search
converge, the second one shows the forecast and the true prices.
"""

# sphinx_gallery_thumbnail_number = 2
import time

import matplotlib.pyplot as plt
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklstm import BayesTimeSeriesSearchCV, LastValueRegressor, LSTMRegressor
from sklstm.datasets import load_stock
from sklstm.evaluation import temporal_train_test_split
from sklstm.plots import ConvergenceDisplay, ForecastDisplay

N_TEST = 400  # days that neither the search nor any fit sees
N_SHOWN = 100  # days of the picture
FOLDS = TimeSeriesSplit(3)
STRATEGIES = {"bayes": 1, "random": 0}  # verbose, of the one that is to be watched
SPACE = {
    "lstmregressor__window_length": (2, 16),
    "lstmregressor__learning_rate": (3e-4, 3e-2, "log-uniform"),
    "lstmregressor__decay_rate": (0.8, 1.0),
}

began = time.perf_counter()
X, y = load_stock(return_X_y=True)
X = X[["close", "volume"]]
X_train, X_test, y_train, y_test = temporal_train_test_split(X, y, test_size=N_TEST)

# %%
# There are two searches: one proposes candidates with a Gaussian process that models the scores so
# far, the other draws them at random. Ten trials are few, so the space has only three parameters.
# The scaler is not needed, because the LSTM scales its inputs. It is included to show a Pipeline.

model = make_pipeline(StandardScaler(), LSTMRegressor(random_state=0))
searches = {
    strategy: BayesTimeSeriesSearchCV(
        model,
        SPACE,
        n_iter=10,
        strategy=strategy,
        cv=FOLDS,
        n_jobs=2,
        refit=strategy == "bayes",
        verbose=verbose,
        random_state=0,
    ).fit(X_train, y_train)
    for strategy, verbose in STRATEGIES.items()
}
search = searches["bayes"]
print(f"\nbest parameters, by the mean RMSE of {search.n_splits_} folds:")
for name, value in search.best_params_.items():
    print(f"  {name.removeprefix('lstmregressor__')} = {value}")

# %%
# The report is on the last 400 days, which the search has not seen. No interval of the skill lies
# above 0, so no model is distinguishably better than the last value.

print("\nclose in US dollars:")
table = search.report(X_test, y_test)

# %%
# The next picture shows whether each search beats the last value on the folds.

last_value = -cross_val_score(
    LastValueRegressor(), X_train, y_train, cv=FOLDS, scoring="neg_root_mean_squared_error"
).mean()
figure, ax = plt.subplots(figsize=(8, 4.5), layout="constrained")
ConvergenceDisplay.from_search(searches, references={"last value": last_value}, yscale="log", ax=ax)
figure.suptitle("Best error so far, mean of three folds")
figure.savefig("tune_stock_convergence.png", dpi=150)
print("saved tune_stock_convergence.png")

# %%
# The picture shows the last hundred days. The forecast follows the price one day late, as a
# forecast close to the last value does.

figure, ax = plt.subplots(figsize=(9, 4), layout="constrained")
predicted = search.predict(X_test)
ForecastDisplay.from_predictions(y_test[-N_SHOWN:], predicted[-N_SHOWN:], ax=ax)
ax.set_ylabel("close in US dollars")
figure.suptitle("IBM's close, one day ahead")
figure.savefig("tune_stock_forecast.png", dpi=150)
print("saved tune_stock_forecast.png")
print(f"\n{time.perf_counter() - began:.0f} s")
