"""The target's column, against columns that were made from the target by a known line and lead."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklstm._rows.targets import (
    TargetColumn,
    find_target_column,
    find_target_columns,
    fit_target_column,
    is_bent_image,
    largest_lead,
    locate_target_columns,
    refuse_own_row,
    warn_of_leads,
)


def make_walks(n_rows=200, n_features=3):
    """Random walks: rows that resemble their neighbours, columns that are unrelated."""
    return np.random.default_rng(0).normal(size=(n_rows, n_features)).cumsum(axis=0)


def shift(X, column, lead):
    """The rows of X whose target lies within it, and the target: the column `lead` rows later."""
    return X[: len(X) - lead], X[lead:, column]


# Found by values


@given(column=st.integers(0, 2), lead=st.integers(0, 32))
def test_a_column_is_found_at_its_lead_and_exactly(column, lead):
    """Oracle: the target is made from this column and lead."""
    X, y = shift(make_walks(), column, lead)
    assert find_target_column(X, y) == TargetColumn(column, lead, slope=1.0, intercept=0.0)


@given(
    column=st.integers(0, 2),
    lead=st.integers(0, 32),
    slope=st.floats(1e-6, 1e6),
    sign=st.sampled_from([-1, 1]),
    intercept=st.floats(-1e3, 1e3),
)
def test_a_line_of_a_column_is_found_with_slope_and_intercept(column, lead, slope, sign, intercept):
    """Oracle: the line that the target is made with."""
    X, x = shift(make_walks(), column, lead)
    slope *= sign
    intercept *= abs(slope)
    found = find_target_column(X, slope * x + intercept)
    assert (found.column, found.lead) == (column, lead)
    np.testing.assert_allclose(found.slope, slope, rtol=1e-9)
    np.testing.assert_allclose(found.intercept, intercept, atol=1e-7 * abs(slope))


@pytest.mark.parametrize("lead", [-1, 33])
def test_leads_out_of_range_are_not_found(lead):
    """Oracle: the rule: leads 0 .. 32; a column of the past is not what lies ahead."""
    X = make_walks()
    y = np.roll(X[:, 1], -lead)
    assert find_target_column(X[40:-40], y[40:-40]) is None


def test_leads_and_columns_can_be_restricted():
    """Oracle: by hand: column 2 repeats column 0 five rows later."""
    X = make_walks()
    X[:, 2] = np.roll(X[:, 0], 5)
    X, y = X[10:-10], X[10:-10, 0]
    assert find_target_column(X, y).column == 0
    assert find_target_column(X, y, first_lead=1).lead == 5
    assert find_target_column(X, y, columns=[1, 2]).column == 2
    assert find_target_column(X, y, columns=np.array([1, 2])).lead == 5
    assert find_target_column(X, y, first_lead=1, last_lead=4) is None
    assert find_target_column(X, y, columns=()) is None


def test_of_two_matches_the_smaller_lead_wins_then_the_first_column():
    """Oracle: the rule, on a column that repeats every 7 rows and is there twice."""
    season = np.tile(np.random.default_rng(1).normal(size=7), 20)
    X = np.column_stack([make_walks(140, 1), season, 2 * season])
    assert find_target_column(X, season).column == 1
    assert find_target_column(X, season).lead == 0
    assert find_target_column(X, season, first_lead=1).lead == 7


@pytest.mark.parametrize(("noise", "is_found"), [(0.5e-5, True), (2e-5, False)])
def test_a_miss_of_one_row_decides_within_the_tolerance(noise, is_found):
    """Oracle: the tolerance, 1e-5 standard deviations of y."""
    X = make_walks(5000)
    y = 3 * X[:, 1] + 2
    y[1234] += noise * y.std()
    assert (find_target_column(X, y) is not None) == is_found


def test_the_neighbouring_row_of_a_slow_series_is_not_taken_for_the_row_itself():
    """Oracle: the series is unrelated but for being slow: neighbours correlate 0.9999."""
    x = np.sin(np.arange(2000) / 100) + 1e-4 * np.random.default_rng(0).normal(size=2000)
    X = np.column_stack([np.roll(x, 1), make_walks(2000, 1)])  # the target's past
    assert np.corrcoef(X[1:, 0], x[1:])[0, 1] > 0.9999
    assert find_target_column(X[5:], x[5:], last_lead=0) is None


def test_a_scaler_in_front_changes_only_the_line():
    """Oracle: a standardised price times its deviation, plus its mean, is the price."""
    y = 1e6 + make_walks(300, 1)[:, 0]  # six digits before the point: rounding is 1e-10
    X = ((y - y.mean()) / y.std()).reshape(-1, 1)
    found = find_target_column(X, y)
    np.testing.assert_allclose([found.slope, found.intercept], [y.std(), y.mean()], rtol=1e-9)


@pytest.mark.parametrize(("noise", "is_found"), [(0, True), (1e-3, False)])
def test_rounding_of_a_large_column_is_allowed_for(noise, is_found):
    """Oracle: float64: next to 1e12 it is 1e-4, between 1e-5 and 1e-3 deviations of y."""
    y = make_walks(300, 1)[:, 0]
    X = (1e12 + y).reshape(-1, 1)
    y[123] += noise * y.std()
    assert np.abs(X[:, 0] - 1e12 - y).max() > 1e-5 * y.std()
    assert (find_target_column(X, y, last_lead=0) is not None) == is_found


def test_float32_rows_are_found():
    """Oracle: the target in float64, of which the column holds seven digits."""
    y = 100 + make_walks(300, 1)[:, 0]
    X = y.astype(np.float32).astype(float).reshape(-1, 1)
    assert find_target_column(X, y).lead == 0


@pytest.mark.parametrize("n_rows", [9, 10])
def test_ten_rows_are_needed(n_rows):
    """Oracle: the rule."""
    X = make_walks(n_rows)
    assert (find_target_column(X, X[:, 0]) is not None) == (n_rows >= 10)


@pytest.mark.parametrize(
    "make_x",
    [
        lambda rng: np.full(100, 0.1),
        lambda rng: 0.1 + 1e-17 * np.arange(100),
        lambda rng: np.where(rng.random(100) < 0.5, 0.1, np.nextafter(0.1, 1)),
    ],
)
def test_a_constant_is_no_target_s_column_and_has_none(make_x):
    """Oracle: the rule: a line needs a slope, and y a deviation."""
    x = make_x(np.random.default_rng(0))
    walk = make_walks(100, 1)
    assert find_target_column(x.reshape(-1, 1), walk[:, 0]) is None
    assert find_target_column(walk, np.full(100, 0.1)) is None
    assert find_target_column(np.ones((100, 2)), np.ones(100)) is None


@pytest.mark.parametrize("size", [1e-170, 1e-255, 5e-324])
def test_a_target_too_small_to_square_counts_as_constant(size):
    """Oracle: float64 ends at 5e-324, so the square of 1e-170 is 0, as is such a deviation."""
    walk = make_walks(100, 1)
    tiny = size * np.round(10 * walk[:, 0])
    assert np.ptp(tiny) > 0
    assert find_target_column(tiny.reshape(-1, 1), tiny) is None
    assert find_target_column(walk, tiny) is None
    assert fit_target_column(walk, tiny, 0) == TargetColumn(0, 0, 0.0, tiny[0])
    assert not is_bent_image(walk[:, 0], tiny)


def test_a_target_that_moves_only_in_its_last_rows_has_no_column():
    """Oracle: by hand: at leads 1 .. 32 only a constant is left of y, which any column fits."""
    y = np.full(200, 0.1)
    y[-1] = 5.0
    assert find_target_column(make_walks(), y) is None
    y[:-1] += 1e-7 * make_walks(199, 1)[:, 0]
    assert find_target_column(make_walks(), y) is None


def test_a_rare_event_is_found_though_a_sample_of_rows_may_miss_it():
    """Oracle: the columns, all zero but for a few rows of 100,000."""
    X = np.zeros((100_000, 2))
    X[[333, 70_001], 0] = 1.0
    X[[444, 80_002], 1] = 1.0
    assert find_target_column(X, X[:, 1]) == TargetColumn(1, 0, 1.0, 0.0)


def test_columns_are_rejected_without_reading_them(monkeypatch):
    """Oracle: what reads a whole column is taken away. The second target has two events."""
    monkeypatch.setattr("sklstm._rows.targets._fit_at_lead", None)
    monkeypatch.setattr("sklstm._rows.targets._find_tolerance", None)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20_000, 200))
    rare = np.zeros(20_000)
    rare[[333, 7001]] = 1.0
    assert find_target_column(X, rng.normal(size=20_000)) is None
    assert find_target_column(X, rare) is None


def test_a_slow_series_is_rejected_by_a_sample_of_its_rows(monkeypatch):
    """Oracle: what fits a whole column is taken away; half a row before, a sine differs by 5e-4."""
    monkeypatch.setattr("sklstm._rows.targets._fit_at_lead", None)
    X = np.sin(np.arange(20_000) / 1000).reshape(-1, 1)
    assert find_target_column(X, np.sin((np.arange(20_000) + 0.5) / 1000)) is None


# Named by the user


def test_a_named_column_is_found_at_its_lead():
    """Oracle: the target is this column three rows later."""
    X, y = shift(make_walks(), 1, 3)
    assert fit_target_column(X, 2 * y, 1) == find_target_column(X, 2 * y)


def test_the_first_of_several_leads_is_taken_for_a_named_column():
    """Oracle: the series repeats every 7 rows, so that rounding alone tells its leads apart."""
    for seed in range(10):
        season = np.tile(np.random.default_rng(seed).normal(size=7), 20)
        assert fit_target_column(season.reshape(-1, 1), 0.3 * season + 0.1, 0).lead == 0


@pytest.mark.parametrize("sign", [1, -1])
def test_a_named_column_that_is_no_line_is_fitted_by_least_squares_at_the_first_lead(sign):
    """Oracle: numpy.polyfit in the target's own row."""
    X = np.log(100 + make_walks())
    y = sign * np.exp(X[:, 1])
    found = fit_target_column(X, y, 1)
    assert found.lead == 0
    slope, intercept = np.polyfit(X[:, 1], y, 1)
    np.testing.assert_allclose([found.slope, found.intercept], [slope, intercept], rtol=1e-9)


