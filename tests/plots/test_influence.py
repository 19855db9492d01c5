"""What each parameter does to the score: the numbers drawn."""

from contextlib import nullcontext

import numpy as np
import pytest
from matplotlib import pyplot
from small_display import search_levels
from small_search import FOLDS, ROWS, Level

from sklstm import BayesTimeSeriesSearchCV
from sklstm.plots import ObjectiveDisplay, ParameterImportanceDisplay
from sklstm.plots._influence import share_of_variance, shorten


class Wide(Level):
    """A Level with parameters that are read by nobody."""

    def __init__(self, level=0.5, a=0.5, b=0.5, c=0.5, d=0.5):
        super().__init__(level)
        self.a, self.b, self.c, self.d = a, b, c, d


SPACE = {"level": (0.1, 10.0), "other": (0.0, 1.0)}


def search(n_iter=12, **settings):
    return search_levels(n_iter=n_iter, x0=None, **{"space": SPACE} | settings)


def test_the_share_of_an_additive_function_is_its_part_of_the_variance():
    """Oracle: by hand; a has the variance 2 / 3, b has 1, and they are independent."""
    a, b = np.array([0.0, 1.0, 2.0]), np.array([0.0, 2.0])
    table = a[:, None] + b
    assert share_of_variance(table) == pytest.approx((2 / 3) / (2 / 3 + 1))
    assert share_of_variance(table.T) == pytest.approx(1 / (2 / 3 + 1))


def test_an_interaction_alone_leaves_no_share_and_a_constant_neither():
    assert share_of_variance(np.array([[1.0, -1.0], [-1.0, 1.0]])) == 0
    assert share_of_variance(np.ones((3, 2))) == 0


def test_the_parameter_that_makes_the_score_is_the_important_one():
    """Oracle: the RMSE is the level, whatever the other parameter."""
    display = ParameterImportanceDisplay.from_search(search(30, strategy="random"))
    level, other = display.importances
    assert level > 0.9
    assert other < 0.05


def test_a_single_parameter_explains_all():
    display = ParameterImportanceDisplay.from_search(search(space={"level": (0.1, 10.0)}))
    np.testing.assert_allclose(display.importances, 1)


@pytest.mark.parametrize("other", [["a"], [0.5], [None, (1, 2), "a", True]])
def test_a_constant_or_a_category_without_effect_explains_nothing(other):
    found = search(16, space={"level": (0.1, 10.0), "other": other}, strategy="random")
    assert ParameterImportanceDisplay.from_search(found).importances[1] < 0.05


def test_one_space_of_several_is_drawn():
    spaces = [({"level": (1.0, 2.0)}, 3), ({"level": (3.0, 4.0), "other": ["a", "b"]}, 5)]
    display = ParameterImportanceDisplay.from_search(search(space=spaces), space=1)
    assert display.names == ["level", "other"]


@pytest.mark.parametrize(
    ("n_parameters", "n_iter", "least"), [(2, 4, 5), (2, 5, None), (4, 7, 8), (4, 8, None)]
)
def test_too_few_trials_for_the_parameters_bring_a_warning(n_parameters, n_iter, least):
    """Oracle: by hand, two trials for each parameter and five in all."""
    space = {name: (0.1, 1.0) for name in "abcd"[:n_parameters]}
    found = BayesTimeSeriesSearchCV(
        Wide(), space, n_iter=n_iter, cv=FOLDS, strategy="random", refit=False, random_state=0
    ).fit(ROWS, np.zeros(len(ROWS)))
    text = f"importances of {n_parameters} parameters .* only {n_iter} trials .* least {least} "
    with pytest.warns(UserWarning, match=text) if least else nullcontext():
        ParameterImportanceDisplay.from_search(found)


def test_bars_are_the_shares_with_the_most_important_at_the_top():
    display = ParameterImportanceDisplay(np.array([0.7, 0.2]), ["b__y", "a__x"])
    display.plot()
    assert [label.get_text() for label in display.ax_.get_yticklabels()] == ["x", "y"]
    np.testing.assert_allclose([bar.get_width() for bar in display.bars_], [0.2, 0.7])


def test_the_line_is_the_modelled_error_and_the_points_are_the_trials():
    """Oracle: the RMSE is the level, and the model is sure of 12 noiseless trials."""
    found = search()
    display = ObjectiveDisplay.from_search(found)
    line = display.lines_["level"]
    np.testing.assert_allclose(line.get_xdata(), np.linspace(0.1, 10, 40))
    np.testing.assert_allclose(line.get_ydata(), np.linspace(0.1, 10, 40), atol=0.3)
    levels = [trial.params["level"] for trial in found.trials_]
    np.testing.assert_allclose(display.points_["level"].get_offsets(), np.c_[levels, levels])
    others = [trial.params["other"] for trial in found.trials_]
    np.testing.assert_allclose(display.points_["other"].get_offsets(), np.c_[others, levels])
    assert display.axes_["level"].get_ylabel() == "RMSE (lower is better)"


def test_a_log_uniform_parameter_has_a_logarithmic_axis_with_three_ticks():
    display = ObjectiveDisplay.from_search(search(space={"level": (0.1, 10.0, "log-uniform")}))
    panel = display.axes_["level"]
    assert panel.get_xscale() == "log"
    assert [label.get_text() for label in panel.get_xticklabels()] == ["0.1", "1", "10"]


def test_categories_stand_by_name_without_a_line_between_them():
    space = {"level": (0.1, 10.0), "other": [None, "a", (1, 2)]}
    display = ObjectiveDisplay.from_search(search(space=space))
    names = [label.get_text() for label in display.axes_["other"].get_xticklabels()]
    assert names == ["None", "a", "(1, 2)"]
    assert display.lines_["other"].get_xdata().tolist() == [0, 1, 2]
    assert display.lines_["other"].get_linestyle() == "None"


def test_pruned_trials_are_hollow():
    """Oracle: an RGBA colour without alpha is not seen."""
    numbers = {"x": np.array([0.0, 1.0])}
    display = ObjectiveDisplay(numbers, numbers, numbers, numbers["x"], np.array([False, True]))
    display.plot()
    assert display.points_["x"].get_facecolors()[:, 3].tolist() == [1, 0]


def test_chosen_parameters_are_drawn_into_the_given_axes():
    figure, axes = pyplot.subplots(1, 2)
    display = ObjectiveDisplay.from_search(search(), params=["other"], ax=axes[1])
    assert display.axes_ == {"other": axes[1]}
    assert display.figure_ is figure


def test_all_panels_have_the_same_scores_beside_them():
    display = ObjectiveDisplay.from_search(search())
    level, other = display.axes_.values()
    assert level.get_ylim() == other.get_ylim()


@pytest.mark.parametrize("params", [["units"], []])
def test_a_parameter_that_was_not_searched_is_refused(params):
    with pytest.raises(ValueError, match=r"must be a list of names from \['level', 'other'\]"):
        ObjectiveDisplay.from_search(search(), params=params)


def test_names_are_shortened_as_long_as_they_differ():
    assert shorten(["model__alpha", "scale__with_mean"]) == ["alpha", "with_mean"]
    assert shorten(["a__alpha", "b__alpha"]) == ["a__alpha", "b__alpha"]
