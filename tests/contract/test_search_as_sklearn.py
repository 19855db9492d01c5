"""The search in the place of scikit-learn's `GridSearchCV`.

Where a space is finite and searched to its end, the oracle is `GridSearchCV` on the same folds.
These behaviours have their tests elsewhere:

    the best candidate, and the score by the       test_search: test_the_best_candidate_is_...,
        scoring that was given                         test_score_uses_the_scoring_...
    groups, sample_weight, metadata routing        test_routing
    failures of some candidates                    test_search: test_a_candidate_that_fails_...
    infinite scores, columns of tuples             test_results
    fits and scores of a fold, and their times     test_fits
"""

import pickle
import re

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, SGDClassifier
from sklearn.metrics import accuracy_score, get_scorer, make_scorer, recall_score
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    LeaveOneGroupOut,
    ParameterGrid,
    StratifiedKFold,
    TimeSeriesSplit,
)
from sklearn.neighbors import KernelDensity, KNeighborsClassifier, LocalOutlierFactor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, SplineTransformer, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils import get_tags
from small_search import draw_rows

from sklstm import BayesTimeSeriesSearchCV

X, Y, RNG = draw_rows(60)
LABELS = (Y > 0).astype(int)
HOLES = np.where(RNG.uniform(size=X.shape) < 0.2, np.nan, X)
WEIGHT = RNG.integers(0, 4, size=60)
CV = TimeSeriesSplit(3)
CS = {"C": [0.01, 1.0, 100.0]}
# scikit-learn's own warns of it; what is tested here has no order in time.
IGNORE_THE_FUTURE = pytest.mark.filterwarnings("ignore:Fold . of cv trains on row")


def search_all(estimator, grid, **settings):
    """A search of all points of a grid, or of each in a list."""
    spaces = [grid] if isinstance(grid, dict) else grid
    spaces = [(space, len(ParameterGrid(space))) for space in spaces]
    every_fold = {"strategy": "random", "x0": None, "pruning": False}
    settings = {"cv": CV, "random_state": 0} | every_fold | settings
    return BayesTimeSeriesSearchCV(estimator, spaces, **settings)


def assert_same_search(search, expected):
    """Hold a search of all points against GridSearchCV, which lists them in another order."""
    ours, theirs = search.cv_results_, expected.cv_results_
    rows = [ours["params"].index(params) for params in theirs["params"]]
    assert set(ours) - set(theirs) == {"status", "error", "mean_run_folds"}
    assert set(theirs) <= set(ours)
    for name in [name for name in theirs if not name.endswith("_time") and name != "params"]:
        column = ours[name][rows]
        assert column.dtype == theirs[name].dtype, name
        np.testing.assert_array_equal(column, theirs[name], err_msg=name)
        np.testing.assert_array_equal(np.ma.getmask(column), np.ma.getmask(theirs[name]))
    for name in ("best_params_", "best_score_", "n_splits_", "multimetric_"):
        if hasattr(expected, name):
            assert getattr(search, name) == getattr(expected, name), name
    assert rows[expected.best_index_] == search.best_index_


GRIDS = {
    "classifier": (
        SVC(),
        [
            {"kernel": ["rbf"], "C": [0.1, 10.0], "gamma": [0.1, 1.0]},
            {"kernel": ["poly"], "degree": [1, 3]},
        ],
        LABELS,
        {"return_train_score": True},
    ),
    "regressor": (
        DecisionTreeRegressor(random_state=0),
        {"max_depth": [1, 2, None], "min_samples_leaf": [1, 5]},
        Y,
        {"scoring": "r2"},
    ),
    "several metrics": (
        LogisticRegression(),
        CS,
        LABELS,
        {"scoring": ["accuracy", "recall"], "refit": "recall"},
    ),
    "scorers by name": (
        LogisticRegression(),
        CS,
        LABELS,
        {"scoring": {"acc": "accuracy", "rec": make_scorer(recall_score)}, "refit": "acc"},
    ),
    "no refit": (LogisticRegression(), CS, LABELS, {"refit": False}),
}


@pytest.mark.parametrize("case", GRIDS)
def test_the_search_of_a_grid_is_grid_search(case):
    """Oracle: GridSearchCV."""
    estimator, grid, y, settings = GRIDS[case]
    search = search_all(estimator, grid, **settings).fit(X, y)
    expected = GridSearchCV(estimator, grid, cv=CV, **settings).fit(X, y)
    assert_same_search(search, expected)
    attributes = {name for name in vars(expected) if name.endswith("_")}
    assert {name for name in attributes if not hasattr(search, name)} == set()
    if search.refit:
        np.testing.assert_array_equal(search.predict(X), expected.predict(X))
        assert search.score(X, y) == expected.score(X, y)


