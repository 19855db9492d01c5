"""The layer over a micro-batch of windows, against TF 1's cell and NumPy."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_cell import REFERENCE, read_weights
from small_networks import assert_close

from sklstm._network.recurrence import (
    Layer,
    Span,
    compute_dW,
    find_eighth,
    make_buffers,
    run_backward,
    run_forward,
)


def below_each_other(kernel, recurrent_kernel, bias):
    """The matrix that multiplies [h, x, 1]."""
    return np.concatenate([recurrent_kernel, kernel, bias[None]]).astype(np.float32)


@pytest.mark.parametrize("case", ["case0", "case1", "case2", "case3"])
@pytest.mark.parametrize("is_last", [False, True], ids=["row", "last"])
def test_outputs_and_gradients_are_those_of_tf1(case, is_last):
    """Oracle: TF 1's LSTMCell(use_peepholes=True); the rows past the length hold anything.

    The same windows are two micro-batches of a batch, so the weights' gradient is twice TF 1's.
    """
    x = REFERENCE[f"{case}_x"].transpose(1, 0, 2)
    length, n_padded, (batch, n_inputs) = len(x), 2, x.shape[1:]
    anything = np.random.default_rng(0).normal(0, 9, (n_padded, batch, n_inputs))
    x = np.concatenate([x, anything]).astype(np.float32)
    *arrays, peepholes = read_weights(case)
    matrix, units = below_each_other(*arrays), peepholes.shape[1]

    @tf.function(jit_compile=True)
    def differentiate(x, matrix, peepholes, cotangent, length):
        buffers = make_buffers(x.shape[0], 2, batch, n_inputs, units)
        layer = Layer(matrix, peepholes, tf.transpose(matrix[:-1]))
        dp, first = 0.0, 0.0
        dh = cotangent if is_last else tf.zeros_like(cotangent)

        def read_x(t):
            return x[t]

        def read_dh(t):
            return 0.0 if is_last else cotangent * tf.cast(t == length - 1, tf.float32)

        for number in (0, 1):
            span = Span(length, number)
            h, buffers = run_forward(read_x, layer, span, buffers)
            buffers, dp_of_one, first_of_one = run_backward(
                dh, read_dh, read_x, layer, span, buffers
            )
            dp, first = dp + dp_of_one, first + first_of_one
        gradient = compute_dW(buffers, 2 * (length - 1))
        gradient = tf.concat([gradient[:units], gradient[units:] + first], axis=0)
        return h, buffers.hs.stack(), buffers.dxs.stack(), gradient, dp

    cotangent = REFERENCE[f"{case}_cotangent_h"]
    h, hs, dxs, gradient, dp = differentiate(
        *(tf.constant(array) for array in (x, matrix, peepholes, cotangent, length))
    )
    outputs = REFERENCE[f"{case}_outputs"].transpose(1, 0, 2)
    assert_close(hs[:length], outputs)
    assert_close(h, outputs[-1])
    assert_close(dxs[:length], REFERENCE[f"{case}_grad_x"].transpose(1, 0, 2))
    *expected, expected_dp = read_weights(case, "grad_")
    for part, whole in zip(
        (gradient[units:-1], gradient[:units], gradient[-1]), expected, strict=True
    ):
        assert_close(part, 2 * whole)
    assert_close(dp, 2 * expected_dp)


@pytest.mark.parametrize("n_slots", [1, 15, 75, 150, 600])
@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_the_used_slots_are_multiplied_and_added_up(n_slots, data):
    """Oracle: NumPy's einsum over the used slots; the rows of the others hold anything."""
    n_used = data.draw(st.integers(0, n_slots))
    buffers = make_buffers(n_slots + 1, 1, micro_batch_size=3, n_inputs=2, units=2)
    rng = np.random.default_rng(n_used)
    us = rng.normal(size=buffers.us.stack().shape).astype(np.float32)
    dzs = rng.normal(size=buffers.dzs.stack().shape).astype(np.float32)
    dzs[n_used:] = 0
    buffers = buffers._replace(us=buffers.us.unstack(us), dzs=buffers.dzs.unstack(dzs))
    expected = np.einsum("sbi,sbj->ij", us[:n_used].astype(float), dzs[:n_used].astype(float))
    np.testing.assert_allclose(
        compute_dW(buffers, tf.constant(n_used)), expected, rtol=1e-5, atol=1e-4
    )


@given(n_slots=st.integers(1, 5000))
def test_a_table_is_cut_as_the_slots_it_was_made_for(n_slots):
    """Oracle: by enumeration; a chunk that reached past the table would be shifted in silence."""
    chunk = 8 * find_eighth(n_slots)
    table = -(-n_slots // chunk) * chunk
    assert table % (8 * find_eighth(table)) == 0
    assert table - n_slots < chunk
    assert table // chunk <= 32
