"""Preprocessing: all decisions before the network, from rows to training examples.

The first fit decides from its rows which rows a prediction reads, which column the target is taken
from, its seasons, the scales and the linear start. Continued training keeps these decisions and
makes examples from further rows.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sklstm._closed_form.linear_start import LinearStart, StartFit, count_lags, fit_linear_start
from sklstm._closed_form.natural_lengths import find_natural_lengths
from sklstm._closed_form.seasons import find_season_lengths
from sklstm._closed_form.unit_root import find_wandering
from sklstm._lstm.design import Design
from sklstm._lstm.examples import (
    Examples,
    TailRule,
    drop_weightless,
    join_examples,
    list_target_rows,
    make_examples,
    split_target_rows,
    suffices,
)
from sklstm._lstm.path_inputs import fit_path_inputs
from sklstm._lstm.quantiles import find_shift, repeat_for_quantiles, take_first_quantile
from sklstm._lstm.scaling import (
    Scaled,
    Scaling,
    TrainingRows,
    fit_scaling,
    repeat_outputs,
    resolve_kind,
    spread_sample,
    tells_level,
)
from sklstm._rows.means import exact_mean
from sklstm._rows.reading import Rows
from sklstm._rows.targets import (
    TargetColumn,
    find_target_columns,
    largest_lead,
    refuse_own_row,
    warn_of_leads,
)
from sklstm._rows.windows import Alignment, Season, Windows
from sklstm._warnings import warn_caller

logger = logging.getLogger(__name__)

FEWEST_SEASONAL_TARGETS = 10  # that have a full season before them
# With the season before the last one, the linear start of a path has 10 % less error on traffic and
# bikes.
MOST_SEASONS_BACK = 2
LEAST_SHARE_FAR_BACK = 0.5  # of the targets, which must also have all rows of that season


@dataclass(frozen=True)
class Preprocessing:
    """The decisions from the first training rows, which all training keeps."""

    design: Design
    alignment: Alignment
    target_columns: tuple[TargetColumn | None, ...]  # of each output, None if it is no column of X
    scaling: Scaling
    start: LinearStart | None
    # (n_outputs,), of the training targets, or their quantiles; predicted where no row may be read
    mean: np.ndarray
    # (n_outputs,), where quantiles start from without the linear start, as `OutputScales.shift`
    shift_without_start: np.ndarray

    @property
    def n_columns(self) -> int:
        """The number of columns that the network reads."""
        return len(self.scaling.columns.source)

    @property
    def n_beside(self) -> int:
        """The number of inputs of the path head for each step; 0 with a single step."""
        n_starts = 0 if self.start is None else len(self.target_columns)
        return self.scaling.path.count(n_starts) if self.scaling.path else 0

    def scale(self, windows: Windows, target_rows: np.ndarray) -> Scaled:
        """Cut and scale the windows of these rows, centred on the linear start if there is one."""
        start = None if self.start is None else self.start.predict(windows, target_rows)
        return self.scaling.cut(windows, target_rows, start)

    def forecast_start(self, windows: Windows, target_rows: np.ndarray) -> np.ndarray:
        """Forecast with only the linear start, or the mean without one, (n_rows, n_outputs)."""
        if self.start is None:
            return np.tile(self.mean, (len(target_rows), 1))
        if self.scaling.levels:
            return self.scale(windows, target_rows).centre
        return self.start.predict(windows, target_rows)

    def without_start(self, n_newest: int) -> Preprocessing:
        """Leave out the linear start, for a network that forecasts by itself.

        n_newest: number of rows of a window that it reads.
        """
        if self.start is None:
            return self
        outputs = self.scaling.outputs
        unit, shift = np.ones_like(outputs.unit), self.shift_without_start
        outputs = replace(outputs, unit=unit, shift=shift)
        scaling = replace(self.scaling, outputs=outputs, n_newest=n_newest)
        return replace(self, scaling=scaling, start=None)

    def read(self, windows: Windows, target_rows: np.ndarray) -> dict[str, np.ndarray]:
        """Read raw windows and the linear start's features; NaN if a season is missing."""
        window = windows.cut(target_rows)
        window[~windows.has_seasons(target_rows), :, windows.block.shape[1] :] = np.nan
        window[~windows.has_rows(target_rows)] = np.nan
        found = {"window": window}
        if self.start is not None:
            found["start"] = self.start.read(windows, target_rows)
            found["start"][~windows.has_rows(target_rows)] = np.nan
        if self.scaling.path is not None:
            path = self.scaling.path.read(windows, target_rows)
            n_known = len(self.alignment.known)
            path[:, :, :n_known][~windows.has_known(target_rows)] = np.nan
            path[~windows.has_seasons(target_rows), :, n_known:] = np.nan
            found["path"] = path
        return found

    def list_columns(self) -> list[int | None]:
        """List the column of each output; None if it is not a column of X."""
        return [target.column if target else None for target in self.target_columns]

    def list_leads(self) -> list[int | None]:
        """List the number of rows by which each output's column is later than the target's row."""
        return [target.lead if target else None for target in self.target_columns]

    def list_seasons(self) -> list[list[int]]:
        """List the seasons of each output's column."""
        seasons = self.alignment.seasons
        return [
            [season.length for season in seasons if target and season.column == target.column]
            for target in self.target_columns
        ]


