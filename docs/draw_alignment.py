"""Draws which rows are read: alignment.svg for the prediction of row t, path.svg for its path.

Run it as ``python docs/draw_alignment.py``. It asks the package's own alignment for the rows, and a
test compares the pictures to what it would draw, so they cannot go stale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from sklstm._closed_form.linear_start import MOST_LAGS_BY_SEASON
from sklstm._rows.windows import Alignment, Season, list_lags_around_season

ROOT = Path(__file__).parents[1]
WINDOW_LENGTH, WEEK, DAY = 3, 168, 24  # rows
CELLS_LEFT, CELLS_WIDTH, TEXT_WIDTH = 130, 370, 220  # of the lines' names, cells and texts
PATH_CELLS_WIDTH = 450
MARGIN, HEADING, LINE, CELL, GAP = 20, 42, 30, 24, 26  # heights
BREAK = 16  # width of a break in a line of cells


@dataclass(frozen=True)
class Line:
    """A line of cells, some of which are filled."""

    name: str
    rows: Sequence[int]  # filled, counted from t
    fill: str  # class of the cells that are filled
    text: str  # to the right


@dataclass(frozen=True)
class Panel:
    """One setting: its lines, and the rows shown in parts, with a break between two of them."""

    heading: str
    parts: Sequence[range]
    lines: Sequence[Line]
    width: int = CELLS_WIDTH  # of all cells

    @property
    def height(self) -> int:
        """Height with the heading and the names of rows above the lines."""
        return HEADING + len(self.lines) * LINE

    @property
    def cell_width(self) -> float:
        """Width of one cell."""
        n_cells = sum(len(part) for part in self.parts)
        return (self.width - BREAK * (len(self.parts) - 1)) / n_cells

    def find_left(self, row: int) -> float:
        """Find the left edge of a row's cell."""
        number = next(i for i, part in enumerate(self.parts) if row in part)
        before = [row for part in self.parts for row in part].index(row)
        return before * self.cell_width + number * BREAK


def list_panels() -> list[Panel]:
    """List the settings: three of the window alone, and one with all that is read."""
    near = [range(-4, 2)]
    one, here, two = (Alignment(WINDOW_LENGTH, horizon) for horizon in (1, 0, 2))
    known = [row + two.horizon for row in -two.lags]
    return [
        Panel("horizon=1", near, [read_window(one), predict("y")]),
        Panel("horizon=0", near, [read_window(here), predict("y.shift(-1)", shift=1)]),
        Panel("horizon=2", near, [read_window(two), read("known_columns", known), predict("y")]),
        draw_all(one),
    ]


def draw_all(alignment: Alignment) -> Panel:
    """Lay out all that is read with a season and the linear start."""
    season = Season(column=0, length=WEEK, leads=(0,))
    around = list_lags_around_season(WEEK, alignment.horizon, lead=0)
    lags = [*around, *range(alignment.horizon + MOST_LAGS_BY_SEASON - 1, alignment.horizon - 1, -1)]
    lines = [
        read_window(alignment),
        read("linear start", [-lag for lag in lags], "column"),
        read("season", -alignment.list_season_lags(season), "column"),
        predict("y"),
    ]
    parts = [
        range(-WEEK - 1, -WEEK + 2),
        range(-MOST_LAGS_BY_SEASON, 2 - MOST_LAGS_BY_SEASON),
        range(-3, 1),
    ]
    return Panel(f"horizon=1, with the linear start and a season of {WEEK} rows", parts, lines)


def list_path_panels() -> list[Panel]:
    """List what all steps of a path of a day read, and what three of them read besides."""
    alignment = Alignment(WINDOW_LENGTH, horizon=1, steps=DAY)
    parts = [range(-26, -22), range(-13, -10), range(-3, 1), range(12, 13), range(23, 24)]
    shared = [
        read_window(alignment),
        read("known_columns", [row + alignment.horizon for row in -alignment.lags]),
        Line("y", range(DAY), "target", f"the path: {name_row(0)} .. {name_row(DAY - 1)}"),
    ]
    panels = [Panel(f"horizon=1, steps={DAY}: all steps read", parts, shared, PATH_CELLS_WIDTH)]
    for step in (0, 12, 23):
        heading = f"step {step} also reads, with a season of {DAY} rows"
        lines = list_step_lines(alignment, step)
        panels.append(Panel(heading, parts, lines, PATH_CELLS_WIDTH))
    return panels


def list_step_lines(alignment: Alignment, step: int) -> list[Line]:
    """Lay out what a step of a path reads by itself."""
    lags = list_lags_around_season(DAY, alignment.horizon + step, lead=0)
    return [
        read("season", [step - lag for lag in lags], "column"),
        Line("known_columns", [step], "read", name_row(step)),
        predict("y", step),
    ]


def read_window(alignment: Alignment) -> Line:
    """Lay out the window."""
    return read("X", -alignment.lags)


