"""The search around any estimator, and inside of scikit-learn's own meta-estimators.

Around LSTMRegressor it is tested in test_tools.py and test_pipelines.py, cross-validated itself in
test_search.py.
"""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import (
    clone,
    is_classifier,
    is_clusterer,
    is_outlier_detector,
    is_regressor,
)
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    BaggingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    TimeSeriesSplit,
    cross_val_predict,
    cross_val_score,
    learning_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputRegressor, RegressorChain
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks
from small_search import CHEAP, draw_rows

from sklstm import BayesTimeSeriesSearchCV

X, Y, RNG = draw_rows(60)
LABELS = np.where(Y > 0, "up", "down")
HOLES = np.where(RNG.uniform(size=X.shape) < 0.2, np.nan, X)
BOTH = np.column_stack([Y, X[:, 0] ** 2])
CV = TimeSeriesSplit(3)
RMSE = "neg_root_mean_squared_error"
ALPHA = {"alpha": (1e-3, 1e3, "log-uniform")}
C = {"C": (1e-2, 1e2, "log-uniform")}


def make_search(estimator, space, **settings):
    settings = {"n_iter": 3, "cv": CV, "optimizer_kwargs": CHEAP, "random_state": 0} | settings
    return BayesTimeSeriesSearchCV(estimator, space, **settings)


# In the data of scikit-learn's checks classes come one after the other, so that the first rows in
# time are of one class only: the tree learns from these, the other needs rows from everywhere.
TREE = make_search(
    DecisionTreeClassifier(random_state=0), {"max_depth": (1, 3)}, n_iter=2, cv=2, x0=None
)
SHUFFLED = make_search(
    LogisticRegression(),
    C,
    n_iter=2,
    cv=KFold(2, shuffle=True, random_state=0),
    allow_future_train=True,
)


@pytest.mark.filterwarnings("ignore:Fold . of cv trains on row")
@parametrize_with_checks(
    [clone(TREE).set_params(error_score="raise"), clone(SHUFFLED).set_params(error_score="raise")]
)
def test_scikit_learns_checks_of_classifiers_pass(estimator, check):
    """Oracle: scikit-learn. error_score="raise" as in its own checks of GridSearchCV."""
    check(estimator)


def list_failing_checks(search):
    answers = check_estimator(search, on_fail=None, on_skip=None)
    return {answer["check_name"] for answer in answers if answer["status"] == "failed"}


def test_without_refit_only_the_checks_fail_that_need_a_model():
    """Oracle: GridSearchCV without refit.

    It does not hand on the tag of estimators of several outputs, of which one more check asks for
    predictions.
    """
    settings = {"cv": 2, "refit": False, "error_score": "raise"}
    ours = list_failing_checks(make_search(Ridge(), ALPHA, n_iter=1, **settings))
    theirs = list_failing_checks(GridSearchCV(Ridge(), {"alpha": [1.0]}, **settings))
    assert ours - theirs <= {"check_regressor_multioutput"}


REGRESSORS = {
    "linear": (Ridge(), ALPHA),
    "kernel": (SVR(), C | {"epsilon": (1e-3, 1.0, "log-uniform")}),
    "neighbours": (KNeighborsRegressor(), {"n_neighbors": (1, 10), "weights": ["uniform"]}),
    "boosting": (HistGradientBoostingRegressor(max_iter=5), {"max_leaf_nodes": (2, 31)}),
    "network": (
        MLPRegressor(hidden_layer_sizes=4, max_iter=20, random_state=0, tol=1.0),
        {"alpha": (1e-5, 1.0, "log-uniform")},
    ),
    "pipeline": (
        make_pipeline(StandardScaler(), PolynomialFeatures(), Ridge()),
        {"polynomialfeatures__degree": (1, 3), "ridge__alpha": (1e-3, 1e3, "log-uniform")},
    ),
    "target": (
        TransformedTargetRegressor(Ridge(), func=np.arcsinh, inverse_func=np.sinh),
        {"regressor__alpha": (0.1, 10.0)},
    ),
    "voting": (
        VotingRegressor([("a", Ridge()), ("b", DecisionTreeRegressor(random_state=0))]),
        {"a__alpha": (0.1, 10.0), "b__max_depth": [None, 2, 4], "weights": [None, (1, 2)]},
    ),
    "stacking": (
        StackingRegressor([("a", Ridge())], Ridge(), cv=2),
        {"a__alpha": (0.1, 10.0), "final_estimator__alpha": (0.1, 10.0)},
    ),
}
CLASSIFIERS = {
    "linear": (LogisticRegression(), C),
    "kernel": (SVC(), C | {"kernel": ["rbf", "linear"]}),
    "boosting": (HistGradientBoostingClassifier(max_iter=5), {"max_leaf_nodes": (2, 31)}),
    "pipeline": (
        make_pipeline(StandardScaler(), PCA(), LogisticRegression()),
        {"pca__n_components": [None, 2], "logisticregression__C": (0.1, 10.0)},
    ),
    "calibrated": (
        CalibratedClassifierCV(SVC(), cv=2),
        {"estimator__C": (0.1, 10.0), "method": ["sigmoid", "isotonic"]},
    ),
}


