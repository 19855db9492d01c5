"""One fit against what a user would take instead: Keras' fit, a plain PyTorch loop.

    pip install -e ".[bench]"
    python benchmarks/speed.py                   # the embedded prices, all shapes
    python benchmarks/speed.py --csv AIG.csv --shapes 6,171,24 --epochs 58

All train one LSTM layer, dropout 0.2, on the same windows of close and volume, with Adam, on one
thread. Each fit runs in a process of its own, the peers in turn. "cold" is the first fit of a
process, compiling included, importing not; "ms a step" is of a later fit of the same shape. The
floor is the time that the multiplications of a step take at the rate of a 1024 x 1024 one. RMSE
is of the rows after training, in dollars, beside "repeat the last value".
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.metrics import root_mean_squared_error

N_TRAIN = 2800
N_ROWS = 3200
RATE = 1e-3
DROPOUT = 0.2
SHAPES = "6,171,24 2,128,64 14,64,32 6,32,24 14,200,100 48,64,64 168,128,128"
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
}


class Task:
    """What is to be trained on: rows, and the windows that the peers get ready made.

    These are centred on their last row, with one scale for each column, float32.
    """

    def __init__(
        self, X: np.ndarray, window_length: int, units: int, batch_size: int, epochs: int
    ) -> None:
        self.X = X  # (n_rows, 2): close, volume
        self.window_length, self.units = window_length, units
        self.batch_size, self.epochs = batch_size, epochs
        windows = sliding_window_view(X, window_length, axis=0)[:-1].transpose(0, 2, 1)
        last, n_train = windows[:, -1:], N_TRAIN - window_length
        scale = (windows - last)[:n_train].std(axis=(0, 1))
        inputs = ((windows - last) / scale).astype(np.float32)
        targets = ((X[window_length:, 0] - last[:, 0, 0]) / scale[0]).astype(np.float32)
        self.inputs, self.later = inputs[:n_train], inputs[n_train:]
        self.targets = targets[:n_train, None]
        self.last, self.scale = last[n_train:, 0, 0], scale[0]

    @property
    def n_steps(self) -> int:
        return self.epochs * -(-len(self.inputs) // self.batch_size)

    def restore(self, predictions: np.ndarray) -> np.ndarray:
        return self.last + self.scale * np.asarray(predictions)[:, 0]


def prepare_sklstm(task: Task) -> tuple[Callable, Callable]:
    import tensorflow  # noqa: F401, to import it is not what is measured

    from sklstm import LSTMRegressor

    X, y = task.X, task.X[:, 0]
    regressor = LSTMRegressor(
        window_length=task.window_length,
        units=task.units,
        batch_size=task.batch_size,
        epochs=task.epochs,
        dropout=DROPOUT,
        learning_rate=RATE,
        decay_rate=1.0,
        weight_decay=0.0,
        linear_skip=False,
        scaling="center",
        random_state=0,
    )
    return lambda: regressor.fit(X[:N_TRAIN], y[:N_TRAIN]), lambda: regressor.predict(X[N_TRAIN:])


def prepare_keras(task: Task, **compile_settings: Any) -> tuple[Callable, Callable]:
    import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.layers.Input((task.window_length, 2)),
            keras.layers.LSTM(task.units),
            keras.layers.Dropout(DROPOUT),
            keras.layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.Adam(RATE), "mse", **compile_settings)

    def fit() -> None:
        model.fit(
            task.inputs, task.targets, batch_size=task.batch_size, epochs=task.epochs, verbose=0
        )

    return fit, lambda: task.restore(model.predict(task.later, verbose=0))


def prepare_torch(task: Task) -> tuple[Callable, Callable]:
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    lstm = torch.nn.LSTM(2, task.units, batch_first=True)
    head = torch.nn.Sequential(torch.nn.Dropout(DROPOUT), torch.nn.Linear(task.units, 1))
    adam = torch.optim.Adam([*lstm.parameters(), *head.parameters()], lr=RATE, fused=True)
    inputs, targets = torch.from_numpy(task.inputs), torch.from_numpy(task.targets)

    def fit() -> None:
        head.train()
        for _ in range(task.epochs):
            for picks in torch.randperm(len(inputs)).split(task.batch_size):
                adam.zero_grad(set_to_none=True)
                error = head(lstm(inputs[picks])[0][:, -1]) - targets[picks]
                error.square().mean().backward()
                adam.step()

    def predict() -> np.ndarray:
        head.eval()
        with torch.no_grad():
            return task.restore(head(lstm(torch.from_numpy(task.later))[0][:, -1]).numpy())

    return fit, predict


PEERS: dict[str, Callable[[Task], tuple[Callable, Callable]]] = {
    "sklstm": prepare_sklstm,
    "Keras fit": prepare_keras,
    "Keras, jit": lambda task: prepare_keras(task, jit_compile=True),
    "Keras, no jit, 32 steps a call": lambda task: prepare_keras(
        task, jit_compile=False, steps_per_execution=32
    ),
    "Keras, jit, 32 steps a call": lambda task: prepare_keras(
        task, jit_compile=True, steps_per_execution=32
    ),
    "PyTorch": prepare_torch,
}


def measure(peer: str, task: Task) -> dict[str, float]:
    """Fit twice in this process, predict between the two."""
    fit, predict = PEERS[peer](task)
    began = time.perf_counter()
    fit()
    cold = time.perf_counter() - began
    rmse = root_mean_squared_error(task.X[N_TRAIN:, 0], predict())
    began = time.perf_counter()
    fit()
    return {
        "cold s": cold,
        "ms a step": 1e3 * (time.perf_counter() - began) / task.n_steps,
        "RMSE": rmse,
    }


def measure_elsewhere(peer: str, shape: str, arguments: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, __file__, "--peer", peer, "--shapes", shape]
    command += ["--epochs", str(arguments.epochs)]
    command += ["--csv", arguments.csv] if arguments.csv else []
    run = subprocess.run(
        command,
        env=os.environ | ONE_THREAD,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return json.loads(run.stdout.splitlines()[-1])


def find_floor(window_length: int, units: int, batch_size: int) -> float:
    """Milliseconds for the multiplications of one step: one pass forward, two back."""
    A = np.random.default_rng(0).normal(size=(1024, 1024)).astype(np.float32)
    seconds = []
    for _ in range(20):
        began = time.perf_counter()
        A @ A
        seconds.append(time.perf_counter() - began)
    rate = 2 * 1024**3 / np.median(seconds)
    return 1e3 * 3 * 2 * window_length * batch_size * (2 + units) * 4 * units / rate


def load_rows(csv: str | None) -> np.ndarray:
    if csv is None:
        from sklstm.datasets import load_stock

        return load_stock().frame[["close", "volume"]].to_numpy(float)[:N_ROWS]
    frame = pd.read_csv(csv, parse_dates=["Date"]).sort_values("Date")
    return frame[["Close", "Volume"]].to_numpy(float)[:N_ROWS]


def report(shape: str, arguments: argparse.Namespace) -> None:
    """Measure all peers on one shape, in turn, and print their medians as a table."""
    rounds = [
        {peer: measure_elsewhere(peer, shape, arguments) for peer in PEERS}
        for _ in range(arguments.repeats)
    ]
    sizes = [int(size) for size in shape.split(",")]
    X = load_rows(arguments.csv)
    last_value = root_mean_squared_error(X[N_TRAIN:, 0], X[N_TRAIN - 1 : -1, 0])
    print(f"\n(window, units, batch) = ({shape}), {arguments.epochs} epochs; ", end="")
    print(f"floor {find_floor(*sizes):.3f} ms, last value's RMSE {last_value:.3f}\n")
    print("| | cold s | / sklstm | ms a step (min, max) | / sklstm | RMSE |")
    print("|---|---|---|---|---|---|")
    for peer in PEERS:
        own = pd.DataFrame([one[peer] for one in rounds])
        ratio = (own / pd.DataFrame([one["sklstm"] for one in rounds])).median()
        step = own["ms a step"]
        print(
            f"| {peer} | {own['cold s'].median():.1f} | {ratio['cold s']:.2f} "
            f"| {step.median():.3f} ({step.min():.3f}, {step.max():.3f}) "
            f"| {ratio['ms a step']:.2f} | {own['RMSE'].median():.3f} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--csv", help="prices: a file with the columns Date, Close and Volume")
    parser.add_argument("--shapes", default=SHAPES, help="window,units,batch, with blanks between")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peer", choices=PEERS, help="measure this one, here, and print JSON")
    arguments = parser.parse_args()
    for shape in arguments.shapes.split():
        if arguments.peer:
            sizes = [int(size) for size in shape.split(",")]
            task = Task(load_rows(arguments.csv), *sizes, arguments.epochs)
            print(json.dumps(measure(arguments.peer, task)))
        else:
            report(shape, arguments)


if __name__ == "__main__":
    os.environ.update(ONE_THREAD)
    main()
