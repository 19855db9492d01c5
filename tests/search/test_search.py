"""The search, used as scikit-learn's searches are."""

import pickle
import threading
import warnings
from contextlib import nullcontext
from time import sleep
from typing import ClassVar

import joblib
import numpy as np
import pytest
from same_results import without_times
from scipy import stats
from sklearn.base import BaseEstimator, RegressorMixin, clone, is_classifier, is_regressor
from sklearn.cluster import KMeans
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import make_scorer, mean_squared_error, root_mean_squared_error
from sklearn.model_selection import (
    KFold,
    ShuffleSplit,
    TimeSeriesSplit,
    cross_val_score,
    cross_validate,
)
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks
from skopt import BayesSearchCV
from skopt.space import Categorical, Integer, Real
from small_search import CHEAP, Level, draw_rows

from sklstm._search.search import BayesTimeSeriesSearchCV

X, Y, _ = draw_rows(90)
LABELS = (Y > 0).astype(int)
ALPHA = {"alpha": (1e-3, 1e3, "log-uniform")}
SEVERAL = ["r2", "neg_mean_squared_error"]


def make_search(estimator=None, search_spaces=ALPHA, **changes):
    settings = {"n_iter": 5, "cv": 3, "pruning": False, "optimizer_kwargs": CHEAP}
    settings |= {"random_state": 0, **changes}
    estimator = Ridge() if estimator is None else estimator
    return BayesTimeSeriesSearchCV(estimator, search_spaces, **settings)


class Model(RegressorMixin, BaseEstimator):
    """Predicts and forecasts from its parameters, and offers a space and a gap of its own."""

    def __init__(self, level=2.0, offset=0.0, lead=0, fails_above=np.inf):
        self.level = level
        self.offset = offset
        self.lead = lead
        self.fails_above = fails_above

    def search_space(self, n_rows):
        return {"level": Real(0.0, n_rows)}

    def needed_gap(self, X, y):
        return self.lead

    def fit(self, X, y):
        if self.level > self.fails_above:
            raise RuntimeError(f"level {self.level} is too high")
        self.last_ = np.asarray(X)[-1]
        return self

    def predict(self, X):
        return np.full(len(X), self.level + self.offset)

    def forecast(self, X=None, known=None):
        last = self.last_ if X is None else np.asarray(X)[-1]
        if known is not None:
            last = last + np.nan_to_num(np.asarray(known))
        return np.atleast_2d(last)[:, 0] + self.offset


@parametrize_with_checks(
    [
        make_search(cv=2, n_iter=2, error_score="raise", optimizer_kwargs=None),
        make_search(
            make_pipeline(StandardScaler(), Ridge()),
            {"ridge__alpha": (1e-3, 1e3, "log-uniform")},
            cv=2,
            n_iter=2,
            error_score="raise",
            optimizer_kwargs=None,
        ),
    ]
)
def test_scikit_learns_checks(estimator, check):
    """Oracle: scikit-learn. error_score="raise" as in its own checks of GridSearchCV."""
    check(estimator)


def test_it_is_a_bayes_search_cv_that_stores_its_parameters():
    search = make_search()
    assert isinstance(search, BayesSearchCV)
    assert clone(search).get_params()["search_spaces"] == ALPHA
    assert is_regressor(search)
    assert is_classifier(make_search(SVC()))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"n_iter": 0}, "n_iter"),
        ({"n_iter": 2.5}, "n_iter"),
        ({"n_points": 0}, "n_points"),
        ({"n_initial_points": 0}, "n_initial_points"),
        ({"acq_func": "MES"}, "acq_func"),
        ({"strategy": "grid"}, "strategy"),
        ({"scoring": SEVERAL}, "Name the metric to maximise in objective or in refit"),
        ({"scoring": SEVERAL, "objective": "r3"}, "objective='r3' is not one"),
        ({"scoring": SEVERAL, "objective": "r2", "refit": "r3"}, "refit='r3' is not one"),
        ({"scoring": "r2", "objective": "r2"}, "objective='r2' selects one of several"),
        ({"scoring": "no_such_score"}, "no_such_score"),
        ({"refit": 2.5}, "refit"),
        ({"time_limit": 0}, "time_limit"),
        ({"log": 3}, "log"),
        ({"warm_start_from": 3}, "warm_start_from"),
        ({"callbacks": 3}, "callbacks"),
        ({"error_score": "ignore"}, "error_score"),
        ({"random_state": "x"}, "random_state"),
        ({"search_spaces": "alpha"}, "search_spaces"),
        ({"search_spaces": {}}, "empty"),
        ({"search_spaces": {"beta": (0.0, 1.0)}, "x0": None}, "Invalid parameter 'beta'"),
        ({"optimizer_kwargs": {"acq_func": "EI"}}, "optimizer_kwargs has 'acq_func'"),
        ({"optimizer_kwargs": {"initial_point_generator": "grid"}}, "generator='grid'"),
        ({"x0": {"alpha": -1.0}}, "alpha=-1.0 is outside the range from 0.001 to 1000.0"),
        ({"cv": 100}, "n_samples=90"),
    ],
)
def test_wrong_parameters_are_named(changes, text):
    with pytest.raises(ValueError, match=text):
        make_search(**changes).fit(X, Y)


