"""The version in a pickle: who warns of another one, and who does not."""

import copy
import io
import pickle
import re

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

import sklstm
from sklstm import (
    BayesTimeSeriesSearchCV,
    ConformalRegressor,
    LastValueRegressor,
    LSTMRegressor,
    SeasonalNaiveRegressor,
)

X = np.random.default_rng(0).normal(size=(40, 3)).cumsum(axis=0)
y = X[:, 0] + X[:, 1]

ESTIMATORS = {
    "LSTMRegressor": LSTMRegressor(
        window_length=4, units=4, epochs=1, batch_size=8, random_state=0
    ),
    "LastValueRegressor": LastValueRegressor(),
    "SeasonalNaiveRegressor": SeasonalNaiveRegressor(season_length=4),
    "ConformalRegressor": ConformalRegressor(Ridge()),
    "BayesTimeSeriesSearchCV": BayesTimeSeriesSearchCV(
        Ridge(), {"alpha": [0.1, 1.0]}, n_iter=2, cv=2, random_state=0
    ),
}
EACH = pytest.mark.parametrize("name", ESTIMATORS)
FITTED_OR_NOT = pytest.mark.parametrize("is_fitted", [True, False], ids=["fitted", "unfitted"])


def make(name, is_fitted):
    estimator = clone(ESTIMATORS[name])
    return estimator.fit(X, y) if is_fitted else estimator


def pickle_by(version, estimator, monkeypatch):
    """A pickle of the estimator as that version of the package writes it."""
    with monkeypatch.context() as patch:
        patch.setattr("sklstm._versions.find_version", lambda name: version)
        return pickle.dumps(estimator)


@EACH
@FITTED_OR_NOT
def test_a_pickle_of_another_version_warns_with_both_versions_and_the_way_out(
    name, is_fitted, monkeypatch
):
    """Oracle: the sentence in full; what was pickled is restored all the same."""
    estimator = make(name, is_fitted)
    data = pickle_by("0.0.7", estimator, monkeypatch)
    sentence = (
        f"{name} was pickled with sklstm 0.0.7 and is unpickled with sklstm {sklstm.__version__}. "
        "It may fail or give other predictions. Fit it again, or install sklstm==0.0.7."
    )
    with pytest.warns(UserWarning, match=f"^{re.escape(sentence)}$"):
        copied = pickle.loads(data)
    assert vars(copied).keys() == vars(estimator).keys()
    if is_fitted:
        np.testing.assert_array_equal(copied.predict(X), estimator.predict(X))


@EACH
def test_a_pickle_that_tells_no_version_is_called_older(name):
    """Oracle: the state without the entry, as before there was one."""
    state = make(name, is_fitted=False).__getstate__()
    del state["_sklstm_version"]
    estimator = clone(ESTIMATORS[name])
    with pytest.warns(UserWarning, match=f"{name} was pickled with an older version of sklstm"):
        estimator.__setstate__(state)


@EACH
@FITTED_OR_NOT
def test_copies_within_one_version_do_not_warn(name, is_fitted):
    """Oracle: pytest, to which a warning is an error."""
    estimator = make(name, is_fitted)
    file = io.BytesIO()
    joblib.dump(estimator, file)
    file.seek(0)
    copies = [
        *(copy.copy(estimator), copy.deepcopy(estimator), joblib.load(file)),
        *(pickle.loads(pickle.dumps(estimator, protocol)) for protocol in range(2, 6)),
    ]
    for copied in copies:
        assert vars(copied).keys() == vars(estimator).keys()
    clone(estimator)


def test_the_entry_is_in_the_pickle_only():
    """Oracle: the estimator's attributes and parameters before, and the package's version."""
    estimator = make("LastValueRegressor", is_fitted=True)
    attributes, parameters = dict(vars(estimator)), estimator.get_params()
    assert estimator.__getstate__()["_sklstm_version"] == sklstm.__version__
    assert vars(estimator) == attributes
    assert estimator.get_params() == parameters


def test_a_pickle_read_and_written_again_tells_the_version_that_wrote_it(monkeypatch):
    """Oracle: no warning where that version reads it, as with scikit-learn's own estimators."""
    data = pickle_by("0.0.7", make("LastValueRegressor", is_fitted=True), monkeypatch)
    with pytest.warns(UserWarning, match=r"pickled with sklstm 0\.0\.7"):
        estimator = pickle.loads(data)
    pickle.loads(pickle.dumps(estimator))


@pytest.mark.parametrize(
    "wrap",
    [
        lambda estimator: make_pipeline("passthrough", estimator),
        lambda estimator: BayesTimeSeriesSearchCV(estimator, {"horizon": [1, 2]}),
    ],
    ids=["pipeline", "search"],
)
def test_an_estimator_inside_another_warns_for_itself(wrap, monkeypatch):
    """Oracle: the class that is named."""
    data = pickle_by("0.0.7", wrap(LastValueRegressor()), monkeypatch)
    with pytest.warns(UserWarning) as caught:
        pickle.loads(data)
    assert any(str(warning.message).startswith("LastValueRegressor was") for warning in caught)


def test_the_warning_points_to_the_line_that_unpickles(monkeypatch):
    """Oracle: this file."""
    data = pickle_by("0.0.7", LastValueRegressor(), monkeypatch)
    with pytest.warns(UserWarning) as caught:
        pickle.loads(data)
    assert [warning.filename for warning in caught] == [__file__]
