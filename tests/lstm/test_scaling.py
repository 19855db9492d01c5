"""Scales from rows and from windows, against the formulas in NumPy, window by window."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from small_series import autoregress, make_steps

from sklstm._lstm.scaling import (
    KINDS,
    MOST_WINDOWS,
    TrainingRows,
    fit_scaling,
    resolve_kind,
    spread_sample,
)
from sklstm._rows.targets import TargetColumn

WINDOW_LENGTH = 4
FLOAT32 = 1e-6  # scaled values are float32: 6e-8 of their size, and some digits to spare
FIRST_COLUMN = TargetColumn(column=0, lead=0, slope=1.0, intercept=0.0)


def make_series(n_rows=60, n_columns=3, seed=0):
    """Random walks of different level and size."""
    steps = np.random.default_rng(seed).normal(size=(n_rows, n_columns))
    return 100.0 + steps.cumsum(axis=0) * np.arange(1, n_columns + 1)


def read_rows(X, y=None, window_length=WINDOW_LENGTH):
    """The windows of X with their targets: those given, or column 0 one row later."""
    windows = sliding_window_view(X[:-1], window_length, axis=0).transpose(0, 2, 1)
    targets = (X[:, :1] if y is None else y)[window_length:]
    return TrainingRows(windows.copy(), X[:-1], targets)


def fit(kind, X, y=None, target=FIRST_COLUMN, window_columns=()):
    rows = read_rows(X, y)
    return rows, fit_scaling(kind, rows, [target] * rows.y.shape[1], window_columns)


# Each kind, by its formula


@pytest.mark.parametrize(
    ("kind", "centre_and_scale"),
    [
        ("standard", lambda rows: (rows.mean(axis=0), rows.std(axis=0))),
        (
            "minmax",
            lambda rows: (np.median([rows.min(0), rows.max(0)], axis=0), np.ptp(rows, 0) / 2),
        ),
        (None, lambda _: (0.0, 1.0)),
    ],
)
def test_scales_of_the_rows_are_the_same_for_every_window(kind, centre_and_scale):
    """Oracle: mean and deviation, middle and half width, or nothing, of all training rows."""
    rows, scaling = fit(kind, make_series())
    scaled = scaling.apply(rows.windows)
    centre, scale = centre_and_scale(rows.X)
    expected = (rows.windows - centre) / scale
    np.testing.assert_allclose(scaled.windows, expected, rtol=FLOAT32, atol=FLOAT32)
    centre, scale = centre_and_scale(rows.y)
    expected = (rows.y - centre) / scale
    np.testing.assert_allclose(scaled.scale_targets(rows.y), expected, rtol=FLOAT32, atol=FLOAT32)
    assert scaled.windows.dtype == scaled.scale_targets(rows.y).dtype == np.float32


@pytest.mark.parametrize("kind", ["window", "center"])
def test_scales_of_the_window_centre_on_its_last_row(kind):
    """Oracle: a loop over windows and columns; 0 is the target, 2 is named, 1 is standardised.

    "window" divides by the window's deviation, "center" by the quadratic mean of all rows'
    distances from their window's last one.
    """
    rows, scaling = fit(kind, make_series(), window_columns=(2,))
    scaled = scaling.apply(rows.windows)
    targets = scaled.scale_targets(rows.y)
    distances = rows.windows - rows.windows[:, -1:]
    for n, column in np.ndindex(len(rows.windows), 3):
        series = rows.windows[n, :, column]
        if column == 1:
            centre, scale = rows.X[:, 1].mean(), rows.X[:, 1].std()
        elif kind == "window":
            centre, scale = series[-1], series.std()
        else:
            centre, scale = series[-1], np.sqrt(np.mean(distances[:, :, column] ** 2))
        expected = (series - centre) / scale
        np.testing.assert_allclose(
            scaled.windows[n, :, column], expected, rtol=FLOAT32, atol=FLOAT32
        )
        if column == 0:
            np.testing.assert_allclose(targets[n], (rows.y[n] - centre) / scale, rtol=FLOAT32)


def test_minmax_brings_training_rows_to_minus_1_and_1():
    """Oracle: by hand: 10 .. 30 becomes -1 .. 1, and 20 its middle."""
    X = np.array([[10.0], [30.0], [20.0], [15.0], [10.0], [20.0]])
    rows, scaling = fit("minmax", X)
    scaled = scaling.apply(rows.windows)
    np.testing.assert_array_equal(scaled.windows[0, :, 0], [-1.0, 1.0, 0.0, -0.5])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("outlier", "limit"), [(0.0, 10.0), (400.0, None)])
def test_other_columns_are_read_no_farther_than_10_scales_or_the_farthest_training_row(
    kind, outlier, limit
):
    """Oracle: by hand: a column of mean 0 and scale 1, or with one training row farther off.

    The target's column is not bounded where the window centres it.
    """
    X = np.column_stack([make_series(401, 1)[:, 0], np.tile([-1.0, 1.0], 201)[:401]])
    X[200, 1] += outlier
    rows, scaling = fit(kind, X)
    if limit is None or kind == "minmax":
        limit = max(10, np.abs(scaling.apply(rows.windows).windows[:, :, 1]).max())
    centre, scale = scaling.columns.centre[1], scaling.columns.scale[1]
    np.testing.assert_allclose(
        scaling.apply(rows.windows).windows[:, :, 1],
        (rows.windows[:, :, 1] - centre) / scale,
        rtol=FLOAT32,
        atol=FLOAT32,
    )
    far = rows.windows[:1] + np.linspace(0, 1e5, WINDOW_LENGTH)[:, None] * [1, -1]
    scaled = scaling.apply(far).windows[0]
    np.testing.assert_allclose(scaled[1:, 1], -limit, rtol=FLOAT32)
    if kind in ("window", "center"):
        assert (scaled[0, 0] < -100) == (kind == "center")


def test_what_is_taken_as_given_has_no_limit():
    rows, scaling = fit(None, make_series())
    far = 1e9 * rows.windows
    np.testing.assert_array_equal(scaling.apply(far).windows, far.astype(np.float32))


@pytest.mark.parametrize("kind", ["window", "center"])
def test_repeating_the_last_value_is_the_zero_of_the_networks_scale(kind):
    rows, scaling = fit(kind, make_series())
    restored = scaling.apply(rows.windows).restore(np.zeros((len(rows.windows), 1), np.float32))
    np.testing.assert_array_equal(restored, rows.windows[:, -1, :1])


@pytest.mark.parametrize("kind", KINDS)
def test_an_output_without_a_column_has_its_own_scale(kind):
    """Oracle: mean and deviation of its targets, or middle and half width."""
    X = make_series()
    y = np.column_stack([X[:, 0], np.random.default_rng(1).normal(5, 3, len(X))])
    rows = read_rows(X, y)
    scaling = fit_scaling(kind, rows, [FIRST_COLUMN, None], ())
    other = rows.y[:, 1]
    centre, scale = other.mean(), other.std()
    if kind == "minmax":
        centre, scale = (other.min() + other.max()) / 2, np.ptp(other) / 2
    targets = scaling.apply(rows.windows).scale_targets(rows.y)[:, 1]
    np.testing.assert_allclose(targets, (other - centre) / scale, rtol=FLOAT32, atol=FLOAT32)


@pytest.mark.parametrize("kind", KINDS)
def test_how_many_rows_are_squared_at_once_changes_no_bit(kind, monkeypatch):
    """Oracle: all of them at once, as NumPy's std does."""
    X = make_series(n_rows=1000)
    y = np.column_stack([X[:, 0], X[:, 1] ** 2])

    def scale():
        rows = read_rows(X, y)
        scaling = fit_scaling(kind, rows, [FIRST_COLUMN, None], (2,))
        return [*vars(scaling.columns).values(), *vars(scaling.outputs).values()]

    expected = scale()
    monkeypatch.setattr("sklstm._lstm.scaling.MOST_FLOATS", 100)
    for values, others in zip(scale(), expected, strict=True):
        np.testing.assert_array_equal(values, others)


