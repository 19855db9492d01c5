"""The Keras layers, against TF 1's cell, Keras' own LSTM, and the whole chain in NumPy."""

import runpy
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from reference_cell import REFERENCE, read_weights
from small_networks import assert_close

import sklstm.layers
from sklstm._lstm.scaling import KINDS, TrainingRows, fit_scaling
from sklstm._network.sizes import Sizes
from sklstm._network.weights import LayerWeights, initial_weights
from sklstm._rows.targets import TargetColumn
from sklstm.layers import NetworkParts, PeepholeLSTM, ScaleWindows, build_model


def build_case(case, **settings):
    """The layer with the case's weights, and its inputs."""
    x = REFERENCE[f"{case}_x"]
    layer = PeepholeLSTM(REFERENCE[f"{case}_final_h"].shape[-1], **settings)
    layer.build(x.shape)
    layer.set_weights(read_weights(case))
    return layer, tf.constant(x)


@pytest.fixture
def half_precision():
    """A Keras whose float type and policy the user has lowered to float16."""
    policy, float_type = keras.config.dtype_policy(), keras.config.floatx()
    keras.config.set_dtype_policy("mixed_float16")
    keras.config.set_floatx("float16")
    yield
    keras.config.set_dtype_policy(policy)
    keras.config.set_floatx(float_type)


# TensorFlow's variables do not know NumPy 2's `copy` yet.
saves_a_model = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
CASES = pytest.mark.parametrize("case", ["case0", "case1", "case2", "case3"])


# The cell


@CASES
def test_outputs_and_states_are_those_of_tf1(case):
    """Oracle: what TF 1's LSTMCell(use_peepholes=True) gave for the same weights and inputs."""
    layer, x = build_case(case, return_sequences=True, return_state=True)
    outputs, h, c = layer(x)
    assert_close(outputs, REFERENCE[f"{case}_outputs"])
    assert_close(h, REFERENCE[f"{case}_final_h"])
    assert_close(c, REFERENCE[f"{case}_final_c"])


@CASES
def test_gradients_are_those_of_tf1(case):
    """Oracle: TF 1's gradients of sum(final h * cotangent)."""
    layer, x = build_case(case)
    with tf.GradientTape() as tape:
        tape.watch(x)
        product = tf.reduce_sum(layer(x) * REFERENCE[f"{case}_cotangent_h"])
    of_x, *of_weights = tape.gradient(product, [x, *layer.trainable_variables])
    assert_close(of_x, REFERENCE[f"{case}_grad_x"])
    for actual, expected in zip(of_weights, read_weights(case, "grad_"), strict=True):
        assert_close(actual, expected)


def test_one_row_of_the_cell_by_hand():
    """Oracle: by hand, from zero weights but for the gates' peepholes and biases.

    With s the sigmoid and all z = 0: i = s(p_i c), f = s(p_f c + 1), g = 0, so c' = f c;
    o = s(p_o c'), h' = o tanh(c').
    """
    layer = PeepholeLSTM(1)
    layer.build((1, 1, 1))
    layer.set_weights([*np.zeros((2, 1, 4)), np.zeros(4), np.array([[0.5], [2.0], [-3.0]])])
    state = [tf.constant([[0.0]]), tf.constant([[0.8]])]  # h, c
    c = 0.8 / (1 + np.exp(-(2 * 0.8 + 1)))
    h = np.tanh(c) / (1 + np.exp(3 * c))
    np.testing.assert_allclose(layer(tf.zeros((1, 1, 1)), initial_state=state), [[h]], rtol=1e-6)