DELEGATED = [
    ("predict", LogisticRegression(), CS),
    ("predict_proba", LogisticRegression(), CS),
    ("predict_log_proba", LogisticRegression(), CS),
    ("decision_function", LinearSVC(random_state=0), CS),
    ("transform", PCA(), {"n_components": [3, 2]}),
    ("inverse_transform", PCA(), {"n_components": [3]}),
    ("score_samples", KernelDensity(), {"bandwidth": [0.1, 1.0]}),
]


@pytest.mark.parametrize(("method", "estimator", "grid"), DELEGATED)
def test_methods_are_the_best_estimators(method, estimator, grid):
    """Oracle: the best estimator, fitted by hand."""
    search = search_all(estimator, grid)
    assert hasattr(search, method)
    with pytest.raises(NotFittedError):
        getattr(search, method)(X)
    search.fit(X, LABELS)
    best = clone(estimator).set_params(**search.best_params_).fit(X, LABELS)
    np.testing.assert_array_equal(getattr(search, method)(X), getattr(best, method)(X))


@pytest.mark.parametrize(
    ("method", "estimator"),
    [
        ("predict_proba", LinearSVC()),
        ("decision_function", Ridge()),
        ("predict", PCA()),
        ("transform", Ridge()),
        ("inverse_transform", Ridge()),
        ("score_samples", DecisionTreeClassifier()),
        ("classes_", Ridge()),
    ],
)
def test_what_the_estimator_lacks_the_search_lacks(method, estimator):
    """Oracle: the estimator; the error tells its class."""
    search = search_all(estimator, {"random_state": [0]})
    assert not hasattr(search, method)
    fitted = search.fit(X, Y if isinstance(estimator, Ridge) else LABELS)
    assert not hasattr(fitted, method)
    with pytest.raises(AttributeError) as error:
        getattr(fitted, method)
    told = str(error.value) + str(error.value.__cause__)
    assert method in told
    assert type(estimator).__name__ in told


def test_a_method_may_come_with_the_best_parameters():
    """Oracle: a model of that loss."""
    model = SGDClassifier(loss="hinge", random_state=0)
    search = search_all(model, {"loss": ["log_loss"]})
    assert not hasattr(search, "predict_proba")
    best = clone(model).set_params(loss="log_loss").fit(X, LABELS)
    np.testing.assert_array_equal(search.fit(X, LABELS).predict_proba(X), best.predict_proba(X))


REFITTED = ("predict", "predict_proba", "predict_log_proba", "decision_function", "forecast")
REFITTED += ("best_estimator_", "refit_time_", "n_features_in_", "feature_names_in_", "classes_")


def test_without_refit_there_is_no_model_to_ask():
    """Oracle: GridSearchCV, which has none of these attributes."""
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    search = search_all(LogisticRegression(), CS, refit=False).fit(frame, LABELS)
    expected = GridSearchCV(LogisticRegression(), CS, cv=CV, refit=False).fit(frame, LABELS)
    assert not any(hasattr(expected, name) for name in REFITTED)
    assert not any(hasattr(search, name) for name in REFITTED)
    with pytest.raises(AttributeError, match="has no attribute 'predict'") as error:
        search.predict(frame)
    assert "`refit=False`. predict is available only after" in str(error.value.__cause__)
    with pytest.raises(AttributeError, match="score needs the refitted best estimator"):
        search.score(frame, LABELS)


def test_fitted_attributes_are_there_only_after_the_fit():
    """Oracle: by hand."""
    search = search_all(LogisticRegression(), CS)
    names = ("best_params_", "cv_results_", "classes_", "n_features_in_", "feature_names_in_")
    assert not any(hasattr(search, name) for name in names)
    search.fit(pd.DataFrame(X, columns=["a", "b", "c"]), np.where(LABELS, "up", "down"))
    assert all(hasattr(search, name) for name in names)
    assert search.classes_.tolist() == ["down", "up"]
    assert search.n_features_in_ == 3
    assert search.feature_names_in_.tolist() == ["a", "b", "c"]
    assert isinstance(search.refit_time_, float)


@pytest.mark.parametrize(
    ("refit", "error", "text"),
    [
        (lambda results: None, TypeError, "row number of cv_results_; it returned None"),
        (lambda results: 1.0, TypeError, "row number of cv_results_; it returned 1.0"),
        (lambda results: True, TypeError, "row number of cv_results_; it returned True"),
        (lambda results: -1, IndexError, "returned -1, but cv_results_ has rows 0 to 2"),
        (lambda results: 3, IndexError, "returned 3, but cv_results_ has rows 0 to 2"),
    ],
)
def test_a_refit_that_chooses_no_row_is_an_error(refit, error, text):
    with pytest.raises(error, match=text):
        search_all(LogisticRegression(), CS, refit=refit).fit(X, LABELS)