# The target as an image of its column


@pytest.mark.parametrize("kind", ["window", "center"])
@pytest.mark.parametrize("slope", [0.01, 3.0, -2.0])
def test_a_target_in_other_units_scales_as_its_column_does(kind, slope):
    """Oracle: the scaled targets of the column itself, which a change of units must not change."""
    X = make_series()
    rows, of_column = fit(kind, X)
    y = slope * X[:, :1] + 7
    rows_of_image, of_image = fit(kind, X, y, TargetColumn(0, 0, slope, 7.0))
    expected = of_column.apply(rows.windows).scale_targets(rows.y)
    image = of_image.apply(rows.windows).scale_targets(rows_of_image.y)
    np.testing.assert_allclose(np.abs(image), np.abs(expected), rtol=1e-5, atol=FLOAT32)


@pytest.mark.parametrize("kind", ["window", "center"])
def test_a_larger_target_is_larger_in_the_networks_units_too(kind):
    """Else a quantile loss would learn the opposite quantile of a mirrored target."""
    X = make_series()
    rows, scaling = fit(kind, X, -X[:, :1], TargetColumn(0, 0, slope=-1.0, intercept=0.0))
    scaled = scaling.apply(rows.windows)
    assert (scaled.scale_targets(rows.y + 1) > scaled.scale_targets(rows.y)).all()