@dataclass(frozen=True)
class Prepared:
    """Rows that are ready for the network."""

    preprocessing: Preprocessing
    train: Examples
    tail: Examples | None  # what early stopping validates on
    both: Examples | None = None  # of paths with a tail: all that train at the end

    def without_start(self, n_newest: int) -> Prepared:
        """Make the same examples for a network that forecasts by itself."""
        preprocessing = self.preprocessing.without_start(n_newest)
        tail, both = (
            None if part is None else part.without_start(preprocessing.scaling)
            for part in (self.tail, self.both)
        )
        return Prepared(preprocessing, self.train.without_start(preprocessing.scaling), tail, both)


def prepare(rows: Rows, design: Design, rule: TailRule | None) -> Prepared:
    """Decide the preprocessing from these first rows, and make their examples."""
    windows = Windows(rows.X, 0, design.alignment)
    targets = _find_targets(rows, design)
    target_rows = list_target_rows(windows, rows)
    gap = _find_gap(windows.alignment, targets)
    alignment = _complete_alignment(rows, windows, targets, target_rows, design, rule, gap)
    windows = replace(windows, alignment=alignment)
    train, tail = split_target_rows(_drop_seasonless(windows, target_rows), rule, gap)
    preprocessing = _fit_preprocessing(rows, windows, train, design, targets)
    if design.linear_start:
        preprocessing = _add_start(preprocessing, rows, windows, target_rows, train)
    logger.info(
        "Fit on %d rows: scaling %r, target columns %s, target leads %s, seasons %s",
        len(rows.X),
        preprocessing.scaling.kind,
        preprocessing.list_columns(),
        preprocessing.list_leads(),
        preprocessing.list_seasons(),
    )
    return _make_prepared(rows, windows, preprocessing, train, tail)


def prepare_more(
    rows: Rows, windows: Windows, preprocessing: Preprocessing, rule: TailRule | None = None
) -> Prepared:
    """Make the examples of further rows, and their windows, with an existing preprocessing."""
    gap = _find_gap(windows.alignment, preprocessing.target_columns)
    target_rows = list_target_rows(windows, rows)
    seasonal_rows = _drop_seasonless(windows, target_rows)
    if len(seasonal_rows) == 0:
        raise ValueError(
            f"X has only {len(rows.X)} rows, and none of them has a full season before it. The "
            f"seasons of the first fit are {preprocessing.list_seasons()}, in rows. Give rows that "
            "follow the kept ones, or more rows."
        )
    train, tail = split_target_rows(seasonal_rows, rule, gap)
    return _make_prepared(rows, windows, preprocessing, train, tail)


def _find_gap(alignment: Alignment, targets: Sequence[TargetColumn | None]) -> int:
    """Find the number of rows to leave out between the training targets and the tail."""
    return alignment.reach + largest_lead(targets) + alignment.steps - 1


def _drop_seasonless(windows: Windows, target_rows: np.ndarray) -> np.ndarray:
    """Leave out targets without a season before them, which the network cannot read."""
    if not windows.alignment.seasons:
        return target_rows
    return target_rows[windows.has_seasons(target_rows)]


def _make_prepared(
    rows: Rows,
    windows: Windows,
    preprocessing: Preprocessing,
    train: np.ndarray,
    tail: np.ndarray | None,
) -> Prepared:
    def make(target_rows: np.ndarray) -> Examples:
        scaling, start = preprocessing.scaling, preprocessing.start
        return make_examples(rows, windows, scaling, target_rows, start)

    if tail is None:
        return Prepared(preprocessing, make(train), None)
    first, last = make(train), make(tail)
    both = join_examples(first, last, rows) if windows.alignment.steps > 1 else None
    return Prepared(preprocessing, first, last, both)


