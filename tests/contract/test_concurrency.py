"""Threads side by side, and settings of the process: a fit leaves them alone and follows none.

Oracle: the same fits alone, and under the settings that TensorFlow and Keras come with. All
networks run in the programs of three columns, one output and a window of up to 8 rows.
"""

import importlib.util
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Barrier

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_regressor import tiny

from sklstm import LSTMRegressor

N_THREADS = 4
RNG = np.random.default_rng(0)
X = np.column_stack([RNG.normal(size=70).cumsum(), RNG.normal(size=(70, 2))])
y = X[:, 0]
# Each instance differs from the others in what shares a program with them, and in its rows.
DIFFERENT = [
    {"random_state": 0},
    {"random_state": 1, "dropout": 0.3, "epochs": 5},
    {"random_state": 2, "window_length": 7, "peephole": False, "scaling": "minmax"},
    {"random_state": 3, "units": 6, "early_stopping": True, "validation_fraction": 0.3},
    {"random_state": 4, "linear_skip": False, "scaling": "window", "clipnorm": 0.1},
    {"random_state": 5, "learning_rate": 0.1, "decay_unit": "step", "shuffle": False},
]


@cache
def fitted():
    return tiny().fit(X, y)


def fit_and_predict(number):
    rows = X[number:]
    regressor = tiny(**DIFFERENT[number]).fit(rows[:50], rows[:50, 0])
    return [regressor.predict(X), regressor.forecast(), regressor.loss_curve_]


def assert_same_bits(answers, expected):
    for answer, value in zip(answers, expected, strict=True):
        np.testing.assert_array_equal(answer, value)


# Threads


def test_different_instances_in_threads_give_the_bits_of_each_alone():
    """Oracle: the same fits one after another."""
    numbers = [*range(len(DIFFERENT))] * 3
    alone = [fit_and_predict(number) for number in range(len(DIFFERENT))]
    with ThreadPoolExecutor(N_THREADS) as pool:
        for number, answers in zip(numbers, pool.map(fit_and_predict, numbers), strict=True):
            assert_same_bits(answers, alone[number])


def test_one_fitted_instance_predicts_in_threads_as_alone():
    """Oracle: the same predictions one after another; the threads start at the same moment."""
    blocks = [X[start:] for start in range(0, 40, 3)]

    def predict(rows):
        return fitted().predict(rows), fitted().forecast(rows), fitted().score(rows, rows[:, 0])

    alone = [predict(rows) for rows in blocks]
    together = Barrier(N_THREADS)

    def predict_all(_):
        together.wait()
        return [predict(rows) for rows in blocks]

    with ThreadPoolExecutor(N_THREADS) as pool:
        for answers in pool.map(predict_all, range(N_THREADS)):
            for answer, expected in zip(answers, alone, strict=True):
                assert_same_bits(answer, expected)


def test_one_fitted_instance_gives_its_model_in_threads():
    """Oracle: the model that is built alone."""
    expected = fitted().model_(fitted().read_windows(X)).numpy()
    with ThreadPoolExecutor(N_THREADS) as pool:
        for outputs in pool.map(
            lambda _: fitted().model_(fitted().read_windows(X)).numpy(), range(8)
        ):
            np.testing.assert_array_equal(outputs, expected)


def test_an_interrupted_fit_leaves_other_instances_and_itself_as_they_were(monkeypatch):
    """Oracle: predictions before, and a fit that nothing interrupts."""
    other, expected = fitted().predict(X), fit_and_predict(1)
    interrupted = tiny().fit(X[:60], y[:60])
    attributes, before = dict(vars(interrupted)), interrupted.predict(X)

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(LSTMRegressor, "_report", interrupt)  # called after each epoch
    with pytest.raises(KeyboardInterrupt):
        interrupted.fit(X[10:], y[10:])
    monkeypatch.undo()
    assert vars(interrupted) == attributes
    np.testing.assert_array_equal(interrupted.predict(X), before)
    np.testing.assert_array_equal(fitted().predict(X), other)
    assert_same_bits(fit_and_predict(1), expected)


FIRST_FITS = """
import sys
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from sklstm import LSTMRegressor

X = np.random.default_rng(0).normal(size=(60, 3)).cumsum(axis=0)

def fit(seed):
    regressor = LSTMRegressor(window_length=4, units=4, epochs=2, batch_size=8, random_state=seed)
    return regressor.fit(X, X[:, 0]).predict(X)

assert "tensorflow" not in sys.modules
with ThreadPoolExecutor(4) as pool:
    together = list(pool.map(fit, range(8)))
print(all(np.array_equal(y, fit(seed)) for seed, y in enumerate(together)))
"""


