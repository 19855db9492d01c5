"""Labels and raw columns mean the same to every entry that takes rows in time order."""

import warnings
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.model_selection import TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_regressor import tiny

import sklstm
from sklstm import (
    BayesTimeSeriesSearchCV,
    ConformalRegressor,
    LastValueRegressor,
    SeasonalNaiveRegressor,
)
from sklstm._nested.gap import find_needed_gap
from sklstm._nested.own_row import describe_own_row
from sklstm.evaluation import skill_table, temporal_train_test_split
from sklstm.evaluation._lags import make_ridge_on_lags

N_ROWS = 60
DAYS = pd.date_range("2024-01-01", periods=N_ROWS, freq="D")
RNG = np.random.default_rng(0)
WALK = RNG.normal(size=N_ROWS).cumsum()
X = pd.DataFrame({"load": WALK, "noise": RNG.normal(size=N_ROWS)}, index=DAYS)
Y = X["load"]


def search(estimator, space, **settings):
    return BayesTimeSeriesSearchCV(
        estimator, space, n_iter=1, cv=2, strategy="random", random_state=0, **settings
    )


def search_forecaster(**settings):
    return search(LastValueRegressor(), {"history": ["auto"]}, **settings)


# Each entry reads rows in time order: what it is called, and how rows are handed to it.
ENTRIES = {
    "network": lambda X, y: tiny().fit(X, y),
    "network's gap": lambda X, y: tiny().needed_gap(X, y),
    "last value": lambda X, y: LastValueRegressor().fit(X, y),
    "season": lambda X, y: SeasonalNaiveRegressor(season_length=2).fit(X, y),
    "search of a network": lambda X, y: search(tiny(), {"units": [2]}).fit(X, y),
    "search of the last value": lambda X, y: search_forecaster().fit(X, y),
    "search of a pipeline": lambda X, y: search(
        make_pipeline(StandardScaler(), LastValueRegressor()),
        {"lastvalueregressor__history": ["auto"]},
    ).fit(X, y),
    "intervals": lambda X, y: ConformalRegressor(LastValueRegressor()).fit(X, y),
    "skill table": lambda X, y: skill_table(LastValueRegressor(), X, y),
}
PLAIN_ENTRIES = {
    "search of ridge": lambda X, y: search(Ridge(), {"alpha": [1.0]}).fit(X, y + X["noise"] ** 2),
    "hold-out": lambda X, y: temporal_train_test_split(X, y),
    "intervals around ridge": lambda X, y: ConformalRegressor(Ridge()).fit(X, y + X["noise"] ** 2),
}
INDEXES = {
    "dates": DAYS,
    "dates in a zone": DAYS.tz_localize("Europe/Berlin"),
    "arrow": DAYS.as_unit("ns").astype("timestamp[ns][pyarrow]"),
    "periods": pd.period_range("2024-01", periods=N_ROWS, freq="M"),
    "integers": pd.RangeIndex(100, 100 + N_ROWS),
}


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("index", INDEXES)
def test_rows_out_of_order_are_refused_wherever_windows_are_read(entry, index):
    """Oracle: the rule: labels increase; those of y count where X has none."""
    rows, y = X.set_index(INDEXES[index]), Y.set_axis(INDEXES[index])
    with pytest.raises(ValueError, match="The index of X must be sorted, without duplicates"):
        ENTRIES[entry](rows[::-1], y[::-1])
    with pytest.raises(ValueError, match="The index of y must be sorted, without duplicates"):
        ENTRIES[entry](rows[::-1].to_numpy(), y[::-1])
    doubled = np.sort([*range(N_ROWS), 30])
    with pytest.raises(ValueError, match=r"row 31, .* comes after row 30"):
        ENTRIES[entry](rows.iloc[doubled], y.iloc[doubled])


