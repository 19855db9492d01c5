"""
Bayesian search against random search
=====================================

The same estimator, space, folds and number of trials, the candidates proposed by the model or drawn
at random. ``strategy="random"`` keeps all else as it is, the starting point included.

Three seeds show how such a comparison is made, and are too few to settle it: the page on how good
the search is has more seeds, more series, and other packages.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from sklstm import BayesTimeSeriesSearchCV
from sklstm.datasets import load_stock

N_ITER, SEEDS = 25, range(3)
volume = np.log(load_stock().frame["volume"])[-1000:]
X = pd.concat({f"lag {n}": volume.shift(n) for n in range(1, 11)}, axis=1)[10:]
y = volume[10:]

MODEL = make_pipeline(StandardScaler(), SVR(gamma=0.1))
SPACE = {
    "svr__C": (1e-2, 1e3, "log-uniform"),
    "svr__gamma": (1e-4, 1.0, "log-uniform"),
    "svr__epsilon": (1e-3, 1.0, "log-uniform"),
}


def best_so_far(strategy, seed):
    """The best mean RMSE over the folds, after each trial; a pruned trial never is the best."""
    search = BayesTimeSeriesSearchCV(
        MODEL, SPACE, n_iter=N_ITER, strategy=strategy, random_state=seed
    ).fit(X, y)
    return -pd.Series(search.cv_results_["mean_test_score"]).cummax().ffill()


best = {
    strategy: pd.concat({seed: best_so_far(strategy, seed) for seed in SEEDS}, axis=1)
    for strategy in ["random", "bayes"]
}

# %%
# What both have to beat is the last value, on the same test rows.

test_rows = [test for _, test in TimeSeriesSplit(5).split(X)]
last_value = np.mean([root_mean_squared_error(y.iloc[t], X["lag 1"].iloc[t]) for t in test_rows])

print(f"mean RMSE over {len(test_rows)} folds, last value: {last_value:.4f}")
print(f"best after {N_ITER} trials, seeds {', '.join(map(str, SEEDS))}:")
for strategy, curves in best.items():
    print(f"  {strategy:<8} {'  '.join(f'{error:.4f}' for error in curves.iloc[-1])}")

# %%

for (strategy, curves), color in zip(best.items(), ["C1", "C0"], strict=True):
    lines = plt.step(np.arange(1, N_ITER + 1), curves, color=color, where="post")
    lines[0].set_label(strategy)
plt.axhline(last_value, color="grey", linestyle="--", label="last value")
plt.xlabel("trials")
plt.ylabel("best mean RMSE of log(volume)")
plt.legend()
plt.show()
