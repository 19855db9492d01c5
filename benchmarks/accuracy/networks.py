"""Networks of other libraries, each with the defaults of its library, that forecast paths.

A network is fitted once, on the rows before `first`. From each row t on whose whole path lies in
the series it then forecasts the rows t .. t + steps - 1, from the rows before t and the calendar
of the path: an array of the shape (n_origins, steps). Its window is as long as the longest natural
season.
"""

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.accuracy.held_out import HeldOut, Predict

LEAST_WINDOW = 8  # rows
LEAST_SPREAD = 1e-6  # a standard deviation: no rounding error
ON_THE_CPU = {"accelerator": "cpu", "enable_progress_bar": False, "logger": False}


def fit_lstm(series: HeldOut, seed: int, steps: int) -> Predict:
    """LSTM without the columns that are constant within some windows, such as the weekday in a day.

    By default it divides each column by its spread in the window. With those columns its RMSE on
    the two series of Beijing is 300 and 150 times that of the last value.

    It decodes row t + j of a path from its state after row t - steps + j. Only the last row of a
    path is therefore forecast from the whole window.
    """
    spread = series.X[series.calendar].rolling(window_of(series)).std().min()
    varying = list(spread.index[spread > LEAST_SPREAD])
    return fit_neuralforecast("LSTM", series, seed, steps, varying)


def fit_nhits(series: HeldOut, seed: int, steps: int) -> Predict:
    return fit_neuralforecast("NHITS", series, seed, steps, series.calendar)


def fit_neuralforecast(
    name: str, series: HeldOut, seed: int, steps: int, calendar: list[str], **params: Any
) -> Predict:
    from neuralforecast import NeuralForecast, models

    trainer = {**ON_THE_CPU, "enable_model_summary": False, "enable_checkpointing": False}
    model = getattr(models, name)(
        h=steps,
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
        return forecasts.sort_values(["cutoff", "ds"])[name].to_numpy().reshape(-1, steps)

    return predict


def _to_long_frame(series: HeldOut) -> pd.DataFrame:
    return series.X.assign(unique_id=series.name, ds=np.arange(len(series.X)))


def fit_block_rnn(series: HeldOut, seed: int, steps: int, **params: Any) -> Predict:
    """BlockRNNModel on scaled values in float32, as the examples of darts have it.

    The calendar is given as past covariates, moved ahead: row t - 1 of them holds the calendar of
    the last row of the path from row t on. So the window covers the calendar of the whole path.
    """
    from darts import TimeSeries
    from darts.dataprocessing.transformers import Scaler
    from darts.models import BlockRNNModel

    def lay_out(columns: pd.DataFrame) -> Any:
        return TimeSeries.from_values(columns.to_numpy(np.float32)) if columns.shape[1] else None

    def calendar_ahead(series: HeldOut) -> Any:
        return lay_out(series.X[series.calendar].shift(-steps).ffill())

    train = lay_out(series.X[["y"]])[: series.first]
    scaler = Scaler().fit(train)
    model = BlockRNNModel(
        window_of(series),
        output_chunk_length=steps,
        model="LSTM",
        random_state=seed,
        pl_trainer_kwargs=ON_THE_CPU,
        **params,
    )
    model.fit(scaler.transform(train), past_covariates=calendar_ahead(series), verbose=False)

    def predict(series: HeldOut) -> np.ndarray:
        paths = model.historical_forecasts(
            scaler.transform(lay_out(series.X[["y"]])),
            past_covariates=calendar_ahead(series),
            start=series.first,
            forecast_horizon=steps,
            last_points_only=False,
            retrain=False,
            verbose=False,
        )
        return np.stack([scaler.inverse_transform(path).values()[:, 0] for path in paths])

    return predict


def window_of(series: HeldOut) -> int:
    return max(LEAST_WINDOW, *series.seasons)