@pytest.mark.parametrize("entry", PLAIN_ENTRIES)
@pytest.mark.parametrize("index", INDEXES)
def test_rows_newest_first_are_refused_by_what_trains_on_the_first_rows(entry, index):
    """Oracle: by hand: the rows to train on are the newest."""
    rows, y = X.set_index(INDEXES[index]), Y.set_axis(INDEXES[index])
    message = "trains on row 0 .*the model would learn from the future|not in time order"
    with pytest.raises(ValueError, match=message):
        PLAIN_ENTRIES[entry](rows[::-1], y[::-1])
    PLAIN_ENTRIES[entry](rows, y)


def test_a_panel_that_is_split_by_date_goes_on_for_other_estimators():
    """Oracle: GridSearchCV would fit it; here no row is newer than the rows that test it."""
    panel = X.set_index(np.repeat(DAYS[:20], 3))
    y = panel["noise"] ** 2
    folds = [(np.arange(3 * n), np.arange(3 * n, 3 * n + 9)) for n in (8, 12)]
    found = search(Ridge(), {"alpha": [1.0]}).set_params(cv=folds).fit(panel, y)
    assert found.audit_.select("error") == found.audit_.select("warning") == []
    within = [(np.arange(25), np.arange(25, 33))]  # the ninth date trains and tests
    with pytest.raises(ValueError, match="trains on row 24"):
        search(Ridge(), {"alpha": [1.0]}).set_params(cv=within).fit(panel, y)


def test_rows_out_of_order_are_taken_as_they_stand_if_the_user_allows_it():
    """Oracle: the same search of the rows without labels."""
    expected = search_forecaster().fit(X[::-1].to_numpy(), Y[::-1].to_numpy()).best_score_
    for rows, y in [(X[::-1], Y[::-1]), (X[::-1].to_numpy(), Y[::-1])]:
        allowed = search_forecaster(allow_future_train=True)
        with pytest.warns(UserWarning) as caught:
            allowed.fit(rows, y)
        assert {str(warning.message)[:15] for warning in caught} == {
            "Fold 0 of cv tr",
            "Rows of X do no",
        }
        assert allowed.best_score_ == expected


def test_a_search_warns_once_of_an_index_that_is_not_read():
    """Oracle: by counting; each fit would warn again."""
    late = Y.set_axis(DAYS + pd.Timedelta("1D"))
    for rows, y, text in [
        (X.set_index(DAYS.astype(str)[::-1]), Y.to_numpy(), "texts that do not increase"),
        (X, late, "The dates of X and y differ"),
    ]:
        with pytest.warns(UserWarning, match=text) as caught:
            search_forecaster().fit(rows, y)
        assert len(caught) == 1


@pytest.mark.parametrize("make", [sparse.csr_array, sparse.csr_matrix])
def test_sparse_rows_are_taken_by_estimators_that_take_them(make):
    """Oracle: the scores of dense rows; the labels are those of y."""
    rows, y = X.to_numpy(), pd.Series(X["noise"] ** 2, index=DAYS)
    dense = search(Ridge(), {"alpha": [1.0]}).fit(rows, y)
    found = search(Ridge(), {"alpha": [1.0]}).fit(make(rows), y)
    assert found.best_score_ == pytest.approx(dense.best_score_)
    intervals = ConformalRegressor(Ridge()).fit(make(rows), y)
    np.testing.assert_allclose(intervals.scores_, ConformalRegressor(Ridge()).fit(rows, y).scores_)
    with pytest.raises(ValueError, match="the model would learn from the future"):
        search(Ridge(), {"alpha": [1.0]}).fit(make(rows), y[::-1])


@pytest.mark.parametrize(
    ("folds", "message"),
    [
        (
            [(np.arange(-30, 0), np.arange(10))],
            "Fold 0 of cv yields row -30, but the rows of X are n",
        ),
        ([(np.arange(30), np.arange(55, 65))], "Fold 0 of cv yields row 60, .* from 0 to 59"),
        ([(np.arange(30.0), np.arange(30, 40))], "Fold 0 of cv yields an array of .* type float64"),
        ([(np.ones(59, dtype=bool), np.arange(59, 60))], "one entry for each of the 60 rows"),
    ],
    ids=["negative", "beyond the end", "floats", "a short mask"],
)
def test_row_numbers_that_name_no_row_are_refused(folds, message):
    """Oracle: the message."""
    for estimator, space in [(Ridge(), {"alpha": [1.0]}), (tiny(), {"units": [2]})]:
        with pytest.raises(ValueError, match=message):
            search(estimator, space).set_params(cv=folds).fit(X, Y)


