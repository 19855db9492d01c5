"""Repeated measurements, and Markdown tables of their medians, intervals and ratios."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

REFERENCE = "sklstm"
N_DRAWS = 10_000


def repeat(measure: Callable[[str], dict[str, float]], names: list, repeats: int) -> pd.DataFrame:
    """Measure each of the names in turn, several times: a row for each (round, name)."""
    rounds = [pd.DataFrame({name: measure(name) for name in names}).T for _ in range(repeats)]
    return pd.concat(rounds, keys=range(repeats))


def add_ratio(measured: pd.DataFrame, column: str, of: str | None = None) -> pd.DataFrame:
    """Add a column behind this one: its ratio to the reference's, in `of`, of the same round."""
    reference = measured.xs(REFERENCE, level=1)[of or column]
    ratio = measured[column] / reference.reindex(measured.index, level=0)
    place = measured.columns.get_loc(column) + 1
    wider = measured.copy()
    wider.insert(place, ratio_of(column), ratio)
    return wider


def ratio_of(column: str) -> str:
    return f"{column} / {REFERENCE}"


def to_markdown(measured: pd.DataFrame) -> str:
    names = measured.index.unique(level=1)
    cells = [[name, *measured.xs(name, level=1).agg(show)] for name in names]
    return write_table(["", *measured.columns], cells)


def show(values: pd.Series) -> str:
    median, *ends = (f"{value:.4g}" for value in (values.median(), values.min(), values.max()))
    return median if ends == [median] * 2 else f"{median} ({', '.join(ends)})"


def show_interval(values: np.ndarray, statistic: Callable = np.median, form: str = "+.2f") -> str:
    """Show a statistic with its interval, by the bootstrap."""
    draws = np.random.default_rng(0).choice(values, (N_DRAWS, len(values)))
    low, high = np.percentile(statistic(draws, axis=1), [2.5, 97.5])
    return f"{statistic(values):{form}} ({low:{form}}, {high:{form}})"


def write_table(head: list[str], cells: list[list[str]]) -> str:
    return "\n".join(map(write_row, [head, ["---"] * len(head), *cells]))


def write_row(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def print_head(*cells: str) -> None:
    """Begin a table whose rows come one by one."""
    print(write_table(list(cells), []))


def print_row(*cells: object) -> None:
    print(write_row(cells), flush=True)
