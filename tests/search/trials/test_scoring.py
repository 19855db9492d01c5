"""What candidates are scored by."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import (
    get_scorer,
    make_scorer,
    mean_absolute_error,
    mean_pinball_loss,
    mean_squared_error,
    r2_score,
    root_mean_squared_error,
)
from sklearn.pipeline import make_pipeline
from small_forecasters import Bands

from sklstm._search.log.problem import describe_scorers
from sklstm._search.trials.scoring import (
    Scoring,
    choose_scorer,
    list_scorers,
    name_metrics,
    read_scoring,
    reads_paths,
    takes_sample_weight,
    with_path_scorers,
)
from sklstm.evaluation import make_path_scorer

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 2))
Y = X[:, 0] + RNG.normal(size=30)
RIDGE = Ridge().fit(X, Y)
SEVERAL = ["r2", "neg_mean_squared_error"]


def score_twice(estimator, X, y):
    return {"a": 1.0, "b": 2.0}


def test_regressors_are_scored_by_rmse_and_others_by_themselves():
    """Oracle: the metric, and the estimators' own score."""
    error = root_mean_squared_error(Y, RIDGE.predict(X))
    assert choose_scorer(RIDGE, None)(RIDGE, X, Y) == -error
    assert choose_scorer(RIDGE, "r2")(RIDGE, X, Y) == RIDGE.score(X, Y)
    classifier = LogisticRegression().fit(X, Y > 0)
    assert choose_scorer(classifier, None)(classifier, X, Y > 0) == classifier.score(X, Y > 0)
    kmeans = KMeans(2, n_init=1, random_state=0).fit(X)
    assert choose_scorer(kmeans, None)(kmeans, X) == kmeans.score(X)


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        (Bands(), "neg_root_mean_squared_error"),
        (Bands(steps=3), "neg_root_mean_squared_error_path"),
        (Bands(steps=3, quantiles=(0.1,)), "neg_mean_pinball_loss_path"),
        (make_pipeline(Bands(quantiles=(0.1,))), "neg_mean_pinball_loss_path"),
        (make_pipeline(Ridge()), "neg_root_mean_squared_error"),
    ],
    ids=str,
)
def test_the_default_is_the_score_of_what_a_regressor_forecasts(estimator, name):
    """Oracle: by hand; the name as scoring makes the same scorer."""
    default, named = choose_scorer(estimator, None), choose_scorer(estimator, name)
    assert describe_scorers(default) == describe_scorers(named)
    assert reads_paths(default) is name.endswith("_path")


def test_names_of_path_scorers_become_what_make_path_scorer_makes():
    """Oracle: by hand; names of scikit-learn's stay names."""
    error, loss = "neg_mean_absolute_error_path", "neg_mean_pinball_loss_path"
    mae = make_path_scorer(mean_absolute_error)
    assert with_path_scorers(error) == mae
    assert with_path_scorers({"a": error, "b": "r2"}) == {"a": mae, "b": "r2"}
    assert with_path_scorers([error, "r2"]) == {error: mae, "r2": "r2"}
    assert with_path_scorers(loss) == make_path_scorer(mean_pinball_loss, quantiles=True)
    for other in ("r2", None, score_twice, SEVERAL, [error, error]):
        assert with_path_scorers(other) is other


@pytest.mark.parametrize(
    ("scoring", "metrics"),
    [
        (None, ("score",)),
        ("r2", ("score",)),
        (["r2", "neg_max_error"], ("neg_max_error", "r2")),
        (("b", "a"), ("a", "b")),
        ({"z": "r2", "y": "neg_max_error"}, ("y", "z")),
        ({"r2"}, ("r2",)),
        (score_twice, None),
    ],
)
def test_metrics_are_named_as_in_the_columns_of_cv_results(scoring, metrics):
    """Oracle: by hand; a callable tells its metrics only when it is called."""
    assert name_metrics(scoring) == metrics


@pytest.mark.parametrize(
    ("answer", "scores"),
    [
        (1, {"score": 1.0}),
        (np.float32(0.5), {"score": 0.5}),
        (np.array(2.0), {"score": 2.0}),
        ({"b": np.float64(1.0), "a": 2}, {"b": 1.0, "a": 2.0}),
    ],
)
def test_an_answer_becomes_a_float_for_each_metric(answer, scores):
    """Oracle: by hand."""
    read = Scoring(score_twice, None, None).read(answer)
    assert read == scores
    assert {type(score) for score in read.values()} == {float}


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("1.0", "but score is '1.0'"),
        (None, "but score is None"),
        ({"a": 1.0, "b": None}, "but b is None"),
        ({}, "scoring returned an empty dict"),
    ],
)
def test_an_answer_without_a_number_is_an_error(answer, text):
    with pytest.raises(TypeError, match=text):
        Scoring(score_twice, None, None).read(answer)


