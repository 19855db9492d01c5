"""The peers: one LSTM layer in each library, at its defaults and in every way found to speed it up.

Each is built and fitted as its documentation shows. Names are the library's, then what differs
from its defaults; `PEERS` lists all that was tried, and these did not help or did not work:

- PyTorch's `torch.compile` passes over `nn.LSTM` ("Dynamo does not support RNN, GRU, or LSTM"), and
  with `torch._dynamo.config.allow_rnn` its code fails at the first step ("expected Tensor() for op:
  torch.ops.aten.mkldnn_rnn_layer.default").
- PyTorch without oneDNN (`torch.backends.mkldnn.enabled = False`) takes a third longer a step.
- Keras' `jit_compile=True` on an unrolled LSTM: no faster a step than without XLA at the shortest
  windows, slower at the others, and minutes to compile for a window of 168 rows. (Its default,
  "auto", means no XLA for an LSTM that is not unrolled.)
"""

import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any, Protocol

import numpy as np

from benchmarks.tools.task import DROPOUT, N_TRAIN, RATE, SHARED_NETWORK, Task


class Peer(Protocol):
    """A network of one library for a task; to make it imports the library, and no more."""

    def build(self) -> None: ...

    def fit(self, epochs: int) -> None:
        """Train for some epochs; a later call takes the same time without compiling."""

    def predict(self) -> np.ndarray:
        """Predict the rows after training, in dollars, (N_ROWS - N_TRAIN,)."""


def make_regressor(task: Task, **changes: Any) -> Any:
    """sklstm's regressor with what all peers share: Adam at a constant rate, the task's windows."""
    from sklstm import LSTMRegressor

    return LSTMRegressor(
        window_length=task.window_length,
        units=task.units,
        batch_size=task.batch_size,
        learning_rate=RATE,
        decay_rate=1.0,
        random_state=0,
        **SHARED_NETWORK,
        **changes,
    )


class Sklstm:
    def __init__(self, task: Task) -> None:
        import tensorflow  # noqa: F401, the first fit would import it

        import sklstm  # noqa: F401

        self.task = task

    def build(self) -> None:
        self.regressor = make_regressor(self.task, dropout=DROPOUT)

    def fit(self, epochs: int) -> None:
        X = self.task.X[:N_TRAIN]
        self.regressor.set_params(epochs=epochs).fit(X, X[:, 0])

    def predict(self) -> np.ndarray:
        return self.regressor.predict(self.task.X[N_TRAIN:])


def keras_network(window_length: int, units: int, dropout: float = 0.0, **lstm: Any) -> Any:
    import keras

    return keras.Sequential(
        [
            keras.layers.Input((window_length, 2)),
            keras.layers.LSTM(units, **lstm),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(1),
        ]
    )


class Keras:
    """data: "arrays", "rows" (a tf.data pipeline that shuffles and batches rows), or "batches".

    The last one batches once, so it shuffles only the order of the batches.
    """

    def __init__(
        self, task: Task, data: str = "arrays", unroll: bool = False, **settings: Any
    ) -> None:
        import keras

        self.task, self.library = task, keras
        self.data, self.unroll, self.settings = data, unroll, settings

    def build(self) -> None:
        self.library.utils.set_random_seed(0)
        sizes = self.task.window_length, self.task.units
        self.model = keras_network(*sizes, DROPOUT, unroll=self.unroll)
        self.model.compile(self.library.optimizers.Adam(RATE), "mse", **self.settings)

    def fit(self, epochs: int) -> None:
        if self.data == "arrays":
            data = {
                "x": self.task.inputs,
                "y": self.task.targets,
                "batch_size": self.task.batch_size,
            }
        else:
            data = {"x": self._pipeline(), "shuffle": False}
        self.model.fit(**data, epochs=epochs, verbose=0)

    def _pipeline(self) -> Any:
        import tensorflow as tf

        n = len(self.task.inputs)
        rows = tf.data.Dataset.from_tensor_slices((self.task.inputs, self.task.targets))
        if self.data == "rows":
            batches = rows.cache().shuffle(n).batch(self.task.batch_size)
        else:
            batches = rows.shuffle(n).batch(self.task.batch_size).cache().shuffle(n)
        return batches.prefetch(tf.data.AUTOTUNE)

    def predict(self) -> np.ndarray:
        return self.task.restore(self.model.predict(self.task.later, verbose=0))


