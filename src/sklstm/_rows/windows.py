"""The alignment rule: which rows of X a prediction may read.

The prediction for row t reads rows t-h-w+1 .. t-h of X and nothing newer (w: window_length,
h: horizon); columns known in advance are read at rows t-w+1 .. t. Row numbers are computed here
and nowhere else; scaling and training receive windows ready made.

A column of targets is also read a season ago: at rows t-S-w+2 .. t-S+1, around the row that is
whole seasons before the target.

Step j of a path is the prediction for row t+j at horizon h+j. All steps read the same window. Each
step also reads known columns in its own row, and the rows around its own time a season ago.

A prediction early in X reads rows before X. These rows and X together are the block that windows
are cut from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Season:
    """A season of a column of targets."""

    column: int  # position in X
    length: int  # s, in rows
    leads: tuple[int, ...]  # d of each output in this column: how many rows after t its target is


@dataclass(frozen=True)
class Alignment:
    """The rows that a prediction reads, relative to its own row."""

    window_length: int
    horizon: int
    known: tuple[int, ...] = ()  # positions of the columns read `horizon` rows later than others
    seasons: tuple[Season, ...] = ()
    n_lags: int = 0  # rows of a target's column that its linear start reads, the newest at t-h
    steps: int = 1  # rows predicted at once: t .. t + steps - 1
    seasons_back: int = 1  # in how many seasons a linear start reads the rows of a step

    @property
    def reach(self) -> int:
        """The number of rows before row t that its window reaches back: k = w + h - 1."""
        return self.window_length + self.horizon - 1

    @property
    def n_seasonal_columns(self) -> int:
        """The number of season columns of a window; steps of a path read theirs separately."""
        return len(self.seasons) if self.steps == 1 else 0

    @property
    def reach_of_history(self) -> int:
        """The largest number of rows before row t that its prediction reads."""
        return max(self.reach, self.n_lags + self.horizon - 1, self.reach_of_seasons)

    @property
    def reach_of_seasons(self) -> int:
        """The largest number of rows before row t at which a season is read; 0 without seasons."""
        return max((self._find_oldest(season) for season in self.seasons), default=0)

    def _find_oldest(self, season: Season) -> int:
        """The number of rows from the oldest row of a season to row t."""
        oldest = max(self.list_places(season))
        if self.steps > 1:
            return oldest + (self.seasons_back - 1) * season.length + 1
        return oldest + max(self.window_length - 2, 1)

    def list_places(self, season: Season) -> list[int]:
        """List the rows from the season's row of each step and lead to row t."""
        steps = range(self.steps)
        return [self.season_lag(season, lead, step) for lead in season.leads for step in steps]

    def season_lag(self, season: Season, lead: int, step: int = 0) -> int:
        """The number of rows from the row that is whole seasons before the target to row t: S."""
        return find_season_lag(season.length, self.horizon + step, lead) - step

    def list_season_lags(self, season: Season) -> np.ndarray:
        """The number of rows from each slot of a seasonal column to row t, oldest first."""
        newest = self.season_lag(season, max(season.leads)) - 1
        return np.arange(newest + self.window_length - 1, newest - 1, -1)

    @property
    def lags(self) -> np.ndarray:
        """The number of rows from each slot of a window to row t, oldest first."""
        return np.arange(self.reach, self.horizon - 1, -1)

    @property
    def n_rows_ahead(self) -> int:
        """The number of rows that can be forecast after the last one: horizon + steps - 1."""
        return self.horizon + self.steps - 1

    def list_rows_ahead(self, n_rows: int) -> np.ndarray:
        """List the first rows of the paths that forecast the rows after `n_rows` rows.

        All paths but the last contribute only their first step.
        """
        if self.n_rows_ahead == 0:
            raise ValueError(
                "horizon=0 predicts a row from the row itself, so the last row of predict is the "
                "forecast. The method forecast needs horizon >= 1 or steps >= 2."
            )
        return np.arange(n_rows, n_rows + self.horizon) if self.horizon else np.array([n_rows - 1])