def _find_targets(rows: Rows, design: Design) -> tuple[TargetColumn | None, ...]:
    """Find each output among the columns of X, and refuse it if its own window contains it."""
    y, horizon = rows.counted_y, design.horizon
    is_plain_regression = design.alignment.reach == 0
    refuse_own_row(rows.X, y, horizon, design.known_columns, is_plain_regression)
    found = find_target_columns(rows.X, y, horizon, design.target_column)
    if horizon >= 1:
        warn_of_leads(found, horizon)
    return tuple(found)


def _complete_alignment(
    rows: Rows,
    windows: Windows,
    targets: Sequence[TargetColumn | None],
    target_rows: np.ndarray,
    design: Design,
    rule: TailRule | None,
    gap: int,
) -> Alignment:
    """Add the seasons and the lags of the linear start to the rows that a prediction reads."""
    alignment, natural = windows.alignment, find_natural_lengths(rows.labels)
    train, _ = split_target_rows(target_rows, rule, gap)
    read = windows.rows_read(train)
    leads: dict[int, tuple[int, ...]] = {}
    for target in targets:
        if target:
            leads[target.column] = (*leads.get(target.column, ()), target.lead)
    for column, own in leads.items():
        is_found = isinstance(design.season_length, str)
        lengths = design.season_length
        if isinstance(lengths, str):
            lengths = find_season_lengths(read[:, column], natural)
        for length in lengths:
            season = Season(column, length, own)
            more = replace(alignment, seasons=(*alignment.seasons, season))
            there = target_rows[replace(windows, alignment=more).has_seasons(target_rows)]
            if _may_use(there, target_rows, rule, gap, is_found and not design.linear_start):
                alignment = more
            elif not is_found:
                warn_caller(
                    f"season_length={length} is ignored, because only {len(there)} of "
                    f"{len(target_rows)} targets have a full season before them. Give more rows, "
                    "or use a shorter season."
                )
    if design.linear_start and alignment.steps > 1 and alignment.seasons:
        more = replace(alignment, seasons_back=MOST_SEASONS_BACK)
        there = replace(windows, alignment=more).has_seasons(target_rows)
        if np.mean(there) >= LEAST_SHARE_FAR_BACK:
            alignment = more
    if design.linear_start and leads:
        has_season = len(alignment.seasons) > 0 and alignment.steps == 1
        n_lags = count_lags(len(target_rows), has_season)
        alignment = replace(alignment, n_lags=n_lags)
    return alignment


def _may_use(
    there: np.ndarray, target_rows: np.ndarray, rule: TailRule | None, gap: int, spares_tail: bool
) -> bool:
    """Tell whether the targets that have a season before them, `there`, are enough to use it.

    spares_tail: do not use a season that leaves too few targets for a tail. A linear start gains
    more from its season than from a network: with air passengers, the error relative to the last
    value is 0.33 with the season and 0.86 with a network instead.
    """
    if len(there) < FEWEST_SEASONAL_TARGETS:
        return False
    if spares_tail and rule and suffices(target_rows, rule, gap):
        return suffices(there, rule, gap)
    try:
        split_target_rows(there, rule, gap)
    except ValueError:
        return False
    return True


def _fit_preprocessing(
    rows: Rows,
    windows: Windows,
    target_rows: np.ndarray,
    design: Design,
    targets: tuple[TargetColumn | None, ...],
) -> Preprocessing:
    """Fit the scales, and the mean, to the rows that these targets read and to the targets."""
    of_paths = target_rows
    target_rows = drop_weightless(target_rows, rows.weight)  # of a path, its first step's own
    y, weight = rows.take(target_rows)
    mean = exact_mean(y, weight[:, 0])
    if design.quantiles:
        mean = find_shift(y, weight, design.quantiles)
    sample = windows.cut(target_rows[spread_sample(len(target_rows))])
    read = TrainingRows(sample, windows.rows_read(target_rows), y)
    kind = resolve_kind(design.scaling, read, rows.X, rows.counted_y, targets, design.linear_start)
    window_columns = design.window_columns
    if design.linear_start and design.scaling == "auto" and not window_columns:
        window_columns = _find_wandering(read.X, design.known_columns)
    alignment = windows.alignment
    seasons = alignment.seasons[: alignment.n_seasonal_columns]
    season_columns = [season.column for season in seasons]
    scaling = fit_scaling(kind, read, targets, window_columns, season_columns)
    path = fit_path_inputs(alignment, targets, read.X)
    outputs = repeat_outputs(scaling.outputs, design.steps, design.quantiles)
    scaling = replace(scaling, outputs=outputs, path=path, levels=design.quantiles)
    mean = np.tile(mean, design.steps)
    preprocessing = Preprocessing(design, alignment, targets, scaling, None, mean, outputs.shift)
    return _add_quantiles(preprocessing, rows, windows, of_paths)


