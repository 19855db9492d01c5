"""The Keras layers of the network: the peephole LSTM, and the layers that scale its data.

Import this module before you load a saved `LSTMRegressor.model_`.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sklstm._network.backend import find_backend
from sklstm._network.weights import FORGET_BIAS, LayerWeights, Weights

if find_backend() != "tensorflow":
    raise ImportError(
        f"sklstm needs Keras with the TensorFlow backend, but Keras uses {find_backend()!r}. "
        'Set the environment variable KERAS_BACKEND to "tensorflow" before TensorFlow or Keras is '
        "imported."
    )

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="sklstm")
class PeepholeLSTMCell(keras.layers.Layer):
    """One step of `PeepholeLSTM`.

    Parameters
    ----------
    units : int
        Size of the state.
    peephole : bool, default=True
        Whether the gates see the cell state.
    **kwargs : dict
        Passed to `keras.layers.Layer`.
    """

    def __init__(self, units: int, peephole: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.peephole = peephole
        self.state_size = [units, units]
        self.output_size = units

    def build(self, input_shape: tuple[int, ...]) -> None:
        """Create the weights, with the gates in the order i, f, g, o."""
        width = 4 * self.units
        self.kernel = self.add_weight(
            shape=(input_shape[-1], width), initializer="glorot_uniform", name="kernel"
        )
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, width), initializer="orthogonal", name="recurrent_kernel"
        )
        self.bias = self.add_weight(shape=(width,), initializer="zeros", name="bias")
        if self.peephole:
            self.peephole_kernel = self.add_weight(
                shape=(3, self.units), initializer="zeros", name="peephole_kernel"
            )
        self.built = True

    def call(self, inputs: Any, states: list, training: bool = False) -> tuple[Any, list]:
        """Compute one step: inputs (batch, n_features), states [h, c], each (batch, units)."""
        h, c = states
        p_i, p_f, p_o = ops.unstack(self.peephole_kernel) if self.peephole else (0.0, 0.0, 0.0)
        z = ops.matmul(inputs, self.kernel) + ops.matmul(h, self.recurrent_kernel) + self.bias
        z_i, z_f, z_g, z_o = ops.split(z, 4, axis=-1)
        i = ops.sigmoid(z_i + p_i * c)
        f = ops.sigmoid(z_f + p_f * c + FORGET_BIAS)
        c = f * c + i * ops.tanh(z_g)
        o = ops.sigmoid(z_o + p_o * c)  # the output gate alone sees the new state
        h = o * ops.tanh(c)
        return h, [h, c]

    def get_initial_state(self, batch_size: Any = None) -> list:
        """Return two arrays of zeros, each (batch_size, units)."""
        return [ops.zeros((batch_size, self.units), dtype=self.compute_dtype) for _ in range(2)]

    def get_config(self) -> dict:
        """Return the arguments that `from_config` needs."""
        return {**super().get_config(), "units": self.units, "peephole": self.peephole}


@keras.saving.register_keras_serializable(package="sklstm")
class PeepholeLSTM(keras.layers.RNN):
    """LSTM layer whose gates see the cell state through diagonal weights ("peepholes").

    The input gate and the forget gate see the previous cell state, and the output gate sees the new
    one [1]_. The bias of the forget gate [2]_ is increased by 1, as in TF 1's
    ``LSTMCell(use_peepholes=True)``. The layer maps (batch, rows, features) to (batch, units), or
    to (batch, rows, units) with ``return_sequences=True``. Masks and `return_state` work as in
    `keras.layers.LSTM`.

    Parameters
    ----------
    units : int
        Size of the state.
    peephole : bool, default=True
        Whether the gates see the cell state. If False, the layer equals `keras.layers.LSTM` with 1
        added to the bias of the forget gate.
    dtype : str, default="float32"
        Type of the weights and the computation. Keras's global dtype policy does not change it.
    **kwargs : dict
        Passed to `keras.layers.RNN`: `return_sequences`, `return_state`, `go_backwards`, ...

    See Also
    --------
    sklstm.LSTMRegressor : Forecasts with these layers; its `model_` contains them.

    References
    ----------
    .. [1] Gers, F. A., Schraudolph, N. N. and Schmidhuber, J. "Learning precise timing with LSTM
       recurrent networks." Journal of Machine Learning Research 3 (2002), 115-143.
    .. [2] Gers, F. A., Schmidhuber, J. and Cummins, F. "Learning to forget: continual prediction
       with LSTM." Neural Computation 12 (2000), 2451-2471.

    Examples
    --------
    >>> import numpy as np
    >>> from sklstm.layers import PeepholeLSTM
    >>> layer = PeepholeLSTM(5, return_sequences=True)
    >>> layer(np.zeros((2, 8, 3), dtype="float32")).shape  # (batch, rows, units)
    TensorShape([2, 8, 5])
    """

    def __init__(
        self, units: int, peephole: bool = True, *, dtype: Any = "float32", **kwargs: Any
    ) -> None:
        cell = PeepholeLSTMCell(units, peephole, dtype=dtype, name="cell")
        super().__init__(cell, dtype=dtype, **kwargs)
        self.units = units
        self.peephole = peephole

    def get_config(self) -> dict:
        """Return the arguments that `from_config` needs."""
        config = super().get_config()
        del config["cell"]  # rebuilt from `units` and `peephole`
        return {**config, "units": self.units, "peephole": self.peephole}

    @classmethod
    def from_config(cls, config: dict) -> "PeepholeLSTM":
        """Rebuild the layer."""
        return cls(**config)

    def set_lstm_weights(self, weights: LayerWeights) -> None:
        """Set trained weights.

        Parameters
        ----------
        weights : LayerWeights
            The weights of one layer. The gates have a separate axis, in the order i, f, g, o:
            `kernel` (n_features, 4, units), `recurrent_kernel` (units, 4, units), `bias` (4, units)
            and `peepholes` (3, units), for i, f and o.
        """
        arrays = [weights.kernel, weights.recurrent_kernel, weights.bias]
        flat = [array.reshape(*array.shape[:-2], -1) for array in arrays]
        self.set_weights([*flat, weights.peepholes] if self.peephole else flat)


@keras.saving.register_keras_serializable(package="sklstm")
class LinearForecast(keras.layers.Layer):
    """The linear start: a linear map from its features, (batch, n_features), to the outputs.

    If a feature is missing (NaN) because it lies before the first row, the layer uses a second map,
    which does not need the features that may be missing.

    Parameters
    ----------
    seasonal : dict of lists
        `kernel`, (n_features, n_outputs), and `intercept`, (n_outputs,), for rows without missing
        features.
    plain : dict of lists
        The same for rows with missing features.
    **kwargs : dict
        Passed to `keras.layers.Layer`.
    """

    def __init__(self, seasonal: dict, plain: dict, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float64", **kwargs})
        self.seasonal = seasonal
        self.plain = plain

    def call(self, numbers: Any) -> Any:
        """Forecast the outputs, (batch, n_outputs), float64."""
        is_missing = ops.isnan(numbers)
        there = ops.where(is_missing, 0.0, numbers)
        seasonal, plain = (
            ops.matmul(there, ops.array(line["kernel"], "float64"))
            + ops.array(line["intercept"], "float64")
            for line in (self.seasonal, self.plain)
        )
        return ops.where(ops.any(is_missing, axis=1, keepdims=True), plain, seasonal)

    def get_config(self) -> dict:
        """Return the arguments that `from_config` needs."""
        return {**super().get_config(), "seasonal": self.seasonal, "plain": self.plain}


@keras.saving.register_keras_serializable(package="sklstm")
class ScaleWindows(keras.layers.Layer):
    """Scale raw windows, and compute the centre and the scale of each output.

    The layer maps raw windows, (batch, window_length, n_raw_columns), float64, to scaled windows,
    float32, and to the centres and scales of the outputs, (batch, n_outputs), float64. NaN is
    scaled like 0. If forecasts of the linear start, (batch, n_targets), are passed as well, they
    become the centres.

    Parameters
    ----------
    columns : dict of lists
        For each column that the network reads: `source`, `centred_on` (-1: on its own centre),
        `is_divided` (by the window's deviation), `centre`, `scale`, `floor`, `limit`.
    outputs : dict of lists
        For each output: `column` (-1: none), `slope`, `intercept`, `centre`, `scale`, `unit`, and
        `shift`, the distance in scales from the centre to the start of a quantile. The quantiles of
        a target are adjacent outputs.
    **kwargs : dict
        Passed to `keras.layers.Layer`.
    """

    def __init__(self, columns: dict, outputs: dict, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float64", **kwargs})
        self.columns = columns
        self.outputs = outputs

    def call(self, windows: Any, start: Any = None) -> tuple[Any, Any, Any]:
        """Scale raw windows."""
        columns, outputs = _as_tensors(self.columns), _as_tensors(self.outputs)
        raw = ops.where(ops.isnan(windows), 0.0, windows)
        last = ops.take(raw[:, -1], ops.maximum(columns["centred_on"], 0), axis=1)
        centre = ops.where(columns["centred_on"] >= 0, last, columns["centre"])
        is_flat = ops.all(raw == raw[:, :1], axis=1)  # there std may be a rounding error
        deviation = ops.where(is_flat, 0.0, ops.std(raw, axis=1))
        deviation = ops.take(deviation, ops.maximum(columns["centred_on"], 0), axis=1)
        deviation = ops.maximum(deviation, columns["floor"])
        scale = ops.where(columns["is_divided"], deviation, columns["scale"])
        scaled = (ops.take(raw, columns["source"], axis=2) - centre[:, None]) / scale[:, None]
        scaled = ops.clip(scaled, -columns["limit"], columns["limit"])

        by_column = outputs["column"] >= 0
        column = ops.maximum(outputs["column"], 0)
        level = outputs["slope"] * ops.take(centre, column, axis=1) + outputs["intercept"]
        size = ops.abs(outputs["slope"]) * ops.take(scale, column, axis=1)
        level = ops.where(by_column, level, outputs["centre"])
        size = ops.where(by_column, size, outputs["scale"])
        if start is not None:
            level = ops.repeat(start, len(self.outputs["shift"]) // start.shape[1], axis=1)
        level = level + outputs["shift"] * size
        return ops.cast(scaled, "float32"), level, size * outputs["unit"]

    def get_config(self) -> dict:
        """Return the arguments that `from_config` needs."""
        return {**super().get_config(), "columns": self.columns, "outputs": self.outputs}


@keras.saving.register_keras_serializable(package="sklstm")
class ScalePath(keras.layers.Layer):
    """Scale the numbers that are known for each step, as inputs of `PathHead`, float32.

    Known columns have separate scales. Targets of earlier seasons and forecasts of the linear start
    are scaled in the same way as the targets. NaN is scaled like 0.

    Parameters
    ----------
    centre, scale : list of float
        Centre and scale of each known column.
    outputs : list of int
        For each target of an earlier season, the output of the step that it belongs to.
    limit : float
        Scaled numbers are clipped at this limit and its negative.
    **kwargs : dict
        Passed to `keras.layers.Layer`.
    """

    def __init__(
        self, centre: list, scale: list, outputs: list, limit: float, **kwargs: Any
    ) -> None:
        super().__init__(**{"dtype": "float64", **kwargs})
        self.numbers = {"centre": centre, "scale": scale, "outputs": outputs}
        self.limit = limit

    def call(self, raw: Any, centres: Any, scales: Any, start: Any = None) -> Any:
        """Scale (batch, steps, n_numbers); the other arguments are (batch, steps * n_targets).

        centres, scales: of the targets, without the shift of a quantile or the unit of a network.
        """
        numbers = self.numbers
        n_known, n_outputs = len(numbers["centre"]), centres.shape[1] // raw.shape[1]
        centre, scale = centres[:, None, :n_outputs], scales[:, None, :n_outputs]
        own = ops.array(numbers["outputs"], "int32")
        known = raw[:, :, :n_known] - ops.array(numbers["centre"], "float64")
        parts = [known / ops.array(numbers["scale"], "float64")]
        earlier = raw[:, :, n_known:] - ops.take(centre, own, axis=2)
        parts.append(earlier / ops.take(scale, own, axis=2))
        if start is not None:
            start = ops.reshape(start, (-1, raw.shape[1], n_outputs))
            parts.append((start - centre) / scale)
        scaled = ops.concatenate(parts, axis=2)
        scaled = ops.where(ops.isnan(scaled), 0.0, scaled)
        return ops.cast(ops.clip(scaled, -self.limit, self.limit), "float32")

    def get_config(self) -> dict:
        """Return the arguments that `from_config` needs."""
        return {**super().get_config(), **self.numbers, "limit": self.limit}


@keras.saving.register_keras_serializable(package="sklstm")
class PathHead(keras.layers.Layer):
    """A hidden layer for each step of a path, and the outputs of the step.

    Parameters
    ----------
    hidden : int
        Hidden units.
    n_outputs : int
        Number of outputs of all steps together.
    **kwargs : dict
        Passed to `keras.layers.Layer`.
    """

    def __init__(self, hidden: int, n_outputs: int, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.hidden = hidden
        self.n_outputs = n_outputs

    def build(self, state_shape: tuple, beside_shape: tuple) -> None:
        """Create the weights."""
        shapes = {
            "state_kernel": (state_shape[-1], self.hidden),
            "beside_kernel": (beside_shape[-1], self.hidden),
            "head": (self.hidden, self.n_outputs),
            "bias": (beside_shape[1], self.hidden),
        }
        for name, shape in shapes.items():
            weight = self.add_weight(name=name, shape=shape, initializer="glorot_uniform")
            setattr(self, name, weight)

    def call(self, state: Any, beside: Any) -> Any:
        """Predict all outputs, (batch, n_outputs), from (batch, units) and (batch, steps, ...)."""
        read = ops.matmul(state, self.state_kernel)[:, None] + self.bias
        u = ops.tanh(read + ops.matmul(beside, self.beside_kernel))
        head = ops.reshape(self.head, (self.hidden, beside.shape[1], -1))
        return ops.reshape(ops.einsum("bju,ujo->bjo", u, head), (-1, self.n_outputs))

    def get_config(self) -> dict:
        """Return the arguments that `from_config` needs."""
        return {**super().get_config(), "hidden": self.hidden, "n_outputs": self.n_outputs}


@keras.saving.register_keras_serializable(package="sklstm")
class SplitSteps(keras.layers.Layer):
    """Split all outputs by step; steps with missing known columns become NaN.

    Parameters
    ----------
    n_known : int
        Number of known columns among the numbers of a step.
    **kwargs : dict
        Passed to `keras.layers.Layer`.
    """

    def __init__(self, n_known: int, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float64", **kwargs})
        self.n_known = n_known

    def call(self, outputs: Any, raw: Any) -> Any:
        """Reshape (batch, steps * n_outputs) to (batch, steps, n_outputs)."""
        steps = ops.reshape(outputs, (-1, raw.shape[1], outputs.shape[1] // raw.shape[1]))
        missing = ops.any(ops.isnan(raw[:, :, : self.n_known]), axis=2, keepdims=True)
        return ops.where(missing, float("nan"), steps)

    def get_config(self) -> dict:
        """Return the arguments that `from_config` needs."""
        return {**super().get_config(), "n_known": self.n_known}


@keras.saving.register_keras_serializable(package="sklstm")
class SplitQuantiles(keras.layers.Layer):
    """Put the quantiles of each target on a new last axis, in increasing order.

    Parameters
    ----------
    n_quantiles : int
        Number of outputs of each target.
    **kwargs : dict
        Passed to `keras.layers.Layer`.
    """

    def __init__(self, n_quantiles: int, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float64", **kwargs})
        self.n_quantiles = n_quantiles

    def call(self, outputs: Any) -> Any:
        """Reshape (batch, ..., n_outputs) to (batch, ..., n_targets, n_quantiles)."""
        n_targets = outputs.shape[-1] // self.n_quantiles
        shape = -1, *outputs.shape[1:-1], n_targets, self.n_quantiles
        return ops.sort(ops.reshape(outputs, shape), axis=-1)

    def get_config(self) -> dict:
        """Return the arguments that `from_config` needs."""
        return {**super().get_config(), "n_quantiles": self.n_quantiles}


def _as_tensors(scales: dict) -> dict:
    types = {"is_divided": "bool", "column": "int32", "source": "int32", "centred_on": "int32"}
    return {name: ops.array(values, types.get(name, "float64")) for name, values in scales.items()}


@keras.saving.register_keras_serializable(package="sklstm")
class RestoreUnits(keras.layers.Layer):
    """Convert the networks' scaled predictions to the user's units, in float64.

    Each prediction is converted with its own centres and scales, and weighted by its share. A NaN
    in a window means that its season is missing. The layer then predicts `alone`, or the mean if
    there is no `alone`. If all values of a window are NaN, it predicts the mean.

    Parameters
    ----------
    mean : list of float
        Mean of each output in training.
    shares : list of list of float
        Share of each network, for each output.
    **kwargs : dict
        Passed to `keras.layers.Layer`.
    """

    def __init__(self, mean: list, shares: list, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float64", **kwargs})
        self.mean = mean
        self.shares = shares

    def call(
        self,
        predictions: list,
        centres: list,
        scales: list,
        windows: Any,
        alone: Any = None,
        earlier: Any = None,
    ) -> Any:
        """Convert the predictions; all arguments but the raw windows are (batch, n_outputs).

        earlier: the targets of earlier seasons that a path reads, (batch, steps, n_places).
        """
        restored = 0.0
        for share, *parts in zip(self.shares, predictions, centres, scales, strict=True):
            prediction, centre, scale = parts
            forecast = centre + scale * ops.cast(prediction, "float64")
            restored = restored + ops.array(share, "float64") * forecast
        is_missing = ops.isnan(windows)
        lacks_season, is_empty = (
            ops.expand_dims(test(is_missing, axis=(1, 2)), 1) for test in (ops.any, ops.all)
        )
        if earlier is not None:
            is_missing = ops.any(ops.isnan(earlier), axis=(1, 2))
            lacks_season = ops.logical_or(lacks_season, ops.expand_dims(is_missing, 1))
        mean = ops.array(self.mean, "float64")
        restored = ops.where(lacks_season, mean if alone is None else alone, restored)
        return ops.where(is_empty, mean, restored)

    def get_config(self) -> dict:
        """Return the arguments that `from_config` needs."""
        return {**super().get_config(), "mean": self.mean, "shares": self.shares}


class NetworkParts(NamedTuple):
    """The parts of one network of the model; its weights determine how many rows it reads."""

    weights: Weights
    columns: dict  # of `ScaleWindows`
    outputs: dict
    has_start: bool  # whether it is centred on the linear start
    share: list  # of the forecast, for each output
    path: dict | None = None  # of `ScalePath`, None with a single step


def build_model(
    networks: Sequence[NetworkParts],
    *,
    mean: list,
    start: dict | None = None,
    n_raw_columns: int,
    peephole: bool,
    linear_skip: bool,
    dropout: float,
    n_quantiles: int = 1,
) -> keras.Model:
    """Build the model: raw windows, scaling, PeepholeLSTM layers, Dropout, Dense, units of y.

    start: the maps of `LinearForecast`, if there is a linear start. The model then has a second
    input for it, and the first network corrects it. Layer names end in "_network_1" for the second
    network and in "_network_2" for the third.
    """
    window_length = networks[0].weights.skip.shape[0]
    windows = keras.Input((window_length, n_raw_columns), dtype="float64", name="window")
    inputs, alone = {"window": windows}, None
    if start is not None:
        n_numbers = len(start["plain"]["kernel"])
        inputs["start"] = keras.Input((n_numbers,), dtype="float64", name="start")
        alone = LinearForecast(**start, name="linear_start")(inputs["start"])
    path, steps = networks[0].path, networks[0].weights.path
    if path is not None and steps is not None:
        shape = len(steps.bias), len(path["centre"]) + len(path["outputs"])
        inputs["path"] = keras.Input(shape, dtype="float64", name="path")
    predictions, centres, scales = [], [], []
    for number, network in enumerate(networks):
        end = f"_network_{number}" if number else ""
        scaling = ScaleWindows(network.columns, network.outputs, name=f"scaling{end}")
        own_start = alone if network.has_start else None
        scaled, centre, scale = scaling(windows, own_start)
        n_older = window_length - network.weights.skip.shape[0]
        if n_older:
            newest = keras.layers.Cropping1D((n_older, 0), dtype="float32", name=f"newest{end}")
            scaled = newest(scaled)
        beside = None
        if network.path is not None:
            targets = {name: values[::n_quantiles] for name, values in network.outputs.items()}
            n_targets = len(targets["unit"])
            plain = {**targets, "unit": [1.0] * n_targets, "shift": [0.0] * n_targets}
            _, *level = ScaleWindows(network.columns, plain, name=f"path_level{end}")(windows)
            scale_path = ScalePath(**network.path, name=f"path_scaling{end}")
            beside = scale_path(inputs["path"], *level, own_start)
        predictions.append(
            _add_network(
                scaled,
                beside,
                network.weights,
                end,
                peephole=peephole,
                linear_skip=linear_skip,
                dropout=dropout,
            )
        )
        centres.append(centre)
        scales.append(scale)
    units = RestoreUnits(mean, [network.share for network in networks], name="units")
    earlier = None
    if path is not None and path["outputs"]:
        earlier = inputs["path"][:, :, len(path["centre"]) :]
    alone = None if alone is None else centres[0]  # including its quantiles
    restored = units(predictions, centres, scales, windows, alone, earlier)
    if path is not None:
        restored = SplitSteps(len(path["centre"]), name="steps")(restored, inputs["path"])
    if n_quantiles > 1:
        restored = SplitQuantiles(n_quantiles, name="quantiles")(restored)
    return keras.Model(inputs, restored, name="sklstm")


def _add_network(
    scaled: Any,
    beside: Any,
    weights: Weights,
    end: str,
    *,
    peephole: bool,
    linear_skip: bool,
    dropout: float,
) -> Any:
    """Add the layers of one network after its scaled windows, with their weights."""
    x, n_outputs = scaled, len(weights.head_bias)
    for number, layer in enumerate(weights.layers):
        is_last = number == len(weights.layers) - 1
        lstm = PeepholeLSTM(
            layer.bias.shape[-1], peephole, return_sequences=not is_last, name=f"lstm_{number}{end}"
        )
        x = lstm(x)
        lstm.set_lstm_weights(layer)
    x = keras.layers.Dropout(dropout, dtype="float32", name=f"dropout{end}")(x)
    head = keras.layers.Dense(n_outputs, dtype="float32", name=f"head{end}")
    prediction = head(x)
    head.set_weights([weights.head, weights.head_bias])
    if weights.path is not None:
        path = PathHead(len(weights.path.head), n_outputs, name=f"path_head{end}")
        prediction = keras.layers.Add(dtype="float32", name=f"heads{end}")(
            [prediction, path(x, beside)]
        )
        path.set_weights(list(weights.path))
    if not linear_skip:
        return prediction
    skip = keras.layers.Dense(n_outputs, use_bias=False, dtype="float32", name=f"skip{end}")
    lags = keras.layers.Flatten(dtype="float32", name=f"lags{end}")(scaled)
    prediction = keras.layers.Add(dtype="float32", name=f"sum{end}")([prediction, skip(lags)])
    skip.set_weights([weights.skip.reshape(-1, n_outputs)])
    return prediction
