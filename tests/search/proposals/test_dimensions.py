"""Dimensions that are searched together."""

import math
import pickle
from copy import deepcopy
from itertools import islice, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import sparse, stats
from skopt.space import Categorical, Integer, Real, Space

from sklstm._search.proposals.dimensions import describe_end, read_dimension, read_search_spaces

MIXED = {
    "rate": (1e-4, 1e-1, "log-uniform"),
    "share": (0.0, 1.0),
    "count": (2, 24),
    "width": Integer(8, 200, "log-uniform"),
    "kind": [None, True, 1, "a", (1, 2), {"b": 3}],
}


def read(space, n_iter=10):
    return read_search_spaces(space, n_iter)[0]


@pytest.mark.parametrize(
    ("spec", "kind", "low", "high", "prior"),
    [
        ((1, 5), Integer, 1, 5, "uniform"),
        ((np.int64(1), np.int32(5)), Integer, 1, 5, "uniform"),
        ((1, 5.0), Real, 1.0, 5.0, "uniform"),
        ((np.float32(0.5), np.float16(2.0)), Real, 0.5, 2.0, "uniform"),
        ((np.uint8(1), np.uint8(255), "log-uniform"), Integer, 1, 255, "log-uniform"),
        ((1e-3, 10, "log-uniform"), Real, 1e-3, 10.0, "log-uniform"),
        ((1, 64, "log-uniform"), Integer, 1, 64, "log-uniform"),
        (Real(1, 5), Real, 1.0, 5.0, "uniform"),
        (Integer(1, 5, "log-uniform"), Integer, 1, 5, "log-uniform"),
        (stats.uniform(2, 3), Real, 2.0, 5.0, "uniform"),
        (stats.uniform(loc=-1), Real, -1.0, 0.0, "uniform"),
        (stats.loguniform(1e-3, 1e2), Real, 1e-3, 1e2, "log-uniform"),
        (stats.reciprocal(1e-3, 1e2, scale=2), Real, 2e-3, 2e2, "log-uniform"),
        (stats.randint(1, 6), Integer, 1, 5, "uniform"),
    ],
)
def test_ranges_and_distributions_become_dimensions(spec, kind, low, high, prior):
    """Oracle: by hand."""
    dimension = read_dimension("a", spec)
    assert type(dimension) is kind
    assert (dimension.name, dimension.low, dimension.high) == ("a", low, high)
    assert dimension.prior == prior


@pytest.mark.parametrize(
    "spec", [["x", 2, None], np.array(["x", "y"]), Categorical(["x", "y"], prior=[0.2, 0.8])]
)
def test_lists_and_categoricals_become_categories(spec):
    """Oracle: the list itself, also where skopt would read a list of two numbers as a range."""
    dimension = read_dimension("a", spec)
    expected = spec.categories if isinstance(spec, Categorical) else list(spec)
    assert list(dimension.categories) == list(expected)
    assert dimension.prior == getattr(spec, "prior", None)
    assert list(read_dimension("a", [1, 5]).categories) == [1, 5]


@pytest.mark.parametrize(
    ("spec", "error", "text"),
    [
        (stats.norm(), TypeError, "'norm' cannot be searched"),
        (stats.loguniform(1, 10, loc=5), TypeError, "'loguniform' cannot be searched"),
        (("a", "b"), TypeError, "Use a list for categories"),
        ((True, False), TypeError, "Use a list for categories"),
        ((1, 2, "uniform", 10), TypeError, r"\(low, high\)"),
        ((1,), TypeError, r"\(low, high\)"),
        ((1, 2, "normal"), ValueError, "prior"),
        ((5, 1), ValueError, "less than"),
        ((0.0, 1.0, "log-uniform"), ValueError, "above 0"),
        ((-2.0, -1.0, "log-uniform"), ValueError, "above 0"),
        ((0.0, np.inf), ValueError, "finite"),
        ((1, 10**400), ValueError, "finite"),
        ((1.0, 10**400), ValueError, "finite"),
        ((1, 10**20), ValueError, "integer bounds must be between -4611686018427387904 and"),
        ((-(10**20), 1, "log-uniform"), ValueError, "above 0"),
        ((-1e308, 1e308), ValueError, r"differ by at most 1\.8e\+308"),
        (Real(-1e308, 1e308), ValueError, r"differ by at most 1\.8e\+308"),
        ((1e-200, 1e-150, "log-uniform"), ValueError, "the product of the bounds"),
        ([], ValueError, "list of categories is empty"),
        (3, TypeError, "is not a dimension"),
        ("rbf", TypeError, "is not a dimension"),
    ],
)
def test_what_is_no_dimension_is_refused_with_its_name(spec, error, text):
    with pytest.raises(error, match=text) as caught:
        read_dimension("alpha", spec)
    assert "search_spaces['alpha']=" in str(caught.value)


