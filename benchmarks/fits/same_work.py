"""Do the peers of speed.py do the same work? Their loss curves from the same start.

    python -m benchmarks.fits.same_work                # the embedded prices, all shapes
    python -m benchmarks.fits.same_work --csv AIG.csv

What they do not share is switched off: peepholes, weight decay and the linear skip of sklstm, one
of PyTorch's two biases, and dropout, because its random numbers differ. All start from the same
weights, read the windows in the same order in each epoch and use the same epsilon in Adam. The
script fails if a loss differs by more than the tolerance.

Time: about five minutes, half of it PyTorch at a window of 168 rows; estimated from the steps of
docs/performance.md.
Figures: docs/performance.md, "One fit".
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.tools.arguments import add_csv, make_parser
from benchmarks.tools.peers import keras_network, make_regressor
from benchmarks.tools.processes import call_elsewhere
from benchmarks.tools.series import load_rows
from benchmarks.tools.tables import write_table
from benchmarks.tools.task import N_TRAIN, RATE, SHAPES, Task, make_task

TOLERANCE = 1e-5  # of sklstm's loss; another start or order changes it by 4e-4 or more
EPSILON = 1e-8  # Keras' default is 1e-7
BETA_2 = 0.999


@dataclass(frozen=True)
class Start:
    """Where all stand before the first step, and the order in which they read the windows.

    The gates stand in the order i, f, g, o, which is also Keras' and PyTorch's.
    """

    kernel: np.ndarray  # (2, 4 units)
    recurrent_kernel: np.ndarray  # (units, 4 units)
    bias: np.ndarray  # (4 units,), with the forget gate's 1
    head: np.ndarray  # (units, 1)
    head_bias: np.ndarray  # (1,)
    orders: np.ndarray  # (epochs, n_windows)


def train_sklstm(task: Task, epochs: int) -> tuple[list[float], Start]:
    regressor = make_regressor(task, epochs=epochs, peephole=False, dropout=0.0)
    regressor.fit(task.X[:N_TRAIN], task.X[:N_TRAIN, 0])
    scales = regressor._forecaster.preprocessing.scaling.columns.scale
    np.testing.assert_allclose(scales, task.scale, rtol=1e-6)
    return regressor.loss_curve_, find_start(
        task, epochs, regressor._forecaster.members[0].settings.seed
    )


def find_start(task: Task, epochs: int, seed: int) -> Start:
    from sklstm._lstm.trained import start
    from sklstm._network.sizes import Sizes

    weights = start(Sizes(task.window_length, 2, task.units, n_outputs=1), seed).weights
    (layer,) = weights.layers
    bias = layer.bias.copy()
    bias[1] += 1.0
    n = len(task.inputs)
    return Start(
        layer.kernel.reshape(2, -1),
        layer.recurrent_kernel.reshape(task.units, -1),
        bias.ravel(),
        weights.head,
        weights.head_bias,
        np.array([np.random.default_rng([seed, epoch]).permutation(n) for epoch in range(epochs)]),
    )


def train_keras(task: Task, start: Start) -> list[float]:
    import keras

    model = keras_network(task.window_length, task.units)
    model.set_weights(
        [start.kernel, start.recurrent_kernel, start.bias, start.head, start.head_bias]
    )
    model.compile(keras.optimizers.Adam(RATE, epsilon=EPSILON), "mse")
    return [
        model.fit(
            task.inputs[order],
            task.targets[order],
            batch_size=task.batch_size,
            shuffle=False,
            verbose=0,
        ).history["loss"][0]
        for order in start.orders
    ]


def train_torch(task: Task, start: Start) -> list[float]:
    import torch

    def copy(weights: np.ndarray) -> torch.nn.Parameter:
        return torch.nn.Parameter(torch.tensor(weights))

    lstm, head = torch.nn.LSTM(2, task.units, batch_first=True), torch.nn.Linear(task.units, 1)
    lstm.weight_ih_l0, lstm.weight_hh_l0 = copy(start.kernel.T), copy(start.recurrent_kernel.T)
    lstm.bias_ih_l0, lstm.bias_hh_l0 = copy(start.bias), copy(np.zeros_like(start.bias))
    head.weight, head.bias = copy(start.head.T), copy(start.head_bias)
    weights = [lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0, *head.parameters()]
    adam, n_steps = torch.optim.Adam(weights, RATE, betas=(0.9, BETA_2)), 0
    inputs, targets = torch.from_numpy(task.inputs), torch.from_numpy(task.targets)
    losses = []
    for order in torch.from_numpy(start.orders):
        total = 0.0
        for some in order.split(task.batch_size):
            n_steps += 1
            # PyTorch adds epsilon to the corrected root of the variance, all others to the root.
            adam.param_groups[0]["eps"] = EPSILON / np.sqrt(1 - BETA_2**n_steps)
            adam.zero_grad()
            loss = (head(lstm(inputs[some])[0][:, -1]) - targets[some]).square().mean()
            loss.backward()
            adam.step()
            total += len(some) * loss.item()
        losses.append(total / len(order))
    return losses


def main() -> None:
    parser = make_parser(__doc__)
    add_csv(parser)
    parser.add_argument("--shapes", nargs="+", default=SHAPES, help="window,units,batch")
    parser.add_argument("--epochs", type=int, default=5)
    arguments = parser.parse_args()
    X, cells, worst = load_rows(arguments.csv), [], 0.0
    for shape in arguments.shapes:
        task = make_task(X, shape)
        own, start = call_elsewhere(train_sklstm, task, arguments.epochs)
        curves = [call_elsewhere(train, task, start) for train in (train_keras, train_torch)]
        difference = np.abs(np.array(curves) / own - 1).max(axis=1)
        worst = max(worst, *difference)
        for epoch, losses in enumerate(zip(own, *curves, strict=True)):
            cells.append([f"({shape})", str(epoch + 1), *(f"{loss:.6f}" for loss in losses)])
        cells.append([f"({shape})", "difference", "", *(f"{value:.1e}" for value in difference)])
    print(write_table(["shape", "epoch", "sklstm", "Keras", "PyTorch"], cells))
    assert worst <= TOLERANCE, f"A loss differs by {worst:.1e} of sklstm's."


if __name__ == "__main__":
    main()
