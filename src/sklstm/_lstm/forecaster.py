"""The fitted forecaster: the result of a fit, to predict with or to continue training from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sklstm._lstm.design import Design, refuse_another
from sklstm._lstm.members import (
    Member,
    Schedule,
    draw_members,
    share_out,
    train_members,
    train_on_all,
)
from sklstm._lstm.preprocessing import Prepared, Preprocessing, prepare, prepare_more
from sklstm._lstm.quantiles import split_quantiles
from sklstm._lstm.settings import read_settings
from sklstm._rows.history import Kept, Place, find_place
from sklstm._rows.labels import Labels
from sklstm._rows.reading import Rows
from sklstm._rows.windows import Alignment, Windows


@dataclass(frozen=True)
class Forecaster:
    """Trained networks, with everything that their predictions need."""

    preprocessing: Preprocessing
    members: tuple[Member, ...]
    network_share: float | None  # of the linear start's error in the tail, what they take off
    kept: Kept
    y_shape: tuple[int, ...]  # of a row's targets: () or (n_outputs,)

    @property
    def alignment(self) -> Alignment:
        """The rows that a prediction reads."""
        return self.preprocessing.alignment

    def find_place(self, X: np.ndarray, labels: Labels | None, history: str) -> Place:
        """Find the position of X among the kept rows."""
        return find_place(self.kept, X, labels, self.alignment, history)

    def predict(self, windows: Windows, target_rows: np.ndarray) -> np.ndarray:
        """Predict the targets of these rows, in the shape of y: the first steps of their paths."""
        return self.predict_steps(windows, target_rows)[:, 0]

    def predict_steps(self, windows: Windows, target_rows: np.ndarray) -> np.ndarray:
        """Predict the paths that begin in these rows, (n_rows, steps, ...), then as y."""
        place = self.preprocessing.design.median_place
        return self.predict_quantiles(windows, target_rows)[..., place]

    def predict_quantiles(self, windows: Windows, target_rows: np.ndarray) -> np.ndarray:
        """Predict the quantiles of these paths, (n_rows, steps, ..., n_quantiles).

        Without quantiles, the last axis has just the forecast. If the season of a row is missing,
        only the linear start forecasts. A step is NaN if known columns of its row are missing.
        """
        y = np.zeros((len(target_rows), len(self.preprocessing.mean)))
        for member in self.members:
            y += member.share * member.predict(self.preprocessing, windows, target_rows)
        is_alone = ~windows.has_seasons(target_rows)
        if is_alone.any():
            y[is_alone] = self.preprocessing.forecast_start(windows, target_rows[is_alone])
        y[~windows.has_rows(target_rows)] = self.preprocessing.mean
        quantiles = split_quantiles(y, self.preprocessing.design.quantiles)
        shape = len(y), self.alignment.steps, *self.y_shape, quantiles.shape[-1]
        paths = quantiles.reshape(shape)
        if self.alignment.steps > 1:
            paths[~windows.has_known(target_rows)] = np.nan
        return paths


def begin(rows: Rows, design: Design, params: Mapping[str, Any], schedule: Schedule) -> Forecaster:
    """Train a new forecaster on these rows; `params` are the regressor's parameters."""
    prepared = prepare(rows, design, schedule.tail)
    sizes = design.size_network(prepared.preprocessing.n_columns, prepared.preprocessing.n_beside)
    members = draw_members(params, prepared, sizes, schedule)
    kept = Kept(rows.X, rows.labels)
    untrained = Forecaster(prepared.preprocessing, members, None, kept, rows.y_shape)
    return _train(untrained, prepared, schedule)


def go_on(
    before: Forecaster,
    rows: Rows,
    design: Design,
    params: Mapping[str, Any],
    schedule: Schedule,
    history: str = "none",
) -> Forecaster:
    """Continue to train a forecaster on these rows, with the rows before them by `history`."""
    _refuse_other_shape(before, rows)
    refuse_another(before.preprocessing.design, design)
    place = before.find_place(rows.X, rows.labels, history)
    windows = place.make_windows(rows.X)
    prepared = prepare_more(rows, windows, before.preprocessing, schedule.tail)
    members = tuple(
        replace(member, settings=read_settings(params, member.settings.sizes, member.settings.seed))
        for member in before.members
    )
    kept = place.keep(rows.X, rows.labels)
    return _train(replace(before, members=members, kept=kept), prepared, schedule)


def _train(forecaster: Forecaster, prepared: Prepared, schedule: Schedule) -> Forecaster:
    """Train the networks, and compute their shares of the forecast."""

    def stand_alone(member: Member) -> Forecaster:
        member = replace(member, share=np.ones_like(member.share))
        return replace(forecaster, members=(member,), network_share=None)

    members = train_members(forecaster.members, prepared, schedule, stand_alone)
    members, share = share_out(members, prepared)
    members = train_on_all(members, prepared, schedule, stand_alone)
    if share is None:
        share = forecaster.network_share
    return replace(forecaster, members=members, network_share=share)


def _refuse_other_shape(before: Forecaster, rows: Rows) -> None:
    if rows.y_shape != before.y_shape:
        n_outputs = len(before.preprocessing.target_columns)
        raise ValueError(
            f"y has the shape {(len(rows.y), *rows.y_shape)}, but training began with {n_outputs} "
            f"outputs and the shape {('n_rows', *before.y_shape)}. Give y that shape, or fit with "
            "warm_start=False."
        )
