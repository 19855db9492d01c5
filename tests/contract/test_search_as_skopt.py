"""The search in the place of scikit-optimize's `BayesSearchCV`, without the faults of that.

Each fault of scikit-optimize 0.10.2 is shown on its own search first, in the same test. These have
their tests in test_search.py, the first one in test_routing.py:

    fault: what its search does                      the test of ours
    ----------------------------------------------   ---------------------------------------------
    metadata routing: TypeError, it is given         test_metadata_routing_sends_weights_where_...
        unexpected argument(s) {'groups'}                and three more of that name
    Dimension objects mutated: they get a name       test_the_users_space_stays_as_it_is
        and transform_='normalize'
    numpy scalars in params: a category              test_values_are_pythons_own
        np.longdouble(2) comes as it is
    numpy Generator rejected: ValueError, it         test_one_random_state_gives_one_search
        cannot be used to seed ... RandomState
    x0 refused: TypeError, an unexpected             test_start_points_are_evaluated_first
        keyword argument 'x0'
    duplicates evaluated again: ten trials in        test_a_finite_space_that_runs_out_ends_...
        the space [1.0, 2.0, 3.0]

Three checks of `check_estimator` fail there: check_estimators_overwrite_params,
check_do_not_raise_errors_in_init_or_set_params and check_supervised_y_2d. All pass here, in
test_search.py and in test_search_estimators.py.
"""

import json
from unittest.mock import patch

import numpy as np
import pytest
from scipy import stats
from sklearn.base import BaseEstimator, clone
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import TimeSeriesSplit, cross_validate
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier
from skopt import BayesSearchCV, Optimizer
from skopt.learning import GaussianProcessRegressor
from skopt.space import Categorical, Integer, Real
from small_search import CHEAP, draw_rows

from sklstm import BayesTimeSeriesSearchCV

X, Y, _ = draw_rows(60)
LABELS = (Y > 0).astype(int)
ALPHA = {"alpha": (1e-3, 1e3, "log-uniform")}
SVC_SPACE = {
    "C": Real(1e-2, 1e2, prior="log-uniform"),
    "gamma": Real(1e-3, 1e1, prior="log-uniform"),
    "degree": Integer(1, 3),
    "kernel": Categorical(["linear", "poly", "rbf"]),
}


def theirs(space=ALPHA, estimator=None, **settings):
    settings = {"n_iter": 4, "cv": 3, "random_state": 0} | settings
    return BayesSearchCV(Ridge() if estimator is None else estimator, space, **settings)


def ours(space=ALPHA, estimator=None, **settings):
    settings = {"n_iter": 4, "cv": 3, "random_state": 0, "pruning": False} | settings
    settings = {"optimizer_kwargs": CHEAP} | settings
    return BayesTimeSeriesSearchCV(Ridge() if estimator is None else estimator, space, **settings)


def candidates(search, y=Y):
    return [dict(params) for params in search.fit(X, y).cv_results_["params"]]


def nan_below_1(estimator, X, y):
    return np.nan if estimator.alpha < 1 else -estimator.alpha


def error_below_1(estimator, X, y):
    if estimator.alpha < 1:
        raise RuntimeError("alpha is below 1")
    return -estimator.alpha


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")  # theirs
@pytest.mark.parametrize("scoring", [nan_below_1, error_below_1])
def test_a_candidate_that_fails_costs_no_other(scoring):
    """Oracle: the scorer; the model is asked from the fourth trial on."""
    with pytest.raises(ValueError, match="Input y contains NaN"):
        theirs(n_iter=12, scoring=nan_below_1).fit(X, Y)
    search = ours(n_iter=12, scoring=scoring, x0=None)
    with pytest.warns(FitFailedWarning, match="of 12 candidates failed"):
        search.fit(X, Y)
    assert len(search.cv_results_["params"]) == 12
    alphas = search.cv_results_["param_alpha"].data
    assert search.best_params_["alpha"] == alphas[alphas >= 1].min()


class Interrupt:
    """A callback that is Ctrl-C at its third call."""

    def __init__(self):
        self.calls = 0

    def __call__(self, _):
        self.calls += 1
        if self.calls == 3:
            raise KeyboardInterrupt


