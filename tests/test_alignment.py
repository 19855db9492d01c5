"""The alignment rule through `LSTMRegressor`: which rows a prediction reads, by hand.

The oracle of most tests is `predict_by_hand`: the rule in ten lines of NumPy around the public
`model_`. All networks here run in the programs of three columns, one or two outputs and a window of
up to 8 rows.
"""

import copy
import warnings
from functools import cache
from importlib.metadata import version

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from small_regressor import bare

N_TRAIN = 40
N_ROWS = 70
SPECS = {
    "next row": {"window_length": 4, "horizon": 1},
    "third row ahead": {"window_length": 4, "horizon": 3},
    "one row in a window": {"window_length": 1, "horizon": 3},
    "this row": {"window_length": 4, "horizon": 0},
    "a known column": {"window_length": 4, "horizon": 1, "known_columns": 1},
    "two known columns": {"window_length": 4, "horizon": 3, "known_columns": [2, 1]},
    "known with horizon 0": {"window_length": 4, "horizon": 0, "known_columns": [1]},
    "a long window": {"window_length": 8, "horizon": 2},
}
BY_SPEC = st.sampled_from(sorted(SPECS))
AHEAD = st.sampled_from(sorted(name for name in SPECS if SPECS[name]["horizon"] >= 1))
EXAMPLES = settings(max_examples=25)


def make_rows(n_rows=N_ROWS, seed=0):
    """A random walk, then two columns of noise; positive, so that it has a logarithm."""
    rng = np.random.default_rng(seed)
    return np.column_stack(
        [50 + rng.normal(size=n_rows).cumsum(), rng.normal(size=n_rows), rng.uniform(size=n_rows)]
    )


def assert_same(predictions, expected):
    """To the last bit; before TensorFlow 2.21 a matmul rounds by the row's place in its batch."""
    rounding = 0 if version("tensorflow") >= "2.21" else 1e-6
    np.testing.assert_allclose(predictions, expected, rtol=rounding)


@cache
def fitted(spec):
    """A fit on the first 40 rows; the target is the first column, one row later at horizon 0."""
    X = make_rows()
    lead = 1 if SPECS[spec]["horizon"] == 0 else 0
    return bare(**SPECS[spec]).fit(X[:N_TRAIN], X[lead : N_TRAIN + lead, 0])


@cache
def model_of(spec):
    return fitted(spec).model_


def with_history(regressor, history):
    return copy.copy(regressor).set_params(history=history)


def trained_mean(regressor):
    """Mean of the targets that have a full window."""
    k = regressor.window_length + regressor.horizon - 1
    lead = 1 if regressor.horizon == 0 else 0
    return make_rows()[k + lead : N_TRAIN + lead, 0].mean()


def predict_by_hand(spec, X, before):
    """The rule: block rows s-h-w+1 .. s-h, known columns s-w+1 .. s, missing ones the oldest."""
    regressor, model = fitted(spec), model_of(spec)
    w, h = regressor.window_length, regressor.horizon
    known = np.atleast_1d(regressor.known_columns or []).astype(int)
    block = np.concatenate([before, X])
    windows = np.empty((len(X), w, X.shape[1]))
    for t in range(len(X)):
        s = t + len(before)
        for slot, lag in enumerate(reversed(range(w))):
            windows[t, slot] = block[max(0, s - h - lag)]
            windows[t, slot, known] = block[max(0, s - lag), known]
    y = model({"window": windows}).numpy()[:, 0]
    y[: max(0, h - len(before))] = trained_mean(regressor)
    return y


# What a prediction reads


@given(spec=BY_SPEC, n_rows=st.integers(1, 30), history=st.sampled_from(["continue", "none"]))
@EXAMPLES
def test_predictions_are_the_model_on_windows_cut_by_the_rule(spec, n_rows, history):
    """Oracle: `predict_by_hand`; blocks shorter than a window are among the examples."""
    rows = make_rows()
    X, before = rows[N_TRAIN : N_TRAIN + n_rows], rows[:N_TRAIN]
    predictions = with_history(fitted(spec), history).predict(X)
    expected = predict_by_hand(spec, X, before if history == "continue" else before[:0])
    np.testing.assert_allclose(predictions, expected, rtol=1e-6)