def run_python(code, *arguments, **environment):
    """What a fresh process prints; a variable that is None is not set there."""
    known = {**os.environ, "TF_NUM_INTRAOP_THREADS": None, "KERAS_BACKEND": None, **environment}
    run = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={name: value for name, value in known.items() if value is not None},
        stdout=subprocess.PIPE,
        text=True,
        timeout=280,
        check=True,
    )
    return run.stdout.splitlines()


@pytest.mark.slow
def test_the_very_first_fits_of_a_process_may_be_in_threads():
    """Oracle: the same fits one after another; TensorFlow is imported and set up in the threads."""
    assert run_python(FIRST_FITS) == ["True"]


# What a fit leaves alone


def read_settings():
    """All that a process shares and a fit could change."""
    generator = tf.random.get_global_generator()
    return {
        "numpy's generator": [np.asarray(part).tolist() for part in np.random.get_state()],
        "python's generator": random.getstate(),
        "tensorflow's generator": generator.state.numpy().tolist(),
        "float type": keras.config.floatx(),
        "epsilon": keras.config.epsilon(),
        "policy": keras.config.dtype_policy().name,
        "image format": keras.config.image_data_format(),
        "traceback filter": keras.config.is_traceback_filtering_enabled(),
        "eager": (tf.executing_eagerly(), tf.config.functions_run_eagerly()),
        "soft placement": tf.config.get_soft_device_placement(),
        "global jit": tf.config.optimizer.get_jit(),
        "inter-op threads": tf.config.threading.get_inter_op_parallelism_threads(),
        "tf32": tf.config.experimental.tensor_float_32_execution_enabled(),
        "numpy's errors": np.geterr(),
        "environment": dict(os.environ),
    }


@pytest.fixture
def unusual_settings():
    """Settings of the process that are not those it comes with."""
    tf.config.set_soft_device_placement(False)
    tf.config.optimizer.set_jit("autoclustering")
    keras.config.set_epsilon(1e-5)
    keras.config.disable_traceback_filtering()
    yield
    tf.config.set_soft_device_placement(True)
    tf.config.optimizer.set_jit("")
    keras.config.set_epsilon(1e-7)
    keras.config.enable_traceback_filtering()


def use_everything():
    regressor = tiny(dropout=0.3, early_stopping=True, validation_fraction=0.3, warm_start=True)
    for _ in range(2):
        regressor.fit(X[:60], y[:60])
    regressor.partial_fit(X[60:], y[60:])
    return [regressor.predict(X), regressor.forecast(), regressor.loss_curve_]


def test_a_fit_changes_no_setting_of_the_process():
    """Oracle: the settings before, and what TensorFlow draws right after its seed is set."""
    tf.random.set_seed(3)
    drawn = tf.random.uniform([3]).numpy()
    tf.random.set_seed(3)
    before = read_settings()
    use_everything()
    assert read_settings() == before
    np.testing.assert_array_equal(tf.random.uniform([3]), drawn)


def test_the_model_changes_no_setting_but_draws_from_pythons_generator_as_keras_does():
    """Oracle: the settings before; any Keras layer without a seed of its own draws one there."""
    before = read_settings()
    fitted().model_(fitted().read_windows(X))
    after = read_settings()
    assert {name for name in after if after[name] != before[name]} <= {"python's generator"}


def test_a_fit_neither_changes_nor_follows_unusual_settings(unusual_settings):
    """Oracle: the settings before, and the fit without them."""
    before = read_settings()
    unusual = use_everything()
    assert read_settings() == before
    tf.config.set_soft_device_placement(True)
    tf.config.optimizer.set_jit("")
    assert_same_bits(unusual, use_everything())


def test_a_fit_does_not_follow_the_global_seeds():
    """Oracle: the fit under other seeds."""
    answers = []
    for seed in (1, 2):
        random.seed(seed)
        np.random.seed(seed)
        tf.random.set_seed(seed)
        keras.utils.set_random_seed(seed)
        answers.append(use_everything())
    assert_same_bits(*answers)


# Types of numbers that the user has set

LOWERED_AND_RAISED = pytest.mark.parametrize(
    ("policy", "float_type"),
    [("mixed_float16", "float32"), ("float16", "float16"), ("float64", "float64")],
)


@pytest.fixture
def set_types():
    """Set Keras' policy and float type, as the user may; both are set back."""
    before = keras.config.dtype_policy(), keras.config.floatx()

    def set_both(policy, float_type):
        keras.config.set_dtype_policy(policy)
        keras.config.set_floatx(float_type)

    yield set_both
    set_both(*before)