def choose_the_least_sure(results):
    return results["mean_test_neg_log_loss"].argmin()


def test_a_refit_may_choose_by_any_column():
    """Oracle: the column."""
    search = search_all(
        LogisticRegression(),
        CS,
        scoring=["accuracy", "neg_log_loss"],
        objective="accuracy",
        refit=choose_the_least_sure,
    ).fit(X, LABELS)
    assert search.best_index_ == search.cv_results_["mean_test_neg_log_loss"].argmin()
    assert search.best_score_ == search.cv_results_["mean_test_accuracy"][search.best_index_]


@pytest.mark.parametrize("refit", ["precision", "acc"])
@pytest.mark.parametrize("objective", [None, "rec"])
def test_a_refit_that_names_no_metric_is_an_error(refit, objective):
    scoring = {"accuracy": "accuracy", "rec": "recall"}
    search = search_all(LogisticRegression(), CS, scoring=scoring, refit=refit, objective=objective)
    with pytest.raises(ValueError, match=rf"\['accuracy', 'rec'\].*{refit}"):
        search.fit(X, LABELS)


def test_a_single_metric_may_be_named_too():
    """Oracle: the same search by its name alone."""

    def score_recall(classifier, X, y):
        return recall_score(y, classifier.predict(X))

    expected = search_all(LogisticRegression(), CS, scoring="recall").fit(X, LABELS)
    for settings in (
        {"scoring": "recall", "refit": "recall"},
        {"scoring": ["recall"], "refit": "recall"},
        {"scoring": ["recall"]},
        {"scoring": score_recall},
        {"scoring": lambda *args: {"recall": score_recall(*args)}},
    ):
        search = search_all(LogisticRegression(), CS, **settings).fit(X, LABELS)
        assert search.best_score_ == expected.best_score_
        assert search.best_index_ == expected.best_index_
        assert search.score(X, LABELS) == expected.score(X, LABELS)


@pytest.mark.parametrize("answer", ["high", None, np.ones(2), {"a": "high"}, {}, 1j])
def test_a_scoring_that_gives_no_number_is_an_error(answer):
    with pytest.raises(TypeError, match=r"scoring (must|returned)"):
        search_all(LogisticRegression(), CS, scoring=lambda *_: answer).fit(X, LABELS)


def test_a_score_may_be_an_array_of_one_number():
    """Oracle: the number."""
    search = search_all(LogisticRegression(), CS, scoring=lambda *_: np.array([[0.25]]))
    assert search.fit(X, LABELS).best_score_ == 0.25


def score_both(classifier, X, y):
    predicted = classifier.predict(X)
    return {"recall": recall_score(y, predicted), "accuracy": accuracy_score(y, predicted)}


def test_a_callable_of_several_metrics_is_like_their_list():
    """Oracle: the list of names."""
    by_name = search_all(
        LogisticRegression(), CS, scoring=["recall", "accuracy"], refit="recall"
    ).fit(X, LABELS)
    by_hand = search_all(LogisticRegression(), CS, scoring=score_both, refit="recall").fit(
        X, LABELS
    )
    for name in ("mean_test_recall", "mean_test_accuracy", "rank_test_recall"):
        np.testing.assert_array_equal(by_hand.cv_results_[name], by_name.cv_results_[name])
    assert by_hand.score(X, LABELS) == by_name.score(X, LABELS)
    assert by_hand.scorer_ is score_both
    assert sorted(by_name.scorer_) == ["accuracy", "recall"]
    with pytest.raises(ValueError, match=r"\['recall', 'accuracy'\].*good_name"):
        search_all(LogisticRegression(), CS, scoring=score_both, refit="good_name").fit(X, LABELS)


class Fickle(ClassifierMixin, BaseEstimator):
    """Fails with parameter 2, and if it is fitted twice; guesses the first label."""

    def __init__(self, parameter=0):
        self.parameter = parameter

    def fit(self, X, y, **params):
        if self.parameter == 2 or hasattr(self, "classes_"):
            raise ValueError("failed as required")
        self.classes_ = np.unique(y)
        self.params_ = params
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