@pytest.mark.parametrize("spec", SPECS)
def test_training_rows_are_predicted_by_the_rule_without_history(spec):
    """Oracle: `predict_by_hand`; the first rows have the oldest row in place of missing ones."""
    X = make_rows()[:N_TRAIN]
    expected = predict_by_hand(spec, X, X[:0])
    np.testing.assert_allclose(fitted(spec).predict(X), expected, rtol=1e-6)


@given(
    spec=BY_SPEC,
    n_rows=st.integers(1, 30),
    kind=st.sampled_from(["float64", "float32", "int64", "list", "frame", "Fortran"]),
)
@EXAMPLES
def test_predict_returns_one_float64_for_each_row(spec, n_rows, kind):
    """Oracle: the rule; whatever the type of X."""
    X = make_rows()[N_TRAIN : N_TRAIN + n_rows]
    converted = {"list": X.tolist(), "frame": pd.DataFrame(X), "Fortran": np.asfortranarray(X)}
    predictions = fitted(spec).predict(converted[kind] if kind in converted else X.astype(kind))
    assert predictions.dtype == np.float64
    assert predictions.shape == (n_rows,)
    if kind in ("list", "frame", "Fortran"):
        np.testing.assert_array_equal(predictions, fitted(spec).predict(X))


@given(
    spec=AHEAD,
    n_rows=st.integers(1, 30),
    data=st.data(),
    history=st.sampled_from(["auto", "continue", "none"]),
)
@EXAMPLES
def test_no_change_of_row_t_or_later_changes_the_prediction_for_row_t(spec, n_rows, data, history):
    """Oracle: the rule; equality is exact. Of known columns only rows after t are changed."""
    t = data.draw(st.integers(0, n_rows - 1))
    X = make_rows()[N_TRAIN : N_TRAIN + n_rows]
    changed = X.copy()
    changed[t + 1 :] = data.draw(st.sampled_from([0.0, 1.0, -1e9]))
    known = np.atleast_1d(fitted(spec).known_columns or []).astype(int)
    changed[t, np.setdiff1d(np.arange(3), known)] += 7
    regressor = with_history(fitted(spec), history)
    expected = regressor.predict(X)[: t + 1]
    assert_same(regressor.predict(changed)[: t + 1], expected)


@given(spec=BY_SPEC, s=st.integers(0, 19), column=st.integers(0, 2))
@EXAMPLES
def test_a_row_moves_the_predictions_whose_windows_begin_or_end_with_it_and_none_beyond(
    spec, s, column
):
    """Oracle: the rule: row s is read for rows s+h .. s+h+w-1, if known early for s .. s+w-1."""
    regressor = with_history(fitted(spec), "continue")
    w, h = regressor.window_length, regressor.horizon
    X = make_rows()[N_TRAIN : N_TRAIN + 20]
    changed = X.copy()
    changed[s, column] += 3
    moved = set(np.flatnonzero(regressor.predict(X) != regressor.predict(changed)))
    first = s if column in np.atleast_1d(regressor.known_columns or []) else s + h
    assert moved <= set(range(first, first + w))
    assert moved >= {first, first + w - 1} & set(range(20))


