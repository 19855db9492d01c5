"""Tables of the runs in a log: medians over the seeds, and other libraries beside the model."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.stats import gmean

from benchmarks.tools.tables import show_interval, write_table


def tabulate(runs: list[dict], column: str) -> pd.DataFrame:
    """Arrange the medians over seeds: a row for each series, a column for each forecaster."""
    return pd.DataFrame(runs).pivot_table(
        index="series", columns="forecaster", values=column, aggfunc="median", sort=False
    )


def compare_with_peers(
    runs: list[dict], name: str, peers: Iterable[str], error: str
) -> pd.DataFrame:
    """The errors of other libraries over the model's, on the series that they forecast."""
    errors, seconds = (tabulate(runs, column) for column in (error, "cpu_seconds"))
    over = errors.div(errors[name], axis=0)
    rows = {}
    for peer in filter(over.columns.__contains__, peers):
        ratios = over[peer].dropna()
        spent = seconds.loc[ratios.index]
        rows[peer] = {
            "error over the model's": show_interval(ratios.to_numpy(), gmean, ".3f"),
            "the model is better on": f"{(ratios > 1).sum()} of {len(ratios)}",
            "CPU seconds per fit": f"{mean(spent[peer]):.2f}",
            "times the model's": f"{mean(spent[peer] / spent[name]):.1f}",
        }
    return pd.DataFrame(rows).T


def list_failures(runs: list[dict]) -> str:
    failed = [run for run in runs if "failed" in run]
    return "\n".join(f"{run['forecaster']}, {run['series']}: {run['failed']}" for run in failed)


def mean(ratios: pd.Series) -> float:
    """The geometric mean."""
    return float(np.exp(np.log(ratios).mean()))


def show(table: pd.DataFrame) -> str:
    rows = table.map(lambda cell: f"{cell:.3f}" if isinstance(cell, float) else cell)
    return write_table(["", *rows.columns], rows.reset_index().to_numpy().tolist())
