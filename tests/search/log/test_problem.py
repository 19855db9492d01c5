"""What identifies a search."""

import json
import platform
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.linear_model import Ridge
from skopt.space import Integer, Real
from small_search import FOLDS, ROWS, Level, evaluate

import sklstm
from sklstm._search.log.problem import describe_data, describe_problem, list_versions
from sklstm._search.proposals.dimensions import read_search_spaces
from sklstm._search.proposals.optimizer import ProposalSettings
from sklstm._search.proposals.plan import make_plan
from sklstm._search.proposals.starts import Starts
from sklstm._search.trials.trial import Outcome

SPACE = {"level": (0.0, 1.0), "other": ["a", None]}
Y = np.zeros(12)


def describe(
    evaluation=None, metadata=None, space=SPACE, n_iter=12, starts=None, seed=0, **settings
):
    spaces = read_search_spaces(space, n_iter)
    starts = starts or [Starts() for _ in spaces]
    plan = make_plan(spaces, starts, ProposalSettings(**settings), seed, {})
    return describe_problem(evaluation or evaluate(), metadata or {}, plan)


def test_a_description_can_be_written_and_read():
    """Oracle: json."""
    starts = [Starts([(0.5, 0)], {(0.25, 1): Outcome(-1.0)})]
    kwargs = {"acq_func_kwargs": {"xi": 0.01}, "base_estimator": Ridge()}
    described = describe(metadata={"weight": Y}, starts=starts, optimizer_kwargs=kwargs)
    assert json.loads(json.dumps(described, allow_nan=False)) == described


def test_what_may_differ_is_not_described():
    """Oracle: by hand; of 12 and 14 trials the first three are initial ones."""
    assert describe(n_iter=12) == describe(n_iter=14)


def test_the_way_in_which_data_are_stored_may_differ():
    rows = np.random.default_rng(0).normal(size=(12, 3))
    one = describe(evaluate(X=rows, y=Y))
    assert describe(evaluate(X=np.asfortranarray(rows), y=Y.copy())) == one
    assert describe(evaluate(X=pd.DataFrame(rows), y=Y))["X"] != one["X"]  # it has names


def double(estimator, X, y):
    return 2.0


CHANGES = {
    "estimator": {"evaluation": evaluate(Level(level=0.25))},
    "X": {"evaluation": evaluate(X=ROWS + 1)},
    "y": {"evaluation": evaluate(y=Y + 1)},
    "metadata": {"metadata": {"sample_weight": Y + 1}},
    "splits": {"evaluation": evaluate(folds=FOLDS[:2])},
    "scoring": {"evaluation": evaluate(scoring=double)},
    "return_train_score": {"evaluation": evaluate(return_train_score=True)},
    "error_score": {"evaluation": evaluate(error_score=-1.0)},
    "n_seeds": {"evaluation": evaluate(n_seeds=2)},
    "pruning": {"evaluation": evaluate(pruning=True)},
    "spaces": {"space": SPACE | {"level": (0.0, 2.0)}},
    "starts": {"starts": [Starts([(0.5, 0)])]},
    "strategy": {"strategy": "random"},
    "acq_func": {"acq_func": "LCB"},
    "optimizer_kwargs": {"optimizer_kwargs": {"acq_func_kwargs": {"xi": 0.1}}},
    "n_initial_points": {"n_initial_points": 5},
    "n_points": {"n_points": 2},
    "seed": {"seed": 1},
}


@pytest.mark.parametrize("name", CHANGES)
def test_all_that_decides_a_trial_is_described_under_its_name(name):
    """Oracle: by hand, a change of each kind."""
    before, after = describe(), describe(**CHANGES[name])
    assert [key for key in before if before[key] != after[key]] == [name]