@given(spec=BY_SPEC, n_read=st.integers(1, 12), column=st.integers(0, 2))
@EXAMPLES
def test_the_oldest_row_read_of_the_history_moves_the_first_prediction(spec, n_read, column):
    """Oracle: the rule: row 0 reads the training rows back to k before it, and none before."""
    X = make_rows()
    regressor = fitted(spec)
    k = regressor.window_length + regressor.horizon - 1
    changed = copy.deepcopy(regressor)
    train = X[:N_TRAIN].copy()
    train[-n_read, column] += 3
    changed.update(train[-15:])  # does not begin as the kept rows do: it follows them
    regressor = copy.deepcopy(regressor).update(X[N_TRAIN - 15 : N_TRAIN])
    block = X[N_TRAIN : N_TRAIN + 1]
    is_moved = regressor.predict(block)[0] != changed.predict(block)[0]
    is_known = column in np.atleast_1d(regressor.known_columns or [])
    newest, oldest = (1, regressor.window_length - 1) if is_known else (regressor.horizon, k)
    assert not is_moved or newest <= n_read <= oldest
    assert is_moved or n_read not in {max(newest, 1), oldest}


# Blocks, and one long X


@given(spec=BY_SPEC, n_rows=st.integers(1, 30))
@EXAMPLES
def test_a_block_after_training_is_predicted_as_the_same_rows_of_one_long_X(spec, n_rows):
    """Oracle: training rows and block in one X; equality is exact."""
    X = make_rows()[: N_TRAIN + n_rows]
    expected = fitted(spec).predict(X)[N_TRAIN:]
    assert_same(fitted(spec).predict(X[N_TRAIN:]), expected)


@given(spec=BY_SPEC, ends=st.lists(st.integers(N_TRAIN + 1, 65), max_size=3).map(sorted))
@EXAMPLES
def test_after_updates_the_next_rows_are_predicted_as_those_of_one_long_X(spec, ends):
    """Oracle: all rows in one X."""
    X = make_rows()
    regressor, begin = copy.deepcopy(fitted(spec)), N_TRAIN
    for end in ends:
        if end > begin:
            assert regressor.update(X[begin:end]) is regressor
            begin = end
    expected = fitted(spec).predict(X)[begin:]
    assert_same(regressor.predict(X[begin:]), expected)


INDEXES = {
    "days": pd.date_range("2023-12-20", periods=N_ROWS),
    "days without frequency": pd.DatetimeIndex(pd.date_range("2023-12-20", periods=N_ROWS).values),
    "business days": pd.date_range("2023-12-20", periods=N_ROWS, freq="B"),
    "aware hours": pd.date_range("2024-03-30", periods=N_ROWS, freq="h", tz="Europe/Berlin"),
    "months": pd.period_range("2020-01", periods=N_ROWS, freq="M"),
    "every tenth": pd.RangeIndex(100, 100 + 10 * N_ROWS, 10),
    "row numbers": pd.RangeIndex(N_ROWS),
}
KNOW_THE_GAP = sorted(set(INDEXES) - {"days without frequency"})


def make_frame(kind):
    return pd.DataFrame(make_rows(), columns=["price", "calendar", "noise"], index=INDEXES[kind])


@cache
def fitted_on_frame(kind, spec="third row ahead"):
    frame = make_frame(kind)[:N_TRAIN]
    return bare(**SPECS[spec]).fit(frame, frame["price"])


@given(
    kind=st.sampled_from(sorted(INDEXES)),
    first=st.integers(0, N_TRAIN + 6),  # k = 6 missing rows are not too many
    n_rows=st.integers(1, N_ROWS),
)
@EXAMPLES
def test_labelled_rows_are_predicted_as_in_one_long_array_where_missing_rows_are_filled(
    kind, first, n_rows
):
    """Oracle: the fit on arrays; labels tell where X begins, among the training rows or after."""
    frame = make_frame(kind)[first : first + n_rows]
    regressor, X = fitted_on_frame(kind), make_rows()
    if kind in KNOW_THE_GAP:
        X[N_TRAIN:first] = X[N_TRAIN - 1]
    elif first > N_TRAIN:  # rows missing in unknown number are taken as none
        X[N_TRAIN : N_ROWS + N_TRAIN - first] = X[first:]
        first = N_TRAIN
    expected = fitted("third row ahead").predict(X)[first : first + len(frame)]
    if kind == "row numbers" and first == 0 and n_rows < 10:
        return  # 0 .. n-1 are no labels, and 9 rows are too few to be recognised
    np.testing.assert_allclose(regressor.predict(frame), expected, rtol=1e-6)


