"""Preprocessing: all that is decided before the network, from rows to the examples that train it.

A first fit decides on its rows which rows a prediction reads, which column the target is and how
both are scaled. That stays: to go on training is to make examples of further rows by it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np

from sklstm._lstm.design import Design
from sklstm._lstm.examples import Examples, choose_target_rows, make_examples
from sklstm._lstm.scaling import Scaling, TrainingRows, fit_scaling, resolve_kind, spread_sample
from sklstm._rows.means import exact_mean
from sklstm._rows.reading import Rows
from sklstm._rows.targets import (
    TargetColumn,
    find_target_columns,
    largest_lead,
    refuse_own_row,
    warn_of_leads,
)
from sklstm._rows.windows import Alignment, Windows

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Preprocessing:
    """What was decided on the first training rows, and stays through all training."""

    design: Design
    target_columns: tuple[TargetColumn | None, ...]  # of each output, None if it is no column of X
    scaling: Scaling
    mean: np.ndarray  # (n_outputs,), of the training targets; predicted where no row may be read

    @property
    def alignment(self) -> Alignment:
        """Which rows a prediction reads."""
        return self.design.alignment

    def list_columns(self) -> list[int | None]:
        """List each output's column, None where it is none."""
        return [target.column if target else None for target in self.target_columns]

    def list_leads(self) -> list[int | None]:
        """List by how many rows each output's column is later than the target's row."""
        return [target.lead if target else None for target in self.target_columns]


@dataclass(frozen=True)
class Prepared:
    """Rows that are ready for the network."""

    preprocessing: Preprocessing
    train: Examples
    tail: Examples | None  # what early stopping validates on


def prepare(rows: Rows, design: Design, validation_fraction: float | None) -> Prepared:
    """Decide the preprocessing on these rows, the first, and make their examples."""
    windows = Windows(rows.X, 0, design.alignment)
    target_columns = _find_targets(rows, design)
    lead = largest_lead(target_columns)
    train, tail = choose_target_rows(windows, rows.weight, validation_fraction, lead)
    preprocessing = _fit_preprocessing(rows, windows, train, design, target_columns)
    logger.info(
        "%d rows: scaling %r, target column %s, %s rows later",
        len(rows.X),
        preprocessing.scaling.kind,
        preprocessing.list_columns(),
        preprocessing.list_leads(),
    )
    return _make_prepared(rows, windows, preprocessing, train, tail)


def prepare_more(
    rows: Rows,
    windows: Windows,
    preprocessing: Preprocessing,
    validation_fraction: float | None = None,
) -> Prepared:
    """Make the examples of further rows, with their windows, by the preprocessing as it is."""
    lead = largest_lead(preprocessing.target_columns)
    train, tail = choose_target_rows(windows, rows.weight, validation_fraction, lead)
    return _make_prepared(rows, windows, preprocessing, train, tail)


def _make_prepared(
    rows: Rows,
    windows: Windows,
    preprocessing: Preprocessing,
    train: np.ndarray,
    tail: np.ndarray | None,
) -> Prepared:
    def make(target_rows: np.ndarray) -> Examples:
        return make_examples(rows, windows, preprocessing.scaling, target_rows)

    return Prepared(preprocessing, make(train), None if tail is None else make(tail))


def _find_targets(rows: Rows, design: Design) -> tuple[TargetColumn | None, ...]:
    """Find each output among the columns of X, and refuse it in its own window."""
    y, horizon = rows.counted_y, design.horizon
    is_plain_regression = design.alignment.reach == 0
    refuse_own_row(rows.X, y, horizon, design.known_columns, is_plain_regression)
    found = find_target_columns(rows.X, y, horizon, design.target_column)
    if horizon >= 1:
        warn_of_leads(found, horizon)
    return tuple(found)


def _fit_preprocessing(
    rows: Rows,
    windows: Windows,
    target_rows: np.ndarray,
    design: Design,
    target_columns: tuple[TargetColumn | None, ...],
) -> Preprocessing:
    """Fit the scales, and the mean, to the rows that these targets read and to the targets."""
    y, weight = rows.take(target_rows)
    mean = exact_mean(y, weight)
    sample = windows.cut(target_rows[spread_sample(len(target_rows))])
    read = TrainingRows(sample, windows.rows_read(target_rows), y)
    kind = resolve_kind(design.scaling, read, rows.X, rows.counted_y, target_columns)
    scaling = fit_scaling(kind, read, target_columns, design.window_columns)
    return Preprocessing(design, target_columns, scaling, mean)
