"""Tune the LSTM on years of daily prices, then face the last 400 days beside the last value.

The search sees all rows but the last 400. On these the tuned model, the default model and "repeat
the last value" forecast each day's close from the days before it.
"""

import time

from sklearn.metrics import root_mean_squared_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklstm import BayesTimeSeriesSearchCV, LastValueRegressor, LSTMRegressor
from sklstm.datasets import load_stock

N_TEST = 400  # days that neither the search nor any fit sees


def main() -> None:
    X, y = load_stock(return_X_y=True)
    X = X[["close", "volume"]]
    X_train, y_train, X_test, y_test = X[:-N_TEST], y[:-N_TEST], X[-N_TEST:], y[-N_TEST:]
    began = time.perf_counter()

    # Any scaler will do: what the model needs is scaled inside. It is here to show a Pipeline.
    model = make_pipeline(StandardScaler(), LSTMRegressor(random_state=0))
    search = BayesTimeSeriesSearchCV(model, n_iter=10, cv=3, n_jobs=2, verbose=1, random_state=0)
    search.fit(X_train, y_train)

    print(f"\nbest parameters, by the mean RMSE of {search.n_splits_} folds:")
    for name, value in search.best_params_.items():
        print(f"  {name.removeprefix('lstmregressor__')} = {value}")

    print(f"\nRMSE of the close in US dollars, {N_TEST} days from {X_test.index[0]:%Y-%m-%d}:")
    for name, forecaster in {
        "tuned model": search,
        "default model": model.fit(X_train, y_train),
        "last value": LastValueRegressor().fit(X_train, y_train),
    }.items():
        error = root_mean_squared_error(y_test, forecaster.predict(X_test))
        print(f"  {name:<14} {error:.4f}")
    print(f"\n{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