@given(kind=st.sampled_from(sorted(INDEXES)), first=st.integers(0, 60), n_rows=st.integers(1, 10))
@EXAMPLES
def test_history_none_lets_X_stand_alone_whatever_its_labels(kind, first, n_rows):
    """Oracle: the fit on arrays."""
    frame = make_frame(kind)[first : first + n_rows]
    expected = with_history(fitted("third row ahead"), "none").predict(frame.to_numpy())
    regressor = with_history(fitted_on_frame(kind), "none")
    assert_same(regressor.predict(frame), expected)


@pytest.mark.parametrize("kind", INDEXES)
def test_history_continue_overlooks_labels_and_values(kind):
    """Oracle: `predict_by_hand` on the training rows after the training rows."""
    frame = make_frame(kind)[:N_TRAIN]
    predictions = with_history(fitted_on_frame(kind), "continue").predict(frame)
    X = frame.to_numpy()
    expected = predict_by_hand("third row ahead", X, X)
    np.testing.assert_allclose(predictions, expected, rtol=1e-6)


def test_unlabelled_rows_that_begin_as_the_training_rows_do_are_these():
    """Oracle: `predict_by_hand`: 10 equal rows have no history, 9 follow the training rows."""
    X = make_rows()[:N_TRAIN]
    for n_rows, before in ((N_TRAIN, X[:0]), (10, X[:0]), (9, X)):
        expected = predict_by_hand("next row", X[:n_rows], before)
        predictions = fitted("next row").predict(X[:n_rows])
        np.testing.assert_allclose(predictions, expected, rtol=1e-6)


@pytest.mark.parametrize("kind", KNOW_THE_GAP)
@pytest.mark.parametrize("gap", [0, 1, 6])
def test_rows_left_out_by_a_time_series_split_stand_at_their_place(kind, gap):
    """Oracle: one long array in which the missing rows repeat the row before them; k = 6."""
    frame = make_frame(kind)
    for train, test in TimeSeriesSplit(n_splits=3, gap=gap, test_size=12).split(frame):
        regressor = bare(**SPECS["third row ahead"], epochs=1)
        regressor.fit(frame.iloc[train], frame["price"].iloc[train])
        long = frame.to_numpy(copy=True)
        long[train[-1] + 1 : test[0]] = long[train[-1]]
        expected = with_history(regressor, "none").predict(
            pd.DataFrame(long, columns=frame.columns)
        )
        assert_same(regressor.predict(frame.iloc[test]), expected[test])


@pytest.mark.parametrize("kind", INDEXES)
def test_far_history_warns_and_serves_only_predictions_that_can_read_nothing_else(kind):
    """Oracle: `predict_by_hand`: rows 0 .. h-1 with the history as if adjacent, others without."""
    first = N_TRAIN + 7  # k = 6
    frame = make_frame(kind)[first:]
    with pytest.warns(UserWarning, match=r"More than 6 rows .* missing"):
        predictions = fitted_on_frame(kind).predict(frame)
    rows = make_rows()
    adjacent = predict_by_hand("third row ahead", rows[first:], rows[:N_TRAIN])
    alone = predict_by_hand("third row ahead", rows[first:], rows[:0])
    expected = np.concatenate([adjacent[:3], alone[3:]])
    np.testing.assert_allclose(predictions, expected, rtol=1e-6)


def test_naive_and_aware_dates_do_not_mix():
    """Oracle: the rule."""
    frame = make_frame("days")
    with pytest.raises(TypeError, match="time zone"):
        fitted_on_frame("days").predict(frame.tz_localize("UTC"))
    with pytest.raises(TypeError, match="time zone"):
        fitted_on_frame("aware hours").predict(frame)


