"""The backend that Keras will run on, as Keras' own documentation says where it looks."""

import json
import sys

import keras
import pytest

from sklstm._network.backend import find_backend


@pytest.fixture
def before_keras(monkeypatch, tmp_path):
    """A process without Keras; the folder is that of Keras' settings."""
    monkeypatch.delitem(sys.modules, "keras")
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    return tmp_path


def test_without_any_setting_it_is_tensorflow(before_keras):
    assert find_backend() == "tensorflow"


def test_the_file_of_settings_decides(before_keras):
    (before_keras / "keras.json").write_text(json.dumps({"backend": "torch"}))
    assert find_backend() == "torch"


def test_the_environment_goes_before_the_file_unless_it_is_empty(before_keras, monkeypatch):
    (before_keras / "keras.json").write_text(json.dumps({"backend": "torch"}))
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert find_backend() == "jax"
    monkeypatch.setenv("KERAS_BACKEND", "")
    assert find_backend() == "torch"


@pytest.mark.parametrize("text", ["", "{", json.dumps({"floatx": "float64"})], ids=repr)
def test_a_file_that_does_not_tell_it_is_passed_over(before_keras, text):
    (before_keras / "keras.json").write_text(text)
    assert find_backend() == "tensorflow"


def test_without_a_folder_of_its_own_the_file_is_looked_for_at_home(
    before_keras, monkeypatch, tmp_path
):
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras" / "keras.json").write_text(json.dumps({"backend": "jax"}))
    assert find_backend() == "jax"


def test_a_keras_that_is_imported_is_asked_itself(monkeypatch):
    """Oracle: Keras; what the environment says comes too late for it."""
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert find_backend() == keras.backend.backend() == "tensorflow"