def test_ctrl_c_keeps_the_trials_and_fits_the_best():
    """Oracle: the first three trials of the same search, left alone."""
    lost = theirs()
    with pytest.raises(KeyboardInterrupt):
        lost.fit(X, Y, callback=Interrupt())
    assert not hasattr(lost, "cv_results_")
    with pytest.warns(UserWarning, match="interrupted after 3 of 4 trials"):
        kept = ours(callbacks=Interrupt()).fit(X, Y)
    assert kept.cv_results_["params"] == candidates(ours())[:3]
    assert kept.best_estimator_.alpha == kept.best_params_["alpha"]
    assert kept.stop_reason_ == "interrupt"


class InterruptedRegressor(DummyRegressor):
    """Ctrl-C comes in its eighth fit."""

    fits = 0

    def __init__(self, level=1.0):
        super().__init__()
        self.level = level

    def fit(self, X, y, sample_weight=None):
        type(self).fits += 1
        if self.fits == 8:
            raise KeyboardInterrupt
        return super().fit(X, y, sample_weight)


def test_ctrl_c_within_the_first_batch_keeps_the_trial_that_was_done(monkeypatch):
    """Oracle: by hand; of three candidates' nine fits, the seventh is the first one's last."""
    monkeypatch.setattr(InterruptedRegressor, "fits", 0)
    search = ours({"level": (0.0, 1.0)}, InterruptedRegressor(), n_points=3)
    with pytest.warns(UserWarning, match="interrupted after 1 of 4 trials"):
        search.fit(X, Y)
    assert search.best_params_ == {"level": 1.0}
    assert [result.x_iters for result in search.optimizer_results_] == [[[1.0]]]


def test_a_callback_that_stops_ends_the_search_in_all_spaces():
    """Oracle: by hand; scikit-optimize goes on in the next space."""
    spaces = [(ALPHA, 3), (ALPHA, 3)]
    found = theirs(spaces).fit(X, Y, callback=lambda result: True)
    assert len(found.cv_results_["params"]) == 2
    search = ours(spaces, callbacks=lambda progress: True).fit(X, Y)
    assert len(search.trials_) == 1
    assert search.stop_reason_ == "callback"


@pytest.mark.parametrize("n_points", [1, 3])
def test_asking_copies_no_optimizer(n_points):
    """Oracle: no copy at all; scikit-optimize makes one, and fits it, for each point."""
    count_copies = {"autospec": True, "side_effect": Optimizer.copy}
    with patch.object(Optimizer, "copy", **count_copies) as copy:
        theirs(n_iter=5).fit(X, Y)
    assert copy.call_count == 5
    with patch.object(Optimizer, "copy", **count_copies) as copy:
        ours(n_iter=9, n_points=n_points).fit(X, Y)
    assert copy.call_count == 0


@pytest.mark.parametrize("n_points", [1, 3])
def test_the_model_is_fitted_once_for_each_trial_after_the_initial_ones(n_points):
    """Oracle: trials 3 to 9 are told to a model that is due, alone or as lies in a batch.

    scikit-optimize fits twice for each: of 12 trials, its model is due at three, 10 to 12.
    """
    count_fits = {"autospec": True, "side_effect": GaussianProcessRegressor.fit}
    with patch.object(GaussianProcessRegressor, "fit", **count_fits) as fit:
        theirs(n_iter=12, optimizer_kwargs=CHEAP).fit(X, Y)
    assert fit.call_count > 3
    with patch.object(GaussianProcessRegressor, "fit", **count_fits) as fit:
        ours(n_iter=9, n_points=n_points, n_initial_points=3).fit(X, Y)
    assert fit.call_count == 7


def test_ten_trials_are_enough_to_learn_from_scores():
    """Oracle: other targets, which make other candidates unless all are drawn at random."""
    assert candidates(theirs(n_iter=10)) == candidates(theirs(n_iter=10), -(X[:, 0] ** 2))
    search = ours(n_iter=10)
    first, second = candidates(search), candidates(search, -(X[:, 0] ** 2))
    assert first[:3] == second[:3]
    assert first[3:] != second[3:]


class CountingSplit(TimeSeriesSplit):
    calls = 0

    def split(self, X, y=None, groups=None):
        type(self).calls += 1
        return super().split(X, y, groups)


@pytest.mark.parametrize(("make", "n_calls"), [(theirs, 4), (ours, 1)])
def test_the_rows_are_split_once(make, n_calls, monkeypatch):
    """Oracle: by hand; scikit-optimize splits for each of the four trials."""
    monkeypatch.setattr(CountingSplit, "calls", 0)
    make(cv=CountingSplit(3)).fit(X, Y)
    assert CountingSplit.calls == n_calls