@given(
    kind=st.sampled_from([*KINDS, None]),
    slope=st.sampled_from([-3.0, 0.5, 1.0]),
    level=st.sampled_from([0.0, 1e3, -1e6]),
    seed=st.integers(0, 1000),
)
def test_targets_come_back_from_the_networks_units(kind, slope, level, seed):
    """Oracle: the targets themselves, to float32's share of their distance from the centre."""
    X = level + make_series(40, 2, seed)
    rows, scaling = fit(kind, X, slope * X[:, :1] + 3, TargetColumn(0, 0, slope, 3.0))
    scaled = scaling.apply(rows.windows)
    restored = scaled.restore(scaled.scale_targets(rows.y))
    assert restored.dtype == np.float64
    distance = np.abs(rows.y - scaled.centre)
    rounding = 8 * np.finfo(np.float64).eps * np.abs(rows.y).max()
    assert (np.abs(restored - rows.y) <= np.finfo(np.float32).eps * distance + rounding).all()


@pytest.mark.parametrize("kind", ["window", "center"])
def test_a_price_level_never_seen_in_training_looks_like_any_other(kind):
    """Oracle: the windows before they were lifted by a power of 2, exact in float64."""
    rows, scaling = fit(kind, np.round(make_series(n_columns=1) * 1024) / 1024)
    here, there = (scaling.apply(rows.windows + lift) for lift in (0.0, 2.0**20))
    np.testing.assert_allclose(there.windows, here.windows, rtol=1e-5, atol=FLOAT32)
    prediction = np.full((len(rows.windows), 1), 0.5, np.float32)
    gain = there.restore(prediction) - here.restore(prediction)
    np.testing.assert_allclose(gain, 2.0**20, rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_small_changes_survive_on_a_huge_level(kind):
    """Oracle: the same changes around 0. They are multiples of 2**-10, so 1e9 + change is exact."""
    changes = np.round(np.random.default_rng(0).normal(size=(60, 1)) * 1024) / 1024
    (near, around_zero), (far, on_a_level) = (fit(kind, level + changes) for level in (0.0, 1e9))
    expected, actual = around_zero.apply(near.windows), on_a_level.apply(far.windows)
    np.testing.assert_allclose(actual.windows, expected.windows, rtol=1e-5, atol=1e-6)
    actual, expected = actual.scale_targets(far.y), expected.scale_targets(near.y)
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-6)


# What does not vary


def test_a_flat_window_is_divided_by_a_thousandth_of_the_median_deviation():
    """Oracle: by hand: a flat window, then a rise of 1 at the target."""
    rows, scaling = fit("window", make_series(n_columns=1))
    floor = 1e-3 * np.median(rows.windows[:, :, 0].std(axis=1))
    scaled = scaling.apply(np.full((1, WINDOW_LENGTH, 1), 50.0))
    np.testing.assert_array_equal(scaled.windows, 0)
    np.testing.assert_allclose(scaled.scale_targets(np.array([[51.0]])), 1 / floor, rtol=FLOAT32)


@pytest.mark.parametrize("level", [0.0, 1.1, 5.33, 4.7])
@pytest.mark.parametrize("window_length", [6, 8, 12])
def test_where_most_windows_are_flat_a_change_counts_as_it_is(level, window_length):
    """Oracle: by hand: the median deviation is 0, so a flat window is divided by 1.

    A key interest rate looks like that. The mean of equal numbers may differ from them by a
    rounding error: that is no deviation.
    """
    X = np.full((100, 1), level)
    X[70:] += 2
    rows = read_rows(X, window_length=window_length)
    scaling = fit_scaling("window", rows, [FIRST_COLUMN], ())
    targets = scaling.apply(rows.windows).scale_targets(rows.y)
    change = 70 - window_length  # the target that leaves the level, its window all flat
    np.testing.assert_allclose(targets[change], 2.0, rtol=FLOAT32)


@pytest.mark.parametrize("kind", KINDS)
def test_constant_columns_become_zero(kind):
    """Oracle: by hand: nothing varies, so the scale is 1 and the distance from the centre 0."""
    X = np.tile([0.1, 1e9 / 3, 1e-300 / 3, 1e150 / 3], (30, 1))
    rows, scaling = fit(kind, X, window_columns=(1,))
    scaled = scaling.apply(rows.windows)
    np.testing.assert_array_equal(scaled.windows, 0)
    np.testing.assert_array_equal(scaled.scale_targets(rows.y), 0)
    np.testing.assert_allclose(scaled.scale_targets(rows.y + 1), 1, rtol=1e-6)


