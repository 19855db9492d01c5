"""Values put into JSON."""

import json
import math
import os
import subprocess
import sys
import threading
from functools import partial
from types import FunctionType, ModuleType

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats
from sklearn.linear_model import Ridge
from sklearn.metrics import get_scorer, make_scorer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sklstm._search.values.description import describe, hash_data, hash_syntax, list_undescribed

ROWS = np.random.default_rng(0).normal(size=(20, 3))


@pytest.mark.parametrize(
    ("value", "description"),
    [
        (None, None),
        (True, True),
        (np.bool_(False), False),
        (3, 3),
        (np.int64(3), 3),
        (0.1, 0.1),
        (np.float64(0.1), 0.1),
        (np.float32(0.5), 0.5),
        ("text", "text"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        ((1, [2.0, None]), [1, [2.0, None]]),
        ({"a": (1,), 2: {"b": np.int8(3)}}, {"a": [1], "2": {"b": 3}}),
        ({"b", "a"}, ["a", "b"]),
        (np.clip, "numpy.clip"),
        (np.exp, "numpy.exp"),
        (Ridge, "sklearn.linear_model._ridge.Ridge"),
        (len, "builtins.len"),
    ],
)
def test_plain_values_stay_as_they_are_and_others_get_their_name(value, description):
    """Oracle: by hand; compared as JSON, because 1 == True and 1 == 1.0."""
    assert json.dumps(describe(value)) == json.dumps(description)


def test_an_estimator_is_its_class_and_its_parameters_nested_ones_too():
    """Oracle: by hand."""
    description = describe(make_pipeline(StandardScaler(with_std=False), "passthrough"))
    assert description["class"] == "sklearn.pipeline.Pipeline"
    (name, scaler), nothing = description["params"]["steps"]
    assert (name, nothing) == ("standardscaler", ["passthrough", "passthrough"])
    assert scaler == {
        "class": "sklearn.preprocessing._data.StandardScaler",
        "params": {"copy": True, "with_mean": True, "with_std": False},
    }


def test_a_fitted_estimator_is_described_as_an_unfitted_one():
    assert describe(Ridge().fit(ROWS, ROWS[:, 0])) == describe(Ridge())


def test_all_that_is_described_can_be_written_and_read():
    """Oracle: json."""
    values = [ROWS, sparse.csr_array(ROWS), pd.DataFrame(ROWS), np.random.RandomState(0)]
    values += [lambda x: x, stats.loguniform(0.1, 1.0), partial(np.clip, a_min=0)]
    values += [get_scorer("r2"), threading.Lock(), np.float64("nan"), FunctionTransformer(np.log)]
    for value in values:
        description = describe(value)
        assert json.loads(json.dumps(description, allow_nan=False)) == description


@pytest.mark.parametrize(
    "other",
    [
        ROWS.copy(),
        np.asfortranarray(ROWS),
        np.repeat(ROWS, 2, axis=0)[::2],
        ROWS.tolist(),
    ],
    ids=["copy", "columns first", "strided", "lists"],
)
def test_the_hash_of_data_is_that_of_the_content_not_of_the_layout(other):
    assert hash_data(other) == hash_data(ROWS)


@pytest.mark.parametrize(
    "other",
    [
        ROWS + np.eye(20, 3) * 1e-15,
        ROWS.T.reshape(20, 3),
        ROWS.ravel(),
        ROWS.astype(np.float32),
        ROWS[::-1],
        np.where(ROWS[3, 1] == ROWS, np.nan, ROWS),
    ],
    ids=["last bits", "other order", "other shape", "other type", "backwards", "nan"],
)
def test_other_content_has_another_hash(other):
    assert hash_data(other) != hash_data(ROWS)


FRAME = pd.DataFrame(ROWS, columns=["a", "b", "c"])


@pytest.mark.parametrize(
    "other",
    [
        FRAME + 1,
        FRAME.rename(columns={"a": "z"}),
        FRAME.set_axis(range(1, 21)),
        FRAME[["b", "a", "c"]],
        FRAME.assign(c="x"),
    ],
    ids=["values", "names", "index", "order", "text"],
)
def test_a_table_is_its_values_names_and_index(other):
    assert hash_data(pd.DataFrame({name: FRAME[name] for name in "abc"})) == hash_data(FRAME)
    assert hash_data(other) != hash_data(FRAME)


@pytest.mark.parametrize("make", [sparse.csr_array, sparse.csc_array, sparse.coo_matrix])
def test_a_sparse_matrix_is_its_entries_in_any_format(make):
    dense = np.where(ROWS > 0.5, ROWS, 0)
    assert hash_data(make(dense)) == hash_data(sparse.csr_array(dense))
    assert hash_data(make(2 * dense)) != hash_data(make(dense))
    assert hash_data(make(dense[:, :2])) != hash_data(make(dense))


def test_the_order_in_which_a_sparse_matrix_keeps_its_entries_means_nothing():
    """Oracle: one row with 1 in column 0 and 2 in column 2, written in two orders."""
    one, other = (
        sparse.csr_array((np.array(data), np.array(columns), np.array([0, 2])), shape=(1, 3))
        for data, columns in (([1.0, 2.0], [0, 2]), ([2.0, 1.0], [2, 0]))
    )
    assert one.toarray().tolist() == other.toarray().tolist()
    assert hash_data(one) == hash_data(other)


def test_texts_and_mixed_rows_have_a_hash_too():
    mixed = np.array([["a", 1], [None, 2.5]], dtype=object)
    assert hash_data(mixed) == hash_data(mixed.copy())
    assert hash_data(mixed) != hash_data(np.array([["a", 1], [None, 3.5]], dtype=object))
    assert hash_data(["a", "b"]) != hash_data(["a", "c"])


def test_a_function_is_its_name_and_its_source():
    """Oracle: two functions of one name, of which the first is written twice."""

    def make(number):
        if number == 0:

            def double(x):
                return 2 * x
        else:

            def double(x):
                return x + x

        return double

    assert describe(make(0)) == describe(make(0))
    assert describe(make(0))["name"] == describe(make(1))["name"]
    assert describe(make(0)) != describe(make(1))


def test_lambdas_of_one_line_differ_by_their_default_values():
    """Oracle: the idiom to make functions in a loop; their source is the same."""
    first, second = (lambda x, k=k: k * x for k in (1, 2))
    (again,) = (lambda x, k=k: k * x for k in (1,))
    assert hash_syntax(first) == hash_syntax(second)
    assert describe(first) != describe(second)
    assert describe(first)["defaults"] == describe(again)["defaults"] == [[1], None]


def test_functions_differ_by_the_variables_around_them():
    def make(factor, *, shift=0):
        def apply(x, *, shift=shift):
            return factor * x + shift

        return apply

    assert describe(make(1)) == describe(make(1))
    assert describe(make(1)) != describe(make(2))
    assert describe(make(1)) != describe(make(1, shift=1))


FACTOR = 1


def read_factor(x):
    return [FACTOR * each for each in x]


def call_another(x):
    return read_factor(x)


@pytest.mark.parametrize(
    "function",
    [
        read_factor,
        call_another,
        partial(read_factor, 1),
        make_scorer(read_factor),
        lambda x: sorted(x, key=lambda y: y * FACTOR),
        lambda x, function=read_factor: function(x),
    ],
)
@pytest.mark.parametrize("other", [2, 1.5, "1", (1, 2), np.ones(3)], ids=str)
def test_a_function_is_the_globals_that_it_reads(function, other, monkeypatch):
    """Oracle: the module's own variable, which other functions read too."""
    before, unconcerned = describe(function), describe(Scale.apply)
    monkeypatch.setitem(globals(), "FACTOR", other)
    assert describe(function) != before
    assert describe(Scale.apply) == unconcerned
    monkeypatch.setitem(globals(), "FACTOR", 1)
    assert describe(function) == before


def test_a_function_is_the_attributes_of_modules_that_it_reads(monkeypatch):
    """Oracle: a module of the user's own, in which a number is changed."""
    before = describe(read_settings)
    assert before["globals"] == {"SETTINGS.factor": 1, "np.abs": "numpy.absolute"}
    monkeypatch.setattr(SETTINGS, "unread", 2)
    assert describe(read_settings) == before
    monkeypatch.setattr(SETTINGS, "factor", 2)
    assert describe(read_settings) != before


SETTINGS = ModuleType("settings")
SETTINGS.factor, SETTINGS.unread = 1, 1


def read_settings(x):
    return SETTINGS.factor * np.abs(x)


def is_even(n):
    return n == 0 or is_odd(n - 1)


def is_odd(n):
    return n != 0 and is_even(n - 1)


def test_functions_that_call_each_other_have_a_description():
    """Oracle: by hand; the second function reads the first one, which is described already."""
    description = describe(is_even)
    assert description == describe(is_even) != describe(is_odd)
    again = description["globals"]["is_odd"]["globals"]["is_even"]
    assert again == {"name": f"{__name__}.is_even", "described": 0}


def test_the_globals_of_installed_functions_are_not_described():
    """Oracle: by hand; pandas' function reads a hundred others."""
    assert describe(pd.concat)["globals"] == {}


def test_functions_in_a_set_are_described_alike_in_any_order():
    """Oracle: the functions one by one; both call a third one, and a set has no order."""
    functions = [partial(call_another), read_factor, lambda x: read_factor(x)]
    assert describe(set(functions)) == sorted(map(describe, functions), key=str)


def test_what_is_like_no_other_is_listed_by_its_place():
    """Oracle: by hand."""
    lock = threading.Lock()
    description = describe({"a": [1, {"b": lock}], "c": lambda: lock, "d": 2})
    assert list_undescribed(description) == [f"a.1.b: {lock!r}", f"c.closure.lock: {lock!r}"]


def test_a_function_that_calls_itself_has_a_description():
    def countdown(n):
        return n and countdown(n - 1)

    assert describe(countdown) == describe(countdown)


def test_a_function_without_source_is_its_code():
    """Oracle: code that was never in a file; its constants decide, also those of a function in it.

    The set is a constant whose order is not the same in each process.
    """

    def make(text):
        module = compile(text, "<typed in>", "exec")
        return FunctionType(module.co_consts[0], {}, "f")

    text = "def f(x): return (lambda y: y + 1)(x) if x in {'a', 'b'} else 2"
    assert describe(make(text)) == describe(make(text))
    for old, new in (("1", "3"), ("'a'", "'c'"), ("2", "4"), ("+", "-")):
        assert describe(make(text.replace(old, new))) != describe(make(text))


class Scale:
    """An object whose repr is its address in memory."""

    def __init__(self, factor):
        self.factor = factor

    def apply(self, x):
        return self.factor * x


def test_an_object_without_a_repr_is_its_content():
    assert describe(Scale(1)) == describe(Scale(1))
    assert describe(Scale(1)) != describe(Scale(2))


def test_a_bound_method_is_its_object_too():
    assert describe(Scale(1).apply) == describe(Scale(1).apply)
    assert describe(Scale(1).apply) != describe(Scale(2).apply)


def test_an_object_that_cannot_be_pickled_is_like_no_other():
    lock = threading.Lock()
    one = Scale(lock)
    assert describe(one) == describe(one)
    assert describe(one) != describe(Scale(lock))


def test_a_partial_is_its_function_and_its_arguments():
    assert describe(partial(np.clip, 0)) == describe(partial(np.clip, 0))
    assert describe(partial(np.clip, 0)) != describe(partial(np.clip, 1))
    assert describe(partial(np.clip, a_min=0)) != describe(partial(np.clip, a_max=0))
    assert describe(partial(lambda x: x, 0)) != describe(partial(np.clip, 0))


@pytest.mark.parametrize("make", [np.random.RandomState, np.random.default_rng])
def test_a_generator_is_its_state(make):
    """Oracle: its seed, and a draw, which moves it on."""
    state = make(0)
    before = describe(state)
    assert before == describe(make(0)) != describe(make(1))
    state.normal()
    assert describe(state) != before


def test_a_distribution_is_its_parameters():
    assert describe(stats.loguniform(0.1, 1.0)) == describe(stats.loguniform(0.1, 1.0))
    assert describe(stats.loguniform(0.1, 1.0)) != describe(stats.loguniform(0.1, 2.0))
    assert describe(stats.norm(0.1, 1.0)) != describe(stats.uniform(0.1, 1.0))
    assert describe(stats.norm(0.1)) != describe(stats.norm(scale=0.1))


def test_a_scorer_is_its_function_sign_and_arguments():
    """Oracle: by hand; scikit-learn's repr has all but what a function of that name does."""

    def make(factor, **kwargs):
        def error(y, y_pred, power=1):
            return factor

        return make_scorer(error, **kwargs)

    one = describe(make(1))
    assert one == describe(make(1))
    others = [make(2), make(1, greater_is_better=False), make(1, power=2)]
    assert one not in [describe(other) for other in others]


PROGRAM = """
import functools, json
import numpy as np, pandas as pd
from scipy import sparse, stats
from sklearn.linear_model import Ridge
from sklearn.metrics import get_scorer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklstm._search.values.description import describe, hash_data
names = {"gamma", "alpha", "beta", "delta"}
def f(x): return x in {"gamma", "alpha", "beta", "delta"}
class Plain:
    def __init__(self): self.names, self.table = names, {name: len(name) for name in names}
rows = np.arange(6.0).reshape(3, 2)
print(json.dumps([describe(value) for value in [
    names, f, lambda x: x, Plain(), Ridge(), make_pipeline(FunctionTransformer(f), Ridge()),
    functools.partial(f, 1), np.random.RandomState(0), np.random.default_rng(0), rows,
    np.asfortranarray(rows), pd.DataFrame({"a": ["x", "y"], "b": [1.0, None]}),
    sparse.csr_array(rows), stats.loguniform(0.1, 1.0), get_scorer("r2"),
]] + [hash_data(np.array(["x", None, 1], dtype=object))]))
"""


def test_each_process_describes_alike():
    """Oracle: other processes, in which sets of texts have another order."""

    def run(hash_seed):
        return subprocess.run(
            [sys.executable, "-c", PROGRAM],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        ).stdout

    first = run("1")
    assert len(json.loads(first)) == 16
    assert first == run("2")
