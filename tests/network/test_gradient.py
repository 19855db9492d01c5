"""The loss and its gradient, against Keras' autodiff and the losses' formulas."""

import numpy as np
import pytest
import tensorflow as tf
from small_networks import (
    assert_close,
    compile_gradient,
    draw_weights,
    make_shape,
    make_switches,
)

from sklstm._network.gradient import MicroBatch, mean_loss
from sklstm._network.sizes import Sizes, pad_sizes
from sklstm._network.weights import flatten, pad_to, unflatten
from sklstm.layers import NetworkParts, PathHead, PeepholeLSTM, build_model

N_REAL = 6  # of two micro-batches of 4


def keras_gradient(weights, windows, targets, weight, **settings):
    """Loss and gradients of the Keras model by its own autodiff; scales of 1 leave values alone."""
    n_features, n_outputs = windows.shape[-1], targets.shape[-1]
    columns = {"centred_on": -1, "is_divided": False, "centre": 0.0, "scale": 1.0}
    columns |= {"floor": 1.0, "limit": 1e30}
    columns = {name: [value] * n_features for name, value in columns.items()}
    columns["source"] = list(range(n_features))
    outputs = {"column": -1, "slope": 1.0, "intercept": 0.0, "centre": 0.0, "scale": 1.0}
    outputs["unit"], outputs["shift"] = 1.0, 0.0
    outputs = {name: [value] * n_outputs for name, value in outputs.items()}
    sizes = {"mean": [0.0] * n_outputs, "n_raw_columns": n_features}
    network = NetworkParts(weights, columns, outputs, has_start=False, share=[1.0] * n_outputs)
    model = build_model([network], **sizes, **settings, dropout=0.0)
    with tf.GradientTape() as tape:
        error = tf.cast(model({"window": windows.astype(np.float64)}), tf.float32) - targets
        loss = tf.reduce_sum(tf.reduce_mean(error**2, axis=1) * weight)
    variables = {v.path.removeprefix("sklstm/"): v for v in model.trainable_variables}
    return loss, tape.gradient(loss, variables)


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("peephole", [True, False])
@pytest.mark.parametrize("linear_skip", [True, False])
def test_loss_and_gradient_are_those_of_keras_autodiff(num_layers, peephole, linear_skip):
    """Oracle: autodiff through the Keras layers, without padding; what is switched off stays 0."""
    sizes = Sizes(*[5, 3, 6, 2], num_layers)
    padded, rng = pad_sizes(sizes), np.random.default_rng(1)
    weights = draw_weights(sizes)
    windows = rng.normal(size=(N_REAL, 5, 3)).astype(np.float32)
    targets = rng.normal(size=(N_REAL, 2)).astype(np.float32)
    weight = (rng.uniform(0.5, 2, N_REAL) / N_REAL).astype(np.float32)

    # Rows of the second micro-batch that are no examples hold anything and weigh nothing.
    anything = rng.normal(size=(8 - N_REAL, 5, 3)).astype(np.float32)
    rows = (
        pad_to(np.concatenate([windows, anything]), (8, padded.window_length, padded.n_features)),
        pad_to(targets, (8, padded.n_outputs)),
        pad_to(np.column_stack([weight] * 2), (8, padded.n_outputs)),
        np.ones((8, padded.units), bool),
    )
    in_micro_batches, *others = (part.reshape(2, 4, *part.shape[1:]) for part in rows)
    micro_batches = MicroBatch(in_micro_batches.swapaxes(1, 2), *others)
    switches = make_switches(sizes, peephole, linear_skip)
    differentiate = compile_gradient(make_shape(sizes))
    loss, flat_gradient = differentiate(flatten(weights, padded), micro_batches, switches)

    flags = {"peephole": peephole, "linear_skip": linear_skip}
    expected_loss, expected = keras_gradient(weights, windows, targets, weight, **flags)
    np.testing.assert_allclose(loss, expected_loss, rtol=1e-5)
    gradient = unflatten(flat_gradient.numpy(), padded, sizes)
    ours = name_as_keras_does(gradient)
    assert ours.keys() >= expected.keys()
    for name, array in ours.items():
        if name in expected:
            assert_close(array.reshape(expected[name].shape), expected[name])
        else:
            np.testing.assert_array_equal(array, 0)  # it is switched off
    np.testing.assert_array_equal(flat_gradient, flatten(gradient, padded))  # padding has none


def name_as_keras_does(weights):
    named = {"head/kernel": weights.head, "head/bias": weights.head_bias}
    named["skip/kernel"] = weights.skip
    for number, layer in enumerate(weights.layers):
        for name, array in vars(layer).items():
            keras_name = "peephole_kernel" if name == "peepholes" else name
            named[f"lstm_{number}/cell/{keras_name}"] = array
    return named


