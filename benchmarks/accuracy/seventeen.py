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

What was tried on the way to the defaults, on the fifth before the last one. "error" is the
geometric mean over the series of the error divided by that of the best rival, and "seconds" is
processor time divided by that of two networks. Each change was made to the defaults of its day: the
first two groups to an error of 0.972, the group "A third network" to 0.958, the others to 0.969.

How much the second network counts:

- a half: error 1.044, seconds 1; no: where the network by itself is bad, it is very bad
- what least squares on the tail say: error 0.990, seconds 1; no
- the least share that is not worse than the best by one standard error: error 0.977, seconds 1;
  no
- ... by half a standard error: error 0.972, seconds 1; yes; also on rows up to 50, 60 and 70 %
  of each series

What the networks read:

- the start's forecast as one more input, one network: error 0.991, seconds 0.6; no
- the same, two networks: error 0.973, seconds 1; no: no gain once there is a second network
- the first network reads the start's forecast and may leave it (a gate), in place of going on
  from it: error 1.149, seconds 0.8; no: without a tail it loses the start
- the gate as the second network: error 0.979, seconds 1.5; no
- the first network's unit is the series' own, not what the start misses: error 0.985, seconds
  0.6; no: the gain is on one series
- boosted trees' forecast (out of fold) as one more known column: error 0.957, seconds 10; no:
  on IBM 1.009, and ten times as slow
- boosted stumps' forecast, likewise: error 0.960, seconds 15; no
- window_length=16, 24: error 0.965, 0.962, seconds 1.8, 2.2; no: worse by more than 1 % on
  three series

A third network:

- the second one again, from other start values: error 0.955, seconds 1.4; no: "product" is at
  1.26
- half of the window for the second one, two networks: error 0.967, seconds 0.9; no: yearly
  sunspots and parking lose 6 and 3 %
- the second and the third count alike: error 0.962, seconds 1.4; no
- the tail keeps the better one of the two: error 0.957, seconds 1.4; no: over three splits, 0.1
  % in place of 0.2 %
- a fourth one reads a quarter of the window: error 0.957, seconds 1.7; no: over three splits,
  0.1 % more
- half of the window for a second one from the start, too: error 0.963, seconds 1.8; no

How their shares are chosen:

- by two tails, the networks trained for both: error 0.959, seconds 2; no: over three splits,
  0.1 %

How many units:

- units=64: error 0.956, seconds 1.5; no
- units=64 from 3,000 rows on: error 0.956, seconds 1.3; no

How they are trained:

- units=64: error 0.968, seconds 1.8; no
- batch_size=16: error 0.967, seconds 1.7; no
- decay_rate=0.95; with learning_rate=0.005: error 0.968; 0.967, seconds 1.2; no
- linear_skip=True for the second network: error 0.976 instead of 0.972, seconds 1; no
- weight_decay=0.01 for it: error 0.972, seconds 1; no
- weights averaged over the last five epochs: error 0.966, seconds 1.2; no
- five more epochs at a fifth of the rate: error 0.971, seconds 1.3; no
- five more epochs on all rows, those held back too: error 0.969, seconds 1.3; no
- trained anew on all rows, for as many epochs: error 0.972, seconds 1.6; no
- tol=1e-5: error 0.969, seconds 1; no
- n_networks=4: error 0.967, seconds 2; no: for users with time

Short series:

- at least 30 targets held back, 40, 60 (on the eight shortest series): error 0.991, 0.984,
  0.979, seconds 1; no: 100 gives 0.972

The start, alone:

- up to 72 rows on all series, not only those with a season: error 0.994 of the error with 24;
  no: on IBM 1.010, on el nino 1.054
- with a season up to 48, 72, 96 rows, one for 15 targets (eight series): error 0.984, 0.977,
  0.976; 72
- the same, one for 25 targets: error 0.985, 0.981, 0.980; no
- leave-one-out chooses the number of lags, or the level, of the start: no: its error does not
  tell which forecasts better
- shrunk by a tenth towards the last value (six shortest series, four splits): error 1.018; no:
  better on GDP only, by 1 %
- the mean of a ridge on values and one on changes (the same): error 1.006; no: better on GDP
  only, by 1 %
- the mean of starts with half, all and twice the lags (the same): error 0.993; no: the gain is
  on air passengers alone

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
