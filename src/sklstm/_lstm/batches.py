"""Windows in batches: laid out as the compiled programs read them, padded with zeros."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from sklstm._lstm.examples import Examples
from sklstm._network.gradient import MicroBatch
from sklstm._network.sizes import count_micro_batches
from sklstm._network.training import ProgramShape, Rates, Steps
from sklstm._network.weights import pad_to


def split_evenly(rows: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Split rows into runs of this size; the last run has the remaining rows."""
    return (rows[first : first + size] for first in range(0, len(rows), size))


def count_batches(n: int, batch_size: int) -> np.ndarray:
    """Return how many of n examples each batch has; all batches but the last are full."""
    return np.diff([*range(0, n, batch_size), n])


class Places(NamedTuple):
    """The positions of windows in micro-batches."""

    micro_batch: np.ndarray  # (n_windows,), its micro-batch
    position: np.ndarray  # (n_windows,), its position in the micro-batch


def place_in_micro_batches(n: int, batch_size: int, micro_batch_size: int) -> Places:
    """Place n windows in micro-batches one after the other; each batch begins a micro-batch."""
    batch, row = np.divmod(np.arange(n), batch_size)
    micro_batch, position = np.divmod(row, micro_batch_size)
    first = batch * count_micro_batches(batch_size, micro_batch_size)
    return Places(first + micro_batch, position)


def lay_out_steps(
    examples: Examples,
    picks: np.ndarray,
    keep: np.ndarray,
    rates: Rates,
    batch_size: int,
    shape: ProgramShape,
) -> Steps:
    """Lay the picked examples out as consecutive Adam steps, one batch each, in micro-batches.

    keep: what dropout keeps (n_picks, units); rates: one per step.
    """
    scaled = examples.scale(picks)
    counts = count_batches(len(picks), batch_size)
    weight = examples.weight[picks] / np.repeat(counts, counts)[:, None]
    places = place_in_micro_batches(len(picks), batch_size, shape.micro_batch_size)

    def lay_out(values: np.ndarray, *widths: int, dtype: type = np.float32) -> np.ndarray:
        table: np.ndarray = np.zeros((shape.capacity, shape.micro_batch_size, *widths), dtype)
        filled: Any = (*places, *(slice(n) for n in values.shape[1:]))
        table[filled] = values
        return table

    # In the program's order of axes: TensorFlow takes long to copy an array with swapped ones.
    _, window_length, n_features = scaled.windows.shape
    sizes = shape.sizes
    wide = shape.capacity, sizes.window_length, shape.micro_batch_size, sizes.n_features
    windows = np.zeros(wide, np.float32)
    windows[places.micro_batch, :window_length, places.position, :n_features] = scaled.windows
    beside: Any = ()
    if scaled.beside is not None:
        beside = lay_out(scaled.beside, sizes.steps, sizes.n_beside)
    return Steps(
        MicroBatch(
            windows=windows,
            targets=lay_out(scaled.scale_targets(examples.y[picks]), sizes.n_outputs),
            weight=lay_out(weight, sizes.n_outputs),
            keep=lay_out(keep, sizes.units, dtype=bool),
            beside=beside,
        ),
        Rates(*(pad_to(values.astype(np.float32), (shape.n_steps,)) for values in rates)),
        n_micro_batches=int(count_micro_batches(batch_size, shape.micro_batch_size)),
        n_real=len(counts),
    )
