"""Every kind of input that holds the same rows gives the same numbers.

The oracle is the same regressor on plain arrays: float64, C order, writable. All networks here run
in the programs of three columns, one or two outputs and a window of up to 8 rows.
"""

import copy
from functools import cache

import numpy as np
import pandas as pd
import pytest
from small_regressor import tiny

from sklstm import LastValueRegressor

N_TRAIN = 40
N_ROWS = 60
NAMES = ["close", "volume", "spread"]


def make_rows(n_rows=N_ROWS, seed=0):
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.normal(size=n_rows).cumsum(), rng.normal(size=(n_rows, 2))])


X = make_rows()
y = X[:, 0].copy()


REGRESSORS = {"LSTM": tiny, "last value": LastValueRegressor}
BY_REGRESSOR = pytest.mark.parametrize("make", REGRESSORS.values(), ids=REGRESSORS)


def predict_later_rows(make, X, y, to=lambda rows: rows, to_y=lambda y: y):
    """Fit on the first rows and predict the later ones, both turned into the kind to test."""
    regressor = make().fit(to(X[:N_TRAIN]), to_y(y[:N_TRAIN]))
    return regressor.predict(to(X[N_TRAIN:]))


@cache
def expected(make):
    return predict_later_rows(make, X, y)


# Containers of the same float64 rows


def as_frame(rows):
    return pd.DataFrame(rows, columns=NAMES)


def as_pyarrow(rows):
    pytest.importorskip("pyarrow")
    return as_frame(rows).astype("double[pyarrow]")


def as_polars(rows):
    return pytest.importorskip("polars").DataFrame(rows, schema=NAMES)


def as_read_only(rows):
    rows = rows.copy()
    rows.flags.writeable = False
    return rows


CONTAINERS = {
    "C order": np.ascontiguousarray,
    "Fortran order": np.asfortranarray,
    "every second row and column of an array": lambda rows: np.repeat(
        np.repeat(rows, 2, axis=0), 2, axis=1
    )[::2, ::2],
    "read-only": as_read_only,
    "big-endian": lambda rows: rows.astype(">f8"),
    "objects": lambda rows: rows.astype(object),
    "nested lists": lambda rows: rows.tolist(),
    "tuple of tuples": lambda rows: tuple(map(tuple, rows.tolist())),
    "pandas": as_frame,
    "pandas with one block per column": lambda rows: pd.DataFrame(
        {name: rows[:, i].copy() for i, name in enumerate(NAMES)}
    ),
    "pandas Float64": lambda rows: as_frame(rows).astype("Float64"),
    "pandas on pyarrow": as_pyarrow,
    "polars": as_polars,
}


@BY_REGRESSOR
@pytest.mark.parametrize("to", CONTAINERS.values(), ids=CONTAINERS)
def test_rows_in_any_container_give_the_same_bits(make, to):
    """Oracle: the plain array."""
    predictions = predict_later_rows(make, X, y, to)
    assert isinstance(predictions, np.ndarray)
    assert predictions.dtype == np.float64
    np.testing.assert_array_equal(predictions, expected(make))


@BY_REGRESSOR
def test_a_read_only_file_of_rows_gives_the_same_bits(make, tmp_path):
    """Oracle: the plain array."""
    X.tofile(tmp_path / "rows")
    rows = np.memmap(tmp_path / "rows", dtype=np.float64, mode="r", shape=X.shape)
    np.testing.assert_array_equal(predict_later_rows(make, rows, y), expected(make))


# Columns of other types


def make_mixed_frame():
    """A count, a flag and a price: int64, bool and float32."""
    counts = np.random.default_rng(1).integers(-3, 4, size=N_ROWS).cumsum()
    frame = {"count": counts, "flag": X[:, 1] > 0, "price": X[:, 2].astype(np.float32)}
    return pd.DataFrame(frame)


def to_nullable(frame):
    return frame.astype({"count": "Int64", "flag": "boolean", "price": "Float32"})


