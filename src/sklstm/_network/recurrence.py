"""One peephole LSTM layer over a tile of windows, forward and back, the gradient by hand.

A tile is a few windows side by side. The step of a row multiplies [h, x, 1] once by all weights of
the layer, which stand below each other in one matrix. Before the first row h is zero: that row
needs the lower part of the matrix only, and nothing goes back through it to an earlier h.
"""

from functools import partial
from typing import Any, NamedTuple

import tensorflow as tf

from sklstm._network.weights import FORGET_BIAS


class Gates(NamedTuple):
    """What one row's step leaves for its gradient, (tile_size, units) each."""

    i: Any
    f: Any
    g: Any
    o: Any
    c: Any  # the new cell state
    tanh_c: Any


class Tape(NamedTuple):
    """The tables that a layer writes going forward and reads going back; they are used again.

    TensorFlow fills a new table with zeros, so the tables of a program are made once, not in each
    step. What a shorter window leaves in them is never read.
    """

    gates: Gates  # of (window_length, tile_size, units) each
    hs: Any  # (window_length, tile_size, units), h after each row
    dxs: Any  # (window_length, tile_size, n_inputs), gradients for the layer below
    # The factors of the weights' gradient, for all tiles of a batch; each tile's first row is left
    # out. They are multiplied in one matmul: many small ones would add up a whole matrix each.
    rows: Any  # (n_slots, tile_size, units + n_inputs + 1), [h, x, 1]
    dzs: Any  # (n_slots, tile_size, 4 * units)


def make_table(n_rows: int, width: int, tile_size: int):
    """Make a table of so many rows, (tile_size, width) each."""
    shape = (tile_size, width)
    return tf.TensorArray(tf.float32, n_rows, element_shape=shape, clear_after_read=False)


