"""The compiled program, against TF 1's cell, Keras' autodiff, and Adam in NumPy."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from sklstm import training
from sklstm.epochs import Settings, correct_bias, learning_rates
from sklstm.layers import build_model
from sklstm.network import (
    Sizes,
    flatten,
    initial_weights,
    n_shrunk_by_weight_decay,
    pad_sizes,
    pad_to,
    unflatten,
    zero_weights,
)
from sklstm.training import (
    PREDICTION_BATCH,
    PREDICTION_BATCHES,
    ProgramShape,
    State,
    Steps,
    Switches,
    adam_step,
    loss_and_gradient,
    mean_loss,
    peephole_lstm,
    predict_batches,
    run_steps,
)

REFERENCE = np.load(Path(__file__).parent / "data" / "peephole_reference.npz")


def assert_close(actual, expected, tolerance=1e-5):
    """No entry differs by more than `tolerance` of the largest one."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    assert np.max(np.abs(actual - expected)) <= tolerance * np.max(np.abs(expected))


# The layer


def reorder_gates(array):
    """From TF 1's order of gates (input, candidate, forget, output) to ours (i, f, g, o)."""
    i, candidate, f, o = np.split(array, 4, axis=-1)
    return np.concatenate([i, f, candidate, o], axis=-1)


def read_weights(case, prefix=""):
    """A case's kernels of inputs and state, bias and peepholes, or their gradients."""
    n_inputs = REFERENCE[f"{case}_x"].shape[-1]
    kernel, bias = (
        reorder_gates(REFERENCE[f"{case}_{prefix}{name}"]) for name in ("kernel", "bias")
    )
    peepholes = [REFERENCE[f"{case}_{prefix}w_{gate}_diag"] for gate in "ifo"]
    return [kernel[:n_inputs], kernel[n_inputs:], bias, np.stack(peepholes)]


@pytest.mark.parametrize("case", ["case0", "case1", "case2", "case3"])
@pytest.mark.parametrize("jit_compile", [False, True], ids=["plain", "compiled"])
@pytest.mark.parametrize("is_last", [False, True], ids=["row", "last"])
def test_outputs_and_gradients_are_those_of_tf1(case, jit_compile, is_last):
    """Oracle: TF 1's LSTMCell(use_peepholes=True); the rows past the length hold anything."""
    x = REFERENCE[f"{case}_x"].transpose(1, 0, 2)
    length, n_padded = len(x), 2
    anything = np.random.default_rng(0).normal(0, 9, (n_padded, *x.shape[1:]))
    arrays = [np.concatenate([x, anything]).astype(np.float32), *read_weights(case)]

    @tf.function(jit_compile=jit_compile)
    def differentiate(arrays, cotangent, length):
        with tf.GradientTape() as tape:
            tape.watch(arrays)
            h, last = peephole_lstm(*arrays, length)
            product = tf.reduce_sum((last if is_last else h[length - 1]) * cotangent)
        return h, tape.gradient(product, arrays)

    cotangent = REFERENCE[f"{case}_cotangent_h"]
    h, (of_x, *of_weights) = differentiate(
        [tf.constant(array) for array in arrays], cotangent, tf.constant(length)
    )
    assert_close(h[:length], REFERENCE[f"{case}_outputs"].transpose(1, 0, 2))
    assert_close(of_x[:length], REFERENCE[f"{case}_grad_x"].transpose(1, 0, 2))
    np.testing.assert_array_equal(of_x[length:], 0)
    for actual, expected in zip(of_weights, read_weights(case, "grad_"), strict=True):
        assert_close(actual, expected)


# The loss and its gradient

SIZES = Sizes(window_length=5, n_features=3, units=6, n_outputs=2)  # each of them is padded
N_REAL = 6  # of a batch of 8


def draw_weights(sizes, seed=0):
    """Weights of which none is zero."""
    rng = np.random.default_rng(seed)
    weights = initial_weights(sizes, rng)
    for array in weights.arrays():
        array[:] = 0.4 * rng.normal(size=array.shape)
    return weights


