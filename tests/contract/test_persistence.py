"""Copies of estimators: by clone, pickle, joblib and deepcopy, here and in another process.

The oracle is the original, whose every bit a copy gives again. Which version wrote a pickle is the
subject of `tests/test_pickling.py`. All small networks run in the programs of three columns, one
output and a window of up to 8 rows; the models that are saved add one program.
"""

import copy
import io
import json
import pickle
import subprocess
import sys
from functools import cache

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted
from small_regressor import tiny

from sklstm import (
    BayesTimeSeriesSearchCV,
    ConformalRegressor,
    LastValueRegressor,
    SeasonalNaiveRegressor,
)

N_TRAIN = 50
RNG = np.random.default_rng(0)
X = np.column_stack([RNG.normal(size=70).cumsum(), RNG.normal(size=(70, 2))])
LATER = X[N_TRAIN:]
TRAIN = X[:N_TRAIN], X[:N_TRAIN, 0]


def search():
    return BayesTimeSeriesSearchCV(
        tiny(), {"window_length": [3, 4]}, n_iter=2, cv=2, random_state=0
    )


ESTIMATORS = {
    "LSTM": tiny(),
    "LSTM, all randomness": tiny(dropout=0.3, early_stopping=True, validation_fraction=0.3),
    "LSTM, several networks": tiny(n_networks=3, early_stopping=True, validation_fraction=0.3),
    "last value": LastValueRegressor(),
    "seasonal": SeasonalNaiveRegressor(season_length=3, horizon=2),
    "conformal": ConformalRegressor(tiny()),
    "search": search(),
    "pipeline": make_pipeline(StandardScaler(), tiny()),
}
EACH = pytest.mark.parametrize("name", ESTIMATORS)


def dump_and_load(estimator):
    file = io.BytesIO()
    joblib.dump(estimator, file)
    file.seek(0)
    return joblib.load(file)


COPIES = {
    "pickle": lambda estimator: pickle.loads(pickle.dumps(estimator)),
    "the oldest pickle": lambda estimator: pickle.loads(pickle.dumps(estimator, protocol=2)),
    "joblib": dump_and_load,
    "deepcopy": copy.deepcopy,
}
EACH_COPY = pytest.mark.parametrize("how", COPIES)


@cache
def fitted(name):
    return clone(ESTIMATORS[name]).fit(*TRAIN)


def describe_parameters(estimator):
    """All parameters as text: those of nested estimators are objects of their own in a copy."""
    return {name: repr(value) for name, value in estimator.get_params().items()}


# Here


@EACH
def test_clone_takes_the_parameters_and_nothing_that_was_fitted(name):
    """Oracle: the original's parameters, and scikit-learn's own check."""
    cloned = clone(fitted(name))
    assert describe_parameters(cloned) == describe_parameters(ESTIMATORS[name])
    assert vars(cloned).keys() == vars(ESTIMATORS[name]).keys()
    with pytest.raises(NotFittedError):
        check_is_fitted(cloned)


@EACH
@EACH_COPY
def test_an_unfitted_copy_has_the_parameters_and_fits_to_the_same_bits(name, how):
    """Oracle: the original's fit."""
    copied = COPIES[how](ESTIMATORS[name])
    assert describe_parameters(copied) == describe_parameters(ESTIMATORS[name])
    with pytest.raises(NotFittedError):
        check_is_fitted(copied)
    expected = fitted(name).predict(LATER)
    np.testing.assert_array_equal(copied.fit(*TRAIN).predict(LATER), expected)


@EACH
@EACH_COPY
def test_a_fitted_copy_predicts_the_same_bits(name, how):
    """Oracle: the original."""
    copied = COPIES[how](fitted(name))
    assert describe_parameters(copied) == describe_parameters(fitted(name))
    assert copied.score(LATER, LATER[:, 0]) == fitted(name).score(LATER, LATER[:, 0])
    for rows in (LATER, TRAIN[0]):
        np.testing.assert_array_equal(copied.predict(rows), fitted(name).predict(rows))


@EACH_COPY
def test_a_copied_search_keeps_its_results(how):
    """Oracle: the original."""
    copied, original = COPIES[how](fitted("search")), fitted("search")
    assert copied.best_params_ == original.best_params_
    assert copied.best_score_ == original.best_score_
    table, expected = (pd.DataFrame(s.cv_results_) for s in (copied, original))
    pd.testing.assert_frame_equal(table, expected)
    assert copied.optimizer_results_[0].x_iters == original.optimizer_results_[0].x_iters
    np.testing.assert_array_equal(copied.forecast(), original.forecast())


# Going on

