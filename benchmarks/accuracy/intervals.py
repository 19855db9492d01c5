"""How many targets do prediction intervals contain, and how wide are they?

    python -m benchmarks.accuracy.intervals              # all tables
    python -m benchmarks.accuracy.intervals --only iid   # or drift, stock, sunspots, nile

All intervals aim at a coverage of 0.9. Entries are medians over the seeds with (min, max). "iid" is
the mean over 50 seeds with its standard error; in "drift" the noise grows from 1 to 3. On the real
series the last rows are predicted by LSTMRegressor at its defaults, except for a window of 12 on
the sunspots. The adaptive method learns each row's target before it predicts the next row.

Time: about ten minutes, most of it on the stock: a minute and a half for each seed.
Figures: docs/intervals.md, "Measured coverage".
"""

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.tree import DecisionTreeRegressor

from benchmarks.tools.arguments import make_parser
from benchmarks.tools.series import SERIES
from benchmarks.tools.tables import to_markdown, write_table
from sklstm import BayesTimeSeriesSearchCV, ConformalRegressor, LSTMRegressor
from sklstm.metrics import interval_coverage, interval_score, interval_width

COVERAGE = 0.9
STEP_SIZES = (0.005, 0.05)  # the default, and ten times as much
TEST_ROWS = {"stock": 400, "sunspots": 62, "nile": 20}
WINDOW_LENGTH = {"sunspots": 12}
N_ITER, N_FOLDS = 8, 3  # of the search


def score(y: np.ndarray, interval: np.ndarray) -> pd.Series:
    return pd.Series(
        {
            "coverage": interval_coverage(y, interval),
            "mean width": interval_width(interval),
            "interval score": interval_score(y, interval, COVERAGE),
        }
    )


def follow(regressor: ConformalRegressor, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Predict the interval of each row, and tell the row's target before the next."""
    intervals = []
    for t in range(len(X)):
        now = slice(t, t + 1)
        intervals.append(regressor.predict_interval(X[now])[0])
        regressor.update(X[now], y[now])
    return np.array(intervals)


def split(model, X, y, n_train: int) -> np.ndarray:
    regressor = ConformalRegressor(model, coverage=COVERAGE).fit(X[:n_train], y[:n_train])
    return regressor.predict_interval(X[n_train:])


def adaptive(step_size: float) -> Callable:
    def measure(model, X, y, n_train: int) -> np.ndarray:
        regressor = ConformalRegressor(
            model, coverage=COVERAGE, method="adaptive", step_size=step_size
        )
        return follow(regressor.fit(X[:n_train], y[:n_train]), X[n_train:], y[n_train:])

    return measure


def quantiles(model, X, y, n_train: int) -> np.ndarray:
    fitted = with_band(model).fit(X[:n_train], y[:n_train])
    return fitted.predict_quantiles(X[n_train:])[:, [0, -1]]


def conformalised(model, X, y, n_train: int) -> np.ndarray:
    return split(with_band(model), X, y, n_train)


def with_band(model):
    return clone(model).set_params(quantiles=[(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])


def search(model, X, y, n_train: int) -> np.ndarray:
    search = BayesTimeSeriesSearchCV(model, n_iter=N_ITER, cv=N_FOLDS, random_state=0)
    search.fit(X[:n_train], y[:n_train])
    return ConformalRegressor.from_search(search, coverage=COVERAGE).predict_interval(X[n_train:])


CONFORMAL = {"split": split} | {
    f"adaptive, step_size={step_size}": adaptive(step_size) for step_size in STEP_SIZES
}
ALL = CONFORMAL | {
    "quantiles": quantiles,
    "conformalised quantiles": conformalised,
    f"from_search, {N_ITER} trials": search,
}


def tabulate(ways: dict[str, Callable], draw: Callable, n_seeds: int) -> pd.DataFrame:
    """Score each way on what is drawn for each seed: model, X, y, training rows."""
    by_seed = []
    for seed in range(n_seeds):
        model, X, y, n_train = draw(seed)
        scores = {name: score(y[n_train:], way(model, X, y, n_train)) for name, way in ways.items()}
        by_seed.append(pd.DataFrame(scores).T)
    return pd.concat(by_seed, keys=range(n_seeds))


def draw_iid(seed: int) -> tuple:
    """99 rows calibrate; a tree, because it knows by heart what it was fitted on."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(695, 2))
    y = X @ [1.0, -2.0] + rng.standard_t(3, size=695)
    return DecisionTreeRegressor(random_state=0), X, y, 495


def draw_drift(seed: int) -> tuple:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(2000, 2))
    y = X @ [1.0, -2.0] + np.linspace(1, 3, 2000) * rng.normal(size=2000)
    return Ridge(), X, y, 1000


def draw_series(name: str) -> Callable:
    X = SERIES[name]()
    window_length = WINDOW_LENGTH.get(name, 8)

    def draw(seed: int) -> tuple:
        model = LSTMRegressor(window_length=window_length, random_state=seed)
        return model, X, X[:, 0].copy(), len(X) - TEST_ROWS[name]

    return draw


def tell_iid(n_seeds: int) -> str:
    coverage = tabulate(CONFORMAL, draw_iid, n_seeds)["coverage"].unstack()[list(CONFORMAL)]
    error = coverage.std(ddof=1) / np.sqrt(n_seeds)
    cells = [[name, f"{coverage[name].mean():.4f}", f"{error[name]:.4f}"] for name in CONFORMAL]
    return write_table(["", "mean coverage", "standard error"], cells)


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--only", choices=["iid", "drift", *SERIES])
    parser.add_argument("--seeds", type=int, default=5, help="of each real series (default 5)")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)  # the space is cut to the folds
    tables = {
        "iid": lambda: tell_iid(50),
        "drift": lambda: to_markdown(tabulate(CONFORMAL, draw_drift, 10)),
    } | {
        name: lambda name=name: to_markdown(tabulate(ALL, draw_series(name), arguments.seeds))
        for name in SERIES
    }
    for name, make in tables.items():
        if arguments.only in (None, name):
            print(f"\n{name}\n\n{make()}", flush=True)


if __name__ == "__main__":
    main()
