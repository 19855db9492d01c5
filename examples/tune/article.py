"""
The article's search, again
===========================

The article that inspired this package tuned eight parameters of a peephole LSTM on a stock's
closing prices. It trained on the first rows, validated on the next tenth and tested on the last
tenth. This script runs the article's search again from the same starting point, once with random
candidates, and once with a Gaussian process that proposes them. To keep the run short, both
searches stop after seven calls (trials of one candidate). The page on :doc:`the article </article>`
has the results of these full searches, with the article's 11 calls and with 40::

    python examples/tune/article.py --calls 11 40           # the last 400 of IBM's prices
    python examples/tune/article.py --calls 11 40 --rows 0  # all of IBM's prices
    python examples/tune/article.py --csv prices.csv        # with columns Date, Close and Volume
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from matplotlib import pyplot as plt
from matplotlib.ticker import StrMethodFormatter
from sklearn.base import clone
from sklearn.metrics import root_mean_squared_error

from sklstm import BayesTimeSeriesSearchCV, LastValueRegressor, LSTMRegressor
from sklstm.datasets import load_stock
from sklstm.spaces import article_defaults, article_space

SPACE, START = article_space(), article_defaults()
N_INITIAL_POINTS = 3  # what the search takes for 11 calls; the article's took 11, its x0 and ten
WHAT_THE_ARTICLE_DID = """\
The article's 11 calls were its x0 and ten random points: scikit-optimize draws the first ten at
random by default, so its Gaussian process was never asked. Here that is "random" with --calls 11.
"bayes" asks the process from call 4 on, with the same start, rows and number of calls."""


@dataclass(frozen=True)
class Prices:
    """Daily prices, oldest first: rows to train on, a tenth to validate, a last tenth to test."""

    X: pd.DataFrame  # (n_rows, 2): close, volume

    def __str__(self) -> str:
        first, last = self.X.index[0], self.X.index[-1]
        blocks = f"{self.n_train} to train, {self.n_tenth} to validate, {self.n_tenth} to test"
        return f"{len(self.X)} rows, {first:%Y-%m-%d} to {last:%Y-%m-%d}: {blocks}"

    @property
    def n_tenth(self) -> int:
        return len(self.X) // 10

    @property
    def n_train(self) -> int:
        return self.n_searched - self.n_tenth

    @property
    def n_searched(self) -> int:
        """The number of rows that the search sees: all but the test rows."""
        return len(self.X) - self.n_tenth

    def score(self, forecaster: Any, n_rows: int) -> float:
        """Fit on the first n_rows; return the RMSE on the tenth that follows."""
        X, y = self.X, self.X["close"]
        forecaster.fit(X[:n_rows], y[:n_rows])
        block = slice(n_rows, n_rows + self.n_tenth)
        return root_mean_squared_error(y[block], forecaster.predict(X[block]))

    def score_twice(self, forecaster: Any) -> dict[str, float]:
        """Score on the validation rows, and on the test rows after a fit on all earlier rows."""
        return {
            "validation": self.score(forecaster, self.n_train),
            "test": self.score(forecaster, self.n_searched),
        }


@dataclass(frozen=True)
class Found:
    """The result of a search."""

    errors: list[float]  # the RMSE on the validation rows, of each call
    best: dict[int, dict[str, Any]]  # the best parameters, by the number of calls
    scores: dict[int, dict[str, float]]  # their RMSE, and the seconds until then


def load_prices(csv: str | None, n_rows: int) -> Prices:
    """Load the last n_rows (0: all) of the file, or of IBM's prices if there is none."""
    if csv is None:
        frame, _ = load_stock(return_X_y=True)
    else:
        # Mixed: any way to write a date will do, and "4-May-17" is no padded "04-May-17".
        frame = pd.read_csv(csv, index_col="Date", parse_dates=True, date_format="mixed")
        frame = frame.sort_index().rename(columns=str.lower)
    return Prices(frame[["close", "volume"]].astype(float)[-n_rows:])