@pytest.mark.parametrize("scoring", [None, "r2", make_scorer(mean_squared_error)])
@pytest.mark.parametrize(
    "cv", [None, 3, TimeSeriesSplit(4, gap=2), list(TimeSeriesSplit(2).split(X))]
)
def test_all_candidates_are_scored_on_the_same_folds(cv, scoring):
    """Oracle: cross_val_score on TimeSeriesSplit, RMSE where no scoring is given."""
    search = make_search(cv=cv, scoring=scoring).fit(X, Y)
    splits = cv if not (cv is None or cv == 3) else TimeSeriesSplit(cv or 5)
    results = search.cv_results_
    for row, params in enumerate(results["params"]):
        expected = cross_val_score(
            Ridge(**params), X, Y, cv=splits, scoring=scoring or "neg_root_mean_squared_error"
        )
        ours = [results[f"split{fold}_test_score"][row] for fold in range(search.n_splits_)]
        assert ours == expected.tolist()
    assert len(results["params"]) == 5


def test_the_best_candidate_is_the_one_with_rank_1():
    """Oracle: the table, and the best model fitted by hand."""
    search = make_search(n_iter=8).fit(X, Y)
    means = search.cv_results_["mean_test_score"]
    assert search.best_index_ == means.argmax()
    assert search.best_score_ == means.max()
    assert search.best_params_ == search.cv_results_["params"][search.best_index_]
    assert search.cv_results_["rank_test_score"][search.best_index_] == 1
    best = Ridge(**search.best_params_).fit(X, Y)
    np.testing.assert_array_equal(search.predict(X), best.predict(X))
    assert search.score(X, Y) == best.score(X, Y)
    assert search.refit_time_ > 0
    assert search.multimetric_ is False
    assert search.scorer_(best, X, Y) == -root_mean_squared_error(Y, best.predict(X))


@pytest.mark.parametrize(
    ("objective", "refit", "best_by"),
    [
        (None, "r2", "r2"),
        ("r2", True, "r2"),
        ("r2", "neg_mean_squared_error", "neg_mean_squared_error"),
        ("r2", False, "r2"),
    ],
)
def test_of_several_metrics_one_is_maximised_and_one_chooses_the_best(objective, refit, best_by):
    """Oracle: cross_validate by the same metrics on the same folds."""
    search = make_search(scoring=SEVERAL, objective=objective, refit=refit, n_iter=8).fit(X, Y)
    assert search.multimetric_ is True
    assert search.objective_ == "r2"
    means = {}
    for metric in SEVERAL:
        means[metric] = search.cv_results_[f"mean_test_{metric}"]
        for row, params in enumerate(search.cv_results_["params"]):
            scores = cross_validate(Ridge(**params), X, Y, cv=TimeSeriesSplit(3), scoring=SEVERAL)
            assert means[metric][row] == scores[f"test_{metric}"].mean()
    assert search.best_index_ == means[best_by].argmax()
    assert search.best_score_ == means[best_by].max()
    np.testing.assert_array_equal(search.optimizer_results_[0].func_vals, -means["r2"])
    assert set(search.scorer_) == set(SEVERAL)


def test_a_callable_may_give_several_metrics_and_another_one_choose_the_best():
    """Oracle: by hand; the first says minus the level, the second refuses the best of these."""

    def score(model, X, y):
        return {"low": -model.level, "high": model.level}

    def choose_second(results):
        return int(np.argsort(results["rank_test_low"])[1])

    space = {"level": [0.25, 0.5, 0.75]}
    search = make_search(
        Level(), space, scoring=score, objective="low", refit=choose_second, n_iter=3
    ).fit(X, Y)
    assert (search.best_params_, search.best_score_) == ({"level": 0.5}, -0.5)
    assert search.best_estimator_.level == 0.5
    assert search.scorer_ is score
    assert search.score(X, Y) == -0.5


def test_score_is_by_the_metric_that_chose_the_best():
    """Oracle: the metric itself."""
    search = make_search(scoring=SEVERAL, objective="r2", refit=SEVERAL[1]).fit(X, Y)
    assert search.score(X, Y) == -mean_squared_error(Y, search.predict(X))


def test_score_uses_the_scoring_that_was_given():
    """Oracle: the metric itself."""
    search = make_search(scoring="neg_mean_squared_error").fit(X, Y)
    assert search.score(X, Y) == -mean_squared_error(Y, search.predict(X))


@pytest.mark.parametrize("changes", [{}, {"pruning": True}, {"strategy": "random"}, {"n_seeds": 2}])
def test_scores_near_the_largest_float_leave_a_finite_best_score(changes):
    """Oracle: by hand; all folds score the level, and the sum over the folds is no float."""
    settings = {"scoring": lambda model, X, y: model.level * 1.7e308, **changes}
    search = make_search(Steps(), {"level": (0.9, 1.0)}, n_iter=8, **settings).fit(X, Y)
    assert set(search.cv_results_["status"]) <= {"ok", "pruned"}
    assert search.best_score_ == pytest.approx(search.best_params_["level"] * 1.7e308)
    assert search.best_params_["level"] == max(
        trial.params["level"] for trial in search.trials_ if trial.status == "ok"
    )


def stop(*args):
    raise StopIteration("no more")


class Stopping(Level):
    """Ends its fit by an exception that generators do not hand on."""

    def fit(self, X, y):
        stop()


@pytest.mark.parametrize(("backend", "n_jobs"), [("sequential", 1), ("threading", 2), ("loky", 2)])
@pytest.mark.parametrize(
    "changes",
    [{"estimator": Stopping()}, {"estimator": Level(), "scoring": stop}],
    ids=["in fit", "in the scorer"],
)
def test_error_score_raise_raises_stop_iteration_itself(changes, backend, n_jobs):
    """Oracle: the exception's class and text."""
    search = make_search(search_spaces={"level": (0.0, 1.0)}, error_score="raise", **changes)
    with joblib.parallel_config(backend, n_jobs=n_jobs), pytest.raises(StopIteration) as caught:
        search.fit(X, Y)
    assert str(caught.value) == "no more"


UNASKED = "before its model proposed a candidate"