def test_the_users_objects_stay_as_they_are():
    """Oracle: their pickles; skopt itself would name and rescale them."""
    user = {"a": Real(0, 1), "b": Integer(1, 5), "c": Categorical(["x", "y"]), "d": [1, 2]}
    before = pickle.dumps(user)
    space = read(user)
    space.sample(np.random.RandomState(0))
    Space(space.make_coded_dimensions())
    assert pickle.dumps(user) == before


@given(seed=st.integers(0, 2**32 - 1))
def test_a_point_decodes_to_python_values_that_encode_to_it(seed):
    space = read(MIXED)
    point = space.sample(np.random.RandomState(seed))
    params = space.decode(point)
    assert space.encode(params) == point
    assert list(params) == sorted(MIXED)
    assert [type(params[name]) for name in ("rate", "share", "count", "width")] == [
        float,
        float,
        int,
        int,
    ]
    assert any(params["kind"] is category for category in MIXED["kind"])


def test_one_and_true_are_different_categories():
    """Oracle: by hand; in Python 1 == True."""
    space = read({"a": [1, True, 0, False]})
    assert [space.encode({"a": value}) for value in (1, True, 0, False)] == [
        (0,),
        (1,),
        (2,),
        (3,),
    ]
    with pytest.raises(ValueError, match="a=True is outside"):
        read({"a": (0, 5)}).encode({"a": True})


ARRAYS = [np.zeros(3), np.ones(3), np.ones((2, 2)), np.zeros(4), np.array([None, "x"])]
ARRAYS += [[np.zeros(3)], [np.ones(2)], (np.zeros(3), 1), {"x": np.zeros(3)}, np.array([])]
ARRAYS += [pd.DataFrame({"x": [1]}), pd.DataFrame({"y": [1, 2]}), pd.Series([1.0, np.nan])]
ARRAYS += [sparse.csr_array(np.eye(2)), sparse.csr_array(np.eye(3)), np.array([0.0, np.nan])]


def test_arrays_and_what_holds_them_are_found_by_their_content():
    """Oracle: by hand; each category is unlike the others, and equal to a copy of itself."""
    space = read({"a": [None, "x", 1, *ARRAYS]})
    assert [space.encode({"a": deepcopy(array)}) for array in ARRAYS] == [
        (number,) for number in range(3, 3 + len(ARRAYS))
    ]
    for stranger in (np.ones(4), [np.ones(3)], pd.DataFrame({"x": [2]}), sparse.eye_array(4)):
        with pytest.raises(ValueError, match="is outside the categories"):
            space.encode({"a": stranger})


BOUNDS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**64), 2**64)


