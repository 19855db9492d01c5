"""The fitted forecaster: what a fit leaves, to predict with and to go on training from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from sklstm._lstm.design import Design, refuse_another
from sklstm._lstm.examples import TailRule
from sklstm._lstm.predictions import predict_rows
from sklstm._lstm.preprocessing import Prepared, Preprocessing, prepare, prepare_more
from sklstm._lstm.settings import TrainingSettings, read_settings
from sklstm._lstm.trained import Trained, start
from sklstm._network.start import start_tensorflow
from sklstm._rows.history import Kept, Place, find_place
from sklstm._rows.labels import Labels
from sklstm._rows.reading import Rows
from sklstm._rows.windows import Alignment, Windows


@dataclass(frozen=True)
class Schedule:
    """How long one call trains, and what stops it early."""

    n_epochs: int
    report: Callable[[int, float, float | None], None]  # of each epoch: number, loss, score
    tail: TailRule | None = None  # None: no early stopping
    tol: float = 0.0
    n_iter_no_change: int = 1


@dataclass(frozen=True)
class Forecaster:
    """A network that was trained, with all that its predictions need."""

    preprocessing: Preprocessing
    settings: TrainingSettings
    trained: Trained
    kept: Kept
    y_shape: tuple[int, ...]  # of a row's targets: () or (n_outputs,)

    @property
    def alignment(self) -> Alignment:
        """Which rows a prediction reads."""
        return self.preprocessing.alignment

    @property
    def network_share(self) -> float | None:
        """How much of what the linear start misses in the tail the network takes off."""
        if not self.trained.scores:
            return None
        first, best = 1 - self.trained.scores[0], 1 - self.trained.best_score
        return float(1 - best / first) if first > 0 else 0.0

    def find_place(self, X: np.ndarray, labels: Labels | None, history: str) -> Place:
        """Find where X stands among the kept rows."""
        return find_place(self.kept, X, labels, self.alignment, history)

    def predict(self, windows: Windows, target_rows: np.ndarray) -> np.ndarray:
        """Predict the targets of these rows, in the shape of y.

        Where the network lacks a season, the linear start forecasts alone.
        """
        y = predict_rows(
            self.trained.weights,
            lambda some: self.preprocessing.scale(windows, some),
            target_rows,
            peephole=self.settings.peephole,
            linear_skip=self.settings.linear_skip,
        )
        start, mean = self.preprocessing.start, self.preprocessing.mean
        is_alone = ~windows.has_seasons(target_rows)
        if is_alone.any():
            y[is_alone] = start.predict(windows, target_rows[is_alone]) if start else mean
        y[~windows.has_rows(target_rows)] = mean
        return y.reshape(len(y), *self.y_shape)


def begin(rows: Rows, design: Design, params: Mapping[str, Any], schedule: Schedule) -> Forecaster:
    """Train a new forecaster on these rows; `params` are the regressor's parameters."""
    quantile = params["quantile"] if params["loss"] == "quantile" else None
    prepared = prepare(rows, design, schedule.tail, quantile)
    sizes = design.size_network(prepared.preprocessing.n_columns)
    seed = int(check_random_state(params["random_state"]).randint(2**31 - 1))
    settings = read_settings(params, sizes, seed)
    trained = _train(start(sizes, seed), prepared, settings, schedule)
    kept = Kept(rows.X, rows.labels)
    return Forecaster(prepared.preprocessing, settings, trained, kept, rows.y_shape)


def go_on(
    before: Forecaster,
    rows: Rows,
    design: Design,
    params: Mapping[str, Any],
    schedule: Schedule,
    history: str = "none",
) -> Forecaster:
    """Train a forecaster further on these rows, with those before them that `history` finds."""
    _refuse_other_shape(before, rows)
    refuse_another(before.preprocessing.design, design)
    place = before.find_place(rows.X, rows.labels, history)
    windows = place.make_windows(rows.X)
    prepared = prepare_more(rows, windows, before.preprocessing, schedule.tail)
    settings = read_settings(params, before.settings.sizes, before.settings.seed)
    trained = _train(before.trained, prepared, settings, schedule)
    kept = place.keep(rows.X, rows.labels)
    return replace(before, settings=settings, trained=trained, kept=kept)


def _refuse_other_shape(before: Forecaster, rows: Rows) -> None:
    if rows.y_shape != before.y_shape:
        n_outputs = len(before.preprocessing.target_columns)
        raise ValueError(
            f"y has the shape {(len(rows.y), *rows.y_shape)}; training began with {n_outputs} "
            f"outputs in the shape {('n_rows', *before.y_shape)}. Give y that shape, or start "
            "anew: a new fit without warm_start."
        )


def _train(
    trained: Trained, prepared: Prepared, settings: TrainingSettings, schedule: Schedule
) -> Trained:
    is_silent = prepared.tail is None and schedule.tail is not None
    if is_silent and prepared.preprocessing.start is not None:
        return trained  # too few targets to tell what a network would add to the linear start
    start_tensorflow()
    from sklstm._lstm.epochs import Validation, train

    validation = None
    if prepared.tail is not None:
        validation = Validation(prepared.tail, schedule.tol, schedule.n_iter_no_change)
    report = schedule.report
    return train(trained, prepared.train, settings, schedule.n_epochs, validation, report)
