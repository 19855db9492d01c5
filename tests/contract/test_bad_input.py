"""Each wrong call raises one clear ValueError or TypeError and leaves the fit before it as it was.

Where scikit-learn's own regressors refuse the same with the same words, these words stand. All
networks here but one run in the programs of three columns, one output and a window of up to 8 rows.
"""

import copy
import re
import traceback
import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.exceptions import NotFittedError
from small_regressor import tiny

from sklstm import LastValueRegressor, LSTMRegressor, SeasonalNaiveRegressor

N_ROWS = 60
NAMES = ["close", "volume", "spread"]
DATES = pd.date_range("2024-01-01", periods=N_ROWS + 20, freq="D")


def make_rows(n_rows=N_ROWS, seed=0):
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.normal(size=n_rows).cumsum(), rng.normal(size=(n_rows, 2))])


X = make_rows()
y = X[:, 0].copy()
ROWS = make_rows(N_ROWS + 20)
FRAME = pd.DataFrame(ROWS, index=DATES, columns=NAMES)
TRAINED, LATER = FRAME[:N_ROWS], FRAME[N_ROWS:]


@cache
def fitted(**parameters):
    return tiny(**parameters).fit(X, y)


@cache
def fitted_to_frame(**parameters):
    return tiny(**parameters).fit(TRAINED, TRAINED["close"])


def assert_refused(call, error, message):
    """The call raises this error, and no line of TensorFlow stands in its traceback."""
    with pytest.raises(error, match=message) as caught:
        call()
    assert isinstance(caught.value, ValueError | TypeError)
    raised = caught.value
    while raised is not None:
        frames = traceback.extract_tb(raised.__traceback__)
        assert not [frame.filename for frame in frames if "tensorflow" in frame.filename]
        raised = raised.__cause__ or raised.__context__


def assert_as_before(regressor, before, rows):
    np.testing.assert_array_equal(regressor.predict(rows), before.predict(rows))


# Rows, targets and weights


def with_value(array, value):
    """A copy with the value in one place."""
    array = array.copy()
    array.flat[7] = value
    return array


ONES = np.ones(N_ROWS)
ONLY_WITHOUT_WINDOW = np.where(np.arange(N_ROWS) < 4, 1.0, 0.0)
NUMBERS = pd.DataFrame(X, columns=NAMES)
FILLED = {"NaN in X", "NA in X"}  # a baseline takes the last value known
NO_NUMBER = "could not convert string to float: .*tall"

