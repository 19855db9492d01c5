"""Draws logo.svg and favicon.svg: a series, and its forecast with a band.

Run it as ``python docs/draw_logo.py``. A test compares the files to what it would draw.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent / "_static"
SIZE, PAST = 64, 38  # the width of the square, and how much of it is the past
SERIES, FORECAST = "#0072b2", "#d55e00"  # readable on white and on black


def draw() -> str:
    """Draw the logo as SVG."""
    past = [(x, follow(x)) for x in range(4, PAST + 1)]
    ahead = [(x, follow(x)) for x in range(PAST, SIZE - 3)]
    upper = [(x, y - widen(x)) for x, y in ahead]
    lower = [(x, y + widen(x)) for x, y in reversed(ahead)]
    line = 'fill="none" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}">',
            "<title>sklstm</title>",
            f'<path d="{connect([*upper, *lower])}Z" fill="{FORECAST}" opacity="0.3"/>',
            f'<path d="{connect(past)}" {line} stroke="{SERIES}"/>',
            f'<path d="{connect(ahead)}" {line} stroke="{FORECAST}"/>',
            "</svg>",
            "",
        ]
    )


def follow(x: float) -> float:
    """Return the height of the series at x; it falls and rises as a season does."""
    return 34 - 0.15 * (x - SIZE / 2) - 13 * math.sin(2 * math.pi * x / 30)


def widen(x: float) -> float:
    """Return half the width of the band at x."""
    return 3.6 * math.sqrt(x - PAST)


def connect(points: Iterable[tuple[float, float]]) -> str:
    """Write a path through the points."""
    return "M" + "L".join(f"{x:g} {y:.1f}" for x, y in points)


if __name__ == "__main__":
    for name in ("logo", "favicon"):
        (FOLDER / f"{name}.svg").write_text(draw(), encoding="utf-8")
