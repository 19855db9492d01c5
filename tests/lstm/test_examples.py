"""Which targets train and which validate, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklstm._lstm import examples
from sklstm._lstm.examples import Examples, TailRule, drop_weightless, normalise, split_tail
from sklstm._lstm.scaling import TrainingRows, fit_scaling
from sklstm._rows.targets import TargetColumn
from sklstm._rows.windows import Alignment, Windows, window_rows

# The validation tail


@given(n_targets=st.integers(2, 60), fraction=st.floats(0.01, 0.99), gap=st.integers(0, 20))
def test_the_tail_is_the_last_targets_with_the_gap_before_it(n_targets, fraction, gap):
    """Oracle: the targets as a list."""
    targets = np.arange(7, 7 + n_targets)
    try:
        train, tail = split_tail(targets, TailRule(fraction, is_optional=False), gap)
    except ValueError:
        assert n_targets - gap - int(np.ceil(fraction * n_targets)) < 1
        return
    assert len(train) >= 1
    assert len(tail) == int(np.ceil(fraction * n_targets))
    between = range(train[-1] + 1, tail[0])
    assert [*train, *between, *tail] == list(targets)
    assert len(between) == gap


@pytest.mark.parametrize(
    ("n_targets", "n_tail"),
    [(1, 1), (4, 1), (20, 4), (144, 28), (499, 99), (500, 100), (999, 100), (1001, 101)],
)
def test_by_itself_a_tail_holds_100_targets_but_no_more_than_a_fifth(n_targets, n_tail):
    """Oracle: by hand; of many targets a tenth, rounded up."""
    assert TailRule("auto", is_optional=False).count(n_targets) == n_tail


def test_no_row_of_a_tail_window_is_a_training_target():
    """Oracle: the rule: with the gap k the first tail window begins after the last target."""
    reach = Alignment(4, 2).reach
    train, tail = split_tail(np.arange(reach, 40), TailRule(0.2, is_optional=False), reach)
    assert window_rows(40, Alignment(4, 2))[tail].min() > train.max()


def test_a_tail_that_leaves_no_row_to_train_on_is_refused():
    """Oracle: by hand."""
    with pytest.raises(
        ValueError, match=r"validation_fraction=0.5 .* last 4 of 8 rows .* and 4 rows"
    ):
        split_tail(np.arange(4, 12), TailRule(0.5, is_optional=False), 4)


def test_weights_have_a_mean_of_one_and_equal_ones_are_not_copied():
    """Oracle: by hand."""
    weight = np.array([[1.0, 2.0], [3.0, 2.0]])
    np.testing.assert_array_equal(normalise(weight), [[0.5, 1.0], [1.5, 1.0]])
    ones = np.ones((3, 2))
    assert normalise(ones) is ones


def test_targets_of_weight_zero_are_dropped_and_all_of_them_are_refused():
    """Oracle: by hand."""
    weight = np.array([1.0, 0.0, 2.0, 0.0])
    np.testing.assert_array_equal(drop_weightless(np.arange(4), weight), [0, 2])
    with pytest.raises(ValueError, match="sample_weight is 0 for all of the 1 rows"):
        drop_weightless(np.array([3]), weight)


@pytest.mark.parametrize("is_kept", [True, False])
def test_windows_scaled_once_are_those_scaled_again(monkeypatch, is_kept):
    """Oracle: `scale`; what is kept does not see a later change of the rows."""
    X = np.random.default_rng(0).normal(size=(50, 2)).cumsum(axis=0)
    windows, rows = Windows(X, 0, Alignment(4, 1)), np.arange(4, 50)
    read = TrainingRows(windows.cut(rows), X, X[rows])
    scaling = fit_scaling("window", read, [TargetColumn(0, 0, 1.0, 0.0), None], ())
    case = Examples(windows, scaling, rows, X[rows], np.ones(46))
    monkeypatch.setattr(examples, "MOST_FLOATS", 46 * 4 * 2 - (not is_kept))
    picks = np.array([3, 0, 45])
    scale, before = case.scale_once(), case.scale(picks)
    X *= 2
    expected = before if is_kept else case.scale(picks)
    for name, value in vars(scale(picks)).items():
        np.testing.assert_array_equal(value, getattr(expected, name))
    assert not np.array_equal(before.scale, case.scale(picks).scale)


def test_of_paths_a_fifth_is_held_back():
    """Oracle: by hand."""
    rules = [TailRule("auto", is_optional=True, of_paths=of_paths) for of_paths in (False, True)]
    assert [[rule.count(n) for n in (200, 5000)] for rule in rules] == [[40, 500], [40, 1000]]
