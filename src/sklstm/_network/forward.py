"""The forward pass in NumPy, which computes every prediction without TensorFlow.

A prediction must not depend on other predictions of the same call. But linear algebra libraries add
up in an order that changes with the size of a product, with the position of a row and with the
number of threads. Therefore sums are never rounded: weights and inputs are first rounded to whole
numbers that are small enough for float64 to represent every sum of their products exactly. This
rounding loses no more than sums of float32 do.

The letters are those of Gers, Schraudolph & Schmidhuber, "Learning precise timing with LSTM
recurrent networks", 2002. n: predictions made together, u: units, m: inputs of a layer.

    x   (m, n)    what the layer reads of a row
    h   (u, n)    the layer's output
    c   (u, n)    the cell state
    z   (4u, n)   the inputs of the gates i, f, g, o
    p   (u, 1)    the peepholes of i, f and o
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sklstm._network.weights import FORGET_BIAS, LayerWeights, PathWeights, Weights

SUM_BITS = 52  # float64 holds whole numbers up to 2^53; rounding may add a little to a sum
UNIT = 2.0**-23  # the value of the whole number 1 in h: the spacing of float32 close to 1
# Next to a larger input, h is rounded more coarsely, as in a sum of float32.
LARGEST_INPUT = 8.0
MOST_GATES = 2**17  # numbers in z: 1 MB of float64, within most caches
MOST_PREDICTIONS = 512


@dataclass(frozen=True)
class Matrix:
    """A matrix of whole numbers."""

    whole: np.ndarray  # (n_outputs, n_inputs), float64
    unit: float  # the value of the number 1, a power of 2


@dataclass(frozen=True)
class Layer:
    """The weights of a layer. Those of sigmoids are halved, so that one tanh serves three gates.

    sigmoid(z) = (1 + tanh(z / 2)) / 2
    """

    matrix: Matrix  # (4u, u + m + 1), of [h, x, 1]
    p_i: np.ndarray
    p_f: np.ndarray
    p_o: np.ndarray


@dataclass(frozen=True)
class Step:
    """The path head of one step."""

    hidden: Matrix  # (hidden, u + n_beside + 1), of [h, beside, 1]
    head: Matrix  # (n_outputs of the step, hidden + 1), of [hidden units, 1]


@dataclass(frozen=True)
class Network:
    """Weights that are laid out for predictions."""

    layers: Sequence[Layer]
    head: Matrix  # (n_outputs, u + window_length * n_features + 1), of [h, window, 1]
    path: Sequence[Step] = ()

    def predict(self, windows: np.ndarray, beside: np.ndarray | None = None) -> np.ndarray:
        """Predict from scaled windows (n, window_length, n_features); (n, n_outputs), float64.

        beside: (n, steps, n_beside), what the path head reads, if there is one.
        """
        n_gates = max(len(layer.matrix.whole) for layer in self.layers)
        size = min(MOST_PREDICTIONS, MOST_GATES // n_gates + 1)
        predictions = np.empty((len(windows), len(self.head.whole)))
        with np.errstate(over="ignore", invalid="ignore"):  # it shows in the predictions
            for first in range(0, len(windows), size):
                some = slice(first, first + size)
                prediction = self._predict(windows[some], None if beside is None else beside[some])
                predictions[some] = prediction.T
        return predictions

    def _predict(self, windows: np.ndarray, beside: np.ndarray | None) -> np.ndarray:
        n = len(windows)
        xs = np.ascontiguousarray(windows.transpose(1, 2, 0))  # (window_length, m, n)
        unit = find_unit(xs.reshape(-1, n))
        h = run_layers(self.layers, xs, unit)
        prediction = multiply(self.head, [h, xs.reshape(-1, n), np.ones((1, n))], unit)
        if beside is not None:
            prediction += self._predict_path(h, np.ascontiguousarray(beside.transpose(1, 2, 0)))
        return prediction

    def _predict_path(self, h: np.ndarray, beside: np.ndarray) -> np.ndarray:
        """Compute the part of the path head, (n_outputs, n); beside: (steps, n_beside, n)."""
        n = h.shape[1]
        one, predictions = np.ones((1, n)), []
        for step, read in zip(self.path, beside, strict=True):
            unit = find_unit(read)  # of this step alone: not even rounding depends on another one
            u = np.tanh(multiply(step.hidden, [h, read, one], unit).astype(np.float32))
            predictions.append(multiply(step.head, [u, one], np.full(n, UNIT)))
        return np.concatenate(predictions)


def find_unit(inputs: np.ndarray) -> np.ndarray:
    """Find the value of the whole number 1 in inputs (n_inputs, n) and next to them, (n,)."""
    largest = np.abs(inputs).max(axis=0, initial=0.0)
    return UNIT * np.maximum(1.0, next_power_of_2(largest / LARGEST_INPUT))


def multiply(matrix: Matrix, inputs: list[np.ndarray], unit: np.ndarray) -> np.ndarray:
    """Multiply a matrix by stacked inputs, (n_inputs, n), rounded to this unit."""
    return matrix.whole @ np.rint(np.concatenate(inputs) / unit) * (unit * matrix.unit)


def lay_out_network(weights: Weights, *, peephole: bool, linear_skip: bool) -> Network:
    """Lay the weights out for predictions."""
    skip = weights.skip.reshape(-1, len(weights.head_bias)) * np.float32(linear_skip)
    head = np.concatenate([weights.head, skip, weights.head_bias[None]]).T
    layers = [_lay_out_layer(layer, peephole) for layer in weights.layers]
    path = [] if weights.path is None else _lay_out_path(weights.path)
    return Network(layers, round_matrix(head, n_units=len(weights.head)), path)


def _lay_out_path(path: PathWeights) -> list[Step]:
    units, hidden = path.state_kernel.shape
    kernel = np.concatenate([path.state_kernel, path.beside_kernel])
    heads = path.head.reshape(hidden, len(path.bias), -1)
    none = np.zeros((1, heads.shape[2]), np.float32)
    return [
        Step(
            round_matrix(np.concatenate([kernel, bias[None]]).T, units),
            round_matrix(np.concatenate([heads[:, step], none]).T, hidden),
        )
        for step, bias in enumerate(path.bias)
    ]


def _lay_out_layer(weights: LayerWeights, peephole: bool) -> Layer:
    bias = weights.bias.copy()
    bias[1] += FORGET_BIAS
    rows = np.concatenate([weights.recurrent_kernel, weights.kernel, bias[None]])  # (., 4, u)
    rows *= np.array([0.5, 0.5, 1.0, 0.5], np.float32)[:, None]
    matrix = rows.reshape(len(rows), -1).T
    p_i, p_f, p_o = weights.peepholes[:, :, None] * np.float32(0.5 * peephole)
    return Layer(round_matrix(matrix, n_units=len(p_o)), p_i, p_f, p_o)


def round_matrix(matrix: np.ndarray, n_units: int) -> Matrix:
    """Round a matrix of [h, x, 1], so that no sum of its products is larger than 2^52."""
    n_inputs = matrix.shape[1] - n_units - 1
    largest_inputs = np.repeat([1.0, LARGEST_INPUT, 1.0], [n_units, n_inputs, 1])
    matrix = matrix.astype(np.float64)
    largest_sum = (np.abs(matrix) @ largest_inputs).max()
    unit = float(next_power_of_2(largest_sum) / UNIT * 2.0**-SUM_BITS)
    return Matrix(np.rint(matrix / unit), unit)


def next_power_of_2(size: np.ndarray) -> np.ndarray:
    """Return the next power of 2 above each number, at least float32's smallest normal number."""
    return np.ldexp(1.0, np.frexp(np.maximum(size, np.finfo(np.float32).tiny))[1])


