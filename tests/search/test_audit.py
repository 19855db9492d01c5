"""What spoils a search before its first fit."""

import warnings
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_search import FOLDS, ROWS, Leading, evaluate

from sklstm._nested.own_row import describe_own_row
from sklstm._rows.labels import Labels
from sklstm._search.audit import Audit, Finding, audit_search
from sklstm._search.proposals.dimensions import read_search_spaces

# A column of which y is the value two rows later; one row more would need row 14.
SERIES = np.random.default_rng(0).normal(size=14)
LATER_X, LATER_Y = SERIES[:12, None], SERIES[2:]
WITHOUT_GAP = (np.arange(6), np.arange(6, 9))
WITH_GAP = (np.arange(6), np.arange(8, 10))


class Windowed(Leading):
    """Reads windows of rows."""

    def __init__(self, window_length=2, horizon=1):
        self.window_length = window_length
        self.horizon = horizon

    def needed_gap(self, X, y):
        return 0


def audit(
    estimator=None, X=ROWS, y=None, folds=FOLDS, allow=False, space=None, edges=(), labels=None
):
    evaluation = evaluate(estimator or Ridge(), X, y, folds)
    spaces = read_search_spaces(space or {"alpha": (0.0, 1.0)}, 5)
    own_row = describe_own_row(evaluation.estimator, evaluation.X, evaluation.y)
    return audit_search(evaluation, spaces, allow, edges, labels, own_row)


def dates(days):
    """Labels of these days of January 2024."""
    return Labels(np.array([f"2024-01-{day:02}" for day in days], dtype="datetime64[ns]"))


def find(check, *args, **kwargs):
    """Return the level and the text of one check."""
    (finding,) = [each for each in audit(*args, **kwargs).findings if each.check == check]
    return finding.level, finding.text


def test_folds_in_time_are_in_order():
    level, text = find("future rows")
    assert level == "ok"
    assert text == "each fold trains only on rows before its first test row"


@pytest.mark.parametrize(
    ("fold", "last", "first"),
    [
        ((np.array([9, 0]), np.array([2, 3])), 9, 2),
        ((np.arange(6), np.arange(5, 8)), 5, 5),
        ((np.arange(6), np.array([7, 3])), 5, 3),
    ],
    ids=["after", "the same row", "the last test row only"],
)
@pytest.mark.parametrize(("allow", "level"), [(False, "error"), (True, "warning")])
def test_a_fold_that_trains_on_the_future_is_named(fold, last, first, allow, level):
    """Oracle: by hand."""
    found, text = find("future rows", folds=[FOLDS[0], fold], allow=allow)
    assert found == level
    assert text.startswith(
        f"Fold 1 of cv trains on row {last}, at or after its first test row {first}:"
    )


@pytest.mark.parametrize(("allow", "level"), [(False, "error"), (True, "warning")])
def test_labels_tell_the_future_where_row_numbers_do_not(allow, level):
    """Oracle: by hand; the rows are newest first."""
    labels = dates(range(12, 0, -1))
    found, text = find("future rows", allow=allow, labels=labels)
    assert found == level
    assert text.startswith(
        "Fold 0 of cv trains on row 0 (2024-01-12 00:00:00), at or after its first test row "
    )


def test_a_panel_that_is_split_by_date_is_in_order_and_one_split_within_a_date_is_not():
    """Oracle: by hand: four dates with three rows each, not sorted by date."""
    labels = dates([1, 2, 3, 4] * 3)
    by_date = (np.array([0, 1, 4, 5, 8, 9]), np.array([2, 6, 10]))
    assert find("future rows", folds=[by_date], labels=labels)[0] == "ok"
    within = (np.array([0, 1, 4, 5, 8, 9, 2]), np.array([6, 10]))
    assert find("future rows", folds=[within], labels=labels)[0] == "error"
    assert find("future rows", folds=[by_date])[0] == "error"  # row numbers alone would say so


@pytest.mark.parametrize(
    ("train", "after", "before"),
    [
        ([0, 1, 2, 5, 6], 2, 5),
        ([0, 1, 1, 2], 1, 1),
        ([4, 3, 2, 1], 4, 3),
        ([2, 0, 1], 2, 0),
    ],
    ids=["a hole", "doubled", "reversed", "permuted"],
)
@pytest.mark.parametrize("is_labelled", [False, True])
def test_rows_that_do_not_follow_each_other_are_named_where_windows_are_read(
    train, after, before, is_labelled
):
    """Oracle: by hand. A forecaster refuses rows that are out of order by their labels."""
    fold = (np.array(train), np.array([8, 9]))
    labels = dates(range(1, 13)) if is_labelled else None
    find_order = partial(find, "order of rows", folds=[FOLDS[0], fold], labels=labels)
    level, text = find_order(Windowed())
    assert text.startswith("In fold 1 of cv training rows do not follow each other in time: row")
    assert f"after row {after}" in text and f"row {before}" in text
    is_refused = is_labelled and train != [0, 1, 2, 5, 6]
    assert level == ("error" if is_refused else "warning")
    assert find_order(Windowed(), allow=True)[0] == "warning"
    assert find_order(Ridge())[0] == "ok"
    swapped = [(np.arange(3), np.array(train) + 4)]
    assert find("order of rows", Windowed(), folds=swapped)[1].startswith("In fold 0 of cv test")


