"""How many targets do the 80 % bands of paths hold, and what does one fit for all quantiles cost?

    python -m benchmarks.accuracy.bands --series FOLDER --log LOG
    python -m benchmarks.accuracy.bands --series FOLDER --log LOG --part before

On the series and rows of `paths`, with nothing set but `steps` and `quantiles`:

- "adaptive" and "split" are the bands of ConformalRegressor around the quantiles 0.1 and 0.9. Each
  row of the last fifth is handed to ``update`` after the path that begins in it was forecast.
  "training residuals" are the quantiles of the model alone, without rows held back to calibrate.
- "one fit" forecasts the quantiles 0.1, 0.5 and 0.9 together, "a fit each" the same with three
  fits. The error is the mean pinball loss over origins, leads and quantiles, divided by the mean
  absolute error of the seasonal naive of a week on the rows to fit on.

Each run adds a line to the log, and a run that the log has is not repeated. At the end the log's
runs are printed as tables, medians over the seeds.

Time: 6 minutes for the five series with one seed.
Figures: docs/accuracy.md.
"""

import warnings

import numpy as np
import pandas as pd

from benchmarks.accuracy.log_tables import mean, show, tabulate
from benchmarks.accuracy.path_series import PathSeries
from benchmarks.accuracy.path_setting import add_paths, identify_path, read_paths
from benchmarks.tools.arguments import make_parser
from benchmarks.tools.runs import Runs
from benchmarks.tools.stopwatch import timed
from sklstm import ConformalRegressor, LSTMRegressor
from sklstm.metrics import interval_score, quantile_loss

ENDS = (0.1, 0.9)
COVERAGE = 0.8
LEVELS = (0.1, 0.5, 0.9)
WAYS = ("adaptive", "split", "training residuals")


def make(series: PathSeries, seed: int, quantiles: tuple[float, ...]) -> LSTMRegressor:
    return LSTMRegressor(
        known_columns=series.calendar, steps=series.steps, quantiles=quantiles, random_state=seed
    )


def follow(regressor: ConformalRegressor, series: PathSeries) -> np.ndarray:
    """Forecast the band of the path from each origin, then tell the origin's row."""
    later, y = series.X[series.first :], series.y[series.first :]
    unknown = later.assign(y=np.nan)
    bands = []
    for origin in range(series.n_origins):
        now, ahead = slice(origin, origin + 1), slice(origin + 1, origin + series.steps)
        # Nobody knows the target of the origin's own row yet; the number in its place is not read.
        row = later[now].assign(y=0.0)
        bands.append(regressor.predict_steps_interval(row, unknown[ahead])[0])
        regressor.update(later[now], y[now])
    return np.array(bands)


def surround(series: PathSeries, seed: int, way: str) -> np.ndarray:
    """Make the bands of all paths, (n_origins, steps, 2)."""
    X, y = series.X[: series.first], series.y[: series.first]
    model = make(series, seed, ENDS)
    if way == "training residuals":
        quantiles = model.fit(X, y).predict_steps_quantiles(series.X[series.first :])
        return quantiles[: series.n_origins, :, [0, -1]]
    conformal = ConformalRegressor(model, coverage=COVERAGE, method=way).fit(X, y)
    return follow(conformal, series)


def score_band(series: PathSeries, band: np.ndarray) -> dict:
    truth = series.true_paths
    is_inside = (band[..., 0] <= truth) & (truth <= band[..., 1])
    by_lead = is_inside.mean(axis=0)
    return {
        "coverage": float(is_inside.mean()),
        "lowest": float(by_lead.min()),
        "highest": float(by_lead.max()),
        "interval score": interval_score(truth, band, COVERAGE) / series.naive_error,
    }


def compare_fits(series: PathSeries, seed: int) -> dict[str, dict]:
    """Score all quantiles from one fit, and from a fit for each: the means of these."""
    alone = pd.DataFrame([fit_quantiles(series, seed, (level,)) for level in LEVELS])
    return {
        "one fit": fit_quantiles(series, seed, LEVELS),
        "a fit each": alone.mean().to_dict(),
    }


def fit_quantiles(series: PathSeries, seed: int, levels: tuple[float, ...]) -> dict[str, float]:
    """Fit these quantiles; return their mean pinball loss, and the seconds of the fit."""
    model = make(series, seed, levels)
    with timed() as spent:
        model.fit(series.X[: series.first], series.y[: series.first])
    quantiles = model.predict_steps_quantiles(series.X[series.first :])[: series.n_origins]
    places = [model.quantiles_.tolist().index(level) for level in levels]
    loss = quantile_loss(series.true_paths, quantiles[..., places], levels)
    return {
        "pinball": loss / series.naive_error,
        "seconds": spent.seconds,
        "cpu_seconds": spent.cpu_seconds,
    }


def run(series: PathSeries, part: str, seed: int, runs: Runs) -> None:
    for way in WAYS:
        identity = identify_path(part, series, way, seed)
        if runs.lack(identity):
            runs.add(identity | score_band(series, surround(series, seed, way)))
    if runs.lack(identify_path(part, series, "one fit", seed)):
        fit_quantiles(series, seed, LEVELS)  # what it compiles is then ready
        for name, scores in compare_fits(series, seed).items():
            runs.add(identify_path(part, series, name, seed) | scores)


def print_tables(runs: list[dict]) -> None:
    for column in ("coverage", "lowest", "highest", "interval score"):
        print(f"\n{column}\n{show(tabulate(runs, column)[list(WAYS)])}")
    pinball, seconds = (tabulate(runs, column) for column in ("pinball", "cpu_seconds"))
    table = pinball[["one fit", "a fit each"]].copy()
    table["over a fit each"] = pinball["one fit"] / pinball["a fit each"]
    table["seconds over one's"] = seconds["one fit"] / seconds["a fit each"]
    table.loc["geometric mean"] = table.apply(mean)
    print(f"\nmean pinball loss\n{show(table)}")


def main() -> None:
    parser = make_parser(__doc__)
    add_paths(parser)
    parser.add_argument("--seeds", type=int, default=1, help="of networks (default 1)")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    runs = Runs(arguments.log)
    for series in read_paths(arguments):
        for seed in range(arguments.seeds):
            run(series, arguments.part, seed, runs)
    print_tables(runs.select({"part": arguments.part}))


if __name__ == "__main__":
    main()
