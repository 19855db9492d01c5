"""How long does a whole search take, beside scikit-optimize over a wrapper of Keras' fit?

    python -m benchmarks.search.search_speed              # the embedded prices
    python -m benchmarks.search.search_speed --csv AIG.csv --side-by-side --out runs.jsonl

Both search the article's space over the five folds of a TimeSeriesSplit. BayesSearchCV takes no
start point; sklstm evaluates the article's in place of the first random one. Each search runs in a
process of its own, on one thread, which has imported Keras and TensorFlow before. Runs that the
file of ``--out`` holds are not run again, so a long comparison may be interrupted.

The best of many scores is partly luck with the weights that a seed draws, the more so the more the
scores of one candidate differ between seeds. "RMSE anew" is that of the best candidate over the
same folds with three other seeds.

Where "of CPU" is far below the seconds, another program ran on the core. The last table says where
sklstm's time goes: into fits and scores, into compiling (including tracing), into the model that
proposes candidates (GP), and into everything else.

Time: on 400 rows four hours, by the CPU seconds in the docs (50 minutes for 11 trials, three hours
for 32); on 3,200 rows an hour for a single seed of 11 trials.
Figures: docs/performance.md, "A whole search".
"""

import argparse
import json
import os
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from skopt import BayesSearchCV

from benchmarks.tools.arguments import add_csv, make_parser
from benchmarks.tools.compiling import list_compiled, listen
from benchmarks.tools.processes import read_answer, set_threads, start_again
from benchmarks.tools.runs import Runs
from benchmarks.tools.series import load_rows
from benchmarks.tools.stopwatch import timed, watch
from benchmarks.tools.tables import print_head, print_row
from benchmarks.tools.task import SHARED_NETWORK
from sklstm import BayesTimeSeriesSearchCV, LSTMRegressor
from sklstm._search.proposals.optimizer import AskTell, ProposalSettings
from sklstm.spaces import article_defaults, article_space

SPACE = article_space()
START = article_defaults() | {"decay_unit": "epoch"}  # by steps, most of the space hardly trains
FOLDS = TimeSeriesSplit(5)
RMSE = "neg_root_mean_squared_error"
OTHER_SEEDS = (1, 2, 3)  # all searches fit with seed 0
SHARES = ["fits", "compile", "GP", "other"]