def search_prices(
    prices: Prices, model: LSTMRegressor, strategy: str, calls: Sequence[int], seed: int
) -> Found:
    """Search once, with the most calls; a search with fewer calls is its beginning."""
    rows = np.arange(prices.n_searched)
    seconds: list[float] = []
    search = BayesTimeSeriesSearchCV(
        model,
        SPACE,
        x0={name: START[name] for name in SPACE},
        acq_func="EI",
        strategy=strategy,
        n_iter=max(calls),
        n_initial_points=N_INITIAL_POINTS,
        cv=[(rows[: prices.n_train], rows[prices.n_train :])],
        refit=False,
        callbacks=lambda progress: seconds.append(progress.seconds),
        random_state=seed,
    )
    X = prices.X[: prices.n_searched]
    search.fit(X, X["close"])
    errors = [-trial.score for trial in search.trials_]
    found = Found(errors, {}, {})
    for n in calls:
        call = int(np.nanargmin(errors[:n]))
        found.best[n] = search.trials_[call].params
        test = prices.score(clone(model).set_params(**found.best[n]), prices.n_searched)
        found.scores[n] = {"validation": errors[call], "test": test, "seconds": seconds[n - 1]}
    return found


def draw_convergence(searches: dict[str, Found], last_value: float, out: Path) -> None:
    """Draw the best RMSE on the validation rows after each call."""
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    styles = {"random": ("#d55e00", "s"), "bayes": ("#0072b2", "o")}  # Okabe & Ito's colours
    for strategy, found in searches.items():
        colour, marker = styles[strategy]
        calls = np.arange(1, len(found.errors) + 1)
        best = np.fmin.accumulate(found.errors)
        axes.step(calls, best, where="post", color=colour, marker=marker, ms=3, label=strategy)
    axes.axhline(last_value, color="black", linestyle="--", label="last value")
    axes.set(
        yscale="log",
        xlabel="calls (networks trained)",
        ylabel="RMSE in US dollars",
        title="Best error on the validation rows",
    )
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:.4g}"))
    axes.yaxis.set_minor_formatter(StrMethodFormatter("{x:.4g}"))
    axes.legend()
    figure.savefig(out, dpi=150)


def report(searches: dict[str, Found], others: dict[str, dict[str, float]]) -> None:
    for strategy, found in searches.items():
        for n, params in found.best.items():
            print(f"\nbest parameters, {strategy}, {n} calls:")
            print("  " + ", ".join(f"{name} {value:.4g}" for name, value in params.items()))
    rows = others | {
        f"{strategy}, {n} calls": scores
        for strategy, found in searches.items()
        for n, scores in found.scores.items()
    }
    print(f"\nRMSE of the close, US dollars:\n{pd.DataFrame(rows).T.round(4).to_string(na_rep='')}")


def main() -> None:
    parser = argparse.ArgumentParser(description=WHAT_THE_ARTICLE_DID)
    parser.add_argument("--csv", help="prices: a file with the columns Date, Close and Volume")
    parser.add_argument("--rows", type=int, default=400, help="use the last ROWS, 0 for all")
    parser.add_argument("--calls", type=int, nargs="+", default=[7], help="the article's: 11")
    parser.add_argument("--seed", type=int, default=0, help="of the searches")
    parser.add_argument("--decay-unit", choices=["step", "epoch"], default=START["decay_unit"])
    parser.add_argument("--n-jobs", type=int, default=2, help="2: both searches side by side")
    parser.add_argument("--out", type=Path, default=Path("article_convergence.png"))
    arguments = parser.parse_args()

    prices = load_prices(arguments.csv, arguments.rows)
    print(f"{WHAT_THE_ARTICLE_DID}\n\n{prices}")
    start = LSTMRegressor(**START | {"decay_unit": arguments.decay_unit}, random_state=0)
    strategies = ["random", "bayes"]
    found = Parallel(arguments.n_jobs)(
        delayed(search_prices)(prices, start, strategy, sorted(arguments.calls), arguments.seed)
        for strategy in strategies
    )
    searches = dict(zip(strategies, found, strict=True))
    others = {
        "last value": LastValueRegressor(),
        "default model": LSTMRegressor(random_state=0),
        "the article's x0": start,
    }
    scores = {name: prices.score_twice(forecaster) for name, forecaster in others.items()}
    report(searches, scores)
    draw_convergence(searches, scores["last value"]["validation"], arguments.out)
    print(f"\n{arguments.out}: the best RMSE after each call")


if __name__ == "__main__":
    main()
