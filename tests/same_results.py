"""What two searches that are the same have in common: all of cv_results_ but the times."""

import numpy as np


def without_times(results):
    """The columns as texts: `repr` tells every bit of a float, and of NaN that it is one."""
    return {name: spell(results[name]) for name in results if not name.endswith("_time")}


def spell(column):
    if isinstance(column, list):
        return repr(column)
    return repr([column.dtype, np.ma.getmaskarray(column).tolist(), column.tolist()])