def _add_quantiles(
    preprocessing: Preprocessing, rows: Rows, windows: Windows, target_rows: np.ndarray
) -> Preprocessing:
    """Find where quantiles start without a linear start: at those of the centre's errors."""
    scaling, levels = preprocessing.scaling, preprocessing.design.quantiles
    if not levels:
        return preprocessing
    sample = target_rows[spread_sample(len(target_rows))]
    y, weight = rows.take(sample, windows.alignment.steps)
    scaled = scaling.cut(windows, sample)
    centre, scale = (take_first_quantile(part, levels) for part in (scaled.centre, scaled.scale))
    shift = find_shift((y - centre) / scale, weight, levels)
    scaling = replace(scaling, outputs=replace(scaling.outputs, shift=shift))
    return replace(preprocessing, scaling=scaling, shift_without_start=shift)


def _find_wandering(X: np.ndarray, known: Sequence[int]) -> tuple[int, ...]:
    """Find the columns that return to no level; those known in advance are read as they are."""
    others = np.setdiff1d(np.arange(X.shape[1]), known)
    return tuple(others[find_wandering(X[:, others])].tolist())


def _add_start(
    preprocessing: Preprocessing,
    rows: Rows,
    windows: Windows,
    target_rows: np.ndarray,
    train: np.ndarray,
) -> Preprocessing:
    """Fit the linear start to all targets, and use its training error as the unit.

    The targets of the tail are included. This makes the start look better there, which favours
    small shares of the networks. Without them it forecasts worse: births have 1.01 instead of 0.84
    of the last value's error.
    """
    steps, read = windows.alignment.steps, windows.rows_read(target_rows)
    y, _ = rows.take(drop_weightless(target_rows, rows.weight))
    quantiles = preprocessing.design.quantiles
    levels = [
        target if target and tells_level(target, read, output) else None
        for target, output in zip(preprocessing.target_columns, y.T, strict=True)
    ]
    y, weight = rows.take(target_rows, steps)
    fitted = fit_linear_start(windows, levels, target_rows, y, weight)
    start = fitted.start
    sample = train[spread_sample(len(train))]
    y, weight = rows.take(sample, steps)
    # Equal ones of any size give the same bits.
    weight = weight / np.array([exact_mean(own) for own in weight.T])
    scaled = preprocessing.scaling.cut(windows, sample)
    scale = take_first_quantile(scaled.scale, quantiles)
    missed = (y - start.predict(windows, sample)) / scale
    rms = np.sqrt(np.average(missed**2, axis=0, weights=weight))
    unit = repeat_for_quantiles(np.where(rms > 0, rms, 1.0), quantiles)
    outputs = replace(preprocessing.scaling.outputs, unit=unit)
    if quantiles:
        outputs = replace(outputs, shift=_find_shift_from(fitted, rows, windows, preprocessing))
    scaling = replace(preprocessing.scaling, outputs=outputs)
    return replace(preprocessing, scaling=scaling, start=start)


def _find_shift_from(
    fitted: StartFit, rows: Rows, windows: Windows, preprocessing: Preprocessing
) -> np.ndarray:
    """Find the quantiles of the linear start's leave-one-out errors."""
    there = np.flatnonzero(windows.has_seasons(fitted.target_rows))
    picks = there[spread_sample(len(there))]
    sample, levels = fitted.target_rows[picks], preprocessing.design.quantiles
    _, weight = rows.take(sample, windows.alignment.steps)
    scale = take_first_quantile(preprocessing.scaling.cut(windows, sample).scale, levels)
    return find_shift(fitted.left_out[picks] / scale, weight, levels)
