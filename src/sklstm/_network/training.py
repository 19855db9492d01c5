"""Adam steps as one compiled program.

Every size is padded to one of a short list. All differences between fits of one shape are inputs:
the rows, the number of steps, the size of a batch, the window's true length, and the rates.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from sklstm._network.gradient import Batch, MicroBatch, loss_and_gradient
from sklstm._network.parameters import Parameters, flatten_parameters, lay_out, list_shrunk
from sklstm._network.programs import run_program
from sklstm._network.recurrence import Buffers, make_buffers
from sklstm._network.sizes import PaddedSizes
from sklstm._network.switches import Switches

ADAM_BETA_1, ADAM_BETA_2, ADAM_EPSILON = 0.9, 0.999, 1e-8  # Kingma & Ba (2015)


@dataclass(frozen=True)
class ProgramShape:
    """The sizes for which a program is compiled."""

    sizes: PaddedSizes
    micro_batch_size: int  # windows that are computed together
    n_micro_batches: int  # the most micro-batches of one batch
    capacity: int  # micro-batches that one call takes in
    n_steps: int  # the most Adam steps that one call does
    loss: str


class State(NamedTuple):
    """The state that an Adam step updates.

    Between two calls of a program, weights and moments are flat vectors, (n_weights,) each; inside
    it they have the layout of `Parameters`.
    """

    weights: Any
    mean: Any  # Adam's first moment of each weight's gradient
    variance: Any  # and its second one
    n_steps: Any  # Adam steps done


class Rates(NamedTuple):
    """The rates of some Adam steps."""

    rate: Any  # (n_steps,), Adam's bias-corrected learning rate
    shrink: Any  # (n_steps,), factor by which weight decay shrinks the kernels


class Steps(NamedTuple):
    """The data of some consecutive Adam steps: their batches, padded, and their rates; float32."""

    micro_batches: MicroBatch  # of all batches in turn; each array has a first axis (capacity,)
    rates: Rates
    n_micro_batches: int  # of each batch, at most the program's
    n_real: int  # steps to be done, at most the program's


def adam_step(w, g, m, v, rate, decay) -> tuple[Any, Any, Any]:
    """Update the weights w with gradient g once; return them and both moments, m and v.

    decay: factor of decoupled weight decay on w. Kingma & Ba, "Adam", 2015; Loshchilov & Hutter,
    "Decoupled weight decay regularization", 2019.
    """
    m = ADAM_BETA_1 * m + (1 - ADAM_BETA_1) * g
    v = ADAM_BETA_2 * v + (1 - ADAM_BETA_2) * tf.square(g)
    return w * decay - rate * m / (tf.sqrt(v) + ADAM_EPSILON), m, v


def find_scale(gradients: list, clipnorm) -> Any:
    """Find the factor that clips the gradient of all weights together to this norm."""

    def clip():
        norm = tf.sqrt(tf.add_n([tf.reduce_sum(tf.square(gradient)) for gradient in gradients]))
        return tf.minimum(1.0, clipnorm / norm)

    # A branch, because the sum takes 3 % of a step and is rarely asked for.
    return tf.cond(clipnorm < np.inf, clip, lambda: 1.0)


def move(state: State, gradient: Parameters, rates: Rates, clipnorm, sizes: PaddedSizes) -> State:
    """Do one Adam step on all weights; `rates` are those of this step."""
    gradients = tf.nest.flatten(gradient)
    scale = find_scale(gradients, clipnorm)
    moved = [
        adam_step(w, g * scale, m, v, rates.rate, 1 - rates.shrink * shrunk)
        for w, g, m, v, shrunk in zip(
            tf.nest.flatten(state.weights),
            gradients,
            tf.nest.flatten(state.mean),
            tf.nest.flatten(state.variance),
            tf.nest.flatten(list_shrunk(sizes)),
            strict=True,
        )
    ]
    weights, mean, variance = (
        tf.nest.pack_sequence_as(gradient, part) for part in zip(*moved, strict=True)
    )
    return State(weights, mean, variance, state.n_steps + 1)


def run_steps(
    shape: ProgramShape, state: State, steps: Steps, switches: Switches
) -> tuple[State, Any]:
    """Do the steps; return the state after them and each step's loss (n_steps,)."""
    return run_program(_build_training, shape, state, steps, switches)


def _build_training(shape: ProgramShape) -> Callable:
    sizes = shape.sizes

    def train(state: State, steps: Steps, switches: Switches) -> tuple[State, Any]:
        # A place is counted up, not computed from n_micro_batches: as the index of a table, XLA
        # would take this input for a constant and compile a program for each value.
        def one_step(k, place, state, buffers, losses):
            batch = Batch(partial(_take, steps.micro_batches), place, steps.n_micro_batches)
            loss, gradient, buffers = loss_and_gradient(
                state.weights, batch, buffers, shape.loss, sizes, switches
            )
            state = move(state, gradient, _take(steps.rates, k), switches.clipnorm, sizes)
            return k + 1, place + steps.n_micro_batches, state, buffers, losses.write(k, loss)

        losses = tf.TensorArray(tf.float32, size=shape.n_steps, element_shape=())
        _, _, state, _, losses = tf.while_loop(
            lambda k, *_: k < steps.n_real,
            one_step,
            (0, 0, _change_parts(state, lay_out, sizes), make_layers_buffers(shape), losses),
        )
        return _change_parts(state, flatten_parameters, sizes), losses.stack()

    return train


def _take(structure: Any, index: Any) -> Any:
    """Return the same structure with the entry of this index of each array."""
    return tf.nest.map_structure(lambda values: values[index], structure)


def _change_parts(state: State, change: Callable, sizes: PaddedSizes) -> State:
    """Lay out, or flatten, the weights and both moments."""
    parts = state.weights, state.mean, state.variance
    weights, mean, variance = (change(part, sizes) for part in parts)
    return State(weights, mean, variance, state.n_steps)


def make_layers_buffers(shape: ProgramShape) -> tuple[Buffers, ...]:
    """Make the buffers of all layers, bottom to top."""
    sizes = shape.sizes
    return tuple(
        make_buffers(
            sizes.window_length,
            shape.n_micro_batches,
            shape.micro_batch_size,
            n_inputs,
            sizes.units,
        )
        for n_inputs in [sizes.n_features, *[sizes.units] * (sizes.num_layers - 1)]
    )
