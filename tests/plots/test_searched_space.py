"""A space of a search as a model sees it: its values, and what the model predicts there."""

import numpy as np
import pytest
from skopt.plots import partial_dependence_1D
from skopt.space import Categorical, Integer, Real
from small_display import search_levels, with_trials
from small_search import make_trial

from sklstm.plots._searched_space import read_space

SPACE = {
    "level": Real(0.1, 10.0, "log-uniform"),
    "other": Categorical([None, (1, 2), "a", True]),
}


def search_both(n_iter=12, **settings):
    return search_levels(n_iter=n_iter, x0=None, **{"space": SPACE} | settings)


def test_values_are_spread_evenly_by_the_prior():
    """Oracle: NumPy."""
    found = read_space(search_both(), 0)
    np.testing.assert_allclose(found.list_values("level"), np.geomspace(0.1, 10, 40))
    assert found.is_log("level")


def test_categories_of_any_kind_are_their_positions():
    found = read_space(search_both(), 0)
    assert found.categories == {"other": ["None", "(1, 2)", "a", "True"]}
    assert found.list_values("other").tolist() == [0, 1, 2, 3]
    assert not found.is_log("other")


def test_whole_numbers_come_once():
    found = read_space(search_both(space={"level": Integer(2, 5)}, n_iter=3), 0)
    assert found.list_values("level").tolist() == [2, 3, 4, 5]


@pytest.mark.parametrize("acq_func", ["EI", "EIps"])
def test_predictions_are_those_of_the_model_in_the_user_s_unit(acq_func):
    """Oracle: scikit-optimize's partial dependence, in deviations from the mean of the losses."""
    space = {"level": (0.1, 10.0), "other": (0.0, 1.0)}
    search = search_both(space=space, acq_func=acq_func)
    found = read_space(search, 0)
    samples = found.draw_samples(np.random.RandomState(0))
    (result,) = search.optimizer_results_
    model = result.models[-1]
    model = model.estimators_[0] if acq_func == "EIps" else model  # of two: losses and seconds
    values, deviations = partial_dependence_1D(result.space, model, 0, samples)
    predictions = found.predict(found.use_own_model(), "level", samples)
    expected = result.func_vals.mean() + result.func_vals.std() * np.array(deviations)
    np.testing.assert_allclose(found.list_values("level"), values)
    np.testing.assert_allclose(predictions.mean(axis=1), expected)


def test_a_score_that_is_no_error_is_predicted_as_itself():
    """Oracle: the score is minus the level, and the model is sure of 12 noiseless trials."""
    search = search_both(space={"level": (0.0, 10.0)}, scoring=lambda model, X, y: -model.level)
    found = read_space(search, 0)
    samples = found.draw_samples(np.random.RandomState(0))
    predictions = found.predict(found.use_own_model(), "level", samples)
    np.testing.assert_allclose(predictions[:, 0], -found.list_values("level"), atol=0.1)


def test_pruned_trials_count_with_their_estimate_and_failed_ones_do_not():
    trials = [
        make_trial(-2.0, -2.0, point=(2.0,)),
        make_trial(-9.0, None, point=(9.0,), estimate=-8.5),
        make_trial(-1.0, -1.0, point=(1.0,), error="ValueError"),
    ]
    found = read_space(with_trials(search_levels(1.0, 2.0), *trials), 0)
    assert found.scores.tolist() == [2.0, 8.5]
    assert found.is_pruned.tolist() == [False, True]
    assert found.points == [[2.0], [9.0]]


def test_each_of_several_spaces_has_its_own_trials():
    spaces = [({"level": (1.0, 2.0)}, 3), ({"level": (3.0, 4.0), "other": ["a", "b"]}, 4)]
    search = search_both(space=spaces)
    first, second = read_space(search, 0), read_space(search, 1)
    assert (len(first.trials), len(second.trials)) == (3, 4)
    assert (first.names, second.names) == (["level"], ["level", "other"])
    assert second.scores.min() >= 3
    with pytest.raises(ValueError, match="space=2 must be the number of a space, from 0 to 1"):
        read_space(search, 2)


def test_a_single_trial_is_too_few():
    with pytest.raises(ValueError, match="Only 1 trials in space 0 have a score"):
        read_space(search_levels(2.0), 0)


@pytest.mark.parametrize("settings", [{"strategy": "random"}, {"n_iter": 2}])
def test_a_search_whose_model_was_not_asked_says_so(settings):
    with pytest.raises(ValueError, match="The search has no model of this space"):
        read_space(search_both(**settings), 0).use_own_model()


def test_the_model_of_a_random_search_is_fitted():
    """Oracle: the RMSE is the level, and the model is sure of 12 noiseless trials."""
    found = read_space(search_both(space={"level": (0.0, 10.0)}, strategy="random"), 0)
    predictions = found.predict(found.fit_model(), "level", np.zeros((1, 1)))
    np.testing.assert_allclose(predictions[:, 0], found.list_values("level"), atol=0.3)
