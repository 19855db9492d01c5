"""Folds of a search side by side: one worker against two threads and two processes.

    python benchmarks/workers.py

A search whose programs are compiled already (in each worker), five folds, repeated in turn.
"""

import time

import joblib
import numpy as np

from sklstm import BayesTimeSeriesSearchCV, LSTMRegressor
from sklstm.datasets import load_stock

REPEATS = 3


def seconds(backend: str, n_jobs: int, X, y) -> float:
    search = BayesTimeSeriesSearchCV(
        LSTMRegressor(random_state=0),
        {"learning_rate": (1e-3, 1e-1, "log-uniform")},
        n_iter=4,
        n_jobs=n_jobs,
        refit=False,
        random_state=0,
    )
    began = time.perf_counter()
    with joblib.parallel_config(backend=backend):
        search.fit(X, y)
    return time.perf_counter() - began


def main() -> None:
    X, y = load_stock(return_X_y=True)
    X = X[["close", "volume"]]
    settings = [("sequential", 1), ("threading", 2), ("loky", 2)]
    for backend, n_jobs in settings:
        print(
            f"cold, {backend}, n_jobs={n_jobs}: {seconds(backend, n_jobs, X, y):.1f} s", flush=True
        )
    times = np.array([[seconds(*one, X, y) for one in settings] for _ in range(REPEATS)])
    for (backend, n_jobs), column in zip(settings, times.T, strict=True):
        ratio = np.median(times[:, 0] / column)
        print(
            f"{backend}, n_jobs={n_jobs}: {np.median(column):.1f} s, {ratio:.2f} x as fast as one"
        )


if __name__ == "__main__":
    main()
