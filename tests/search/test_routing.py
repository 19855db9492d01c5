"""Metadata and whom it reaches, without scikit-learn's routing and with it."""

import numpy as np
import pytest
import sklearn
from sklearn.linear_model import Ridge
from sklearn.metrics import get_scorer, mean_squared_error, root_mean_squared_error
from sklearn.model_selection import GridSearchCV, GroupKFold, TimeSeriesSplit, cross_val_score
from small_search import CHEAP, draw_rows

from sklstm._search.search import BayesTimeSeriesSearchCV

X, Y, RNG = draw_rows(90)
WEIGHT = RNG.uniform(0.1, 2.0, size=90)


def make_search(estimator=None, **changes):
    settings = {"n_iter": 5, "cv": 3, "pruning": False, "optimizer_kwargs": CHEAP, **changes}
    estimator = Ridge() if estimator is None else estimator
    space = {"alpha": (1e-3, 1e3, "log-uniform")}
    return BayesTimeSeriesSearchCV(estimator, space, random_state=0, **settings)


def test_sample_weight_reaches_fit_and_score():
    """Oracle: fit and error of the first fold by hand."""
    results = make_search().fit(X, Y, sample_weight=WEIGHT).cv_results_
    train, test = next(TimeSeriesSplit(3).split(X))
    first = Ridge(**results["params"][0]).fit(X[train], Y[train], sample_weight=WEIGHT[train])
    error = root_mean_squared_error(Y[test], first.predict(X[test]), sample_weight=WEIGHT[test])
    assert results["split0_test_score"][0] == -error


def test_groups_reach_the_splitter():
    """Oracle: the split itself."""
    groups = np.repeat([0, 1, 2], 30)
    search = make_search(cv=GroupKFold(3), allow_future_train=True)
    with pytest.warns(UserWarning, match="cv trains on row"):
        search.fit(X, Y, groups=groups)
    expected = cross_val_score(
        search.best_estimator_,
        X,
        Y,
        groups=groups,
        cv=GroupKFold(3),
        scoring="neg_root_mean_squared_error",
    )
    assert search.best_score_ == expected.mean()


@pytest.mark.parametrize("is_scored", [True, False])
def test_metadata_routing_sends_weights_where_they_are_asked_for(is_scored):
    """Oracle: fit and error of the first fold by hand."""
    with sklearn.config_context(enable_metadata_routing=True):
        scorer = get_scorer("neg_mean_squared_error").set_score_request(sample_weight=is_scored)
        model = Ridge().set_fit_request(sample_weight=True)
        results = make_search(model, scoring=scorer).fit(X, Y, sample_weight=WEIGHT).cv_results_
    train, test = next(TimeSeriesSplit(3).split(X))
    first = Ridge(**results["params"][0]).fit(X[train], Y[train], sample_weight=WEIGHT[train])
    weight = WEIGHT[test] if is_scored else None
    error = mean_squared_error(Y[test], first.predict(X[test]), sample_weight=weight)
    assert results["split0_test_score"][0] == -error
    assert results["status"].tolist() == ["ok"] * 5


def test_metadata_routing_sends_weights_to_the_final_score():
    """Oracle: the metric itself."""
    with sklearn.config_context(enable_metadata_routing=True):
        scorer = get_scorer("neg_mean_squared_error").set_score_request(sample_weight=True)
        search = make_search(scoring=scorer).fit(X, Y)
        score = search.score(X, Y, sample_weight=WEIGHT)
    assert score == -mean_squared_error(Y, search.predict(X), sample_weight=WEIGHT)


def test_metadata_routing_sends_groups_to_the_splitter():
    """Oracle: the search without routing."""

    def fit():
        search = make_search(cv=GroupKFold(3), allow_future_train=True)
        with pytest.warns(UserWarning, match="cv trains on row"):
            return search.fit(X, Y, groups=np.repeat([0, 1, 2], 30))

    with sklearn.config_context(enable_metadata_routing=True):
        routed = fit()
    assert routed.best_score_ == fit().best_score_


SPLITTERS = [None, 3, TimeSeriesSplit(3), GroupKFold(3), list(TimeSeriesSplit(3).split(X))]


@pytest.mark.parametrize("is_routed", [True, False])
@pytest.mark.parametrize("cv", SPLITTERS, ids=["None", "3", "in time", "by group", "list"])
@pytest.mark.filterwarnings("ignore:.*cv trains on row", "ignore:The groups parameter is ignored")
def test_groups_go_to_the_splitters_to_which_grid_search_hands_them(cv, is_routed):
    """Oracle: GridSearchCV's answer, also where cv=None or an int lets the search split."""

    def answer(search):
        with sklearn.config_context(enable_metadata_routing=is_routed):
            try:
                search.fit(X, Y, groups=np.repeat([0, 1, 2], 30))
            except TypeError as error:
                return str(error).replace(type(search).__name__, "Search")
        return "fitted"

    grid = GridSearchCV(Ridge(), {"alpha": [1.0, 2.0]}, cv=cv)
    assert answer(make_search(cv=cv, n_iter=2, allow_future_train=True)) == answer(grid)


def test_metadata_routing_changes_nothing_where_there_is_no_metadata():
    """Oracle: the search without routing."""
    with sklearn.config_context(enable_metadata_routing=True):
        params = make_search().fit(X, Y).cv_results_["params"]
    assert params == make_search().fit(X, Y).cv_results_["params"]


def test_metadata_that_nobody_asked_for_is_refused():
    with (
        sklearn.config_context(enable_metadata_routing=True),
        pytest.raises(ValueError, match="sample_weight"),
    ):
        make_search().fit(X, Y, sample_weight=WEIGHT)
    with pytest.raises(ValueError, match="only with enable_metadata_routing=True"):
        make_search().fit(X, Y).score(X, Y, sample_weight=WEIGHT)
