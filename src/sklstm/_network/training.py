"""Adam steps, and predictions, as one compiled program each.

Every size is padded up to a short list, and whatever differs between fits of one shape is an input:
the rows, the number of steps, the size of a batch, the window's true length, the rates.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from sklstm._network.gradient import (
    Tile,
    loss_and_gradient,
    predict_tile,
    read_layers,
)
from sklstm._network.parameters import (
    Parameters,
    flatten_parameters,
    lay_out,
    list_shrunk,
    split_rest,
)
from sklstm._network.programs import run_program
from sklstm._network.recurrence import Tape, make_table, make_tape
from sklstm._network.sizes import PaddedSizes
from sklstm._network.switches import Switches

ADAM_BETA_1, ADAM_BETA_2, ADAM_EPSILON = 0.9, 0.999, 1e-8  # Kingma & Ba (2015)
# One size for any number of rows, so that a row's prediction does not depend on its company.
PREDICTION_BATCH = 64
PREDICTION_BATCHES = 32  # in one call


@dataclass(frozen=True)
class ProgramShape:
    """All that a compiled program is bound to."""

    sizes: PaddedSizes
    tile_size: int  # windows side by side
    n_tiles: int  # the most tiles of one batch
    capacity: int  # tiles that one call takes in
    n_steps: int  # the most Adam steps that one call does
    loss: str


@dataclass(frozen=True)
class State:
    """What an Adam step moves: the flat vector of weights, and Adam's state."""

    flat: Any  # (n_weights,)
    mean: Any  # (n_weights,), Adam's first moment
    variance: Any  # (n_weights,), Adam's second moment
    n_steps: Any  # Adam steps done


@dataclass(frozen=True)
class Steps:
    """The data of some consecutive Adam steps: the tiles of their batches, padded; float32."""

    windows: np.ndarray  # (capacity, window_length, tile_size, n_features), scaled
    targets: np.ndarray  # (capacity, tile_size, n_outputs), scaled
    weight: np.ndarray  # (capacity, tile_size), 0 for padded rows, summing to about 1 in a step
    keep: np.ndarray  # (capacity, tile_size, units), bool, False where dropout sets zero
    rate: np.ndarray  # (n_steps,), Adam's bias-corrected learning rate
    shrink: np.ndarray  # (n_steps,), factor by which weight decay shrinks the kernels
    n_tiles: int  # of each batch, at most the program's
    n_real: int  # steps to be done, at most n_steps


def adam_step(weights, gradient, mean, variance, rate, decay, scale=1.0):
    """Move some weights once; return them and both moments.

    decay: factor of decoupled weight decay; scale: of the gradient, below 1 where it is clipped.
    Kingma & Ba, "Adam", 2015; Loshchilov & Hutter, "Decoupled weight decay regularization", 2019.
    """
    gradient = gradient * scale
    mean = ADAM_BETA_1 * mean + (1 - ADAM_BETA_1) * gradient
    variance = ADAM_BETA_2 * variance + (1 - ADAM_BETA_2) * tf.square(gradient)
    step = rate * mean / (tf.sqrt(variance) + ADAM_EPSILON)
    return weights * decay - step, mean, variance


def find_scale(gradients, clipnorm):
    """Find the factor that clips the gradient of all weights together to this norm."""

    def clip():
        norm = tf.sqrt(tf.add_n([tf.reduce_sum(tf.square(gradient)) for gradient in gradients]))
        return tf.minimum(1.0, clipnorm / norm)

    # A branch, because the sum takes 3 % of a step and is rarely asked for.
    return tf.cond(clipnorm < np.inf, clip, lambda: 1.0)