@pytest.mark.parametrize("error_score", [np.nan, 0.9])
def test_a_failed_fit_has_the_error_score_and_ranks_last(error_score):
    """Oracle: by hand; GridSearchCV would call the failure with the best score the best."""
    search = search_all(Fickle(), {"parameter": [0, 1, 2]}, error_score=error_score)
    with pytest.warns(FitFailedWarning, match="1 of 3 candidates failed.*failed as required"):
        search.fit(X, LABELS)
    results = search.cv_results_
    failed = results["param_parameter"].data == 2
    for fold in range(3):
        np.testing.assert_array_equal(results[f"split{fold}_test_score"][failed], [error_score])
    np.testing.assert_array_equal(results["mean_test_score"][failed], [error_score])
    assert results["rank_test_score"][failed].tolist() == [3]
    assert results["rank_test_score"][~failed].tolist() == [1, 1]
    assert results["mean_score_time"][failed].tolist() == [0.0]
    assert search.best_params_["parameter"] != 2


def test_a_callable_of_metrics_gives_its_failures_the_error_score():
    """Oracle: by hand."""
    search = search_all(
        Fickle(),
        {"parameter": [0, 2]},
        scoring=lambda *_: {"acc": 1.0, "rec": 0.5},
        objective="acc",
        refit=False,
        error_score=0.1,
    )
    with pytest.warns(FitFailedWarning):
        search.fit(X, LABELS)
    by_parameter = np.argsort(search.cv_results_["param_parameter"].data)
    assert search.cv_results_["mean_test_acc"][by_parameter] == pytest.approx([1.0, 0.1])
    assert search.cv_results_["mean_test_rec"][by_parameter] == pytest.approx([0.5, 0.1])


@pytest.mark.parametrize("scoring", [None, lambda *_: {"acc": 1.0, "rec": 0.5}])
def test_if_all_fits_fail_there_is_nothing_to_refit(scoring):
    settings = {} if scoring is None else {"scoring": scoring, "objective": "acc", "refit": "acc"}
    with pytest.raises(ValueError, match=r"All 1 candidates failed.* failed as required"):
        search_all(Fickle(), {"parameter": [2]}, **settings).fit(X, LABELS)


def test_equal_scores_share_the_best_of_their_ranks():
    """Oracle: by hand."""
    search = search_all(SVC(), {"C": [1.0, 1.0 + 1e-12, 1e-3]}).fit(X, LABELS)
    by_c = np.argsort(search.cv_results_["param_C"].data)
    assert search.cv_results_["rank_test_score"][by_c].tolist() == [3, 1, 1]


def test_the_model_is_refitted_from_new():
    """Oracle: an estimator that cannot be fitted twice."""
    search = search_all(Fickle(), {"parameter": [0, 1]}).fit(X, LABELS)
    assert search.best_estimator_ is not search.estimator
    assert not hasattr(search.estimator, "classes_")
    search.fit(X, LABELS)


def test_estimators_among_the_parameters_stay_unfitted():
    """Oracle: what fitted estimators have."""
    models = [LinearRegression(), Ridge()]
    search = search_all(Pipeline([("model", Ridge())]), {"model": models}).fit(X, Y)
    assert search.cv_results_["param_model"].dtype == object
    assert set(search.cv_results_["param_model"].data) == set(models)
    for model in models:
        assert not hasattr(model, "coef_")
        assert model is not search.best_estimator_["model"]


def test_parameters_of_a_searched_step_do_not_reach_the_users_object():
    """Oracle: the object's own value."""
    classifier = LinearSVC(C=1.0)
    pipeline = Pipeline([("scale", StandardScaler()), ("classify", None)])
    grid = {"classify": [classifier], "classify__C": [0.01]}
    search = search_all(pipeline, grid, scoring="accuracy").fit(X, LABELS)
    assert classifier.C == 1.0
    assert search.best_estimator_["classify"].C == 0.01


@pytest.mark.parametrize(
    ("values", "error", "text"),
    [
        (1, TypeError, r"search_spaces\['C'\]=1 is not a dimension"),
        ("1,2,3", TypeError, r"search_spaces\['C'\]='1,2,3' is not a dimension"),
        ([], ValueError, r"search_spaces\['C'\]=\[\]: the list of categories is empty"),
        (np.array([]), ValueError, "the list of categories is empty"),
        ((1, 2, 3, 4), TypeError, "Use a list for categories"),
        (("l1", "l2"), TypeError, "Use a list for categories"),
        (range(1, 4), TypeError, "is not a dimension"),
    ],
    ids=str,
)
def test_what_is_no_list_of_values_is_refused(values, error, text):
    with pytest.raises(error, match=text):
        BayesTimeSeriesSearchCV(SVC(), {"C": values}, n_iter=1, cv=CV).fit(X, LABELS)


def test_an_unknown_parameter_is_named():
    with pytest.raises(ValueError, match="Invalid parameter 'D' for estimator SVC"):
        search_all(SVC(), {"D": [1.0]}).fit(X, LABELS)