@pytest.mark.parametrize(
    ("changes", "is_unasked"),
    [
        ({"strategy": "random"}, False),  # there is no model
        ({"n_initial_points": 1}, False),
        ({"n_initial_points": 5}, True),
    ],
)
def test_a_search_that_a_callback_stops_says_it_in_its_summary_alone(changes, is_unasked):
    """Oracle: by hand; the callback stops the search after its third trial."""
    search = make_search(
        n_iter=9, callbacks=lambda progress: len(progress.trials_) == 3, **changes
    ).fit(X, Y)
    assert (UNASKED in search.summary()) == is_unasked


TINY = np.nextafter(1.0, 2.0)


@pytest.mark.parametrize("strategy", ["bayes", "random"])
@pytest.mark.parametrize(
    ("space", "n_points"),
    [
        ({"level": (1.0, TINY)}, 2),
        ({"level": (1.0, np.nextafter(TINY, 2.0), "log-uniform")}, 3),
        ({"level": (-5e-324, 5e-324)}, 3),
    ],
)
def test_a_range_of_a_few_floats_is_searched_to_its_end(space, n_points, strategy):
    """Oracle: by hand, how many floats there are."""
    search = make_search(Level(level=5e-324), space, strategy=strategy, x0=None)
    with pytest.warns(UserWarning, match=f"The search ends .* only {n_points} points"):
        search.fit(X, Y)
    assert len({params["level"] for params in search.cv_results_["params"]}) == n_points


@pytest.mark.parametrize("strategy", ["bayes", "random"])
@pytest.mark.parametrize("shapes", [[3, (2, 2), 4], [3, 3]], ids=["other shapes", "one shape"])
def test_the_search_starts_from_an_array_among_arrays(shapes, strategy):
    """Oracle: by hand; the estimator's own array is a copy of the last category."""
    arrays = [np.full(shape, float(number)) for number, shape in enumerate(shapes)]
    model = Level(other=arrays[-1].copy())
    space = {"other": arrays, "level": (0.0, 1.0)}
    search = make_search(model, space, strategy=strategy).fit(X, Y)
    assert search.trials_[0].params["other"] is arrays[-1]


def points_of(search, X=X, y=Y):
    return search.fit(X, y).cv_results_["params"]


class Steps(RegressorMixin, BaseEstimator):
    """Against targets of 0, its error is its level, and on the last fold a tenth of it."""

    fits: ClassVar[list] = []

    def __init__(self, level=1.0, random_state=0):
        self.level = level
        self.random_state = random_state

    def fit(self, X, y):
        self.scale_ = 0.1 if len(X) > 80 else 1.0
        self.fits.append((self.level, len(X)))
        return self

    def predict(self, X):
        return np.full(len(X), self.level * self.scale_)


def prune(levels, **changes):
    """Search these levels in their order, on folds of 20, 40, 60 and 100 rows."""
    Steps.fits.clear()
    folds = [(np.arange(n), np.arange(n, n + 20)) for n in (100, 20, 40, 60)]
    settings = {"n_iter": len(levels), "cv": folds, "pruning": True, **changes}
    x0 = [{"level": level} for level in levels]
    search = make_search(Steps(), {"level": (0.0, 10.0)}, x0=x0, **settings)
    return search.fit(np.zeros((120, 1)), np.zeros(120))


def test_candidates_that_fall_behind_are_dropped_and_the_best_has_run_all_folds():
    """Oracle: by hand.

    Each level is a constant factor of the error on all folds, so the better one is better on each.
    The first two run all folds. Of the rest, those that are worse than the best so far are behind
    on the two shortest folds and others have had no lead on the others.
    """
    search = prune([4.0, 2.0, 3.0, 1.0, 8.0])
    results = search.cv_results_
    assert results["status"].tolist() == ["ok", "ok", "pruned", "ok", "pruned"]
    assert [len(trial.run_folds) for trial in search.trials_] == [4, 4, 2, 4, 2]
    assert (search.best_index_, search.best_params_) == (3, {"level": 1.0})
    assert search.best_score_ == pytest.approx(-(1 + 1 + 1 + 0.1) / 4)
    np.testing.assert_array_equal(np.isnan(results["mean_test_score"]), [0, 0, 1, 0, 1])
    np.testing.assert_allclose(results["mean_run_folds"][[2, 4]], [-3.0, -8.0])
    assert results["rank_test_score"].tolist() == [3, 2, 4, 1, 4]
    assert [n for level, n in Steps.fits if level == 8.0] == [
        40,
        20,
    ]  # the shortest two, side by side
    assert [n for level, n in Steps.fits if level == 1.0] == [40, 20, 60, 100, 120]


def test_the_optimizer_learns_of_dropped_candidates_by_the_paired_difference():
    """Oracle: by hand; level 3 is behind level 2 by 1 on both folds that it ran, of four."""
    (result,) = prune([4.0, 2.0, 3.0]).optimizer_results_
    np.testing.assert_allclose(result.func_vals, [4 * 3.1 / 4, 2 * 3.1 / 4, 2 * 3.1 / 4 + 2 / 4])


def test_without_pruning_all_folds_run():
    """Oracle: by hand."""
    search = prune([4.0, 2.0, 3.0, 1.0, 8.0], pruning=False)
    assert set(search.cv_results_["status"]) == {"ok"}
    assert len(Steps.fits) == 5 * 4 + 1


def test_a_batch_knows_of_earlier_batches_alone():
    """Oracle: by hand; two at a time, 1.9 is judged by 4 and 2, not by 1."""
    levels = [4.0, 2.0, 1.9, 1.0]
    assert prune(levels).cv_results_["status"].tolist() == ["ok"] * 4
    levels = [4.0, 2.0, 1.0, 1.9]
    assert prune(levels).cv_results_["status"].tolist() == ["ok", "ok", "ok", "pruned"]
    assert prune(levels, n_points=2).cv_results_["status"].tolist() == ["ok"] * 4


