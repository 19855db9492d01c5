"""How good is the default model on series that it was never tuned to, beside what it has to beat?

    python -m benchmarks.accuracy.accuracy                 # the embedded stock as the price series
    python -m benchmarks.accuracy.accuracy --csv AIG.csv   # Date, Close and Volume in any order

Each row of the table is a model, each column a series. An entry is the RMSE, on the synthetic
series divided by the RMSE of their noise; it is the median over the seeds.

Time: half a minute with ``--seeds 1 --data-seeds 1``; the defaults need five to ten times as long.
Figures: docs/accuracy.md.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import root_mean_squared_error

from benchmarks.tools.arguments import add_csv, make_parser
from benchmarks.tools.series import load_prices, load_sunspots
from benchmarks.tools.stopwatch import timed
from sklstm import LastValueRegressor, LSTMRegressor

PRICE_SPLIT = 400  # rows of the validation block, and of the test block after it


@dataclass(frozen=True)
class Series:
    """A series, the part of it that is trained on, the part that is scored."""

    name: str
    X: np.ndarray  # (n_rows, n_features); column 0 is the target, of the same row
    n_train: int
    n_skipped: int = 0  # rows between training and scored ones: the validation rows of a test score
    noise: np.ndarray | None = None  # (n_rows,), what no forecast can know, where that is known
    window_length: int = 8

    @property
    def y(self) -> np.ndarray:
        return self.X[:, 0].copy()

    def score(self, forecaster) -> float:
        """RMSE on the scored rows, over the noise's where that is known."""
        X, y, first = self.X, self.y, self.n_train
        try:
            prediction = forecaster.fit(X[:first], y[:first]).predict(X[first:])
        except ValueError:  # the loss diverged
            return np.inf
        error = root_mean_squared_error(y[first + self.n_skipped :], prediction[self.n_skipped :])
        if self.noise is None:
            return error
        return error / np.sqrt(np.mean(self.noise[first + self.n_skipped :] ** 2))


def price_series(csv: str | None) -> list[Series]:
    X, name = load_prices(csv), "IBM" if csv is None else "prices"
    n_train = len(X) - 2 * PRICE_SPLIT
    return [
        Series(f"{name}, validation", X[: n_train + PRICE_SPLIT], n_train),
        Series(f"{name}, test", X, n_train, n_skipped=PRICE_SPLIT),
    ]


def sunspots() -> Series:
    spots = load_sunspots()
    return Series("sunspots", spots, int(0.8 * len(spots)), window_length=12)


def weekly_co2() -> Series:
    """The further series: not looked at while the defaults were chosen."""
    co2 = sm.datasets.co2.load_pandas().data["co2"].interpolate().to_numpy()
    return Series("CO2, weekly", co2[:, None], int(0.8 * len(co2)))


def linear(seed: int) -> Series:
    x, e, y = *np.random.default_rng(seed).normal(size=(2, 3000)), np.zeros(3000)
    for t in range(2, 3000):
        y[t] = y[t - 1] - 0.4 * (y[t - 1] - y[t - 2]) + 0.8 * x[t - 2] + e[t]
    return Series("linear", np.column_stack([y, x]), 2400, noise=e)


def product(seed: int) -> Series:
    x, e, y = *np.random.default_rng(seed).normal(size=(2, 3000)), np.zeros(3000)
    for t in range(3, 3000):
        y[t] = 0.5 * y[t - 1] + 2 * x[t - 1] * x[t - 3] + 0.5 * e[t]
    return Series("product", np.column_stack([y, x]), 2400, noise=0.5 * e)


class LagRegressor:
    """A linear model on the same window, its target centred on the last row or raw."""

    def __init__(self, model, window_length: int, is_centred: bool = False) -> None:
        self.model, self.window_length, self.is_centred = model, window_length, is_centred

    def fit(self, X, y):
        windows, last = self._cut(X)
        self.scale = X.std(axis=0)
        self.model.fit(self._flatten(windows, last), y[self.window_length :] - last)
        self.history = X[-self.window_length :]
        return self

    def predict(self, X):
        windows, last = self._cut(np.concatenate([self.history, X]))
        return self.model.predict(self._flatten(windows, last)) + last

    def _cut(self, X):
        windows = np.lib.stride_tricks.sliding_window_view(X[:-1], self.window_length, axis=0)
        return windows, windows[:, 0, -1] * self.is_centred

    def _flatten(self, windows, last):
        windows = windows.copy()
        windows[:, 0] -= last[:, None]
        return (windows / self.scale[:, None]).reshape(len(windows), -1)


NETWORK_ALONE = {
    "linear_start": False,
    "season_length": None,
    "n_networks": 1,
    "early_stopping": False,
    "linear_skip": True,
}


def models(window_length: int) -> dict[str, Callable]:
    """Each model by its row's name: a function of a seed."""

    def lstm(**parameters):
        return lambda seed: LSTMRegressor(
            window_length=window_length, random_state=seed, **parameters
        )

    scalings = ("window", "center", "standard", "minmax", None)
    return {
        "last value": lambda _: LastValueRegressor(),
        "ridge on the same lags": lambda _: LagRegressor(Ridge(), window_length),
        "linear map of the centred window alone": lambda _: LagRegressor(
            LinearRegression(), window_length, is_centred=True
        ),
        "LSTMRegressor()": lstm(),
        "the network alone": lstm(**NETWORK_ALONE),
        **{f"scaling={kind!r}": lstm(**NETWORK_ALONE, scaling=kind) for kind in scalings},
        "linear_skip=False": lstm(**NETWORK_ALONE | {"linear_skip": False}),
    }


def measure(series: list[Series], seeds: int) -> pd.Series:
    """Median score of each model over seeds, or over series that differ in their seed."""
    rows = {}
    for name, make in models(series[0].window_length).items():
        depends = "LSTM" in name or "network" in name or "=" in name
        runs = series if len(series) > 1 else series * (seeds if depends else 1)
        with timed() as spent:
            scores = [run.score(make(seed)) for seed, run in enumerate(runs)]
        rows[name] = np.median(scores)
        if name == "LSTMRegressor()":
            rows["seconds per fit, compiling included"] = spent.seconds / len(runs)
    return pd.Series(rows, name=series[0].name)


def main() -> None:
    parser = make_parser(__doc__)
    add_csv(parser)
    parser.add_argument("--seeds", type=int, default=5, help="fits per series (default 5)")
    parser.add_argument("--data-seeds", type=int, default=10, help="synthetic series (default 10)")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    columns = []
    groups = [[one] for one in [*price_series(arguments.csv), sunspots(), weekly_co2()]]
    groups += [[make(seed) for seed in range(arguments.data_seeds)] for make in (linear, product)]
    for group in groups:
        columns.append(measure(group, arguments.seeds))
        print(columns[-1].round(4).to_string(), "\n", flush=True)
    print(pd.concat(columns, axis=1).round(3).to_string())


if __name__ == "__main__":
    main()