@pytest.mark.parametrize("kind", REGRESSORS)
def test_any_regressor_is_searched_by_its_rmse(kind):
    """Oracle: cross_val_score on the same folds; R2, the score of every regressor."""
    estimator, space = REGRESSORS[kind]
    search = make_search(estimator, space).fit(X, Y)
    best = clone(estimator).set_params(**search.best_params_)
    assert search.best_score_ == cross_val_score(best, X, Y, cv=CV, scoring=RMSE).mean()
    np.testing.assert_array_equal(search.predict(X), best.fit(X, Y).predict(X))
    assert search.score(X, Y) == best.score(X, Y)
    assert "failed" not in search.cv_results_["status"]
    assert is_regressor(search)


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_any_classifier_is_searched_by_its_own_score(kind):
    """Oracle: cross_val_score on the same folds, and the classifier itself."""
    estimator, space = CLASSIFIERS[kind]
    search = make_search(estimator, space).fit(X, LABELS)
    best = clone(estimator).set_params(**search.best_params_)
    assert search.best_score_ == cross_val_score(best, X, LABELS, cv=CV).mean()
    assert search.score(X, LABELS) == best.fit(X, LABELS).score(X, LABELS)
    assert search.classes_.tolist() == ["down", "up"]
    assert hasattr(search, "predict_proba") == hasattr(best, "predict_proba")
    if hasattr(best, "predict_proba"):
        np.testing.assert_array_equal(search.predict_proba(X), best.predict_proba(X))
    assert is_classifier(search)


def test_an_estimator_in_a_searched_step_may_be_left_out():
    """Oracle: the pipeline that is left."""
    pipeline = make_pipeline(StandardScaler(), PCA(2), Ridge())
    search = make_search(
        pipeline, {"pca": ["passthrough"], "standardscaler": [None]}, n_iter=1, x0=None
    )
    np.testing.assert_array_equal(search.fit(X, Y).predict(X), Ridge().fit(X, Y).predict(X))


def search_one(estimator, **params):
    """A search of one candidate, which is that candidate."""
    space = {name: [value] for name, value in params.items()}
    return make_search(estimator, space, n_iter=1, x0=None)


TREE_BESIDE = ("tree", DecisionTreeRegressor(max_depth=2, random_state=0))
AROUND_REGRESSORS = {
    "pipeline": lambda model: make_pipeline(StandardScaler(), model),
    "stacking": lambda model: StackingRegressor([("model", model), TREE_BESIDE], Ridge(), cv=3),
    "stacked upon": lambda model: StackingRegressor([TREE_BESIDE], model, cv=3),
    "voting": lambda model: VotingRegressor([("model", model), TREE_BESIDE]),
    "several outputs": MultiOutputRegressor,
    "chain": lambda model: RegressorChain(model, random_state=0),
    "target": lambda model: TransformedTargetRegressor(model, transformer=StandardScaler()),
    "bagging": lambda model: BaggingRegressor(model, n_estimators=2, random_state=0),
    "search": lambda model: search_one(
        make_pipeline(StandardScaler(), model), standardscaler__with_mean=False
    ),
}


@pytest.mark.parametrize("kind", AROUND_REGRESSORS)
def test_regressors_of_regressors_take_a_search(kind):
    """Oracle: the same around the model with the searched parameter."""
    wrap = AROUND_REGRESSORS[kind]
    y = BOTH if kind in ("several outputs", "chain") else Y
    found = wrap(search_one(Ridge(), alpha=3.0)).fit(X, y)
    expected = wrap(Ridge(alpha=3.0)).fit(X, y)
    # Bagging weights the rows of a Ridge and repeats those of a search: the last bits differ.
    np.testing.assert_allclose(found.predict(X), expected.predict(X), rtol=1e-10)


AROUND_CLASSIFIERS = {
    "pipeline": lambda model: make_pipeline(StandardScaler(), model),
    "calibrated": lambda model: CalibratedClassifierCV(model, cv=2),
    "stacking": lambda model: StackingClassifier([("model", model)], cv=3),
    "voting": lambda model: VotingClassifier([("model", model)], voting="soft"),
    "one against the rest": OneVsRestClassifier,
    "chain": lambda model: ClassifierChain(model, random_state=0),
}


@pytest.mark.parametrize("kind", AROUND_CLASSIFIERS)
def test_classifiers_of_classifiers_take_a_search(kind):
    """Oracle: the same around the model with the searched parameter."""
    wrap = AROUND_CLASSIFIERS[kind]
    y = (np.column_stack([Y > 0, X[:, 0] > 0])).astype(int) if kind == "chain" else LABELS
    found = wrap(search_one(LogisticRegression(), C=0.3)).fit(X, y)
    expected = wrap(LogisticRegression(C=0.3)).fit(X, y)
    np.testing.assert_array_equal(found.predict_proba(X), expected.predict_proba(X))