BAD_DATA = {  # X, y, sample_weight, error, message
    "NaN in X": (with_value(X, np.nan), y, None, ValueError, "Input X contains NaN"),
    "inf in X": (with_value(X, np.inf), y, None, ValueError, "Input X contains infinity"),
    "-inf in X": (with_value(X, -np.inf), y, None, ValueError, "Input X contains infinity"),
    "NaN in y": (X, with_value(y, np.nan), None, ValueError, "Input y contains NaN"),
    "inf in y": (X, with_value(y, np.inf), None, ValueError, "Input y contains infinity"),
    "NaN in sample_weight": (
        *(X, y, with_value(ONES, np.nan)),
        *(ValueError, "Input sample_weight contains NaN"),
    ),
    "inf in sample_weight": (
        *(X, y, with_value(ONES, np.inf)),
        *(ValueError, "Input sample_weight contains infinity"),
    ),
    "NaN as sample_weight": (X, y, np.nan, ValueError, "Input sample_weight contains NaN"),
    "NA in X": (
        *(NUMBERS.astype("Float64").mask(NUMBERS > 2), y, None),
        *(ValueError, "Input X contains NaN"),
    ),
    "NA in y": (
        *(X, pd.Series(y).astype("Float64").mask(y > 2), None),
        *(ValueError, "Input y contains NaN"),
    ),
    "1-D X": (y, y, None, ValueError, "Expected 2D array, got 1D array"),
    "Series as X": (pd.Series(y), y, None, ValueError, "Expected (a 2-dimensional|2D)"),
    "3-D X": (X[:, None], y, None, ValueError, "Found array with dim 3"),
    "number as X": (3.0, y, None, ValueError, "Expected 2D array, got scalar"),
    "X without rows": (X[:0], y[:0], None, ValueError, r"0 sample\(s\) \(shape=\(0, 3\)\)"),
    "X without columns": (X[:, :0], y, None, ValueError, r"0 feature\(s\) \(shape=\(60, 0\)\)"),
    "ragged X": ([[1, 2, 3]] * 59 + [[1, 2]], y, None, ValueError, "inhomogeneous shape"),
    "np.matrix as X": (np.asmatrix(X), y, None, TypeError, r"np\.matrix is not supported"),
    "no y": (X, None, None, ValueError, "requires y to be passed"),
    "3-D y": (X, X[:, :, None], None, ValueError, "Found array with dim 3"),
    "y without columns": (X, X[:, :0], None, ValueError, r"0 feature\(s\) \(shape=\(60, 0\)\)"),
    "y shorter than X": (X, y[:-1], None, ValueError, r"numbers of samples: \[60, 59\]"),
    "y as a row": (X, y[None], None, ValueError, r"numbers of samples: \[60, 1\]"),
    "too few rows": (
        *(X[:4], y[:4], None),
        *(ValueError, r"window_length=4 with horizon=1 .* at least 5 rows; X has n_samples = 4\."),
    ),
    "one row": (X[:1], y[:1], None, ValueError, r"n_samples = 1\."),
    "complex X": (X + 1j, y, None, ValueError, "Complex data not supported"),
    "complex y": (X, y + 1j, None, ValueError, "Complex data not supported"),
    "complex sample_weight": (X, y, ONES + 1j, ValueError, "Complex data not supported"),
    "words as X": (np.full(X.shape, "tall"), y, None, ValueError, NO_NUMBER),
    "words in a column": (NUMBERS.assign(volume="tall"), y, None, ValueError, NO_NUMBER),
    "words as y": (X, np.full(N_ROWS, "tall"), None, ValueError, NO_NUMBER),
    "words as a Series y": (X, pd.Series(["tall"] * N_ROWS), None, ValueError, NO_NUMBER),
    "classes as y": (
        *(X, pd.Series(["tall", "small"] * 30, dtype="category"), None),
        *(ValueError, NO_NUMBER),
    ),
    "words as sample_weight": (X, y, ["tall"] * N_ROWS, ValueError, NO_NUMBER),
    "objects as X": ([[{}, 1, 2]] * N_ROWS, y, None, TypeError, "must be a string or a real num"),
    "a column of dates": (
        *(NUMBERS.assign(volume=DATES[:N_ROWS]), y, None),
        *(TypeError, "X has dates in column 'volume'. Make them the index of X"),
    ),
    "names of several types": (
        *(NUMBERS.rename(columns={"volume": 1}), y, None),
        *(TypeError, r"only supported if all input features have string names"),
    ),
    "sparse matrix as X": (sparse.csr_matrix(X), y, None, TypeError, "Sparse data was passed"),
    "sparse array as X": (sparse.coo_array(X), y, None, TypeError, "Sparse data was passed"),
    "sample_weight shorter than X": (
        *(X, y, ONES[:-1]),
        *(ValueError, r"sample_weight\.shape == \(59,\), expected \(60,\)"),
    ),
    "2-D sample_weight": (X, y, ONES[:, None], ValueError, "Sample weights must be 1D"),
    "negative sample_weight": (X, y, -ONES, ValueError, "Negative values .* `sample_weight`"),
    "a negative sample_weight": (
        *(X, y, with_value(ONES, -1e-9)),
        *(ValueError, "Negative values .* `sample_weight`"),
    ),
    "sample_weight of zeros": (
        *(X, y, 0 * ONES),
        *(ValueError, "sample_weight is (0|zero) for all|Sample weights must contain"),
    ),
}
BY_METHOD = pytest.mark.parametrize("method", ["fit", "partial_fit"])


@BY_METHOD
@pytest.mark.parametrize("case", BAD_DATA)
def test_bad_data_are_refused(case, method):
    """Oracle: the contract, in scikit-learn's words where it has some."""
    X_bad, y_bad, weight, error, message = BAD_DATA[case]
    assert_refused(lambda: getattr(tiny(), method)(X_bad, y_bad, weight), error, message)


@pytest.mark.parametrize("case", BAD_DATA)
def test_a_fit_is_as_it_was_after_bad_data(case):
    """Oracle: predictions before."""
    X_bad, y_bad, weight, error, message = BAD_DATA[case]
    regressor = copy.copy(fitted())
    assert_refused(lambda: regressor.fit(X_bad, y_bad, weight), error, message)
    assert_as_before(regressor, fitted(), X)