class CountingRegressor(DummyRegressor):
    fits = 0

    def __init__(self, level=1.0, other=(1,)):
        super().__init__()
        self.level = level
        self.other = other

    def fit(self, X, y, sample_weight=None):
        type(self).fits += 1
        return super().fit(X, y, sample_weight)


def test_a_candidate_that_two_spaces_hold_is_fitted_once(monkeypatch):
    """Oracle: five different candidates of three folds each, and the refit; skopt fits all six."""
    spaces = [{"level": [1.0, 2.0, 3.0]}, {"level": [3.0, 4.0, 5.0]}]
    for make, n_fits in [(theirs, 6 * 3), (ours, 5 * 3)]:
        monkeypatch.setattr(CountingRegressor, "fits", 0)
        search = make(spaces, CountingRegressor(), n_iter=3)
        assert len(candidates(search)) == 6
        assert CountingRegressor.fits == n_fits + 1
    levels = search.cv_results_["param_level"].data
    scores = search.cv_results_["mean_test_score"]
    assert len(set(scores[levels == 3.0])) == 1
    assert search.optimizer_results_[1].func_vals.tolist() == (-scores[3:]).tolist()


def test_total_iterations_counts_trials_not_parameters():
    """Oracle: n_iter; scikit-optimize multiplies it by the number of parameters."""
    space = ALPHA | {"fit_intercept": [True, False]}
    assert theirs(space, n_iter=7).total_iterations == 14
    assert ours(space, n_iter=7).total_iterations == 7
    assert ours([(space, 10), space], n_iter=5).total_iterations == 10 + 5


@pytest.mark.parametrize(
    ("dimension", "low", "high"),
    [
        (stats.uniform(0.5, 2.0), 0.5, 2.5),
        (stats.loguniform(1e-3, 1e3), 1e-3, 1e3),
        (stats.randint(1, 9), 1, 8),
    ],
    ids=["uniform", "loguniform", "randint"],
)
def test_distributions_of_scipy_are_dimensions(dimension, low, high):
    """Oracle: their support."""
    with pytest.raises(ValueError, match="Invalid dimension"):
        theirs({"alpha": dimension})
    search = ours({"alpha": dimension}).fit(X, Y)
    assert search.optimizer_results_[0].space.bounds == [(low, high)]
    assert all(low <= alpha <= high for alpha in search.cv_results_["param_alpha"])


def test_a_list_of_two_numbers_is_two_categories():
    """Oracle: the list, as in GridSearchCV; scikit-optimize reads it as a range."""
    space = {"alpha": [1.0, 2.0]}
    with pytest.warns(UserWarning, match="inferred to Real"):
        assert not {params["alpha"] for params in candidates(theirs(space))} & {1.0, 2.0}
    assert {params["alpha"] for params in candidates(ours(space, n_iter=2))} == {1.0, 2.0}


def test_tuples_can_be_categories():
    """Oracle: the tuples themselves."""
    tuples = [(1,), (2, 3), ("a", None)]
    with pytest.raises(ValueError, match="can only convert an array of size 1"):
        theirs({"other": Categorical(tuples[:2])}, CountingRegressor()).fit(X, Y)
    for dimension in (tuples, Categorical(tuples)):
        search = ours({"other": dimension}, CountingRegressor(), n_iter=3).fit(X, Y)
        assert sorted(search.cv_results_["param_other"], key=str) == sorted(tuples, key=str)
        assert search.best_estimator_.other == search.best_params_["other"]


def test_counts_may_be_numpys():
    """Oracle: the same search with Python's own."""
    with pytest.raises(ValueError, match="should bepositive integer, got 2"):
        theirs([(ALPHA, np.int64(2))])
    numpys = {"n_iter": np.int64(5), "n_points": np.int64(2), "n_initial_points": np.int32(3)}
    pythons = {name: int(value) for name, value in numpys.items()}
    assert candidates(ours(**numpys)) == candidates(ours(**pythons))
    assert candidates(ours([(ALPHA, np.int64(5))])) == candidates(ours([(ALPHA, 5)]))


@pytest.mark.parametrize("settings", [{"n_iter": 0}, {"space": [(ALPHA, 0)]}])
def test_a_search_of_no_trials_is_refused_by_name(settings):
    with pytest.raises(UnboundLocalError):
        theirs(**settings).fit(X, Y)
    with pytest.raises(ValueError, match="n_iter"):
        ours(**settings).fit(X, Y)


