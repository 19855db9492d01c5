"""
Resume after a crash
====================

With ``log=`` a search writes each trial to disk as soon as it is finished. The same call, made
again after a crash, goes on after the last of them and finds what one go would have found.
"""

import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.metrics import root_mean_squared_error

from sklstm import BayesTimeSeriesSearchCV, LastValueRegressor, LSTMRegressor
from sklstm.datasets import load_stock

X = np.log(load_stock().frame[["volume"]])[-1000:]
y = X["volume"]
train, test = slice(None, -200), slice(-200, None)
folder = tempfile.TemporaryDirectory()
log = Path(folder.name) / "volume.jsonl"


def search(log=None, callbacks=None):
    return BayesTimeSeriesSearchCV(
        LSTMRegressor(epochs=10, random_state=0),
        {"window_length": (2, 16), "units": [16, 32], "learning_rate": (0.003, 0.03)},
        n_iter=8,
        cv=3,
        log=log,
        callbacks=callbacks,
        random_state=0,
    )


# %%
# The crash: an error in the middle of the search. A process that is killed leaves the same file
# behind, at worst with a torn last line, which is cut off.


def crash(progress):
    if len(progress.trials_) == 5:
        raise RuntimeError("the computer is gone")


try:
    search(log, callbacks=crash).fit(X[train], y[train])
except RuntimeError as error:
    print(f"{error}; trials on disk: {len(log.read_text(encoding='utf-8').splitlines()) - 1}")

# %%
# Run again, the search takes what is on disk and trains the rest. Beside it one that never stopped.


def run(name, search):
    began = time.perf_counter()
    search.fit(X[train], y[train])
    print(f"{name}: {time.perf_counter() - began:.1f} s, best RMSE {-search.best_score_:.6f}")
    return search


resumed = run("gone on", search(log))
in_one_go = run("in one go", search())
print("the same candidates:", resumed.cv_results_["params"] == in_one_go.cv_results_["params"])
scores = resumed.cv_results_["mean_run_folds"], in_one_go.cv_results_["mean_run_folds"]
print("the same scores:", np.array_equal(*scores))

# %%

print(resumed.trials_frame()[["status", "score", "fit_time"]].round(4))
print("\nRMSE of log(volume), the last 200 days")
for name, model in {
    "last value": LastValueRegressor().fit(X[train], y[train]),
    "the search": resumed,
}.items():
    print(f"  {name:<12} {root_mean_squared_error(y[test], model.predict(X[test])):.3f}")
folder.cleanup()
