"""Links from a notebook to the documentation: each estimator's diagram leads to its page."""

import tomllib
from pathlib import Path

import pytest

from sklstm import (
    BayesTimeSeriesSearchCV,
    ConformalRegressor,
    LastValueRegressor,
    LSTMRegressor,
    SeasonalNaiveRegressor,
)
from sklstm._documentation import DOCUMENTATION

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
ESTIMATORS = [
    LSTMRegressor(),
    BayesTimeSeriesSearchCV(LSTMRegressor(), {"units": [4, 8]}),
    ConformalRegressor(LSTMRegressor()),
    LastValueRegressor(),
    SeasonalNaiveRegressor(),
]


def test_the_address_is_the_one_of_the_project():
    """Oracle: pyproject.toml, which package indexes show."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    assert project["urls"]["Documentation"] == DOCUMENTATION


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda estimator: type(estimator).__name__)
def test_a_diagram_links_an_estimator_to_its_page(estimator):
    """Oracle: the names that autosummary gives to pages, as docs/api.rst asks for."""
    page = f"generated/sklstm.{type(estimator).__name__}.html"
    assert f'href="{DOCUMENTATION}{page}' in estimator._repr_html_()
