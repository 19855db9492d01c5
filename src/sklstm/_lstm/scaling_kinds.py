"""Which kind of scaling suits a series, told by how it moves."""

import numpy as np

from sklstm._closed_form.unit_root import returns_to_level

N_BLOCKS = 10
CALM_TO_WILD = 2.0  # of the same spread throughout, ten blocks of 50 changes differ by 1.5 at most


def choose_kind(series):
    """Choose the scaling for a target's column (n_rows,) by two looks at its training rows.

    A series that returns to its level (Dickey & Fuller's test rejects a unit root at 1 %) keeps
    that level as information: "standard". One that wanders is centred by the window: with one scale
    ("center") while its changes are of one size, else divided by the window's deviation too
    ("window").
    """
    if returns_to_level(series):
        return "standard"
    rounding = np.finfo(np.float64).eps * np.abs(series).max()
    return "window" if _changes_vary(np.diff(series), rounding) else "center"


def _changes_vary(change, rounding):
    """Whether the changes of some tenth of the rows are much larger than those of another.

    Differences as small as rounding are none: the changes of a line differ by it alone.
    """
    if len(change) < 3 * N_BLOCKS:
        return False
    sizes = np.array([block.std() for block in np.array_split(change, N_BLOCKS)])
    return bool(sizes.max() > CALM_TO_WILD * max(sizes.min(), rounding))
