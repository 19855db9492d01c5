"""The network's weights: their shapes, their start values, their place in one flat vector.

The compiled program knows few sizes only, so every weight is held padded up to the program's size.
Padded entries are zero and stay exactly zero: their gradient is zero, and Adam does not move at
zero gradient.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np

# The sizes that programs are compiled for; beyond the last one, in steps of a quarter of it. The
# benchmarks tell what this padding costs.
WINDOW_LENGTHS = (16, 32, 48, 64, 96, 128, 168)
WIDTHS = (1, 2, 4, 8, 16, 32, 64)  # of rows, in and out
BATCH_SIZES = (100, 136, 256)
# By units: how many windows of a batch are worked off side by side. Small networks leave the vector
# units idle unless it is many; a small tile wastes little on a batch that it does not divide. The
# two widest serve both small batches and large ones.
TILE_SIZES = {
    32: (32,),
    64: (32,),
    96: (8,),
    128: (8,),
    152: (8,),
    176: (8, 24),
    200: (8, 34),
    256: (8, 34),
}
PREDICTION_UNITS = (32, 64, 200)  # fewer, because a prediction is a small part of a fit
# Of the forget gate, Gers et al. (2000); added inside the cell as TF 1's LSTMCell does, not kept in
# the bias.
FORGET_BIAS = 1.0


@dataclass(frozen=True)
class Sizes:
    """What fixes the shape of every weight of a network."""

    window_length: int
    n_features: int
    units: int
    n_outputs: int
    num_layers: int = 1


def pad_up(size: int, sizes: Sequence[int]) -> int:
    """The smallest of the sizes that holds `size`."""
    step = -(-sizes[-1] // 4)
    return next((wide for wide in sizes if wide >= size), -(-size // step) * step)


def pad_sizes(sizes: Sizes, units: Sequence[int] = tuple(TILE_SIZES)) -> Sizes:
    """The sizes of the program that such a network runs in; `units` are its widths."""
    return Sizes(
        pad_up(sizes.window_length, WINDOW_LENGTHS),
        pad_up(sizes.n_features, WIDTHS),
        pad_up(sizes.units, units),
        pad_up(sizes.n_outputs, WIDTHS),
        sizes.num_layers,
    )


def choose_tile_size(batch_size: int, units: int) -> int:
    """Choose how many windows of a batch a program of these units works off side by side."""
    tile_sizes = TILE_SIZES.get(units, TILE_SIZES[max(TILE_SIZES)])
    # A tile costs as much as a window more than it holds.
    return min(tile_sizes, key=lambda size: count_tiles(batch_size, size) * (size + 1))


def count_tiles(batch_size: int, tile_size: int) -> int:
    """How many tiles hold a batch."""
    return -(-batch_size // tile_size)


@dataclass(frozen=True)
class LayerWeights:
    """One peephole LSTM layer; the gates stand in the order i, f, g, o."""

    kernel: np.ndarray  # (n_inputs, 4, units)
    recurrent_kernel: np.ndarray  # (units, 4, units)
    bias: np.ndarray  # (4, units); FORGET_BIAS comes on top of the forget gate's
    peepholes: np.ndarray  # (3, units), of i, f and o


@dataclass(frozen=True)
class Weights:
    """All weights of the network; `head` and `skip` add up to the scaled prediction."""

    layers: tuple[LayerWeights, ...]
    head: np.ndarray  # (units, n_outputs), from the last LSTM output
    head_bias: np.ndarray  # (n_outputs,)
    skip: np.ndarray  # (window_length, n_features, n_outputs), the linear map of the window

    def arrays(self) -> list[np.ndarray]:
        """Every array once: first all that weight decay shrinks, then biases and peepholes."""
        shrunk = [
            array for layer in self.layers for array in (layer.kernel, layer.recurrent_kernel)
        ]
        kept = [array for layer in self.layers for array in (layer.bias, layer.peepholes)]
        return [*shrunk, self.head, self.skip, *kept, self.head_bias]

    @classmethod
    def from_arrays(cls, arrays: list) -> "Weights":
        """Undo `arrays`, for arrays of any kind (NumPy's or TensorFlow's)."""
        num_layers = (len(arrays) - 3) // 4
        *shrunk, head, skip = arrays[: 2 * num_layers + 2]
        *kept, head_bias = arrays[2 * num_layers + 2 :]
        pairs = zip(shrunk[::2], shrunk[1::2], kept[::2], kept[1::2], strict=True)
        return cls(tuple(LayerWeights(*four) for four in pairs), head, head_bias, skip)


def weight_shapes(sizes: Sizes) -> list[tuple[int, ...]]:
    """The shapes of `Weights.arrays`, in their order."""
    window_length, n_features, units, n_outputs, num_layers = astuple(sizes)
    shrunk: list[tuple[int, ...]] = []
    for n_inputs in [n_features, *[units] * (num_layers - 1)]:
        shrunk += [(n_inputs, 4, units), (units, 4, units)]
    kept = [(4, units), (3, units)] * num_layers
    return [
        *shrunk,
        (units, n_outputs),
        (window_length, n_features, n_outputs),
        *kept,
        (n_outputs,),
    ]


def zero_weights(sizes: Sizes) -> Weights:
    """Weights that are all zero."""
    return Weights.from_arrays([np.zeros(s, dtype=np.float32) for s in weight_shapes(sizes)])


def initial_weights(sizes: Sizes, rng: np.random.Generator) -> Weights:
    """Draw start values: Glorot uniform for the LSTM as in TF 1's `LSTMCell`, zero for the rest.

    A head and a skip of zero start the fit at the scaling's own centre: with windows centred on
    their last row, that is "repeat the last value", so training starts from the forecast it has to
    beat.
    """
    weights = zero_weights(sizes)
    for layer in weights.layers:
        n_inputs, _, units = layer.kernel.shape
        limit = np.sqrt(6.0 / (n_inputs + units + 4 * units))
        layer.kernel[:] = rng.uniform(-limit, limit, layer.kernel.shape)
        layer.recurrent_kernel[:] = rng.uniform(-limit, limit, layer.recurrent_kernel.shape)
    return weights


def pad_to(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Widen an array with zeros behind each axis."""
    wide = np.zeros(shape, dtype=array.dtype)
    wide[tuple(slice(n) for n in array.shape)] = array
    return wide


def flatten(weights: Weights, padded: Sizes) -> np.ndarray:
    """Lay the weights out as the program's flat float32 vector, zeros where it is wider."""
    shapes = weight_shapes(padded)
    wide = [pad_to(array, shape) for array, shape in zip(weights.arrays(), shapes, strict=True)]
    return np.concatenate([array.ravel() for array in wide])


def unflatten(flat: np.ndarray, padded: Sizes, sizes: Sizes) -> Weights:
    """Take the weights out of the program's flat vector again, as copies without the padding."""
    arrays, start = [], 0
    for wide, shape in zip(weight_shapes(padded), weight_shapes(sizes), strict=True):
        block = flat[start : start + int(np.prod(wide))].reshape(wide)
        arrays.append(block[tuple(slice(n) for n in shape)].copy())
        start += block.size
    return Weights.from_arrays(arrays)