def to_pyarrow(frame):
    pytest.importorskip("pyarrow")
    return frame.astype(
        {"count": "int64[pyarrow]", "flag": "bool[pyarrow]", "price": "float[pyarrow]"}
    )


COLUMN_TYPES = {
    "NumPy's": lambda frame: frame,
    "nullable": to_nullable,
    "pyarrow's": to_pyarrow,
    "polars'": lambda frame: pytest.importorskip("polars").DataFrame(
        {name: frame[name].to_numpy() for name in frame}
    ),
}


@BY_REGRESSOR
@pytest.mark.parametrize("to", COLUMN_TYPES.values(), ids=COLUMN_TYPES)
def test_columns_of_counts_flags_and_float32_are_read_as_their_float64_values(make, to):
    """Oracle: the float64 cast; the target is the column of counts, as integers."""
    frame = make_mixed_frame()
    rows, target = frame.to_numpy(dtype=np.float64), frame["count"].to_numpy()
    plain = predict_later_rows(make, rows, target.astype(np.float64))
    np.testing.assert_array_equal(predict_later_rows(make, frame, target, to), plain)


@BY_REGRESSOR
@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int64, np.int8, np.uint16, bool])
def test_arrays_of_any_numbers_are_read_as_their_float64_values(make, dtype):
    """Oracle: the float64 cast."""
    rows = (3 * X if dtype in (np.float32, np.float16) else np.abs(9 * X).round() % 7).astype(dtype)
    plain = predict_later_rows(make, rows.astype(np.float64), rows[:, 0].astype(np.float64))
    np.testing.assert_array_equal(predict_later_rows(make, rows, rows[:, 0]), plain)


# Labels


def label(labels):
    return pd.DataFrame(X, index=labels, columns=NAMES)


DATES = pd.date_range("2024-01-31", periods=N_ROWS, freq="D")
LABELS = {
    "dates with a frequency": DATES,
    "dates without one": pd.DatetimeIndex(list(DATES)),
    "dates in UTC": DATES.tz_localize("UTC"),
    "dates over a change of the clock": DATES.tz_localize("Europe/Berlin"),
    "dates at irregular times": DATES + pd.to_timedelta(np.arange(N_ROWS) % 5, unit="h"),
    "date objects": pd.Index([day.date() for day in DATES]),
    "datetime objects": pd.Index([day.to_pydatetime() for day in DATES], dtype=object),
    "months": pd.period_range("2019-01", periods=N_ROWS, freq="M"),
    "business days": pd.bdate_range("2024-01-31", periods=N_ROWS),
    "a range": pd.RangeIndex(N_ROWS),
    "a range from 1000 on": pd.RangeIndex(1000, 1000 + N_ROWS),
    "every tenth integer": pd.Index(10 * np.arange(N_ROWS)),
    "unsigned integers": pd.Index(np.arange(5, 5 + N_ROWS), dtype="uint8"),
    "names": pd.Index([f"row {i}" for i in range(N_ROWS)]),
    "floats": pd.Index(np.arange(N_ROWS) / 2),
}


@BY_REGRESSOR
@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_rows_under_any_labels_that_follow_each_other_give_the_same_bits(make, labels):
    """Oracle: the plain array, whose later rows follow the training rows."""
    frame = label(labels)
    regressor = make().fit(frame.iloc[:N_TRAIN], frame["close"].iloc[:N_TRAIN])
    np.testing.assert_array_equal(regressor.predict(frame.iloc[N_TRAIN:]), expected(make))


@pytest.mark.parametrize("kind", ["dates with a frequency", "months", "a range from 1000 on"])
def test_labels_change_the_history_only_where_they_tell_that_rows_are_missing(kind):
    """Oracle: the plain array with the last training row put where two rows are missing."""
    frame = label(LABELS[kind])
    regressor = tiny().fit(frame.iloc[:N_TRAIN], frame["close"].iloc[:N_TRAIN])
    plain = tiny().fit(X[:N_TRAIN], y[:N_TRAIN])
    filled = np.concatenate([X[[N_TRAIN - 1] * 2], X[N_TRAIN + 2 :]])
    predictions = regressor.predict(frame.iloc[N_TRAIN + 2 :])
    np.testing.assert_array_equal(predictions, plain.predict(filled)[2:])
    assert np.any(predictions != plain.predict(X[N_TRAIN + 2 :]))


