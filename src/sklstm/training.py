"""Training steps as one compiled program, one program per shape, shared between fits.

XLA compiles for fixed shapes (seconds) and never gives a program's memory back. So every size is
padded up to a short list, and whatever differs between fits of one shape is an input: the rows, the
number of steps, the window's true length, the rates. Padded units, features and outputs have zero
weights; padded batch rows weigh zero; rows of the window past its true length are never read.
"""

import logging
import os
import threading
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from time import perf_counter
from typing import Any

import numpy as np
import tensorflow as tf

from sklstm.network import Sizes, Weights, n_shrunk_by_weight_decay, weight_shapes

FORGET_BIAS = 1.0  # Gers et al. (2000); TF 1's LSTMCell adds it inside the cell, too
ADAM_BETA_1, ADAM_BETA_2, ADAM_EPSILON = 0.9, 0.999, 1e-8  # Kingma & Ba (2015)
HUBER_DELTA = 1.0  # in scaled units
# One size for any number of rows, so that a row's prediction does not depend on its company.
PREDICTION_BATCH = 32
PREDICTION_BATCHES = 32  # in one call

logger = logging.getLogger(__name__)
_PROGRAMS: dict[Any, Callable] = {}  # by kind and shape, for all fits of this process
_BUILDING = threading.Lock()  # two fits in threads must not build one program twice


@dataclass(frozen=True)
class ProgramShape:
    """All that a compiled program is bound to."""

    sizes: Sizes  # padded
    batch_size: int  # padded
    n_steps: int  # the most Adam steps that one call does
    loss: str


@dataclass(frozen=True)
class State:
    """What training moves: the flat vector of weights and Adam's two moments, (n_weights,) each."""

    flat: Any
    mean: Any
    variance: Any


@dataclass(frozen=True)
class Steps:
    """The data of some consecutive Adam steps, padded; float32."""

    windows: np.ndarray  # (n_steps, batch_size, window_length, n_features), scaled
    targets: np.ndarray  # (n_steps, batch_size, n_outputs), scaled
    weight: np.ndarray  # (n_steps, batch_size), 0 for padded rows, summing to about 1 in a step
    keep: np.ndarray  # (n_steps, batch_size, units), dropout's factors: 0 or 1 / (1 - dropout)
    rate: np.ndarray  # (n_steps,), Adam's bias-corrected learning rate
    shrink: np.ndarray  # (n_steps,), factor by which weight decay shrinks the kernels
    n_real: int  # steps to be done, at most n_steps


@dataclass(frozen=True)
class Switches:
    """Settings that are inputs of the program, so that changing one compiles nothing."""

    window_length: int  # the true one
    output_share: np.ndarray  # (n_outputs,), 1 / true n_outputs, 0 where padded
    peephole: float  # 1 or 0
    linear_skip: float  # 1 or 0
    clipnorm: float  # inf: no clipping
    quantile: float


def step_forward(z, c, peepholes):
    """Do one row's step of the cell; return h, the new c, and the gates that its gradient needs.

    z: (batch, 4 units), the gates' inputs in the order i, f, g, o; c: (batch, units); peepholes:
    (3, units) of i, f and o. Gers, Schraudolph & Schmidhuber, "Learning precise timing with LSTM
    recurrent networks", 2002.
    """
    p_i, p_f, p_o = tf.unstack(peepholes)
    z_i, z_f, z_g, z_o = tf.split(z, 4, axis=1)
    i = tf.sigmoid(z_i + p_i * c)
    f = tf.sigmoid(z_f + p_f * c + FORGET_BIAS)
    g = tf.tanh(z_g)
    c_new = f * c + i * g
    o = tf.sigmoid(z_o + p_o * c_new)  # the output gate alone sees the new state
    return o * tf.tanh(c_new), c_new, (i, f, g, o)