@pytest.mark.parametrize("days", [[2, 1, 3], [1, 1, 2]], ids=["order", "repeated"])
def test_labels_that_do_not_increase_are_refused_where_windows_are_read(days):
    """Oracle: by hand."""
    labels = dates([*days, *range(4, 13)])
    level, text = find("order of rows", Windowed(), labels=labels)
    assert level == "error"
    assert text.startswith("Rows of X do not follow each other in time: row 1 (2024-01-0")
    assert find("order of rows", Windowed(), labels=labels, allow=True)[0] == "warning"


@pytest.mark.parametrize("by_label", [False, True])
def test_a_target_in_its_own_row_is_warned_of_where_no_forecaster_reads_it(by_label):
    """Oracle: by hand."""
    X = pd.DataFrame({"a": SERIES, "close": np.random.default_rng(1).normal(size=14)})
    y = 3 * X["close"] + 1
    level, text = find("target in its own row", Ridge(), X if by_label else X.to_numpy(), y)
    assert level == "warning"
    assert text.startswith(f"y is column {chr(39) + 'close' + chr(39) if by_label else 1} of X in")
    assert "X.shift(1)" in text
    assert find("target in its own row", Windowed(), X, y)[0] == "ok"
    assert find("target in its own row", Ridge(), X.shift(1).fillna(0), y)[0] == "ok"
    assert find("target in its own row", RidgeClassifier(), X, y > 0)[0] == "ok"


@settings(max_examples=200, deadline=None)
@given(data=st.data(), lead=st.integers(0, 3), is_forecaster=st.booleans(), allow=st.booleans())
def test_no_search_that_trains_on_the_future_is_ok(data, lead, is_forecaster, allow):
    """Oracle: each training row and its targets against each test row, in two loops."""
    n = 16
    order = data.draw(st.sampled_from(["none", "sorted", "reversed", "repeated", "any"]))
    days = {
        "none": list(range(1, n + 1)),
        "sorted": sorted(data.draw(st.permutations(range(1, 2 * n)))[:n]),
        "reversed": list(range(n, 0, -1)),
        "repeated": sorted(data.draw(st.lists(st.integers(1, 5), min_size=n, max_size=n))),
        "any": data.draw(st.lists(st.integers(1, 31), min_size=n, max_size=n)),
    }[order]
    rows = st.lists(st.integers(0, n - 1), min_size=1, max_size=n)
    cut = data.draw(st.integers(1, n - 1))
    in_time = (np.arange(cut), np.arange(min(n - 1, cut + data.draw(st.integers(0, 3))), n))
    folds = [in_time]
    if data.draw(st.booleans()):
        folds.append((np.array(data.draw(rows)), np.array(data.draw(rows))))
    series = np.random.default_rng(0).normal(size=n + lead)
    X, y = series[:n, None], series[lead:]

    is_future = any(
        days[reached] >= days[tested]
        for train, test in folds
        for trained in train
        for reached in range(trained, min(n, trained + lead + 1))
        for tested in test
    )
    estimator = Leading(lead) if is_forecaster else Ridge()
    labels = None if order == "none" else dates(days)
    found = audit(estimator, X, y, folds, allow, labels=labels)
    is_found_out = bool(found.select("error") or found.select("warning"))
    assert is_found_out or not is_future
    if not lead:
        assert (found.findings[0].level != "ok") == is_future
    if is_found_out and is_future and is_forecaster and not allow:
        assert found.select("error")


@pytest.mark.parametrize(
    ("estimator", "allow", "level"),
    [
        (Leading(2), False, "error"),
        (Leading(2), True, "warning"),
        (Ridge(), False, "warning"),
        (Ridge(), True, "warning"),
    ],
    ids=["told", "told and allowed", "found", "found and allowed"],
)
def test_training_targets_in_test_rows_are_named(estimator, allow, level):
    """Oracle: by hand; the target of row 5 is row 7, and the test rows begin at 6."""
    folds = [WITH_GAP, WITHOUT_GAP]
    found, text = find("training targets in test rows", estimator, LATER_X, LATER_Y, folds, allow)
    assert found == level
    assert text.startswith(
        "y is taken from a column of X up to 2 rows later. In fold 1 of cv, targets of"
    )
    assert "are taken from rows up to 7, at or after the first test row 6" in text
    assert "TimeSeriesSplit(gap=2)" in text


