"""Displays in the manner of scikit-learn's: each computes its data first, then draws them.

They need matplotlib, ``pip install "sklstm[plots]"``; importing them does not.
"""

from sklstm.plots._convergence import ConvergenceDisplay
from sklstm.plots._errors import ResidualDisplay
from sklstm.plots._forecasts import ForecastDisplay
from sklstm.plots._found_seasons import SeasonDisplay
from sklstm.plots._influence import ObjectiveDisplay, ParameterImportanceDisplay
from sklstm.plots._loss_curve import LossCurveDisplay
from sklstm.plots._splits import SplitDisplay
from sklstm.plots._window import WindowDisplay

__all__ = [
    "ConvergenceDisplay",
    "ForecastDisplay",
    "LossCurveDisplay",
    "ObjectiveDisplay",
    "ParameterImportanceDisplay",
    "ResidualDisplay",
    "SeasonDisplay",
    "SplitDisplay",
    "WindowDisplay",
]