def step_backward(dh, dc_new, gates, c, c_new, peepholes):
    """Go back through one step: from the gradients of h and the new c to those of z and c."""
    p_i, p_f, p_o = tf.unstack(peepholes)
    i, f, g, o = gates
    tanh_c = tf.tanh(c_new)
    dz_o = dh * tanh_c * o * (1 - o)
    dc_new += dh * o * (1 - tanh_c * tanh_c) + dz_o * p_o
    dz_i = dc_new * g * i * (1 - i)
    dz_f = dc_new * c * f * (1 - f)
    dz_g = dc_new * i * (1 - g * g)
    dc = dc_new * f + dz_i * p_i + dz_f * p_f
    return tf.concat([dz_i, dz_f, dz_g, dz_o], axis=1), dc


def peephole_lstm(x, kernel, recurrent_kernel, bias, peepholes, length):
    """Run one layer over the first `length` rows, with a gradient written by hand.

    x: (window_length, batch, n_inputs); kernel: (n_inputs, 4 units); recurrent_kernel: (units,
    4 units); bias: (4 units,). Returns h of all rows, (window_length, batch, units), and h of the
    last one, (batch, units).

    A step reads [x, h, 1] and multiplies once by all weights below each other; their gradient is
    one matmul over all rows at once instead of a sum of small ones.
    """
    n_rows, batch, n_inputs = x.shape
    units = recurrent_kernel.shape[0]
    zeros, ones = tf.zeros((batch, units)), tf.ones((batch, 1))

    @tf.custom_gradient
    def run(x, W, R, b, p):
        M = tf.concat([W, R, b[None]], axis=0)

        def forward(t, h, c, rows, hs, cs, gates):
            row = tf.concat([x[t], h, ones], axis=1)
            h, c, step = step_forward(tf.matmul(row, M), c, p)
            # A table for each gate: with all in one, XLA computes the backward step 3 times slower.
            gates = [table.write(t, gate) for table, gate in zip(gates, step, strict=True)]
            return t + 1, h, c, rows.write(t, row), hs.write(t, h), cs.write(t + 1, c), gates

        rows, hs = _table(n_rows, batch, n_inputs + units + 1), _table(n_rows, batch, units)
        cs = _table(n_rows + 1, batch, units).write(0, zeros)
        gates = [_table(n_rows, batch, units) for _ in range(4)]
        start = (0, zeros, zeros, rows, hs, cs, gates)
        _, h, _, rows, hs, cs, gates = tf.while_loop(lambda t, *_: t < length, forward, start)
        rows, cs, gates = rows.stack(), cs.stack(), [table.stack() for table in gates]

        def gradient(dhs, dh):
            R_T = tf.transpose(R)  # once, not in each matmul of the loop

            def backward(t, dh, dc, dzs):
                seen = [gate[t] for gate in gates], cs[t], cs[t + 1]
                dz, dc = step_backward(dh + dhs[t], dc, *seen, p)
                return t - 1, tf.matmul(dz, R_T), dc, dzs.write(t, dz)

            start = (length - 1, dh, zeros, _table(n_rows, batch, 4 * units))
            *_, dzs = tf.while_loop(lambda t, *_: t >= 0, backward, start)
            dzs = dzs.stack()
            dz, dM = _stack(dzs), _multiply_rows(rows, dzs, length)
            dz_i, dz_f, _, dz_o = tf.split(dz, 4, axis=1)
            c, c_new = _stack(cs[:-1]), _stack(cs[1:])
            return (
                tf.reshape(tf.matmul(dz, W, transpose_b=True), (n_rows, batch, n_inputs)),
                dM[:n_inputs],
                dM[n_inputs:-1],
                dM[-1],
                tf.stack([tf.reduce_sum(d, 0) for d in (dz_i * c, dz_f * c, dz_o * c_new)]),
            )

        return (hs.stack(), h), gradient

    return run(x, kernel, recurrent_kernel, bias, peepholes)