# Rows to come


KNOWN = pd.DataFrame({"load": np.nan, "noise": [1.0, 2.0, 3.0]})


def known_at(first, order=slice(None)):
    return KNOWN.set_index(pd.date_range(first, periods=3))[order]


@pytest.mark.parametrize("wrap", [lambda model: model, partial(make_pipeline, StandardScaler())])
def test_the_dates_of_known_rows_must_continue_the_rows(wrap):
    """Oracle: by hand: rows end at 29 February 2024. A scaler drops the index of X, not of y."""
    model = wrap(tiny(horizon=3, known_columns=[1])).fit(X, Y)
    right = sklstm.forecast(model, known=known_at("2024-03-01"))
    with pytest.raises(ValueError, match=r"labelled 2024-03-02.* should be 2024-03-01"):
        sklstm.forecast(model, known=known_at("2024-03-02"))
    with pytest.raises(ValueError, match=r"labelled 2023-10-03.* should be 2024-03-01"):
        sklstm.forecast(model, known=known_at("2023-10-03"))
    with pytest.raises(ValueError, match="The index of X must be sorted"):
        sklstm.forecast(model, known=known_at("2024-03-01", slice(None, None, -1)))
    np.testing.assert_array_equal(sklstm.forecast(model, known=KNOWN), right)  # numbered: no labels


# Rows without labels


def test_the_block_after_training_is_not_taken_for_the_training_rows_at_a_high_level():
    """Oracle: the same regressor with labels; the case of the report: level 1e7, spread 10."""
    t = np.arange(400)
    y = 1e7 + 10 * np.sin(2 * np.pi * t / 30) + np.random.default_rng(1).normal(size=400)
    rows = y[:, None]
    regressor = tiny(window_length=6, units=4, epochs=3).fit(rows[:300], y[:300])
    labelled = pd.DataFrame(rows, index=pd.RangeIndex(1000, 1400))
    expected = tiny(window_length=6, units=4, epochs=3).fit(labelled[:300], y[:300])
    np.testing.assert_array_equal(regressor.predict(rows[300:]), expected.predict(labelled[300:]))
    np.testing.assert_array_equal(regressor.predict(rows[:300]), expected.predict(labelled[:300]))
    regressor.update(rows[300:350])
    expected.update(labelled[300:350])
    np.testing.assert_array_equal(regressor.predict(rows[350:]), expected.predict(labelled[350:]))


def test_weightless_targets_change_nothing():
    """Oracle: the targets before they were spoilt; their X goes on being read."""
    weight = np.ones(N_ROWS)
    weight[[20, 21, 40]] = 0.0
    wrong = Y.where(weight > 0, 1e6)
    for make in (tiny, LastValueRegressor, partial(SeasonalNaiveRegressor, season_length=3)):
        right = make().fit(X, Y, sample_weight=weight)
        spoilt = make().fit(X, wrong, sample_weight=weight)
        assert spoilt.target_column_ == right.target_column_ == [0]
        np.testing.assert_array_equal(spoilt.predict(X), right.predict(X))


# All entries alike


def as_type(frame, kind):
    if kind == "text":
        return frame.map(repr)
    return frame.astype(kind)


