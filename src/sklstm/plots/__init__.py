"""Displays in the manner of scikit-learn's: each computes its data first, then draws them.

They need matplotlib, ``pip install "sklstm[plots]"``; importing them does not.
"""

from sklstm.plots.convergence import ConvergenceDisplay
from sklstm.plots.errors import ResidualDisplay
from sklstm.plots.forecasts import ForecastDisplay
from sklstm.plots.influence import ObjectiveDisplay, ParameterImportanceDisplay
from sklstm.plots.loss_curve import LossCurveDisplay
from sklstm.plots.splits import SplitDisplay
from sklstm.plots.window import WindowDisplay

__all__ = [
    "ConvergenceDisplay",
    "ForecastDisplay",
    "LossCurveDisplay",
    "ObjectiveDisplay",
    "ParameterImportanceDisplay",
    "ResidualDisplay",
    "SplitDisplay",
    "WindowDisplay",
]