def run_layers(layers: Sequence[Layer], xs: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Run all layers over the rows of windows; return the last h of the top one.

    xs: (window_length, m, n); unit: (n,), the value of the whole number 1 in inputs.
    """
    cells: list[Cell] = []
    for layer in layers:
        if cells:  # it reads an h, which is below 1
            unit = np.full_like(unit, UNIT)
        cells.append(Cell(layer, unit))
    for x in xs:
        for cell in cells:
            x = cell.step(x)
    return x


class Cell:
    """The state of a layer within the windows, which each row overwrites."""

    def __init__(self, layer: Layer, unit: np.ndarray) -> None:
        u, n = len(layer.p_o), len(unit)
        self.layer = layer
        self.per_unit = (1 / unit).astype(np.float32)
        self.unit = unit * layer.matrix.unit  # of a product
        self.read = np.zeros((layer.matrix.whole.shape[1], n))  # [h, x, 1] in whole numbers
        self.read[-1] = np.rint(1 / unit)
        self.h, self.c, self.product = (np.zeros((u, n), np.float32) for _ in range(3))
        self.sums = np.empty((4 * u, n))
        self.z = np.empty((4 * u, n), np.float32)
        self.is_first = True

    def step(self, x: np.ndarray) -> np.ndarray:
        """Read the next row; return the new h, which the step after it writes over."""
        u, layer, z, c, h, product = len(self.h), self.layer, self.z, self.c, self.h, self.product
        i, f, g, o = z.reshape(4, *c.shape)
        np.rint(x * self.per_unit, out=self.read[u:-1])
        begin = u if self.is_first else 0  # before the first row h is zero, and so is c
        np.matmul(layer.matrix.whole[:, begin:], self.read[begin:], out=self.sums)
        np.multiply(self.sums, self.unit, out=z, casting="same_kind")
        if not self.is_first:
            i += np.multiply(layer.p_i, c, out=product)
            f += np.multiply(layer.p_f, c, out=product)
        np.tanh(z[: 3 * u], out=z[: 3 * u])
        # i and f now are tanh(z / 2): c = (1 + f) / 2 * c + (1 + i) / 2 * g.
        c *= np.add(f, 1, out=f)
        c += np.multiply(np.add(i, 1, out=i), g, out=g)
        c *= 0.5
        o += np.multiply(layer.p_o, c, out=product)  # the output gate alone sees the new state
        np.tanh(o, out=o)
        np.multiply(np.add(o, 1, out=o), np.tanh(c, out=product), out=h)
        h *= 0.5
        np.rint(np.multiply(h, self.per_unit, out=product), out=self.read[:u])
        self.is_first = False
        return h
