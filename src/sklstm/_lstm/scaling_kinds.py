"""The choice of the scaling, from the way a series moves."""

import numpy as np

from sklstm._closed_form.unit_root import returns_to_level

N_BLOCKS = 10
CALM_TO_WILD = 2.0  # of the same spread throughout, ten blocks of 50 changes differ by 1.5 at most


def choose_kind(series):
    """Choose the scaling for a target's column (n_rows,) from two tests of its training rows.

    If the series returns to its level (Dickey & Fuller's test rejects a unit root at 1 %), the
    level is information and is kept: "standard". A series that wanders is centred by the window. It
    has one scale if the size of its changes is constant ("center"), and is also divided by the
    window's deviation otherwise ("window").
    """
    if returns_to_level(series):
        return "standard"
    rounding = np.finfo(np.float64).eps * np.abs(series).max()
    return "window" if _changes_vary(np.diff(series), rounding) else "center"


def _changes_vary(change, rounding):
    """Tell whether changes in one tenth of the rows are much larger than in another.

    Differences of the size of rounding errors are ignored: the changes of a line have only these.
    """
    if len(change) < 3 * N_BLOCKS:
        return False
    sizes = np.array([block.std() for block in np.array_split(change, N_BLOCKS)])
    return bool(sizes.max() > CALM_TO_WILD * max(sizes.min(), rounding))
