"""The alignment rule: which rows of X a prediction may read.

The prediction for row t reads rows t-h-w+1 .. t-h of X and nothing newer (w: window_length,
h: horizon); columns known in advance are read at rows t-w+1 .. t. Row numbers are computed here
and nowhere else; scaling and training receive windows ready made.

A column of targets is read a season ago as well: at rows t-S-w+2 .. t-S+1, which surround the row
that stands whole seasons before the target.

A prediction early in X reaches back over rows before X. These rows and X together are the block
that windows are cut from.
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
    """Which rows before its own a prediction reads."""

    window_length: int
    horizon: int
    known: tuple[int, ...] = ()  # positions of the columns read `horizon` rows later than others
    seasons: tuple[Season, ...] = ()
    n_lags: int = 0  # rows of a target's column that its linear start reads, the newest at t-h

    @property
    def reach(self) -> int:
        """How many rows before row t its window reaches back: k = w + h - 1."""
        return self.window_length + self.horizon - 1

    @property
    def reach_of_history(self) -> int:
        """How many rows before row t its prediction reads at most."""
        return max(self.reach, self.n_lags + self.horizon - 1, self.reach_of_seasons)

    @property
    def reach_of_seasons(self) -> int:
        """How many rows before row t a season is read at most, 0 without seasons."""
        lags = [self.season_lag(season, d) for season in self.seasons for d in season.leads]
        return max(lags) + max(self.window_length - 2, 1) if lags else 0

    def season_lag(self, season: Season, lead: int) -> int:
        """How many rows before row t the row stands that is whole seasons before the target: S."""
        return find_season_lag(season.length, self.horizon, lead)

    def list_season_lags(self, season: Season) -> np.ndarray:
        """How many rows before row t each slot of a seasonal column stands, oldest first."""
        newest = self.season_lag(season, max(season.leads)) - 1
        return np.arange(newest + self.window_length - 1, newest - 1, -1)

    @property
    def lags(self) -> np.ndarray:
        """How many rows before its target each slot of a window stands, oldest first."""
        return np.arange(self.reach, self.horizon - 1, -1)

    def list_rows_ahead(self, n_rows: int) -> np.ndarray:
        """List the rows that can be forecast after `n_rows` rows, (horizon,)."""
        if self.horizon == 0:
            raise ValueError(
                "horizon=0 predicts a row from this row itself. The last row of predict is the "
                "forecast; forecast needs horizon >= 1."
            )
        return n_rows + np.arange(self.horizon)


def find_season_lag(length: int, horizon: int, lead: int) -> int:
    """Find how many rows before row t the row stands that is whole seasons before the target: S.

    As few seasons as leave the row after it readable: S = m s - d with m s >= h + d + 1.
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
    holds positions in it, oldest first: a missing row is the oldest that the prediction may read,
    and -1 says that it may read none. Of rows far before X (`is_far`) only predictions that can
    read no row of X make use.
    """
    target_rows = np.arange(n_rows)
    rows = _find_rows(target_rows, alignment.lags, alignment.horizon, n_before, is_far)
    rows[target_rows + n_before < alignment.horizon] = -1
    return rows


def _find_rows(
    target_rows: np.ndarray, lags: np.ndarray, horizon: int, n_before: int, is_far: bool
) -> np.ndarray:
    """Positions in the block, (n_rows, n_lags), where missing rows are the oldest readable."""
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
        """Tell for each target row of X whether its prediction may read an ordinary row at all."""
        return np.asarray(target_rows) + self.n_before >= self.alignment.horizon

    def has_seasons(self, target_rows: np.ndarray) -> np.ndarray:
        """Tell for each target row of X whether all rows of its seasons exist, and none is filled.

        All are there where there are no seasons.
        """
        alignment = self.alignment
        if not alignment.seasons:
            return np.ones(len(target_rows), bool)
        rows = np.asarray(target_rows) + self.n_before
        exist = rows - alignment.reach_of_seasons >= (self.n_before if self.is_far else 0)
        for season in alignment.seasons if self.filled else ():
            lags = [alignment.season_lag(season, lead) for lead in season.leads]
            oldest = rows - max(lags) - max(alignment.window_length - 2, 1)
            n_filled = np.searchsorted(self.filled, rows - min(lags) + 1, side="right")
            exist &= n_filled == np.searchsorted(self.filled, oldest)
        return exist

    def full_target_rows(self) -> np.ndarray:
        """List the target rows of X whose window misses no row: those to train on."""
        missing = max(0, self.alignment.reach - self.n_before)
        return np.arange(min(missing, len(self)), len(self))

    def find_rows(self, target_rows: np.ndarray, lags: np.ndarray) -> np.ndarray:
        """Find the rows of the block that stand `lags` before the target rows, (n_rows, n_lags).

        Missing ones are the oldest that the prediction may read.
        """
        horizon = self.alignment.horizon
        return _find_rows(target_rows, lags, horizon, self.n_before, self.is_far)

    def cut(self, target_rows: np.ndarray) -> np.ndarray:
        """Cut the windows of these target rows of X, (n_rows, window_length, n_columns).

        The columns are those of X, then one for each season. A window that `has_rows` denies is
        filled with the block's first row.
        """
        lags = self.alignment.lags
        windows = self.block.take(self.find_rows(target_rows, lags), axis=0)
        if self.alignment.known:
            known = np.array(self.alignment.known)
            rows = self.find_rows(target_rows, lags - self.alignment.horizon)
            windows[:, :, known] = self.block[rows[:, :, None], known]
        if not self.alignment.seasons:
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
        """All rows that the full windows of these targets read, from the oldest on, each once."""
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
