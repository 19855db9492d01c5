"""Draws fits.svg and accuracy.svg: bars of the figures in a marked table of a page.

Run it as ``python docs/draw_bars.py``. It reads the numbers from the pages, and a test compares the
pictures to what it would draw, so they cannot go stale.
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent
WIDTH, LABELS, BAR, GAP, MARGIN = 760, 330, 20, 8, 12  # pixels
OURS, OTHERS = "#0072b2", "#9aa5b1"


def draw_fits() -> str:
    """Draw the seconds of a first fit."""
    bars = read_bars("performance", "fits")
    return draw(bars, "Seconds of a first fit of 58 epochs, less is better", ours="sklstm")


def draw_accuracy() -> str:
    """Draw the errors of other libraries, those of LSTMRegressor() being 1."""
    bars = {"LSTMRegressor()": 1.0, **read_bars("accuracy", "accuracy")}
    title = "Error relative to LSTMRegressor() on seventeen series, less is better"
    return draw(bars, title, ours="LSTMRegressor()")


def read_bars(page: str, name: str) -> dict[str, float]:
    """Read the table after the mark: its first column, and the first number of its second."""
    text = (FOLDER / f"{page}.md").read_text(encoding="utf-8")
    table = re.search(rf"<!-- bars: {name} -->\n(.+?)\n\n", text, re.DOTALL)
    assert table, f"{page}.md has no table marked {name!r}"
    rows = [line.strip("|").split("|") for line in table[1].splitlines()[2:]]
    return {row[0].strip().replace("`", ""): float(row[1].split()[0]) for row in rows}


def draw(bars: dict[str, float], title: str, ours: str) -> str:
    """Draw horizontal bars, the smallest first."""
    scale = (WIDTH - LABELS - 70) / max(bars.values())
    height = MARGIN * 2 + 26 + len(bars) * (BAR + GAP)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            'font-family="sans-serif" font-size="14">'
        ),
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{MARGIN}" y="{MARGIN + 12}" font-weight="bold" fill="#222">{title}</text>',
    ]
    y = MARGIN + 26
    for name, value in sorted(bars.items(), key=lambda bar: bar[1]):
        middle, width = y + BAR * 0.72, value * scale
        colour = OURS if name == ours else OTHERS
        parts += [
            f'<text x="{LABELS - 8}" y="{middle:.0f}" text-anchor="end" fill="#222">{name}</text>',
            f'<rect x="{LABELS}" y="{y}" width="{width:.1f}" height="{BAR}" fill="{colour}"/>',
            f'<text x="{LABELS + width + 6:.1f}" y="{middle:.0f}" fill="#222">{value:g}</text>',
        ]
        y += BAR + GAP
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    for name, picture in {"fits": draw_fits(), "accuracy": draw_accuracy()}.items():
        (FOLDER / f"{name}.svg").write_text(picture, encoding="utf-8")
