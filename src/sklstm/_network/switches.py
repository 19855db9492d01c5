"""The settings that are inputs of a program, so that changing one of them compiles nothing."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sklstm._network.sizes import Sizes, pad_sizes

HUBER_DELTA = 1.0  # in scaled units
LEAST_CLIPNORM = float(np.finfo(np.float32).tiny)  # less is 0 to XLA, and 0 / 0 of a gradient of 0


class Switches(NamedTuple):
    """The settings, which are numbers outside a program and tensors inside it."""

    window_length: int  # the true one
    output_share: np.ndarray  # (n_outputs,), 1 / true n_outputs, 0 where padded
    peephole: float  # 1 or 0
    linear_skip: float  # 1 or 0
    kept_share: float  # 1 - dropout
    clipnorm: float  # inf: no clipping
    quantile: np.ndarray  # (n_outputs,), that each output forecasts, with the quantile loss


def share_loss(learns: np.ndarray | bool, sizes: Sizes) -> np.ndarray:
    """Share the loss equally among the outputs, (padded n_outputs,).

    `learns` is False for an output whose loss does not count.
    """
    share = np.zeros(pad_sizes(sizes).n_outputs, dtype=np.float32)
    share[: sizes.n_outputs] = np.multiply(learns, 1.0 / sizes.n_outputs)
    return share


def list_quantiles(quantiles: Sequence[float], sizes: Sizes) -> np.ndarray:
    """List the quantile of each output, (padded n_outputs,): those of a target are adjacent."""
    return np.resize(np.array(quantiles, dtype=np.float32), pad_sizes(sizes).n_outputs)


def limit_norm(clipnorm: float | None) -> float:
    """Return the norm to which gradients are clipped: infinity for None, and never zero."""
    return float(max(np.inf if clipnorm is None else clipnorm, LEAST_CLIPNORM))
