"""The weights in the layout of a training step, converted from the flat vector and back.

A layer's weights are stacked in one matrix, and all others are in one vector. No array is copied
for a multiplication, and Adam updates a few large arrays instead of many small ones.
"""

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from sklstm._network.sizes import PaddedSizes
from sklstm._network.weights import (
    LayerWeights,
    PathWeights,
    Weights,
    from_flat,
    path_shapes,
    weight_shapes,
)


class Parameters(NamedTuple):
    """The flat vector in the layout of a step, in which no part is copied for a multiplication.

    `matrices` has (units + n_inputs + 1, 4 units) for each layer: recurrent kernel, kernel and bias
    stacked. `rest` has all others in one vector, in the order of `Rest`.
    """

    matrices: tuple[Any, ...]
    rest: Any


class Rest(NamedTuple):
    """The parts of `Parameters.rest`."""

    head: Any  # (units, n_outputs)
    skip: Any  # (window_length, n_features, n_outputs)
    peepholes: tuple[Any, ...]  # (3, units) for each layer
    head_bias: Any  # (n_outputs,)
    path: tuple[Any, ...] = ()  # those of `PathWeights`, if there are several steps


def split_flat(flat, sizes: PaddedSizes) -> Weights:
    """View the flat vector as weights."""
    shapes = weight_shapes(sizes)
    parts = tf.split(flat, [int(np.prod(shape)) for shape in shapes])
    return from_flat(
        [tf.reshape(part, shape) for part, shape in zip(parts, shapes, strict=True)], sizes
    )


def lay_out(flat, sizes: PaddedSizes) -> Parameters:
    """Lay the flat vector out for training."""
    weights = split_flat(flat, sizes)
    matrices = tuple(
        tf.reshape(
            tf.concat([layer.recurrent_kernel, layer.kernel, layer.bias[None]], axis=0),
            (-1, 4 * sizes.units),
        )
        for layer in weights.layers
    )
    peepholes = tuple(layer.peepholes for layer in weights.layers)
    path = () if weights.path is None else tuple(weights.path)
    rest = Rest(weights.head, weights.skip, peepholes, weights.head_bias, path)
    return Parameters(matrices, join(rest))


def flatten_parameters(parameters: Parameters, sizes: PaddedSizes) -> Any:
    """Undo `lay_out`."""
    units = sizes.units
    rest = split_rest(parameters.rest, sizes)
    layers = []
    for matrix, peepholes in zip(parameters.matrices, rest.peepholes, strict=True):
        gates = tf.reshape(matrix, (-1, 4, units))
        layers.append(LayerWeights(gates[units:-1], gates[:units], gates[-1], peepholes))
    path = PathWeights(*rest.path) if rest.path else None
    weights = Weights(tuple(layers), rest.head, rest.head_bias, rest.skip, path)
    return tf.concat([tf.reshape(array, (-1,)) for array in weights.arrays()], axis=0)


def split_rest(rest, sizes: PaddedSizes) -> Rest:
    """View the vector as its parts."""
    units, n_outputs, num_layers = sizes.units, sizes.n_outputs, sizes.num_layers
    skip = (sizes.window_length, sizes.n_features, n_outputs)
    shapes = [(units, n_outputs), skip, *[(3, units)] * num_layers, (n_outputs,)]
    shapes += path_shapes(sizes)
    parts = tf.split(rest, [int(np.prod(shape)) for shape in shapes])
    parts = list(map(tf.reshape, parts, shapes))
    head, skip, *others = parts
    peepholes, head_bias, path = others[:num_layers], others[num_layers], others[num_layers + 1 :]
    return Rest(head, skip, tuple(peepholes), head_bias, tuple(path))


def join(rest: Rest) -> Any:
    """Undo `split_rest`."""
    return tf.concat([tf.reshape(part, (-1,)) for part in tf.nest.flatten(rest)], axis=0)


def list_shrunk(sizes: PaddedSizes) -> Parameters:
    """Mark with 1 and 0 which rows and entries weight decay shrinks: no bias, no peepholes."""
    shapes = weight_shapes(sizes)
    matrices = [
        np.append(np.ones(kernel[0] + recurrent[0]), 0)[:, None]
        for kernel, recurrent in zip(*[iter(shapes[: 2 * sizes.num_layers])] * 2, strict=True)
    ]
    n_head, n_skip = (int(np.prod(shape)) for shape in shapes[2 * sizes.num_layers :][:2])
    n_kept = 3 * sizes.units * sizes.num_layers + sizes.n_outputs
    *n_kernels, n_bias = [int(np.prod(shape)) for shape in path_shapes(sizes)] or [0]
    rest = np.repeat([1, 0, 1, 0], [n_head + n_skip, n_kept, sum(n_kernels), n_bias])
    return Parameters(
        tuple(matrix.astype(np.float32) for matrix in matrices), rest.astype(np.float32)
    )
