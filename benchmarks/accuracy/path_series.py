"""Series of a folder whose next day is forecast as a path, from each row of the last fifth on.

The folder holds ``electricity.csv.gz``, ``traffic_volume.csv.gz``, ``bikes.csv.gz`` and
``beijing_weather.csv.gz``, hourly, and ``parking_panel.csv.gz``, half-hourly while car parks are
open: a long table of time, car park and occupancy, which is summed over the car parks. A path has
as many rows as a day.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from benchmarks.accuracy.held_out import HeldOut

HOURLY = {  # the column that is forecast
    "electricity": "load",
    "traffic_volume": "traffic_volume",
    "bikes": "count",
    "beijing_weather": "temperature",
}
N_TIMES_OF_PARKING = 18  # in a day
NAMES = (*HOURLY, "parking")


@dataclass(frozen=True)
class PathSeries(HeldOut):
    """A series whose `steps` rows from an origin on are forecast, from the rows before it.

    Arrays of paths have the shape (n_origins, steps). The origins are the rows from `first` on
    whose whole path lies in the series.
    """

    steps: int

    @property
    def day(self) -> int:
        return min(self.seasons)

    @property
    def week(self) -> int:
        return max(self.seasons)

    @property
    def n_origins(self) -> int:
        return len(self.truth) - self.steps + 1

    @property
    def true_paths(self) -> np.ndarray:
        return sliding_window_view(self.truth, self.steps)

    @property
    def naive_error(self) -> float:
        """The mean absolute error, on the rows to fit on, of repeating the last week."""
        return float(self.y[: self.first].diff(self.week).abs().mean())

    def mase_by_lead(self, paths: np.ndarray) -> np.ndarray:
        """The mean absolute error over the origins, divided by `naive_error`: (steps,)."""
        return np.abs(paths - self.true_paths).mean(axis=0) / self.naive_error

    def score(self, paths: np.ndarray) -> dict:
        by_lead = self.mase_by_lead(paths).round(4).tolist()
        return {"mase": self.mase(paths), "mase_by_lead": by_lead}

    def mase(self, paths: np.ndarray) -> float:
        return float(self.mase_by_lead(paths).mean())


def read_folder(folder: Path, part: str, names: list[str]) -> list[PathSeries]:
    return [_hold_out(name, _read_target(folder, name), part) for name in names]


def _read_target(folder: Path, name: str) -> pd.Series:
    """Read what is forecast, by the time of each row."""
    if name == "parking":
        return _read_parking(folder)
    table = pd.read_csv(folder / f"{name}.csv.gz", index_col="time", parse_dates=True)
    return table[HOURLY[name]].astype(float).interpolate()


def _read_parking(folder: Path) -> pd.Series:
    table = pd.read_csv(folder / "parking_panel.csv.gz", parse_dates=["time"])
    table["time"] = table["time"].dt.round("30min")
    car_parks = table.pivot(index="time", columns="car_park", values="occupancy")
    car_parks = car_parks.dropna(how="all")  # one time, at which none reported
    return car_parks.interpolate(limit_direction="both").sum(axis=1)


def _make_calendar(times: pd.DatetimeIndex) -> pd.DataFrame:
    midnight = times.normalize()
    of_day = (times - midnight) / pd.Timedelta(days=1)
    of_week = (times.day_of_week + of_day) / 7
    return pd.DataFrame(
        {
            "sine of the week": np.sin(2 * np.pi * of_week),
            "cosine of the week": np.cos(2 * np.pi * of_week),
            "weekend": (times.day_of_week >= 5).astype(float),
            "sine of the day": np.sin(2 * np.pi * of_day),
            "cosine of the day": np.cos(2 * np.pi * of_day),
        }
    )


def _hold_out(name: str, y: pd.Series, part: str) -> PathSeries:
    day = N_TIMES_OF_PARKING if name == "parking" else 24
    X = _make_calendar(pd.DatetimeIndex(y.index))
    X.insert(0, "y", y.to_numpy())
    if part == "before":
        X = X[: int(0.8 * len(X))]
    return PathSeries(name, X, [day, 7 * day], int(0.8 * len(X)), steps=day)