@given(low=BOUNDS, high=BOUNDS, steps=st.integers(1, 5) | st.none(), seed=st.integers(0, 99))
@example(low=1.0, high=1.0, steps=1, seed=0)
@example(low=0.0, high=0.0, steps=2, seed=0)
@example(low=2**60, high=2**60 + 5, steps=None, seed=0)
@example(low=-(2**62), high=2**62, steps=None, seed=0)
@example(low=1, high=2**53, steps=None, seed=0)
@example(low=1, high=21392098230010115, steps=None, seed=0)
@pytest.mark.parametrize("prior", ["uniform", "log-uniform"])
def test_any_range_is_searched_or_refused_by_its_name(prior, low, high, steps, seed):
    """Oracle: the bounds. steps: of how many floats the range is."""
    if steps is not None:
        low = high = float(low)
        for _ in range(steps):
            high = math.nextafter(high, math.inf)
    try:
        space = read({"alpha": (low, high, prior)})
    except ValueError as error:
        assert f"search_spaces['alpha']={(low, high, prior)!r}: " in str(error)
        return
    if isinstance(low, float) or isinstance(high, float):
        low, high = float(low), float(high)
    (dimension,) = space.make_coded_dimensions()
    points = {space.sample(np.random.RandomState(seed)), *islice(space.list_points(), 6)}
    assert all(low <= point[0] <= high for point in points)
    if steps is not None:
        assert len(points) == space.size == steps + 1
    for end in (low, high, *(point[0] for point in points)):
        scaled = dimension.transform([end])
        assert 0 <= scaled[0] <= 1
        with np.errstate(over="ignore"):  # before scikit-optimize cuts it to the range
            assert low <= dimension.inverse_transform(scaled)[0] <= high


def test_numpy_scalars_are_taken_and_given_as_pythons():
    space = read({"a": (0, 5), "b": (0.0, 1.0), "c": np.array([0.5, 1.5])})
    params = space.decode(
        space.encode({"a": np.int64(3), "b": np.float32(0.5), "c": np.float64(1.5)})
    )
    assert params == {"a": 3, "b": 0.5, "c": 1.5}
    assert [type(value) for value in params.values()] == [int, float, float]


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"a": 6, "b": "x"}, "a=6 is outside the whole numbers from 1 to 5"),
        ({"a": 2.5, "b": "x"}, "a=2.5 is outside the whole numbers from 1 to 5"),
        ({"a": float("nan"), "b": "x"}, "a=nan is outside"),
        ({"a": None, "b": "x"}, "a=None is outside"),
        ({"a": 1, "b": "z"}, r"b='z' is outside the categories \['x', 'y'\]"),
        ({"a": 1}, "no value for 'b'"),
        ({"a": 1, "b": "x", "c": 0}, "'c' is not searched"),
    ],
)
def test_parameters_outside_the_space_are_named(params, text):
    with pytest.raises(ValueError, match=text):
        read({"a": (1, 5), "b": ["x", "y"]}).encode(params)


def test_a_whole_float_fits_an_integer():
    assert read({"a": (1, 5)}).encode({"a": 2.0}) == (2,)


@pytest.mark.parametrize(
    ("spec", "value", "end"),
    [
        ((0.0, 2.0), 0.02, "the lower end of the range from 0.0 to 2.0"),
        ((0.0, 2.0), 0.021, None),
        ((0.0, 2.0), 1.985, "the upper end of the range from 0.0 to 2.0"),
        ((1e-4, 1.0, "log-uniform"), 1.09e-4, "the lower end of the range from 0.0001 to 1.0"),
        ((1e-4, 1.0, "log-uniform"), 1.1e-4, None),
        ((1e-4, 1.0, "log-uniform"), 0.92, "the upper end of the range from 0.0001 to 1.0"),
        ((2, 24), 2, "the lower end of the whole numbers from 2 to 24"),
        ((2, 24), 23, None),
        ([1, 2, 3], 1, None),
    ],
)
def test_within_a_hundredth_of_its_range_a_value_lies_at_an_end(spec, value, end):
    """Oracle: by hand; 1 % of [1e-4, 1] on the log scale is a factor of 10 ** 0.04 = 1.096."""
    assert describe_end(read_dimension("a", spec), value) == end


def frequencies(spec, n_draws=4000):
    space, rng = read({"a": spec}), np.random.RandomState(0)
    values, counts = np.unique([space.sample(rng)[0] for _ in range(n_draws)], return_counts=True)
    return values, counts / n_draws


def test_all_integers_are_drawn_equally_often():
    """Oracle: 1/4 each, within four standard errors; skopt draws the ends half as often."""
    values, shares = frequencies((1, 4))
    np.testing.assert_array_equal(values, [1, 2, 3, 4])
    np.testing.assert_allclose(shares, 1 / 4, atol=4 * np.sqrt(3 / 16 / 4000))


