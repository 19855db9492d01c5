"""The layout of a step's weights, against the flat vector and against NumPy."""

from dataclasses import astuple

import numpy as np
import pytest
import tensorflow as tf
from small_networks import mark_kernels

from sklstm._network.parameters import flatten_parameters, join, lay_out, list_shrunk, split_rest
from sklstm._network.sizes import PaddedSizes, Sizes
from sklstm._network.weights import unflatten, zero_weights

SIZES = [
    PaddedSizes(3, 2, 4, 2),
    PaddedSizes(3, 2, 4, 2, num_layers=3),
    PaddedSizes(3, 2, 4, 6, num_layers=2, steps=3, n_beside=5),
]


def number_flat(sizes):
    """The flat vector 0, 1, 2, ... and the weights that it holds."""
    n = sum(array.size for array in zero_weights(sizes).arrays())
    flat = np.arange(n, dtype=np.float32)
    return flat, unflatten(flat, sizes, Sizes(*astuple(sizes)))


@pytest.mark.parametrize("sizes", SIZES)
def test_a_matrix_multiplies_h_x_and_1(sizes):
    """Oracle: the three products by themselves."""
    flat, weights = number_flat(sizes)
    rng = np.random.default_rng(0)
    for layer, matrix in zip(weights.layers, lay_out(flat, sizes).matrices, strict=True):
        h, x = rng.normal(size=(5, 4)), rng.normal(size=(5, len(layer.kernel)))
        z = np.tensordot(h, layer.recurrent_kernel, 1) + np.tensordot(x, layer.kernel, 1)
        rows = np.column_stack([h, x, np.ones(5)])
        np.testing.assert_allclose(rows @ matrix.numpy(), (z + layer.bias).reshape(5, -1))


@pytest.mark.parametrize("sizes", SIZES)
def test_the_rest_is_head_skip_peepholes_the_heads_bias_and_the_path(sizes):
    flat, weights = number_flat(sizes)
    rest = split_rest(lay_out(flat, sizes).rest, sizes)
    np.testing.assert_array_equal(rest.head, weights.head)
    np.testing.assert_array_equal(rest.skip, weights.skip)
    np.testing.assert_array_equal(rest.head_bias, weights.head_bias)
    for peepholes, layer in zip(rest.peepholes, weights.layers, strict=True):
        np.testing.assert_array_equal(peepholes, layer.peepholes)
    for found, expected in zip(rest.path, weights.path or (), strict=True):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(join(rest), lay_out(flat, sizes).rest)


@pytest.mark.parametrize("sizes", SIZES)
def test_the_layout_goes_back_to_the_flat_vector(sizes):
    flat, _ = number_flat(sizes)
    np.testing.assert_array_equal(flatten_parameters(lay_out(flat, sizes), sizes), flat)


@pytest.mark.parametrize("sizes", SIZES)
def test_the_kernels_are_shrunk_and_nothing_else(sizes):
    """Oracle: the flat vector with 1 written into every kernel by its name."""
    shrunk = tf.nest.map_structure(
        lambda mask, part: mask * np.ones(part.shape, np.float32),
        list_shrunk(sizes),
        lay_out(number_flat(sizes)[0], sizes),
    )
    flat = flatten_parameters(shrunk, sizes).numpy()
    np.testing.assert_array_equal(flat, mark_kernels(sizes))