def test_eips_is_told_the_seconds_of_each_trial(tmp_path):
    """Oracle: the log with times by hand, which a resumed search is told as its own."""
    with pytest.raises(TypeError, match="list of \\(func_val, t\\)"):
        theirs(optimizer_kwargs={"acq_func": "EIps"}).fit(X, Y)
    log = tmp_path / "trials.jsonl"
    search = ours(acq_func="EIps", n_initial_points=3, n_iter=3, log=log).fit(X, Y)
    header, *records = map(json.loads, log.read_text().splitlines())
    for record, seconds in zip(records, (1.0, 10.0, 0.1), strict=True):
        for fold in record["folds"]:
            fold |= {"fit_time": 0.75 * seconds, "score_time": 0.25 * seconds}
    log.write_text("".join(json.dumps(line) + "\n" for line in [header, *records]))
    told = []
    watch = patch.object(
        Optimizer, "tell", autospec=True, side_effect=lambda *args, **kwargs: told.append(args)
    )
    with watch:
        clone(search).fit(X, Y)
    model, _, (last,) = told[-1]
    (_, first_log), (_, second_log) = model.yi
    assert second_log - first_log == pytest.approx(np.log(10))
    assert np.log(last[1]) - first_log == pytest.approx(np.log(0.1))


@pytest.mark.parametrize("acq_func", ["EI", "LCB", "PI", "gp_hedge", "EIps"])
def test_each_acquisition_function_proposes(acq_func):
    """Oracle: candidates other than those of the random search from the same seed."""
    search = ours(n_iter=6, acq_func=acq_func)
    at_random = candidates(ours(n_iter=6, strategy="random"))
    proposed = candidates(search)
    assert proposed[:3] == at_random[:3]
    assert proposed[3:] != at_random[3:]


def choose_the_simplest_within_a_deviation(results):
    """The largest alpha whose score is hardly worse than the best."""
    means, alphas = results["mean_test_score"], results["param_alpha"].data
    bar = means.max() - results["std_test_score"][means.argmax()]
    return int(np.where(means >= bar, alphas, -np.inf).argmax())


def test_refit_may_be_a_rule_of_the_users():
    """Oracle: the rule, applied to the table."""
    with pytest.raises(ValueError, match="doesn't support a callable refit"):
        theirs(refit=choose_the_simplest_within_a_deviation).fit(X, Y)
    search = ours(refit=choose_the_simplest_within_a_deviation, n_iter=8).fit(X, Y)
    row = choose_the_simplest_within_a_deviation(search.cv_results_)
    assert row != search.cv_results_["mean_test_score"].argmax()
    assert search.best_index_ == row
    assert search.best_estimator_.alpha == search.cv_results_["param_alpha"][row]
    assert search.best_score_ == search.cv_results_["mean_test_score"][row]


def score_twice(estimator, X, y):
    predicted = estimator.predict(X)
    residuals = y - predicted
    return {"r2": 1 - (residuals**2).sum() / ((y - y.mean()) ** 2).sum(), "low": -estimator.alpha}


SEVERAL = {
    "list": (["r2", "neg_mean_absolute_error"], "r2", "neg_mean_absolute_error"),
    "tuple": (("r2", "neg_mean_absolute_error"), "r2", "neg_mean_absolute_error"),
    "dict": ({"fit": "r2", "low": lambda model, X, y: -model.alpha}, "fit", "low"),
    "callable": (score_twice, "r2", "low"),
}


@pytest.mark.parametrize("kind", SEVERAL)
def test_the_search_may_maximise_another_metric_than_the_refit(kind):
    """Oracle: cross_validate on the same folds; the record of what was maximised."""
    scoring, refit, objective = SEVERAL[kind]
    search = ours(scoring=scoring, refit=refit, objective=objective, n_iter=6).fit(X, Y)
    results = search.cv_results_
    assert search.multimetric_ is True
    assert (
        search.optimizer_results_[0].func_vals.tolist()
        == (-results[f"mean_test_{objective}"]).tolist()
    )
    assert search.best_index_ == results[f"mean_test_{refit}"].argmax()
    assert search.best_score_ == results[f"mean_test_{refit}"].max()
    expected = cross_validate(
        Ridge(**search.best_params_), X, Y, cv=TimeSeriesSplit(3), scoring=scoring
    )
    for metric in (refit, objective):
        found = [results[f"split{fold}_test_{metric}"][search.best_index_] for fold in range(3)]
        assert found == expected[f"test_{metric}"].tolist()
    assert {name for name in results if name.startswith("mean_test_")} == {
        f"mean_test_{name.removeprefix('test_')}" for name in expected if name.startswith("test_")
    }