def test_the_metric_to_maximise_is_described():
    """Oracle: by hand."""
    scoring = ["r2", "neg_mean_squared_error"]
    one, other = (evaluate(scoring=scoring, objective=objective) for objective in scoring)
    assert describe(one)["objective"] == "r2"
    assert describe(one)["scoring"] == describe(other)["scoring"]
    assert list(describe(one)["scoring"]) == scoring


def test_every_change_was_tried():
    """Oracle: the keys of a description; the objective has its own test."""
    assert {*CHANGES, "objective"} == set(describe())


SPACES = [
    {"a": Real(0.1, 1.0)},
    {"a": Real(0.1, 2.0)},
    {"a": Real(0.1, 1.0, prior="log-uniform")},
    {"b": Real(0.1, 1.0)},
    {"a": Integer(1, 2)},
    {"a": [1, 2]},
    {"a": [2, 1]},
    {"a": [1, 2.0]},
    {"a": [1, True]},
    {"a": [1, Ridge()]},
    {"a": [1, Ridge(2.0)]},
    [{"a": [1, 2]}, {"a": [1, 2]}],
]


def test_spaces_that_differ_in_anything_have_different_descriptions():
    """Oracle: they were written by hand so that no two are the same."""
    texts = [json.dumps(describe(space=space)["spaces"]) for space in SPACES]
    assert len(set(texts)) == len(SPACES)


@pytest.mark.parametrize(
    "folds",
    [
        [(train, test + 1) for train, test in FOLDS],
        [(train[1:], test) for train, test in FOLDS],
        FOLDS[::-1],
        # The same rows one after the other, cut elsewhere.
        [(np.arange(5), np.array([5])), *FOLDS[1:]],
    ],
    ids=["test rows", "training rows", "order", "where training ends"],
)
def test_folds_are_their_rows_and_where_these_are_cut(folds):
    evaluation = evaluate()
    other = describe(replace(evaluation, folds=folds))["splits"]
    assert other != describe(evaluation)["splits"]
    assert other["n"] == 3


def test_known_scores_are_described_with_their_points():
    """Oracle: by hand."""
    known = {(0.5, 0): Outcome(-1.0, 2.0), (0.25, 1): Outcome(np.nan)}
    (starts,) = describe(starts=[Starts([(0.75, 1)], known)])["starts"]
    assert starts == {
        "points": [[0.75, 1]],
        "known": [[[0.5, 0], [-1.0, 2.0, 0.0]], [[0.25, 1], ["nan", "nan", 0.0]]],
    }


@pytest.mark.parametrize("data", [None, "text", True, 3, 0.5, {"a": [1]}], ids=str)
def test_what_has_no_rows_is_described_as_it_is(data):
    assert describe_data(data) == data


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        ([1.0, 2.0], np.array([1.0, 2.0]), [1.0, 2.5]),
        (["a", "b"], np.array(["a", "b"]), ["a", "c"]),
        (np.arange(3), np.arange(3), np.arange(4)),
        (pd.Series([1, 2]), pd.Series([1, 2]), pd.Series([1, 3])),
    ],
    ids=["list", "texts", "array", "series"],
)
def test_rows_are_described_by_their_content(one, same, other):
    assert describe_data(one) == describe_data(same) != describe_data(other)
    assert isinstance(describe_data(one), str)


def test_an_object_without_rows_can_be_given_to_fit():
    """Oracle: by hand; an estimator as metadata, say."""
    assert describe_data(Ridge()) == describe_data(Ridge()) != describe_data(Ridge(2.0))
    assert describe_data(np.float64(0.5)) == describe_data(np.float64(0.5))


def test_the_versions_of_all_that_computes_are_listed():
    """Oracle: the modules' own versions."""
    versions = list_versions()
    assert list(versions) == [
        *("python", "sklstm", "scikit-learn", "scikit-optimize", "numpy", "scipy", "tensorflow")
    ]
    assert versions["python"] == platform.python_version()
    assert versions["sklstm"] == sklstm.__version__
    assert versions["scikit-learn"] == sklearn.__version__
    assert versions["numpy"] == np.__version__