def test_a_flat_window_on_a_high_level_has_no_deviation():
    """Oracle: by hand: a thousandth of the median deviation, which rounding would exceed."""
    _, scaling = fit("window", np.round(1e15 + make_series(n_columns=1)))
    flat = np.full((1, 7, 1), 1e16 / 7)
    assert flat.std() > scaling.columns.floor[0]
    np.testing.assert_array_equal(scaling.apply(flat).scale[:, 0], scaling.columns.floor)


@pytest.mark.parametrize("kind", [*KINDS, None])
@pytest.mark.parametrize("y", [0.1, 1e-300 / 3, 1e150 / 3])
def test_a_target_that_never_changes_is_its_centre(kind, y):
    """Oracle: by hand; of its column only if the line through both gives it to the last bit."""
    X = np.tile([0.7, 0.7], (30, 1))
    for intercept in (0.0, y - 0.7):
        target = TargetColumn(0, 0, 1.0, intercept)
        rows, scaling = fit(kind, X, np.full((30, 1), y), target)
        np.testing.assert_array_equal(scaling.apply(rows.windows).centre, y)


# The kind to fit


def resolve(kind, X, y, targets, window_length=WINDOW_LENGTH):
    return resolve_kind(kind, read_rows(X, window_length=window_length), X, y, targets)


@pytest.mark.parametrize("kind", [*KINDS, None])
def test_a_kind_that_was_named_stays(kind):
    X = make_series()
    assert resolve(kind, X, X[:, :1], [FIRST_COLUMN]) == kind


def test_auto_looks_at_the_targets_own_column():
    """Oracle: column 0 returns to its level, column 1 wanders."""
    rng = np.random.default_rng(0)
    X = np.column_stack([autoregress(500, 0.5, rng), make_steps(500, rng).cumsum()])
    for column, kind in enumerate(["standard", "center"]):
        target = TargetColumn(column, 0, 1.0, 0.0)
        assert resolve("auto", X, X[:, [column]], [target]) == kind


@pytest.mark.parametrize(("window_length", "kind"), [(1, "center"), (2, "center"), (3, "window")])
def test_auto_does_not_divide_by_the_deviation_of_one_or_two_rows(window_length, kind):
    X = make_steps(500, np.random.default_rng(0), growth=50).cumsum()[:, None]
    assert resolve("auto", X, X, [FIRST_COLUMN], window_length=window_length) == kind


@pytest.mark.parametrize("targets", [[None], [FIRST_COLUMN, None]])
def test_auto_standardises_silently_where_a_target_is_no_column(targets):
    X = make_series()
    y = np.random.default_rng(1).normal(size=(len(X), len(targets)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert resolve("auto", X, y, targets) == "standard"


@pytest.mark.parametrize("bend", [np.log, lambda x: -np.sqrt(x)], ids=["log", "falling root"])
def test_auto_warns_where_the_target_is_a_bent_column(bend):
    X = make_series()
    with pytest.warns(UserWarning, match=r"nonlinear.*scaling_ is 'standard'.*target_column.*log"):
        assert resolve("auto", X, bend(X[:, 1:2]), [None]) == "standard"


@pytest.mark.parametrize("kind", ["window", "center"])
def test_a_kind_by_the_window_warns_where_no_target_is_a_column(kind):
    X = make_series()
    y = np.random.default_rng(1).normal(size=(len(X), 1))
    with pytest.warns(UserWarning, match=f"scaling='{kind}'.*y is not a column of X.*'standard'"):
        assert resolve(kind, X, y, [None]) == "standard"


@pytest.mark.parametrize("kind", ["window", "center"])
def test_a_kind_by_the_window_serves_if_one_output_is_a_column(kind):
    X = make_series()
    y = np.column_stack([X[:, 0], np.random.default_rng(1).normal(size=len(X))])
    assert resolve(kind, X, y, [FIRST_COLUMN, None]) == kind


@given(n=st.integers(1, 4 * MOST_WINDOWS))
def test_a_sample_of_windows_is_spread_evenly(n):
    """Oracle: all of them if few, else the most allowed, first and last among them, no far gap."""
    sample = spread_sample(n)
    if n <= MOST_WINDOWS:
        np.testing.assert_array_equal(sample, np.arange(n))
    else:
        assert len(sample) == MOST_WINDOWS
        assert (sample[0], sample[-1]) == (0, n - 1)
        assert np.ptp(np.diff(sample)) <= 1