def test_values_of_any_shape_keep_their_column():
    """Oracle: the values, None among them, of which NumPy would make other arrays.

    Integers and floats share a column of floats, as in GridSearchCV; the candidates keep them.
    """
    knots = [np.linspace(-4, 4, n)[:, None] * np.ones(3) for n in (3, 4)]
    pipeline = make_pipeline(SplineTransformer(), StandardScaler(), Ridge())
    grid = {
        "splinetransformer__knots": knots,
        "standardscaler": ["passthrough", None],
        "ridge__alpha": [1, 1.5],
    }
    results = search_all(pipeline, grid).fit(X, Y).cv_results_
    for name in ("splinetransformer__knots", "standardscaler"):
        assert results[f"param_{name}"].dtype == object
    assert results["param_ridge__alpha"].dtype == float
    assert {id(value) for value in results["param_splinetransformer__knots"].data} == set(
        map(id, knots)
    )
    assert {type(params["ridge__alpha"]) for params in results["params"]} == {int, float}


class Shapes(BaseEstimator):
    """Notes what it is given, and scores by its parameter."""

    def __init__(self, parameter=0):
        self.parameter = parameter

    def fit(self, X, y=None, **params):
        self.seen_ = (type(X), np.shape(X), type(y), np.shape(y))
        self.params_ = params
        return self

    def score(self, X, y=None):
        return self.parameter


@pytest.mark.parametrize(
    ("rows", "targets"),
    [
        (X.tolist(), LABELS.tolist()),
        (pd.DataFrame(X), pd.Series(LABELS)),
        (sparse.csr_matrix(X), LABELS),
        (np.zeros((60, 5, 3, 2)), np.zeros((60, 7, 11))),
        (X, None),
        (list("abc" * 20), LABELS),
    ],
    ids=["lists", "pandas", "sparse", "many dimensions", "no target", "texts"],
)
def test_the_estimator_is_given_rows_of_the_users_kind(rows, targets):
    """Oracle: the types that were given; a fold has 15 rows fewer than the next."""
    search = search_all(Shapes(), {"parameter": [0, 1]}).fit(rows, targets)
    kind, shape, target_kind, target_shape = search.best_estimator_.seen_
    assert (kind, target_kind) == (type(rows), type(targets))
    assert (shape, target_shape) == (np.shape(rows), np.shape(targets))
    assert search.best_params_ == {"parameter": 1}


@pytest.mark.parametrize("make_sparse", [sparse.csr_matrix, sparse.csr_array, sparse.coo_matrix])
def test_sparse_rows_are_like_dense_ones(make_sparse):
    """Oracle: the dense search."""
    dense = search_all(LogisticRegression(), CS).fit(X, LABELS)
    search = search_all(LogisticRegression(), CS).fit(make_sparse(X), LABELS)
    assert search.best_params_ == dense.best_params_
    np.testing.assert_array_equal(search.predict(make_sparse(X)), dense.predict(X))


def test_rows_and_targets_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        search_all(Ridge(), {"alpha": [1.0]}).fit(X[:50], Y)


def test_texts_are_searched_in_a_pipeline():
    """Oracle: the tuples of the space; GridSearchCV."""
    texts = [f"{'up' if label else 'down'} day{number % 7}" for number, label in enumerate(LABELS)]
    pipeline = make_pipeline(CountVectorizer(), LogisticRegression())
    grid = {"countvectorizer__ngram_range": [(1, 1), (1, 2), (2, 2)]}
    scoring = "neg_log_loss"
    search = search_all(pipeline, grid, scoring=scoring).fit(texts, LABELS)
    expected = GridSearchCV(pipeline, grid, cv=CV, scoring=scoring).fit(texts, LABELS)
    assert_same_search(search, expected)


def test_missing_values_are_left_to_the_estimator():
    """Oracle: GridSearchCV."""
    pipeline = make_pipeline(SimpleImputer(), LogisticRegression())
    grid = {"simpleimputer__strategy": ["mean", "median"], "logisticregression__C": [0.1, 10.0]}
    search = search_all(pipeline, grid).fit(HOLES, LABELS)
    expected = GridSearchCV(pipeline, grid, cv=CV).fit(HOLES, LABELS)
    for name in ("best_score_", "n_splits_"):
        assert getattr(search, name) == getattr(expected, name)


def test_columns_are_encoded_by_name():
    """Oracle: GridSearchCV."""
    frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(kind=["x", "y", "z"] * 20)
    encode = ColumnTransformer([("encode", OneHotEncoder(), ["kind"])], remainder="passthrough")
    encoders = [OneHotEncoder(handle_unknown="ignore"), OrdinalEncoder()]
    pipeline = Pipeline([("columns", encode), ("model", Ridge())])
    grid = {"columns__encode": encoders}
    search = search_all(pipeline, grid, scoring="r2").fit(frame, Y)
    assert_same_search(search, GridSearchCV(pipeline, grid, cv=CV).fit(frame, Y))
    assert search.feature_names_in_.tolist() == ["a", "b", "c", "kind"]