WAYS_ON = {
    "partial_fit on the same rows": lambda r: r.partial_fit(*TRAIN),
    "partial_fit on later rows": lambda r: r.partial_fit(LATER, LATER[:, 0]),
    "a warm start": lambda r: r.set_params(warm_start=True).fit(*TRAIN),
    "a new fit": lambda r: r.fit(X, X[:, 0]),
    "update": lambda r: r.update(LATER),
}


@EACH_COPY
@pytest.mark.parametrize("way", WAYS_ON)
def test_a_copy_goes_on_as_the_original_and_neither_moves_the_other(how, way):
    """Oracle: the original, which goes on first, and what it predicted before."""
    original = tiny(dropout=0.3, decay_rate=0.5).fit(*TRAIN)
    copied = COPIES[how](original)
    before = original.predict(LATER)
    WAYS_ON[way](original)
    np.testing.assert_array_equal(copied.predict(LATER), before)
    WAYS_ON[way](copied)
    assert copied.loss_curve_ == original.loss_curve_
    for forecast in (lambda r: r.predict(LATER), lambda r: r.predict(X), lambda r: r.forecast()):
        np.testing.assert_array_equal(forecast(copied), forecast(original))


@pytest.mark.parametrize("way", WAYS_ON)
def test_a_copy_goes_on_from_arrays_that_cannot_be_written_to(way, tmp_path):
    """Oracle: the original; joblib maps the arrays of a file, read-only."""
    original = tiny(dropout=0.3).fit(*TRAIN)
    (path,) = joblib.dump(original, tmp_path / "regressor.joblib")
    mapped = joblib.load(path, mmap_mode="r")
    for regressor in (mapped, original):
        WAYS_ON[way](regressor)
    np.testing.assert_array_equal(mapped.predict(LATER), original.predict(LATER))


@EACH_COPY
def test_a_copy_knows_the_labels_of_its_history(how):
    """Oracle: the original on dates that the training rows end before, and on a gap."""
    days = pd.date_range("2024-01-01", periods=len(X), freq="D", tz="Europe/Berlin")
    table = pd.DataFrame(X, index=days, columns=["close", "a", "b"])
    original = tiny().fit(table[:N_TRAIN], table["close"][:N_TRAIN])
    copied = COPIES[how](original)
    np.testing.assert_array_equal(copied.feature_names_in_, table.columns)
    for rows in (table[N_TRAIN:], table[N_TRAIN + 2 :], table[10:]):
        np.testing.assert_array_equal(copied.predict(rows), original.predict(rows))


# What a pickle holds


class Reader(pickle.Unpickler):
    """Unpickles, and notes what it had to import."""

    def __init__(self, data):
        super().__init__(io.BytesIO(data))
        self.imported = set()

    def find_class(self, module, name):
        self.imported.add((module, name))
        return super().find_class(module, name)


def imported_by(estimator):
    """What unpickling the estimator imports, as (module, name)."""
    reader = Reader(pickle.dumps(estimator))
    reader.load()
    return reader.imported


def with_dates():
    days = pd.date_range("2024-01-01", periods=N_TRAIN, freq="D")
    table = pd.DataFrame(TRAIN[0], index=days, columns=["close", "a", "b"])
    return tiny(known_columns="a", target_column="close").fit(table, table["close"])


def with_a_model():
    regressor = tiny(early_stopping=True, validation_fraction=0.3).fit(*TRAIN)
    regressor.model_(regressor.read_windows(TRAIN[0]))
    return regressor


HOLDS_ARRAYS_ONLY = {
    "plain": lambda: fitted("LSTM"),
    "with dates": with_dates,
    "after model_ was used": with_a_model,
    "partially fitted": lambda: tiny().partial_fit(*TRAIN),
    "last value": lambda: fitted("last value"),
    "seasonal": lambda: fitted("seasonal"),
}
ARRAYS_AND_NUMBERS = {"numpy", "builtins", "copyreg", "_codecs"}


@pytest.mark.parametrize("case", HOLDS_ARRAYS_ONLY)
def test_a_forecasters_pickle_holds_arrays_numbers_text_and_small_dataclasses(case):
    """Oracle: what unpickling imports: NumPy's arrays, and classes of this package."""
    estimator = HOLDS_ARRAYS_ONLY[case]()
    imported = imported_by(estimator)
    assert {module.split(".")[0] for module, _ in imported} <= {*ARRAYS_AND_NUMBERS, "sklstm"}
    ours = [getattr(sys.modules[m], name) for m, name in imported if m.startswith("sklstm")]
    assert type(estimator) in ours
    assert all(hasattr(cls, "__dataclass_fields__") for cls in ours if cls is not type(estimator))


