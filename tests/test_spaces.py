"""The spaces in which an LSTM is searched."""

import numpy as np
import pytest
from sklearn.base import clone

from sklstm._lstm.regressor import LSTMRegressor
from sklstm._search.proposals.dimensions import read_search_spaces
from sklstm.datasets import load_stock
from sklstm.spaces import article_defaults, article_space, lstm_space


@pytest.mark.parametrize(("n_rows", "longest"), [(48, 24), (1000, 24), (10**6, 24)])
def test_long_series_are_searched_up_to_the_longest_window(n_rows, longest):
    assert lstm_space(n_rows)["window_length"].bounds == (2, longest)


@pytest.mark.parametrize(("n_rows", "longest"), [(47, 23), (20, 10), (6, 3)])
def test_windows_take_at_most_half_of_the_rows(n_rows, longest):
    """Oracle: half of the rows."""
    with pytest.warns(UserWarning, match=f"only up to {longest} .* fold has {n_rows} rows"):
        assert lstm_space(n_rows)["window_length"].bounds == (2, longest)


def test_the_shortest_window_is_left_where_nothing_else_fits():
    with pytest.warns(UserWarning, match="only up to 2 "):
        assert list(lstm_space(5)["window_length"].categories) == [2]


def test_the_lstms_space_can_be_read():
    (space,) = read_search_spaces(lstm_space(1000), 1)
    assert list(space.dimensions) == sorted(lstm_space(1000))


def test_the_articles_space_is_that_of_the_article():
    """Oracle: the article's list of dimensions, by our names; the rate alone is log-uniform."""
    space = article_space()
    assert {name: dimension.bounds for name, dimension in space.items()} == {
        "window_length": (2, 14),
        "units": (8, 200),
        "learning_rate": (1e-4, 1e-1),
        "decay_rate": (0.7, 0.99),
        "decay_steps": (2, 50),
        "epochs": (20, 200),
        "batch_size": (5, 100),
        "dropout": (0.1, 0.9),
    }
    is_log = {name for name, dimension in space.items() if dimension.prior == "log-uniform"}
    assert is_log == {"learning_rate"}


def test_the_articles_start_lies_in_its_space_and_is_taken_by_the_regressor():
    """Oracle: the article's starting point, in the order of its names."""
    start = article_defaults()
    assert list(start.values())[:9] == [2, 128, 0.001, 0.99, 3, 30, 64, 0.2, "step"]
    (space,) = read_search_spaces(article_space(), 1)
    inside = {name: start[name] for name in space.dimensions}
    assert space.decode(space.encode(inside)) == inside
    assert clone(LSTMRegressor(**start)).get_params().items() >= start.items()


def test_the_articles_start_predicts_as_it_did_before_there_was_a_linear_start():
    """Oracle: what commit 7cf5138 printed for these lines, before linear start and seasons."""
    _, y = load_stock(return_X_y=True, as_frame=False)
    close = y[-400:, None]
    regressor = LSTMRegressor(**article_defaults(), random_state=0).fit(close[:360], y[-400:-40])
    expected = [196.597371, 195.255504, 193.962974, 193.139566, 192.903412, 192.337358, 192.957992]
    np.testing.assert_allclose(regressor.predict(close[360:])[:7], expected, rtol=1e-6)


def test_the_default_point_lies_in_the_default_space():
    """Oracle: the signature."""
    (space,) = read_search_spaces(lstm_space(1000), 1)
    defaults = LSTMRegressor().get_params()
    inside = {name: defaults[name] for name in space.dimensions}
    assert space.decode(space.encode(inside)) == pytest.approx(inside)