def test_an_estimator_without_target_may_be_scored_with_one():
    """Oracle: GridSearchCV by the same metrics."""
    X_two = np.concatenate([X[:, :1] + 9 * (Y[:, None] > 0), X[:, 1:]], axis=1)
    model = KMeans(random_state=0, n_init=1)
    grid = {"n_clusters": [2, 3, 4]}
    settings = {"scoring": ["adjusted_rand_score", "fowlkes_mallows_score"]}
    settings |= {"refit": "adjusted_rand_score"}
    search = search_all(model, grid, **settings).fit(X_two, LABELS)
    assert_same_search(search, GridSearchCV(model, grid, cv=CV, **settings).fit(X_two, LABELS))
    assert search.best_params_ == {"n_clusters": 2}


def test_a_scorer_may_take_rows_alone():
    """Oracle: the scorer; a KernelDensity predicts nothing."""
    search = search_all(
        KernelDensity(),
        {"bandwidth": [0.01, 0.1, 1.0]},
        scoring=lambda model, X, y=None: 42.0 if model.bandwidth == 0.1 else 0.0,
    ).fit(X)
    assert search.best_params_ == {"bandwidth": 0.1}
    assert search.best_score_ == 42
    assert not hasattr(search, "predict")


class Scoreless(BaseEstimator):
    def __init__(self, level=0):
        self.level = level

    def fit(self, X, y=None):
        return self

    def predict(self, X):
        return np.full(len(X), self.level)


def test_an_estimator_without_score_needs_a_scoring():
    """Oracle: the metric itself."""
    with pytest.raises(TypeError, match="'score' method"):
        search_all(Scoreless(), {"level": [0, 1]}).fit(X, LABELS)
    search = search_all(Scoreless(), {"level": [0, 1]}, scoring="accuracy").fit(X, LABELS)
    assert search.score(X, LABELS) == accuracy_score(LABELS, search.predict(X))


def test_similarities_are_cut_to_the_rows_of_the_fold_on_both_sides():
    """Oracle: the kernel computed by the model; a table that is not square is refused."""
    kernel = X @ X.T
    search = search_all(SVC(kernel="precomputed"), CS).fit(kernel, LABELS)
    expected = search_all(SVC(kernel="linear"), CS).fit(X, LABELS)
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], expected.cv_results_["mean_test_score"]
    )
    np.testing.assert_array_equal(search.predict(kernel), expected.predict(X))
    for wrong in (kernel[:, :40], kernel.tolist()):
        with pytest.raises(ValueError, match=r"square|have to be passed as arrays"):
            search_all(SVC(kernel="precomputed"), CS, error_score="raise").fit(wrong, LABELS)


@pytest.mark.parametrize(
    ("estimator", "is_pairwise"),
    [
        (KNeighborsClassifier(metric="precomputed"), True),
        (KNeighborsClassifier(), False),
        (make_pipeline(StandardScaler(), SVC(kernel="precomputed")), False),
    ],
)
def test_the_pairwise_tag_is_the_estimators(estimator, is_pairwise):
    """Oracle: scikit-learn's tag of the estimator, and what follows from it in a nest."""
    assert get_tags(search_all(estimator, {})).input_tags.pairwise is is_pairwise


def test_distances_give_what_the_rows_give():
    """Oracle: the search over the rows themselves."""
    grid = {"n_neighbors": [3, 10]}
    by_rows = search_all(KNeighborsClassifier(), grid).fit(X, LABELS)
    distances = euclidean_distances(X)
    search = search_all(KNeighborsClassifier(metric="precomputed"), grid).fit(distances, LABELS)
    np.testing.assert_array_equal(search.predict(distances), by_rows.predict(X))
    assert search.best_score_ == by_rows.best_score_


def test_fit_is_given_what_is_per_row_cut_and_all_else_as_it_is():
    """Oracle: what was given."""
    search = search_all(Shapes(), {"parameter": [0]})
    params = {"spam": np.arange(60), "eggs": (X[:7], Y[:7]), "number": 42, "text": "x", "call": len}
    seen = search.fit(X, LABELS, **params).best_estimator_.params_
    assert seen["spam"] is params["spam"]
    assert seen["eggs"] is params["eggs"]
    assert (seen["number"], seen["text"], seen["call"]) == (42, "x", len)