@pytest.mark.parametrize("kind", INDEXES)
@pytest.mark.parametrize("order", [[1, 0, 2], [0, 1, 1]], ids=["unsorted", "twice"])
def test_labels_out_of_order_are_refused_in_fit_predict_forecast_and_update(kind, order):
    """Oracle: the rule."""
    frame = make_frame(kind)
    wrong = frame.iloc[[*range(20), *np.add(order, 20)]]
    regressor = fitted_on_frame(kind)
    with pytest.raises(ValueError, match="sorted"):
        bare().fit(wrong, wrong["price"])
    for method in (regressor.predict, regressor.forecast, regressor.update):
        with pytest.raises(ValueError, match="sorted"):
            method(wrong)


def test_labels_survive_an_update():
    """Oracle: one long array, for an X that overlaps the rows of the update, and one with a gap."""
    frame = make_frame("business days")
    regressor = copy.deepcopy(fitted_on_frame("business days")).update(frame[N_TRAIN:55])
    expected = fitted("third row ahead").predict(make_rows())
    assert_same(regressor.predict(frame[50:]), expected[50:])
    filled = make_rows()
    filled[55:58] = filled[54]
    expected = fitted("third row ahead").predict(filled)
    assert_same(regressor.predict(frame[58:]), expected[58:])


# Nothing to read


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_a_prediction_that_may_read_nothing_is_the_weighted_mean_of_the_trained_targets(n_outputs):
    """Oracle: NumPy over the targets with a full window, from row k = 6 on."""
    X = make_rows()[:N_TRAIN]
    y = X[:, 0] if n_outputs == 1 else X[:, [0, 2]]
    weight = np.random.default_rng(1).integers(0, 3, size=N_TRAIN).astype(float)
    regressor = bare(horizon=3, history="none").fit(X, y, weight)
    expected = np.average(y[6:], axis=0, weights=weight[6:])
    for X_new in (make_rows(5, seed=1), make_rows(2, seed=1)):
        first = regressor.predict(X_new)[:3]
        np.testing.assert_allclose(first, np.broadcast_to(expected, first.shape), rtol=1e-12)


# The two spellings of one forecast


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("scaling", ["auto", "window", "center", "standard", "minmax", None])
def test_a_shifted_target_at_horizon_0_gives_the_numbers_of_horizon_1(scaling, early_stopping):
    """Oracle: the other spelling: prediction (b)[t] is (a)[t+1], with weights that differ."""
    rows = make_rows()
    if scaling is None:
        rows = rows - rows.mean(axis=0)
    train = rows[:N_TRAIN]
    weight = np.random.default_rng(2).uniform(0.5, 2, size=N_TRAIN)
    settings = {"scaling": scaling, "early_stopping": early_stopping, "epochs": 4}
    a = bare(horizon=1, **settings).fit(train, train[:, 0], weight)
    b = bare(horizon=0, **settings).fit(train[:-1], train[1:, 0], weight[1:])
    assert (a.target_lead_, b.target_lead_) == ([0], [1])
    assert a.scaling_ == b.scaling_
    np.testing.assert_allclose(a.loss_curve_, b.loss_curve_, rtol=1e-6)
    if early_stopping:
        np.testing.assert_allclose(a.validation_scores_, b.validation_scores_, rtol=1e-6)
    np.testing.assert_allclose(b.predict(rows)[:-1], a.predict(rows)[1:], rtol=1e-6)
    np.testing.assert_allclose(
        b.predict(rows[N_TRAIN - 1 :])[:-1], a.predict(rows[N_TRAIN:]), rtol=1e-6
    )