def make_switches(sizes, peephole=True, linear_skip=True, clipnorm=np.inf, quantile=0.5):
    share = np.zeros(pad_sizes(sizes).n_outputs, np.float32)
    share[: sizes.n_outputs] = 1 / sizes.n_outputs
    flags = float(peephole), float(linear_skip)
    return Switches(sizes.window_length, share, *flags, float(clipnorm), quantile)


@cache
def compile_gradient(shape):
    """`loss_and_gradient`, compiled as the training program is: the switches are inputs."""

    @tf.function(jit_compile=True)
    def differentiate(flat, data, switches):
        return loss_and_gradient(flat, shape, data, Switches(**switches))

    def run(flat, data, switches):
        inputs = {name: training.as_tensor(value) for name, value in vars(switches).items()}
        return differentiate(tf.constant(flat), data, inputs)

    return run


def keras_gradient(weights, windows, targets, weight, **settings):
    """Loss and gradients of the Keras model by its own autodiff; scales of 1 leave values alone."""
    n_features, n_outputs = windows.shape[-1], targets.shape[-1]
    columns = {"is_centred": False, "is_divided": False, "centre": 0.0, "scale": 1.0, "floor": 1.0}
    columns = {name: [value] * n_features for name, value in columns.items()}
    outputs = {"column": -1, "slope": 1.0, "intercept": 0.0, "centre": 0.0, "scale": 1.0}
    outputs = {name: [value] * n_outputs for name, value in outputs.items()}
    model = build_model(weights, columns, outputs, **settings, dropout=0.0)
    with tf.GradientTape() as tape:
        error = tf.cast(model(windows.astype(np.float64)), tf.float32) - targets
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

    # Rows of the batch that are no examples hold anything and weigh nothing.
    anything = rng.normal(size=(8 - N_REAL, 5, 3)).astype(np.float32)
    data = (
        pad_to(np.concatenate([windows, anything]), (8, padded.window_length, padded.n_features)),
        pad_to(targets, (8, padded.n_outputs)),
        pad_to(weight, (8,)),
        pad_to(np.ones((8, 6), np.float32), (8, padded.units)),
    )
    switches = make_switches(sizes, peephole, linear_skip)
    differentiate = compile_gradient(ProgramShape(padded, 8, 1, "squared_error"))
    loss, flat_gradient = differentiate(flatten(weights, padded), data, switches)

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