class NeedsWeights(Shapes):
    def fit(self, X, y, spam):
        assert len(spam) == len(X)
        assert np.array_equal(spam, X[:, 0])
        return super().fit(X, y)


def test_what_is_per_row_stays_beside_its_row():
    """Oracle: the first column of X, given a second time."""
    search = search_all(NeedsWeights(), {"parameter": [0]}, error_score="raise")
    search.fit(X, LABELS, spam=X[:, 0])
    with pytest.raises(TypeError, match="spam"):
        search.fit(X, LABELS)


@IGNORE_THE_FUTURE
def test_weights_are_like_repeated_rows():
    """Oracle: rows that stand as often as their weight says."""
    groups = np.tile(np.arange(3), 20)

    def fit(X, y, groups, **params):
        folds = list(LeaveOneGroupOut().split(X, groups=groups))
        search = search_all(Ridge(), {"alpha": [0.1, 10.0]}, cv=folds, allow_future_train=True)
        return search.fit(X, y, **params)

    weighted = fit(X, Y, groups, sample_weight=WEIGHT)
    repeated = fit(*(values.repeat(WEIGHT, axis=0) for values in (X, Y, groups)))
    for name in ("mean_test_score", "split0_test_score"):
        np.testing.assert_allclose(weighted.cv_results_[name], repeated.cv_results_[name])
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X))


def score_blindly(y_true, y_pred):
    return 0.5


@pytest.mark.parametrize(
    ("settings", "n_warnings"),
    [
        ({"scoring": make_scorer(score_blindly)}, 1),
        ({"scoring": {"a": make_scorer(score_blindly), "b": "accuracy"}, "objective": "b"}, 1),
        ({"scoring": "accuracy"}, 0),
    ],
)
def test_scorers_that_take_no_weight_are_named(settings, n_warnings, recwarn):
    """Oracle: the scorers."""
    search = search_all(LogisticRegression(), CS, refit=False, **settings)
    search.fit(X, LABELS, sample_weight=np.ones(60))
    told = [str(warning.message) for warning in recwarn]
    assert all(
        re.match(r"make_scorer\(score_blindly.* does not accept sample_weight", x) for x in told
    )
    assert len(told) == n_warnings


@IGNORE_THE_FUTURE
def test_groups_are_asked_for_by_the_splitter():
    """Oracle: the splitter."""
    groups = np.repeat([0, 1, 2], 20)
    for cv in (GroupKFold(3), LeaveOneGroupOut()):
        search = search_all(LogisticRegression(), CS, cv=cv, allow_future_train=True)
        with pytest.raises(ValueError, match="'groups' parameter should not be None"):
            search.fit(X, LABELS)
        assert search.fit(X, LABELS, groups=groups).n_splits_ == 3
    stratified = search_all(
        LogisticRegression(), CS, cv=StratifiedKFold(4), allow_future_train=True
    )
    assert stratified.fit(X, LABELS).n_splits_ == 4


class OneTimeSplitter:
    """Gives its folds once."""

    def __init__(self):
        self.folds = TimeSeriesSplit(3).split(X)

    def split(self, X=None, y=None, groups=None):
        yield from self.folds

    def get_n_splits(self, X=None, y=None, groups=None):
        return 3


@pytest.mark.parametrize(
    "make_cv",
    [
        lambda: CV.split(X),
        lambda: list(CV.split(X)),
        lambda: 3,
        OneTimeSplitter,
        lambda: [(train.tolist(), test.tolist()) for train, test in CV.split(X)],
    ],
    ids=["generator", "list", "int", "one-time splitter", "lists of lists"],
)
def test_folds_may_come_in_any_form(make_cv):
    """Oracle: the splitter itself."""
    search = search_all(Ridge(), {"alpha": [0.1, 10.0]}, cv=make_cv(), return_train_score=True)
    expected = search_all(Ridge(), {"alpha": [0.1, 10.0]}, return_train_score=True)
    found, table = search.fit(X, Y).cv_results_, expected.fit(X, Y).cv_results_
    for name in ("mean_test_score", "mean_train_score", "split2_test_score"):
        np.testing.assert_array_equal(found[name], table[name])


def test_what_gives_no_folds_is_an_error():
    used_up = CV.split(X)
    list(used_up)
    with pytest.raises(ValueError, match="yields no folds"):
        search_all(Ridge(), {"alpha": [0.1]}, cv=used_up).fit(X, Y)
    with pytest.raises(ValueError, match="The 'cv' parameter"):
        search_all(Ridge(), {"alpha": [0.1]}, cv=CV.split).fit(X, Y)