@BY_REGRESSOR
def test_rows_labelled_as_some_of_the_training_rows_are_these(make):
    """Oracle: the plain array's predictions of all training rows."""
    frame = label(DATES)
    regressor = make().fit(frame.iloc[:N_TRAIN], frame["close"].iloc[:N_TRAIN])
    inner = slice(10, 30)
    predictions = make().fit(X[:N_TRAIN], y[:N_TRAIN]).predict(X[:N_TRAIN])
    np.testing.assert_array_equal(regressor.predict(frame.iloc[inner]), predictions[inner])


# Targets and weights


def as_pyarrow_series(values):
    pytest.importorskip("pyarrow")
    return pd.Series(values, dtype="double[pyarrow]")


SERIES = {
    "list": lambda values: values.tolist(),
    "pandas": pd.Series,
    "pandas under labels of its own": lambda values: pd.Series(
        values, index=[f"the {n}th" for n in range(len(values), 0, -1)]
    ),
    "pandas Float64": lambda values: pd.Series(values, dtype="Float64"),
    "pandas on pyarrow": as_pyarrow_series,
    "polars": lambda values: pytest.importorskip("polars").Series(values),
    "objects": lambda values: values.astype(object),
    "read-only": as_read_only,
}


@BY_REGRESSOR
@pytest.mark.parametrize("to", SERIES.values(), ids=SERIES)
def test_targets_and_weights_in_any_container_give_the_same_bits(make, to):
    """Oracle: plain arrays."""
    weight = np.random.default_rng(2).uniform(1, 3, size=N_TRAIN)
    rows, later = X[:N_TRAIN], X[N_TRAIN:]
    plain = make().fit(rows, y[:N_TRAIN], weight)
    regressor = make().fit(rows, to(y[:N_TRAIN]), to(weight))
    np.testing.assert_array_equal(regressor.predict(later), plain.predict(later))
    # The first row's prediction may read nothing: it is the weighted mean.
    np.testing.assert_array_equal(regressor.predict(rows), plain.predict(rows))
    unweighted = make().fit(rows, y[:N_TRAIN])
    assert np.any(regressor.predict(rows) != unweighted.predict(rows))


@BY_REGRESSOR
@pytest.mark.parametrize(
    ("to", "shape"),
    [
        (lambda rows: rows[:, 0], (20,)),
        (lambda rows: pd.Series(rows[:, 0]), (20,)),
        (lambda rows: rows[:, :1], (20, 1)),
        (lambda rows: as_frame(rows)[["close"]], (20, 1)),
        (lambda rows: as_polars(rows)[["close"]], (20, 1)),
        (lambda rows: rows[:, :2], (20, 2)),
        (lambda rows: as_frame(rows)[["close", "volume"]], (20, 2)),
        (lambda rows: as_frame(rows)[["close", "volume"]].astype("Float64"), (20, 2)),
        (lambda rows: as_polars(rows)[["close", "volume"]], (20, 2)),
        (lambda rows: rows[:, :2].tolist(), (20, 2)),
    ],
)
def test_predictions_have_the_shape_of_the_targets_trained_on(make, to, shape):
    """Oracle: by hand, as scikit-learn's LinearRegression has it; and the plain array's numbers."""
    regressor = make().fit(X[:N_TRAIN], to(X[:N_TRAIN]))
    predictions, forecast = regressor.predict(X[N_TRAIN:]), regressor.forecast(X[N_TRAIN:])
    assert predictions.shape == shape
    assert forecast.shape == (1, *shape[1:])
    n_outputs = shape[1] if len(shape) == 2 else 1
    plain = make().fit(X[:N_TRAIN], X[:N_TRAIN, :n_outputs] if n_outputs > 1 else y[:N_TRAIN])
    np.testing.assert_array_equal(predictions.ravel(), plain.predict(X[N_TRAIN:]).ravel())


