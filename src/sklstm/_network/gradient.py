"""The loss of a batch and its gradient, added up micro-batch by micro-batch.

Padded windows weigh zero; padded units, features and outputs have zero weights; the rows of a
window past its true length are never read.

====== ==================================================== ===============================
letter meaning                                              shape
====== ==================================================== ===============================
B      windows in a micro-batch
x      windows                                              (window_length, B, n_features)
h      last output of the top layer                         (B, units)
e      error: target minus prediction                       (B, n_outputs)
u      hidden units of each step                            (B, steps, hidden)
W, p   matrix and peepholes of a layer, as in `recurrence`  each layer's own
dh ... gradient of the loss with respect to h ...           that of h ...
====== ==================================================== ===============================
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from sklstm._network.parameters import Parameters, Rest, join, split_rest
from sklstm._network.recurrence import (
    Buffers,
    Layer,
    Span,
    compute_dW,
    run_backward,
    run_forward,
)
from sklstm._network.sizes import PaddedSizes
from sklstm._network.switches import HUBER_DELTA, Switches
from sklstm._network.weights import PathWeights


class MicroBatch(NamedTuple):
    """Some windows of a batch, scaled and padded, with their targets."""

    windows: Any  # (window_length, B, n_features)
    targets: Any  # (B, n_outputs)
    weight: Any  # (B, n_outputs), 0 for padded windows; an output's in a batch sum to about 1
    keep: Any  # (B, units), bool, False where dropout sets zero
    beside: Any = ()  # (B, steps, n_beside), what the path head reads, if there is one


class Batch(NamedTuple):
    """The micro-batches read(first), read(first + 1), ... of one Adam step."""

    read: Callable[[Any], MicroBatch]
    first: Any
    n_micro_batches: Any


class Network(NamedTuple):
    """The weights that all micro-batches of a batch read."""

    layers: tuple[Layer, ...]  # bottom to top
    rest: Rest
    switches: Switches


class Sums(NamedTuple):
    """The sums over the micro-batches of a batch; the rest of dW is in the buffers."""

    loss: Any
    dW_first: tuple[Any, ...]  # for each layer: the first rows' part of the lower rows of dW
    d_rest: Rest


def read_network(weights: Parameters, sizes: PaddedSizes, switches: Switches) -> Network:
    """Prepare the weights: transposed once for a batch, not in each row's step."""
    rest = split_rest(weights.rest, sizes)
    layers = []
    for number, (W, p) in enumerate(zip(weights.matrices, rest.peepholes, strict=True)):
        end = sizes.units if number == 0 else -1
        layers.append(Layer(W, switches.peephole * p, tf.transpose(W[:end])))
    return Network(tuple(layers), rest, switches)


def predict_from(h, x, beside, network: Network) -> Any:
    """Add up the heads and the linear skip; returns the scaled prediction (B, n_outputs)."""
    rest = network.rest
    prediction = tf.matmul(h, rest.head) + rest.head_bias
    if rest.path:
        prediction += predict_path(h, beside, PathWeights(*rest.path))
    return prediction + network.switches.linear_skip * tf.einsum("tbf,tfo->bo", x, rest.skip)


def predict_path(h, beside, path: PathWeights) -> Any:
    """Predict each step from its own hidden units, (B, n_outputs)."""
    steps, hidden = path.bias.shape
    read = tf.matmul(h, path.state_kernel)[:, None] + path.bias
    u = tf.tanh(read + tf.einsum("bjn,nu->bju", beside, path.beside_kernel))
    # Products and their sum, not a product of matrices: those of one step are too small for one.
    head = tf.reshape(tf.transpose(path.head), (steps, -1, hidden))
    prediction = tf.reduce_sum(u[:, :, None] * head, axis=-1)
    return tf.reshape(prediction, (-1, path.head.shape[1]))


def mean_loss(kind: str, prediction, target, weight, output_share, quantile) -> Any:
    """Compute the weighted mean loss of a batch, in scaled units."""
    e = target - prediction
    size = tf.abs(e)
    each = {
        "squared_error": lambda: tf.square(e),
        "absolute_error": lambda: size,
        "huber": lambda: tf.where(
            size <= HUBER_DELTA, 0.5 * e * e, HUBER_DELTA * (size - 0.5 * HUBER_DELTA)
        ),
        "quantile": lambda: tf.maximum(quantile * e, (quantile - 1.0) * e),
    }[kind]()
    return tf.reduce_sum(each * output_share * weight)


def input_reader(x, buffers: tuple[Buffers, ...], number: int) -> Callable:
    """Return the input of a layer at row t: the windows, or the layer below."""
    return (lambda t: x[t]) if number == 0 else buffers[number - 1].hs.read


