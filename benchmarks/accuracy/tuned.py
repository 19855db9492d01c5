"""What does a search gain over the default model?

    python -m benchmarks.accuracy.tuned --series FOLDER --log LOG
    python -m benchmarks.accuracy.tuned --series FOLDER --log LOG --leave-out linear_start

A search of the default space has 20 trials on three folds of the rows before the last fifth. The
parameters that it chose, and the defaults, are then fitted on those rows with the same five seeds
and predict the last fifth one row ahead. The table holds RMSEs over that of the last value, as
medians over the seeds, with the least and the largest. "On the folds" is the score of the best
trial over that of the first one, which tries the defaults: what the search promised. The shares
below are those of `ParameterImportanceDisplay`, as means over the searches. ``--leave-out`` makes
the space smaller.

Searches and fits that the log has are not repeated. The series are not part of this repository:
held_out.py describes the files.

Time: 20 minutes.
Figures: docs/defaults.md, "What tuning gains".
"""

import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd

from benchmarks.accuracy.held_out import HeldOut, read_folder
from benchmarks.accuracy.log_tables import mean
from benchmarks.accuracy.rivals import repeat_last_value
from benchmarks.tools.arguments import make_parser
from benchmarks.tools.runs import Runs
from benchmarks.tools.stopwatch import timed
from benchmarks.tools.tables import show, write_table
from sklstm import BayesTimeSeriesSearchCV, LSTMRegressor
from sklstm.plots import ParameterImportanceDisplay
from sklstm.spaces import lstm_space

NAMES = ("elnino", "seattle_tmax", "parking", "electricity", "beijing_pm", "bikes")
N_TRIALS, N_FOLDS, N_FITS = 20, 3, 5
HEAD = ["", "search", "default", "tuned", "tuned / default", "on the folds", "chosen", "seconds"]


def make_model(series: HeldOut, seed: int, params: dict) -> LSTMRegressor:
    return LSTMRegressor(known_columns=series.calendar or None, random_state=seed, **params)


def read_or_make(runs: Runs, identity: dict, make: Callable[[], dict]) -> dict:
    """Return the run of the log that has these entries; make it first where there is none."""
    if runs.lack(identity):
        runs.add(identity | make())
    return next(run for run in runs.read() if identity.items() <= run.items())