@pytest.mark.parametrize("case", sorted(set(BAD_DATA) - {"too few rows", "one row", *FILLED}))
def test_bad_data_are_refused_by_a_baseline(case):
    """Oracle: the same as for the network; a baseline needs two rows only, and fills gaps of X."""
    X_bad, y_bad, weight, error, message = BAD_DATA[case]
    assert_refused(lambda: LastValueRegressor().fit(X_bad, y_bad, weight), error, message)


def test_weights_of_0_wherever_a_window_is_full_are_refused():
    """Oracle: by hand: 4 rows come before the first full window."""
    message = "sample_weight is 0 for all of the 56 rows with a full window"
    assert_refused(lambda: tiny().fit(X, y, ONLY_WITHOUT_WINDOW), ValueError, message)


# Parameters

NOT_AN_INTEGER = [2.0, 1.5, "2", None, [2], np.nan]
NOT_A_NUMBER = ["0.5", None, [0.5], np.nan, np.inf, -np.inf]
NOT_A_FLAG = [1, 0, None, "True", 1.0]
NOT_A_WORD = ["", "some", 1, True, ["auto"]]
NO_COLUMN = [1.0, {"a": 1}.items, slice(1)]
BAD_VALUES = {
    "window_length": [0, -1, *NOT_AN_INTEGER],
    "horizon": [-1, -(10**9), *NOT_AN_INTEGER],
    "known_columns": NO_COLUMN,
    "history": [*NOT_A_WORD, None, "Auto"],
    "units": [0, -1, *NOT_AN_INTEGER],
    "num_layers": [0, -1, *NOT_AN_INTEGER],
    "peephole": NOT_A_FLAG,
    "dropout": [-1e-9, 1.0, 1.5, *NOT_A_NUMBER],
    "learning_rate": [0.0, -0.1, *NOT_A_NUMBER],
    "decay_rate": [0.0, -0.5, 1 + 1e-9, *NOT_A_NUMBER],
    "decay_steps": [0, -1, *NOT_A_NUMBER],
    "decay_unit": [*NOT_A_WORD, None, "epochs"],
    "batch_size": [0, -1, "auto", *NOT_AN_INTEGER],
    "epochs": [0, -1, *NOT_AN_INTEGER],
    "shuffle": NOT_A_FLAG,
    "loss": [*NOT_A_WORD, None, "mse"],
    "quantiles": [0.5, "0.5", True, 1, {"a": 1}.items],
    "clipnorm": [0.0, -1.0, "1", np.nan, np.inf],
    "weight_decay": [-1e-9, *NOT_A_NUMBER],
    "scaling": [*NOT_A_WORD, "robust"],
    "target_column": NO_COLUMN,
    "window_columns": NO_COLUMN,
    "linear_skip": NOT_A_FLAG,
    "linear_start": NOT_A_FLAG,
    "season_length": ["", "some", 1, 0, -7, 2.5, True],
    "steps": [0, -1, *NOT_AN_INTEGER],
    "n_networks": [0, -1, "auto", *NOT_AN_INTEGER],
    "early_stopping": NOT_A_FLAG,
    "validation_fraction": [*NOT_A_WORD, None, 0.0, 1.0, -0.1, *NOT_A_NUMBER],
    "n_iter_no_change": [0, -1, *NOT_AN_INTEGER],
    "tol": [-1e-9, *NOT_A_NUMBER],
    "warm_start": NOT_A_FLAG,
    "random_state": [-1, 2**32, 1.5, "0", [0], np.random.default_rng(0)],
    "verbose": [-1, 1.5, "yes", None],
}


def test_every_parameter_has_values_that_are_refused():
    """Oracle: the signature."""
    assert set(BAD_VALUES) == set(tiny().get_params())


@BY_METHOD
@pytest.mark.parametrize("name", BAD_VALUES)
def test_a_parameter_out_of_range_or_of_a_wrong_type_is_named_with_its_value(name, method):
    """Oracle: the documented ranges."""
    for value in BAD_VALUES[name]:
        got = re.escape(repr(value))
        message = rf"The '{name}' parameter of LSTMRegressor must be .*\. Got {got} instead\."
        regressor = copy.copy(fitted()).set_params(**{name: value})
        assert_refused(lambda: getattr(regressor, method)(X, y), ValueError, message)  # noqa: B023
        assert_as_before(regressor.set_params(**{name: getattr(fitted(), name)}), fitted(), X)


