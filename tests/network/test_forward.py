"""The forward pass: the network's numbers, and bits that depend on nothing but the row."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_cell import REFERENCE, read_weights
from threadpoolctl import threadpool_limits

from sklstm._network import forward
from sklstm._network.forward import lay_out_network, next_power_of_2, round_matrix
from sklstm._network.sizes import Sizes
from sklstm._network.weights import LayerWeights, Weights, weight_shapes

WIDE = Sizes(window_length=5, n_features=3, units=37, n_outputs=2, num_layers=2)


def draw_weights(sizes, seed=0, scale=0.3):
    rng = np.random.default_rng(seed)
    shapes = weight_shapes(sizes)
    return Weights.from_arrays([(scale * rng.normal(size=s)).astype(np.float32) for s in shapes])


def draw_windows(sizes, n, seed=1):
    shape = (n, sizes.window_length, sizes.n_features)
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def squash(z):
    return (1 + np.tanh(z / 2)) / 2  # which never overflows


def run_in_float64(weights, windows, peephole=True, linear_skip=True):
    """The network read literally, one row of a window after the other."""
    xs = windows.astype(np.float64).transpose(1, 0, 2)
    for layer in weights.layers:
        kernel, recurrent, bias, p = (
            getattr(layer, name).astype(np.float64)
            for name in ("kernel", "recurrent_kernel", "bias", "peepholes")
        )
        p = p * peephole
        h = c = np.zeros((len(windows), len(recurrent)))
        hs = []
        for x in xs:
            z = np.einsum("nf,fgu->gnu", x, kernel) + np.einsum("nv,vgu->gnu", h, recurrent)
            z = z + bias[:, None]
            i, f = squash(z[0] + p[0] * c), squash(z[1] + p[1] * c + 1)
            c = f * c + i * np.tanh(z[2])
            h = squash(z[3] + p[2] * c) * np.tanh(c)
            hs.append(h)
        xs = np.stack(hs)
    skip = np.einsum("nwf,wfo->no", windows.astype(np.float64), weights.skip)
    return xs[-1] @ weights.head + weights.head_bias + linear_skip * skip


@given(
    window_length=st.integers(1, 6),
    n_features=st.integers(1, 4),
    units=st.integers(1, 9),
    n_outputs=st.integers(1, 3),
    num_layers=st.integers(1, 3),
    peephole=st.booleans(),
    linear_skip=st.booleans(),
    size=st.sampled_from([1e-3, 1.0, 30.0, 1e4]),
)
def test_predictions_are_the_network_in_float64(
    window_length, n_features, units, n_outputs, num_layers, peephole, linear_skip, size
):
    """Oracle: the network read literally; float32 rounds by 6e-8 of the largest input."""
    sizes = Sizes(window_length, n_features, units, n_outputs, num_layers)
    weights, windows = draw_weights(sizes), np.float32(size) * draw_windows(sizes, 4)
    network = lay_out_network(weights, peephole=peephole, linear_skip=linear_skip)
    expected = run_in_float64(weights, windows, peephole, linear_skip)
    actual = network.predict(windows)
    assert actual.dtype == np.float64
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=3e-6 * max(1, size))


@pytest.mark.parametrize("case", ["case0", "case1", "case2", "case3"])
def test_the_last_output_is_that_of_tensorflow_1(case):
    """Oracle: the vectors that TF 1's `LSTMCell(use_peepholes=True)` printed."""
    kernel, recurrent, bias, peepholes = read_weights(case)
    units = peepholes.shape[1]
    layer = LayerWeights(
        kernel.reshape(-1, 4, units).astype(np.float32),
        recurrent.reshape(-1, 4, units).astype(np.float32),
        bias.reshape(4, units).astype(np.float32),
        peepholes.astype(np.float32),
    )
    x = REFERENCE[f"{case}_x"]
    skip = np.zeros((*x.shape[1:], units), np.float32)
    head = np.eye(units, dtype=np.float32)
    weights = Weights((layer,), head, np.zeros(units, np.float32), skip)
    network = lay_out_network(weights, peephole=True, linear_skip=False)
    last_h = network.predict(x.astype(np.float32))
    np.testing.assert_allclose(last_h, REFERENCE[f"{case}_final_h"], rtol=1e-5, atol=1e-6)


# Bits


@given(data=st.data(), threads=st.sampled_from([1, 2]), size=st.sampled_from([1.0, 50.0]))
def test_a_row_has_the_same_bits_in_any_company(data, threads, size):
    """Oracle: all rows at once, on the threads that BLAS chose."""
    windows = np.float32(size) * draw_windows(WIDE, 700)
    network = lay_out_network(draw_weights(WIDE), peephole=True, linear_skip=True)
    expected = network.predict(windows)
    rows = np.array(data.draw(st.lists(st.integers(0, 699), min_size=1, max_size=80)))
    with threadpool_limits(threads):
        np.testing.assert_array_equal(network.predict(windows[rows]), expected[rows])
    first = data.draw(st.integers(0, 699))
    np.testing.assert_array_equal(network.predict(windows[first:]), expected[first:])


def test_a_row_has_the_same_bits_in_runs_of_any_size(monkeypatch):
    """Oracle: the bits in runs of 512."""
    windows = draw_windows(WIDE, 600)
    network = lay_out_network(draw_weights(WIDE), peephole=True, linear_skip=True)
    expected = network.predict(windows)
    for size in (1, 7, 64, 600):
        monkeypatch.setattr(forward, "MOST_PREDICTIONS", size)
        np.testing.assert_array_equal(network.predict(windows), expected)


