"""The baselines: the last value, the last season, and regressions on lags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sklstm._nested.parts import find_params
from sklstm._rows.number_columns import read_table
from sklstm.evaluation._band_scores import Levels
from sklstm.evaluation._lags import make_boosting_on_lags, make_ridge_on_lags
from sklstm.evaluation._lead_by_lead import LeadByLead
from sklstm.evaluation._naive import (
    LastValueRegressor,
    SeasonalNaiveRegressor,
    count_rows_before,
)
from sklstm.evaluation._target_seasons import TargetSeasons

LAST_VALUE = "last value"
RIVALS = LAST_VALUE, "seasonal naive", "ridge on lags", "gradient boosting on lags"
DEFAULT_WINDOW_LENGTH = 8  # rows, where no model has a window


@dataclass(frozen=True)
class Rivals:
    """The horizon of the baselines, and the rows and columns that they read."""

    horizon: int
    seasons: TargetSeasons
    window_length: int = DEFAULT_WINDOW_LENGTH
    known: tuple[int, ...] = ()  # positions of the columns that are known in advance

    def make(
        self, n_leads: int = 1, levels: Levels | None = None, as_paths: bool = False
    ) -> dict[str, Any]:
        """Make the baselines, by the name of their row in the table; they read only numbers.

        levels: of the quantiles around the last value and the last season; as_paths: whether to
        forecast paths even with a single lead.
        """
        lags = {
            "horizon": self.horizon,
            "window_length": self.window_length,
            "known_columns": list(self.known),
            "seasons": self.seasons.lengths,
        }
        naive = [
            LastValueRegressor(horizon=self.horizon),
            SeasonalNaiveRegressor(season_length=self.seasons.length, horizon=self.horizon),
        ]
        on_lags = [make_ridge_on_lags(**lags), make_boosting_on_lags(**lags)]
        if n_leads == 1 and levels is None and not as_paths:
            return dict(zip(RIVALS, [*naive, *on_lags], strict=True))
        quantiles = levels.shared if levels else None
        made = [
            LeadByLead(
                each, steps=n_leads, quantiles=quantiles, count_rows_before=count_rows_before
            )
            for each in naive
        ]
        made += [LeadByLead(each, steps=n_leads) for each in on_lags]
        return dict(zip(RIVALS, made, strict=True))

    def describe(self, names: Sequence[str]) -> dict[str, str]:
        """Describe the rows and columns that each baseline reads; names: of the numeric columns."""
        known = ", ".join(names[position] for position in self.known)
        seasons = " and ".join(map(str, self.seasons.lengths))
        lags = f"{self.window_length} rows"
        lags += f", seasons of {seasons} rows" if seasons else ""
        lags += f", known: {known}" if known else ""
        texts = ["1 row", str(self.seasons), lags, lags]
        return dict(zip(RIVALS, texts, strict=True))


@dataclass(frozen=True)
class Reading:
    """The rows and columns that a model reads, from its parameters; None if unknown."""

    horizon: int | None = None
    window_length: int | None = None
    known: tuple[int, ...] | None = None  # positions among the columns of numbers


def find_reading(models: Iterable[Any], X: Any, names: Sequence[str]) -> Reading:
    """Find the rows and columns that fitted models read; the first model with a setting counts.

    names: of the numeric columns of X. Columns that a model knows in advance are found among them
    by name, or by position if it was fitted on all columns of X.
    """
    models = [getattr(model, "best_estimator_", model) for model in models]
    found = {
        name: next((value for model in models for value in find_params(model, name).values()), None)
        for name in ("horizon", "window_length", "known_columns")
    }
    known = None
    if found["known_columns"] is not None:
        known = tuple(_locate_known(found["known_columns"], list_columns(X), names))
    return Reading(found["horizon"], found["window_length"], known)


def _locate_known(
    known_columns: Any, columns: Sequence[str], names: Sequence[str]
) -> Iterator[int]:
    is_one = isinstance(known_columns, str) or np.ndim(known_columns) == 0
    for column in [known_columns] if is_one else known_columns:
        is_position = not isinstance(column, str) and 0 <= column < len(columns)
        name = columns[column] if is_position else str(column)
        if name in names:
            yield names.index(name)


def list_columns(X: Any) -> list[str]:
    """List the names of all columns of X, positions as text where they have none."""
    columns = getattr(X, "columns", None)
    return [str(name) for name in (range(np.shape(X)[1]) if columns is None else columns)]


def read_numbers(*blocks: Any) -> list[pd.DataFrame]:
    """Read the numeric columns of blocks of rows that follow each other.

    Missing numbers are NaN. A pandas index is kept, because it may contain the time.
    """
    tables = [read_table(X) for X in blocks]
    shared = [name for name in tables[0] if all(name in table for table in tables)]
    if not shared:
        raise ValueError("X has no numeric column that the baselines could read.")
    return [table[shared].rename(columns=str) for table in tables]