@pytest.mark.parametrize(
    ("make", "wrong"),
    [
        *((LastValueRegressor, {"horizon": value}) for value in [-1, *NOT_AN_INTEGER]),
        *((LastValueRegressor, {"history": value}) for value in NOT_A_WORD),
        *((LastValueRegressor, {"target_column": value}) for value in NO_COLUMN),
        *((SeasonalNaiveRegressor, {"season_length": value}) for value in [0, *NOT_AN_INTEGER]),
    ],
)
def test_a_baselines_parameter_out_of_range_is_named_with_its_value(make, wrong):
    """Oracle: the documented ranges."""
    ((name, value),) = wrong.items()
    message = rf"The '{name}' parameter of {make.__name__} .* Got {re.escape(repr(value))} instead"
    assert_refused(lambda: make(**wrong).fit(X, y), ValueError, message)


@pytest.mark.parametrize("many", [61, 2**31, 2**63, 10**30])
@pytest.mark.parametrize("name", ["window_length", "horizon"])
def test_a_window_longer_than_the_rows_is_named_with_what_it_needs(name, many):
    """Oracle: by hand: window_length + horizon rows."""
    other = {"window_length": 1, "horizon": 4}[name]
    message = rf"{name}={many} .*at least {many + other} rows; X has n_samples = 60\."
    regressor = tiny(**{name: many})
    assert_refused(lambda: regressor.fit(X, y), ValueError, message.replace("horizon=", ".*="))


BAD_COLUMNS = [
    ("known_columns", 3, r"known_columns=3 is not a column of X\. Use a position from 0 to 2"),
    ("known_columns", -1, r"known_columns=-1 is not a column"),
    ("known_columns", True, "known_columns=True is not a column"),
    ("known_columns", [0, 1.0], r"known_columns=1\.0 is not a column"),
    ("known_columns", [None], "known_columns=None is not a column"),
    ("known_columns", [[1]], r"known_columns=\[1\] is not a column"),
    ("known_columns", 10**30, "known_columns=10+ is not a column"),
    ("known_columns", "open", r"known_columns='open' .* names \['close', 'volume', 'spread'\]"),
    ("known_columns", ["volume", "open"], "known_columns='open' is not a column of X"),
    (
        "known_columns",
        [1, 1],
        r"known_columns=\[1, 1\] names a column twice\. Name each column once",
    ),
    ("known_columns", ["volume", 1], r"known_columns=\['volume', 1\] names a column twice"),
    ("window_columns", "open", "window_columns='open' is not a column of X"),
    ("window_columns", [3], "window_columns=3 is not a column of X"),
    ("window_columns", [1, "volume"], r"window_columns=\[1, 'volume'\] names a column twice"),
    ("target_column", "open", "target_column='open' is not a column of X"),
    ("target_column", 3, "target_column=3 is not a column of X"),
    ("target_column", [False], "target_column=False is not a column of X"),
    ("target_column", np.array(0), r"target_column=array\(0\) is not a column of X"),
    ("target_column", [0, 1], r"target_column=\[0, 1\] names 2 columns, but y has 1 outputs"),
    ("target_column", [], r"target_column=\[\] names 0 columns, but y has 1 outputs"),
]


@pytest.mark.parametrize(("name", "value", "message"), BAD_COLUMNS)
def test_what_names_no_column_or_one_twice_is_refused(name, value, message):
    """Oracle: the columns are close, volume and spread, at 0, 1 and 2."""
    regressor = copy.copy(fitted_to_frame()).set_params(**{name: value})
    assert_refused(lambda: regressor.fit(TRAINED, TRAINED["close"]), ValueError, message)
    assert_as_before(regressor, fitted_to_frame(), LATER)


@pytest.mark.parametrize(("name", "value", "message"), BAD_COLUMNS)
def test_a_baseline_refuses_what_names_no_target_column(name, value, message):
    """Oracle: the same as for the network."""
    if name == "target_column":
        regressor = LastValueRegressor(target_column=value)
        assert_refused(lambda: regressor.fit(TRAINED, TRAINED["close"]), ValueError, message)


def test_a_name_needs_columns_with_names():
    """Oracle: the contract: the way out is named."""
    message = "known_columns='volume' is not a column of X.*or give X column names"
    assert_refused(lambda: tiny(known_columns="volume").fit(X, y), ValueError, message)


# Spellings of the target


