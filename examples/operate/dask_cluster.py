"""
A search on a Dask cluster
==========================

Long searches run faster on several machines. This example starts two worker processes on one
machine instead, so that you can run it anywhere. The workers fit and score; the search, its log and
the refit stay in the main process. The result is the same as without workers. Fits as short as
these gain nothing from a second worker.
"""

import os
import tempfile
import time
from pathlib import Path

import joblib
import matplotlib.pyplot as plt
import pandas as pd
from distributed import Client, LocalCluster
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from sklstm import BayesTimeSeriesSearchCV
from sklstm.datasets import load_electricity

SPACE = {"svr__C": (10.0, 1e4, "log-uniform"), "svr__gamma": (1e-3, 1.0, "log-uniform")}
LAGS = [1, 2, 3, 24, 168]


def score(model, X, y):
    """Return R2, the process that computes it, and the time; a scorer may return many metrics."""
    return {"r2": model.score(X, y), "process": os.getpid(), "ended": time.time()}


def make_search(log: Path | None = None) -> BayesTimeSeriesSearchCV:
    return BayesTimeSeriesSearchCV(
        make_pipeline(StandardScaler(), SVR(gamma=0.1, C=1000)),
        SPACE,
        n_iter=10,
        n_points=2,  # two candidates at a time keep the workers busy
        scoring=score,
        objective="r2",
        refit="r2",
        log=log,
        random_state=0,
    )


def list_fits(search: BayesTimeSeriesSearchCV) -> pd.DataFrame:
    """List when, and by which process, each fold of each trial was fitted and scored."""
    return pd.DataFrame(
        {
            "trial": number,
            "process": fold.test_scores["process"],
            "began": fold.test_scores["ended"] - fold.fit_time,
            "ended": fold.test_scores["ended"],
        }
        for number, trial in enumerate(search.trials_)
        for fold in trial.folds
        if fold
    )


def draw_fits(fits: pd.DataFrame) -> None:
    """Draw a bar for each fit, in a row for each process."""
    _, ax = plt.subplots(figsize=(9, 3), layout="constrained")
    start = fits["began"].min()
    for row, (_, own) in enumerate(fits.groupby("process")):
        ax.barh(
            [row] * len(own),
            own["ended"] - own["began"],
            left=own["began"] - start,
            color=[f"C{trial}" for trial in own["trial"]],
            edgecolor="white",
        )
        for trial, of_trial in own.groupby("trial"):
            middle = (of_trial["began"].min() + of_trial["ended"].max()) / 2 - start
            ax.text(middle, row + 0.45, str(trial), ha="center", va="bottom")
    ax.set(title="Fits of each worker, numbered by trial", xlabel="seconds", ylim=(-0.5, 1.8))
    ax.set_yticks([0, 1], ["worker 1", "worker 2"])
    plt.show()


def main() -> None:
    # Forecast the next hour of an electricity load from earlier hours.
    load = load_electricity().target
    X = pd.concat({f"lag {n}": load.shift(n) for n in LAGS}, axis=1)["2014-05":"2014-09"]
    y = load["2014-05":"2014-09"]
    with (
        tempfile.TemporaryDirectory() as folder,
        # On a cluster: Client("scheduler-address:8786"), with workers started with --nthreads 1.
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        began = time.perf_counter()
        log = Path(folder) / "search.jsonl"
        search = make_search(log).fit(X, y)
        print(f"two workers: {time.perf_counter() - began:.1f} s")
        n_lines = len(log.read_text(encoding="utf-8").splitlines())
    began = time.perf_counter()
    alone = make_search().fit(X, y)
    print(f"one process: {time.perf_counter() - began:.1f} s")

    print(f"the log, in this process: {n_lines} lines, one for the search and one for each trial")
    same = search.cv_results_["params"] == alone.cv_results_["params"]
    print(f"the same candidates as in one process: {same}")
    print(f"best: {search.best_params_}")
    draw_fits(list_fits(search))


if __name__ == "__main__":
    main()