@given(n_units=st.integers(1, 40), n_inputs=st.integers(1, 9), seed=st.integers(0, 9))
def test_no_sum_of_products_is_rounded(n_units, n_inputs, seed):
    """Oracle: Python's whole numbers, for the largest inputs that a row may have."""
    rng = np.random.default_rng(seed)
    matrix = round_matrix(rng.normal(size=(3, n_units + n_inputs + 1)) ** 3, n_units)
    largest = np.r_[np.ones(n_units), np.full(n_inputs, forward.LARGEST_INPUT), 1.0]
    signs = np.sign(matrix.whole[0])  # so that nothing cancels in the first row
    read = np.rint(largest / forward.UNIT) * np.where(signs == 0, 1, signs)
    sums = [sum(int(w) * int(x) for w, x in zip(row, read, strict=True)) for row in matrix.whole]
    assert max(map(abs, sums)) < 2**53
    assert (matrix.whole @ read).tolist() == sums


def test_a_matrix_is_rounded_to_the_nearest_multiple_of_its_unit():
    """Oracle: fractions."""
    matrix = np.random.default_rng(0).normal(size=(4, 6))
    rounded = round_matrix(matrix, n_units=3)
    unit = Fraction(rounded.unit)
    assert unit.numerator == 1  # a power of 2 below 1
    assert unit.denominator & (unit.denominator - 1) == 0
    assert np.abs(rounded.whole * rounded.unit - matrix).max() <= rounded.unit / 2
    assert rounded.unit < 1e-6


@pytest.mark.parametrize(
    ("size", "power"), [(0.0, 2.0**-125), (0.3, 0.5), (0.5, 1.0), (1.0, 2.0), (5.0, 8.0)]
)
def test_the_next_power_of_2_is_larger(size, power):
    """Oracle: by hand."""
    assert next_power_of_2(np.float64(size)) == power


def test_what_is_not_finite_shows_in_its_own_row_alone():
    """Oracle: the other rows; float32's largest number is what scaling clips to."""
    windows = draw_windows(WIDE, 5)
    network = lay_out_network(draw_weights(WIDE), peephole=True, linear_skip=True)
    expected = network.predict(windows)
    windows[2] = np.inf
    actual = network.predict(windows)  # a warning would be an error
    assert not np.isfinite(actual[2]).any()
    others = [0, 1, 3, 4]
    np.testing.assert_array_equal(actual[others], expected[others])


def test_weights_of_zero_predict_the_bias_to_the_last_bit():
    """Oracle: by hand."""
    weights = draw_weights(WIDE, scale=0.0)
    bias = np.array([0.1, -3.0], np.float32)
    weights.head_bias[:] = bias
    network = lay_out_network(weights, peephole=True, linear_skip=True)
    expected = np.broadcast_to(bias.astype(np.float64), (3, 2))
    np.testing.assert_allclose(network.predict(draw_windows(WIDE, 3)), expected, rtol=1e-7)


def run_path_in_float64(weights, windows, beside):
    """The path head read literally, one step after the other, beside the rest of the network."""
    alone = Weights(weights.layers, weights.head, weights.head_bias, weights.skip)
    units = len(weights.head)
    eye = np.eye(units, dtype=np.float32)
    nothing = np.zeros((*weights.skip.shape[:2], units), np.float32)
    h = run_in_float64(Weights(weights.layers, eye, np.zeros(units, np.float32), nothing), windows)
    state_kernel, beside_kernel, head, bias = (a.astype(np.float64) for a in weights.path)
    n_outputs = head.shape[1] // len(bias)
    steps = [
        np.tanh(h @ state_kernel + beside[:, step] @ beside_kernel + bias[step])
        @ head[:, step * n_outputs : (step + 1) * n_outputs]
        for step in range(len(bias))
    ]
    return run_in_float64(alone, windows) + np.concatenate(steps, axis=1)


@given(
    steps=st.integers(2, 5), n_beside=st.integers(0, 4), units=st.integers(1, 9),
    n_outputs=st.integers(1, 3), size=st.sampled_from([1e-3, 1.0, 30.0, 1e4]),
)  # fmt: skip
def test_paths_are_the_network_in_float64(steps, n_beside, units, n_outputs, size):
    """Oracle: the network read literally."""
    sizes = Sizes(3, 2, units, steps * n_outputs, 1, steps, n_beside)
    shapes, rng = weight_shapes(sizes), np.random.default_rng(0)
    arrays = [(0.3 * rng.normal(size=s)).astype(np.float32) for s in shapes]
    weights, windows = Weights.from_arrays(arrays, has_path=True), draw_windows(sizes, 4)
    beside = (size * rng.normal(size=(4, steps, n_beside))).astype(np.float32)
    network = lay_out_network(weights, peephole=True, linear_skip=True)
    expected = run_path_in_float64(weights, windows, beside.astype(np.float64))
    np.testing.assert_allclose(
        network.predict(windows, beside), expected, rtol=1e-5, atol=3e-6 * max(1, size)
    )


def test_not_even_the_rounding_of_a_step_depends_on_a_later_one():
    """Oracle: the same with later steps that read numbers a million times as large."""
    sizes = Sizes(3, 2, 5, 4, 1, steps=4, n_beside=2)
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=s).astype(np.float32) for s in weight_shapes(sizes)]
    network = lay_out_network(
        Weights.from_arrays(arrays, has_path=True), peephole=True, linear_skip=True
    )
    windows, beside = draw_windows(sizes, 6), rng.normal(size=(6, 4, 2)).astype(np.float32)
    expected = network.predict(windows, beside)
    beside[:, 2:] *= 1e6
    np.testing.assert_array_equal(network.predict(windows, beside)[:, :2], expected[:, :2])