def test_a_gap_of_one_row_too_few_is_named():
    """Oracle: by hand; a lead of 2 needs two rows between, of which there is one."""
    fold = (np.arange(6), np.arange(7, 9))
    level, text = find("training targets in test rows", Leading(2), LATER_X, LATER_Y, [fold])
    assert level == "error"
    assert "are taken from rows up to 7, at or after the first test row 7" in text


@pytest.mark.parametrize(
    ("estimator", "X", "y", "text"),
    [
        (Leading(2), LATER_X, LATER_Y, "y is taken from up to 2 rows later, and the gap allows"),
        (Ridge(), LATER_X, LATER_Y, "y is taken from up to 2 rows later, and the gap allows"),
        (Ridge(), LATER_X, SERIES[:12], "y is not taken from a later row"),
        (Leading(0), LATER_X, LATER_Y, "y is not taken from a later row"),
    ],
    ids=["told", "found", "not found", "told that there is none"],
)
def test_a_gap_that_is_large_enough_is_ok(estimator, X, y, text):
    level, found = find("training targets in test rows", estimator, X, y, [WITH_GAP])
    assert level == "ok"
    assert found.startswith(text)


def test_without_target_there_is_none_to_leak():
    evaluation = replace(evaluate(KMeans(), folds=[WITHOUT_GAP]), y=None)
    findings = audit_search(evaluation, [], False).findings
    (finding,) = [each for each in findings if each.check == "training targets in test rows"]
    assert (finding.level, finding.text) == ("ok", "there is no target")


WINDOWS = [
    # The smallest training fold has rows 0 to 3. A window of w rows that ends h rows before its
    # target needs w + h of them, so that w is 3 at most, or 2 with horizon=2.
    (Windowed(), {"window_length": (2, 3)}, "ok", None),
    (Windowed(), {"window_length": (2, 4)}, "warning", (2, 4, 1, 3)),
    (Windowed(), {"window_length": (4, 6)}, "error", (4, 6, 1, 3)),
    (Windowed(horizon=2), {"window_length": (2, 3)}, "warning", (2, 3, 2, 2)),
    (Windowed(), {"window_length": [6, 2]}, "warning", (2, 6, 1, 3)),
    (Windowed(), {"horizon": (1, 9)}, "ok", None),
]


@pytest.mark.parametrize(("estimator", "space", "level", "numbers"), WINDOWS, ids=str)
@pytest.mark.parametrize("nested", [False, True])
def test_windows_that_do_not_fit_into_the_smallest_fold_are_named(
    estimator, space, level, numbers, nested
):
    """Oracle: by hand, at WINDOWS."""
    prefix = "windowed__" if nested else ""
    estimator = make_pipeline(StandardScaler(), estimator) if nested else estimator
    space = {f"{prefix}{name}": values for name, values in space.items()}
    found, text = find("windows in folds", estimator, space=space, folds=FOLDS[::-1])
    assert found == level
    if numbers is None:
        assert text == "all windows fit into the smallest training fold, 4 rows"
    else:
        shortest, longest, horizon, most = numbers
        assert text.startswith(
            f"{prefix}window_length is searched from {shortest} to {longest} rows, but the "
            f"smallest training fold has 4 rows. With horizon={horizon}, a window there can have "
            f"at most {most} rows."
        )


def test_what_was_said_of_a_space_that_was_cut_stands_in_the_report():
    """Oracle: by hand."""
    assert find("edges of the space") == ("ok", "the whole space is searched")
    cuts = [each for each in audit(edges=["a", "b"]).findings if each.check == "edges of the space"]
    assert cuts == [Finding("warning", "edges of the space", text) for text in ("a", "b")]


FINDINGS = [
    Finding("ok", "one", "x"),
    Finding("warning", "two", "y"),
    Finding("error", "three", "z"),
]


def test_the_report_has_a_line_for_each_check():
    """Oracle: by hand."""
    assert str(Audit(tuple(FINDINGS))) == "ok      one: x\nwarning two: y\nerror   three: z"
    assert [line.split(":")[0] for line in str(audit()).splitlines()] == [
        "ok      future rows",
        "ok      order of rows",
        "ok      training targets in test rows",
        "ok      target in its own row",
        "ok      windows in folds",
        "ok      edges of the space",
    ]


def test_an_error_is_raised_with_the_whole_report():
    with pytest.raises(
        ValueError, match=r"^z\n\nThe leak audit:\nok      one: x\nwarning two: y\n"
    ):
        Audit(tuple(FINDINGS)).raise_or_warn()


def test_each_warning_is_warned_of_and_what_is_ok_is_not():
    with pytest.warns(UserWarning) as caught:
        Audit((*FINDINGS[:2], Finding("warning", "three", "z"))).raise_or_warn()
    assert [str(each.message) for each in caught] == ["y", "z"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Audit(tuple(FINDINGS[:1])).raise_or_warn()


def test_findings_can_be_selected_by_their_level():
    assert Audit(tuple(FINDINGS)).select("warning") == [FINDINGS[1]]
