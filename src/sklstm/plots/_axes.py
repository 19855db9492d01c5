"""The axes and colours of all displays.

matplotlib is imported inside functions, because it is an optional dependency.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

# Colours that are distinct for all kinds of colour vision: Okabe, M. and Ito, K. "Color
# universal design", 2008, https://jfly.uni-koeln.de/color/. Their yellow is too light for a line.
BLACK, ORANGE, SKY, GREEN = "#000000", "#e69f00", "#56b4e9", "#009e73"
BLUE, VERMILION, PURPLE = "#0072b2", "#d55e00", "#cc79a7"
COLOURS = [BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY]
GREY = "#999999"

FIGURE_SIZE = (6.0, 4.0)  # inches
LEAST_HEIGHT = 1.8  # inches, of each of several rows of axes


def open_axes(ax: Any) -> Any:
    """Return the axes to draw on: the given ones, or those of a new figure."""
    if ax is not None:
        return ax
    return _import_pyplot().subplots(figsize=FIGURE_SIZE, layout="constrained")[1]


def split_axes(ax: Any, n_axes: int, n_columns: int = 1) -> list[Any]:
    """Return `n_axes` axes: the given ones, or new ones in place of a single one or in a figure."""
    if ax is not None and (np.ndim(ax) > 0 or n_axes == 1):
        if np.size(ax) != n_axes:
            raise ValueError(
                f"ax has {np.size(ax)} axes. Give {n_axes} axes, or a single one to divide."
            )
        return list(np.ravel(ax))
    n_rows = math.ceil(n_axes / n_columns)
    if ax is None:
        height = max(FIGURE_SIZE[1], LEAST_HEIGHT * n_rows)
        figure = _import_pyplot().figure(figsize=(FIGURE_SIZE[0], height), layout="constrained")
        grid = figure.add_gridspec(n_rows, n_columns)
    else:
        figure = ax.figure
        grid = ax.get_subplotspec().subgridspec(n_rows, n_columns)
        ax.set_axis_off()
    return [figure.add_subplot(grid[number]) for number in range(n_axes)]


def _import_pyplot() -> Any:
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError('Displays need matplotlib: pip install "sklstm[plots]"') from error
    return pyplot


def put_legend_above(ax: Any, n_columns: int = 4, **kwargs: Any) -> None:
    """Put the legend above the axes, so that it hides nothing."""
    where = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0)}
    ax.legend(**where, ncols=n_columns, frameon=False, **kwargs)


def count_on_x(ax: Any) -> None:
    """Put ticks at whole numbers only."""
    ax.xaxis.get_major_locator().set_params(integer=True)


def scale_y(ax: Any, yscale: str) -> None:
    """Scale the vertical axis; a logarithmic one shows plain numbers, not powers of ten."""
    ax.set_yscale(yscale)
    if yscale == "log":
        from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter(StrMethodFormatter("{x:.4g}"))
        ax.yaxis.set_minor_formatter(NullFormatter())
