"""
Bayesian search against random search
=====================================

Does the model of the search propose better candidates than chance? The same estimator, space, folds
and number of trials are used twice; ``strategy="random"`` changes only the proposals. Three seeds
show how to make such a comparison, but are too few to settle it.
:doc:`Search strategies </search_strategies>` compares more seeds, more series and other packages.
"""

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from sklstm import BayesTimeSeriesSearchCV
from sklstm.datasets import load_parking
from sklstm.plots import ConvergenceDisplay

N_ITER, SEEDS = 25, range(3)
cars = load_parking().data["Broad Street"].between_time("08:00", "16:30").dropna()
X = pd.concat({f"lag {n}": cars.shift(n) for n in [1, 2, 3, 18, 19, 126]}, axis=1)[126:]
y = cars[126:]

MODEL = make_pipeline(StandardScaler(), SVR(gamma=0.1))
SPACE = {
    "svr__C": (1.0, 1e4, "log-uniform"),
    "svr__gamma": (1e-4, 1.0, "log-uniform"),
    "svr__epsilon": (0.1, 100.0, "log-uniform"),
}

searches = {
    strategy: [
        BayesTimeSeriesSearchCV(
            MODEL, SPACE, n_iter=N_ITER, strategy=strategy, cv=3, random_state=seed
        ).fit(X, y)
        for seed in SEEDS
    ]
    for strategy in ["bayes", "random"]
}

# %%
# Both searches should beat the last value on the same test rows.

errors = [
    root_mean_squared_error(y.iloc[test], X["lag 1"].iloc[test])
    for _, test in TimeSeriesSplit(3).split(X)
]
last_value = sum(errors) / len(errors)
print(f"mean RMSE over {len(errors)} folds, last value: {last_value:.1f} cars")
print(f"best after {N_ITER} trials, one column for each seed:")
for strategy, runs in searches.items():
    print(f"  {strategy:<8}" + "".join(f"{-run.best_score_:8.2f}" for run in runs))

# %%
# The lines are means over the seeds, and the bands extend from the best seed to the worst. The
# Bayesian search is slightly ahead with all three seeds. In such a small space, chance does well
# too.

figure, ax = plt.subplots(figsize=(8, 4.5), layout="constrained")
ConvergenceDisplay.from_search(searches, references={"last value": last_value}, ax=ax)
ax.set_ylim(40, 85)  # the start points lie above
figure.suptitle("Best error so far, Broad Street car park")
plt.show()