def test_without_peepholes_it_is_keras_lstm_with_a_forget_bias():
    """Oracle: keras.layers.LSTM, which has the same order of gates; 1 on the forget gate's bias."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 6, 2)).astype(np.float32)
    weights = [rng.normal(size=shape) for shape in [(2, 20), (5, 20), (20,)]]
    ours = PeepholeLSTM(5, peephole=False, return_sequences=True)
    theirs = keras.layers.LSTM(5, return_sequences=True)
    for layer, forget_bias in ((ours, 0.0), (theirs, 1.0)):
        layer.build(x.shape)
        layer.set_weights([*weights[:2], weights[2] + forget_bias * (np.arange(20) // 5 == 1)])
    assert_close(ours(x), theirs(x))


# Masks and sequences


def test_a_masked_row_leaves_the_state_as_it_was():
    """Oracle: the same layer on the rows that are not masked, one sequence at a time."""
    layer, x = build_case("case2", return_sequences=True, return_state=True)
    mask = np.random.default_rng(0).random(x.shape[:2]) < 0.6
    outputs, h, c = (part.numpy() for part in layer(x, mask=tf.constant(mask)))
    for n, is_read in enumerate(mask):
        alone = layer(x.numpy()[n : n + 1, is_read])
        assert_close(outputs[n : n + 1, is_read], alone[0])
        assert_close(h[n : n + 1], alone[1])
        assert_close(c[n : n + 1], alone[2])


def test_the_output_of_a_masked_row_repeats_the_one_before():
    """Oracle: Keras' rule for masks; before the first row it is zero."""
    layer, x = build_case("case2", return_sequences=True)
    mask = np.random.default_rng(0).random(x.shape[:2]) < 0.6
    outputs = layer(x, mask=tf.constant(mask)).numpy()
    before = np.concatenate([np.zeros_like(outputs[:, :1]), outputs[:, :-1]], axis=1)
    np.testing.assert_array_equal(outputs[~mask], before[~mask])


def test_a_masking_layer_in_front_is_heard():
    """Oracle: the mask given by hand, where the row holds nothing but the masked value."""
    layer, x = build_case("case0")
    x = x.numpy()
    x[:, 2] = 9.0
    mask = np.tile([True, True, False, True], (len(x), 1))
    masked = keras.layers.Masking(9.0)(x)
    assert_close(layer(masked), layer(x, mask=tf.constant(mask)), tolerance=0)


@pytest.mark.parametrize("return_sequences", [False, True])
def test_the_shape_is_that_of_one_row_or_of_all(return_sequences):
    layer = PeepholeLSTM(5, return_sequences=return_sequences)
    expected = (2, 7, 5) if return_sequences else (2, 5)
    assert layer.compute_output_shape((2, 7, 3)) == expected
    assert layer(np.zeros((2, 7, 3), np.float32)).shape == expected


def test_backwards_is_the_reversed_sequence():
    """Oracle: the same layer, forwards on the reversed rows."""
    layer, x = build_case("case0")
    backwards, _ = build_case("case0", go_backwards=True)
    assert_close(backwards(x), layer(x[:, ::-1]), tolerance=0)


# Configuration and float types


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"peephole": False, "return_sequences": True, "return_state": True},
        {"dtype": "float64", "go_backwards": True, "name": "reader"},
    ],
)
def test_a_layer_comes_back_from_its_configuration(settings):
    layer = PeepholeLSTM(5, **settings)
    x = np.random.default_rng(0).normal(size=(2, 4, 3))
    layer(x)
    for again in (
        PeepholeLSTM.from_config(layer.get_config()),
        keras.layers.deserialize(keras.layers.serialize(layer)),
    ):
        assert again.get_config() == layer.get_config()
        again.build(x.shape)
        again.set_weights(layer.get_weights())
        assert [w.dtype for w in again.get_weights()] == [w.dtype for w in layer.get_weights()]
        for ours, theirs in zip(
            keras.tree.flatten(again(x)), keras.tree.flatten(layer(x)), strict=True
        ):
            np.testing.assert_array_equal(ours, theirs)


def test_the_layers_type_does_not_follow_the_users_policy(half_precision):
    """Oracle: the same inputs give TF 1's float32 numbers, which float16 misses by far."""
    layer, x = build_case("case2", return_sequences=True)
    assert {variable.dtype for variable in layer.variables} == {"float32"}
    outputs = layer(x)
    assert outputs.dtype == tf.float32
    assert_close(outputs, REFERENCE["case2_outputs"])


def test_another_type_may_be_asked_for():
    layer, x = build_case("case0", dtype="float64", return_sequences=True)
    outputs = layer(tf.cast(x, tf.float64))
    assert outputs.dtype == tf.float64
    assert_close(outputs, REFERENCE["case0_outputs"])


# Scaling


def as_lists(scales):
    return {name: values.tolist() for name, values in vars(scales).items()}


