"""One peephole LSTM layer over a micro-batch of windows, forward and with a derived gradient.

A micro-batch is a few windows of a batch that are computed together. Before the first row, h and c
are zero. That row therefore needs only the lower rows of W, those for [x, 1], and passes no
gradient to an earlier h.

====== ==================================================== ===============================
letter meaning                                              shape
====== ==================================================== ===============================
B      windows in a micro-batch
t      row of the window, 0 is the oldest
x      input: row t of the windows, or h of the layer below (B, n_inputs)
h      output                                               (B, units)
c      cell state                                           (B, units)
i f o  input gate, forget gate, output gate                 (B, units)
g      what the input gate lets in                          (B, units)
u      [h, x, 1], with the h before the row                 (B, units + n_inputs + 1)
z      u W, the gates' inputs in the order i, f, g, o       (B, 4 units)
W      recurrent kernel, kernel, bias, below each other     (units + n_inputs + 1, 4 units)
p      peepholes of i, f and o                              (3, units)
dh ... gradient of the loss with respect to h ...           that of h ...
====== ==================================================== ===============================

Gers, Schraudolph & Schmidhuber, "Learning precise timing with LSTM recurrent networks", 2002.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import tensorflow as tf

from sklstm._network.weights import FORGET_BIAS


class Layer(NamedTuple):
    """The weights of one layer, as every micro-batch of a batch reads them."""

    W: Any
    p: Any  # zero if switched off
    # Upper rows of W, transposed: dz W_back is dh, or [dh, dx] where a layer below needs dx.
    W_back: Any  # (4 units, units or units + n_inputs)


class Span(NamedTuple):
    """The part of the buffers that one micro-batch uses."""

    length: Any  # rows of the window that are read; those after them are padding
    number: Any  # of the micro-batch in its batch, from 0

    @property
    def first_slot(self) -> Any:
        """The position of the second row in the buffers `us` and `dzs`, which lack the first."""
        return self.number * (self.length - 1)


class Gates(NamedTuple):
    """The values of one row's step that its gradient needs."""

    i: Any
    f: Any
    g: Any
    o: Any
    c: Any  # after the step
    tanh_c: Any


class Buffers(NamedTuple):
    """The tables that a layer writes in the forward pass and reads in the backward pass.

    TensorFlow fills a new table with zeros, so a program makes its buffers once and reuses them in
    each step. Entries beyond the length of a window are never read.
    """

    gates: Gates  # of (window_length, B, units) each
    hs: Any  # (window_length, B, units)
    dxs: Any  # (window_length, B, n_inputs), for the layer below
    # dW is the sum of u' dz over all rows and micro-batches of a batch, computed in one matmul:
    # many small ones would add up a whole matrix each. First rows, whose h is zero, are left out.
    us: Any  # (n_slots, B, units + n_inputs + 1)
    dzs: Any  # (n_slots, B, 4 units)


def make_table(n_rows: int, width: int, micro_batch_size: int) -> Any:
    """Make a table of this many rows, (micro_batch_size, width) each."""
    shape = (micro_batch_size, width)
    return tf.TensorArray(tf.float32, n_rows, element_shape=shape, clear_after_read=False)


