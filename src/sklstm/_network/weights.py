"""The network's weights: their shapes, their initial values and their order in one flat vector.

In the vector, every weight is padded to the program's size. Padded entries are zero and stay
exactly zero: their gradient is zero, and Adam does not change a weight of zero gradient.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sklstm._network.sizes import AnySizes, PaddedSizes, Sizes

# Of the forget gate, Gers et al. (2000); added inside the cell as TF 1's LSTMCell does, not kept in
# the bias.
FORGET_BIAS = 1.0


@dataclass(frozen=True)
class LayerWeights:
    """One peephole LSTM layer, with the gates in the order i, f, g, o."""

    kernel: np.ndarray  # (n_inputs, 4, units)
    recurrent_kernel: np.ndarray  # (units, 4, units)
    bias: np.ndarray  # (4, units); FORGET_BIAS comes on top of the forget gate's
    peepholes: np.ndarray  # (3, units), of i, f and o


class PathWeights(NamedTuple):
    """A hidden layer that looks at one step of the path at a time, the same for all steps.

    As in the decoder of TiDE (Das et al., "Long-term forecasting with TiDE: time-series dense
    encoder", TMLR 2023), the inputs that are known for a step are read with the encoded past.
    """

    state_kernel: np.ndarray  # (units, hidden), of the last LSTM output
    beside_kernel: np.ndarray  # (n_beside, hidden), of what is known of the step
    head: np.ndarray  # (hidden, n_outputs), each output from the hidden units of its step
    bias: np.ndarray  # (steps, hidden)


@dataclass(frozen=True)
class Weights:
    """All weights of the network; heads and `skip` add up to the scaled prediction."""

    layers: tuple[LayerWeights, ...]
    head: np.ndarray  # (units, n_outputs), from the last LSTM output
    head_bias: np.ndarray  # (n_outputs,)
    skip: np.ndarray  # (window_length, n_features, n_outputs), the linear map of the window
    path: PathWeights | None = None  # None: a single step

    def arrays(self) -> list[np.ndarray]:
        """All arrays: first those that weight decay shrinks, then biases and peepholes."""
        shrunk = [
            array for layer in self.layers for array in (layer.kernel, layer.recurrent_kernel)
        ]
        kept = [array for layer in self.layers for array in (layer.bias, layer.peepholes)]
        shrunk += [self.head, self.skip]
        kept += [self.head_bias]
        if self.path is not None:
            shrunk += self.path[:-1]
            kept += self.path[-1:]
        return [*shrunk, *kept]

    @classmethod
    def from_arrays(cls, arrays: list, has_path: bool = False) -> "Weights":
        """Undo `arrays`, for arrays of any kind (NumPy's or TensorFlow's)."""
        path = None
        if has_path:
            *arrays, bias = arrays
            n_shrunk = len(arrays) // 2 + 2
            state_kernel, beside_kernel, head = arrays[n_shrunk - 3 : n_shrunk]
            path = PathWeights(state_kernel, beside_kernel, head, bias)
            arrays = arrays[: n_shrunk - 3] + arrays[n_shrunk:]
        num_layers = (len(arrays) - 3) // 4
        *shrunk, head, skip = arrays[: 2 * num_layers + 2]
        *kept, head_bias = arrays[2 * num_layers + 2 :]
        pairs = zip(shrunk[::2], shrunk[1::2], kept[::2], kept[1::2], strict=True)
        return cls(tuple(LayerWeights(*four) for four in pairs), head, head_bias, skip, path)


def weight_shapes(sizes: AnySizes) -> list[tuple[int, ...]]:
    """The shapes of `Weights.arrays`, in their order."""
    units, n_outputs = sizes.units, sizes.n_outputs
    shrunk: list[tuple[int, ...]] = []
    for n_inputs in [sizes.n_features, *[units] * (sizes.num_layers - 1)]:
        shrunk += [(n_inputs, 4, units), (units, 4, units)]
    shrunk += [(units, n_outputs), (sizes.window_length, sizes.n_features, n_outputs)]
    kept: list[tuple[int, ...]] = [(4, units), (3, units)] * sizes.num_layers
    kept += [(n_outputs,)]
    *kernels, bias = path_shapes(sizes) or [()]
    return [*shrunk, *kernels, *kept, *([bias] if bias else [])]


def path_shapes(sizes: AnySizes) -> list[tuple[int, ...]]:
    """The shapes of `PathWeights`; no shapes with a single step."""
    if sizes.steps == 1:
        return []
    hidden, n_outputs = sizes.hidden, sizes.n_outputs
    return [
        (sizes.units, hidden), (sizes.n_beside, hidden), (hidden, n_outputs), (sizes.steps, hidden),
    ]  # fmt: skip


def from_flat(arrays: list, sizes: AnySizes) -> Weights:
    """Combine arrays with the shapes of `weight_shapes` into weights."""
    return Weights.from_arrays(arrays, has_path=sizes.steps > 1)


def zero_weights(sizes: AnySizes) -> Weights:
    """Return weights that are all zero."""
    return from_flat([np.zeros(s, dtype=np.float32) for s in weight_shapes(sizes)], sizes)


def initial_weights(sizes: Sizes, rng: np.random.Generator) -> Weights:
    """Draw initial values: Glorot uniform for the LSTM as in TF 1's `LSTMCell`, zero for the rest.

    The hidden layer of a path is drawn in the same way. With heads and skip of zero, the first
    forecast is the scaling's centre. If windows are centred on their last row, that is "repeat the
    last value", so training starts from the forecast that it has to beat.
    """
    weights = zero_weights(sizes)
    for layer in weights.layers:
        n_inputs, _, units = layer.kernel.shape
        limit = np.sqrt(6.0 / (n_inputs + units + 4 * units))
        layer.kernel[:] = rng.uniform(-limit, limit, layer.kernel.shape)
        layer.recurrent_kernel[:] = rng.uniform(-limit, limit, layer.recurrent_kernel.shape)
    if weights.path is not None:
        state_kernel, beside_kernel, _, _ = weights.path
        limit = np.sqrt(6.0 / (sizes.units + sizes.n_beside + sizes.hidden))
        for kernel in (state_kernel, beside_kernel):
            kernel[:] = rng.uniform(-limit, limit, kernel.shape)
    return weights


def pad_to(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Widen an array with zeros at the end of each axis."""
    wide = np.zeros(shape, dtype=array.dtype)
    wide[tuple(slice(n) for n in array.shape)] = array
    return wide


def flatten(weights: Weights, padded: PaddedSizes) -> np.ndarray:
    """Convert the weights to the program's flat float32 vector, padded with zeros."""
    shapes = weight_shapes(padded)
    wide = [pad_to(array, shape) for array, shape in zip(weights.arrays(), shapes, strict=True)]
    return np.concatenate([array.ravel() for array in wide])


def unflatten(flat: np.ndarray, padded: PaddedSizes, sizes: Sizes) -> Weights:
    """Extract the weights from the program's flat vector, as copies without the padding."""
    arrays, start = [], 0
    for wide, shape in zip(weight_shapes(padded), weight_shapes(sizes), strict=True):
        block = flat[start : start + int(np.prod(wide))].reshape(wide)
        arrays.append(block[tuple(slice(n) for n in shape)].copy())
        start += block.size
    return from_flat(arrays, sizes)
