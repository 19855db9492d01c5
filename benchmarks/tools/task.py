"""What one fit is given: prices, and windows of them ready made for the peers."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

# Of sklstm's regressor, what makes its network and windows those of all peers.
SHARED_NETWORK = {
    "linear_start": False,
    "season_length": None,
    "n_networks": 1,
    "early_stopping": False,
    "linear_skip": False,
    "weight_decay": 0.0,
    "scaling": "center",
    "window_columns": [1],
}
N_TRAIN = 2800
RATE = 1e-3
DROPOUT = 0.2
# window,units,batch
SHAPES = ["6,171,24", "2,128,64", "14,64,32", "6,32,24", "14,200,100", "48,64,64", "168,128,128"]


@dataclass(frozen=True)
class Task:
    """A network's sizes, the rows, and the windows that LSTMRegressor cuts from them itself.

    Inputs and targets are centred on the window's last row, with one scale for each column: the
    root mean square of the training windows then, as scaling="center" has it.
    """

    window_length: int
    units: int
    batch_size: int
    X: np.ndarray  # (N_ROWS, 2): close, volume
    inputs: np.ndarray  # (n_train, window_length, 2), scaled, float32
    targets: np.ndarray  # (n_train, 1), scaled, float32
    later: np.ndarray  # (N_ROWS - N_TRAIN, window_length, 2), the windows after training, scaled
    last: np.ndarray  # (N_ROWS - N_TRAIN,), the last closing price in each of these
    scale: np.ndarray  # (2,), of each column

    def n_steps(self, epochs: int) -> int:
        return epochs * -(-len(self.inputs) // self.batch_size)

    def restore(self, predictions: np.ndarray) -> np.ndarray:
        """Bring predictions for the windows after training, (n, 1), back to dollars, (n,)."""
        return self.last + self.scale[0] * predictions[:, 0]


def make_task(X: np.ndarray, shape: str) -> Task:
    """Make the task of this shape of closing prices and volumes, (N_ROWS, 2)."""
    window_length, units, batch_size = (int(size) for size in shape.split(","))
    windows = sliding_window_view(X, window_length, axis=0)[:-1].transpose(0, 2, 1)
    last, n_train = windows[:, -1:], N_TRAIN - window_length
    changes = windows - last
    scale = np.sqrt(np.mean(changes[:n_train] ** 2, axis=(0, 1)))
    inputs = (changes / scale).astype(np.float32)
    targets = ((X[window_length:, 0] - last[:, 0, 0]) / scale[0]).astype(np.float32)
    return Task(
        window_length,
        units,
        batch_size,
        X,
        inputs[:n_train],
        targets[:n_train, None],
        inputs[n_train:],
        last[n_train:, 0, 0],
        scale,
    )