@pytest.mark.parametrize(("slope", "intercept"), [(1, 0), (-2.5, 30), (1e-4, -1)])
def test_at_horizon_0_a_line_of_any_column_is_refused_as_target(slope, intercept):
    """Oracle: the rule: the target would be in its own window."""
    X = make_rows()[:N_TRAIN]
    for column in range(3):
        with pytest.raises(ValueError, match=f"horizon=0 .* column {column} of X in this row"):
            bare(horizon=0).fit(X, slope * X[:, column] + intercept)


def test_at_horizon_0_a_window_of_one_row_is_plain_regression_and_a_line_only_warns():
    """Oracle: the model's linear skip learns the line, which no look at other rows could."""
    X = np.random.default_rng(0).normal(size=(N_ROWS, 3))
    regressor = bare(window_length=1, horizon=0, decay_rate=1.0, epochs=100)
    with pytest.warns(UserWarning, match=r"horizon=0 .* column 1 of X in this row"):
        regressor.fit(X[:N_TRAIN], X[:N_TRAIN, 1])
    assert regressor.score(X[N_TRAIN:], X[N_TRAIN:, 1]) > 0.9


@pytest.mark.parametrize("horizon", [1, 3])
def test_a_line_of_a_known_column_is_refused_as_target_at_any_horizon(horizon):
    """Oracle: the rule; the same target is fine where the column is not known in advance."""
    X = make_rows()[:N_TRAIN]
    with pytest.raises(ValueError, match=r"known_columns .* window would contain the target"):
        bare(horizon=horizon, known_columns=[1]).fit(X, 2 * X[:, 1])
    regressor = bare(horizon=horizon, known_columns=[2]).fit(X, 2 * X[:, 1])
    assert regressor.target_column_ == [1]


def test_a_target_shifted_and_forecast_ahead_on_top_of_that_is_warned_of():
    """Oracle: the rule: y two rows later at horizon=1 is 3 rows ahead."""
    X = make_rows()
    with pytest.warns(UserWarning, match="3 rows ahead"):
        regressor = bare(horizon=1).fit(X[:N_TRAIN], X[2 : N_TRAIN + 2, 0])
    assert regressor.target_lead_ == [2]


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize(
    ("parameters", "lead"), [({"window_length": 1, "horizon": 0}, 0), ({}, 2), ({}, None)]
)
def test_a_warning_of_fit_points_to_its_caller(method, parameters, lead):
    """Oracle: this file, where y is its own row, a later row, and no column to be centred on."""
    X = make_rows()
    y = make_rows(seed=1)[:, 0] if lead is None else np.roll(X[:, 1], -lead)
    regressor = bare(scaling="standard" if lead is not None else "window", **parameters)
    with pytest.warns(UserWarning) as caught:
        getattr(regressor, method)(X[:N_TRAIN], y[:N_TRAIN])
    assert [warning.filename for warning in caught] == [__file__]


# The target's column


@pytest.mark.parametrize(("horizon", "leads"), [(0, [1, 2]), (0, [3, 1]), (1, [0, 2]), (2, [0, 0])])
def test_each_output_has_the_lead_at_which_it_was_made(horizon, leads):
    """Oracle: how y was made; output j is column 0 or 2, leads[j] rows later. No warning."""
    X = make_rows()
    columns = [0, 2] if leads[0] == leads[1] else [0, 0]
    y = np.column_stack([X[d : N_TRAIN + d, c] for c, d in zip(columns, leads, strict=True)])
    regressor = bare(horizon=horizon).fit(X[:N_TRAIN], y)
    assert regressor.target_lead_ == leads
    assert regressor.target_column_ == columns
    assert regressor.n_outputs_ == 2
    assert regressor.predict(X[N_TRAIN:]).shape == (N_ROWS - N_TRAIN, 2)
    assert bare(horizon=horizon).needed_gap(X[:N_TRAIN], y) == max(leads)


def test_needed_gap_is_0_for_a_target_that_is_no_column():
    """Oracle: by hand."""
    X = make_rows()
    assert bare().needed_gap(X, make_rows(seed=1)[:, 0]) == 0
    assert bare(horizon=0).needed_gap(X[:-4], X[4:, 2]) == 4


