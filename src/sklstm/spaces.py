"""Search spaces for an LSTM: the default space, and the space of the article."""

from __future__ import annotations

from typing import Any

from skopt.space import Categorical, Dimension, Integer, Real

from sklstm._warnings import warn_caller

LONGEST_WINDOW = 24  # rows


def lstm_space(n_rows: int) -> dict[str, Dimension]:
    """Return the default search space of an LSTM.

    Parameters
    ----------
    n_rows : int
        Number of rows in the smallest training fold. Windows span at most half of them, so that
        enough windows are left to train on.

    Returns
    -------
    space : dict of str to skopt dimension
        Dimensions by parameter name of :class:`~sklstm.LSTMRegressor`. You can change this dict
        before you pass it on.

    Warns
    -----
    UserWarning
        If `n_rows` is too small for the longest window of the space.

    See Also
    --------
    article_space : Returns the article's space, which has neither `scaling` nor `weight_decay`.

    Examples
    --------
    >>> from sklstm.spaces import lstm_space
    >>> for name, dimension in lstm_space(n_rows=1000).items():
    ...     print(name, dimension)
    window_length Integer(low=2, high=24, prior='uniform', transform='identity')
    units Integer(low=8, high=64, prior='log-uniform', transform='identity')
    learning_rate Real(low=0.0003, high=0.03, prior='log-uniform', transform='identity')
    ...
    """
    return {
        # Two years of monthly data; one row alone would need no recurrent network.
        "window_length": _make_window_lengths(n_rows),
        # Doubling counts, adding does not. With the ends below, no fit of 3,000 rows takes minutes.
        "units": Integer(8, 64, "log-uniform"),
        # Up to three times the default, 0.01; a series with many steps per epoch needs less.
        "learning_rate": Real(3e-4, 3e-2, "log-uniform"),
        # 1.0 keeps the rate; at 0.8 a tenth of it is left after ten epochs.
        "decay_rate": Real(0.8, 1.0),
        # 1e-3 is nearly none; docs/defaults.md measures up to 1.
        "weight_decay": Real(1e-3, 1.0, "log-uniform"),
        # Smaller batches cost time, larger ones leave few steps in a series of 1,000 rows.
        "batch_size": Integer(24, 104, "log-uniform"),
        # Above 0.5 most of the last state is noise.
        "dropout": Real(0.0, 0.5),
        # "auto" is the default, and each of the others was the best on one of our series.
        "scaling": Categorical(["auto", "window", "center", "standard"]),
        # Without `linear_start`: no search of six series chose False, and the other dimensions are
        # searched better without it.
    }


def article_space() -> dict[str, Dimension]:
    """Return the search space of the article that inspired this package.

    It has exactly the eight dimensions of the article [1]_.

    Returns
    -------
    space : dict of str to skopt dimension
        Dimensions by parameter name of :class:`~sklstm.LSTMRegressor`.

    See Also
    --------
    article_defaults : Returns the starting point of the article's search.
    lstm_space : Returns the default search space.

    Notes
    -----
    In the order of the example below, the article's names for the eight parameters are
    lstm_num_steps, size, lstm_init_learning_rate, lstm_learning_rate_decay, lstm_init_epoch,
    lstm_max_epoch, lstm_batch_size and lstm_dropout_rate.

    References
    ----------
    .. [1] Helmini, S. "How to automate hyperparameter optimization." KDnuggets, June 2019.

    Examples
    --------
    >>> from sklstm.spaces import article_space
    >>> for name, dimension in article_space().items():
    ...     print(name, dimension.bounds)
    window_length (2, 14)
    units (8, 200)
    learning_rate (0.0001, 0.1)
    decay_rate (0.7, 0.99)
    decay_steps (2, 50)
    epochs (20, 200)
    batch_size (5, 100)
    dropout (0.1, 0.9)
    """
    return {
        "window_length": Integer(2, 14),
        "units": Integer(8, 200),
        "learning_rate": Real(1e-4, 1e-1, "log-uniform"),
        "decay_rate": Real(0.7, 0.99),
        "decay_steps": Integer(2, 50),
        "epochs": Integer(20, 200),
        "batch_size": Integer(5, 100),
        "dropout": Real(0.1, 0.9),
    }


def article_defaults() -> dict[str, Any]:
    """Return the starting point of the search in the article that inspired this package.

    The article is [1]_.

    Returns
    -------
    params : dict of str to object
        Parameters of :class:`~sklstm.LSTMRegressor`: the eight parameters that `article_space`
        searches, and these:

        - ``decay_unit="step"``, because the article's program counts the decay in steps. In much of
          its space the learning rate is close to zero before the first epoch ends;
        - one network without seasons, linear start or early stopping, as in the article;
        - ``linear_skip=True``. The article has no linear skip, but its search was repeated with it.

    See Also
    --------
    article_space : Returns the search space of the article.

    References
    ----------
    .. [1] Helmini, S. "How to automate hyperparameter optimization." KDnuggets, June 2019.

    Examples
    --------
    >>> from sklstm import LSTMRegressor
    >>> from sklstm.spaces import article_defaults
    >>> article_defaults()["units"]
    128
    >>> regressor = LSTMRegressor(**article_defaults(), random_state=0)
    """
    return {
        "window_length": 2,
        "units": 128,
        "learning_rate": 0.001,
        "decay_rate": 0.99,
        "decay_steps": 3,
        "epochs": 30,
        "batch_size": 64,
        "dropout": 0.2,
        "decay_unit": "step",
        "linear_start": False,
        "season_length": None,
        "n_networks": 1,
        "early_stopping": False,
        "linear_skip": True,
    }


def _make_window_lengths(n_rows: int) -> Dimension:
    longest = min(LONGEST_WINDOW, n_rows // 2)
    if longest < LONGEST_WINDOW:
        warn_caller(
            f"window_length is searched only up to {max(longest, 2)} instead of {LONGEST_WINDOW}, "
            f"because the smallest training fold has {n_rows} rows. Use fewer folds or give more "
            "rows."
        )
    return Integer(2, longest) if longest > 2 else Categorical([2])
