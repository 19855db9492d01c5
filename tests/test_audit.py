"""What spoils a search before its first fit."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_search import FOLDS, ROWS, Leading, evaluate

from sklstm.audit import Audit, Finding, audit_search
from sklstm.dimensions import read_search_spaces

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


def audit(estimator=None, X=ROWS, y=None, folds=FOLDS, allow=False, space=None, edges=()):
    evaluation = evaluate(estimator or Ridge(), X, y, folds)
    spaces = read_search_spaces(space or {"alpha": (0.0, 1.0)}, 5)
    return audit_search(evaluation, spaces, allow, edges)


def find(check, *args, **kwargs):
    """Return the level and the text of one check."""
    (finding,) = [each for each in audit(*args, **kwargs).findings if each.check == check]
    return finding.level, finding.text


def test_folds_in_time_are_in_order():
    level, text = find("future rows")
    assert level == "ok"
    assert text == "each fold trains on rows before its first test row only"


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
    assert text.startswith("y is a column of X up to 2 rows later, and in fold 1 of cv the test")
    assert "rows begin at 6, only 1 after the last training row 5" in text
    assert "TimeSeriesSplit(gap=2)" in text


def test_a_gap_of_one_row_too_few_is_named():
    """Oracle: by hand; a lead of 2 needs two rows between, of which there is one."""
    fold = (np.arange(6), np.arange(7, 9))
    level, text = find("training targets in test rows", Leading(2), LATER_X, LATER_Y, [fold])
    assert level == "error"
    assert "only 2 after" in text


@pytest.mark.parametrize(
    ("estimator", "X", "y", "text"),
    [
        (Leading(2), LATER_X, LATER_Y, "y is a column up to 2 rows later, and the gap allows"),
        (Ridge(), LATER_X, LATER_Y, "y is a column up to 2 rows later, and the gap allows"),
        (Ridge(), LATER_X, SERIES[:12], "y was not found as a later row"),
        (Leading(0), LATER_X, LATER_Y, "y was not found as a later row"),
    ],
    ids=["told", "found", "not found", "told that there is none"],
)
def test_a_gap_that_is_large_enough_is_ok(estimator, X, y, text):
    level, found = find("training targets in test rows", estimator, X, y, [WITH_GAP])
    assert level == "ok"
    assert found.startswith(text)


def test_without_target_there_is_none_to_leak():
    evaluation = replace(evaluate(KMeans(), folds=[WITHOUT_GAP]), y=None)
    (_, finding, *_) = audit_search(evaluation, [], False).findings
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
        assert text == "the smallest training fold, 4 rows, holds all windows"
    else:
        shortest, longest, horizon, most = numbers
        assert text.startswith(
            f"{prefix}window_length is searched from {shortest} to {longest} rows, but the "
            f"smallest training fold has 4: with horizon={horizon} a window of more than {most} "
        )


def test_what_was_said_of_a_space_that_was_cut_stands_in_the_report():
    """Oracle: by hand."""
    assert find("edges of the space") == ("ok", "nothing of the space was cut off")
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
        "ok      training targets in test rows",
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
