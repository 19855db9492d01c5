"""Windows in batches: laid out as the compiled programs read them, padded with zeros."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from sklstm._lstm.examples import Examples
from sklstm._lstm.scaling import Scaling
from sklstm._network.sizes import PREDICTION_UNITS, PaddedSizes, Sizes, count_tiles, pad_sizes
from sklstm._network.switches import Switches
from sklstm._network.training import (
    PREDICTION_BATCH,
    PREDICTION_BATCHES,
    ProgramShape,
    Steps,
    predict_batches,
)
from sklstm._network.weights import Weights, flatten, pad_to
from sklstm._rows.windows import Windows


def split_evenly(rows: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Split rows into runs of this size; the last one holds what is left."""
    return (rows[first : first + size] for first in range(0, len(rows), size))


def count_batches(n: int, batch_size: int) -> np.ndarray:
    """How many of n examples each batch holds: all are full but the last."""
    return np.diff([*range(0, n, batch_size), n])


def lay_out_steps(
    examples: Examples,
    picks: np.ndarray,
    keep: np.ndarray,
    rate: np.ndarray,
    shrink: np.ndarray,
    batch_size: int,
    shape: ProgramShape,
) -> Steps:
    """Lay the picked examples out as consecutive Adam steps, one batch each, in tiles.

    keep: what dropout keeps (n_picks, units); rate, shrink: one per step.
    """
    scaled = examples.scale(picks)
    counts = count_batches(len(picks), batch_size)
    weight = examples.weight[picks] / np.repeat(counts, counts)
    n_tiles = count_tiles(batch_size, shape.tile_size)
    tile, place = place_in_tiles(len(picks), batch_size, shape.tile_size)

    def lay_out(values: np.ndarray, *widths: int, dtype: type = np.float32) -> np.ndarray:
        tiles: np.ndarray = np.zeros((shape.capacity, shape.tile_size, *widths), dtype)
        filled: Any = (tile, place, *(slice(n) for n in values.shape[1:]))
        tiles[filled] = values
        return tiles

    return Steps(
        windows=lay_out_windows(
            scaled.windows, tile, place, shape.sizes, shape.capacity, shape.tile_size
        ),
        targets=lay_out(scaled.scale_targets(examples.y[picks]), shape.sizes.n_outputs),
        weight=lay_out(weight),
        keep=lay_out(keep, shape.sizes.units, dtype=bool),
        rate=pad_to(rate.astype(np.float32), (shape.n_steps,)),
        shrink=pad_to(shrink.astype(np.float32), (shape.n_steps,)),
        n_tiles=int(n_tiles),
        n_real=len(counts),
    )


def lay_out_windows(
    windows: np.ndarray,
    tile: np.ndarray,
    place: np.ndarray,
    sizes: PaddedSizes,
    n_tiles: int,
    tile_size: int,
) -> np.ndarray:
    """Lay windows out in tiles, (n_tiles, window_length, tile_size, n_features), zeros elsewhere.

    In the program's order of axes: TensorFlow takes long to copy an array with swapped ones.
    """
    _, window_length, n_features = windows.shape
    tiles = np.zeros((n_tiles, sizes.window_length, tile_size, sizes.n_features), np.float32)
    tiles[tile, :window_length, place, :n_features] = windows
    return tiles


def place_in_tiles(n: int, batch_size: int, tile_size: int) -> tuple[np.ndarray, np.ndarray]:
    """In which tile each of n examples stands, and at which place there; a batch begins a tile."""
    batch, row = np.divmod(np.arange(n), batch_size)
    tile, place = np.divmod(row, tile_size)
    return batch * count_tiles(batch_size, tile_size) + tile, place


def predict_rows(
    weights: Weights,
    windows: Windows,
    rows: np.ndarray,
    scaling: Scaling,
    sizes: Sizes,
    switches: Switches,
) -> np.ndarray:
    """Predict the targets of these rows, (n_rows, n_outputs), in the user's units."""
    wide = pad_sizes(sizes, PREDICTION_UNITS)
    flat = flatten(weights, wide)
    runs = split_evenly(rows, PREDICTION_BATCHES * PREDICTION_BATCH)
    predictions = [
        _predict_run(flat, windows.cut(run), scaling, sizes, wide, switches) for run in runs
    ]
    return np.concatenate([np.empty((0, sizes.n_outputs)), *predictions])


def _predict_run(
    flat: np.ndarray,
    windows: np.ndarray,
    scaling: Scaling,
    sizes: Sizes,
    wide: PaddedSizes,
    switches: Switches,
) -> np.ndarray:
    scaled = scaling.apply(windows)
    batch, place = place_in_tiles(len(windows), PREDICTION_BATCH, PREDICTION_BATCH)
    batches = lay_out_windows(
        scaled.windows, batch, place, wide, PREDICTION_BATCHES, PREDICTION_BATCH
    )
    n_batches = len(count_batches(len(windows), PREDICTION_BATCH))
    outputs = predict_batches(wide, flat, batches, n_batches, switches)
    return scaled.restore(outputs[batch, place, : sizes.n_outputs])
