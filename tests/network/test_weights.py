"""The weights' shapes, start values and places, against counts and limits written out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklstm._network.sizes import Sizes, pad_sizes
from sklstm._network.weights import (
    flatten,
    initial_weights,
    pad_to,
    unflatten,
    weight_shapes,
    zero_weights,
)

SIZES = st.builds(
    Sizes,
    window_length=st.integers(1, 20),
    n_features=st.integers(1, 5),
    units=st.integers(1, 20),
    n_outputs=st.integers(1, 5),
    num_layers=st.integers(1, 3),
)


def number_weights(sizes):
    """Weights whose entries are 1, 2, 3, ... in the order of `arrays`: none is like another."""
    weights = zero_weights(sizes)
    first = 1
    for array in weights.arrays():
        array[:] = np.arange(first, first + array.size).reshape(array.shape)
        first += array.size
    return weights


# Shapes and their order


def test_the_kernels_stand_first_and_biases_and_peepholes_last():
    """Oracle: by hand, for two layers: 2 features, 5 units, 3 outputs, window 4."""
    assert weight_shapes(Sizes(4, 2, 5, 3, num_layers=2)) == [
        *[(2, 4, 5), (5, 4, 5)],  # the first layer reads the features
        *[(5, 4, 5), (5, 4, 5)],  # the second one the first one's output
        *[(5, 3), (4, 2, 3)],  # head and skip
        *[(4, 5), (3, 5)] * 2,
        (3,),
    ]


@given(sizes=SIZES)
def test_the_weights_have_the_stated_shapes_in_the_stated_order(sizes):
    weights = zero_weights(sizes)
    assert [array.shape for array in weights.arrays()] == weight_shapes(sizes)
    assert {array.dtype for array in weights.arrays()} == {np.dtype(np.float32)}
    assert weights.skip.shape == (sizes.window_length, sizes.n_features, sizes.n_outputs)
    assert weights.head.shape == (sizes.units, sizes.n_outputs)
    assert len(weights.layers) == sizes.num_layers


# Padding


@given(sizes=SIZES)
def test_weights_come_back_from_the_padded_vector_as_they_went_in(sizes):
    weights = number_weights(sizes)
    padded = pad_sizes(sizes)
    flat = flatten(weights, padded)
    assert flat.dtype == np.float32
    assert flat.shape == (sum(int(np.prod(shape)) for shape in weight_shapes(padded)),)
    back = unflatten(flat, padded, sizes)
    for array, original in zip(back.arrays(), weights.arrays(), strict=True):
        np.testing.assert_array_equal(array, original)
        assert not np.shares_memory(array, flat)


@given(sizes=SIZES)
def test_padding_adds_zeros_and_nothing_else(sizes):
    """Oracle: the entries are 1, 2, 3, ..., so those that are not zero must be just these."""
    flat = flatten(number_weights(sizes), pad_sizes(sizes))
    n_weights = sum(int(np.prod(shape)) for shape in weight_shapes(sizes))
    np.testing.assert_array_equal(np.sort(flat[flat != 0]), np.arange(1, n_weights + 1))


def test_zeros_stand_behind_each_axis():
    """Oracle: by hand."""
    np.testing.assert_array_equal(pad_to(np.array([[1, 2]]), (2, 3)), [[1, 2, 0], [0, 0, 0]])


# Start values


@pytest.mark.parametrize("num_layers", [1, 2])
def test_start_values_are_uniform_within_the_limit_of_tf1(num_layers):
    """Oracle: TF 1 draws one Glorot kernel (n_inputs + units, 4 units), of inputs and state.

    So its limit is sqrt(6 / (n_inputs + units + 4 units)); a uniform law has deviation
    limit / sqrt(3).
    """
    sizes = Sizes(4, 3, 60, 2, num_layers)
    weights = initial_weights(sizes, np.random.default_rng(0))
    for n_inputs, layer in zip([3, 60], weights.layers, strict=False):
        limit = np.sqrt(6 / (n_inputs + 60 + 240))
        for kernel in (layer.kernel, layer.recurrent_kernel):
            assert 0.98 * limit < kernel.max() <= limit
            assert 0.98 * limit < -kernel.min() <= limit
            np.testing.assert_allclose(kernel.std(), limit / np.sqrt(3), rtol=0.05)


def test_training_starts_from_a_prediction_of_zero():
    """Oracle: head, skip and biases of zero leave zero, whatever the LSTM says."""
    weights = initial_weights(Sizes(4, 3, 6, 2, 2), np.random.default_rng(0))
    zeros = [weights.head, weights.head_bias, weights.skip]
    zeros += [array for layer in weights.layers for array in (layer.bias, layer.peepholes)]
    assert not any(array.any() for array in zeros)


def test_the_hidden_layer_of_a_path_is_uniform_and_its_head_zero():
    """Oracle: Glorot's limit of one kernel, of 60 + 6 inputs and 30 hidden units."""
    sizes = Sizes(4, 3, 60, 8, 1, steps=4, n_beside=6)
    path = initial_weights(sizes, np.random.default_rng(0)).path
    assert path.state_kernel.shape == (60, 30)
    assert path.beside_kernel.shape == (6, 30)
    assert path.head.shape == (30, 8)
    assert path.bias.shape == (4, 30)
    assert not path.head.any()
    assert not path.bias.any()
    limit = np.sqrt(6 / (60 + 6 + 30))
    for kernel in (path.state_kernel, path.beside_kernel):
        assert 0.95 * limit < np.abs(kernel).max() <= limit
        np.testing.assert_allclose(kernel.std(), limit / np.sqrt(3), rtol=0.1)


def test_start_values_come_from_the_generator_alone():
    sizes = Sizes(4, 3, 6, 2, 2)
    first, again, other = (
        flatten(initial_weights(sizes, np.random.default_rng(seed)), pad_sizes(sizes))
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