@pytest.mark.parametrize("kind", [*KINDS, None])
def test_the_scaling_layer_scales_as_the_regressor_does(kind):
    """Oracle: Scaling.apply in NumPy; a huge level, a mirrored target, flat and far windows."""
    X = np.array([1e7, 0, -50]) + np.random.default_rng(0).normal(size=(60, 3)).cumsum(axis=0)
    windows = np.stack([X[first : first + 6] for first in range(50)])
    y = np.column_stack([-2 * X[6:56, 0] + 1, np.arange(50.0) ** 2])
    targets = [TargetColumn(0, 0, -2.0, 1.0), None]
    scaling = fit_scaling(kind, TrainingRows(windows, X, y), targets, window_columns=(2,))
    far = windows[:1] + np.array([0, 1e3, 0])
    windows = np.concatenate([windows, np.tile(X[:1], (1, 6, 1)), far])
    layer = ScaleWindows(as_lists(scaling.columns), as_lists(scaling.outputs))
    expected = scaling.apply(windows)
    scaled, centre, scale = layer(windows)
    assert (scaled.dtype, centre.dtype, scale.dtype) == (tf.float32, tf.float64, tf.float64)
    np.testing.assert_allclose(scaled, expected.windows, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(centre, expected.centre, rtol=1e-12)
    np.testing.assert_allclose(scale, expected.scale, rtol=1e-9)


# The whole chain

# Columns: the target, by the window; one with a scale of its own; one only centred by the window.
COLUMNS = {
    "source": [0, 1, 2],
    "centred_on": [0, -1, 2],
    "is_divided": [True, False, False],
    "centre": [0.0, 5.0, 0.0],
    "scale": [1.0, 3.0, 2.0],
    "floor": [0.1, 1.0, 1.0],
    "limit": [1e30, 0.3, 1e30],
}
# Outputs: an image of the first column; one with a scale of its own.
OUTPUTS = {
    "column": [0, -1],
    "slope": [2.0, 1.0],
    "intercept": [10.0, 0.0],
    "centre": [0.0, 7.0],
    "scale": [1.0, 4.0],
    "unit": [1.0, 1.0],
    "shift": [0.0, 0.0],
}
SIZES = {"mean": [0.0, 0.0], "n_raw_columns": 3}


def draw_weights(num_layers=1):
    """Weights of which none is zero."""
    rng = np.random.default_rng(0)
    weights = initial_weights(Sizes(5, 3, 6, 2, num_layers), rng)
    for array in weights.arrays():
        array[:] = 0.4 * rng.normal(size=array.shape)
    return weights


def draw_windows(n=4):
    return 5 + np.random.default_rng(1).normal(size=(n, 5, 3)).cumsum(axis=1)


def run_lstm(x, layer: LayerWeights, peephole):
    """The peephole LSTM of Gers et al. (2002) in float64: h of all rows, (n, rows, units)."""

    def squash(z):
        return 1 / (1 + np.exp(-z))

    p_i, p_f, p_o = layer.peepholes.astype(np.float64) * peephole
    h = c = np.zeros((len(x), layer.bias.shape[1]))
    outputs = []
    for t in range(x.shape[1]):
        z_i, z_f, z_g, z_o = (
            x[:, t] @ layer.kernel[:, gate] + h @ layer.recurrent_kernel[:, gate] + layer.bias[gate]
            for gate in range(4)
        )
        c = squash(z_f + p_f * c + 1) * c + squash(z_i + p_i * c) * np.tanh(z_g)
        h = squash(z_o + p_o * c) * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs, axis=1)


def make_parts(weights, share=(1.0, 1.0)):
    return NetworkParts(weights, COLUMNS, OUTPUTS, has_start=False, share=list(share))


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("peephole", [True, False])
@pytest.mark.parametrize("linear_skip", [True, False])
def test_the_model_is_the_chain_written_out(num_layers, peephole, linear_skip):
    """Oracle: NumPy in float64, from raw windows to the user's units."""
    weights, windows = draw_weights(num_layers), draw_windows()
    settings = {"peephole": peephole, "linear_skip": linear_skip, "dropout": 0.3}
    model = build_model([make_parts(weights)], **SIZES, **settings)
    last, deviation = windows[:, -1], windows.std(axis=1)
    scaled = np.stack(
        [
            (windows[:, :, 0] - last[:, None, 0]) / deviation[:, None, 0],
            np.clip((windows[:, :, 1] - 5) / 3, -0.3, 0.3),
            (windows[:, :, 2] - last[:, None, 2]) / 2,
        ],
        axis=2,
    )
    x = scaled
    for layer in weights.layers:
        x = run_lstm(x, layer, peephole)
    y = x[:, -1] @ weights.head + weights.head_bias
    if linear_skip:
        y = y + np.einsum("nwf,wfo->no", scaled, weights.skip)
    expected = np.stack(
        [2 * last[:, 0] + 10 + 2 * deviation[:, 0] * y[:, 0], 7 + 4 * y[:, 1]], axis=1
    )
    outputs = model({"window": windows})
    assert isinstance(model, keras.Model)
    assert outputs.dtype == tf.float64
    assert_close(outputs, expected, tolerance=1e-6)