def search_space(series: HeldOut, left_out: list[str], seed: int) -> dict:
    space = lstm_space(n_rows=series.first // (N_FOLDS + 1))
    search = BayesTimeSeriesSearchCV(
        make_model(series, seed, {}),
        {name: dimension for name, dimension in space.items() if name not in left_out},
        n_iter=N_TRIALS,
        cv=N_FOLDS,
        refit=False,  # the parameters are fitted with several seeds, this one among them
        random_state=seed,
    )
    with timed() as spent:
        search.fit(series.X[: series.first], series.y[: series.first])
    results = search.cv_results_
    folds = np.transpose([results[f"split{fold}_test_score"] for fold in range(N_FOLDS)])
    return {
        "params": search.best_params_,
        "on_folds": search.best_score_ / folds[0].mean(),
        "seconds": spent.seconds,
        "shares": find_shares(search),
        "trials": [
            {"params": params, "folds": scores.tolist()}  # NaN where a fold was not run
            for params, scores in zip(results["params"], folds, strict=True)
        ],
    }


def find_shares(search: BayesTimeSeriesSearchCV) -> dict[str, float]:
    display = ParameterImportanceDisplay.from_search(search)
    return dict(zip(display.names, display.importances.tolist(), strict=True))


def run_fits(series: HeldOut, params: dict, runs: Runs) -> pd.Series:
    """Fit with each seed, unless the log has the fit; return the errors over the last value."""
    fits = []
    for seed in range(N_FITS):
        identity = {"what": "fit", "series": series.name, "params": params, "seed": seed}
        fits.append(read_or_make(runs, identity, partial(fit_and_score, series, params, seed)))
    return pd.Series([fit["error"] for fit in fits])


def fit_and_score(series: HeldOut, params: dict, seed: int) -> dict[str, float]:
    X, y, first = series.X, series.y, series.first
    model = make_model(series, seed, params).fit(X[:first], y[:first])
    last_value = repeat_last_value(series, 1)
    return {"error": series.rmse(model.predict(X[first:])) / series.rmse(last_value)}


def compare(series: HeldOut, left_out: list[str], seed: int, runs: Runs) -> dict[str, Any]:
    """A row of the table, with the figures that the summary is made of."""
    identity = {"what": "search", "series": series.name, "left_out": left_out, "search": seed}
    found = read_or_make(runs, identity, partial(search_space, series, left_out, seed))
    default, tuned = run_fits(series, {}, runs), run_fits(series, found["params"], runs)
    return {
        "series": series.name,
        "search": seed,
        "default": default,
        "tuned": tuned,
        "gain": tuned.median() / default.median(),
        "spread": default.max() / default.min(),
        "by_fold": compare_folds(found),
        **{name: found[name] for name in ("on_folds", "params", "seconds", "shares")},
    }


def compare_folds(found: dict) -> np.ndarray:
    """Divide the errors of the best trial on each fold by those of the first trial."""
    trials = found["trials"]
    best = next(trial for trial in trials if trial["params"] == found["params"])
    return np.array(best["folds"]) / np.array(trials[0]["folds"])


def write_cells(row: dict) -> list[str]:
    return [
        row["series"],
        str(row["search"]),
        show(row["default"]),
        show(row["tuned"]),
        f"{row['gain']:.3f}",
        f"{row['on_folds']:.3f}",
        describe_change(row["params"]),
        f"{row['seconds']:.0f}",
    ]


def describe_change(params: dict) -> str:
    """Write the parameters that differ from the defaults."""
    defaults = LSTMRegressor().get_params()
    changed = {name: value for name, value in params.items() if value != defaults[name]}
    written = [f"{name}={write_value(value)}" for name, value in changed.items()]
    return ", ".join(written) or "the defaults"


def write_value(value: Any) -> str:
    return f"{value:.2g}" if isinstance(value, float) else repr(value)


def summarise(rows: list[dict]) -> str:
    table = pd.DataFrame(rows)
    shares = pd.DataFrame(table["shares"].to_list()).mean().sort_values(ascending=False)
    by_series = np.log(table["gain"]).groupby(table["series"]).mean()
    by_fold = pd.DataFrame(table["by_fold"].to_list()).apply(mean)
    lines = {
        "Tuned over default": f"{mean(table['gain']):.3f} (geometric mean), "
        f"{by_series.sem():.3f} (standard error, over the series)",
        "On the folds": f"{mean(table['on_folds']):.3f} (geometric mean)",
        "On the first fold and later ones": ", ".join(f"{ratio:.3f}" for ratio in by_fold),
        "The default's worst seed over its best": f"{mean(table['spread']):.3f} (geometric mean)",
        "Shares": ", ".join(f"{name} {share:.2f}" for name, share in shares.items()),
    }
    return "\n".join(f"{what}: {value}" for what, value in lines.items())


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--series", type=Path, required=True, help="the folder of the series")
    parser.add_argument("--log", type=Path, required=True, help="a file, which need not exist")
    parser.add_argument("--searches", type=int, default=2, help="searches per series (default 2)")
    parser.add_argument(
        "--leave-out", nargs="+", default=[], metavar="NAME", help="dimensions of the default space"
    )
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    matplotlib.use("agg")  # the shares are read off a display
    series = {one.name: one for one in read_folder(arguments.series, "last", alone=False)}
    runs = Runs(arguments.log)
    seeds = range(arguments.searches)
    left_out = sorted(arguments.leave_out)
    rows = [compare(series[name], left_out, seed, runs) for seed in seeds for name in NAMES]
    rows.sort(key=lambda row: NAMES.index(row["series"]))
    print(write_table(HEAD, [write_cells(row) for row in rows]), summarise(rows), sep="\n\n")


if __name__ == "__main__":
    main()
