"""Series of a folder, each cut into rows to fit on and rows to predict.

The folder holds a file ``NAME.csv.gz`` for each series, with the target in the first column, ``y``,
and behind it columns that are known in advance, such as the hour of the day. ``series.json`` maps
each name to its ``natural_seasons``, periods in rows that someone who knows the field would name.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import root_mean_squared_error

PARTS = ("last", "before")


@dataclass(frozen=True)
class HeldOut:
    """A series and the first of its rows that are predicted."""

    name: str
    X: pd.DataFrame  # y, then the calendar: columns known in advance
    seasons: list[int]  # natural periods, in rows
    first: int

    @property
    def y(self) -> pd.Series:
        return self.X["y"]

    @property
    def calendar(self) -> list[str]:
        return list(self.X.columns[1:])

    @property
    def truth(self) -> np.ndarray:
        return self.y.to_numpy()[self.first :]

    def score(self, prediction: np.ndarray) -> dict:
        """Entries of a run in the log."""
        return {"rmse": self.rmse(prediction)}

    def rmse(self, prediction: np.ndarray) -> float:
        return float(root_mean_squared_error(self.truth, prediction))


Predict = Callable[[HeldOut], np.ndarray]  # of a series, the rows from `first` on


def read_folder(folder: Path, part: str, alone: bool) -> list[HeldOut]:
    """Read all series; `part` says which fifth is predicted, `alone` leaves the calendar out."""
    about = json.loads((folder / "series.json").read_text())
    return [
        _hold_out(name, _read_columns(folder, name, alone), facts["natural_seasons"], part)
        for name, facts in about.items()
    ]


def _read_columns(folder: Path, name: str, alone: bool) -> pd.DataFrame:
    X = pd.read_csv(folder / f"{name}.csv.gz").astype(float)
    return X[["y"]] if alone else X


def _hold_out(name: str, X: pd.DataFrame, seasons: list[int], part: str) -> HeldOut:
    first = int(0.8 * len(X))
    if part == "last":
        return HeldOut(name, X, seasons, first)
    return HeldOut(name, X[:first], seasons, int(0.75 * first))