def test_networks_count_by_their_shares():
    """Oracle: the models of each network alone, added up."""
    settings = {"peephole": True, "linear_skip": False, "dropout": 0.0}
    networks, shares = [draw_weights(2), draw_weights(1)], [[0.25, 1.0], [0.75, 0.0]]
    windows = {"window": draw_windows()}
    alone = [build_model([make_parts(one)], **SIZES, **settings)(windows) for one in networks]
    parts = [make_parts(*pair) for pair in zip(networks, shares, strict=True)]
    together = build_model(parts, **SIZES, **settings)(windows)
    expected = sum(np.array(s) * np.array(one) for s, one in zip(shares, alone, strict=True))
    assert_close(together, expected, tolerance=1e-9)


def test_the_model_predicts_in_batches_as_it_does_at_once():
    """Keras' `predict` leaves a data set in float64; arrays it would round to float32 first."""
    settings = {"peephole": True, "linear_skip": True, "dropout": 0.3}
    model = build_model([make_parts(draw_weights())], **SIZES, **settings)
    windows = draw_windows(40) + np.array([1e6, 0, 1e6])
    batches = tf.data.Dataset.from_tensor_slices({"window": windows}).batch(16)
    assert_close(model.predict(batches, verbose=0), model({"window": windows}), tolerance=1e-9)


def test_dropout_works_in_training_only():
    """Oracle: in training each unit counts 0 or 1 / (1 - dropout) of what it is, else as it is."""
    settings = {"peephole": True, "linear_skip": True}
    model, without = (
        build_model([make_parts(draw_weights())], **SIZES, **settings, dropout=dropout)
        for dropout in (0.5, 0.0)
    )
    np.testing.assert_array_equal(
        model({"window": draw_windows()}), without({"window": draw_windows()})
    )
    units = [model.get_layer(name).output for name in ("lstm_0", "dropout")]
    before, after = keras.Model(model.input, units)({"window": draw_windows()}, training=True)
    assert set((after / before).numpy().ravel()) == {0.0, 2.0}


def test_the_model_does_not_follow_the_users_policy(half_precision):
    """Oracle: the whole chain under Keras' own settings."""
    windows, settings = draw_windows(), {"peephole": True, "linear_skip": True, "dropout": 0.3}
    lowered = build_model([make_parts(draw_weights(2))], **SIZES, **settings)
    outputs = lowered({"window": windows}).numpy()
    assert {v.dtype for v in lowered.trainable_variables} == {"float32"}
    keras.config.set_dtype_policy("float32")
    keras.config.set_floatx("float32")
    ordinary = build_model([make_parts(draw_weights(2))], **SIZES, **settings)
    assert outputs.dtype == np.float64
    assert_close(outputs, ordinary({"window": windows}), tolerance=1e-9)


# Files and processes


def save_model(folder):
    model = build_model(
        [make_parts(draw_weights(2))], **SIZES, peephole=True, linear_skip=True, dropout=0.3
    )
    model.save(folder / "model.keras")
    return model({"window": draw_windows()}).numpy()


@saves_a_model
def test_a_saved_model_predicts_the_same_bits(tmp_path):
    """Oracle: the model before it was saved."""
    expected = save_model(tmp_path)
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded({"window": draw_windows()}), expected)


@pytest.mark.slow
@saves_a_model
def test_a_saved_model_needs_nothing_but_the_import_of_the_layers(tmp_path):
    """Oracle: the same predictions in this process; training stays unloaded."""
    expected = save_model(tmp_path)
    np.save(tmp_path / "windows.npy", draw_windows())
    program = f"""
import keras, numpy, sys
import sklstm.layers
model = keras.models.load_model({str(tmp_path / "model.keras")!r})
window = numpy.load({str(tmp_path / "windows.npy")!r})
numpy.save({str(tmp_path / "y.npy")!r}, model({{"window": window}}))
print("sklstm._network.training" in sys.modules)
"""
    command = [sys.executable, "-c", program]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    assert_close(np.load(tmp_path / "y.npy"), expected, tolerance=1e-6)
    assert answer.stdout.split() == ["False"]


def test_another_backend_of_keras_is_refused_with_the_way_out(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(ImportError, match=r"uses 'jax'.*KERAS_BACKEND to \"tensorflow\""):
        runpy.run_path(sklstm.layers.__file__)
