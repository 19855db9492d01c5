"""Forecasts with a windowed LSTM, tuned by Bayesian search, as scikit-learn estimators.

Each public name is imported when it is first used, so that `import sklstm` costs nothing. The first
`fit` of an `LSTMRegressor` starts TensorFlow.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sklstm._closed_form.find_seasons import Seasons, find_seasons
    from sklstm._intervals.conformal import ConformalRegressor
    from sklstm._lstm.regressor import LSTMRegressor
    from sklstm._nested.forecasting import (
        forecast,
        forecast_quantiles,
        predict_quantiles,
        predict_steps,
        predict_steps_quantiles,
        update,
    )
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
    "Seasons",
    "__version__",
    "find_seasons",
    "forecast",
    "forecast_quantiles",
    "predict_quantiles",
    "predict_steps",
    "predict_steps_quantiles",
    "show_versions",
    "update",
]

_HOMES = {  # where each public name is written
    "BayesTimeSeriesSearchCV": "sklstm._search.search",
    "ConformalRegressor": "sklstm._intervals.conformal",
    "LSTMRegressor": "sklstm._lstm.regressor",
    "LastValueRegressor": "sklstm.evaluation._naive",
    "SeasonalNaiveRegressor": "sklstm.evaluation._naive",
    "Seasons": "sklstm._closed_form.find_seasons",
    "find_seasons": "sklstm._closed_form.find_seasons",
    "forecast": "sklstm._nested.forecasting",
    "forecast_quantiles": "sklstm._nested.forecasting",
    "predict_quantiles": "sklstm._nested.forecasting",
    "predict_steps": "sklstm._nested.forecasting",
    "predict_steps_quantiles": "sklstm._nested.forecasting",
    "show_versions": "sklstm._versions",
    "update": "sklstm._nested.forecasting",
}
_MODULES = ["datasets", "evaluation", "layers", "metrics", "plots", "spaces"]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"sklstm.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'sklstm' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value  # the next access finds it without us
    return value


def __dir__() -> list[str]:
    return [*__all__, *_MODULES]
