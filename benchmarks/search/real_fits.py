"""Do searches find the same with real fits? The forest's place in search.py, taken by training.

Not a script: ``python -m benchmarks.search.search --real`` uses it.
"""

from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from time import process_time
from typing import Any

import numpy as np
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import TimeSeriesSplit

from benchmarks.search.forest import N_FOLDS, Fit, Forest, read_table
from benchmarks.tools.series import SERIES
from benchmarks.tools.stopwatch import timed
from sklstm import LSTMRegressor


class RealFits(Forest):
    """Answers as a forest does, by training; compiling counts into the seconds."""

    def __init__(self, series: str) -> None:
        table = read_table(series)
        self.space, self.defaults = table.space, table.configurations[0]
        self.fits: list[Fit] = []
        self._X = SERIES[series]()
        self._folds = list(TimeSeriesSplit(N_FOLDS).split(self._X))
        # Of its own: TensorFlow and the torch of Optuna's GPSampler may crash in one process.
        self._worker = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        self._known: dict[str, np.ndarray] = defaultdict(lambda: np.full((2, N_FOLDS), np.nan))

    def scores(self, params: Mapping[str, Any]) -> np.ndarray:
        return self._known[_name(params)][0]

    def seconds(self, params: Mapping[str, Any]) -> np.ndarray:
        return self._known[_name(params)][1]

    def fit(self, params: dict[str, Any], fold: int) -> float:
        """Train and score a configuration on a fold, and put it on record."""
        began = process_time()
        X, (train, test) = self._X, self._folds[fold]
        score, seconds = self._worker.submit(train_and_score, params, X[train], X[test]).result()
        self._known[_name(params)][:, fold] = score, seconds
        self.fits.append(Fit(params, fold, began, process_time()))
        return score


def train_and_score(params: dict[str, Any], train: np.ndarray, test: np.ndarray) -> list[float]:
    """Score a configuration by minus its RMSE; the CPU seconds of fit and prediction beside it."""
    with timed() as spent:
        model = LSTMRegressor(random_state=0, **params).fit(train, train[:, 0])
        score = -root_mean_squared_error(test[:, 0], model.predict(test))
    return [score, spent.cpu_seconds]


def _name(params: Mapping[str, Any]) -> str:
    return repr(sorted(params.items()))