@pytest.mark.parametrize("scaling", ["window", "center"])
def test_a_scaler_in_front_changes_neither_the_targets_column_nor_the_predictions(scaling):
    """Oracle: the same regressor without it; a scaler is affine, so the map to y stays exact."""
    X = make_rows()
    y = X[:N_TRAIN, 0]
    plain = bare(scaling=scaling).fit(X[:N_TRAIN], y)
    scaled = make_pipeline(StandardScaler(), bare(scaling=scaling)).fit(X[:N_TRAIN], y)
    assert scaled[-1].target_column_ == plain.target_column_ == [0]
    assert scaled[-1].target_lead_ == plain.target_lead_ == [0]
    assert scaled[-1].scaling_ == plain.scaling_ == scaling
    np.testing.assert_allclose(scaled.predict(X), plain.predict(X), rtol=1e-5)
    np.testing.assert_allclose(scaled.predict(X[N_TRAIN:]), plain.predict(X[N_TRAIN:]), rtol=1e-5)


def test_a_logarithm_in_front_is_told_and_a_logarithm_of_both_is_not():
    """Oracle: the rule: a log is not affine, so the column is lost, unless y is logged too."""
    X = make_rows()[:N_TRAIN]
    logged = make_pipeline(FunctionTransformer(np.abs), FunctionTransformer(np.log), bare())
    with pytest.warns(UserWarning, match="target_column"):
        logged.fit(X, X[:, 0])
    assert logged[-1].scaling_ == "standard"
    assert logged[-1].target_column_ == [None]
    logged.fit(X, np.log(X[:, 0]))
    assert logged[-1].target_column_ == [0]
    assert logged[-1].scaling_ != "standard"
    logged.set_params(lstmregressor__target_column=0).fit(X, X[:, 0])
    assert logged[-1].target_column_ == [0]
    assert logged[-1].scaling_ != "standard"


def test_a_named_target_column_overrules_the_one_found():
    """Oracle: the name given; positions and names mean the same column."""
    frame = make_frame("days")[:N_TRAIN].copy()
    frame["noise"] += frame["price"]  # as another price of the day
    found = bare(scaling="center").fit(frame, frame["price"])
    named = bare(scaling="center", target_column="price").fit(frame, frame["price"])
    other = bare(scaling="center", target_column=2).fit(frame, frame["price"])
    assert (found.target_column_, named.target_column_, other.target_column_) == ([0], [0], [2])
    assert other.target_lead_ == [0]
    np.testing.assert_array_equal(found.predict(frame), named.predict(frame))
    assert np.any(found.predict(frame) != other.predict(frame))


def test_known_columns_are_named_or_numbered():
    """Oracle: the other way to say it."""
    frame = make_frame("days")
    train = frame[:N_TRAIN]
    by_name = bare(horizon=3, known_columns=["noise", "calendar"]).fit(train, train["price"])
    expected = fitted("two known columns").predict(frame.to_numpy())
    np.testing.assert_array_equal(by_name.predict(frame), expected)
    for wrong in ("no such", 3, [1, 1], -1, 1.5):
        with pytest.raises(ValueError, match="known_columns"):
            bare(known_columns=wrong).fit(train, train["price"])


# Forecasts after the last row


@pytest.mark.parametrize("spec", ["next row", "third row ahead", "one row in a window"])
def test_forecast_is_predict_for_rows_appended(spec):
    """Oracle: predict with h further rows; what stands in them must not matter."""
    regressor, X, h = fitted(spec), make_rows(), SPECS[spec]["horizon"]
    appended = np.concatenate([X, np.full((h, 3), 1e3)])
    after_X = regressor.forecast(X[N_TRAIN:])
    assert after_X.shape == (h,)
    assert_same(after_X, regressor.predict(appended[N_TRAIN:])[-h:])
    after_training = regressor.predict(np.concatenate([X[:N_TRAIN], appended[-h:]]))[-h:]
    assert_same(regressor.forecast(), after_training)
    assert_same(regressor.forecast(X[:N_TRAIN]), after_training)
    moved_on = copy.deepcopy(regressor).update(X[N_TRAIN:])
    assert_same(moved_on.forecast(), after_X)


