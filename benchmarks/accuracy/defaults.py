"""What is each default of the network alone worth? One parameter is changed at a time.

    python -m benchmarks.accuracy.defaults --csv AIG.csv   # a file with Date, Close and Volume

An entry is the RMSE divided by that of the last value, on the validation rows of a series, as the
mean over the seeds. The last column is the geometric mean over the series, by which the defaults
were chosen. No test rows are read.

Time: one minute for each seed, or one and a half with a file: three to five minutes.
Figures: docs/defaults.md.
"""

import warnings

import numpy as np
import pandas as pd

from benchmarks.accuracy.accuracy import NETWORK_ALONE, Series, price_series, sunspots
from benchmarks.tools.arguments import add_csv, make_parser
from benchmarks.tools.tables import print_head, print_row
from sklstm import LastValueRegressor, LSTMRegressor

CHANGES: list[dict] = [
    {},
    *({"learning_rate": rate} for rate in (0.001, 0.003, 0.03)),
    *({"decay_rate": rate} for rate in (0.8, 0.95, 0.99)),
    *({"weight_decay": decay} for decay in (0.0, 0.01, 0.3, 1.0)),
    *({"epochs": epochs} for epochs in (25, 100)),
    *({"units": units} for units in (16, 64)),
    *({"batch_size": size} for size in (16, 64)),
    *({"dropout": dropout} for dropout in (0.1, 0.2)),
    *({"window_length": length} for length in (4, 6)),
    {"linear_skip": False},
    {"peephole": False},
    {"early_stopping": True},
    {"loss": "huber"},
    {"clipnorm": 1.0},
]


def validation_series(csv: str | None) -> list[Series]:
    """The rows before every test block."""
    prices = [price_series(path)[0] for path in dict.fromkeys([csv, None])]
    spots = sunspots()
    n_rows = spots.n_train  # the last fifth of the training rows validates
    return [*prices, Series("sunspots", spots.X[:n_rows], int(0.8 * n_rows), window_length=12)]


def compare(change: dict, series: list[Series], seeds: int) -> pd.Series:
    ratios = {}
    for one in series:
        parameters = {"window_length": one.window_length} | NETWORK_ALONE | change
        scores = [
            one.score(LSTMRegressor(random_state=seed, **parameters)) for seed in range(seeds)
        ]
        ratios[one.name] = np.mean(scores) / one.score(LastValueRegressor())
    name = ", ".join(f"{key}={value!r}" for key, value in change.items()) or "the network alone"
    return pd.Series(
        ratios | {"geometric mean": np.prod(list(ratios.values())) ** (1 / len(ratios))}, name=name
    )


def main() -> None:
    parser = make_parser(__doc__)
    add_csv(parser)
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    series = validation_series(arguments.csv)
    print_head("", *(one.name for one in series), "geometric mean")
    for change in CHANGES:
        row = compare(change, series, arguments.seeds)
        print_row(row.name, *(f"{value:.3f}" for value in row))


if __name__ == "__main__":
    main()
