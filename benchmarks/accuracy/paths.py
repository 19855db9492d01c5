"""How good are whole paths, the next day row by row, with nothing set but `steps`?

    python -m benchmarks.accuracy.paths --series FOLDER --log LOG --name default
    python -m benchmarks.accuracy.paths --series FOLDER --log LOG --name default --part before
    python -m benchmarks.accuracy.paths --series FOLDER --log LOG --name default --check

The model is fitted once, on the first four fifths of the rows. From each row of the last fifth
whose whole path lies in it, it then forecasts that row and those that follow, a day in all: 24
rows, or 18 for parking. It reads the target up to the row before and the calendar of the path. The
error is the mean absolute error over all these rows, divided by that of the seasonal naive of a
week on the rows to fit on (MASE). path_rivals.py holds the forecasts that the model has to beat.

The seconds are those of `fit`, after a first fit that compiles. Each run adds a line to the log,
and a run that the log has is not repeated; `paths_table` prints the results. With ``--seeds 0``
the rivals are measured alone. The series are not part of this repository: path_series.py describes
the files. ``--part before`` uses the first four fifths of the rows only, to make choices by.

``--check`` measures nothing. It replaces all values from the middle of the last fifth on: the paths
up to the first row that was replaced must not change, and later ones must.

What was tried on the way to the defaults of paths, on the fifth before the last one. "error" is the
geometric mean over the series of the mean absolute error of all paths, and "seconds" the processor
time of a fit, both divided by those before the change; medians or means of 2 to 3 seeds.

From the squared error and 10 epochs of patience:

- loss="huber": error 0.980, seconds 1.0; no; its RMSE is 0.995
- loss="absolute_error": error 0.975, seconds 1.1; yes; its RMSE is 1.010

From there:

- without the linear start: error 1.091, seconds 0.6; no: worse on each series; on electricity,
  1.331
- 2, 4, 6 more epochs on all targets: error 0.976, 0.975, 0.969, seconds 1.07, 1.15, 1.22
- 4 more epochs on the newest half of the targets, on those held back alone: error 0.981, 0.994,
  seconds 1.07, 1.04; no
- 5 epochs of patience, 3: error 0.999, 1.000, seconds 0.5, 0.4
- 5 epochs of patience, and 4, 6 more on all targets: error 0.973, 0.969, seconds 0.66, 0.73; no
- 3 epochs of patience, and 4, 6 more on all targets: error 0.975, 0.970, seconds 0.52, 0.59; 3
  and 6
- window_length=24, 48: error 1.010, 1.021, seconds 1.2, 1.5; no
- units=64: error 0.989, seconds 1.2; no: worse on electricity
- n_networks=6: error 1.001, seconds 1.1; no
- learning_rate=0.003: error 1.028, seconds 0.7; no
- weight_decay=1.0: error 1.038, seconds 0.7; no
- dropout=0.2: error 1.006, seconds 0.7; no
- batch_size=128: error 1.012, seconds 1.2; no

Time: 5 seconds for the rivals, and four fits of each series.
Figures: docs/accuracy.md.
"""

import warnings
from functools import partial

import numpy as np

from benchmarks.accuracy.candidate import Candidate, add_candidate, check_name, run_candidate
from benchmarks.accuracy.leaks import check_reading
from benchmarks.accuracy.path_rivals import RIVALS
from benchmarks.accuracy.path_series import PathSeries
from benchmarks.accuracy.path_setting import add_paths, identify_path, read_paths
from benchmarks.tools.arguments import make_parser
from benchmarks.tools.runs import Runs
from benchmarks.tools.stopwatch import timed
from sklstm import LSTMRegressor


def run_rivals(series: PathSeries, part: str, runs: Runs) -> None:
    for name, forecast in RIVALS.items():
        identity = identify_path(part, series, name, None)
        if runs.lack(identity):
            with timed() as spent:
                paths = forecast(series)
            times = {"seconds": spent.seconds, "cpu_seconds": spent.cpu_seconds}
            runs.add(identity | series.score(paths) | times)


def run_model(candidate: Candidate, series: PathSeries, part: str, seeds: int, runs: Runs) -> None:
    identities = [identify_path(part, series, candidate.name, seed) for seed in range(seeds)]
    run_candidate(candidate, identities, partial(fit_and_score, candidate, series), runs)


def fit_and_score(candidate: Candidate, series: PathSeries, seed: int) -> dict:
    with timed() as spent:
        model = fit(candidate, series, seed)
    score = series.score(forecast_paths(model, series))
    return score | {"seconds": spent.seconds, "cpu_seconds": spent.cpu_seconds}


def fit(candidate: Candidate, series: PathSeries, seed: int) -> LSTMRegressor:
    model = candidate.make(series, seed, steps=series.steps)
    return model.fit(series.X[: series.first], series.y[: series.first])


def forecast_paths(model: LSTMRegressor, series: PathSeries) -> np.ndarray:
    return model.predict_steps(series.X[series.first :])[: series.n_origins]


def check(candidate: Candidate, series: PathSeries, seeds: int) -> None:
    for name, forecast in RIVALS.items():
        print(name, series.name, check_reading(forecast, series), flush=True)
    for seed in range(seeds):
        model = fit(candidate, series, seed)
        answer = check_reading(partial(forecast_paths, model), series)
        print(candidate.name, series.name, answer, flush=True)


def main() -> None:
    parser = make_parser(__doc__)
    add_paths(parser)
    add_candidate(parser, seeds=3)
    parser.add_argument("--check", action="store_true", help="measure nothing, check")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    candidate, runs = Candidate(arguments.name, arguments.params), Runs(arguments.log)
    check_name(candidate, runs)
    for series in read_paths(arguments):
        if arguments.check:
            check(candidate, series, arguments.seeds)
        else:
            run_rivals(series, arguments.part, runs)
            run_model(candidate, series, arguments.part, arguments.seeds, runs)


if __name__ == "__main__":
    main()