def test_a_target_read_in_its_own_row_is_refused():
    """Oracle: the rule: at horizon=0 a window ends with the row that is predicted."""
    message = "horizon=0 reads the row that is predicted, but y is column 0 of X"
    for regressor in (tiny(horizon=0), LastValueRegressor(horizon=0)):
        assert_refused(lambda: regressor.fit(X, y), ValueError, message)  # noqa: B023


@pytest.mark.parametrize("horizon", [1, 3])
def test_a_target_known_in_advance_is_refused(horizon):
    """Oracle: the rule: known columns are read in the row that is predicted."""
    regressor = tiny(horizon=horizon, known_columns=[1, 0])
    message = "known_columns with column 0 reads the row that is predicted"
    assert_refused(lambda: regressor.fit(X, y), ValueError, message)


def test_a_shifted_target_forecast_ahead_is_warned_of():
    """Oracle: by hand: the next row's value, one row ahead, is two rows ahead."""
    with pytest.warns(UserWarning, match="the forecast is 2 rows ahead"):
        tiny().fit(X[:-1], y[1:])


# Divergence


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize(
    ("wild", "message"),
    [
        ({"learning_rate": 1e30}, r"became (inf|nan) in epoch 1 at learning_rate=1e\+30"),
        ({"learning_rate": 1e300}, r"became (inf|nan) in epoch 1 at learning_rate=1e\+300"),
        ({"weight_decay": 1e300}, r"smaller learning_rate or weight_decay \(now 1e\+300\)"),
    ],
    ids=str,
)
def test_training_that_diverges_is_refused_naming_epoch_rate_and_decay(
    wild, message, early_stopping
):
    """Oracle: the contract: whatever a fit returns predicts finite numbers."""
    regressor = copy.copy(fitted()).set_params(**wild, early_stopping=early_stopping)
    assert_refused(lambda: regressor.fit(X, y), ValueError, message)
    assert_as_before(regressor, fitted(), X)


def test_training_that_diverges_in_its_last_step_is_refused():
    """Oracle: by hand: 12 rows have 8 full windows, one step, after which no loss is computed."""
    regressor = tiny(learning_rate=1e38, epochs=1)
    message = r"largest weight became (inf|nan|\d.*e\+3\d) in epoch 1 at learning_rate=1e\+38"
    assert_refused(lambda: regressor.fit(X[:12], y[:12]), ValueError, message)


# Labels


def labelled(index):
    return pd.DataFrame(X, index=index, columns=NAMES)


NAT = DATES[:N_ROWS].where(np.arange(N_ROWS) != 7)
BAD_LABELS = {
    "dates backwards": (DATES[:N_ROWS][::-1], "sorted, without duplicates: row 1, 2024-02-28"),
    "a date twice": (
        DATES.insert(7, DATES[7])[:N_ROWS],
        r"row 8, 2024-01-08.*, comes after row 7, 2024-01-08.*Sort X and y by time",
    ),
    "a date too early": (DATES[[1, 0, *range(2, N_ROWS)]], r"row 1, 2024-01-01.*after row 0"),
    "integers backwards": (pd.Index(range(N_ROWS)[::-1]), "row 1, 58, comes after row 0, 59"),
    "an integer twice": (pd.Index([0, *range(N_ROWS - 1)]), "row 1, 0, comes after row 0, 0"),
    "months backwards": (
        pd.period_range("2019-01", periods=N_ROWS, freq="M")[::-1],
        "row 1, 2023-11, comes after row 0, 2023-12",
    ),
    "a date missing": (NAT, r"must label every row, but row 7 has no label\. Give it one, or"),
    "an integer missing": (
        pd.Index([None, *range(N_ROWS - 1)], dtype="Int64"),
        "row 0 has no label",
    ),
}


@pytest.mark.parametrize("kind", BAD_LABELS)
def test_labels_out_of_order_or_missing_are_refused(kind):
    """Oracle: by hand."""
    index, message = BAD_LABELS[kind]
    rows = labelled(index)
    assert_refused(lambda: LastValueRegressor().fit(rows, y), ValueError, message)
    regressor = copy.copy(fitted_to_frame())
    for call in (regressor.fit, regressor.partial_fit):
        assert_refused(lambda: call(rows, y), ValueError, message)  # noqa: B023
    for call in (regressor.predict, regressor.forecast, regressor.update):
        assert_refused(lambda: call(rows), ValueError, message)  # noqa: B023
    assert_refused(lambda: regressor.score(rows, y), ValueError, message)
    assert_as_before(regressor, fitted_to_frame(), LATER)