def test_a_named_column_is_not_sought_before_the_first_lead():
    """Oracle: numpy.polyfit one row later than the target is the column."""
    X, y = shift(make_walks(), 0, 3)
    found = fit_target_column(X, y, 0, first_lead=4)
    assert found.lead == 4
    np.testing.assert_allclose(
        [found.slope, found.intercept], np.polyfit(X[4:, 0], y[:-4], 1), rtol=1e-9
    )


def test_a_constant_column_has_slope_one():
    """Oracle: by hand: the mean of y lies 3 above the column."""
    X, y = np.full((4, 1), 2.0), np.array([4.0, 6.0, 4.0, 6.0])
    assert fit_target_column(X, y, 0) == TargetColumn(0, 0, 1.0, 3.0)


@pytest.mark.parametrize("number", [0.7, 1e-300 / 3, -1e149 / 3])
def test_a_constant_target_is_read_to_the_last_bit_off_a_constant_column(number):
    """Oracle: the number itself (issue 18, point 13)."""
    for x in (number, 0.3, 1e9):
        target = fit_target_column(np.full((50, 1), x), np.full(50, number), 0)
        assert target.read(x) == number


def test_a_named_column_needs_a_row_at_its_lead():
    """Oracle: by hand."""
    with pytest.raises(ValueError, match="1 rows later, but X has only 1 row"):
        fit_target_column(np.ones((1, 1)), np.ones(1), 0, first_lead=1)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (None, [None, None]),
        ("close", [1, 1]),
        (0, [0, 0]),
        (["close", 0], [1, 0]),
        ((None, np.int64(1)), [None, 1]),
        (np.array([1, 0]), [1, 0]),
    ],
)
def test_columns_are_named_for_all_outputs_or_one_by_one(named, expected):
    """Oracle: by hand, of the columns volume and close."""
    assert locate_target_columns(named, 2, 2, ["volume", "close"]) == expected


