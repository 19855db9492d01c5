"""What any forecaster has to beat: the last value, the last season, and regressions on lags."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sklstm.baselines import LastValueRegressor, SeasonalNaiveRegressor
from sklstm.lags import make_boosting_on_lags, make_ridge_on_lags
from sklstm.parts import find_params

LAST_VALUE = "last value"


@dataclass(frozen=True)
class Rivals:
    """How far ahead they forecast, and what they read for it."""

    horizon: int
    season_length: int
    window_length: int = 8
    known_columns: Any = None

    def make(self) -> dict[str, Any]:
        """Make them, each by the name of its row; they read numbers only."""
        lags = {
            "horizon": self.horizon,
            "window_length": self.window_length,
            "known_columns": self.known_columns,
        }
        return {
            LAST_VALUE: LastValueRegressor(horizon=self.horizon),
            "seasonal naive": SeasonalNaiveRegressor(
                season_length=self.season_length, horizon=self.horizon
            ),
            "ridge on lags": make_ridge_on_lags(**lags),
            "gradient boosting on lags": make_boosting_on_lags(**lags),
        }


def find_horizon(models: Iterable[Any], lead: int) -> int:
    """Find how many rows ahead the models forecast, a target that lies `lead` rows later."""
    horizons = [h for model in models for h in find_params(model, "horizon").values()]
    return int(horizons[0]) if horizons else int(not lead)


def read_numbers(*blocks: Any) -> list[Any]:
    """Read the columns that are numbers, of blocks of rows that follow each other.

    A missing one repeats the row before it, as all know it then. An index of pandas is kept, for
    it may tell of time.
    """
    frames = [pd.DataFrame(X.to_pandas() if hasattr(X, "to_pandas") else X) for X in blocks]
    numbers = pd.concat([frame.select_dtypes(["number", "bool"]) for frame in frames])
    if numbers.shape[1] == 0:
        raise ValueError("X has no column of numbers that the last value could be read from.")
    numbers = numbers.astype(np.float64).ffill().bfill()
    ends = np.cumsum([len(frame) for frame in frames])[:-1]
    are_labelled = isinstance(blocks[0], pd.DataFrame)
    return [
        part if are_labelled else part.to_numpy()
        for part in (numbers.iloc[rows] for rows in np.split(np.arange(len(numbers)), ends))
    ]
