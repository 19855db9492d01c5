"""How a notebook shows an estimator: with what the user set, and without building anything."""

import re

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_regressor import tiny

import sklstm.layers
from sklstm import BayesTimeSeriesSearchCV, LSTMRegressor

X = np.random.default_rng(0).normal(size=(60, 3)).cumsum(axis=0)
y = X[:, 0]


SET_BY_US = {"window_length", "units", "epochs", "batch_size", "random_state"}
SHOWN = {
    "regressor": (tiny(), SET_BY_US),
    "pipeline": (make_pipeline(StandardScaler(), tiny()), SET_BY_US | {"steps"}),
    "search": (
        BayesTimeSeriesSearchCV(tiny(), {"window_length": [3, 4]}, n_iter=2, cv=2, random_state=0),
        SET_BY_US | {"estimator", "search_spaces", "n_iter", "cv"},
    ),
}


def read_changed_parameters(html):
    """Names in the rows that scikit-learn marks as set by the user."""
    rows = re.findall(r'<tr class="user-set">(.*?)</tr>', html, flags=re.DOTALL)
    return {re.search(r"copyToClipboard\('(\w+)'", row)[1] for row in rows}


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("is_fitted", [False, True], ids=["unfitted", "fitted"])
def test_a_notebook_shows_the_parameters_that_were_set(name, is_fitted):
    """Oracle: the arguments above."""
    estimator, changed = SHOWN[name]
    shown = clone(estimator).fit(X, y) if is_fitted else estimator
    html = shown._repr_html_()
    assert "LSTMRegressor" in html
    assert changed <= read_changed_parameters(html)
    assert not {"horizon", "learning_rate", "x0"} & read_changed_parameters(html)


@pytest.mark.parametrize("name", SHOWN)
def test_the_text_of_an_estimator_names_what_was_set_and_nothing_else(name):
    """Oracle: evaluating it gives the estimator again."""
    estimator, _ = SHOWN[name]
    text = repr(estimator)
    known = {cls.__name__: cls for cls in (LSTMRegressor, BayesTimeSeriesSearchCV, StandardScaler)}
    if name != "pipeline":
        assert repr(eval(text, known)) == text
    assert "horizon" not in text


def test_showing_and_listing_a_fitted_regressor_builds_no_keras_model(monkeypatch):
    """Oracle: a builder that fails; `model_` still is where the documentation says."""
    regressor = tiny().fit(X, y)

    def refuse(*_, **__):
        raise AssertionError("model_ was built")

    monkeypatch.setattr(sklstm.layers, "build_model", refuse)
    assert "loss_curve_" in dir(regressor)
    assert "forecast" in dir(regressor)
    regressor._repr_html_()
    BayesTimeSeriesSearchCV(regressor, {"units": [4]})._repr_html_()
    with pytest.raises(AssertionError, match="model_ was built"):
        _ = regressor.model_


def test_a_search_over_any_estimator_is_shown_before_and_after_its_fit():
    """Oracle: the names of the parts."""
    search = BayesTimeSeriesSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, n_iter=2, random_state=0)
    for shown in (search, clone(search).fit(X, np.abs(y))):
        html = shown._repr_html_()
        assert "BayesTimeSeriesSearchCV" in html
        assert "Ridge" in html
