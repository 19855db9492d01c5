"""The scores and times of many configurations on one series, for searches that cost nothing.

    python -m benchmarks.search.landscape sunspots
    python -m benchmarks.search.landscape stock --csv AIG.csv --out landscapes/aig.csv
    python -m benchmarks.search.landscape nile --space article

A random search draws them from the default space of LSTMRegressor, or from the article's, and
scores each on the five folds of a search, the defaults of either first. The search's log lies
beside the table, so that it may be interrupted. The table holds a row per configuration: its
parameters, the scores (minus the RMSE) and the seconds of each fold, the shortest first. One
thread; programs are compiled before, so that no fold's seconds hold that. Other benchmarks search
on a forest that is fitted to the table.
"""

import argparse
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.tools.series import SERIES, load_rows
from sklstm import BayesTimeSeriesSearchCV, LSTMRegressor
from sklstm.loop import Progress
from sklstm.spaces import article_defaults, article_space
from sklstm.trials import Trial

FOLDER = Path(__file__).parent / "landscapes"
N_CONFIGURATIONS = 400
N_WARMING = 40  # enough to meet each of the few programs of this space


# What is searched, and from where; None is what the regressor itself offers.
SPACES = {"default": (None, {}), "article": (article_space(), article_defaults())}


def search_at_random(X: np.ndarray, space: str, n_iter: int, log: Path | None) -> list[Trial]:
    dimensions, start = SPACES[space]
    search = BayesTimeSeriesSearchCV(
        LSTMRegressor(random_state=0, **start),
        dimensions,
        pruning=False,
        strategy="random",
        n_iter=n_iter,
        n_initial_points=1,
        refit=False,
        random_state=0,
        log=log,
        callbacks=tell,
    )
    return list(search.fit(X, X[:, 0]).trials_)


def tell(progress: Progress) -> None:
    number = len(progress.trials_)
    if number % 20 == 0:
        best = -progress.best_score_
        print(f"{number} of {progress.n_trials}, best RMSE {best:.4g}", flush=True)


def make_table(trials: list[Trial]) -> pd.DataFrame:
    return pd.DataFrame(
        trial.params
        | {f"score{k}": fold.test_scores.get("score") for k, fold in enumerate(trial.folds)}
        | {f"seconds{k}": fold.fit_time + fold.score_time for k, fold in enumerate(trial.folds)}
        for trial in trials
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("series", choices=SERIES)
    parser.add_argument("--space", choices=SPACES, default="default")
    parser.add_argument("--csv", help="another stock: the columns Date, Close and Volume")
    parser.add_argument("--n-iter", type=int, default=N_CONFIGURATIONS)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    name = arguments.series + ("-article" if arguments.space == "article" else "")
    out = arguments.out or FOLDER / f"{name}.csv"
    out.parent.mkdir(exist_ok=True)
    X = load_rows(arguments.csv) if arguments.csv else SERIES[arguments.series]()
    warnings.simplefilter("ignore", UserWarning)  # the space is cut to the folds
    search_at_random(X, arguments.space, N_WARMING, None)
    trials = search_at_random(X, arguments.space, arguments.n_iter, out.with_suffix(".jsonl"))
    make_table(trials).to_csv(out, index=False, float_format="%.6g")
    print(f"{len(trials)} configurations in {out}")


if __name__ == "__main__":
    main()
