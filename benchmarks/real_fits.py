"""Real fits in place of a forest's answers: the strategies of search.py, end to end."""

from collections import defaultdict
from collections.abc import Mapping
from time import process_time
from typing import Any

import numpy as np
from forest import FOLDER, N_FOLDS, Fit, Forest, read_table
from landscape import SERIES
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import TimeSeriesSplit

from sklstm import LSTMRegressor


class RealFits(Forest):
    """Answers as a forest does, by training; compiling counts into the seconds."""

    def __init__(self, series: str) -> None:
        table = read_table(FOLDER / f"{series}.csv")
        self.space, self.defaults = table.space, table.configurations[0]
        self.fits: list[Fit] = []
        self._X = SERIES[series]()
        self._folds = list(TimeSeriesSplit(N_FOLDS).split(self._X))
        self._known: dict[str, np.ndarray] = defaultdict(lambda: np.full((2, N_FOLDS), np.nan))

    def scores(self, params: Mapping[str, Any]) -> np.ndarray:
        return self._known[_name(params)][0]

    def seconds(self, params: Mapping[str, Any]) -> np.ndarray:
        return self._known[_name(params)][1]

    def fit(self, params: dict[str, Any], fold: int) -> float:
        """Train and score a configuration on a fold, and put it on record."""
        began = process_time()
        X, (train, test) = self._X, self._folds[fold]
        model = LSTMRegressor(random_state=0, **params).fit(X[train], X[train, 0])
        score = -root_mean_squared_error(X[test, 0], model.predict(X[test]))
        ended = process_time()
        self._known[_name(params)][:, fold] = score, ended - began
        self.fits.append(Fit(params, fold, began, ended))
        return score


def _name(params: Mapping[str, Any]) -> str:
    return repr(sorted(params.items()))
