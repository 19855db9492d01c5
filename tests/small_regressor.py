"""A regressor small enough for quick tests: all of three columns run in the same few programs."""

from sklstm import LSTMRegressor


def tiny(**parameters):
    defaults = {"window_length": 4, "units": 4, "epochs": 2, "batch_size": 8}
    defaults |= {"learning_rate": 0.01, "random_state": 0, "early_stopping": False, "n_networks": 1}
    return LSTMRegressor(**defaults | parameters)


def bare(**parameters):
    """A tiny regressor whose predictions are the network's alone: no linear start, no seasons."""
    return tiny(**{"linear_start": False, "season_length": None} | parameters)
