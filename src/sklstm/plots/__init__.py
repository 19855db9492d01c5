"""Displays like those of scikit-learn: each computes its data first and then draws them.

Drawing needs matplotlib: ``pip install "sklstm[plots]"``. Importing this module does not need it.
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