def go_through_keras(weights, windows, beside, targets, weight, n_steps):
    """Loss and gradients of the layers that `build_model` is made of, by Keras' own autodiff."""
    (layer,) = weights.layers
    lstm = PeepholeLSTM(layer.bias.shape[-1])
    lstm(windows)
    lstm.set_lstm_weights(layer)
    path = PathHead(weights.path.head.shape[0], targets.shape[1])
    head = tf.Variable(weights.head)
    with tf.GradientTape() as tape:
        h = lstm(windows)
        if not path.built:
            path(h, beside)
            path.set_weights(list(weights.path))
        prediction = h @ head + weights.head_bias + path(h, beside)
        error = (prediction - targets) ** 2
        loss = tf.reduce_sum(error * weight) / targets.shape[1]
    found = tape.gradient(loss, [head, *path.trainable_variables, *lstm.trainable_variables])
    return loss, [np.asarray(part) for part in found]


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_loss_and_gradient_of_a_path_are_those_of_keras_autodiff(n_outputs):
    """Oracle: autodiff through the Keras layers, without padding, steps that do not count."""
    steps, n_beside = 3, 3
    sizes = Sizes(5, 3, 6, steps * n_outputs, 1, steps, n_beside)
    padded, rng, weights = pad_sizes(sizes), np.random.default_rng(1), draw_weights(sizes)
    windows = rng.normal(size=(4, 5, 3)).astype(np.float32)
    beside = rng.normal(size=(4, steps, n_beside)).astype(np.float32)
    targets = rng.normal(size=(4, sizes.n_outputs)).astype(np.float32)
    weight = rng.uniform(0.5, 2, targets.shape).astype(np.float32) / 4
    weight[-1, n_outputs:] = 0
    micro_batch = MicroBatch(
        pad_to(windows, (4, padded.window_length, padded.n_features)).swapaxes(0, 1)[None],
        pad_to(targets, (4, padded.n_outputs))[None],
        pad_to(weight, (4, padded.n_outputs))[None],
        np.ones((1, 4, padded.units), bool),
        pad_to(beside, (4, padded.steps, padded.n_beside))[None],
    )
    switches = make_switches(sizes, linear_skip=False)
    loss, flat = compile_gradient(make_shape(sizes))(
        flatten(weights, padded), micro_batch, switches, n_micro_batches=1
    )
    expected_loss, expected = go_through_keras(weights, windows, beside, targets, weight, steps)
    np.testing.assert_allclose(loss, expected_loss, rtol=1e-5)
    gradient = unflatten(flat.numpy(), padded, sizes)
    (layer,) = gradient.layers
    ours = [gradient.head, *gradient.path, layer.kernel, layer.recurrent_kernel, layer.bias]
    for array, own in zip([*ours, layer.peepholes], expected, strict=True):
        assert_close(array.reshape(own.shape), own)
    np.testing.assert_array_equal(flat, flatten(gradient, padded))  # padding has none


QUANTILES = np.array([0.3, 0.9, 0.5], np.float32)
# Each loss of the error e = target - prediction, and its slope in the prediction.
LOSSES = {
    "squared_error": (lambda e: e**2, lambda e: -2 * e),
    "absolute_error": (np.abs, lambda e: -np.sign(e)),
    "huber": (
        lambda e: np.where(np.abs(e) <= 1, e**2 / 2, np.abs(e) - 0.5),
        lambda e: -np.clip(e, -1, 1),
    ),
    "quantile": (
        lambda e: np.where(e > 0, QUANTILES * e, (QUANTILES - 1) * e),
        lambda e: np.where(e > 0, -QUANTILES, 1 - QUANTILES),
    ),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_each_loss_is_the_weighted_mean_of_its_formula(loss):
    """Oracle: the formula and its derivative in NumPy; the third output is padded.

    Each output has a quantile of its own.
    """
    rng = np.random.default_rng(0)
    prediction, target = rng.normal(size=(2, 9, 3)).astype(np.float32) * 1.5
    weight = rng.uniform(0, 1, 9).astype(np.float32)
    share = np.array([0.5, 0.5, 0.0], np.float32)
    each, slope = LOSSES[loss]
    error = (target - prediction).astype(np.float64)
    with tf.GradientTape() as tape:
        tape.watch(prediction := tf.constant(prediction))
        mean = mean_loss(loss, prediction, target, weight[:, None], share, QUANTILES)
    expected = np.sum(each(error)[:, :2].mean(axis=1) * weight)
    np.testing.assert_allclose(mean, expected, rtol=1e-5)
    assert_close(tape.gradient(mean, prediction), slope(error) * share * weight[:, None])


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9])
def test_the_quantile_loss_is_least_at_the_quantile(quantile):
    """Oracle: NumPy's quantile of the targets."""
    target = np.random.default_rng(0).normal(size=(501, 1)).astype(np.float32)
    one = np.ones(1, np.float32)
    predictions = np.sort(target[:, 0])
    losses = [
        mean_loss("quantile", prediction, target, np.ones(501, np.float32), one, quantile)
        for prediction in predictions
    ]
    best = predictions[np.argmin(losses)]
    assert best == np.quantile(target, quantile, method="inverted_cdf")