def test_means_are_unweighted_however_long_a_fold_is():
    """Oracle: by hand."""
    cv = [(np.arange(10), np.arange(10, 20)), (np.arange(20), np.arange(20, 60))]
    results = search_all(Ridge(), {"alpha": [1.0]}, cv=cv).fit(X, Y).cv_results_
    scores = [results[f"split{fold}_test_score"][0] for fold in range(2)]
    assert results["mean_test_score"][0] == np.mean(scores)
    assert results["std_test_score"][0] == np.std(scores)


def test_several_outputs_are_searched():
    """Oracle: GridSearchCV."""
    both = np.column_stack([LABELS, X[:, 0] > 0]).astype(int)
    for model in (DecisionTreeRegressor(random_state=0), DecisionTreeClassifier(random_state=0)):
        scoring = "r2" if isinstance(model, DecisionTreeRegressor) else None
        search = search_all(model, {"max_depth": [1, 2, 3]}, scoring=scoring).fit(X, both)
        expected = GridSearchCV(model, {"max_depth": [1, 2, 3]}, cv=CV).fit(X, both)
        assert search.best_score_ == expected.best_score_
        np.testing.assert_array_equal(
            np.sort(search.cv_results_["mean_test_score"]),
            np.sort(expected.cv_results_["mean_test_score"]),
        )


def test_outliers_are_searched_with_labels():
    """Oracle: the best estimator by hand."""
    labels = np.where(np.abs(X).max(axis=1) > 2, -1, 1)
    model = LocalOutlierFactor(novelty=True)
    search = search_all(model, {"n_neighbors": [5, 10]}, scoring="accuracy").fit(X, labels)
    best = clone(model).set_params(**search.best_params_).fit(X, labels)
    np.testing.assert_array_equal(search.score_samples(X), best.score_samples(X))


def test_parameters_of_nested_estimators_are_set_through_the_search():
    """Oracle: the parameters themselves."""
    search = search_all(make_pipeline(StandardScaler(), Ridge()), {"ridge__alpha": [0.1, 10.0]})
    search.set_params(estimator__ridge__fit_intercept=False, n_iter=7)
    assert search.get_params()["estimator__ridge__fit_intercept"] is False
    assert search.fit(X, Y).best_estimator_["ridge"].intercept_ == 0.0
    with pytest.raises(ValueError, match="Invalid parameter 'nothing'"):
        search.set_params(nothing=1)


def test_a_fitted_search_clones_to_an_unfitted_one():
    """Oracle: the parameters and the fit of the original."""
    search = search_all(Ridge(), {"alpha": [0.1, 10.0]}).fit(X, Y)
    copy = clone(search)
    assert not hasattr(copy, "cv_results_")
    assert repr(copy) == repr(search)
    assert copy.fit(X, Y).best_params_ == search.best_params_


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_search_is_pickled_with_all_it_found(protocol):
    """Oracle: the table before."""
    search = search_all(LogisticRegression(), CS).fit(X, LABELS)
    copy = pickle.loads(pickle.dumps(search, protocol))
    np.testing.assert_array_equal(copy.predict_proba(X), search.predict_proba(X))
    np.testing.assert_equal(dict(copy.cv_results_), dict(search.cv_results_))
    assert copy.trials_ == search.trials_


def test_the_diagram_shows_the_best_estimator_once_there_is_one():
    """Oracle: the names of the classes in the HTML."""
    pipeline = Pipeline([("scale", StandardScaler()), ("model", DummyClassifier())])
    grid = {"model": [LogisticRegression()]}
    for search in (
        search_all(pipeline, grid),
        search_all(pipeline, grid, refit=False).fit(X, LABELS),
    ):
        html = search._repr_html_()
        assert "<div>DummyClassifier</div>" in html
        assert "StandardScaler" in html
    html = search_all(pipeline, grid).fit(X, LABELS)._repr_html_()
    assert "<div>LogisticRegression</div>" in html
    assert "<div>DummyClassifier</div>" not in html


def test_with_metadata_routing_each_scorer_is_given_what_it_asked_for():
    """Oracle: the weights and the names under which they are asked for."""
    seen = []

    def note(y_true, y_pred, sample_weight=None):
        seen.append(sample_weight)
        return 0.5

    with sklearn.config_context(enable_metadata_routing=True):
        scoring = {
            "noted": make_scorer(note).set_score_request(sample_weight="score_weight"),
            "accuracy": get_scorer("accuracy"),
        }
        search = search_all(LogisticRegression(), CS, scoring=scoring, refit="accuracy")
        search.fit(X, LABELS, score_weight=WEIGHT)
    folds = [test for _, test in CV.split(X)]
    assert len(seen) == 9
    assert all(any(np.array_equal(WEIGHT[test], given) for test in folds) for given in seen)
