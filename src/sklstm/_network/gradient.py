"""The loss of a batch and its gradient, tile by tile.

What the tiles of a batch add to the gradient is added up. Padded rows of a tile weigh zero; padded
units, features and outputs have zero weights; rows of the window past its true length are never
read.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from sklstm._network.parameters import Parameters, Rest, join, split_rest
from sklstm._network.recurrence import (
    Tape,
    multiply_rows,
    run_backward,
    run_forward,
    run_without_tape,
)
from sklstm._network.sizes import PaddedSizes
from sklstm._network.switches import Switches

HUBER_DELTA = 1.0  # in scaled units


class Tile(NamedTuple):
    """Some windows of a batch side by side, scaled and padded, with their targets."""

    windows: Any  # (window_length, tile_size, n_features)
    targets: Any  # (tile_size, n_outputs)
    weight: Any  # (tile_size,), 0 for padded rows; that of a batch sums to about 1
    keep: Any  # (tile_size, units), bool, False where dropout sets zero


def predict_from(last, windows, rest: Rest, switches: Switches):
    """Map the last h (batch, units) and windows (window_length, batch, n_features) to predictions.

    This is the head with the linear skip; returns (batch, n_outputs).
    """
    prediction = tf.matmul(last, rest.head) + rest.head_bias
    return prediction + switches.linear_skip * tf.einsum("tbf,tfo->bo", windows, rest.skip)


def mean_loss(loss: str, prediction, target, weight, output_share, quantile):
    """The weighted mean loss of a batch, in scaled units."""
    error = target - prediction
    size = tf.abs(error)
    each = {
        "squared_error": lambda: tf.square(error),
        "absolute_error": lambda: size,
        "huber": lambda: tf.where(
            size <= HUBER_DELTA, 0.5 * error * error, HUBER_DELTA * (size - 0.5 * HUBER_DELTA)
        ),
        "quantile": lambda: tf.maximum(quantile * error, (quantile - 1.0) * error),
    }[loss]()
    return tf.reduce_sum(each * output_share * weight[:, None])


class Layer(NamedTuple):
    """One layer's weights as a batch reads them."""

    matrix: Any  # (units + n_inputs + 1, 4 units), of [h, x, 1]
    peepholes: Any  # (3, units), zero if switched off
    back: Any  # (4 units, units), or (4 units, units + n_inputs) if there is a layer below


class Sums(NamedTuple):
    """What the tiles of a batch add up; the tapes hold the rest of the matrices' gradient."""

    loss: Any
    first: tuple  # of each matrix' lower part, by the first rows of the windows
    rest: Rest


def read_layers(weights: Parameters, rest: Rest, switches: Switches) -> list[Layer]:
    """Prepare what all tiles of a batch read: transposed once, not in each row's step."""
    layers = []
    for number, (matrix, peepholes) in enumerate(
        zip(weights.matrices, rest.peepholes, strict=True)
    ):
        end = matrix.shape[1] // 4 if number == 0 else -1
        back = tf.transpose(matrix[:end])
        layers.append(Layer(matrix, switches.peephole * peepholes, back))
    return layers


def input_reader(windows, tapes: Sequence[Tape], number: int) -> Callable:
    """What a layer reads at row t: the windows, or the layer below."""
    return (lambda t: windows[t]) if number == 0 else tapes[number - 1].hs.read


def forward_tile(windows, layers: Sequence[Layer], tapes: Sequence[Tape], length, tile):
    """Run all layers over a tile; return the last h of the top one, and the tapes."""
    tapes = list(tapes)
    for number, (matrix, peepholes, _) in enumerate(layers):
        read_row = input_reader(windows, tapes, number)
        last, tapes[number] = run_forward(read_row, matrix, peepholes, length, tapes[number], tile)
    return last, tuple(tapes)


def predict_tile(
    windows, layers: Sequence[Layer], tables: Sequence, rest: Rest, switches: Switches
):
    """Predict from windows (window_length, tile_size, n_features); return also the tables of h."""
    read_row, tables = windows.__getitem__, list(tables)
    for number, (matrix, peepholes, _) in enumerate(layers):
        last, tables[number] = run_without_tape(
            read_row, matrix, peepholes, switches.window_length, tables[number]
        )
        read_row = tables[number].read
    return predict_from(last, windows, rest, switches), tables