def read(name: str, rows: Sequence[int], fill: str = "read") -> Line:
    """Lay out rows that are read."""
    rows = [int(row) for row in rows]
    begins = [i for i, row in enumerate(rows) if row - 1 not in rows] + [len(rows)]
    runs = [rows[a:b] for a, b in pairwise(begins)]
    text = ", ".join(f"{name_row(run[0])} .. {name_row(run[-1])}" for run in runs)
    return Line(name, rows, fill, text)


def predict(name: str, step: int = 0, shift: int = 0) -> Line:
    """Lay out the target of a step, which holds the value of a row `shift` rows later."""
    return Line(name, [step], "target", f"the value of row {name_row(step + shift)}")


def name_row(row: int) -> str:
    """Name a row."""
    return f"t{row:+d}" if row else "t"


def draw() -> str:
    """Draw what the prediction for row t reads."""
    settings = f"window_length={WINDOW_LENGTH}, for four settings"
    return draw_panels(list_panels(), f"Which rows of X a prediction reads: {settings}")


def draw_path() -> str:
    """Draw what the path of row t reads."""
    settings = f"window_length={WINDOW_LENGTH}, horizon=1, steps={DAY}"
    return draw_panels(list_path_panels(), f"Which rows of X a path reads: {settings}")


def draw_panels(panels: Sequence[Panel], title: str) -> str:
    """Draw the panels one below the other, then the legend."""
    width = CELLS_LEFT + max(panel.width for panel in panels) + TEXT_WIDTH
    tops = [MARGIN]
    for panel in panels:
        tops.append(tops[-1] + panel.height + GAP)
    height = tops[-1] + MARGIN
    head = f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"
     font-family="sans-serif" font-size="14">
<title>{title}</title>
<style>
.read {{ fill: #56b4e9 }} /* Okabe and Ito's colours */
.column {{ fill: #cc79a7 }}
.target {{ fill: #e69f00 }}
.cells {{ fill: none; stroke: #777 }}
.row {{ text-anchor: middle; font-size: 12px }}
.name {{ text-anchor: end; font-family: monospace; font-size: 13px }}
.heading {{ font-weight: bold }}
</style>
<rect width="{width}" height="{height}" fill="white"/>"""
    drawn = [draw_panel(panel, top) for panel, top in zip(panels, tops, strict=False)]
    return "\n".join([head, *drawn, *draw_legend(tops[-1] - GAP / 2), "</svg>\n"])


def draw_panel(panel: Panel, top: float) -> str:
    """Draw the heading, the names of rows, and the lines."""
    lines = [write(10, top + 10, panel.heading, "heading")]
    for part in panel.parts:
        for row in part:
            middle = CELLS_LEFT + panel.find_left(row) + panel.cell_width / 2
            lines.append(write(middle, top + HEADING - 6, name_row(row), "row"))
    for number, line in enumerate(panel.lines):
        lines += draw_line(panel, line, top + HEADING + number * LINE)
    return "\n".join(lines)


def draw_line(panel: Panel, line: Line, top: float) -> list[str]:
    """Draw a line: its name, what is filled, the cells around it, and its text."""
    drawn = [write(CELLS_LEFT - 10, top + 17, line.name, "name")]
    width = panel.cell_width
    shown = [row for part in panel.parts for row in part]
    for row, after in zip(shown, [*shown[1:], None], strict=True):
        if row in line.rows:
            left, right = panel.find_left(row), panel.find_left(row) + width
            if after is not None and set(range(row, after + 1)) <= set(line.rows):
                right = panel.find_left(after)  # what lies in a break is read, too
            drawn.append(draw_box(left, top, right - left, line.fill))
    for row in shown:
        drawn.append(draw_box(panel.find_left(row), top, width, "cells"))
    for part in panel.parts[1:]:
        middle = CELLS_LEFT + panel.find_left(part[0]) - BREAK / 2
        drawn.append(write(middle, top + 16, "…", "row"))
    return [*drawn, write(CELLS_LEFT + panel.width + 15, top + 17, line.text)]


def draw_box(left: float, top: float, width: float, fill: str) -> str:
    """Draw cells."""
    return (
        f'<rect class="{fill}" x="{CELLS_LEFT + left:g}" y="{top:g}" width="{width:g}" '
        f'height="{CELL}"/>'
    )


def write(left: float, bottom: float, text: str, style: str | None = None) -> str:
    """Write a text."""
    of_style = f' class="{style}"' if style else ""
    return f'<text{of_style} x="{left:g}" y="{bottom:g}">{text}</text>'


def draw_legend(top: float) -> list[str]:
    """Draw what the colours mean."""
    drawn = []
    places = [(0, "read", "read"), (70, "column", "read, target's column only")]
    for left, fill, text in [*places, (290, "target", "predicted")]:
        box = f'<rect class="{fill}" x="{CELLS_LEFT + left}" y="{top:g}" width="14" height="14"/>'
        drawn += [box, write(CELLS_LEFT + left + 20, top + 12, text)]
    return drawn


if __name__ == "__main__":
    for name, drawn in {"alignment": draw(), "path": draw_path()}.items():
        (ROOT / "docs" / f"{name}.svg").write_text(drawn, encoding="utf-8")
