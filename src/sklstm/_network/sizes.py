"""The sizes that programs are compiled for: a network runs in the next larger one.

XLA compiles for fixed shapes, so few sizes serve all networks, and nearly all are padded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

# Beyond the last one, in steps of a quarter of it. The benchmarks measure what this padding costs.
WINDOW_LENGTHS = (16, 32, 48, 64, 96, 128, 168)
WIDTHS = (1, 2, 4, 8, 16, 32, 64)  # of rows, in and out
BATCH_SIZES = (100, 136, 256)
STEPS = (1, 2, 4, 6, 8, 12, 18, 24, 32, 48)  # of a path
# By units: how many windows of a batch are computed together. Small networks leave the vector units
# idle unless there are many windows; a small micro-batch wastes little on a batch that it does not
# divide. The widest networks have two sizes, one for small batches and one for large ones.
MICRO_BATCH_SIZES = {
    32: (32,),
    64: (32,),
    96: (8,),
    128: (8,),
    152: (8,),
    176: (8, 24),
    200: (8, 34),
    256: (8, 34),
}


@dataclass(frozen=True)
class AnySizes:
    """The sizes that determine the shape of every weight of a network, padded or not."""

    window_length: int
    n_features: int
    units: int
    n_outputs: int  # of all steps together
    num_layers: int = 1
    steps: int = 1  # with more than one, there is a path head in addition to the head
    n_beside: int = 0  # numbers that the path head reads for each step

    @property
    def hidden(self) -> int:
        """The number of hidden units of the path head."""
        return max(1, self.units // 2)


class Sizes(AnySizes):
    """The true sizes of a network."""


class PaddedSizes(AnySizes):
    """The sizes of a program: the network's own weights and zeros fill them."""


def pad_up(size: int, sizes: Sequence[int]) -> int:
    """Return the smallest of the sizes that is not below `size`."""
    step = -(-sizes[-1] // 4)
    return next((wide for wide in sizes if wide >= size), -(-size // step) * step)


def pad_sizes(sizes: Sizes) -> PaddedSizes:
    """Return the sizes of the program in which such a network runs."""
    n_outputs, steps, n_beside = pad_up(sizes.n_outputs, WIDTHS), 1, 0
    if sizes.steps > 1:  # whole steps are added, so that each step's outputs stay adjacent
        steps, n_beside = pad_up(sizes.steps, STEPS), pad_up(sizes.n_beside, WIDTHS)
        n_outputs = sizes.n_outputs // sizes.steps * steps
    return PaddedSizes(
        pad_up(sizes.window_length, WINDOW_LENGTHS),
        pad_up(sizes.n_features, WIDTHS),
        pad_up(sizes.units, tuple(MICRO_BATCH_SIZES)),
        n_outputs,
        sizes.num_layers,
        steps,
        n_beside,
    )


def choose_micro_batch_size(batch_size: int, units: int) -> int:
    """Choose how many windows of a batch a program of these units computes together."""
    micro_batch_sizes = MICRO_BATCH_SIZES.get(units, MICRO_BATCH_SIZES[max(MICRO_BATCH_SIZES)])
    # A micro-batch costs as much as a window more than it holds.
    return min(
        micro_batch_sizes, key=lambda size: count_micro_batches(batch_size, size) * (size + 1)
    )


def count_micro_batches(batch_size: int, micro_batch_size: int) -> int:
    """Return the number of micro-batches in a batch."""
    return -(-batch_size // micro_batch_size)