def test_log_uniform_integers_are_drawn_by_the_width_of_their_logarithm():
    """Oracle: P(k) = log((k + 1) / k) / log(5), the share of [k, k + 1) in [1, 5)."""
    values, shares = frequencies((1, 4, "log-uniform"))
    np.testing.assert_array_equal(values, [1, 2, 3, 4])
    np.testing.assert_allclose(shares, np.log((values + 1) / values) / np.log(5), atol=0.03)


def test_categories_are_drawn_by_their_prior():
    """Oracle: the prior."""
    _, shares = frequencies(Categorical(["x", "y", "z"], prior=[0.1, 0.2, 0.7]))
    np.testing.assert_allclose(shares, [0.1, 0.2, 0.7], atol=0.03)


@given(low=st.floats(1e-6, 1e3), ratio=st.floats(1.001, 1e6), seed=st.integers(0, 1000))
def test_draws_stay_within_their_bounds(low, ratio, seed):
    rng = np.random.RandomState(seed)
    for prior in ("uniform", "log-uniform"):
        (value,) = read({"a": Real(low, low * ratio, prior)}).sample(rng)
        assert low <= value <= low * ratio


def test_the_points_of_a_finite_space_are_all_listed():
    """Oracle: itertools.product over the codes."""
    space = read({"a": (2, 4), "b": ["x", None], "c": (0, 1)})
    points = list(space.list_points())
    assert space.size == len(points) == 12
    assert set(points) == set(product([2, 3, 4], [0, 1], [0, 1]))


def test_a_continuous_range_holds_as_many_points_as_there_are_floats_in_it():
    """Oracle: math.nextafter, and NumPy's view of the bits between 1.0 and 2.0."""
    ends = np.array([1.0, 2.0]).view(np.int64)
    assert read({"a": (1.0, 2.0)}).size == ends[1] - ends[0] + 1
    smallest = math.nextafter(0.0, 1.0)
    assert sorted(read({"a": (-smallest, smallest)}).list_points()) == [
        (-smallest,),
        (0.0,),
        (smallest,),
    ]
    assert read({"a": (1.0, 2.0), "b": [1, 2]}).size == 2 * read({"a": (1.0, 2.0)}).size


def test_a_huge_space_is_listed_without_being_held():
    space = read({"a": (1, 10**12), "b": (1, 10**12)})
    assert len(set(islice(space.list_points(), 100))) == 100


def test_coded_points_survive_the_way_through_skopt():
    """Oracle: the points themselves, floats within rounding; this is what its model does."""
    space = read(MIXED)
    points = [space.sample(np.random.RandomState(seed)) for seed in range(50)]
    model_space = Space(space.make_coded_dimensions())
    back = model_space.inverse_transform(model_space.transform([list(p) for p in points]))
    np.testing.assert_allclose(np.array(back, dtype=float), points, rtol=1e-9)


def test_spaces_come_as_a_dict_or_a_list_with_their_own_n_iter():
    spaces = read_search_spaces([{"a": (1, 5)}, ({"b": (1, 5)}, np.int64(3))], n_iter=7)
    assert [(list(space.dimensions), space.n_iter) for space in spaces] == [(["a"], 7), (["b"], 3)]
    assert list(read({"b": (1, 5), "a": (1, 5)}).dimensions) == ["a", "b"]


@pytest.mark.parametrize(
    ("search_spaces", "error", "text"),
    [
        ([], ValueError, "empty list"),
        ({}, ValueError, "empty space"),
        ([({"a": (1, 5)}, 0)], ValueError, "at least 1; got 0"),
        ([({"a": (1, 5)}, 2.5)], ValueError, "at least 1; got 2.5"),
        (["a"], TypeError, r"\(dict, n_iter\) pairs; got 'a'"),
    ],
)
def test_what_is_no_space_is_refused(search_spaces, error, text):
    with pytest.raises(error, match=text):
        read_search_spaces(search_spaces, 5)
