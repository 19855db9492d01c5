"""What a search decides before its first trial."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.linear_model import Ridge
from small_regressor import tiny
from small_search import Leading, Level, draw_rows

from sklstm import BayesTimeSeriesSearchCV
from sklstm._nested.gap import Gap
from sklstm._search.preparation import check_arguments, preparing

X, Y, _ = draw_rows(60)
SPACE = {"level": (0.0, 1.0)}


def make_search(estimator=None, space=SPACE, **changes):
    return BayesTimeSeriesSearchCV(estimator or Level(), space, **{"random_state": 0, **changes})


def prepare(search, X=X, Y=Y, **metadata):
    with preparing(search, X, Y, metadata) as prepared:
        return prepared


def test_all_is_decided_before_the_first_trial():
    """Oracle: by hand; three folds of 15 test rows, and the parameters of the search."""
    prepared = prepare(make_search(cv=3, n_iter=7, n_seeds=2, pruning=False))
    evaluation = prepared.evaluation
    assert [len(test) for _, test in evaluation.folds] == [15] * 3
    assert (evaluation.n_seeds, evaluation.pruning) == (2, False)
    assert (evaluation.gap, prepared.plan.n_trials) == (Gap(0, is_certain=False), 7)
    assert not prepared.audit.select("error")
    assert prepared.log is None


def test_the_folds_leave_the_gap_that_the_estimator_asks_for():
    """Oracle: by hand; of 60 rows 3 in 10 are 18."""
    prepared = prepare(make_search(Leading(3), {"lead": [3]}, cv=2, scoring=lambda *_: 0.0))
    assert prepared.evaluation.gap == Gap(18, is_certain=True)
    assert [test[0] - train[-1] - 1 for train, test in prepared.evaluation.folds] == [18] * 2


def test_the_log_is_open_as_long_as_the_context_lasts(tmp_path):
    """Oracle: a second search finds the log locked, and free afterwards."""
    search = make_search(log=tmp_path / "log.jsonl")
    with (
        preparing(search, X, Y, {}),
        pytest.raises(BlockingIOError, match="is in use"),
        preparing(search, X, Y, {}),
    ):
        pass
    assert prepare(search).log.header["problem"]["seed"] == 0


def test_what_the_audit_refuses_leaves_no_log(tmp_path):
    """Oracle: the folder; the fold trains on its test row."""
    search = make_search(cv=[(np.arange(9), [8])], log=tmp_path / "log.jsonl")
    with pytest.raises(ValueError, match="learn from the future"):
        prepare(search)
    assert list(tmp_path.iterdir()) == []


def test_a_forecaster_gets_rows_out_of_order_without_their_labels():
    """Oracle: the index; a plain regressor keeps it, and its rows have no order to keep."""
    frame = pd.DataFrame(X, index=pd.date_range("2024-01-01", periods=60)[::-1])
    for estimator, space in ((tiny(), {"epochs": [1]}), (Ridge(), {"alpha": [1.0]})):
        search = make_search(estimator, space, cv=2, allow_future_train=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the order
            rows = prepare(search, frame).evaluation.X
        assert rows.index.equals(pd.RangeIndex(60) if space == {"epochs": [1]} else frame.index)


@pytest.mark.parametrize(
    ("search", "y", "metadata", "error", "text"),
    [
        (make_search(KMeans(random_state=None), n_seeds=2), Y, {}, None, None),
        (make_search(Leading(), n_seeds=2), Y, {}, ValueError, "n_seeds=2 needs a random_state"),
        (make_search(Ridge()), Y, {"callback": print}, TypeError, "fit does not accept callback"),
        (make_search(), None, {}, ValueError, "requires y to be passed"),
        (make_search(KMeans()), None, {}, None, None),
    ],
    ids=["seeds", "no seeds", "no callback", "no target", "needs none"],
)
def test_arguments_that_rule_each_other_out_are_refused(search, y, metadata, error, text):
    """Oracle: by hand."""
    if error is None:
        check_arguments(search, y, metadata)
    else:
        with pytest.raises(error, match=text):
            check_arguments(search, y, metadata)
