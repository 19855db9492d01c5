"""
A search on a Dask cluster
==========================

Two worker processes here, any number of machines elsewhere. The workers fit and score; the search,
its log and the refit stay in this process. What is found is what one process finds.
"""

import os
import tempfile
import time
from collections import Counter
from pathlib import Path

import joblib
import pandas as pd
from distributed import Client, LocalCluster
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from sklstm import BayesTimeSeriesSearchCV
from sklstm.datasets import load_stock

SPACE = {"svr__C": (0.01, 100.0, "log-uniform"), "svr__gamma": (1e-4, 1.0, "log-uniform")}


def score(model, X, y):
    """R2, and the process that computes it: a scorer may return several metrics."""
    return {"r2": model.score(X, y), "process": os.getpid()}


def make_search(log: Path | None = None) -> BayesTimeSeriesSearchCV:
    return BayesTimeSeriesSearchCV(
        make_pipeline(StandardScaler(), SVR(gamma=0.05, epsilon=0.1)),
        SPACE,
        n_iter=10,
        n_points=2,  # two candidates at a time keep the workers busy
        scoring=score,
        objective="r2",
        refit="r2",
        log=log,
        random_state=0,
    )


def main() -> None:
    # By how many percent the close will move, from how much it moved on the 20 days before.
    moves = 100 * load_stock(return_X_y=True)[1].pct_change().abs()
    X = pd.concat({f"lag {n}": moves.shift(n) for n in range(1, 21)}, axis=1)[21:]
    y = moves[21:]
    with (
        tempfile.TemporaryDirectory() as folder,
        # On a cluster: Client("scheduler-address:8786"), its workers started with --nthreads 1.
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
        joblib.parallel_config(backend="dask"),
    ):
        processes = sorted(client.run(os.getpid).values())
        began = time.perf_counter()
        log = Path(folder) / "search.jsonl"
        search = make_search(log).fit(X, y)
        print(f"two workers: {time.perf_counter() - began:.1f} s")
        n_lines = len(log.read_text(encoding="utf-8").splitlines())
    began = time.perf_counter()
    alone = make_search().fit(X, y)
    print(f"one process: {time.perf_counter() - began:.1f} s\n")

    print("trial       R2  status  fits of each worker")
    for number, trial in enumerate(search.trials_):
        fits = Counter(fold.test_scores["process"] for fold in trial.folds if fold)
        shares = [fits[process] for process in processes]
        print(f"{number:>5}  {trial.mean('r2'):>7.4f}  {trial.status:>6}  {shares}")
    print(f"\nthe log, in this process: {n_lines} lines, one for the search and one for each trial")
    same = search.cv_results_["params"] == alone.cv_results_["params"]
    print(f"the same candidates as in one process: {same}")
    print(f"best: {search.best_params_}")


if __name__ == "__main__":
    main()
