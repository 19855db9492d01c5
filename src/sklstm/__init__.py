"""Forecasts with a windowed LSTM, tuned by Bayesian search, as scikit-learn estimators.

Importing this package starts no TensorFlow; the first `fit` of an `LSTMRegressor` does.
"""

from sklstm._intervals import ConformalRegressor
from sklstm._lstm.regressor import LSTMRegressor
from sklstm._nested.forecasting import forecast, update
from sklstm._search.search import BayesTimeSeriesSearchCV
from sklstm._versions import show_versions
from sklstm.evaluation._naive import LastValueRegressor, SeasonalNaiveRegressor

__version__ = "0.1.0.dev0"

__all__ = [
    "BayesTimeSeriesSearchCV",
    "ConformalRegressor",
    "LSTMRegressor",
    "LastValueRegressor",
    "SeasonalNaiveRegressor",
    "__version__",
    "forecast",
    "show_versions",
    "update",
]