@pytest.mark.parametrize("kind", SEVERAL)
def test_several_metrics_need_no_refit(kind):
    """Oracle: the same search with a refit."""
    scoring, _, objective = SEVERAL[kind]
    with pytest.raises(ValueError, match="'refit' parameter must be set to a scorer key"):
        theirs(scoring=scoring, refit=False).fit(X, Y)
    found = ours(scoring=scoring, refit=False, objective=objective).fit(X, Y)
    fitted = ours(scoring=scoring, refit=objective).fit(X, Y)
    assert found.best_params_ == fitted.best_params_
    assert found.best_score_ == fitted.best_score_
    assert found.best_index_ == fitted.best_index_
    assert not hasattr(found, "best_estimator_")


@pytest.mark.parametrize("refit", [True, False, lambda results: 0])
@pytest.mark.parametrize("kind", SEVERAL)
def test_of_several_metrics_one_must_be_named_to_maximise(kind, refit):
    with pytest.raises(ValueError, match=r"metrics \[.*, but objective=None is not one"):
        ours(scoring=SEVERAL[kind][0], refit=refit).fit(X, Y)


# What scikit-optimize's own tests ask of its search, in tests of our own.


@pytest.mark.parametrize(
    ("space", "error", "text"),
    [
        ({}, ValueError, "empty"),
        ([], ValueError, "empty"),
        ({"C": "1 ... 100.0"}, TypeError, r"search_spaces\['C'\]='1 .* is not a dimension"),
        (["C", (1.0, 1)], TypeError, "got 'C'"),
        ([({"C": (1.0, 2.0)}, 1, 2)], TypeError, "pairs"),
        ([({"C": (1.0, 2.0)}, -1)], ValueError, "n_iter"),
    ],
    ids=str,
)
def test_a_wrong_space_is_an_error_once_the_search_is_fitted(space, error, text):
    search = ours(space, SVC())
    with pytest.raises(error, match=text):
        search.fit(X, LABELS)


@pytest.mark.parametrize("name", ["iid", "fit_params"])
def test_parameters_that_are_dropped_are_refused_by_name(name):
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'"):
        ours(**{name: None})


def test_a_callback_for_fit_is_told_where_it_belongs():
    with pytest.raises(TypeError, match=r"fit does not accept callback, .*callbacks"):
        ours().fit(X, Y, callback=lambda result: True)


@pytest.mark.parametrize("surrogate", ["GP", "RF", "ET", None])
@pytest.mark.parametrize("n_points", [1, 3])
def test_any_surrogate_finds_a_good_classifier(surrogate, n_points):
    """Oracle: the share of the more frequent label, which takes no model."""
    kwargs = CHEAP if surrogate is None else {"base_estimator": surrogate}
    kwargs = kwargs | {"acq_optimizer_kwargs": {"n_points": 100, "n_jobs": 1}}
    search = ours(SVC_SPACE, SVC(), n_iter=5, n_points=n_points, optimizer_kwargs=kwargs, x0=None)
    search.fit(X[:45], LABELS[:45])
    assert len(search.trials_) == 5
    assert search.score(X[45:], LABELS[45:]) > max(LABELS.mean(), 1 - LABELS.mean()) + 0.1


MODELS = [
    ({"model": Categorical([LinearSVC()]), "model__C": (1e-2, 1e2, "log-uniform")}, 1),
    ({"model": [DecisionTreeClassifier(random_state=0)], "model__max_depth": Integer(1, 32)}, 1),
    {"model": [SVC()]} | {f"model__{name}": values for name, values in SVC_SPACE.items()},
]


def test_each_space_may_have_a_model_of_its_own():
    """Oracle: by hand."""
    search = ours(MODELS, Pipeline([("model", SVC())]), n_iter=2, x0=None).fit(X, LABELS)
    kinds = [type(params["model"]) for params in search.cv_results_["params"]]
    assert kinds == [LinearSVC, DecisionTreeClassifier, SVC, SVC]
    best = [result.x[0] for result in search.optimizer_results_]
    assert [type(model) for model in best] == [LinearSVC, DecisionTreeClassifier, SVC]


