"""What does a search cost besides its fits, beside scikit-optimize's BayesSearchCV?

    python -m benchmarks.search.overhead                      # 50 trials, five folds
    python -m benchmarks.search.overhead --acq-func gp_hedge  # BayesSearchCV's default

Both search the article's space of 8 parameters with scikit-optimize's model and the same
acquisition, number of candidates and restarts, for an estimator whose fit and score cost nothing.
(The defaults of sklstm are cheaper, see search.py.) Each search runs in a process of its own, on
one thread, in turn; the seed is the number of the round. Look at CPU seconds where other programs
share the core; seconds include waiting for the disk. "models" counts the Gaussian processes fitted.
"apart from them" are the CPU seconds outside scikit-optimize's Optimizer.tell, which fits a model
and maximises the acquisition. Entries are medians with (min, max), ratios are taken within each
round.

Time: four minutes, with gp_hedge six, by the CPU seconds in the docs.
Figures: docs/performance.md, "A search's own cost".
"""

import math
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
from skopt import BayesSearchCV, Optimizer
from skopt.learning import GaussianProcessRegressor

from benchmarks.search.search_speed import FOLDS, SPACE, KerasLSTM
from benchmarks.tools.arguments import make_parser
from benchmarks.tools.processes import call_elsewhere
from benchmarks.tools.stopwatch import timed, watch
from benchmarks.tools.tables import REFERENCE, add_ratio, repeat, to_markdown
from sklstm import BayesTimeSeriesSearchCV

N_ROWS = 3200
N_INITIAL_POINTS = 10  # BayesSearchCV's default
CANDIDATES = {"n_points": 10_000, "n_restarts_optimizer": 5}  # scikit-optimize's defaults


class FreeRegressor(KerasLSTM):
    """Takes the article's parameters and fits in no time."""

    def fit(self, X, y):
        return self


def score(regressor: FreeRegressor, X, y) -> float:
    """Score in no time: a bowl with ripples, so that the models have something to learn."""
    places = np.array([place(name, getattr(regressor, name)) for name in SPACE])
    return -float(np.sum((places - 0.7) ** 2 + 0.02 * np.sin(9 * places)))


def place(name: str, value: float) -> float:
    """Place a value between the bounds of its dimension, 0 to 1."""
    dimension = SPACE[name]
    low, high = dimension.bounds
    if dimension.prior == "log-uniform":
        low, high, value = math.log(low), math.log(high), math.log(value)
    return (value - low) / (high - low)


def make_ours(n_iter: int, acq_func: str, seed: int, log: str | None) -> BayesTimeSeriesSearchCV:
    return BayesTimeSeriesSearchCV(
        FreeRegressor(),
        SPACE,
        n_iter=n_iter,
        acq_func=acq_func,
        n_initial_points=N_INITIAL_POINTS,
        optimizer_kwargs={"base_estimator": "GP", "acq_optimizer_kwargs": CANDIDATES},
        scoring=score,
        cv=FOLDS,
        pruning=False,  # as many fits as theirs
        log=log,
        random_state=seed,
    )


def make_peer(n_iter: int, acq_func: str, seed: int, log: None) -> BayesSearchCV:
    return BayesSearchCV(
        FreeRegressor(),
        SPACE,
        n_iter=n_iter,
        optimizer_kwargs={
            "acq_func": acq_func,
            "n_initial_points": N_INITIAL_POINTS,
            "acq_optimizer_kwargs": CANDIDATES,
        },
        scoring=score,
        cv=FOLDS,
        random_state=seed,
    )


SEARCHES: dict[str, Callable] = {
    REFERENCE: make_ours,
    "sklstm, with a log": make_ours,
    "BayesSearchCV": make_peer,
}


def measure(name: str, n_iter: int, acq_func: str, seed: int) -> dict[str, float]:
    """Time one search in this process."""
    spent: Counter[str] = Counter()
    Optimizer._tell = watch(Optimizer._tell, spent, "tell", time.process_time)
    GaussianProcessRegressor.fit = watch(GaussianProcessRegressor.fit, spent, "fit")
    X = np.random.default_rng(seed).normal(size=(N_ROWS, 2)).cumsum(axis=0)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        log = str(Path(folder, "log")) if name.endswith("log") else None
        search = SEARCHES[name](n_iter, acq_func, seed, log)
        with timed() as whole:
            search.fit(X[:-1], X[1:, 0])
    assert len(search.cv_results_["params"]) == n_iter
    return {
        "seconds": whole.seconds,
        "CPU seconds": whole.cpu_seconds,
        "models": spent["calls of fit"],
        "apart from them": whole.cpu_seconds - spent["tell"],
    }


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--n-iter", type=int, default=50)
    parser.add_argument("--acq-func", default="EI", choices=["EI", "LCB", "PI", "gp_hedge"])
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    seeds = {name: count() for name in SEARCHES}

    def run(name: str) -> dict[str, float]:
        return call_elsewhere(
            measure, name, arguments.n_iter, arguments.acq_func, next(seeds[name])
        )

    measured = repeat(run, list(SEARCHES), arguments.repeats)
    for column in ("seconds", "CPU seconds"):
        measured = add_ratio(measured, column)
    print(f"{arguments.n_iter} trials, acq_func={arguments.acq_func!r}\n")
    print(to_markdown(measured))


if __name__ == "__main__":
    main()