# Names


@pytest.mark.parametrize("to", [as_frame, as_polars], ids=["pandas", "polars"])
def test_columns_are_named_by_the_names_that_the_frame_gives_them(to):
    """Oracle: their positions in the plain array."""
    named = {"known_columns": ["spread"], "target_column": "close", "window_columns": "volume"}
    numbered = {"known_columns": [2], "target_column": 0, "window_columns": 1}
    regressor = tiny(**named, scaling="window").fit(to(X[:N_TRAIN]), y[:N_TRAIN])
    assert regressor.feature_names_in_.tolist() == NAMES
    plain = tiny(**numbered, scaling="window").fit(X[:N_TRAIN], y[:N_TRAIN])
    later = X[N_TRAIN:]
    np.testing.assert_array_equal(regressor.predict(to(later)), plain.predict(later))
    known = np.array([[np.nan, np.nan, 0.5]])
    np.testing.assert_array_equal(
        regressor.forecast(to(later), to(known)), plain.forecast(later, known)
    )


@BY_REGRESSOR
def test_a_frame_is_predicted_after_a_fit_on_its_polars_twin(make):
    """Oracle: the plain array."""
    regressor = make().fit(as_polars(X[:N_TRAIN]), y[:N_TRAIN])
    np.testing.assert_array_equal(regressor.predict(as_frame(X[N_TRAIN:])), expected(make))


# What the caller owns


@BY_REGRESSOR
def test_fit_and_predict_change_no_frame_that_the_caller_owns(make):
    """Oracle: deep copies made before."""
    frame = label(DATES)
    rows, later, target = frame[:N_TRAIN].copy(), frame[N_TRAIN:].copy(), frame["close"][:N_TRAIN]
    before = copy.deepcopy((rows, later, target))
    make().fit(rows, target).predict(later)
    for now, then in zip((rows, later), before[:2], strict=True):
        pd.testing.assert_frame_equal(now, then, check_freq=True)
    pd.testing.assert_series_equal(target, before[2], check_freq=True)


@BY_REGRESSOR
def test_fit_and_predict_change_no_array_that_the_caller_owns(make):
    """Oracle: deep copies made before."""
    given = X[:N_TRAIN].copy(), y[:N_TRAIN].copy(), np.full(N_TRAIN, 2.0), X[N_TRAIN:].copy()
    before = copy.deepcopy(given)
    make().fit(*given[:3]).predict(given[3])
    for now, then in zip(given, before, strict=True):
        np.testing.assert_array_equal(now, then)


@BY_REGRESSOR
def test_what_the_caller_does_to_its_objects_later_changes_no_prediction(make):
    """Oracle: predictions made before."""
    rows, target = X[:N_TRAIN].copy(), y[:N_TRAIN].copy()
    regressor = make().fit(rows, target)
    before = regressor.predict(X[N_TRAIN:])
    before_the_first = regressor.predict(X[:N_TRAIN])
    rows[:] = target[:] = 1e6
    np.testing.assert_array_equal(regressor.predict(X[N_TRAIN:]), before)
    np.testing.assert_array_equal(regressor.predict(X[:N_TRAIN]), before_the_first)


@BY_REGRESSOR
def test_what_the_caller_does_to_predictions_changes_no_later_ones(make):
    """Oracle: the predictions before."""
    regressor = make().fit(X[:N_TRAIN], y[:N_TRAIN])
    for rows in (X[:N_TRAIN], X[N_TRAIN:]):
        predictions = regressor.predict(rows)
        before = predictions.copy()
        predictions[:] = 1e6
        np.testing.assert_array_equal(regressor.predict(rows), before)
