"""TensorFlow's start: quiet, once, and refused where a fork has lamed it."""

import os
import re
import subprocess
import sys

import pytest

from sklstm._network.program_cache import FOLDER
from sklstm._network.quiet import SHOW

FIT = """
import numpy as np
from sklstm import LSTMRegressor
x = np.sin(np.arange(60.0) / 5)[:, None]
settings = {"epochs": 1, "units": 4, "window_length": 2, "early_stopping": False, "n_networks": 1}
model = LSTMRegressor(**settings, random_state=0)
"""


def run(program, folder="", check=True, arguments=(), **environment):
    """Run the program in a fresh process, in which the user has set nothing for TensorFlow."""
    ours = ("TF_", "CUDA_", SHOW, FOLDER)
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [sys.executable, "-c", FIT + program, *arguments],
        env={**inherited, FOLDER: str(folder), **environment},
        check=check,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.slow
def test_fit_and_predict_write_nothing():
    """Oracle: both streams, empty."""
    answer = run("model.fit(x, x[:, 0]).predict(x)")
    assert (answer.stdout, answer.stderr) == ("", "")


@pytest.mark.slow
def test_with_programs_on_disk_nothing_is_written_either_and_no_flag_stays(tmp_path):
    """Oracle: both streams, empty; the loader of compiled programs complains of features."""
    for _ in range(2):
        fit = "import os\nmodel.fit(x, x[:, 0])\nassert 'TF_XLA_FLAGS' not in os.environ"
        answer = run(fit, folder=tmp_path)
        assert (answer.stdout, answer.stderr) == ("", "")
    assert list(tmp_path.rglob("*.pb"))


@pytest.mark.slow
def test_a_variable_shows_tensorflow_s_log():
    """Oracle: the name of its logger; which notices follow depends on the processor."""
    assert "absl::InitializeLog" in run("model.fit(x, x[:, 0])", **{SHOW: "1"}).stderr


@pytest.mark.slow
def test_an_error_of_the_start_is_shown_whole():
    """Oracle: what a planted TensorFlow writes before it fails, a known notice among it."""
    planted = """
import os, sys, types
class Planted:
    def find_spec(self, name, path=None, target=None):
        if name == "tensorflow":
            os.write(2, b"oneDNN custom operations are on\\nlibfoo.so: no such file\\n")
            raise ImportError("libfoo.so cannot be loaded")
sys.meta_path.insert(0, Planted())
model.fit(x, x[:, 0])
"""
    answer = run(planted, check=False)
    assert answer.returncode == 1
    assert "oneDNN custom operations are on\nlibfoo.so: no such file\n" in answer.stderr
    assert "ImportError: libfoo.so cannot be loaded" in answer.stderr


@pytest.mark.slow
def test_flags_of_the_user_s_own_are_heeded(tmp_path):
    """Oracle: nothing is kept where TF_XLA_FLAGS is the user's."""
    run("model.fit(x, x[:, 0])", folder=tmp_path, TF_XLA_FLAGS="--tf_xla_clustering_debug=false")
    assert not list(tmp_path.rglob("*.pb"))


@pytest.mark.slow
def test_where_tensorflow_was_imported_before_nothing_is_kept(tmp_path):
    """Oracle: the folder; TensorFlow reads its flags at its import."""
    run("import tensorflow\nmodel.fit(x, x[:, 0])", folder=tmp_path)
    assert not list(tmp_path.rglob("*.pb"))


FORK = """
import os, signal, sys, warnings
warnings.simplefilter("ignore")  # of Python's own, that threads do not survive a fork
exec(sys.argv[1])
for inside in sys.argv[2:]:
    child = os.fork()
    if child == 0:
        signal.alarm(60)  # a hang ends the child by this signal
        try:
            exec(inside)
        except RuntimeError as error:
            print(error, flush=True)
            os._exit(7)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print("status", os.waitstatus_to_exitcode(status), flush=True)
"""
TRAIN = "model.fit(x, x[:, 0])"
TRAIN_IN_GRANDCHILD = """
if os.fork() == 0:
    model.fit(x, x[:, 0])
_, status = os.wait()
os._exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize(
    ("before", "children"),
    [
        (
            TRAIN,
            {
                TRAIN: 7,
                "model.partial_fit(x, x[:, 0])": 7,
                "model.model_": 7,
                TRAIN_IN_GRANDCHILD: 7,
                "model.predict(x); model.forecast(); model.update(x)": 0,
            },
        ),
        ("import tensorflow as tf; tf.constant(1.0); LSTMRegressor", {TRAIN: 7}),
        ("LSTMRegressor", {TRAIN: 0}),
    ],
    ids=["trained", "the user's TensorFlow", "nothing started"],
)
def test_a_forked_child_predicts_and_is_refused_a_fit(before, children):
    """Oracle: the exit status: 7 where it is refused, 0 where it works, -14 where it hangs."""
    answer = run(FORK, arguments=[before, *children])
    expected = [f"status {status}" for status in children.values()]
    assert re.findall(r"^status .*$", answer.stdout, re.MULTILINE) == expected
    n_refused = sum(status == 7 for status in children.values())
    for way_out in ('get_context("spawn")', "loky workers"):
        assert answer.stdout.count(way_out) == n_refused