def _multiply_rows(rows, dzs, length):
    """The sum of rows[t]' dzs[t] over t < length, where both are zero from `length` on.

    One matmul of a fixed size would multiply these zeros too: so there is one for each eighth.
    """
    n_rows = rows.shape[0]
    ends = np.unique(-(-n_rows * np.arange(1, 9) // 8))
    matmuls = [partial(_multiply_first, rows, dzs, int(end)) for end in ends]
    return tf.switch_case(tf.reduce_sum(tf.cast(ends < length, tf.int32)), matmuls)


def _multiply_first(rows, dzs, end):
    return tf.matmul(_stack(rows[:end]), _stack(dzs[:end]), transpose_a=True)


def _stack(array):
    """The rows of all windows below each other."""
    return tf.reshape(array, (-1, array.shape[-1]))


def _table(n_rows, batch, width):
    return tf.TensorArray(
        tf.float32, size=n_rows, element_shape=(batch, width), clear_after_read=False
    )


def forward(flat, sizes: Sizes, windows, keep, switches: Switches):
    """Map scaled windows (batch, window_length, n_features) to predictions (batch, n_outputs)."""
    weights = split(flat, sizes)
    x = tf.transpose(windows, (1, 0, 2))
    for layer in weights.layers:
        n_inputs, _, units = layer.kernel.shape
        x, last = peephole_lstm(
            x,
            tf.reshape(layer.kernel, (n_inputs, 4 * units)),
            tf.reshape(layer.recurrent_kernel, (units, 4 * units)),
            tf.reshape(layer.bias, (4 * units,)),
            layer.peepholes * switches.peephole,
            switches.window_length,
        )
    prediction = tf.matmul(last * keep, weights.head) + weights.head_bias
    lags = tf.reshape(windows, (windows.shape[0], -1))
    skip = tf.reshape(weights.skip, (-1, sizes.n_outputs))
    return prediction + switches.linear_skip * tf.matmul(lags, skip)


def split(flat, sizes: Sizes) -> Weights:
    """View the flat vector as weights."""
    shapes = weight_shapes(sizes)
    parts = tf.split(flat, [int(np.prod(shape)) for shape in shapes])
    return Weights.from_arrays(
        [tf.reshape(part, shape) for part, shape in zip(parts, shapes, strict=True)]
    )


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


def adam_step(state: State, gradient, rate, shrink, clipnorm, n_shrunk: int) -> State:
    """Move the weights once: clip by the global norm, Adam, decoupled weight decay.

    Kingma & Ba, "Adam", 2015; Loshchilov & Hutter, "Decoupled weight decay regularization", 2019.
    """
    norm = tf.sqrt(tf.reduce_sum(tf.square(gradient)))
    gradient *= tf.minimum(1.0, clipnorm / norm)
    mean = ADAM_BETA_1 * state.mean + (1 - ADAM_BETA_1) * gradient
    variance = ADAM_BETA_2 * state.variance + (1 - ADAM_BETA_2) * tf.square(gradient)
    is_shrunk = tf.cast(tf.range(state.flat.shape[0]) < n_shrunk, tf.float32)
    step = rate * mean / (tf.sqrt(variance) + ADAM_EPSILON)
    return State(state.flat * (1 - shrink * is_shrunk) - step, mean, variance)


def loss_and_gradient(flat, shape: ProgramShape, step, switches: Switches):
    """The batch's loss with its gradient for the flat vector; `step` holds one step's data."""
    windows, targets, weight, keep = step
    with tf.GradientTape() as tape:
        tape.watch(flat)
        prediction = forward(flat, shape.sizes, windows, keep, switches)
        loss = mean_loss(
            shape.loss, prediction, targets, weight, switches.output_share, switches.quantile
        )
    return loss, tape.gradient(loss, flat)


def run_steps(
    shape: ProgramShape, state: State, steps: Steps, switches: Switches
) -> tuple[State, Any]:
    """Do the steps; return the state after them and each step's loss (n_steps,)."""
    inputs = (*_values(state), *_values(steps), *_values(switches))
    flat, mean, variance, losses = _run(_training_program, shape, *inputs)
    return State(flat, mean, variance), losses


def predict_batches(sizes: Sizes, flat, windows: np.ndarray, n_real: int, switches: Switches):
    """Scaled predictions of the first `n_real` batches of windows.

    windows: (PREDICTION_BATCHES, PREDICTION_BATCH, window_length, n_features), padded; returns
    (PREDICTION_BATCHES, PREDICTION_BATCH, n_outputs).
    """
    return _run(_forward_program, sizes, flat, windows, n_real, *_values(switches)).numpy()


def _training_program(shape: ProgramShape) -> Callable:
    n_shrunk = n_shrunk_by_weight_decay(shape.sizes)

    def train(
        flat, mean, variance,
        windows, targets, weight, keep, rate, shrink, n_real,
        *settings,
    ):  # fmt: skip
        switches = Switches(*settings)

        def one_step(k, flat, mean, variance, losses):
            data = windows[k], targets[k], weight[k], keep[k]
            loss, gradient = loss_and_gradient(flat, shape, data, switches)
            state = adam_step(
                State(flat, mean, variance),
                gradient,
                rate[k],
                shrink[k],
                switches.clipnorm,
                n_shrunk,
            )
            return k + 1, state.flat, state.mean, state.variance, losses.write(k, loss)

        losses = tf.TensorArray(tf.float32, size=shape.n_steps, element_shape=())
        start = (0, flat, mean, variance, losses)
        _, flat, mean, variance, losses = tf.while_loop(lambda k, *_: k < n_real, one_step, start)
        return flat, mean, variance, losses.stack()

    return train


def _forward_program(sizes: Sizes) -> Callable:
    def predict(flat, windows, n_real, *settings):
        switches = Switches(*settings)

        def one_batch(k, outputs):
            prediction = forward(flat, sizes, windows[k], 1.0, switches)
            return k + 1, outputs.write(k, prediction)

        shape = (PREDICTION_BATCH, sizes.n_outputs)
        outputs = tf.TensorArray(tf.float32, size=PREDICTION_BATCHES, element_shape=shape)
        _, outputs = tf.while_loop(lambda k, _: k < n_real, one_batch, (0, outputs))
        return outputs.stack()

    return predict


def _run(build: Callable[[Any], Callable], shape: Any, *inputs: Any) -> Any:
    """Run the program of this shape; the first inputs of a shape have it traced."""
    start_tensorflow()
    tensors = [as_tensor(value) for value in inputs]
    with _BUILDING:
        is_new = (build, shape) not in _PROGRAMS
        if is_new:
            function = tf.function(build(shape), autograph=False, jit_compile=has_xla())
            _PROGRAMS[build, shape] = function.get_concrete_function(*tensors)
    began = perf_counter()
    outputs = _PROGRAMS[build, shape](*tensors)  # its first run compiles it
    if is_new:
        logger.info("Compiled a program for %s in %.1f s", shape, perf_counter() - began)
    return outputs


@cache
def start_tensorflow() -> None:
    """Ask for one intra-op thread, where TensorFlow has not started and the user asked for nothing.

    One fit is fastest on one thread, and fits run side by side in processes; see the performance
    notes.
    """
    chosen = tf.config.threading.get_intra_op_parallelism_threads()
    if chosen == 0 and "TF_NUM_INTRAOP_THREADS" not in os.environ:
        with suppress(RuntimeError):  # TensorFlow has started: its threads stay as they are
            tf.config.threading.set_intra_op_parallelism_threads(1)


@cache
def has_xla() -> bool:
    """Whether this TensorFlow can compile with XLA; where not, say once what that costs."""
    try:
        tf.function(lambda x: x + 1.0, jit_compile=True)(tf.constant(1.0))
    except tf.errors.OpError as error:
        warnings.warn(
            f"This TensorFlow cannot compile with XLA ({type(error).__name__}); "
            "fits give the same results, several times slower.",
            RuntimeWarning,
            stacklevel=2,
        )
        return False
    return True


def _values(record: Any) -> Iterable:
    return vars(record).values()


def as_tensor(value: Any) -> Any:
    """Hand a value to TensorFlow: a Python number would be compiled in, a tensor is an input."""
    return tf.convert_to_tensor(value, tf.float32 if isinstance(value, float) else None)