def test_tools_that_predict_take_a_search():
    """Oracle: the tool with the model of the searched parameter."""
    search, model = search_one(Ridge(), alpha=3.0), Ridge(alpha=3.0)
    for tool in (
        lambda model: cross_val_score(model, X, Y, cv=CV),
        lambda model: cross_val_predict(model, X, Y, cv=KFold(3)),
        lambda model: learning_curve(model, X, Y, cv=CV, train_sizes=[0.7, 1.0])[2],
        lambda model: permutation_importance(model.fit(X, Y), X, Y, random_state=0).importances,
    ):
        np.testing.assert_array_equal(tool(search), tool(model))


def test_probabilities_are_cross_predicted():
    """Oracle: the model with the searched parameter."""
    settings = {"cv": KFold(3), "method": "predict_proba"}
    found = cross_val_predict(search_one(LogisticRegression(), C=0.3), X, LABELS, **settings)
    expected = cross_val_predict(LogisticRegression(C=0.3), X, LABELS, **settings)
    np.testing.assert_array_equal(found, expected)


def test_grid_search_sets_parameters_of_a_search_and_of_its_estimator():
    """Oracle: the search with these parameters, fitted by hand."""
    grid = GridSearchCV(
        make_search(Ridge(), ALPHA), {"n_iter": [1, 2], "estimator__fit_intercept": [False]}, cv=CV
    ).fit(X, Y)
    best = make_search(Ridge(fit_intercept=False), ALPHA, n_iter=grid.best_params_["n_iter"])
    np.testing.assert_array_equal(grid.predict(X), best.fit(X, Y).predict(X))


@pytest.mark.parametrize(
    ("estimator", "kind"),
    [
        (Ridge(), is_regressor),
        (make_pipeline(StandardScaler(), Ridge()), is_regressor),
        (LogisticRegression(), is_classifier),
        (KMeans(), is_clusterer),
        (IsolationForest(), is_outlier_detector),
    ],
)
def test_a_search_is_of_the_kind_of_its_estimator(estimator, kind):
    """Oracle: scikit-learn's own question about the estimator."""
    search = make_search(estimator, {})
    for ask in (is_regressor, is_classifier, is_clusterer, is_outlier_detector):
        assert ask(search) == ask(estimator) == (ask is kind)


@pytest.mark.parametrize(
    "estimator",
    [
        Ridge(),
        RandomForestRegressor(),
        HistGradientBoostingClassifier(),
        MultinomialNB(),
        PCA(),
        SVC(kernel="precomputed"),
        make_pipeline(StandardScaler(), LogisticRegression()),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_a_search_takes_what_its_estimator_takes(estimator):
    """Oracle: the tags of the estimator; of all objects only the estimator's are its own."""
    tags, own = get_tags(make_search(estimator, {})), get_tags(estimator)
    assert tags.input_tags == own.input_tags
    assert tags.target_tags == own.target_tags
    assert tags.classifier_tags == own.classifier_tags
    assert tags.regressor_tags == own.regressor_tags


def test_missing_values_reach_an_estimator_that_takes_them():
    """Oracle: cross_val_score."""
    search = make_search(
        HistGradientBoostingRegressor(max_iter=5), {"max_depth": [2, 3]}, n_iter=2, x0=None
    )
    search.fit(HOLES, Y)
    best = clone(search.estimator).set_params(**search.best_params_)
    assert search.best_score_ == cross_val_score(best, HOLES, Y, cv=CV, scoring=RMSE).mean()


@pytest.mark.parametrize("make_frame", [pd.DataFrame, pl.DataFrame])
def test_frames_are_searched_with_their_names(make_frame):
    """Oracle: the search of the plain rows."""
    names = {"a": X[:, 0], "b": X[:, 1], "c": X[:, 2]}
    search = make_search(Ridge(), ALPHA).fit(make_frame(names), Y)
    plain = make_search(Ridge(), ALPHA).fit(X, Y)
    assert search.feature_names_in_.tolist() == list(names)
    assert search.cv_results_["params"] == plain.cv_results_["params"]
    # A frame lies in memory column by column, so that sums differ in their last bits.
    np.testing.assert_allclose(search.predict(make_frame(names)), plain.predict(X), rtol=1e-10)


def test_several_outputs_are_searched_together():
    """Oracle: cross_val_score; the mean over outputs."""
    search = make_search(Ridge(), ALPHA).fit(X, BOTH)
    expected = cross_val_score(Ridge(**search.best_params_), X, BOTH, cv=CV, scoring=RMSE)
    assert search.best_score_ == expected.mean()
    assert search.predict(X).shape == (60, 2)


def test_the_text_of_a_search_names_what_was_set():
    """Oracle: evaluating it gives the search again."""
    search = BayesTimeSeriesSearchCV(Ridge(alpha=2.0), {"alpha": [1.0, 2.0]}, n_iter=2)
    text = repr(search)
    assert repr(eval(text)) == text
    assert "Ridge(alpha=2.0)" in text
    assert "acq_func" not in text