def make_tape(window_length: int, n_tiles: int, tile_size: int, n_inputs: int, units: int) -> Tape:
    """Make the empty tables of one layer."""
    table = partial(make_table, tile_size=tile_size)
    chunk = 8 * find_eighth(n_tiles * (window_length - 1))
    n_slots = -(-n_tiles * (window_length - 1) // chunk) * chunk
    return Tape(
        Gates(*(table(window_length, units) for _ in Gates._fields)),
        table(window_length, units),
        table(window_length, n_inputs),
        table(n_slots, units + n_inputs + 1),
        table(n_slots, 4 * units),
    )


def sigmoid(x):
    """Compute 1 / (1 + exp(-x)); by tanh, because XLA's own makes a whole step 2 % slower."""
    return 0.5 + 0.5 * tf.tanh(0.5 * x)


def step_forward(z, c, peepholes):
    """Do one row's step of the cell; return the new h and the gates, the new c among them.

    z: (batch, 4 units), the gates' inputs in the order i, f, g, o; c: (batch, units); peepholes:
    (3, units) of i, f and o. Gers, Schraudolph & Schmidhuber, "Learning precise timing with LSTM
    recurrent networks", 2002.
    """
    p_i, p_f, p_o = tf.unstack(peepholes)
    z_i, z_f, z_g, z_o = tf.split(z, 4, axis=1)
    i = sigmoid(z_i + p_i * c)
    f = sigmoid(z_f + p_f * c + FORGET_BIAS)
    g = tf.tanh(z_g)
    c_new = f * c + i * g
    o = sigmoid(z_o + p_o * c_new)  # the output gate alone sees the new state
    tanh_c = tf.tanh(c_new)
    return o * tanh_c, Gates(i, f, g, o, c_new, tanh_c)


def step_backward(dh, dc_new, gates: Gates, c, peepholes):
    """Go back through one step: from the gradients of h and the new c to those of z, c, peepholes.

    c is the state before the step.
    """
    p_i, p_f, p_o = tf.unstack(peepholes)
    i, f, g, o, c_new, tanh_c = gates
    dz_o = dh * tanh_c * o * (1 - o)
    dc_new += dh * o * (1 - tanh_c * tanh_c) + dz_o * p_o
    dz_i = dc_new * g * i * (1 - i)
    dz_f = dc_new * c * f * (1 - f)
    dz_g = dc_new * i * (1 - g * g)
    dc = dc_new * f + dz_i * p_i + dz_f * p_f
    dp = tf.stack([tf.reduce_sum(d, axis=0) for d in (dz_i * c, dz_f * c, dz_o * c_new)])
    return tf.concat([dz_i, dz_f, dz_g, dz_o], axis=1), dc, dp


def take_first_row(x, matrix, peepholes):
    """Do the step of the first row, before which h and c are zero; return h and the gates."""
    units = matrix.shape[1] // 4
    row = tf.concat([x, tf.ones((x.shape[0], 1))], axis=1)
    return step_forward(tf.matmul(row, matrix[units:]), tf.zeros((x.shape[0], units)), peepholes)


def take_row(x, h, c, matrix, peepholes):
    """Do the step of a later row; return [h, x, 1] before it, and h and the gates after it."""
    row = tf.concat([h, x, tf.ones((x.shape[0], 1))], axis=1)
    return row, *step_forward(tf.matmul(row, matrix), c, peepholes)


def run_forward(read_row, matrix, peepholes, length, tape: Tape, tile) -> tuple[Any, Tape]:
    """Run the layer over the first `length` rows; return the last h (tile_size, units) and tape.

    read_row(t): x of row t, (tile_size, n_inputs); matrix: (units + n_inputs + 1, 4 units);
    peepholes: (3, units); tile: this tile's number in its batch.
    """
    first_slot = tile * (length - 1)

    def write(tape, t, h, gates):
        tables = (table.write(t, gate) for table, gate in zip(tape.gates, gates, strict=True))
        return tape._replace(gates=Gates(*tables), hs=tape.hs.write(t, h))

    def step(t, h, c, tape):
        row, h, gates = take_row(read_row(t), h, c, matrix, peepholes)
        tape = write(tape, t, h, gates)._replace(rows=tape.rows.write(first_slot + t - 1, row))
        return t + 1, h, gates.c, tape

    h, gates = take_first_row(read_row(0), matrix, peepholes)
    start = (1, h, gates.c, write(tape, 0, h, gates))
    _, h, _, tape = tf.while_loop(lambda t, *_: t < length, step, start)
    return h, tape


def run_without_tape(read_row, matrix, peepholes, length, hs) -> tuple[Any, Any]:
    """Run the layer as `run_forward` does, but write only h after each row, into the table hs."""

    def step(t, h, c, hs):
        _, h, gates = take_row(read_row(t), h, c, matrix, peepholes)
        return t + 1, h, gates.c, hs.write(t, h)

    h, gates = take_first_row(read_row(0), matrix, peepholes)
    start = (1, h, gates.c, hs.write(0, h))
    _, h, _, hs = tf.while_loop(lambda t, *_: t < length, step, start)
    return h, hs


def run_backward(dh, read_dh, back, read_row, peepholes, length, tape: Tape, tile):
    """Go back through the layer: return the tape, and gradients that no table holds.

    dh: (tile_size, units), the gradient of the last h; read_dh(t): what is to be added at row t,
    or 0; back: (4 units, units), or (4 units, units + n_inputs) where a layer below needs dx. The
    gradients returned are those of the peepholes, (3, units), and of the lower part of the matrix
    by the first row, (n_inputs + 1, 4 units).
    """
    x = read_row(0)
    batch, units = dh.shape
    first_slot = tile * (length - 1)
    zeros = tf.zeros((batch, units))

    def go_back(t, dh, dc, c, tape):
        gates = Gates(*(table.read(t) for table in tape.gates))
        return step_backward(dh + read_dh(t), dc, gates, c, peepholes)

    def hand_down(t, dz, tape):
        """Split the gradient into that of the h before and that of x, which is for the tape."""
        d = tf.matmul(dz, back)
        if d.shape[1] == units:
            return d, tape
        return d[:, :units], tape._replace(dxs=tape.dxs.write(t, d[:, units:]))

    def step(t, dh, dc, dp, tape):
        dz, dc, dp_of_row = go_back(t, dh, dc, tape.gates.c.read(t - 1), tape)
        dh, tape = hand_down(t, dz, tape)
        tape = tape._replace(dzs=tape.dzs.write(first_slot + t - 1, dz))
        return t - 1, dh, dc, dp + dp_of_row, tape

    start = (length - 1, dh, zeros, tf.zeros((3, units)), tape)
    _, dh, dc, dp, tape = tf.while_loop(lambda t, *_: t >= 1, step, start)
    dz, _, dp_of_row = go_back(0, dh, dc, zeros, tape)
    if back.shape[1] > units:
        _, tape = hand_down(0, dz, tape)
    row = tf.concat([x, tf.ones((batch, 1))], axis=1)
    return tape, dp + dp_of_row, tf.matmul(row, dz, transpose_a=True)


def multiply_rows(tape: Tape, n_used):
    """The sum of rows[s]' dzs[s] over the slots s < n_used; dzs is zero in all others.

    One matmul of a fixed size would multiply these zeros too, and one for each size takes long to
    compile. So the slots are taken in chunks, and what is left in eighths of a chunk.
    """
    rows, dzs = tape.rows.stack(), tape.dzs.stack()
    eighth = find_eighth(rows.shape[0])
    chunk = 8 * eighth

    def multiply(start, size):
        # `start` is the loop's or 0: of an input, XLA would compile a program for each value.
        parts = (tf.slice(table, [start, 0, 0], [size, *table.shape[1:]]) for table in (rows, dzs))
        return tf.matmul(*(tf.reshape(p, (-1, p.shape[2])) for p in parts), transpose_a=True)

    def add_chunk(start, total):
        return start + chunk, total + multiply(start, chunk)

    n_left = -(-(n_used % chunk) // eighth)
    nothing = partial(tf.zeros, (rows.shape[2], dzs.shape[2]))
    left = [partial(multiply, 0, n * eighth) for n in range(1, 9)]
    start = (n_left * eighth, tf.switch_case(n_left, [nothing, *left]))
    return tf.while_loop(lambda start, _: start < n_used, add_chunk, start)[1]


def find_eighth(n_slots: int) -> int:
    """Slots in an eighth of a chunk, a power of 2: a full table is 16 to 32 chunks, or fewer."""
    return 1 << max(0, (n_slots // 128).bit_length() - 1)
