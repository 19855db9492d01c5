"""Draws errors of other libraries over those of LSTMRegressor, series by series.

``PYTHONPATH=. python docs/draw_peers.py LOG`` draws peers.svg from the log of the two benchmarks
`seventeen` and `peers`. With ``--paths`` it draws path_peers.svg from that of `paths` and
`path_peers`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure

from benchmarks.accuracy.libraries import PEERS
from benchmarks.accuracy.log_tables import tabulate
from benchmarks.accuracy.path_peers import PEERS as PATH_PEERS
from benchmarks.accuracy.peers import SETTING
from benchmarks.tools.runs import Runs

FOLDER = Path(__file__).parent
OURS = "default"  # the name in the log
ENDS = 0.8, 2.0  # ratios beyond have the colour of these
STYLE = {
    "font.size": 11,
    "svg.fonttype": "none",
    "svg.hashsalt": "peers",
    "font.family": "sans-serif",
}


def read_ratios(log: Path) -> pd.DataFrame:
    """Read the errors over ours: a row for each series, a column for each peer."""
    return _divide_by_ours(tabulate(Runs(log).select(asdict(SETTING)), "rmse"), PEERS)


def read_ratios_of_paths(log: Path) -> pd.DataFrame:
    """Read the errors of paths over ours."""
    return _divide_by_ours(tabulate(Runs(log).select({"part": "last"}), "mase"), PATH_PEERS)


def _divide_by_ours(errors: pd.DataFrame, peers: Iterable[str]) -> pd.DataFrame:
    return errors.div(errors[OURS], axis=0)[list(filter(errors.__contains__, peers))]


def draw(ratios: pd.DataFrame, error: str) -> Figure:
    """Draw the ratios as a table of coloured cells, with the series by their names."""
    height = 1.5 + 0.3 * len(ratios)
    figure = Figure(figsize=(7.6, height), layout="constrained")
    axes = figure.subplots()
    logs = np.log(ratios.to_numpy(float))
    norm = TwoSlopeNorm(0.0, *np.log(ENDS))
    places = (range(n) for n in reversed(logs.shape))
    axes.pcolormesh(
        *places, np.ma.masked_invalid(logs), cmap="PuOr_r", norm=norm, edgecolor="white"
    )
    axes.invert_yaxis()
    for (row, column), log in np.ndenumerate(logs):
        text = "" if np.isnan(log) else write(np.exp(log))
        axes.text(column, row, text, ha="center", va="center", color=choose_ink(norm(log)))
    axes.set_xticks(range(len(ratios.columns)), [break_name(name) for name in ratios.columns])
    axes.set_yticks(range(len(ratios)), ratios.index)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.tick_params(axis="x", labelsize=8.5)
    axes.spines[:].set_visible(False)
    below = f"{error} over LSTMRegressor's: above 1 (orange), LSTMRegressor is better"
    figure.supxlabel(below, fontsize=10.5)
    return figure


def write(ratio: float) -> str:
    """Write a ratio with as many digits as fit."""
    return f"{ratio:.2f}" if ratio < 9.995 else f"{ratio:.0f}"


def choose_ink(shade: float) -> str:
    """Choose white on the darkest cells."""
    return "white" if shade < 0.08 or shade > 0.92 else "black"


def break_name(name: str) -> str:
    """Break a peer's name behind its library."""
    return (
        "\n".join(name.split(maxsplit=1))
        .replace("BlockRNNModel", "BlockRNN\nModel")
        .replace(",", "")
    )


if __name__ == "__main__":
    log, of_paths = Path(sys.argv[1]), "--paths" in sys.argv
    with mpl.rc_context(STYLE):
        if of_paths:
            figure = draw(read_ratios_of_paths(log), "mean absolute error")
        else:
            figure = draw(read_ratios(log), "RMSE")
        name = "path_peers.svg" if of_paths else "peers.svg"
        figure.savefig(FOLDER / name, metadata={"Date": None})