def backward_tile(dh, windows, layers: Sequence[Layer], tapes: Sequence[Tape], length, tile):
    """Go back through all layers; return the tapes, and of each layer dp and d_first."""
    tapes = list(tapes)
    d_peepholes: list = []
    d_first: list = []
    read_dh: Callable = nothing_above
    for number in reversed(range(len(layers))):
        read_row = input_reader(windows, tapes, number)
        _, peepholes, back = layers[number]
        tapes[number], dp, first = run_backward(
            dh, read_dh, back, read_row, peepholes, length, tapes[number], tile
        )
        d_peepholes.insert(0, dp)
        d_first.insert(0, first)
        dh, read_dh = tf.zeros_like(dh), tapes[number].dxs.read
    return tuple(tapes), tuple(d_peepholes), tuple(d_first)


def nothing_above(_):
    """What the top layer's rows get from above: only its last h counts."""
    return 0.0


def score_tile(last, tile: Tile, rest: Rest, kind: str, switches: Switches):
    """The tile's share of the loss, its gradient for the last h, and that for head and skip."""
    factor = tf.cast(tile.keep, tf.float32) / switches.kept_share
    trained = rest.head, rest.skip, rest.head_bias
    with tf.GradientTape() as tape:
        tape.watch([last, *trained])
        prediction = predict_from(last * factor, tile.windows, rest, switches)
        share, quantile = switches.output_share, switches.quantile
        loss = mean_loss(kind, prediction, tile.targets, tile.weight, share, quantile)
    dh, *d_trained = tape.gradient(loss, [last, *trained])
    return loss, dh, d_trained


def train_tile(
    tile: Tile, number, layers: Sequence[Layer], rest: Rest, tapes, kind: str, switches: Switches
):
    """Go forward and back through one tile; return the tapes and its share of the sums."""
    windows, length = tile.windows, switches.window_length
    last, tapes = forward_tile(windows, layers, tapes, length, number)
    loss, dh, (d_head, d_skip, d_bias) = score_tile(last, tile, rest, kind, switches)
    tapes, d_peepholes, d_first = backward_tile(dh, windows, layers, tapes, length, number)
    return tapes, Sums(loss, d_first, Rest(d_head, d_skip, d_peepholes, d_bias))


def loss_and_gradient(
    weights: Parameters,
    tapes: Sequence[Tape],
    read_tile: Callable[[Any], Tile],
    place,
    n_tiles,
    kind: str,
    sizes: PaddedSizes,
    switches: Switches,
):
    """The batch's loss of this kind with its gradient; return also the tapes, to be used again.

    read_tile(place), ..., read_tile(place + n_tiles - 1): the tiles of the batch.
    """
    rest = split_rest(weights.rest, sizes)
    layers = read_layers(weights, rest, switches)

    def add_tile(number, place, tapes, sums):
        tile = read_tile(place)
        tapes, share = train_tile(tile, number, layers, rest, tapes, kind, switches)
        return number + 1, place + 1, tapes, tf.nest.map_structure(tf.add, sums, share)

    nothing = Sums(
        0.0,
        tuple(tf.zeros_like(layer.matrix[sizes.units :]) for layer in layers),
        tf.nest.map_structure(tf.zeros_like, rest),
    )
    start = (0, place, tuple(tapes), nothing)
    *_, tapes, sums = tf.while_loop(lambda number, *_: number < n_tiles, add_tile, start)
    n_slots = n_tiles * (switches.window_length - 1)
    matrices = [
        add_to_last_rows(multiply_rows(tape, n_slots), first)
        for tape, first in zip(tapes, sums.first, strict=True)
    ]
    peepholes = tuple(switches.peephole * dp for dp in sums.rest.peepholes)
    d_rest = join(sums.rest._replace(peepholes=peepholes))
    return sums.loss, Parameters(tuple(matrices), d_rest), tapes


def add_to_last_rows(matrix, rows):
    """Add a few rows to the last ones of a matrix."""
    return matrix + tf.pad(rows, [[matrix.shape[0] - rows.shape[0], 0], [0, 0]])