@pytest.mark.parametrize("name", ["search", "pipeline"])
def test_what_wraps_a_regressor_adds_no_tensorflow_to_the_pickle(name):
    """Oracle: what unpickling imports."""
    roots = {module.split(".")[0] for module, _ in imported_by(fitted(name))}
    assert {"sklstm", "sklearn"} <= roots
    assert not roots & {"tensorflow", "keras", "jax", "torch"}


def test_a_pickle_is_not_larger_than_what_it_must_hold():
    """Oracle: the kept rows, and the weights with Adam's two moments, three times 4 bytes each."""
    long = np.random.default_rng(0).normal(size=(5000, 3)).cumsum(axis=0)
    regressor = tiny(epochs=1).fit(long, long[:, 0])
    n_weights = sum(weight.size for weight in regressor.model_.get_weights())
    assert len(pickle.dumps(regressor)) < long.nbytes + 12 * n_weights + 10_000


# Other processes

PREDICT_FROM_PICKLES = """
import pickle, sys
import joblib
import numpy as np

folder = sys.argv[1]
rows = np.load(folder + "/rows.npy")
with open(folder + "/estimators.pickle", "rb") as file:
    estimators = pickle.load(file)
predictions = {name: estimator.predict(rows) for name, estimator in estimators.items()}
again = joblib.load(folder + "/estimators.joblib")
assert all(np.array_equal(again[name].predict(rows), predictions[name]) for name in again)
assert "sklstm.layers" not in sys.modules
going_on = estimators["LSTM"].partial_fit(rows, rows[:, 0])
np.savez(folder + "/y.npz", **predictions, going_on=going_on.forecast())
"""


def run_python(code, *arguments):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=280, check=True)
    return run.stdout.split()


@pytest.mark.slow
def test_a_fresh_process_predicts_the_same_bits_from_a_file_and_goes_on_with_it(tmp_path):
    """Oracle: this process; no Keras layer is needed for it."""
    estimators = {name: fitted(name) for name in ESTIMATORS}
    (tmp_path / "estimators.pickle").write_bytes(pickle.dumps(estimators))
    joblib.dump(estimators, tmp_path / "estimators.joblib")
    np.save(tmp_path / "rows.npy", LATER)
    run_python(PREDICT_FROM_PICKLES, tmp_path)
    with np.load(tmp_path / "y.npz") as answers:
        for name, estimator in estimators.items():
            np.testing.assert_array_equal(answers[name], estimator.predict(LATER))
        going_on = copy.deepcopy(fitted("LSTM")).partial_fit(LATER, LATER[:, 0])
        np.testing.assert_array_equal(answers["going_on"], going_on.forecast())


# Saved models

NETWORKS = {
    "window": {"scaling": "window", "window_columns": [1]},
    "center": {"scaling": "center", "peephole": False},
    "standard": {"scaling": "standard", "linear_skip": False, "dropout": 0.3},
    "minmax": {"scaling": "minmax", "window_length": 6, "units": 3},
    "none": {"scaling": None},
    "two layers, two outputs": {"num_layers": 2, "peephole": False},
}
LOAD_MODELS = """
import json, sys
import keras
import numpy as np
import sklstm.layers

folder = sys.argv[1]
for name in json.loads(sys.argv[2]):
    model = keras.models.load_model(f"{folder}/{name}.keras")
    np.save(f"{folder}/{name} y.npy", model(dict(np.load(f"{folder}/{name} windows.npz"))))
print(*(room for room in ("regressor", "training") if f"sklstm.{room}" in sys.modules))
"""


def fit_network(name):
    two = name == "two layers, two outputs"
    return tiny(**NETWORKS[name]).fit(TRAIN[0], TRAIN[0][:, :2] if two else TRAIN[1])


def cut_windows(length):
    return np.stack([X[t - length : t] for t in range(length, len(X))])


@pytest.mark.slow
# TensorFlow's variables do not know NumPy 2's `copy` yet.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_saved_model_gives_the_same_outputs_where_only_the_layers_are_imported(tmp_path):
    """Oracle: `predict`, and `model_` in this process; the class itself is not needed."""
    expected = {}
    for name in NETWORKS:
        regressor = fit_network(name)
        windows = regressor.read_windows(X)
        regressor.model_.save(tmp_path / f"{name}.keras")
        np.savez(tmp_path / f"{name} windows.npz", **windows)
        expected[name] = regressor.model_(windows).numpy()
        predicted = regressor.predict(X).reshape(len(X), -1)
        np.testing.assert_allclose(expected[name], predicted, rtol=1e-5, atol=1e-5)
    run_python(LOAD_MODELS, tmp_path, json.dumps(list(NETWORKS)))
    for name, outputs in expected.items():
        loaded = np.load(tmp_path / f"{name} y.npy")
        assert loaded.dtype == np.float64
        np.testing.assert_allclose(loaded, outputs, rtol=1e-6, atol=1e-6)