@given(n_rows=st.integers(1, 5), history=st.sampled_from(["auto", "none"]))
@settings(max_examples=10)
def test_forecast_after_few_rows_is_predict_for_rows_appended(n_rows, history):
    """Oracle: predict; without history a forecast may have nothing to read."""
    regressor, X = with_history(fitted("third row ahead"), history), make_rows()
    block = X[N_TRAIN : N_TRAIN + n_rows]
    expected = regressor.predict(np.concatenate([block, X[:3]]))[-3:]
    assert_same(regressor.forecast(block), expected)


def test_forecast_reads_known_columns_of_the_rows_to_come():
    """Oracle: predict with these rows appended."""
    regressor, X = fitted("two known columns"), make_rows()
    known = np.full((3, 3), np.nan)
    known[:, 1:] = X[-3:, 1:]
    expected = regressor.predict(X[N_TRAIN:])[-3:]
    assert_same(regressor.forecast(X[N_TRAIN:-3], known), expected)
    known[2, 1] += 3
    moved = regressor.forecast(X[N_TRAIN:-3], known) != expected
    np.testing.assert_array_equal(moved, [False, False, True])


def test_forecast_names_what_it_needs_of_known():
    """Oracle: the rule: h rows, with values in the known columns."""
    regressor, X = fitted("two known columns"), make_rows()
    for known in (None, X[:2], np.full((3, 3), np.nan)):
        with pytest.raises(ValueError, match="known"):
            regressor.forecast(X[N_TRAIN:], known)


def test_forecast_of_labelled_rows_and_of_two_outputs():
    """Oracle: predict for rows appended, (h, n_outputs)."""
    frame = make_frame("days")
    y = frame[["price", "noise"]]
    regressor = bare(horizon=3).fit(frame[:N_TRAIN], y[:N_TRAIN])
    for last in (N_TRAIN, 60):
        forecast = regressor.forecast(frame[30:last])
        assert forecast.shape == (3, 2)
        expected = regressor.predict(frame[: last + 3])[-3:]
        np.testing.assert_allclose(forecast, expected, rtol=1e-6)
    assert regressor.forecast().shape == (3, 2)


def test_forecast_at_horizon_0_says_that_predict_has_it():
    """Oracle: the rule."""
    with pytest.raises(ValueError, match=r"horizon=0.* last row of predict"):
        fitted("this row").forecast()


# Parameters changed after the fit


@pytest.mark.parametrize(
    "change",
    [
        {"window_length": 2},
        {"horizon": 1},
        {"known_columns": None},
        {"scaling": None},
        {"units": 5},
        {"peephole": False, "linear_skip": False, "dropout": 0.5},
        {"target_column": 2, "window_columns": 2},
    ],
    ids=str,
)
def test_a_parameter_set_after_the_fit_changes_nothing_until_the_next_fit(change):
    """Oracle: the fit before."""
    before, X = fitted("two known columns"), make_rows()
    after = copy.deepcopy(before).set_params(**change)
    np.testing.assert_array_equal(after.predict(X), before.predict(X))
    np.testing.assert_array_equal(after.predict(X[N_TRAIN:]), before.predict(X[N_TRAIN:]))
    known = X[-3:]
    np.testing.assert_array_equal(after.forecast(X[:-3], known), before.forecast(X[:-3], known))
    np.testing.assert_array_equal(
        after.model_(after.read_windows(X)), before.model_(before.read_windows(X))
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a network without scaling may warn
        after.fit(X[:N_TRAIN], X[:N_TRAIN, 0])
    assert np.any(after.predict(X) != before.predict(X))