class PyTorch:
    """batches: "loader" (a DataLoader), "picked" one by one, or "ready" (an epoch's all at once).

    time_major: nn.LSTM's own layout in place of batch_first. last_state: the head reads the state
    that nn.LSTM returns in place of the last of all outputs. flush: denormal numbers are zero.
    """

    def __init__(
        self,
        task: Task,
        batches: str = "loader",
        time_major: bool = False,
        last_state: bool = False,
        flush: bool = False,
        **adam: Any,
    ) -> None:
        import torch
        import torch._dynamo  # an optimizer would

        torch.set_flush_denormal(flush)
        self.task, self.library = task, torch
        self.batches, self.adam, self.last_state = batches, adam, last_state
        self.batch_axis = 1 if time_major else 0

    def build(self) -> None:
        nn = self.library.nn
        self.library.manual_seed(0)
        self.lstm = nn.LSTM(2, self.task.units, batch_first=self.batch_axis == 0)
        self.head = nn.Sequential(nn.Dropout(DROPOUT), nn.Linear(self.task.units, 1))
        weights = [*self.lstm.parameters(), *self.head.parameters()]
        self.optimizer = self.library.optim.Adam(weights, lr=RATE, **self.adam)
        self.inputs = self._lay_out(self.task.inputs)
        self.targets = self.library.from_numpy(self.task.targets)

    def _lay_out(self, inputs: np.ndarray) -> Any:
        return self.library.from_numpy(inputs).transpose(0, self.batch_axis).contiguous()

    def fit(self, epochs: int) -> None:
        self.head.train()
        for _ in range(epochs):
            for inputs, targets in self._epoch():
                self.optimizer.zero_grad()
                loss = self.library.nn.functional.mse_loss(self._forward(inputs), targets)
                loss.backward()
                self.optimizer.step()

    def _epoch(self) -> Iterator[tuple[Any, Any]]:
        size = self.task.batch_size
        if self.batches == "loader":
            data = self.library.utils.data
            rows = data.TensorDataset(self.inputs, self.targets)
            return iter(data.DataLoader(rows, batch_size=size, shuffle=True))
        order = self.library.randperm(len(self.targets))
        if self.batches == "picked":
            return ((self._pick(some), self.targets[some]) for some in order.split(size))
        inputs = self._pick(order).split(size, self.batch_axis)
        return zip(inputs, self.targets[order].split(size), strict=True)

    def _pick(self, rows: Any) -> Any:
        return self.inputs.index_select(self.batch_axis, rows)

    def _forward(self, inputs: Any) -> Any:
        outputs, (state, _) = self.lstm(inputs)
        return self.head(state[-1] if self.last_state else outputs.select(1 - self.batch_axis, -1))

    def predict(self) -> np.ndarray:
        self.head.eval()
        with self.library.no_grad():
            return self.task.restore(self._forward(self._lay_out(self.task.later)).numpy())


class MLP:
    """scikit-learn's MLPRegressor on the flattened window: another network, for scale."""

    def __init__(self, task: Task) -> None:
        from sklearn.neural_network import MLPRegressor

        self.task, self.library = task, MLPRegressor
        warnings.filterwarnings("ignore", "Stochastic Optimizer: Maximum iterations")

    def build(self) -> None:
        self.model = self.library(
            hidden_layer_sizes=(self.task.units,),
            batch_size=self.task.batch_size,
            learning_rate_init=RATE,
            tol=0.0,
            n_iter_no_change=10**6,
            random_state=0,
        )

    def fit(self, epochs: int) -> None:
        self.model.set_params(max_iter=epochs)
        self.model.fit(self._flatten(self.task.inputs), self.task.targets[:, 0])

    def predict(self) -> np.ndarray:
        predictions = self.model.predict(self._flatten(self.task.later))
        return self.task.restore(predictions[:, None])

    @staticmethod
    def _flatten(inputs: np.ndarray) -> np.ndarray:
        return inputs.reshape(len(inputs), -1)


def _keras(**settings: Any) -> Any:
    return partial(Keras, **{"jit_compile": False, **settings})


def _torch(**settings: Any) -> Any:
    return partial(PyTorch, fused=True, **settings)


PEERS: dict[str, Any] = {
    "sklstm": Sklstm,
    "Keras": Keras,
    "Keras, jit": _keras(jit_compile=True),
    "Keras, 32 steps a call": _keras(steps_per_execution=32),
    "Keras, 128 steps a call": _keras(steps_per_execution=128),
    "Keras, jit, 32 steps": _keras(jit_compile=True, steps_per_execution=32),
    "Keras, jit, 128 steps": _keras(jit_compile=True, steps_per_execution=128),
    "Keras, unrolled": _keras(unroll=True),
    "Keras, unrolled, 128 steps": _keras(unroll=True, steps_per_execution=128),
    "Keras, tf.data, 128 steps": _keras(data="rows", steps_per_execution=128),
    "Keras, unrolled, tf.data, 128 steps": _keras(
        unroll=True, data="rows", steps_per_execution=128
    ),
    "Keras, unrolled, ready batches, 128 steps": _keras(
        unroll=True, data="batches", steps_per_execution=128
    ),
    "PyTorch": PyTorch,
    "PyTorch, foreach": partial(PyTorch, foreach=True),
    "PyTorch, fused": _torch(),
    "PyTorch, fused, no loader": _torch(batches="picked"),
    "PyTorch, fused, ready batches": _torch(batches="ready"),
    "PyTorch, fused, ready batches, last state": _torch(batches="ready", last_state=True),
    "PyTorch, fused, ready batches, time-major": _torch(batches="ready", time_major=True),
    "PyTorch, all of these, denormals flushed": _torch(
        batches="ready", last_state=True, time_major=True, flush=True
    ),
    "MLPRegressor": MLP,
}


def library_of(peer: str) -> str:
    """The library of a peer, which is also the name of its defaults."""
    return peer.split(",")[0]