def test_dates_with_and_without_a_time_zone_do_not_compare():
    """Oracle: pandas: naive and aware dates do not compare."""
    naive, aware = LATER, LATER.tz_localize("Europe/Berlin")
    trained = {"naive": TRAINED, "aware": TRAINED.tz_localize("UTC")}
    for kind, X_later, message in (
        ("naive", aware, "X have Europe/Berlin, but those of the kept rows have no time zone"),
        ("aware", naive, "X have no time zone, but those of the kept rows have UTC"),
    ):
        for make in (tiny, LastValueRegressor):
            regressor = make().fit(trained[kind], TRAINED["close"])
            assert_refused(lambda: regressor.predict(X_later), TypeError, message)  # noqa: B023


# Rows to predict, unlike those of the fit

RENAMED = LATER.rename(columns={"volume": "open"})
BAD_ROWS = {  # X, message
    "a column less": (LATER[NAMES[:2]], "yet now missing:\n- spread"),
    "a column more": (LATER.assign(more=1.0), "unseen at fit time:\n- more"),
    "another name": (RENAMED, "unseen at fit time:\n- open\n.*yet now missing:\n- volume"),
    "another order": (LATER[NAMES[::-1]], "must be in the same order as they were in fit"),
    "NaN": (LATER.mask(LATER > 2), "Input X contains NaN"),
    "inf": (LATER.where(LATER < 2, np.inf), "Input X contains infinity"),
    "words": (LATER.assign(volume="tall"), NO_NUMBER),
    "no rows": (LATER[:0], r"0 sample\(s\) \(shape=\(0, 3\)\)"),
}


@pytest.mark.parametrize("method", ["predict", "forecast", "update"])
@pytest.mark.parametrize("case", BAD_ROWS)
def test_rows_unlike_those_of_the_fit_are_refused(case, method):
    """Oracle: scikit-learn's words."""
    rows, message = BAD_ROWS[case]
    regressor = copy.copy(fitted_to_frame())
    assert_refused(lambda: getattr(regressor, method)(rows), ValueError, message)
    assert_as_before(regressor, fitted_to_frame(), LATER)


@pytest.mark.parametrize("case", sorted(set(BAD_ROWS) - {"NaN"}))
def test_a_baseline_refuses_rows_unlike_those_of_the_fit(case):
    """Oracle: scikit-learn's words."""
    rows, message = BAD_ROWS[case]
    baseline = LastValueRegressor().fit(TRAINED, TRAINED["close"])
    for method in ("predict", "forecast"):
        call = getattr(baseline, method)
        assert_refused(lambda: call(rows), ValueError, message)  # noqa: B023


@pytest.mark.parametrize("method", ["predict", "forecast", "update"])
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (X[:, :2], "X has 2 features, but LSTMRegressor is expecting 3 features"),
        (ROWS[:, [0, 1, 2, 2]], "X has 4 features, but LSTMRegressor is expecting 3 features"),
        (X[0], "Expected 2D array, got 1D array"),
        (X[None], "Found array with dim 3"),
    ],
    ids=["a column less", "a column more", "1-D", "3-D"],
)
def test_arrays_unlike_those_of_the_fit_are_refused(rows, message, method):
    """Oracle: scikit-learn's words."""
    assert_refused(lambda: getattr(copy.copy(fitted()), method)(rows), ValueError, message)


# What forecast may be told of the rows to come


def known_rows(n_rows=3, value=1.0, n_columns=3):
    rows = np.full((n_rows, n_columns), np.nan)
    rows[:, -1] = value
    return rows


@pytest.mark.parametrize(
    ("known", "message"),
    [
        (None, r"known=None, but with known_columns=\[2\] forecast needs the next 3 rows in known"),
        (known_rows(2), r"known has 2 rows; it must have horizon=3 rows, with values in "),
        (known_rows(4), "known has 4 rows; it must have horizon=3 rows"),
        (known_rows(value=np.nan), r"NaN in known_columns; .* values in known_columns=\[2\]"),
        (known_rows(value=np.inf), "known must have the form of X: .*contains infinity"),
        (
            known_rows(n_columns=2),
            "known must have the form of X: X has 2 features, .* expecting 3",
        ),
        (known_rows()[0], "known must have the form of X: Expected 2D array"),
        (np.full((3, 3), "tall"), "known must have the form of X: .*tall"),
    ],
    ids=["none", "too few", "too many", "NaN", "inf", "a column less", "1-D", "words"],
)
@pytest.mark.parametrize("rows", [None, X[:20]], ids=["after training", "after X"])
def test_forecast_refuses_known_rows_that_do_not_fit(known, message, rows):
    """Oracle: by hand: three rows of three columns, the third one known."""
    regressor = copy.copy(fitted(known_columns=(2,), horizon=3)).set_params(known_columns=[2])
    assert_refused(lambda: regressor.forecast(rows, known), ValueError, message)