@pytest.mark.parametrize("named", ["open", 2, -1, True, 0.5, ["close", "open"]])
def test_a_name_of_no_column_is_refused(named):
    """Oracle: by hand."""
    with pytest.raises(ValueError, match=r"target_column=.* is not a column of X"):
        locate_target_columns(named, 2, 2, ["volume", "close"])


def test_as_many_columns_as_outputs_are_named():
    """Oracle: by hand."""
    with pytest.raises(ValueError, match="names 3 columns, but y has 2 outputs"):
        locate_target_columns([0, 1, 0], 2, 2)


# Several outputs


def test_each_output_is_found_or_fitted():
    """Oracle: the outputs are made of these columns and leads; the last is none of them."""
    X = make_walks()
    noise = np.random.default_rng(5).normal(size=190)
    y = np.column_stack([X[3:193, 0], X[:190, 1], noise, noise])
    found = find_target_columns(X[:190], y, 1, [None, 1, None, 2])
    assert found[:3] == [TargetColumn(0, 3, 1.0, 0.0), TargetColumn(1, 0, 1.0, 0.0), None]
    assert found[3] == fit_target_column(X[:190], noise, 2)
    assert largest_lead(found[:3]) == 3
    assert largest_lead([None]) == 0


@pytest.mark.parametrize(
    ("horizon", "known", "reader"),
    [
        (0, (), "horizon=0"),
        (1, (1,), "known_columns with column 1"),
        (3, np.array([0, 1]), "known"),
    ],
)
def test_a_target_in_its_own_window_is_refused(horizon, known, reader):
    """Oracle: the rule: column 1 is read in the row that is predicted."""
    X = make_walks()
    y = np.column_stack([np.roll(X[:, 1], 7), 2 * X[:, 1] - 1])
    with pytest.raises(ValueError, match=f"{reader}.* the window would contain the target"):
        refuse_own_row(X, y, horizon, known)