def move(weights: Parameters, gradient, mean, variance, rate, shrink, sizes: PaddedSizes, clipnorm):
    """Do one Adam step on all weights; return them and both moments."""
    scale = find_scale(tf.nest.flatten(gradient), clipnorm)
    decay = tf.nest.map_structure(lambda shrunk: 1 - shrink * shrunk, list_shrunk(sizes))
    moved = [
        adam_step(weight, slope, m, v, rate, factor, scale)
        for weight, slope, m, v, factor in zip(
            *map(tf.nest.flatten, (weights, gradient, mean, variance, decay)), strict=True
        )
    ]
    return tuple(tf.nest.pack_sequence_as(weights, parts) for parts in zip(*moved, strict=True))


def run_steps(
    shape: ProgramShape, state: State, steps: Steps, switches: Switches
) -> tuple[State, Any]:
    """Do the steps; return the state after them and each step's loss (n_steps,)."""
    inputs = (*_values(state), *_values(steps), *switches)
    *state, losses = run_program(_training_program, shape, *inputs)
    return State(*state), losses


def predict_batches(sizes: PaddedSizes, flat, windows: np.ndarray, n_real: int, switches: Switches):
    """Scaled predictions of the first `n_real` batches of windows.

    windows: (PREDICTION_BATCHES, window_length, PREDICTION_BATCH, n_features), padded; returns
    (PREDICTION_BATCHES, PREDICTION_BATCH, n_outputs).
    """
    return run_program(_forward_program, sizes, flat, windows, n_real, *switches).numpy()


def _training_program(shape: ProgramShape) -> Callable:
    sizes = shape.sizes

    def train(
        flat, mean, variance, n_steps,
        windows, targets, weight, keep, rate, shrink, n_tiles, n_real,
        *settings,
    ):  # fmt: skip
        switches = Switches(*settings)

        # A place is counted up, not computed from n_tiles: as the index of a table, XLA would take
        # this input for a constant and compile a program for each value.
        def read_tile(place):
            return Tile(*(data[place] for data in (windows, targets, weight, keep)))

        def one_step(k, place, weights, mean, variance, tapes, losses):
            loss, gradient, tapes = loss_and_gradient(
                weights, tapes, read_tile, place, n_tiles, shape.loss, sizes, switches
            )
            moved = move(
                weights, gradient, mean, variance, rate[k], shrink[k], sizes, switches.clipnorm
            )
            return k + 1, place + n_tiles, *moved, tapes, losses.write(k, loss)

        losses = tf.TensorArray(tf.float32, size=shape.n_steps, element_shape=())
        state = [lay_out(vector, sizes) for vector in (flat, mean, variance)]
        start = (0, 0, *state, make_tapes(shape), losses)
        _, _, *state, _, losses = tf.while_loop(lambda k, *_: k < n_real, one_step, start)
        flats = (flatten_parameters(part, sizes) for part in state)
        return *flats, n_steps + n_real, losses.stack()

    return train


def make_tapes(shape: ProgramShape) -> tuple[Tape, ...]:
    """Make the tables of all layers, bottom to top."""
    sizes = shape.sizes
    return tuple(
        make_tape(sizes.window_length, shape.n_tiles, shape.tile_size, n_inputs, sizes.units)
        for n_inputs in [sizes.n_features, *[sizes.units] * (sizes.num_layers - 1)]
    )


def _forward_program(sizes: PaddedSizes) -> Callable:
    def predict(flat, windows, n_real, *settings):
        switches = Switches(*settings)
        weights = lay_out(flat, sizes)
        rest = split_rest(weights.rest, sizes)
        layers = read_layers(weights, rest, switches)

        def one_batch(k, tables, outputs):
            prediction, tables = predict_tile(windows[k], layers, tables, rest, switches)
            return k + 1, tables, outputs.write(k, prediction)

        outputs = make_table(PREDICTION_BATCHES, sizes.n_outputs, PREDICTION_BATCH)
        tables = [make_table(sizes.window_length, sizes.units, PREDICTION_BATCH) for _ in layers]
        _, _, outputs = tf.while_loop(lambda k, *_: k < n_real, one_batch, (0, tables, outputs))
        return outputs.stack()

    return predict


def _values(record: Any) -> Iterable:
    return vars(record).values()
