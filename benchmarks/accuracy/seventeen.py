"""How good are forecasts on seventeen series, beside simple rivals that know the seasons?

    python -m benchmarks.accuracy.seventeen --series FOLDER --log LOG --name default
    python -m benchmarks.accuracy.seventeen --series FOLDER --log LOG --name wide \\
        --params '{"units": 64}'

The model is fitted on the rows before the last fifth and predicts that fifth in one call. It reads
y and the calendar; rivals.py holds the forecasts it has to beat. The seconds are those of `fit`,
after a first fit that compiles; what else the machine does matters less to those of the processor.
Each run adds a line to the log, and a run that the log has is not repeated; `seventeen_table`
prints the results. The series are not part of this repository: held_out.py describes the files.

``--part before`` predicts the fifth before the last one, to make choices by. ``--horizon 24``
predicts ten of the series 24 rows ahead. ``--quantiles`` measures the share of targets below two
quantiles, on the ten longest series.

Time: a minute and a half.
Figures: docs/accuracy.md.
"""

import warnings
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.accuracy.candidate import Candidate, add_candidate, check_name, run_candidate
from benchmarks.accuracy.held_out import HeldOut, read_folder
from benchmarks.accuracy.rivals import rivals_at
from benchmarks.accuracy.setting import Setting, add_setting, identify, read_settings
from benchmarks.tools.arguments import make_parser
from benchmarks.tools.runs import Runs
from benchmarks.tools.stopwatch import timed

N_LONGEST = 10  # series that quantiles are measured on
SERIES_FOR_LONGER_HORIZONS = {
    *("electricity", "traffic_volume", "beijing_temp", "beijing_pm", "bikes"),
    *("parking", "elnino", "co2_weekly", "seattle_tmax", "ibm"),
}


def choose_series(folder: Path, setting: Setting) -> list[HeldOut]:
    series = read_folder(folder, setting.part, setting.alone)
    if setting.quantile is not None:
        return sorted(series, key=lambda one: -len(one.X))[:N_LONGEST]
    return [one for one in series if setting.horizon == 1 or one.name in SERIES_FOR_LONGER_HORIZONS]


def run_rivals(series: HeldOut, setting: Setting, runs: Runs) -> None:
    for name, forecast in rivals_at(setting.horizon).items():
        identity = identify(series.name, setting, name, None)
        if runs.lack(identity):
            runs.add(identity | {"rmse": series.rmse(forecast(series, setting.horizon))})


def run_model(
    candidate: Candidate, series: HeldOut, setting: Setting, seeds: int, runs: Runs
) -> None:
    identities = [identify(series.name, setting, candidate.name, seed) for seed in range(seeds)]
    run_candidate(candidate, identities, partial(fit_and_score, candidate, series, setting), runs)


def fit_and_score(candidate: Candidate, series: HeldOut, setting: Setting, seed: int) -> dict:
    model = candidate.make(series, seed, horizon=setting.horizon, **setting.params)
    X, y, first = series.X, series.y, series.first
    with timed() as spent:
        model.fit(X[:first], y[:first])
    if setting.quantile is None:
        score = {"rmse": series.rmse(model.predict(X[first:]))}
    else:
        place = model.quantiles_.tolist().index(setting.quantile)
        quantile = model.predict_quantiles(X[first:])[:, place]
        score = {"coverage": float(np.mean(series.truth <= quantile))}
    return score | {"seconds": spent.seconds, "cpu_seconds": spent.cpu_seconds}


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--series", type=Path, required=True, help="the folder of the series")
    parser.add_argument("--log", type=Path, required=True, help="a file, which need not exist")
    add_candidate(parser, seeds=5)
    add_setting(parser)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    candidate, runs = Candidate(arguments.name, arguments.params), Runs(arguments.log)
    check_name(candidate, runs)
    for setting in read_settings(arguments):
        for series in choose_series(arguments.series, setting):
            if setting.quantile is None:
                run_rivals(series, setting, runs)
            run_model(candidate, series, setting, arguments.seeds, runs)


if __name__ == "__main__":
    main()