def go_forward(
    x, network: Network, span: Span, buffers: tuple[Buffers, ...]
) -> tuple[Any, tuple[Buffers, ...]]:
    """Run all layers over a micro-batch; return the last h of the top one, and the buffers."""
    for number, layer in enumerate(network.layers):
        read_x = input_reader(x, buffers, number)
        h, written = run_forward(read_x, layer, span, buffers[number])
        buffers = (*buffers[:number], written, *buffers[number + 1 :])
    return h, buffers


def go_backward(
    dh, x, network: Network, span: Span, buffers: tuple[Buffers, ...]
) -> tuple[tuple[Buffers, ...], tuple[Any, ...], tuple[Any, ...]]:
    """Backpropagate through all layers; return the buffers, and dp and dW_first of each layer."""
    dps: tuple[Any, ...] = ()
    dW_first: tuple[Any, ...] = ()
    read_dh: Callable = nothing_above
    for number in reversed(range(len(network.layers))):
        read_x = input_reader(x, buffers, number)
        written, dp, dW = run_backward(
            dh, read_dh, read_x, network.layers[number], span, buffers[number]
        )
        buffers = (*buffers[:number], written, *buffers[number + 1 :])
        dps, dW_first = (dp, *dps), (dW, *dW_first)
        dh, read_dh = tf.zeros_like(dh), written.dxs.read
    return buffers, dps, dW_first


def nothing_above(_) -> float:
    """Return the gradient that the top layer's rows get from above; only its last h counts."""
    return 0.0


def score(h, micro_batch: MicroBatch, network: Network, kind: str) -> tuple[Any, Any, list]:
    """Find the micro-batch's share of the loss, dh, and the gradients of head, skip and bias."""
    rest, switches = network.rest, network.switches
    factor = tf.cast(micro_batch.keep, tf.float32) / switches.kept_share
    trained = rest.head, rest.skip, rest.head_bias, *rest.path
    with tf.GradientTape() as tape:
        tape.watch([h, *trained])
        prediction = predict_from(h * factor, micro_batch.windows, micro_batch.beside, network)
        share, quantile = switches.output_share, switches.quantile
        targets, weight = micro_batch.targets, micro_batch.weight
        loss = mean_loss(kind, prediction, targets, weight, share, quantile)
    dh, *d_trained = tape.gradient(loss, [h, *trained])
    return loss, dh, d_trained


def train_micro_batch(
    micro_batch: MicroBatch, number, network: Network, buffers: tuple[Buffers, ...], kind: str
) -> tuple[tuple[Buffers, ...], Sums]:
    """Run one micro-batch forward and backward; return the buffers and its share of the sums."""
    x, span = micro_batch.windows, Span(network.switches.window_length, number)
    h, buffers = go_forward(x, network, span, buffers)
    loss, dh, (d_head, d_skip, d_bias, *d_path) = score(h, micro_batch, network, kind)
    buffers, dps, dW_first = go_backward(dh, x, network, span, buffers)
    return buffers, Sums(loss, dW_first, Rest(d_head, d_skip, dps, d_bias, tuple(d_path)))


def loss_and_gradient(
    weights: Parameters,
    batch: Batch,
    buffers: tuple[Buffers, ...],
    kind: str,
    sizes: PaddedSizes,
    switches: Switches,
) -> tuple[Any, Parameters, tuple[Buffers, ...]]:
    """Compute the batch's loss of this kind and its gradient; also return the buffers for reuse."""
    network = read_network(weights, sizes, switches)

    def add_micro_batch(number, place, buffers, sums):
        micro_batch = batch.read(place)
        buffers, share = train_micro_batch(micro_batch, number, network, buffers, kind)
        return number + 1, place + 1, buffers, tf.nest.map_structure(tf.add, sums, share)

    nothing = Sums(
        0.0,
        tuple(tf.zeros_like(layer.W[sizes.units :]) for layer in network.layers),
        tf.nest.map_structure(tf.zeros_like, network.rest),
    )
    _, _, buffers, sums = tf.while_loop(
        lambda number, *_: number < batch.n_micro_batches,
        add_micro_batch,
        (0, batch.first, buffers, nothing),
    )
    n_slots = batch.n_micro_batches * (switches.window_length - 1)
    matrices = tuple(
        add_to_last_rows(compute_dW(of_layer, n_slots), first)
        for of_layer, first in zip(buffers, sums.dW_first, strict=True)
    )
    peepholes = tuple(switches.peephole * dp for dp in sums.d_rest.peepholes)
    d_rest = join(sums.d_rest._replace(peepholes=peepholes))
    return sums.loss, Parameters(matrices, d_rest), buffers


def add_to_last_rows(matrix, rows) -> Any:
    """Add a few rows to the last ones of a matrix."""
    return matrix + tf.pad(rows, [[matrix.shape[0] - rows.shape[0], 0], [0, 0]])
