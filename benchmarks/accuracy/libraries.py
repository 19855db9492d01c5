"""Forecasts of other libraries, one row ahead, each with the defaults of its library.

A peer is fitted once, on the rows before `first`. It then predicts each later row from all rows
before it and, where its library takes columns that are known in advance, the calendar of that row.
Its window is as long as the longest natural season.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.accuracy import networks
from benchmarks.accuracy.held_out import HeldOut, Predict
from benchmarks.accuracy.networks import window_of


@dataclass(frozen=True)
class Peer:
    """A forecaster of another library."""

    module: str  # its import is no part of a fit
    fit: Callable[[HeldOut, int], Predict]  # of a series and a seed
    is_random: bool = False  # other seeds make other forecasts


def fit_lstm(series: HeldOut, seed: int) -> Predict:
    return take_one_step(networks.fit_lstm(series, seed, steps=1))


def fit_nhits(series: HeldOut, seed: int) -> Predict:
    return take_one_step(networks.fit_nhits(series, seed, steps=1))


def fit_block_rnn(series: HeldOut, seed: int) -> Predict:
    return take_one_step(networks.fit_block_rnn(series, seed, steps=1))


def take_one_step(predict_paths: Predict) -> Predict:
    return lambda series: predict_paths(series)[:, 0]


def fit_recursive_ridge(series: HeldOut, seed: int) -> Predict:
    from sklearn.linear_model import Ridge

    return fit_recursive(Ridge(), series)


def fit_recursive_trees(series: HeldOut, seed: int) -> Predict:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return fit_recursive(HistGradientBoostingRegressor(random_state=seed), series)


def fit_recursive(estimator: Any, series: HeldOut) -> Predict:
    from skforecast.model_selection import TimeSeriesFold, backtesting_forecaster
    from skforecast.recursive import ForecasterRecursive

    first, calendar = series.first, series.X[series.calendar] if series.calendar else None
    forecaster = ForecasterRecursive(estimator, lags=window_of(series))
    forecaster.fit(series.y[:first], exog=None if calendar is None else calendar[:first])

    def predict(series: HeldOut) -> np.ndarray:
        """Predict by backtesting, which fits once more, on the same rows."""
        _, forecasts = backtesting_forecaster(
            forecaster,
            series.y,
            cv=TimeSeriesFold(steps=1, initial_train_size=first, refit=False),
            exog=calendar,
            metric="mean_squared_error",
            n_jobs=1,
            show_progress=False,
        )
        return forecasts["pred"].to_numpy()

    return predict


def fit_auto_arima(series: HeldOut, seed: int) -> Predict:
    return fit_statsforecast("AutoARIMA", series, series.calendar)


def fit_auto_ets(series: HeldOut, seed: int) -> Predict:
    return fit_statsforecast("AutoETS", series, [])


def fit_statsforecast(name: str, series: HeldOut, calendar: list[str]) -> Predict:
    """Fit, then filter the whole series with the parameters found.

    This forecasts each row from those before it, as `forward` does row by row, in a single pass.
    """
    from statsforecast import models

    exog = series.X[calendar].to_numpy() if calendar else None
    model = getattr(models, name)(season_length=min(series.seasons))
    model.fit(series.y.to_numpy()[: series.first], X=None if exog is None else exog[: series.first])

    def predict(series: HeldOut) -> np.ndarray:
        columns = {} if exog is None else {"X": exog, "X_future": exog[-1:]}
        filtered = model.forward(series.y.to_numpy(), h=1, fitted=True, **columns)
        return np.asarray(filtered["fitted"])[series.first :]

    return predict


PEERS = {
    "neuralforecast LSTM": Peer("neuralforecast.models", fit_lstm, is_random=True),
    "neuralforecast NHITS": Peer("neuralforecast.models", fit_nhits, is_random=True),
    "darts BlockRNNModel": Peer(
        "darts.models.forecasting.block_rnn_model", fit_block_rnn, is_random=True
    ),
    "skforecast, Ridge": Peer("skforecast.recursive", fit_recursive_ridge),
    "skforecast, trees": Peer("skforecast.recursive", fit_recursive_trees),
    "statsforecast AutoARIMA": Peer("statsforecast.models", fit_auto_arima),
    "statsforecast AutoETS": Peer("statsforecast.models", fit_auto_ets),
}
