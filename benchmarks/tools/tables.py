"""Repeated measurements, and Markdown tables of their medians with (min, max) and their ratios."""

from collections.abc import Callable

import pandas as pd

REFERENCE = "sklstm"


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


def write_table(head: list[str], cells: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