@st.composite
def raw_rows(draw):
    """Rows of any type, order, index and weight, with what must be found in them."""
    lead = draw(st.integers(0, 3))
    n = 40 + lead
    load = np.round(np.random.default_rng(draw(st.integers(0, 99))).normal(size=n).cumsum(), 3)
    frame = pd.DataFrame({"noise": RNG.normal(size=n)[: n - lead], "load": load[: n - lead]})
    kind = draw(st.sampled_from(["float64", "object", "text", "Float64", "double[pyarrow]"]))
    index = draw(st.sampled_from(["none", *INDEXES, "floats", "durations", "texts"]))
    labels = {
        **INDEXES,
        "none": pd.RangeIndex(N_ROWS),
        "floats": pd.Index(np.arange(N_ROWS) / 3),
        "durations": pd.to_timedelta(np.arange(N_ROWS), "h"),
        "texts": pd.Index([f"{n:03}" for n in range(N_ROWS)]),
    }[index][: n - lead]
    y = load[lead:].copy()
    weight = np.ones(len(y))
    spoilt = draw(st.sets(st.integers(0, len(y) - 1), max_size=4))
    weight[list(spoilt)] = 0.0
    y[list(spoilt)] = 1e6
    gaps = draw(st.sets(st.integers(0, len(y) - 1), max_size=3))
    frame.loc[list(gaps), "load"] = np.nan
    rows = as_type(frame, kind).set_index(labels)
    if kind in {"object", "text"}:
        rows = rows.assign(day="monday")
    return rows, pd.Series(y, index=labels), weight, lead, bool(gaps)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=raw_rows(), order=st.sampled_from(["sorted", "reversed", "doubled"]))
def test_every_entry_finds_the_same_gap_in_the_same_rows(case, order):
    """Oracle: the lead that y was made with; rows out of order are refused by every forecaster."""
    rows, y, weight, lead, _ = case
    picks = {
        "sorted": np.arange(len(y)),
        "reversed": np.arange(len(y))[::-1],
        "doubled": np.sort([*range(len(y)), 5]),
    }[order]
    network = tiny(horizon=0 if lead else 1)
    readers = [
        lambda X, y, w: network.needed_gap(X, y, w),
        lambda X, y, w: find_needed_gap(network, X, y, {"sample_weight": w}),
        lambda X, y, w: find_needed_gap(
            make_pipeline(SimpleImputer(), network), X, y, {f"{STEP}__sample_weight": w}
        ),
    ]
    rows, y, weight = rows.iloc[picks], y.iloc[picks], weight[picks]
    answers = []
    for read in readers:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            try:
                answers.append(read(rows, y, weight))
            except ValueError as error:
                assert "must be sorted" in str(error)
                answers.append("refused")
    assert len(set(answers)) == 1
    if order == "sorted":
        assert answers[0] == lead
        weights = {"sample_weight": weight}
        assert find_needed_gap(Ridge(), rows, y, weights) == lead
        is_copied = describe_own_row(Ridge(), rows, y, fit_params=weights) is not None
        assert is_copied == (lead == 0)
        numbers = rows[["noise", "load"]]  # "day", if there, holds no numbers
        for make in (LastValueRegressor, SeasonalNaiveRegressor, make_ridge_on_lags):
            model = make(horizon=0 if lead else 1)
            model.fit(numbers, y, **weights)
            targets = getattr(model, "_target_columns", None) or [s.target for s in model._sources]
            assert [(target.column, target.lead) for target in targets] == [(1, lead)]
    elif rows.index.inferred_type in {"datetime64", "period", "integer"}:
        assert answers[0] == "refused"


STEP = "lstmregressor"


@pytest.mark.parametrize("index", INDEXES)
@pytest.mark.parametrize("lead", [0, 2])
def test_folds_leave_the_gap_whatever_holds_the_numbers(index, lead):
    """Oracle: TimeSeriesSplit with the lead that y was made with."""
    rows = X.set_index(INDEXES[index])[: N_ROWS - lead]
    y = pd.Series(WALK[lead:], index=rows.index)
    model = LastValueRegressor(horizon=0 if lead else 1)
    plain = search(model, {"history": ["auto"]}).fit(rows, y)
    explicit = search(model, {"history": ["auto"]}).set_params(cv=TimeSeriesSplit(2, gap=lead))
    assert plain.best_score_ == explicit.fit(rows, y).best_score_
    for kind in ("object", "text"):
        same = search(model, {"history": ["auto"]}).fit(as_type(rows, kind), y)
        assert same.best_score_ == plain.best_score_