@pytest.mark.parametrize("strategy", ["bayes", "random"])
@pytest.mark.parametrize("n_points", [1, 3])
@pytest.mark.parametrize(("backend", "n_jobs"), [("threading", 2), ("threading", 5), ("loky", 2)])
def test_pruning_does_not_depend_on_the_number_of_jobs(backend, n_jobs, n_points, strategy):
    """Oracle: the same search, one fit at a time."""
    settings = {"n_iter": 10, "n_points": n_points, "strategy": strategy}
    settings |= {"pruning": True, "cv": 5}
    space = {"n_neighbors": (1, 12), "weights": ["uniform", "distance"]}

    def run(**changes):
        search = make_search(KNeighborsRegressor(), space, **settings, **changes)
        return without_times(search.fit(X, Y).cv_results_)

    alone = run()
    assert "pruned" in alone["status"]
    with joblib.parallel_config(backend):
        assert run(n_jobs=n_jobs) == alone


def test_several_seeds_make_one_score():
    """Oracle: cross_val_score with each seed, averaged; the best is refitted with the first."""
    model = ExtraTreesRegressor(5, max_depth=2, random_state=7)
    search = make_search(model, {"max_depth": [2, 3]}, n_iter=2, n_seeds=3).fit(X, Y)
    for params, score in zip(
        search.cv_results_["params"], search.cv_results_["mean_test_score"], strict=True
    ):
        each = [
            cross_val_score(
                clone(model).set_params(random_state=seed, **params),
                *(X, Y),
                cv=TimeSeriesSplit(3),
                scoring="neg_root_mean_squared_error",
            )
            for seed in (7, 8, 9)
        ]
        assert score == pytest.approx(np.mean(each))
    assert search.best_estimator_.random_state == 7


def test_several_seeds_need_a_random_state():
    with pytest.raises(ValueError, match=r"n_seeds=2 needs a random_state"):
        make_search(Level(), {"level": (0.0, 1.0)}, n_seeds=2).fit(X, Y)