def test_there_is_nothing_to_forecast_at_horizon_0():
    """Oracle: the rule: horizon rows follow the last row."""
    regressor = tiny(horizon=0).fit(X[:-1], y[1:])
    assert_refused(regressor.forecast, ValueError, r"horizon=0 .* forecast needs horizon >= 1")


# Going on


CHANGES = {
    "window_length": 5,
    "horizon": 2,
    "units": 5,
    "num_layers": 2,
    "peephole": False,
    "linear_skip": True,
    "scaling": "standard",
    "known_columns": [1],
    "target_column": 1,
    "window_columns": [2],
}


@BY_METHOD
@pytest.mark.parametrize("name", CHANGES)
def test_training_goes_on_with_the_same_network_only(name, method):
    """Oracle: the contract; what is changed is named, with what it was."""
    regressor = copy.copy(fitted()).set_params(**{name: CHANGES[name]}, warm_start=True)
    message = rf"built with {name}=.* now are {name}=.*only with the same .*warm_start=False"
    assert_refused(lambda: getattr(regressor, method)(X, y), ValueError, message)
    assert_as_before(regressor, fitted(), X)
    regressor.set_params(**{name: getattr(fitted(), name)})
    assert getattr(regressor, method)(X, y).n_iter_ == {"fit": 4, "partial_fit": 3}[method]


@BY_METHOD
def test_a_network_that_reads_no_more_peepholes_cannot_go_on_with_them_either(method):
    """Oracle: the contract, the other way round."""
    regressor = tiny(peephole=False, linear_skip=False, warm_start=True).fit(X, y)
    regressor.set_params(peephole=True, linear_skip=True)
    message = "built with peephole=False, linear_skip=False, but .* peephole=True, linear_skip=True"
    assert_refused(lambda: getattr(regressor, method)(X, y), ValueError, message)


@BY_METHOD
def test_the_same_column_by_another_name_is_no_change(method):
    """Oracle: by hand: column 1 is volume."""
    regressor = tiny(known_columns="volume", warm_start=True).fit(TRAINED, TRAINED["close"])
    regressor.set_params(known_columns=[1])
    assert getattr(regressor, method)(TRAINED, TRAINED["close"]).n_iter_ > 2


@pytest.mark.parametrize(
    "change",
    [
        {"loss": "huber"},
        {"dropout": 0.5},
        {"learning_rate": 0.1, "decay_rate": 0.5, "decay_steps": 2, "decay_unit": "step"},
        {"batch_size": 7},
        {"epochs": 5},
        {"clipnorm": 0.1, "weight_decay": 0.0},
        {"shuffle": False},
        {"early_stopping": True},
        {"history": "none"},
        {"random_state": 1},
    ],
    ids=str,
)
def test_how_training_is_done_may_change_while_it_goes_on(change):
    """Oracle: by hand: two epochs, then those asked for; the first ones stay as they were."""
    regressor = tiny(warm_start=True).fit(X, y).set_params(**change).fit(X, y)
    assert regressor.n_iter_ == 2 + change.get("epochs", 2)
    assert regressor.loss_curve_[:2] == fitted().loss_curve_
    assert np.all(np.isfinite(regressor.predict(X)))


@BY_METHOD
@pytest.mark.parametrize("n_outputs", [1, 2])
def test_training_goes_on_with_targets_of_the_same_shape_only(n_outputs, method):
    """Oracle: the contract."""
    regressor = copy.copy(fitted()).set_params(warm_start=True)
    message = (
        rf"y has the shape \(60, {n_outputs}\), but training began with 1 outputs and the shape"
    )
    call = getattr(regressor, method)
    assert_refused(lambda: call(X, X[:, :n_outputs]), ValueError, message)


# Before the fit