QUANTILE = 0.8
# Each loss of the error e = target - prediction, and its slope in the prediction.
LOSSES = {
    "squared_error": (lambda e: e**2, lambda e: -2 * e),
    "absolute_error": (np.abs, lambda e: -np.sign(e)),
    "huber": (
        lambda e: np.where(np.abs(e) <= 1, e**2 / 2, np.abs(e) - 0.5),
        lambda e: -np.clip(e, -1, 1),
    ),
    "quantile": (
        lambda e: np.where(e > 0, QUANTILE * e, (QUANTILE - 1) * e),
        lambda e: np.where(e > 0, -QUANTILE, 1 - QUANTILE),
    ),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_each_loss_is_the_weighted_mean_of_its_formula(loss):
    """Oracle: the formula and its derivative in NumPy; the third output is padded."""
    rng = np.random.default_rng(0)
    prediction, target = rng.normal(size=(2, 9, 3)).astype(np.float32) * 1.5
    weight = rng.uniform(0, 1, 9).astype(np.float32)
    share = np.array([0.5, 0.5, 0.0], np.float32)
    each, slope = LOSSES[loss]
    error = (target - prediction).astype(np.float64)
    with tf.GradientTape() as tape:
        tape.watch(prediction := tf.constant(prediction))
        mean = mean_loss(loss, prediction, target, weight, share, QUANTILE)
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


# Adam


def make_settings(sizes, **changes):
    chosen = {
        "peephole": True,
        "linear_skip": True,
        "dropout": 0.0,
        "learning_rate": 0.01,
        "decay_rate": 1.0,
        "decay_steps": 1.0,
        "decay_unit": "epoch",
        "batch_size": 8,
        "shuffle": True,
        "loss": "squared_error",
        "quantile": 0.5,
        "clipnorm": None,
        "weight_decay": 0.0,
        "seed": 0,
    }
    return Settings(sizes=sizes, **{**chosen, **changes})


def run_adam(flat, gradients, rates, weight_decay, clipnorm, n_shrunk):
    """Adam as Kingma & Ba (2015) write it at the end of section 2, decay as Loshchilov & Hutter."""
    mean = variance = np.zeros(len(flat))
    for t, (gradient, rate) in enumerate(zip(gradients, rates, strict=True), start=1):
        gradient = gradient * min(1.0, clipnorm / np.sqrt(np.sum(gradient**2)))
        mean = 0.9 * mean + 0.1 * gradient
        variance = 0.999 * variance + 0.001 * gradient**2
        step = rate * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * mean / (np.sqrt(variance) + 1e-8)
        shrunk = rate * weight_decay * flat
        shrunk[n_shrunk:] = 0
        flat = flat - shrunk - step
    return flat, mean, variance


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
@pytest.mark.parametrize("clipnorm", [np.inf, 2.0])
def test_twenty_adam_steps_are_those_of_numpy(weight_decay, clipnorm):
    """Oracle: NumPy in float64, its rates by hand: 0.05 * 0.8 ** (t / 3), t in steps."""
    settings = make_settings(
        SIZES, learning_rate=0.05, decay_rate=0.8, decay_steps=3.0, decay_unit="step"
    )
    padded, rng, numbers = pad_sizes(SIZES), np.random.default_rng(2), np.arange(20)
    rates = learning_rates(settings, numbers, steps_per_epoch=7)
    corrected = correct_bias(rates, numbers).astype(np.float32)
    n_shrunk = n_shrunk_by_weight_decay(padded)
    # Gradients of all sizes, zero where padded; about half of them are longer than 2.
    gradients = [
        flatten(draw_weights(SIZES, seed), padded) * np.float32(10 ** rng.uniform(-3, 1))
        for seed in range(20)
    ]
    start = flatten(draw_weights(SIZES, seed=99), padded)
    state = State(*(tf.constant(part) for part in (start, 0 * start, 0 * start)))
    for gradient, rate, step_rate in zip(gradients, corrected, rates, strict=True):
        shrink = np.float32(step_rate * weight_decay)
        state = adam_step(state, gradient, rate, shrink, np.float32(clipnorm), n_shrunk)

    gradients = [gradient.astype(np.float64) for gradient in gradients]
    by_hand = 0.05 * 0.8 ** (numbers / 3)
    expected = run_adam(
        start.astype(np.float64), gradients, by_hand, weight_decay, clipnorm, n_shrunk
    )
    for actual, part in zip(vars(state).values(), expected, strict=True):
        assert_close(actual, part)
        real = flatten(unflatten(actual.numpy(), padded, SIZES), padded)
        np.testing.assert_array_equal(actual, real)  # what is padded is still zero


def test_a_gradient_of_zero_is_clipped_to_zero():
    """Oracle: by hand: nothing moves, and 0 / 0 is nowhere."""
    state = State(*(tf.constant([1.0, 2.0]) * scale for scale in (1.0, 0.0, 0.0)))
    state = adam_step(state, tf.zeros(2), 0.1, 0.0, 1.0, n_shrunk=1)
    np.testing.assert_array_equal(list(vars(state).values()), [[1, 2], [0, 0], [0, 0]])


# The program of many steps

PROGRAM_SIZES = Sizes(window_length=3, n_features=2, units=4, n_outputs=2)
SHAPE = ProgramShape(pad_sizes(PROGRAM_SIZES), batch_size=8, n_steps=64, loss="squared_error")


def draw_state(sizes=PROGRAM_SIZES):
    padded = pad_sizes(sizes)
    nothing = flatten(zero_weights(sizes), padded)
    return State(flatten(draw_weights(sizes), padded), nothing, nothing)


def draw_steps(n_real, sizes=PROGRAM_SIZES, shape=SHAPE):
    """Steps of which `n_real` hold examples, the last batch short, and the others NaN."""
    rng, wide = np.random.default_rng(5), shape.sizes
    batch = (shape.n_steps, shape.batch_size)

    def lay_out(widths, padded_widths):
        values = rng.normal(size=(*batch, *widths)).astype(np.float32)
        table = pad_to(values, (*batch, *padded_widths))
        table[n_real:] = np.nan
        return table

    weight = np.full(batch, 1 / shape.batch_size, np.float32)
    weight[n_real - 1] = [1 / 3] * 3 + [0] * (shape.batch_size - 3)
    return Steps(
        windows=lay_out(
            (sizes.window_length, sizes.n_features), (wide.window_length, wide.n_features)
        ),
        targets=lay_out((sizes.n_outputs,), (wide.n_outputs,)),
        weight=weight,
        keep=np.abs(lay_out((sizes.units,), (wide.units,))),
        rate=np.linspace(0.01, 0.02, shape.n_steps, dtype=np.float32),
        shrink=np.linspace(1e-3, 2e-3, shape.n_steps, dtype=np.float32),
        n_real=n_real,
    )


def take_steps(steps, first, n_real):
    """The same data from step `first` on."""
    shifted = {
        name: np.roll(value, -first, axis=0)
        for name, value in vars(steps).items()
        if name != "n_real"
    }
    return Steps(**shifted, n_real=n_real)


def read_state(state):
    return [np.asarray(part) for part in vars(state).values()]


def test_steps_are_done_one_by_one_and_none_beyond_the_real_ones():
    """Oracle: each gradient and each Adam step by itself; the steps not to be done hold NaN."""
    switches, steps = make_switches(PROGRAM_SIZES), draw_steps(n_real=3)
    state, losses = run_steps(SHAPE, draw_state(), steps, switches)
    expected = State(*map(tf.constant, read_state(draw_state())))
    n_shrunk, expected_losses = n_shrunk_by_weight_decay(SHAPE.sizes), np.zeros(SHAPE.n_steps)
    for k in range(3):
        data = (steps.windows[k], steps.targets[k], steps.weight[k], steps.keep[k])
        expected_losses[k], gradient = loss_and_gradient(expected.flat, SHAPE, data, switches)
        expected = adam_step(
            expected, gradient, steps.rate[k], steps.shrink[k], switches.clipnorm, n_shrunk
        )
    assert_close(losses, expected_losses)
    for actual, part in zip(read_state(state), read_state(expected), strict=True):
        assert_close(actual, part)


def test_without_real_steps_nothing_moves():
    """Adam would move even at zero gradient."""
    begun, _ = run_steps(SHAPE, draw_state(), draw_steps(3), make_switches(PROGRAM_SIZES))
    state, _ = run_steps(SHAPE, begun, draw_steps(0), make_switches(PROGRAM_SIZES))
    for before, after in zip(read_state(begun), read_state(state), strict=True):
        np.testing.assert_array_equal(before, after)


def test_two_calls_do_bit_for_bit_what_one_does():
    switches, steps = make_switches(PROGRAM_SIZES), draw_steps(n_real=7)
    at_once, losses = run_steps(SHAPE, draw_state(), steps, switches)
    state, first = run_steps(SHAPE, draw_state(), take_steps(steps, 0, 4), switches)
    state, rest = run_steps(SHAPE, state, take_steps(steps, 4, 3), switches)
    for actual, expected in zip(read_state(state), read_state(at_once), strict=True):
        np.testing.assert_array_equal(actual, expected)
    np.testing.assert_array_equal([*first[:4], *rest[:3]], losses[:7])


def test_padding_is_still_exactly_zero_after_many_steps():
    switches = make_switches(PROGRAM_SIZES, clipnorm=1.0)
    state, _ = run_steps(SHAPE, draw_state(), draw_steps(SHAPE.n_steps), switches)
    for part, before in zip(read_state(state), read_state(draw_state()), strict=True):
        real = unflatten(part, SHAPE.sizes, PROGRAM_SIZES)
        np.testing.assert_array_equal(part, flatten(real, SHAPE.sizes))
        assert (part != before).any()


# Predictions


def place_windows(windows, places):
    """Lay windows out at these places of the program's table; random ones stand at the others."""
    sizes = SHAPE.sizes
    shape = (PREDICTION_BATCHES * PREDICTION_BATCH, sizes.window_length, sizes.n_features)
    others = np.random.default_rng(len(places)).normal(size=(shape[0], *windows.shape[1:]))
    table = pad_to(others.astype(np.float32), shape)
    table[places] = pad_to(windows, (len(windows), *shape[1:]))
    return table.reshape(PREDICTION_BATCHES, PREDICTION_BATCH, *shape[1:])


@pytest.mark.parametrize("n", [1, 31, 32, 33, 1024])
def test_a_prediction_does_not_depend_on_its_company_or_its_place(n):
    """Oracle: the bits of the same windows as they stand first, in order, in a full table."""
    n_places = PREDICTION_BATCHES * PREDICTION_BATCH
    windows = np.random.default_rng(7).normal(size=(n_places, 3, 2)).astype(np.float32)
    flat, switches = draw_state().flat, make_switches(PROGRAM_SIZES)

    def predict(places, n_real=PREDICTION_BATCHES):
        table = place_windows(windows[: len(places)], places)
        output = predict_batches(SHAPE.sizes, flat, table, n_real, switches)
        return output.reshape(n_places, -1)[places]

    expected = predict(np.arange(n_places))[:n]
    first_batches = -(-n // PREDICTION_BATCH)
    rounding = 0 if tf.__version__ >= "2.21" else 1e-6  # older matmuls round by the row's place
    np.testing.assert_allclose(predict(np.arange(n), first_batches), expected, 0, rounding)
    elsewhere = np.random.default_rng(8).permutation(n_places)[:n]
    np.testing.assert_allclose(predict(elsewhere), expected, 0, rounding)


# One program per shape


def forget_programs(monkeypatch):
    """Let every program be built anew, without XLA to save time; list those built from now on."""
    built, make = [], tf.function

    def record(*args, **settings):
        built.append(make(*args, **settings))
        return built[-1]

    monkeypatch.setattr(tf, "function", record)
    monkeypatch.setattr(training, "has_xla", lambda: False)
    monkeypatch.setattr(training, "_PROGRAMS", {})
    return built


@pytest.fixture
def programs(monkeypatch):
    return forget_programs(monkeypatch)


def test_fits_of_one_shape_share_one_program(programs):
    """Oracle: TensorFlow's count of traces: whatever is no shape must be an input."""
    state = draw_state()
    for n_real, window_length, flag, clipnorm, quantile in [
        (1, 3, True, np.inf, 0.5),
        (2, 2, False, 1.0, 0.9),
        (64, 1, True, 2.0, np.float64(0.1)),
    ]:
        sizes = Sizes(window_length, 2, 4, 2)
        switches = make_switches(sizes, flag, flag, clipnorm, quantile)
        steps = draw_steps(n_real, sizes)
        state, _ = run_steps(SHAPE, state, steps, switches)
    assert [program.experimental_get_tracing_count() for program in programs] == [1]


def test_predictions_of_one_shape_share_one_program(programs):
    windows = place_windows(np.zeros((1, 3, 2), np.float32), [0])
    for flat in (draw_state().flat, tf.constant(draw_state().flat)):
        for n_real in (1, 32):
            switches = make_switches(PROGRAM_SIZES, peephole=n_real == 1)
            predict_batches(SHAPE.sizes, flat, windows, n_real, switches)
    assert [program.experimental_get_tracing_count() for program in programs] == [1]


def test_another_shape_is_another_program(programs):
    other = ProgramShape(SHAPE.sizes, batch_size=16, n_steps=4, loss="huber")
    switches = make_switches(PROGRAM_SIZES)
    for shape in (SHAPE, other, SHAPE):
        run_steps(shape, draw_state(), draw_steps(2, shape=shape), switches)
    assert len(programs) == 2


def test_fits_in_threads_share_one_program_too(programs):
    """Oracle: the state that one fit by itself comes to."""
    switches = make_switches(PROGRAM_SIZES)

    def fit(_):
        return read_state(run_steps(SHAPE, draw_state(), draw_steps(9), switches)[0])

    with ThreadPoolExecutor(4) as pool:
        states = list(pool.map(fit, range(8)))
    assert [program.experimental_get_tracing_count() for program in programs] == [1]
    for state in states:
        np.testing.assert_array_equal(np.concatenate(state), np.concatenate(fit(None)))


# Without XLA


def run_both_programs():
    """What a few steps and predictions come to."""
    switches = make_switches(PROGRAM_SIZES)
    state, losses = run_steps(SHAPE, draw_state(), draw_steps(9), switches)
    windows = place_windows(np.zeros((1, 3, 2), np.float32), [0])
    predictions = predict_batches(SHAPE.sizes, draw_state().flat, windows, 2, switches)
    return [*read_state(state), losses, predictions[:2]]


def test_without_xla_the_numbers_are_the_same(monkeypatch):
    """Oracle: the programs that XLA compiled."""
    compiled = run_both_programs()
    programs = forget_programs(monkeypatch)
    plain = run_both_programs()
    assert len(programs) == 2
    for actual, expected in zip(plain, compiled, strict=True):
        assert_close(actual, expected, tolerance=1e-6)


def test_a_tensorflow_without_xla_says_so_once_and_works(monkeypatch):
    look, make = training.has_xla.__wrapped__, tf.function
    forget_programs(monkeypatch)

    def make_without_xla(function, jit_compile=False, **settings):
        def refuse(*_):
            raise tf.errors.UnimplementedError(None, None, "XLA is not built in")

        return refuse if jit_compile else make(function, **settings)

    monkeypatch.setattr(tf, "function", make_without_xla)
    monkeypatch.setattr(training, "has_xla", cache(look))
    with pytest.warns(RuntimeWarning) as caught:
        results = [*run_both_programs(), *run_both_programs()]
    assert [str(warning.message)[:62] for warning in caught] == [
        "This TensorFlow cannot compile with XLA (UnimplementedError); "
    ]
    assert all(np.isfinite(result).all() for result in results)


# Threads

FIRST_USE = """
import numpy as np, tensorflow as tf
{before}
from sklstm import epochs, training
from sklstm.batches import Examples
from sklstm.network import Sizes
from sklstm.scaling import TrainingRows, fit_scaling
from sklstm.windows import Windows
training.has_xla = lambda: False  # to compile takes time
X = np.arange(20.0)[:, None]
windows = Windows(X, 0, 2, 1)
rows = windows.full_targets()
scaling = fit_scaling(None, TrainingRows(windows.cut(rows), X, X), [None], ())
settings = epochs.Settings(
    Sizes(2, 1, 2, 1), peephole=True, linear_skip=True, dropout=0.0, learning_rate=0.01,
    decay_rate=1.0, decay_steps=1.0, decay_unit="epoch", batch_size=8, shuffle=True,
    loss="squared_error", quantile=0.5, clipnorm=None, weight_decay=0.0, seed=0,
)
trained = epochs.start(settings.sizes, 0)
examples = Examples(windows, scaling, rows, X[rows], np.ones(len(rows)))
{use}
print(tf.config.threading.get_intra_op_parallelism_threads())
"""
TRAIN = "epochs.train(trained, examples, settings, 1)"
PREDICT = "epochs.predict(trained.weights, windows, rows, scaling, settings)"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "environment", "use", "n_threads"),
    [
        ("", {}, TRAIN, 1),
        ("", {}, PREDICT, 1),  # a model from a file predicts before anything is trained
        ("", {"TF_NUM_INTRAOP_THREADS": "3"}, TRAIN, 0),
        ("tf.config.threading.set_intra_op_parallelism_threads(2)", {}, TRAIN, 2),
        ("tf.constant(1.0)", {}, TRAIN, 0),
    ],
    ids=["nothing set", "predict first", "environment", "tf.config", "already started"],
)
def test_the_first_program_asks_for_one_thread_unless_the_user_chose(
    before, environment, use, n_threads
):
    """Oracle: TensorFlow's own setting in a fresh process; 0 is its "as I find best"."""
    inherited = {k: v for k, v in os.environ.items() if k != "TF_NUM_INTRAOP_THREADS"}
    answer = subprocess.run(
        [sys.executable, "-c", FIRST_USE.format(before=before, use=use)],
        env={**inherited, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(answer.stdout) == n_threads