@pytest.mark.parametrize(
    ("metrics", "wish", "objective"),
    [
        (["score"], None, "score"),
        (["score"], "r2", "score"),  # GridSearchCV takes refit="r2" with one metric, too
        (["r2"], None, "r2"),
        (["a", "b"], "b", "b"),
    ],
)
def test_the_objective_is_the_only_metric_or_the_one_that_was_wished_for(metrics, wish, objective):
    """Oracle: by hand."""
    assert Scoring(score_twice, None, wish).choose_objective(metrics) == objective


@pytest.mark.parametrize(
    ("metrics", "wish", "text"),
    [
        (["a", "b"], None, r"metrics \['a', 'b'\], but objective=None is not one"),
        (["a", "b"], "c", "objective='c' is not one"),
        (["a"], "c", "objective='c' is not one"),
    ],
)
def test_an_objective_that_is_not_clear_is_an_error(metrics, wish, text):
    with pytest.raises(ValueError, match=text):
        Scoring(score_twice, None, wish).choose_objective(metrics)


@pytest.mark.parametrize(
    ("objective", "refit", "wish"),
    [("r2", True, "r2"), (None, "r2", "r2"), ("r2", "neg_mean_squared_error", "r2")],
)
def test_of_several_metrics_the_objective_or_else_refit_says_which_to_maximise(
    objective, refit, wish
):
    """Oracle: by hand."""
    read = read_scoring(Ridge(), SEVERAL, objective, refit)
    assert read.choose_objective(read.metrics) == wish


@pytest.mark.parametrize("refit", [True, False, len])
def test_several_metrics_without_a_wish_are_an_error_before_the_first_fit(refit):
    with pytest.raises(ValueError, match="Name the metric to maximise in objective or in refit"):
        read_scoring(Ridge(), SEVERAL, None, refit)


@pytest.mark.parametrize("scoring", [SEVERAL, ["r2"]])
def test_a_refit_that_names_no_metric_is_an_error_before_the_first_fit(scoring):
    with pytest.raises(ValueError, match="refit='typo' is not one"):
        read_scoring(Ridge(), scoring, "r2", "typo")


def test_a_callable_that_gives_no_metric_of_refit_is_an_error_at_its_first_answer():
    read = read_scoring(Ridge(), score_twice, "a", "typo")
    with pytest.raises(ValueError, match=r"metrics \['a', 'b'\], but refit='typo' is not one"):
        read.choose_objective(["a", "b"])


@pytest.mark.parametrize("scoring", [None, "r2"])
def test_an_objective_where_there_is_one_metric_is_an_error(scoring):
    with pytest.raises(
        ValueError, match=f"objective='r2' .*, but scoring={scoring!r} is a single one"
    ):
        read_scoring(Ridge(), scoring, "r2", True)


def test_scorers_are_kept_as_scikit_learn_keeps_them():
    """Oracle: GridSearchCV has a scorer, or a dict of them where there are several."""
    assert read_scoring(Ridge(), score_twice, "a", True).show_scorer() is score_twice
    several = read_scoring(Ridge(), SEVERAL, "r2", True).show_scorer()
    assert set(several) == set(SEVERAL)
    assert several["r2"](RIDGE, X, Y) == r2_score(Y, RIDGE.predict(X))


def test_the_scorers_inside_several_are_listed_by_metric():
    """Oracle: the names and the metric itself; of one there is one, called score."""
    several = read_scoring(Ridge(), {"x": "r2", "y": "neg_max_error"}, "x", True).scorer
    assert list(list_scorers(several)) == ["x", "y"]
    assert list_scorers({"x": score_twice}) == {"x": score_twice}
    assert list_scorers(score_twice) == {"score": score_twice}


def test_scorers_of_the_same_name_and_another_function_have_other_descriptions():
    """Oracle: two functions with one name, and one scorer made twice."""

    def make(sign):
        def error(y, y_pred):
            return sign * np.abs(y - y_pred).mean()

        return make_scorer(error)

    assert describe_scorers(make(1)) == describe_scorers(make(1))
    assert describe_scorers(make(1)) != describe_scorers(make(-1))
    assert describe_scorers(get_scorer("r2")) != describe_scorers(get_scorer("neg_max_error"))


def test_it_is_known_which_scorers_take_weights():
    """Oracle: the functions' signatures; of several scorers one that takes them is enough."""
    assert takes_sample_weight(get_scorer("r2"))
    assert takes_sample_weight(make_scorer(mean_squared_error))
    assert not takes_sample_weight(get_scorer("neg_max_error"))
    assert not takes_sample_weight(score_twice)
    assert takes_sample_weight(lambda estimator, X, y, sample_weight=None: 1.0)
    assert takes_sample_weight(read_scoring(Ridge(), ["r2", "neg_max_error"], "r2", True).scorer)
    assert not takes_sample_weight(read_scoring(Ridge(), ["neg_max_error"], None, True).scorer)
