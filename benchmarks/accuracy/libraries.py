"""Forecasts of other libraries, one row ahead, each with the defaults of its library.

A peer is fitted once, on the rows before `first`. It then predicts each later row from all rows
before it and, where its library takes columns that are known in advance, the calendar of that row.
Its window is as long as the longest natural season.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.accuracy.held_out import HeldOut

LEAST_WINDOW = 8  # rows
LEAST_SPREAD = 1e-6  # a standard deviation: no rounding error
ON_THE_CPU = {"accelerator": "cpu", "enable_progress_bar": False, "logger": False}
Predict = Callable[[HeldOut], np.ndarray]  # of a series, the rows from `first` on


@dataclass(frozen=True)
class Peer:
    """A forecaster of another library."""

    module: str  # its import is no part of a fit
    fit: Callable[[HeldOut, int], Predict]  # of a series and a seed
    is_random: bool = False  # other seeds make other forecasts


def fit_lstm(series: HeldOut, seed: int) -> Predict:
    """LSTM without the columns that are constant within some windows, such as the weekday in a day.

    By default it divides each column by its spread in the window. With those columns its RMSE on
    the two series of Beijing is 300 and 150 times that of the last value.
    """
    spread = series.X[series.calendar].rolling(window_of(series)).std().min()
    return fit_neuralforecast("LSTM", series, seed, list(spread.index[spread > LEAST_SPREAD]))


def fit_nhits(series: HeldOut, seed: int) -> Predict:
    return fit_neuralforecast("NHITS", series, seed, series.calendar)


def fit_neuralforecast(
    name: str, series: HeldOut, seed: int, calendar: list[str], **params: Any
) -> Predict:
    from neuralforecast import NeuralForecast, models

    trainer = {**ON_THE_CPU, "enable_model_summary": False, "enable_checkpointing": False}
    model = getattr(models, name)(
        h=1,
        input_size=window_of(series),
        futr_exog_list=calendar or None,
        random_seed=seed,
        **params,
        **trainer,
    )
    forecaster = NeuralForecast([model], freq=1)
    forecaster.fit(_to_long_frame(series)[: series.first])

    def predict(series: HeldOut) -> np.ndarray:
        forecasts = forecaster.cross_validation(
            _to_long_frame(series), n_windows=None, test_size=len(series.truth), use_fitted=True
        )
        return forecasts.sort_values("ds")[name].to_numpy()

    return predict


def _to_long_frame(series: HeldOut) -> pd.DataFrame:
    return series.X.assign(unique_id=series.name, ds=np.arange(len(series.X)))


def fit_block_rnn(series: HeldOut, seed: int, **params: Any) -> Predict:
    """BlockRNNModel on scaled values in float32, as the examples of darts have it.

    It takes past covariates only, so row t - 1 of them holds the calendar of row t.
    """
    from darts import TimeSeries
    from darts.dataprocessing.transformers import Scaler
    from darts.models import BlockRNNModel

    def lay_out(columns: pd.DataFrame) -> Any:
        return TimeSeries.from_values(columns.to_numpy(np.float32)) if columns.shape[1] else None

    def calendar_ahead(series: HeldOut) -> Any:
        return lay_out(series.X[series.calendar].shift(-1).ffill())

    train = lay_out(series.X[["y"]])[: series.first]
    scaler = Scaler().fit(train)
    model = BlockRNNModel(
        window_of(series),
        output_chunk_length=1,
        model="LSTM",
        random_state=seed,
        pl_trainer_kwargs=ON_THE_CPU,
        **params,
    )
    model.fit(scaler.transform(train), past_covariates=calendar_ahead(series), verbose=False)

    def predict(series: HeldOut) -> np.ndarray:
        forecasts = model.historical_forecasts(
            scaler.transform(lay_out(series.X[["y"]])),
            past_covariates=calendar_ahead(series),
            start=series.first,
            forecast_horizon=1,
            retrain=False,
            verbose=False,
        )
        return scaler.inverse_transform(forecasts).values()[:, 0]

    return predict


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


def window_of(series: HeldOut) -> int:
    return max(LEAST_WINDOW, *series.seasons)


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
