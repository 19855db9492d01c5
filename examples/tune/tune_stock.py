"""
Tune the LSTM on a stock
========================

The search sees years of daily prices, all rows but the last 400. On these the tuned model, the
default model and what any has to beat forecast each day's close from the days before it. Two
pictures are saved: how the search converged beside a random one, and the forecast beside the truth.
"""

import time

from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklstm import BayesTimeSeriesSearchCV, LastValueRegressor, LSTMRegressor
from sklstm.datasets import load_stock
from sklstm.evaluation import temporal_train_test_split
from sklstm.plots import ConvergenceDisplay, ForecastDisplay

N_TEST = 400  # days that neither the search nor any fit sees
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
# Two searches: one whose candidates a model proposes, and one that draws them at random. Ten trials
# are few, so the space holds only what moves the error most. Any scaler will do, since what the
# network needs is scaled inside; it is here to show a Pipeline.

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
# The last 400 days, which the search has not seen.

print("\nclose in US dollars:")
table = search.report(X_test, y_test)

# %%
# The last value is what both searches have to beat on their own folds, too.

last_value = -cross_val_score(
    LastValueRegressor(), X_train, y_train, cv=FOLDS, scoring="neg_root_mean_squared_error"
).mean()
convergence = ConvergenceDisplay.from_search(
    searches, references={"last value": last_value}, yscale="log"
)

# %%

forecast = ForecastDisplay.from_estimator(search, X_test, y_test, train=y_train[-N_TEST // 4 :])

# %%

for name, display in {"convergence": convergence, "forecast": forecast}.items():
    display.figure_.savefig(f"tune_stock_{name}.png", dpi=150)
    print(f"saved tune_stock_{name}.png")
print(f"\n{time.perf_counter() - began:.0f} s")
