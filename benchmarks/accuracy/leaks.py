"""Whether forecasts read rows that they must not read."""

from dataclasses import replace

import numpy as np

from benchmarks.accuracy.held_out import HeldOut, Predict


def check_reading(predict: Predict, series: HeldOut) -> dict:
    """Compare the forecasts with those of the same series whose later rows are others.

    All values from the middle of the held-out rows on are replaced. The forecasts up to the first
    row that was replaced must not change, and some of the later ones must. The first axis of the
    forecasts holds the row that each starts at.
    """
    n_before = len(series.truth) // 2
    X = series.X.copy()
    X.loc[X.index[series.first + n_before :], "y"] = X["y"].mean() + 0.5 * X["y"].std()
    same = np.isclose(predict(series), predict(replace(series, X=X)), rtol=1e-4)
    return {
        "reads no later row": bool(same[: n_before + 1].all()),
        "reads rows before": not same[n_before + 1 :].all(),
    }