def find_season_lag(length: int, horizon: int, lead: int) -> int:
    """Find S, the number of rows from the row that is whole seasons before the target to row t.

    It is the fewest seasons for which the row after it is readable: S = m s - d, m s >= h + d + 1.
    """
    n_seasons = -(-(horizon + lead + 1) // length)
    return n_seasons * length - lead


def list_lags_around_season(length: int, horizon: int, lead: int) -> list[int]:
    """List how many rows before row t a linear model reads for a season: S + 1, S and S - 1."""
    lag = find_season_lag(length, horizon, lead)
    return [lag + 1, lag, lag - 1]


def window_rows(
    n_rows: int, alignment: Alignment, n_before: int = 0, is_far: bool = False
) -> np.ndarray:
    """Compute which rows of the block each prediction of X reads.

    The block is `n_before` rows, then the `n_rows` rows of X. The result, (n_rows, window_length),
    contains positions in it, oldest first. A missing row is replaced by the oldest row that the
    prediction may read; -1 means that it may read none. If the rows before X are far away
    (`is_far`), only predictions that can read no row of X use them.
    """
    target_rows = np.arange(n_rows)
    rows = _find_rows(target_rows, alignment.lags, alignment.horizon, n_before, is_far)
    rows[target_rows + n_before < alignment.horizon] = -1
    return rows


def _find_rows(
    target_rows: np.ndarray, lags: np.ndarray, horizon: int, n_before: int, is_far: bool
) -> np.ndarray:
    """Return positions in the block, (n_rows, n_lags); missing rows are the oldest readable row."""
    rows = np.asarray(target_rows)[:, None] + (n_before - np.asarray(lags))
    oldest = np.where(np.asarray(target_rows) < horizon, 0, n_before)[:, None] if is_far else 0
    return np.maximum(rows, oldest, out=rows)


@dataclass(frozen=True)
class Windows:
    """The windows that the predictions for the rows of X read, cut out of the block on demand."""

    block: np.ndarray  # (n_before + n_rows, n_features), float64
    n_before: int  # rows of the block before X
    alignment: Alignment
    is_far: bool = False  # the rows before X do not adjoin it
    filled: tuple[int, ...] = ()  # rows of the block that were missing, oldest first

    def __len__(self) -> int:
        """Count the predictions: one for each row of X."""
        return len(self.block) - self.n_before

    def has_rows(self, target_rows: np.ndarray) -> np.ndarray:
        """Tell for each target row of X whether its prediction may read any ordinary row."""
        return np.asarray(target_rows) + self.n_before >= self.alignment.horizon

    def has_seasons(self, target_rows: np.ndarray) -> np.ndarray:
        """Tell for each target row of X whether all rows of its seasons exist, and none is filled.

        It is True if there are no seasons.
        """
        alignment = self.alignment
        if not alignment.seasons:
            return np.ones(len(target_rows), bool)
        rows = np.asarray(target_rows) + self.n_before
        exist = rows - alignment.reach_of_seasons >= (self.n_before if self.is_far else 0)
        for season in alignment.seasons if self.filled else ():
            oldest = rows - alignment._find_oldest(season)
            newest = rows - min(alignment.list_places(season)) + 1
            n_filled = np.searchsorted(self.filled, newest, side="right")
            exist &= n_filled == np.searchsorted(self.filled, oldest)
        return exist

    def full_target_rows(self) -> np.ndarray:
        """List the target rows of X whose window misses no row: those to train on."""
        missing = max(0, self.alignment.reach - self.n_before)
        return np.arange(min(missing, len(self)), len(self))

    def find_rows(self, target_rows: np.ndarray, lags: np.ndarray) -> np.ndarray:
        """Find the rows of the block that are `lags` before the target rows, (n_rows, n_lags).

        Missing rows are replaced by the oldest that the prediction may read. Rows after the last,
        which only known columns have, are replaced by the last.
        """
        horizon = self.alignment.horizon
        rows = _find_rows(target_rows, lags, horizon, self.n_before, self.is_far)
        is_ahead = np.min(lags, initial=0) < 0
        return np.minimum(rows, len(self.block) - 1, out=rows) if is_ahead else rows

    def has_known(self, target_rows: np.ndarray) -> np.ndarray:
        """Tell for each step whether its row has the known columns, (n_rows, steps)."""
        alignment = self.alignment
        if not alignment.known:
            return np.ones((len(target_rows), alignment.steps), bool)
        rows = np.asarray(target_rows)[:, None] + self.n_before + np.arange(alignment.steps)
        known = self.block[np.minimum(rows, len(self.block) - 1)][:, :, list(alignment.known)]
        return (rows < len(self.block)) & ~np.isnan(known).any(axis=2)

    def cut(self, target_rows: np.ndarray) -> np.ndarray:
        """Cut the windows of these target rows of X, (n_rows, window_length, n_columns).

        The columns are those of X, then one for each season if there is a single step. If
        `has_rows` is False, the window is filled with the block's first row.
        """
        lags = self.alignment.lags
        windows = self.block.take(self.find_rows(target_rows, lags), axis=0)
        if self.alignment.known:
            known = np.array(self.alignment.known)
            rows = self.find_rows(target_rows, lags - self.alignment.horizon)
            windows[:, :, known] = self.block[rows[:, :, None], known]
        if not self.alignment.n_seasonal_columns:
            return windows
        return np.concatenate([windows, self._cut_seasons(target_rows)], axis=2)

    def _cut_seasons(self, target_rows: np.ndarray) -> np.ndarray:
        """Cut the seasonal columns, (n_rows, window_length, n_seasons)."""
        columns = []
        for season in self.alignment.seasons:
            rows = self.find_rows(target_rows, self.alignment.list_season_lags(season))
            columns.append(self.block[rows, season.column])
        return np.stack(columns, axis=2)

    def rows_read(self, target_rows: np.ndarray) -> np.ndarray:
        """Return all rows that the full windows of these targets read, oldest first, each once."""
        horizon, known = self.alignment.horizon, list(self.alignment.known)
        begin = target_rows[0] + self.n_before - self.alignment.reach
        end = target_rows[-1] + self.n_before - horizon + 1
        rows = self.block[begin:end]
        if known:
            rows = rows.copy()
            rows[:, known] = self.block[begin + horizon : end + horizon, known]
        return rows

    def followed_by(self, rows: np.ndarray) -> Windows:
        """Add rows after the last one of X."""
        return replace(self, block=np.concatenate([self.block, rows]))