class KerasLSTM(RegressorMixin, BaseEstimator):
    """A layer of Keras behind scikit-learn's interface, as a careful user writes it.

    Windows are centred on their last row, with one scale for each column. Standardised ones make
    Keras' RMSE up to 5 times larger on prices that drift.
    """

    def __init__(
        self,
        window_length=2,
        units=128,
        learning_rate=0.001,
        decay_rate=0.99,
        decay_steps=3,
        epochs=30,
        batch_size=64,
        dropout=0.2,
        random_state=0,
    ):
        self.window_length = window_length
        self.units = units
        self.learning_rate = learning_rate
        self.decay_rate = decay_rate
        self.decay_steps = decay_steps
        self.epochs = epochs
        self.batch_size = batch_size
        self.dropout = dropout
        self.random_state = random_state

    def fit(self, X, y):
        windows, last = self._cut(X[:-1])
        self.scale_ = windows.std(axis=(0, 1))
        inputs, targets = windows / self.scale_, (y[self.window_length :] - last) / self.scale_[0]
        self.model_ = self._build(n_steps=-(-len(inputs) // self.batch_size))
        self.model_.fit(
            inputs.astype(np.float32),
            targets.astype(np.float32),
            batch_size=self.batch_size,
            epochs=self.epochs,
            verbose=0,
        )
        self.history_ = X[-self.window_length :]
        return self

    def predict(self, X):
        windows, last = self._cut(np.concatenate([self.history_, X[:-1]]))
        inputs = (windows / self.scale_).astype(np.float32)
        return last + self.scale_[0] * self.model_.predict(inputs, batch_size=4096, verbose=0)[:, 0]

    def _cut(self, X):
        """Cut windows (n, window_length, n_features) centred on the last row; and its target."""
        windows = sliding_window_view(X, self.window_length, axis=0).transpose(0, 2, 1)
        return windows - windows[:, -1:], windows[:, -1, 0]

    def _build(self, n_steps):
        import keras

        keras.backend.clear_session()  # or each model makes all later ones slower
        keras.utils.set_random_seed(self.random_state)
        layers = keras.layers
        model = keras.Sequential(
            [
                layers.Input((self.window_length, len(self.scale_))),
                layers.LSTM(self.units),
                layers.Dropout(self.dropout),
                layers.Dense(1),
            ]
        )
        rate = keras.optimizers.schedules.ExponentialDecay(
            self.learning_rate, self.decay_steps * n_steps, self.decay_rate
        )
        model.compile(keras.optimizers.Adam(rate), "mse")
        return model


def make_ours(y: np.ndarray, n_iter: int, seed: int, n_jobs: int) -> BayesTimeSeriesSearchCV:
    return BayesTimeSeriesSearchCV(
        LSTMRegressor(random_state=0, **START | SHARED_NETWORK),
        SPACE,
        n_iter=n_iter,
        cv=FOLDS,
        pruning=False,  # as many fits as theirs
        refit=False,
        n_jobs=n_jobs,
        random_state=seed,
    )


def make_peer(y: np.ndarray, n_iter: int, seed: int, n_jobs: int) -> BayesSearchCV:
    return BayesSearchCV(
        KerasLSTM(),
        SPACE,
        n_iter=n_iter,
        cv=FOLDS,
        scoring=RMSE,
        refit=False,
        n_jobs=n_jobs,
        n_points=1,
        optimizer_kwargs={"n_initial_points": ProposalSettings().count_initial_points(n_iter)},
        error_score=-10 * y.std(),  # a candidate that diverges would end the search
        random_state=seed,
    )


SEARCHES: dict[str, Callable] = {"sklstm": make_ours, "BayesSearchCV, Keras": make_peer}


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Run one search in this process."""
    import keras  # noqa: F401, to import it is not what is measured

    X = load_prices(arguments)
    y = X[:, 0].copy()
    spent: Counter[str] = Counter()
    watch_search(spent)
    (n_iter,) = arguments.n_iter
    search = SEARCHES[arguments.search](y, n_iter, arguments.seed, arguments.n_jobs)
    with timed() as whole:
        search.fit(X, y)
    run = identify(arguments.search, n_iter, arguments.seed, arguments)
    run |= {"seconds": whole.seconds, "CPU seconds": whole.cpu_seconds}
    run |= {"RMSE": -search.best_score_, "params": search.best_params_}
    if isinstance(search, BayesTimeSeriesSearchCV) and arguments.n_jobs == 1:
        spent["compile"] += sum(seconds for _, seconds in list_compiled())
        results = search.cv_results_
        spent["fits"] = FOLDS.n_splits * sum(results["mean_fit_time"] + results["mean_score_time"])
        spent["fits"] -= spent["compile"]
        spent["other"] = whole.seconds - spent["fits"] - spent["compile"] - spent["GP"]
        run |= {share: spent[share] for share in SHARES}
    return run | {"RMSE anew": score_anew(search.estimator, search.best_params_, X, y)}


def score_anew(estimator: Any, params: dict[str, Any], X: np.ndarray, y: np.ndarray) -> float:
    """Score a candidate as the search did, with other seeds; the mean."""
    candidates = [clone(estimator).set_params(**params, random_state=seed) for seed in OTHER_SEEDS]
    return -np.mean([cross_val_score(each, X, y, cv=FOLDS, scoring=RMSE) for each in candidates])


def watch_search(spent: Counter[str]) -> None:
    """Have the seconds of asking, telling and tracing counted, and listen to the compiling."""
    import tensorflow as tf

    for name in ("ask", "tell"):
        setattr(AskTell, name, watch(getattr(AskTell, name), spent, "GP"))
    traced = type(tf.function(len))
    traced.get_concrete_function = watch(traced.get_concrete_function, spent, "compile")
    listen()


def identify(search: str, n_iter: int, seed: int, arguments: argparse.Namespace) -> dict[str, Any]:
    """Tell which run this is, as its line of --out does."""
    return {"search": search, "n_iter": n_iter, "seed": seed} | describe_data(arguments)


def describe_data(arguments: argparse.Namespace) -> dict[str, Any]:
    """Tell on what a comparison runs."""
    data = Path(arguments.csv).name if arguments.csv else "embedded"
    return {"data": data, "n_rows": arguments.rows, "n_jobs": arguments.n_jobs}


def load_prices(arguments: argparse.Namespace) -> np.ndarray:
    return load_rows(arguments.csv)[-arguments.rows :]


def start(search: str, n_iter: int, seed: int, core: int | None, arguments) -> subprocess.Popen:
    options = ["--search", search, "--n-iter", n_iter, "--seed", seed]
    options += ["--rows", arguments.rows, "--n-jobs", arguments.n_jobs]
    options += ["--csv", arguments.csv] if arguments.csv else []
    options += ["--core", core] if core is not None else []
    with set_threads(1):
        return start_again(*options)


def finish(run: subprocess.Popen, out: Path) -> None:
    try:
        Runs(out).add(read_answer(run))
    except subprocess.CalledProcessError:
        print(f"Failed; run it to see why: {subprocess.list2cmdline(run.args)}", file=sys.stderr)


def run_pair(n_iter: int, seed: int, arguments: argparse.Namespace) -> None:
    """Run what --out does not hold yet of both searches, side by side or one after the other."""
    done = Runs(arguments.out)
    missing = [
        search for search in SEARCHES if done.lack(identify(search, n_iter, seed, arguments))
    ]
    if arguments.side_by_side:
        first, second = sorted(os.sched_getaffinity(0))[:2]
        cores = (first, second) if seed % 2 == 0 else (second, first)
        pairs = zip(missing, cores, strict=False)
        runs = [start(search, n_iter, seed, core, arguments) for search, core in pairs]
    else:
        # A generator: each starts when the one before has finished.
        runs = (start(search, n_iter, seed, None, arguments) for search in missing)
    for run in runs:
        finish(run, arguments.out)


def report(runs: pd.DataFrame) -> None:
    """Print both searches' seconds and scores, and the shares of ours, as tables."""
    head = ["trials", "search", "seconds (min, max)", "of CPU", "against sklstm"]
    head += ["RMSE of each seed", "median", "RMSE anew of each", "median"]
    print_head(*head)
    for n_iter, same in runs.groupby("n_iter"):
        table = same.pivot(index="seed", columns="search")
        for search in SEARCHES:
            seconds, errors = table["seconds", search], table["RMSE", search]
            anew = table["RMSE anew", search]
            print_row(
                n_iter,
                search,
                f"{seconds.median():.0f} ({seconds.min():.0f}, {seconds.max():.0f})",
                f"{table['CPU seconds', search].median():.0f}",
                f"{(seconds / table['seconds', 'sklstm']).median():.2f}",
                " ".join(f"{error:.4f}" for error in errors),
                f"{errors.median():.4f}",
                " ".join(f"{error:.4f}" for error in anew),
                f"{anew.median():.4f}",
            )
    if "fits" not in runs:
        return
    print()
    print_head("trials", *(f"{share}, s" for share in SHARES))
    for n_iter, ours in runs[runs["search"] == "sklstm"].groupby("n_iter"):
        means, whole = ours[SHARES].mean(), ours["seconds"].mean()
        print_row(n_iter, *(f"{means[share]:.1f} ({means[share] / whole:.1%})" for share in SHARES))


def compare(arguments: argparse.Namespace) -> None:
    X = load_prices(arguments)
    last = [root_mean_squared_error(X[test, 0], X[test - 1, 0]) for _, test in FOLDS.split(X)]
    print(f"{len(X)} rows; the last value's RMSE on the same folds: {np.mean(last):.4f}\n")
    for n_iter in arguments.n_iter:
        for seed in range(arguments.seeds):
            run_pair(n_iter, seed, arguments)
    report(
        pd.DataFrame(
            run
            for run in Runs(arguments.out).read()
            if describe_data(arguments).items() <= run.items()
            and run["n_iter"] in arguments.n_iter
            and run["seed"] < arguments.seeds
        )
    )


def main() -> None:
    parser = make_parser(__doc__)
    add_csv(parser)
    parser.add_argument("--rows", type=int, default=3200, help="the last ROWS of all 3,200")
    parser.add_argument("--n-iter", type=int, nargs="+", default=[11, 32])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--n-jobs", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("search.jsonl"), help="file of the runs")
    parser.add_argument(
        "--side-by-side", action="store_true", help="both of a seed at once, on a core each (Linux)"
    )
    parser.add_argument("--search", choices=SEARCHES, help="run this one, here, and print JSON")
    parser.add_argument("--seed", type=int, default=0, help="its seed")
    parser.add_argument("--core", type=int, help="its core")
    arguments = parser.parse_args()
    if arguments.side_by_side and len(os.sched_getaffinity(0)) < 2:
        parser.error("--side-by-side needs two cores")
    if arguments.core is not None:
        os.sched_setaffinity(0, {arguments.core})
    if arguments.search:
        warnings.simplefilter("ignore")
        print(json.dumps(measure(arguments)))
    else:
        compare(arguments)


if __name__ == "__main__":
    main()
