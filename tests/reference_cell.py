"""What TF 1's peephole cell gives: the vectors of data/peephole_reference.npz, in our order."""

from pathlib import Path

import numpy as np

REFERENCE = np.load(Path(__file__).parent / "data" / "peephole_reference.npz")


def reorder_gates(array):
    """From TF 1's order of gates (input, candidate, forget, output) to ours (i, f, g, o)."""
    i, candidate, f, o = np.split(array, 4, axis=-1)
    return np.concatenate([i, f, candidate, o], axis=-1)


def read_weights(case, prefix=""):
    """A case's kernels of inputs and state, bias and peepholes, or their gradients."""
    n_inputs = REFERENCE[f"{case}_x"].shape[-1]
    kernel, bias = (
        reorder_gates(REFERENCE[f"{case}_{prefix}{name}"]) for name in ("kernel", "bias")
    )
    peepholes = [REFERENCE[f"{case}_{prefix}w_{gate}_diag"] for gate in "ifo"]
    return [kernel[:n_inputs], kernel[n_inputs:], bias, np.stack(peepholes)]
