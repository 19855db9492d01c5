"""A fitted model in other processes and threads: light, and the same bits everywhere."""

import json
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
import warnings

import numpy as np
import pytest
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sklstm
from sklstm import BayesTimeSeriesSearchCV, ConformalRegressor, LSTMRegressor

X = np.random.default_rng(0).normal(size=(600, 3)).cumsum(axis=0)
Y = X[:, 0]
TINY = LSTMRegressor(epochs=1, units=6, window_length=4, random_state=0)
MODELS = {
    "network": TINY,
    "pipeline": make_pipeline(StandardScaler(), TINY),
    "intervals": ConformalRegressor(TINY),
    "search": BayesTimeSeriesSearchCV(TINY, {"units": (2, 6)}, n_iter=2, cv=2, random_state=0),
}
SERVE = """
import json, pickle, sys
model = pickle.load(open(sys.argv[1], "rb"))
import numpy as np, sklstm
X = np.load(sys.argv[2])
forecast = sklstm.forecast(model)
predicted = model.predict(X)
sklstm.update(model, X)
heavy = {"tensorflow", "keras", "matplotlib"} & set(sys.modules)
print(json.dumps([sorted(heavy), forecast.tobytes().hex(), predicted.tobytes().hex()]))
"""


@pytest.mark.parametrize("name", MODELS)
def test_a_fresh_process_serves_forecasts_without_tensorflow(name, tmp_path):
    """Oracle: sys.modules; the bits of this process."""
    model = clone(MODELS[name]).fit(X[:400], Y[:400])
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(model))
    np.save(tmp_path / "X.npy", X[400:])
    answer = subprocess.run(
        [sys.executable, "-c", SERVE, tmp_path / "model.pkl", tmp_path / "X.npy"],
        check=True,
        capture_output=True,
    )
    heavy, forecast, predicted = json.loads(answer.stdout)
    assert heavy == []
    assert forecast == sklstm.forecast(model).tobytes().hex()
    assert predicted == model.predict(X[400:]).tobytes().hex()


@pytest.fixture(scope="module")
def fitted():
    return clone(TINY).fit(X[:400], Y[:400])


def test_threads_predict_the_same_bits(fitted):
    """Oracle: one thread after the other."""
    expected = fitted.predict(X[400:])
    answers = Parallel(n_jobs=4, prefer="threads")(
        delayed(fitted.predict)(X[400:]) for _ in range(16)
    )
    for answer in answers:
        np.testing.assert_array_equal(answer, expected)


def test_workers_predict_the_same_bits(fitted):
    """Oracle: this process."""
    expected = fitted.predict(X[400:])
    for answer in Parallel(n_jobs=2)(delayed(fitted.predict)(X[400:]) for _ in range(3)):
        np.testing.assert_array_equal(answer, expected)


def predict_into(queue, model, rows):
    queue.put(model.predict(rows).tobytes())


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
@pytest.mark.parametrize("is_in_thread", [False, True])
@pytest.mark.parametrize("n_rows", [10, 50_000])
def test_forked_children_predict_the_same_bits(fitted, n_rows, is_in_thread):
    """Oracle: the parent, in which TensorFlow has trained."""
    rows = np.resize(X, (n_rows, 3))
    expected = fitted.predict(rows).tobytes()
    context, answers = multiprocessing.get_context("fork"), []

    def fork():
        for _ in range(5):
            queue = context.Queue()
            child = context.Process(target=predict_into, args=(queue, fitted, rows), daemon=True)
            child.start()
            answers.append(queue.get(timeout=60))  # an Empty error where the child hangs
            child.join(60)

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
        if is_in_thread:
            thread = threading.Thread(target=fork)
            thread.start()
            thread.join()
        else:
            fork()
    assert answers == [expected] * 5


def test_the_number_of_blas_threads_does_not_show(fitted, tmp_path):
    """Oracle: each other; libraries read these environment variables at their start."""
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(fitted))
    np.save(tmp_path / "X.npy", X[400:])
    answers = set()
    for threads in ("1", "2"):
        names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
        answer = subprocess.run(
            [sys.executable, "-c", SERVE, tmp_path / "model.pkl", tmp_path / "X.npy"],
            env={**os.environ, **dict.fromkeys(names, threads)},
            check=True,
            capture_output=True,
        )
        answers.add(answer.stdout)
    assert len(answers) == 1