def test_one_standard_error_refits_the_quickest_of_the_best():
    """Oracle: by hand.

    1.5 is behind on two folds by 0.5 and ahead on one by 0.9: on average by 0.03, and the standard
    error of that is 0.47.
    """
    errors = {1.0: (1.0, 1.0, 1.0), 1.5: (1.5, 1.5, 0.1), 9.0: (9.0, 9.0, 9.0)}

    class Timed(Level):
        def fit(self, X, y):
            sleep(0.05 * (self.level == 1.0))
            self.error_ = errors[self.level][min(len(X) // 20, 3) - 1]
            return self

        def predict(self, X):
            return np.full(len(X), self.error_)

    folds = [(np.arange(n), np.arange(n, n + 20)) for n in (20, 40, 60)]
    search = make_search(
        Timed(1.0), {"level": list(errors)}, n_iter=3, refit="one_standard_error", cv=folds
    ).fit(X, np.zeros(len(X)))
    assert search.best_params_ == {"level": 1.5}
    assert search.best_score_ == pytest.approx(-3.1 / 3)
    assert search.best_estimator_.level == 1.5


def test_one_standard_error_needs_two_folds():
    with pytest.raises(ValueError, match=r"refit='one_standard_error' needs .* at least two folds"):
        make_search(refit="one_standard_error", cv=[(np.arange(40), np.arange(40, 60))]).fit(X, Y)


@pytest.mark.parametrize(("backend", "n_points"), [("threading", 1), (None, 2)])
def test_the_number_of_jobs_changes_nothing(backend, n_points):
    """Oracle: the search without parallel jobs; where users choose nothing, jobs are processes."""
    space = {"n_neighbors": (1, 20), "weights": ["uniform", "distance"]}
    first = make_search(KNeighborsRegressor(), space, n_points=n_points).fit(X, Y).cv_results_
    for n_jobs in (1, 2):
        search = make_search(KNeighborsRegressor(), space, n_jobs=n_jobs, n_points=n_points)
        with joblib.parallel_config(backend) if backend else nullcontext():
            results = search.fit(X, Y).cv_results_
        assert results["params"] == first["params"]
        assert results["mean_test_score"].tolist() == first["mean_test_score"].tolist()


def test_jobs_are_those_of_the_context_that_the_user_chose():
    """Oracle: an estimator that tells its thread; two fits side by side wait for each other."""
    meeting = threading.Barrier(2, timeout=30)

    class Meeting(Level):
        def fit(self, X, y):
            if len(X) < 90:  # not in the refit, which is alone
                meeting.wait()
            return self

    with joblib.parallel_config("threading", n_jobs=2):
        search = make_search(Meeting(), {"level": (0.0, 1.0)}, cv=2, n_iter=2).fit(X, Y)
    assert [trial.status for trial in search.trials_] == ["ok", "ok"]


@pytest.mark.parametrize(
    "make_state", [lambda: 3, lambda: np.random.RandomState(3), lambda: np.random.default_rng(3)]
)
def test_one_random_state_gives_one_search(make_state):
    assert points_of(make_search(random_state=make_state())) == points_of(
        make_search(random_state=make_state())
    )
    assert points_of(make_search(random_state=make_state())) != points_of(make_search())


def test_without_a_random_state_searches_differ():
    assert points_of(make_search(random_state=None)) != points_of(make_search(random_state=None))


class Bowl(DummyRegressor):
    """Its error is 0 at a=0.3 and b=-1, and grows from there."""

    def __init__(self, a=0.9, b=1.5):
        super().__init__()
        self.a = a
        self.b = b

    def predict(self, X):
        return np.full(len(X), (self.a - 0.3) ** 2 + (self.b + 1) ** 2)


def test_the_model_beats_chance_on_the_same_folds_from_the_same_start():
    """Oracle: the same search at random; both start from the estimator's own parameters."""
    space = {"a": (0.0, 1.0), "b": (-2.0, 2.0)}
    bayes, random = (
        make_search(Bowl(), space, n_iter=20, strategy=strategy).fit(X, np.zeros(90))
        for strategy in ("bayes", "random")
    )
    assert bayes.cv_results_["params"][0] == {"a": 0.9, "b": 1.5}
    assert bayes.cv_results_["params"][:5] == random.cv_results_["params"][:5]
    assert bayes.best_score_ > random.best_score_


def test_a_default_outside_the_space_is_left_out_with_a_warning():
    with pytest.warns(UserWarning, match="alpha=1.0 is outside"):
        params = points_of(make_search(search_spaces={"alpha": (2.0, 10.0)}))
    assert all(candidate["alpha"] >= 2 for candidate in params)


def test_start_points_are_evaluated_first():
    assert points_of(make_search(x0=[{"alpha": 5}, {"alpha": 0.5}]))[:2] == [
        {"alpha": 5.0},
        {"alpha": 0.5},
    ]
    with_known = points_of(make_search(x0=({"alpha": 5}, -0.3)))
    assert {"alpha": 5.0} not in with_known


def test_the_users_space_stays_as_it_is():
    """Oracle: its pickle; skopt's search would name and rescale the dimensions."""
    space = {"alpha": Real(0.1, 1), "max_iter": Integer(5, 9), "solver": Categorical(["svd"])}
    search = make_search(search_spaces=space, x0=None)
    before = pickle.dumps(space)
    search.fit(X, Y)
    assert pickle.dumps(space) == before
    assert search.search_spaces is space


def test_values_are_pythons_own():
    """Oracle: the types of the space."""
    space = {
        "alpha": stats.loguniform(1e-2, 1e2),
        "max_iter": Categorical([None, 500]),
        "fit_intercept": [True, False],
        "solver": np.array(["svd", "cholesky"]),
        "tol": [1e-4, np.float32(0.5)],
    }
    for params in points_of(make_search(search_spaces=space, n_iter=8, x0=None)):
        assert type(params["alpha"]) is float
        assert params["max_iter"] is None or type(params["max_iter"]) is int
        assert type(params["fit_intercept"]) is bool
        assert type(params["solver"]) is str
        assert type(params["tol"]) is float


def test_spaces_in_a_list_are_searched_one_after_the_other():
    """Oracle: by hand."""
    pipeline = Pipeline([("model", Ridge())])
    spaces = [
        ({"model": [Ridge()], "model__alpha": (0.1, 10.0)}, 4),
        {"model": [KNeighborsRegressor()], "model__n_neighbors": (1, 9)},
    ]
    search = make_search(pipeline, spaces, n_iter=3, x0=None).fit(X, Y)
    results = search.cv_results_
    assert search.total_iterations == len(results["params"]) == 7
    assert results["param_model__alpha"].mask.tolist() == [False] * 4 + [True] * 3
    assert [type(params["model"]) for params in results["params"]] == [Ridge] * 4 + [
        KNeighborsRegressor
    ] * 3
    assert [len(result.x_iters) for result in search.optimizer_results_] == [4, 3]
    assert not hasattr(spaces[0][0]["model"][0], "coef_")


def test_the_number_of_trials_is_known_before():
    assert make_search(n_iter=7).total_iterations == 7
    assert make_search(Model(), None, n_iter=7).total_iterations == 7


def test_a_finite_space_that_runs_out_ends_the_search():
    """Oracle: its four points."""
    space = {"alpha": [1.0, 2.0], "fit_intercept": [True, False]}
    with pytest.warns(UserWarning, match="before n_iter=10, .* only 4 points"):
        params = points_of(make_search(search_spaces=space, n_iter=10))
    assert sorted(map(str, params)) == sorted(
        str({"alpha": a, "fit_intercept": i}) for a in (1.0, 2.0) for i in (True, False)
    )


def test_optimizer_results_are_skopts_record():
    """Oracle: the table."""
    search = make_search(n_iter=6).fit(X, Y)
    (result,) = search.optimizer_results_
    assert result.x == [search.best_params_["alpha"]]
    assert result.fun == -search.best_score_
    np.testing.assert_array_equal(result.func_vals, -search.cv_results_["mean_test_score"])
    with pytest.raises(NotFittedError):
        make_search().optimizer_results_  # noqa: B018


def test_a_candidate_that_fails_stays_in_the_table_and_the_search_goes_on():
    search = make_search(Model(fails_above=4.0), {"level": (0.0, 10.0)}, n_iter=12)
    with pytest.warns(FitFailedWarning, match="of 12 candidates failed"):
        search.fit(X, Y)
    results = search.cv_results_
    failed = np.array([params["level"] > 4 for params in results["params"]])
    assert 0 < failed.sum() < 12
    assert results["status"].tolist() == np.where(failed, "failed", "ok").tolist()
    assert np.isnan(results["mean_test_score"][failed]).all()
    assert (results["rank_test_score"][failed] == 12 - failed.sum() + 1).all()
    assert "RuntimeError: level" in results["error"][failed][0]
    assert search.best_params_["level"] <= 4
    assert np.isfinite(search.optimizer_results_[0].func_vals).all()


def test_error_score_raise_ends_the_search_at_the_first_failure():
    search = make_search(Model(fails_above=-1.0), {"level": (0.0, 10.0)}, error_score="raise")
    with pytest.raises(RuntimeError, match=r"level 2\.0 is too high"):
        search.fit(X, Y)


@pytest.mark.parametrize("cv", [KFold(3), ShuffleSplit(2, random_state=0)])
def test_training_on_the_future_must_be_allowed(cv):
    """Oracle: cross_val_score on the same split, once it is allowed."""
    with pytest.raises(ValueError, match="Fold 0 of cv trains on row"):
        make_search(cv=cv).fit(X, Y)
    search = make_search(cv=cv, allow_future_train=True, scoring="r2")
    with pytest.warns(UserWarning, match="Fold 0 of cv trains on row"):
        search.fit(X, Y)
    assert search.best_score_ == cross_val_score(Ridge(**search.best_params_), X, Y, cv=cv).mean()


def test_splits_are_made_once():
    """Oracle: a splitter without a seed, which splits anew each time; one candidate, twice."""
    space = {"alpha": [1.0], "copy_X": [True, False]}
    cv = ShuffleSplit(1)
    search = make_search(search_spaces=space, n_iter=2, cv=cv, allow_future_train=True)
    with pytest.warns(UserWarning, match="Fold 0"):
        search.fit(X, Y)
    first, second = search.cv_results_["mean_test_score"]
    assert first == second


NESTS = {
    "itself": (Model, ""),
    "pipeline": (lambda **p: make_pipeline(StandardScaler(), Model(**p)), "model__"),
    "target": (lambda **p: TransformedTargetRegressor(Model(**p)), "regressor__"),
    "both": (
        lambda **p: TransformedTargetRegressor(make_pipeline(StandardScaler(), Model(**p))),
        "regressor__model__",
    ),
}


@pytest.mark.parametrize("nest", NESTS)
def test_the_models_own_space_and_gap_are_found_inside(nest):
    """Oracle: TimeSeriesSplit with the gap, and the rows of its first training fold."""
    make, prefix = NESTS[nest]
    search = make_search(make(lead=4), None).fit(X, Y)
    (result,) = search.optimizer_results_
    first_train, _ = next(TimeSeriesSplit(3, gap=4).split(X))
    assert list(search.best_params_) == [f"{prefix}level"]
    assert result.space.dimensions[0].high == len(first_train)
    expected = cross_val_score(
        search.best_estimator_,
        X,
        Y,
        cv=TimeSeriesSplit(3, gap=4),
        scoring="neg_root_mean_squared_error",
    )
    assert search.best_score_ == expected.mean()


def test_without_any_offer_the_space_must_be_given():
    with pytest.raises(ValueError, match="Ridge and its nested estimators have none"):
        make_search(Ridge(), None).fit(X, Y)


def fit_forecaster(estimator):
    return make_search(estimator, None, n_iter=1).fit(X, Y)


def test_forecast_is_there_only_where_the_model_has_it():
    assert hasattr(make_search(Model(), None), "forecast")
    assert hasattr(make_search(NESTS["both"][0](), None), "forecast")
    assert hasattr(fit_forecaster(NESTS["both"][0]()), "forecast")
    assert not hasattr(make_search(), "forecast")
    assert not hasattr(make_search(Model(), None, refit=False), "forecast")
    assert not hasattr(make_search(TransformedTargetRegressor(), ALPHA), "forecast")
    with pytest.raises(NotFittedError):
        make_search(Model(), None).forecast()


def test_a_forecast_is_that_of_the_best_estimator():
    """Oracle: the scaler and exp by hand."""
    model = make_pipeline(StandardScaler(), Model(offset=0.5))
    target = TransformedTargetRegressor(model, func=np.log, inverse_func=np.exp)
    search = make_search(target, None, n_iter=1).fit(X, np.exp(Y))
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    np.testing.assert_allclose(search.forecast(), np.exp([scaled[-1, 0] + 0.5]))
    expected = np.exp(scaled[6, 0] + scaled[:2, 0] + 0.5)
    np.testing.assert_allclose(search.forecast(X[:7], X[:2]), expected)


def test_a_search_inside_a_search_forecasts():
    """Oracle: the inner search."""
    inner = make_search(Model(), None, n_iter=1)
    outer = make_search(Pipeline([("all", inner)]), {"all__n_iter": [1]}, n_iter=1)
    np.testing.assert_allclose(outer.fit(X, Y).forecast(), inner.fit(X, Y).forecast())


def test_a_classifier_has_its_own_score_and_methods():
    """Oracle: the best model fitted by hand."""
    space = {"C": (1e-2, 1e2, "log-uniform")}
    search = make_search(LogisticRegression(), space).fit(X, LABELS)
    best = LogisticRegression(**search.best_params_).fit(X, LABELS)
    expected = cross_val_score(best, X, LABELS, cv=TimeSeriesSplit(3), scoring="accuracy")
    assert search.best_score_ == expected.mean()
    assert search.score(X, LABELS) == best.score(X, LABELS)
    assert search.classes_.tolist() == [0, 1]
    for method in ("predict", "predict_proba", "predict_log_proba", "decision_function"):
        np.testing.assert_array_equal(getattr(search, method)(X), getattr(best, method)(X))
    assert not hasattr(make_search(SVC(probability=False), space), "predict_proba")


def test_an_estimator_without_target_is_searched():
    """Oracle: more centres are nearer, by the score of KMeans."""
    model = KMeans(2, n_init=1, random_state=0)
    search = make_search(model, {"n_clusters": (1, 3)}, n_iter=3).fit(X)
    assert search.best_params_ == {"n_clusters": 3}


def miss_by_hand(estimator, search, y=Y):
    """What fits of the best candidate on each fold miss."""
    best = clone(estimator).set_params(**search.best_params_)
    folds = TimeSeriesSplit(3).split(X)
    return np.concatenate(
        [y[test] - best.fit(X[train], y[train]).predict(X[test]) for train, test in folds]
    )


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("changes", [{}, {"pruning": True}, {"n_points": 2}], ids=str)
def test_the_best_candidates_residuals_are_those_of_its_folds(changes, n_jobs):
    """Oracle: a fit on each fold; the residuals go nowhere else."""
    search = make_search(n_jobs=n_jobs, **changes).fit(X, Y)
    np.testing.assert_array_equal(search.best_residuals_, miss_by_hand(Ridge(), search))
    assert {trial.residuals for trial in search.trials_} == {None}


def test_residuals_of_several_targets_behind_a_transformation_are_in_their_own_units():
    """Oracle: a fit on each fold."""
    y = np.exp(np.column_stack([Y, -Y]))
    model = TransformedTargetRegressor(Ridge(), func=np.log, inverse_func=np.exp)
    space = {"regressor__alpha": (1e-3, 1e3, "log-uniform")}
    search = make_search(model, space).fit(X, y)
    assert search.best_residuals_.shape == (66, 2)
    np.testing.assert_array_equal(search.best_residuals_, miss_by_hand(model, search, y))


def test_residuals_are_not_known_of_trials_from_a_log(tmp_path):
    """Oracle: the same search with a log and without; a log holds none."""
    search = make_search(log=tmp_path / "log").fit(X, Y)
    assert "residuals" not in (tmp_path / "log").read_text()
    assert len(search.best_residuals_) == 66
    assert search.fit(X, Y).best_residuals_ is None


@pytest.mark.parametrize(
    "changes",
    [
        {"scoring": lambda model, X, y: -model.alpha},
        {"refit": lambda results: int(results["rank_test_score"].argmax())},
    ],
    ids=["a score without predictions", "another one than the best"],
)
def test_residuals_are_not_known_without_predictions_or_of_another_than_the_best(changes):
    assert make_search(**changes).fit(X, Y).best_residuals_ is None


def test_a_classifier_has_no_residuals():
    search = make_search(LogisticRegression(), {"C": (1e-2, 1e2, "log-uniform")})
    assert search.fit(X, LABELS).best_residuals_ is None


def test_train_scores_are_made_on_request():
    """Oracle: the fit on the first fold by hand."""
    assert "mean_train_score" not in make_search().fit(X, Y).cv_results_
    results = make_search(return_train_score=True, scoring="r2").fit(X, Y).cv_results_
    train, _ = next(TimeSeriesSplit(3).split(X))
    first = Ridge(**results["params"][0]).fit(X[train], Y[train])
    assert results["split0_train_score"][0] == first.score(X[train], Y[train])


def test_progress_is_a_line_for_each_trial_printed_and_logged(capsys, caplog):
    """Oracle: the table."""
    caplog.set_level("INFO", "sklstm")
    search = make_search(verbose=1, n_points=2).fit(X, Y)
    lines = capsys.readouterr().out.splitlines()
    assert [record.getMessage() for record in caplog.records] == lines
    labels, lines = zip(*(line.split(", ", maxsplit=1) for line in lines), strict=True)
    assert len(set(labels)) == 1
    assert lines[-1] == "refit of the best candidate on all rows"
    errors = -search.cv_results_["mean_test_score"]
    for number, (line, error) in enumerate(zip(lines[:-1], errors, strict=True), start=1):
        best = errors[:number].min()
        assert line.startswith(f"trial {number}/5: ok, RMSE {error:.5g}, best {best:.5g}, ETA ")


def test_it_is_quiet_by_default(capsys):
    make_search().fit(X, Y)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_a_search_can_be_cross_validated_itself():
    """Oracle: R2, the score of every regressor, of the search fitted on the fold by hand."""
    scores = cross_val_score(make_search(n_iter=2), X, Y, cv=TimeSeriesSplit(2))
    train, test = next(TimeSeriesSplit(2).split(X))
    assert scores[0] == make_search(n_iter=2).fit(X[train], Y[train]).score(X[test], Y[test])
    assert scores.min() > 0.9


def test_a_step_that_fails_on_some_values_only_costs_these():
    """Oracle: the step's own rule."""

    def refuse_negative(X, limit):
        if limit < 0:
            raise ValueError("negative limit")
        return X

    pipeline = make_pipeline(FunctionTransformer(refuse_negative), LinearRegression())
    space = {"functiontransformer__kw_args": [{"limit": 1}, {"limit": -1}]}
    with pytest.warns(FitFailedWarning, match="1 of 2 candidates failed .* negative limit"):
        search = make_search(pipeline, space, n_iter=2, x0=None).fit(X, Y)
    assert search.best_params_ == {"functiontransformer__kw_args": {"limit": 1}}


def test_the_trials_are_the_rows_of_the_table():
    """Oracle: the table."""
    search = make_search().fit(X, Y)
    assert [trial.params for trial in search.trials_] == search.cv_results_["params"]
    scores = [trial.score for trial in search.trials_]
    assert scores == search.cv_results_["mean_test_score"].tolist()
    assert search.search_time_ >= sum(trial.seconds for trial in search.trials_)


def test_the_trials_make_a_frame_and_a_summary():
    """Oracle: the table, and the estimator's own alpha, which is the first trial."""
    search = make_search().fit(X, Y)
    frame = search.trials_frame()
    assert frame["score"].tolist() == search.cv_results_["mean_test_score"].tolist()
    assert frame["param_alpha"].tolist() == search.cv_results_["param_alpha"].tolist()
    summary = search.summary()
    number = f"{search.best_index_ + 1}/{len(search.trials_)}"
    assert f"best: trial {number}, RMSE {-search.best_score_:.5g} " in summary
    assert f"own parameters: RMSE {-frame['score'][0]:.5g} " in summary
    for method in (make_search().trials_frame, make_search().summary):
        with pytest.raises(NotFittedError):
            method()


def test_the_audit_stays_with_the_search():
    search = make_search(cv=KFold(3), allow_future_train=True)
    with pytest.warns(UserWarning, match="Fold 0"):
        search.fit(X, Y)
    assert [finding.check for finding in search.audit_.select("warning")] == ["future rows"]


def test_a_cut_of_the_offered_space_is_told_once_and_stands_in_the_audit():
    """Oracle: by hand; the model warns where it is asked for a space."""

    class Cutting(Model):
        def search_space(self, n_rows):
            warnings.warn(f"cut to {n_rows} rows", UserWarning, stacklevel=2)
            return super().search_space(n_rows)

    search = make_search(Cutting(), None, n_iter=1)
    with pytest.warns(UserWarning) as caught:
        search.fit(X, Y)
    assert [str(each.message) for each in caught] == ["cut to 24 rows"]
    assert [each.text for each in search.audit_.select("warning")] == ["cut to 24 rows"]


def test_any_regressor_gets_the_gap_that_its_target_needs():
    """Oracle: TimeSeriesSplit with the gap; the target is the first column three rows later."""
    series = np.concatenate([X, X[:3]])
    search = make_search(cv=3).fit(series[:-3], series[3:, 0])
    scoring = "neg_root_mean_squared_error"
    expected = cross_val_score(
        Ridge(**search.best_params_),
        series[:-3],
        series[3:, 0],
        cv=TimeSeriesSplit(3, gap=3),
        scoring=scoring,
    )
    assert search.best_score_ == expected.mean()


def test_a_time_limit_ends_the_search_with_what_is_finished():
    """Oracle: a fit that takes longer than the limit; the first trial is kept."""

    class Slow(Level):
        def fit(self, X, y):
            sleep(0.01)
            return self

    search = make_search(Slow(), {"level": (0.0, 1.0)}, time_limit=0.005)
    with pytest.warns(UserWarning, match=f"time_limit=0.005 ended .* 1 of 5 trials, {UNASKED}"):
        search.fit(X, Y)
    assert f"stopped by time_limit, {UNASKED}" in search.summary()
    assert (len(search.trials_), search.stop_reason_) == (1, "time_limit")
    assert search.best_params_ == {"level": 0.5}
    assert search.best_estimator_.level == 0.5


@pytest.mark.parametrize("as_list", [True, False])
def test_callbacks_are_called_after_each_batch_and_can_end_the_search(as_list):
    """Oracle: by hand."""
    told = []

    def stop_at_three(progress):
        told.append((len(progress.trials_), progress.n_trials))
        return len(progress.trials_) >= 3

    callbacks = [stop_at_three] if as_list else stop_at_three
    search = make_search(callbacks=callbacks).fit(X, Y)
    assert told == [(1, 5), (2, 5), (3, 5)]
    assert (len(search.trials_), search.stop_reason_) == (3, "callback")
    assert make_search().fit(X, Y).stop_reason_ is None


class Interrupted(Level):
    """Is interrupted by the user in its fifth fit, which is in the second trial of three folds."""

    n_fits: ClassVar[list] = []

    def fit(self, X, y):
        self.n_fits.append(len(X))
        if len(self.n_fits) == 5:
            raise KeyboardInterrupt
        return self


@pytest.mark.parametrize("refit", [True, False])
def test_an_interrupted_search_warns_and_keeps_its_trials(refit):
    """Oracle: by hand."""
    Interrupted.n_fits.clear()
    search = make_search(Interrupted(), {"level": (0.0, 1.0)}, refit=refit)
    with pytest.warns(UserWarning, match="interrupted after 1 of 5 trials"):
        search.fit(X, Y)
    assert (len(search.trials_), search.stop_reason_) == (1, "interrupt")
    assert search.best_params_ == {"level": 0.5}
    assert hasattr(search, "best_estimator_") == refit


def test_of_spaces_that_a_stopped_search_did_not_come_to_there_is_no_record():
    search = make_search(search_spaces=[ALPHA, ALPHA], callbacks=lambda progress: True).fit(X, Y)
    assert [len(result.x_iters) for result in search.optimizer_results_] == [1]


def test_a_search_can_learn_from_another_one():
    """Oracle: by hand; the five known trials come first in scikit-optimize's record."""
    first = make_search().fit(X, Y)
    warm = make_search(warm_start_from=first, random_state=1, n_iter=3, x0=None).fit(X, Y)
    known = [[params["alpha"]] for params in first.cv_results_["params"]]
    assert warm.optimizer_results_[0].x_iters[:5] == known
    assert len(warm.cv_results_["params"]) == 3


def test_expected_improvement_per_second_is_told_what_trials_took(monkeypatch):
    """Oracle: two levels that score alike, of which the higher one takes twenty times as long."""
    seconds = [0.0]  # a clock that fits alone move on
    monkeypatch.setattr("sklstm._search.trials.fits.perf_counter", lambda: seconds[0])

    class Costly(Level):
        def fit(self, X, y):
            seconds[0] += 0.02 if self.level > 0.5 else 0.001
            return self

        def predict(self, X):
            return np.full(len(X), min(abs(self.level - 0.25), abs(self.level - 0.75)))

    starts = [{"level": level} for level in (0.1, 0.4, 0.6, 0.9)]
    settings = {"acq_func": "EIps", "x0": starts, "n_initial_points": 4, "n_iter": 8}
    search = make_search(Costly(), {"level": (0.0, 1.0)}, **settings).fit(X, np.zeros(90))
    levels = [params["level"] for params in search.cv_results_["params"]]
    assert sum(level < 0.5 for level in levels[4:]) >= 3