def make_buffers(
    window_length: int, n_micro_batches: int, micro_batch_size: int, n_inputs: int, units: int
) -> Buffers:
    """Make the empty buffers of one layer, for batches of up to `n_micro_batches`."""
    table = partial(make_table, micro_batch_size=micro_batch_size)
    chunk = 8 * find_eighth(n_micro_batches * (window_length - 1))
    n_slots = -(-n_micro_batches * (window_length - 1) // chunk) * chunk
    return Buffers(
        Gates(*(table(window_length, units) for _ in Gates._fields)),
        table(window_length, units),
        table(window_length, n_inputs),
        table(n_slots, units + n_inputs + 1),
        table(n_slots, 4 * units),
    )


def sigmoid(x) -> Any:
    """Compute 1 / (1 + exp(-x)) with tanh, because XLA's sigmoid makes a whole step 2 % slower."""
    return 0.5 + 0.5 * tf.tanh(0.5 * x)


def step_forward(z, c, p) -> tuple[Any, Gates]:
    """Do one row's step of the cell, from the c before it; return h and the gates, c among them."""
    p_i, p_f, p_o = tf.unstack(p)
    z_i, z_f, z_g, z_o = tf.split(z, 4, axis=1)
    i = sigmoid(z_i + p_i * c)
    f = sigmoid(z_f + p_f * c + FORGET_BIAS)
    g = tf.tanh(z_g)
    c_new = f * c + i * g
    o = sigmoid(z_o + p_o * c_new)  # the output gate alone sees the new state
    tanh_c = tf.tanh(c_new)
    return o * tanh_c, Gates(i, f, g, o, c_new, tanh_c)


def step_backward(dh, dc_new, gates: Gates, c, p) -> tuple[Any, Any, Any]:
    """Backpropagate through one step, before which the state was c; return dz, dc and dp."""
    p_i, p_f, p_o = tf.unstack(p)
    i, f, g, o, c_new, tanh_c = gates
    dz_o = dh * tanh_c * o * (1 - o)
    dc_new += dh * o * (1 - tanh_c * tanh_c) + dz_o * p_o
    dz_i = dc_new * g * i * (1 - i)
    dz_f = dc_new * c * f * (1 - f)
    dz_g = dc_new * i * (1 - g * g)
    dc = dc_new * f + dz_i * p_i + dz_f * p_f
    dp = tf.stack([tf.reduce_sum(d, axis=0) for d in (dz_i * c, dz_f * c, dz_o * c_new)])
    return tf.concat([dz_i, dz_f, dz_g, dz_o], axis=1), dc, dp


def take_first_row(x, layer: Layer) -> tuple[Any, Gates]:
    """Do the step of the first row, before which h and c are zero; return h and the gates."""
    units = layer.p.shape[1]
    x_1 = tf.concat([x, tf.ones((x.shape[0], 1))], axis=1)
    return step_forward(tf.matmul(x_1, layer.W[units:]), tf.zeros((x.shape[0], units)), layer.p)


def take_row(x, h, c, layer: Layer) -> tuple[Any, Any, Gates]:
    """Do the step of a later row; return u, and h and the gates after it."""
    u = tf.concat([h, x, tf.ones((x.shape[0], 1))], axis=1)
    h, gates = step_forward(tf.matmul(u, layer.W), c, layer.p)
    return u, h, gates


def run_forward(
    read_x: Callable, layer: Layer, span: Span, buffers: Buffers
) -> tuple[Any, Buffers]:
    """Run the layer over the rows read_x(0), read_x(1), ...; return the last h and the buffers."""
    first_slot = span.first_slot

    def write(buffers, t, h, gates):
        tables = (table.write(t, gate) for table, gate in zip(buffers.gates, gates, strict=True))
        return buffers._replace(gates=Gates(*tables), hs=buffers.hs.write(t, h))

    def step(t, h, c, buffers):
        u, h, gates = take_row(read_x(t), h, c, layer)
        buffers = write(buffers, t, h, gates)
        return t + 1, h, gates.c, buffers._replace(us=buffers.us.write(first_slot + t - 1, u))

    h, gates = take_first_row(read_x(0), layer)
    start = (1, h, gates.c, write(buffers, 0, h, gates))
    _, h, _, buffers = tf.while_loop(lambda t, *_: t < span.length, step, start)
    return h, buffers


def run_backward(
    dh, read_dh: Callable, read_x: Callable, layer: Layer, span: Span, buffers: Buffers
) -> tuple[Buffers, Any, Any]:
    """Backpropagate through the layer, from the gradient of its last h.

    read_dh(t) is the contribution of the layer above to dh at row t, or 0. Returns the buffers, and
    the gradients that they lack: dp, and the contribution of the first row to the lower rows of dW,
    (n_inputs + 1, 4 units).
    """
    x = read_x(0)
    batch, units = dh.shape
    first_slot = span.first_slot
    zeros = tf.zeros((batch, units))

    def go_back(t, dh, dc, c, buffers):
        gates = Gates(*(table.read(t) for table in buffers.gates))
        return step_backward(dh + read_dh(t), dc, gates, c, layer.p)

    def hand_down(t, dz, buffers):
        """Find dh of the row before, and dx for the layer below if there is one."""
        d = tf.matmul(dz, layer.W_back)
        if d.shape[1] == units:
            return d, buffers
        return d[:, :units], buffers._replace(dxs=buffers.dxs.write(t, d[:, units:]))

    def step(t, dh, dc, dp, buffers):
        dz, dc, dp_of_row = go_back(t, dh, dc, buffers.gates.c.read(t - 1), buffers)
        dh, buffers = hand_down(t, dz, buffers)
        buffers = buffers._replace(dzs=buffers.dzs.write(first_slot + t - 1, dz))
        return t - 1, dh, dc, dp + dp_of_row, buffers

    start = (span.length - 1, dh, zeros, tf.zeros((3, units)), buffers)
    _, dh, dc, dp, buffers = tf.while_loop(lambda t, *_: t >= 1, step, start)
    dz, _, dp_of_row = go_back(0, dh, dc, zeros, buffers)
    if layer.W_back.shape[1] > units:
        _, buffers = hand_down(0, dz, buffers)
    x_1 = tf.concat([x, tf.ones((batch, 1))], axis=1)
    return buffers, dp + dp_of_row, tf.matmul(x_1, dz, transpose_a=True)


def compute_dW(buffers: Buffers, n_used) -> Any:
    """Add up us[s]' dzs[s] over the slots s < n_used; dzs is zero in all others.

    One matmul of a fixed size would multiply these zeros too, and one for each size would take long
    to compile. So the slots are processed in chunks, and the rest in eighths of a chunk.
    """
    us, dzs = buffers.us.stack(), buffers.dzs.stack()
    eighth = find_eighth(us.shape[0])
    chunk = 8 * eighth

    def multiply(start, size):
        # `start` is the loop's or 0: of an input, XLA would compile a program for each value.
        parts = (tf.slice(table, [start, 0, 0], [size, *table.shape[1:]]) for table in (us, dzs))
        return tf.matmul(*(tf.reshape(p, (-1, p.shape[2])) for p in parts), transpose_a=True)

    def add_chunk(start, total):
        return start + chunk, total + multiply(start, chunk)

    n_left = -(-(n_used % chunk) // eighth)
    nothing = partial(tf.zeros, (us.shape[2], dzs.shape[2]))
    left = [partial(multiply, 0, n * eighth) for n in range(1, 9)]
    start = (n_left * eighth, tf.switch_case(n_left, [nothing, *left]))
    return tf.while_loop(lambda start, _: start < n_used, add_chunk, start)[1]


def find_eighth(n_slots: int) -> int:
    """Return the slots in an eighth of a chunk, a power of 2: a full table has up to 32 chunks."""
    return 1 << max(0, (n_slots // 128).bit_length() - 1)
