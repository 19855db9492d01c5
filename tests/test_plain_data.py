"""Records as plain data and back: nothing is lost, and no class of ours is named."""

from __future__ import annotations

import pickle
import pickletools
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklstm import (
    BayesTimeSeriesSearchCV,
    ConformalRegressor,
    LastValueRegressor,
    LSTMRegressor,
    SeasonalNaiveRegressor,
)
from sklstm._plain_data import PickledAsPlainData, from_plain, to_plain


@dataclass(frozen=True)
class Leaf:
    name: str
    values: tuple[float, ...]
    extra: Any = None


class Pair(NamedTuple):
    first: Leaf
    second: int


@dataclass(frozen=True)
class Tree:
    leaves: tuple[Leaf | None, ...]
    best: Leaf | None
    list_of_them: list[Leaf]
    number: int | str = 0
    pair: Pair | None = None


class Model(PickledAsPlainData, BaseEstimator):
    _records: ClassVar = {"tree_": Tree, "leaves_": tuple[Leaf, ...]}

    def __init__(self, given=None):
        self.given = given


LEAF = Leaf("a", (1.0, 2.0), {"x": [1]})
TREES = {
    "full": Tree((LEAF, None, LEAF), LEAF, [LEAF], "three", Pair(LEAF, 2)),
    "empty": Tree((), None, []),
}


@pytest.mark.parametrize("name", TREES)
def test_records_become_plain_and_come_back(name):
    """Oracle: equality of the records."""
    assert from_plain(Tree, to_plain(TREES[name])) == TREES[name]


def test_plain_data_is_dictionaries_by_name():
    """Oracle: by hand."""
    leaf = {"name": "a", "values": (1.0, 2.0), "extra": {"x": [1]}}
    assert to_plain(TREES["full"]) == {
        "leaves": (leaf, None, leaf), "best": leaf, "list_of_them": [leaf], "number": "three",
        "pair": {"first": leaf, "second": 2},
    }  # fmt: skip


def test_an_estimator_is_pickled_without_the_classes_of_its_records():
    """Oracle: equality, and the names in the pickle."""
    model = Model(given=LEAF)
    model.tree_, model.leaves_, model.other_ = TREES["full"], (LEAF, LEAF), 7
    twin = pickle.loads(pickle.dumps(model))
    assert (twin.tree_, twin.leaves_, twin.other_) == (TREES["full"], (LEAF, LEAF), 7)
    assert isinstance(model.tree_, Tree)  # pickling changed nothing
    model.given = None
    assert b"Tree" not in pickle.dumps(model)
    assert vars(clone(model)) == {"given": None}


WAVE = np.sin(np.arange(120) / 4) + 0.1 * np.random.default_rng(0).normal(size=120)
X = pd.DataFrame(
    {"wave": WAVE, "day": np.arange(120) % 7}, index=pd.date_range("2020", periods=120)
)
Y = X["wave"]
SEARCH = {"n_iter": 4, "cv": 2, "n_initial_points": 2, "random_state": 0}
TINY = {"epochs": 1, "units": 4, "window_length": 3, "random_state": 0}
MODELS = {
    "network": LSTMRegressor(**TINY),
    "two outputs": LSTMRegressor(early_stopping=True, **TINY),
    "paths": LSTMRegressor(steps=3, **TINY),
    "bands": LSTMRegressor(steps=2, quantiles=(0.1, 0.9), early_stopping=True, **TINY),
    "intervals of paths": ConformalRegressor(
        LSTMRegressor(steps=2, **TINY), coverage=0.5, method="adaptive"
    ),
    "last value": LastValueRegressor(),
    "season": SeasonalNaiveRegressor(season_length=25),
    "intervals": ConformalRegressor(LSTMRegressor(**TINY)),
    "pipeline": make_pipeline(StandardScaler(), LSTMRegressor(**TINY)),
    "search": BayesTimeSeriesSearchCV(LSTMRegressor(**TINY), {"units": (2, 6)}, **SEARCH),
    "search of Ridge": BayesTimeSeriesSearchCV(Ridge(), {"alpha": (0.1, 9.0)}, **SEARCH),
}


@pytest.mark.filterwarnings("ignore:y is column 'wave' of X in the same row:UserWarning")
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("protocol", [4, pickle.HIGHEST_PROTOCOL])
def test_a_pickle_names_no_private_module(name, protocol):
    """Oracle: the modules named in the pickle; predictions before and after."""
    y = np.column_stack([Y, Y]) if name == "two outputs" else Y
    model = clone(MODELS[name]).fit(X[:100], y[:100])
    pickled = pickle.dumps(model, protocol)
    texts = {arg for _, arg, _ in pickletools.genops(pickled) if isinstance(arg, str)}
    ours = {text for text in texts if text.split(".")[0] == "sklstm" and text.isascii()}
    assert {text for text in ours if "._" in text} == set()
    twin = pickle.loads(pickled)
    np.testing.assert_array_equal(twin.predict(X[100:]), model.predict(X[100:]))


def test_a_search_keeps_trials_and_audit_through_a_pickle():
    """Oracle: the search itself."""
    search = clone(MODELS["search"]).fit(X, Y)
    twin = pickle.loads(pickle.dumps(search))
    assert twin.trials_ == search.trials_
    assert [trial.score for trial in twin.trials_] == [trial.score for trial in search.trials_]
    assert twin.audit_ == search.audit_
    assert twin.summary() == search.summary()