@pytest.mark.parametrize("method", ["predict", "forecast", "update", "score"])
def test_nothing_can_be_asked_before_the_fit(method):
    """Oracle: scikit-learn's contract."""
    arguments = (X, y) if method == "score" else (X,)
    for regressor in (tiny(), LastValueRegressor()):
        if hasattr(regressor, method):
            call = getattr(regressor, method)
            message = f"This {type(regressor).__name__} instance is not fitted yet"
            assert_refused(lambda: call(*arguments), NotFittedError, message)  # noqa: B023


def test_fitted_attributes_appear_with_the_fit():
    """Oracle: scikit-learn's contract; the attributes are those that a fit sets."""
    regressor, baseline = LSTMRegressor(), LastValueRegressor()
    fit = fitted_to_frame()
    names = [name for name in vars(fit) if name.endswith("_") and not name.startswith("_")]
    assert {"scaling_", "target_column_", "loss_curve_", "n_features_in_"} <= set(names)
    for name in names:
        with pytest.raises(AttributeError, match=name):
            getattr(regressor, name)
    for name in ("mean_", "target_column_", "target_lead_", "n_features_in_"):
        with pytest.raises(AttributeError, match=name):
            getattr(baseline, name)


def test_there_is_no_model_before_the_fit():
    """Oracle: Python's contract: a NotFittedError is an AttributeError, so hasattr says no."""
    with pytest.raises(AttributeError, match="not fitted yet"):
        _ = LSTMRegressor().model_
    assert not hasattr(LSTMRegressor(), "model_")
    assert hasattr(fitted(), "model_")


# What looks odd, and works


@pytest.mark.parametrize("target_column", [None, 1])
@pytest.mark.parametrize("scaling", ["auto", "window", "center", "standard", "minmax", None])
def test_a_constant_target_is_predicted(scaling, target_column):
    """Oracle: the constant; with scales of its own training begins there."""
    regressor = tiny(scaling=scaling, target_column=target_column)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # without a column there is nothing to centre
        regressor.fit(X, np.full(N_ROWS, 0.1))
    predictions = regressor.predict(X)
    assert np.all(np.isfinite(predictions))
    if scaling is not None:
        np.testing.assert_allclose(predictions, 0.1, atol=0.2)


def test_a_gradient_of_0_is_clipped_to_0():
    """Oracle: by hand: training begins at the mean of a constant target, so nothing has to move."""
    regressor = tiny(clipnorm=5e-324).fit(X, np.full(N_ROWS, 3.0))
    np.testing.assert_array_equal(regressor.loss_curve_, 0.0)
    np.testing.assert_array_equal(regressor.predict(X), 3.0)


@pytest.mark.parametrize("scaling", ["auto", "window", "center", "standard", "minmax", None])
@pytest.mark.parametrize("constant", [[1], [1, 2]], ids=str)
def test_constant_columns_do_no_harm(constant, scaling):
    """Oracle: finite predictions that a constant of another size does not change."""
    predictions = []
    for value in (0.0, 1.0):
        rows = X.copy()
        rows[:, constant] = value
        predictions.append(tiny(scaling=scaling).fit(rows, y).predict(rows))
    assert np.all(np.isfinite(predictions))
    if scaling is not None:
        np.testing.assert_array_equal(*predictions)


def test_rows_without_any_change_are_predicted_by_the_constant():
    """Oracle: the constant."""
    rows = np.full((N_ROWS, 3), 7.0)
    for regressor in (tiny(), LastValueRegressor()):
        np.testing.assert_allclose(regressor.fit(rows, rows[:, 0]).predict(rows), 7.0, atol=0.2)


def test_one_column_is_enough():
    """Oracle: a shape; the series is its own input."""
    regressor = tiny().fit(y[:, None], y)
    assert regressor.predict(y[:7, None]).shape == (7,)
    assert regressor.forecast().shape == (1,)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64])
def test_parameters_may_be_numpys_integers_however_narrow(dtype):
    """Oracle: the fit with Python's."""
    names = ("window_length", "units", "num_layers", "batch_size", "epochs", "horizon")
    plain = {name: getattr(tiny(), name) for name in names}
    regressor = tiny(**{name: dtype(value) for name, value in plain.items()}).fit(X, y)
    assert_as_before(regressor, fitted(), X)


def test_true_counts_as_one_as_everywhere_in_python():
    """Oracle: the fit with 1, as scikit-learn's MLPRegressor takes it."""
    names = ("num_layers", "horizon", "epochs", "units", "window_length")
    regressor = tiny(**dict.fromkeys(names, True)).fit(X, y)
    assert_as_before(regressor, tiny(**dict.fromkeys(names, 1)).fit(X, y), X)