def test_a_clone_keeps_its_spaces_when_the_original_gets_others():
    """Oracle: the trials of each, by hand."""
    search = ours(MODELS[1:], Pipeline([("model", SVC())]), n_iter=2, x0=None)
    copy = clone(search)
    assert {name: type(value) for name, value in copy.get_params().items()} == {
        name: type(value) for name, value in search.get_params().items()
    }
    search.set_params(search_spaces=MODELS[:1])
    assert len(search.fit(X, LABELS).trials_) == 1
    assert len(copy.fit(X, LABELS).trials_) == 1 + 2


def test_the_best_point_of_the_record_is_the_best_model():
    """Oracle: the search itself; points are in the order of the names."""
    search = ours(SVC_SPACE, SVC(), n_iter=6, x0=None).fit(X, LABELS)
    again = clone(search).fit(X, LABELS)
    for found in (search, again):
        (result,) = found.optimizer_results_
        best = found.best_estimator_
        assert result.x == [best.C, best.degree, best.gamma, best.kernel]
        assert result.space.dimension_names == ["C", "degree", "gamma", "kernel"]
    assert again.optimizer_results_[0].x_iters == search.optimizer_results_[0].x_iters


def test_a_second_fit_forgets_the_first():
    """Oracle: a search that was fitted once."""
    search = ours().fit(X, -Y)
    search.best_estimator_ = DummyClassifier()
    assert candidates(search) == candidates(ours())
    np.testing.assert_array_equal(search.predict(X), ours().fit(X, Y).predict(X))


def test_a_callback_sees_each_batch_and_ends_the_search_after_it():
    """Oracle: by hand; batches of two, of which the second is the last."""
    seen = []

    def stop_at_four(progress):
        seen.append(len(progress.trials_))
        return seen[-1] >= 4

    search = ours(n_iter=9, n_points=2, callbacks=[stop_at_four, lambda progress: None]).fit(X, Y)
    assert seen == [2, 4]
    assert len(search.trials_) == 4
    assert np.isfinite(search.score(X, Y))


class TypeChecker(BaseEstimator):
    """Fails unless all its parameters are of Python's own types."""

    def __init__(self, number=0.0, count=0, text=""):
        self.number = number
        self.count = count
        self.text = text

    def fit(self, X, y):
        for value, kind in [(self.number, float), (self.count, int), (self.text, str)]:
            assert type(value) is kind
        return self

    def score(self, X, y):
        return self.number


@pytest.mark.parametrize(
    "space",
    [
        {"number": [0.0, 1.0], "count": [0, 10], "text": ["one", "two", "three"]},
        {"number": np.array([0.0, 1.0]), "count": np.array([0, 10]), "text": np.array(["a", "b"])},
        {"number": Real(0, 1), "count": Integer(0, 10), "text": Categorical(np.array(["a", "b"]))},
        {
            "number": (np.float32(0), 1.0),
            "count": (np.int8(0), np.int64(9)),
            "text": [np.str_("a")],
        },
    ],
    ids=["lists", "arrays", "dimensions", "scalars"],
)
def test_the_estimator_is_given_pythons_own_types(space):
    """Oracle: an estimator that refuses others."""
    ours(space, TypeChecker(), n_iter=8, x0=None, error_score="raise").fit(X, Y)


def count_outcomes(classifier, X, y):
    (true_negative, false_positive), (false_negative, true_positive) = confusion_matrix(
        y, classifier.predict(X), labels=[0, 1]
    ).tolist()
    return {
        "tn": true_negative,
        "fp": -false_positive,
        "fn": -false_negative,
        "tp": true_positive,
    }


def test_a_confusion_matrix_can_be_the_scoring():
    """Oracle: the matrix itself, and that its four numbers are the number of rows."""
    search = ours(
        {"C": (1e-3, 1e2, "log-uniform")}, LogisticRegression(), scoring=count_outcomes, refit="tp"
    ).fit(X, LABELS)
    results = search.cv_results_
    total = sum(np.abs(results[f"split0_test_{name}"]) for name in ("tn", "fp", "fn", "tp"))
    assert total.tolist() == [15] * 4
    assert search.score(X, LABELS) == count_outcomes(search, X, LABELS)["tp"]