def fit_with_model():
    """Predictions, outputs of `model_`, and the model."""
    regressor = tiny(dropout=0.2).fit(X, y)
    model = regressor.model_
    return [
        regressor.predict(X),
        regressor.loss_curve_,
        model(regressor.read_windows(X)).numpy(),
    ], model


@LOWERED_AND_RAISED
# TensorFlow's variables do not know NumPy 2's `copy` yet.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_predictions_and_model_do_not_follow_a_global_policy_or_float_type(
    policy, float_type, set_types, tmp_path
):
    """Oracle: the same under Keras' own settings, also of a model saved under the others."""
    expected, ordinary = fit_with_model()
    ordinary.save(tmp_path / "ordinary.keras")
    set_types(policy, float_type)
    answers, model = fit_with_model()
    assert_same_bits(answers, expected)
    assert answers[-1].dtype == np.float64
    loaded = keras.models.load_model(tmp_path / "ordinary.keras")
    np.testing.assert_array_equal(loaded(fitted().read_windows(X)), expected[-1])
    model.save(tmp_path / "changed.keras")
    set_types("float32", "float32")
    loaded = keras.models.load_model(tmp_path / "changed.keras")
    np.testing.assert_array_equal(loaded(fitted().read_windows(X)), expected[-1])
    assert [w.dtype for w in loaded.weights] == [w.dtype for w in ordinary.weights]


# The thread count

COUNT_THREADS = """
import numpy as np
from sklstm import LSTMRegressor

X = np.random.default_rng(0).normal(size=(60, 3)).cumsum(axis=0)
settings = {"window_length": 4, "units": 4, "epochs": 1, "early_stopping": False}
LSTMRegressor(**settings, batch_size=8).fit(X, X[:, 0])
import tensorflow as tf
print(tf.config.threading.get_intra_op_parallelism_threads())
print(tf.config.threading.get_inter_op_parallelism_threads())
"""


@pytest.mark.slow
def test_the_first_fit_takes_one_thread():
    """Oracle: TensorFlow's own setting. The inter-op threads are never set: 0 is its default.

    What the user has set before is kept: tests/network/test_programs.py.
    """
    assert run_python(COUNT_THREADS) == ["1", "0"]


# Another backend of Keras

OTHER_BACKEND = """
import sys
import numpy as np
from sklstm import LSTMRegressor

X = np.random.default_rng(0).normal(size=(60, 3)).cumsum(axis=0)
settings = {"window_length": 4, "units": 4, "epochs": 2, "early_stopping": False, "n_networks": 1}
regressor = LSTMRegressor(**settings, batch_size=8, random_state=0)
print(regressor.fit(X, X[:, 0]).predict(X).tobytes().hex())
assert "window_length" in regressor._repr_html_()
for _ in range(2):
    try:
        regressor.model_
    except ImportError as error:
        print(error)
try:
    import sklstm.layers
except ImportError as error:
    print(error)
assert "sklstm.layers" not in sys.modules
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_another_backend_of_keras_stops_the_model_only_and_says_so(backend):
    """Oracle: the predictions of this process; the sentence in full, thrice.

    Whether the backend is installed does not matter.
    """
    rows = np.random.default_rng(0).normal(size=(60, 3)).cumsum(axis=0)
    predictions = tiny(learning_rate=0.01).fit(rows, rows[:, 0]).predict(rows)
    printed, *errors = run_python(OTHER_BACKEND, KERAS_BACKEND=backend)
    assert bytes.fromhex(printed) == predictions.tobytes()
    sentence = (
        f"sklstm needs Keras with the TensorFlow backend, but Keras uses {backend!r}. Set the "
        'environment variable KERAS_BACKEND to "tensorflow" before TensorFlow or Keras is imported.'
    )
    assert errors == [sentence] * 3


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs a second backend")
def test_a_keras_that_already_runs_on_another_backend_is_refused():
    """Oracle: the sentence; here Keras itself says what it runs on."""
    code = """
import keras
try:
    import sklstm.layers
except ImportError as error:
    print(error)
"""
    (error,) = run_python(code, KERAS_BACKEND="torch")
    assert error.startswith(
        "sklstm needs Keras with the TensorFlow backend, but Keras uses 'torch'."
    )


@pytest.mark.slow
def test_the_backend_may_be_set_right_after_it_was_refused():
    """Oracle: the import; neither Keras nor TensorFlow was loaded with the wrong backend."""
    code = """
import os
try:
    import sklstm.layers
except ImportError:
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import sklstm.layers
    print(sklstm.layers.keras.backend.backend())
"""
    assert run_python(code, KERAS_BACKEND="jax") == ["tensorflow"]
