"""
Resume a search after a crash
=============================

A search that takes hours should survive a reboot. With ``log=``, it writes each trial to disk as
soon as the trial is finished. If you make the same call again, the search continues after the last
trial, and finds the same result as an uninterrupted search.
"""

import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from sklstm import BayesTimeSeriesSearchCV, LSTMRegressor
from sklstm.datasets import load_parking

cars = load_parking().data["Shopping"].between_time("08:00", "16:30").dropna()
X, y = cars.to_frame(), cars
folder = tempfile.TemporaryDirectory()
log = Path(folder.name) / "parking.jsonl"


def make_search(log=None, callbacks=None):
    return BayesTimeSeriesSearchCV(
        LSTMRegressor(linear_start=False, epochs=10, n_networks=1, random_state=0),
        {
            "window_length": (2, 16),
            "units": (8, 32),
            "learning_rate": (3e-4, 3e-2, "log-uniform"),
        },
        n_iter=12,
        cv=3,
        log=log,
        callbacks=callbacks,
        pruning=False,
        random_state=0,
    )


# %%
# The crash is simulated by an error after the fifth trial. A process that is killed leaves the same
# file behind, at worst with an incomplete last line, which the next search cuts off.


def crash(progress):
    if len(progress.trials_) == 5:
        raise RuntimeError("power failure")


try:
    make_search(log, callbacks=crash).fit(X, y)
except RuntimeError as error:
    n_trials = len(log.read_text(encoding="utf-8").splitlines()) - 1  # the first line: the search
    print(f"{error}; trials on disk: {n_trials}")

# %%
# The second run reads the trials on disk and runs the others. For comparison, a search without a
# log runs without a crash.


def run(name, search):
    began = time.perf_counter()
    search.fit(X, y)
    print(f"{name}: {time.perf_counter() - began:.1f} s, best RMSE {-search.best_score_:.4f}")
    return search


resumed = run("resumed", make_search(log))
uninterrupted = run("uninterrupted", make_search())
print("same candidates:", resumed.cv_results_["params"] == uninterrupted.cv_results_["params"])
scores = resumed.cv_results_["mean_test_score"], uninterrupted.cv_results_["mean_test_score"]
print("same scores:", np.array_equal(*scores))
folder.cleanup()

# %%
# The picture shows the trials before and after the crash.

errors = -resumed.trials_frame()["score"].to_numpy()
number = np.arange(1, len(errors) + 1)
figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
ax.plot(number[:n_trials], errors[:n_trials], "o", color="grey", label="read from the log")
ax.plot(number[n_trials:], errors[n_trials:], "o", color="C0", label="run after the crash")
ax.step(number, np.minimum.accumulate(errors), where="post", color="black", label="best so far")
ax.axvline(n_trials + 0.5, color="C3", linestyle="--", label="crash")
ax.set(title="A search that was interrupted", xlabel="trial", ylabel="mean RMSE in cars")
ax.set_ylim(0, None)
ax.legend()
plt.show()