@pytest.mark.parametrize("horizon", [1, 24])
def test_a_known_column_that_is_the_target_is_to_be_removed(horizon):
    """Oracle: by hand; at horizon 24, "Use horizon=1" is no way out (issue 18, point 23)."""
    X = make_walks()
    with pytest.raises(ValueError, match=r"target itself.*Remove it from known_columns") as error:
        refuse_own_row(X, X[:, 1:2], horizon, known=(1,))
    assert "horizon=1" not in str(error.value)


def test_a_target_in_its_own_row_is_warned_of_where_nothing_is_forecast():
    """Oracle: the rule; plain regression may have any function of the row as its target."""
    X = make_walks()
    with pytest.warns(UserWarning, match="column 1 of X in this row"):
        refuse_own_row(X, 2 * X[:, 1:2], 0, (), is_plain_regression=True)


def test_a_target_that_no_window_holds_is_not_refused():
    """Oracle: the rule: at horizon 1 the row itself is not read, at horizon 0 no later one is."""
    X = make_walks()
    refuse_own_row(X, X[:, :1], 1, ())
    refuse_own_row(X, X[:, :1], 1, (1, 2))
    refuse_own_row(X[:-1], X[1:, :1], 0, ())


def test_a_shifted_target_is_warned_of_unless_an_output_is_not():
    """Oracle: the rule: the furthest row is horizon + lead rows ahead."""
    later, same = TargetColumn(0, 2, 1.0, 0.0), TargetColumn(0, 0, 1.0, 0.0)
    with pytest.warns(UserWarning, match="the forecast is 3 rows ahead"):
        warn_of_leads([later, None], horizon=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_leads([later, same], horizon=1)
        warn_of_leads([None], horizon=1)


# A log in front


@pytest.mark.parametrize("image", [np.exp, np.cbrt, lambda x: -np.exp(-x), lambda x: 1 / (x + 50)])
def test_a_bent_image_is_recognised(image):
    """Oracle: the functions, which rise or fall all the way."""
    x = make_walks()[:, 0]
    assert is_bent_image(x, image(x))


def test_equal_values_have_equal_images():
    """Oracle: a step function rises nowhere between two values of a step."""
    x = np.repeat(make_walks(50, 1)[:, 0], 2)
    assert is_bent_image(x, np.exp(x))
    assert not is_bent_image(x, np.round(x))
    assert not is_bent_image(np.round(x), x)


def test_one_row_out_of_order_is_no_bent_image():
    """Oracle: a logarithm of all rows but one, wherever that is."""
    x = np.random.default_rng(0).uniform(1, 2, size=300)
    for row in range(0, 300, 7):
        y = np.log(x)
        y[row] = y.max() + 1 if x[row] < x.max() else 0.0
        assert not is_bent_image(x, y)


def test_lines_and_other_columns_are_no_bent_image():
    """Oracle: a line; unrelated walks; a parabola; too few rows to tell."""
    X = make_walks()
    assert not is_bent_image(X[:, 0], 3 - 2 * X[:, 0])
    assert not is_bent_image(X[:, 0], X[:, 1])
    assert not is_bent_image(X[:, 0], X[:, 0] ** 2)
    assert not is_bent_image(np.arange(5.0), np.exp(np.arange(5.0)))
