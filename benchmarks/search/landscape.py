"""What do many configurations score on one series, and how long do they take?

    python -m benchmarks.search.landscape sunspots
    python -m benchmarks.search.landscape stock --csv AIG.csv --out aig.csv
    python -m benchmarks.search.landscape nile --space article

It writes the tables in landscapes/ that the forests of forest.py are fitted to. A random search
draws the configurations from the default space of LSTMRegressor, or from the article's, and scores
each on the five folds of a search; the first one is the defaults of the space. The log of the
search lies beside the table, so it may be interrupted. A row of the table holds a configuration:
its parameters, then the scores (minus the RMSE) and the seconds of each fold, the shortest fold
first. It runs on one thread, and compiles programs beforehand, so the seconds do not include that.

Time: the seconds in a table add up to 2 minutes for the Nile, 5 for the sunspots and 32 for the
stock, in the article's space to 5, 9 and, for 40 configurations of the stock, 30.
Figures: docs/search_strategies.md, "How it was measured".
"""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.tools.arguments import make_parser
from benchmarks.tools.series import SERIES, load_rows
from sklstm import BayesTimeSeriesSearchCV, LSTMRegressor
from sklstm._search.loop import Progress
from sklstm._search.trials.trial import Trial
from sklstm.spaces import article_defaults, article_space

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
    parser = make_parser(__doc__)
    parser.add_argument("series", choices=SERIES)
    parser.add_argument("--space", choices=SPACES, default="default")
    parser.add_argument("--csv", help="another stock: a file with Date, Close and Volume")
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
