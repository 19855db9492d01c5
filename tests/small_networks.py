"""Small networks and their programs, of which every size is padded."""

from functools import cache

import numpy as np
import tensorflow as tf

from sklstm._network.gradient import Batch, loss_and_gradient
from sklstm._network.parameters import flatten_parameters, lay_out
from sklstm._network.programs import as_tensor
from sklstm._network.sizes import Sizes, pad_sizes
from sklstm._network.switches import Switches, list_quantiles
from sklstm._network.training import ProgramShape, make_layers_buffers
from sklstm._network.weights import flatten, initial_weights, zero_weights

SIZES = Sizes(window_length=5, n_features=3, units=6, n_outputs=2)  # each of them is padded


def assert_close(actual, expected, tolerance=1e-5):
    """No entry differs by more than `tolerance` of the largest one."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    assert np.max(np.abs(actual - expected)) <= tolerance * np.max(np.abs(expected))


def draw_weights(sizes, seed=0):
    """Weights of which none is zero."""
    rng = np.random.default_rng(seed)
    weights = initial_weights(sizes, rng)
    for array in weights.arrays():
        array[:] = 0.4 * rng.normal(size=array.shape)
    return weights


def mark_kernels(sizes):
    """The flat vector, 1 where weight decay shrinks: in kernels, head and skip; 0 elsewhere."""
    weights = zero_weights(sizes)
    for layer in weights.layers:
        layer.kernel[:] = layer.recurrent_kernel[:] = 1
    weights.head[:] = weights.skip[:] = 1
    for kernel in weights.path[:-1] if weights.path else ():
        kernel[:] = 1
    return flatten(weights, sizes)


def make_switches(sizes, peephole=True, linear_skip=True, clipnorm=np.inf, quantiles=(0.5,)):
    share = np.zeros(pad_sizes(sizes).n_outputs, np.float32)
    share[: sizes.n_outputs] = 1 / sizes.n_outputs
    flags = float(peephole), float(linear_skip)
    return Switches(
        sizes.window_length, share, *flags, 1.0, float(clipnorm), list_quantiles(quantiles, sizes)
    )


def make_shape(
    sizes, micro_batch_size=4, n_micro_batches=2, capacity=128, n_steps=64, loss="squared_error"
):
    return ProgramShape(
        pad_sizes(sizes), micro_batch_size, n_micro_batches, capacity, n_steps, loss
    )


@cache
def compile_gradient(shape):
    """`loss_and_gradient` of flat weights, compiled as the program is: switches are inputs."""

    @tf.function(jit_compile=True)
    def differentiate(flat, micro_batches, n_micro_batches, switches):
        def read(place):
            return tf.nest.map_structure(lambda values: values[place], micro_batches)

        loss, gradient, _ = loss_and_gradient(
            lay_out(flat, shape.sizes),
            Batch(read, 0, n_micro_batches),
            make_layers_buffers(shape),
            shape.loss,
            shape.sizes,
            switches,
        )
        return loss, flatten_parameters(gradient, shape.sizes)

    def run(flat, micro_batches, switches, n_micro_batches=2):
        inputs = flat, micro_batches, n_micro_batches, switches
        return differentiate(*tf.nest.map_structure(as_tensor, inputs))

    return run
