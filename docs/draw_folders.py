"""Draws folders.svg: the folders of the package, and which of them import which.

Run it as ``python docs/draw_folders.py``. It reads the imports themselves, and a test compares the
picture to what it would draw, so the picture cannot go stale.
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "sklstm"
# Everything may import these; their arrows would hide the others.
FOR_ALL = {"_documentation", "_sklearn_compat", "_warnings"}
WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 150, 34, 24, 62, 20


def read_arrows() -> dict[str, set[str]]:
    """Read which other folders, or top-level files, each of them imports from."""
    arrows: dict[str, set[str]] = {}
    for file in sorted(SRC.rglob("*.py")):
        own = name_unit(".".join(file.relative_to(SRC).with_suffix("").parts))
        imported = {name_unit(name) for name in list_imports(file)}
        arrows.setdefault(own, set()).update(imported - {own} - FOR_ALL)
    return {name: others for name, others in arrows.items() if name not in FOR_ALL}


def list_imports(file: Path) -> list[str]:
    """List the modules of the package that the file imports from."""
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    modules = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return [module.removeprefix("sklstm.") for module in modules if module.startswith("sklstm.")]


def name_unit(module: str) -> str:
    """Name the folder at the top that a module is in, or the module where it is in none."""
    return "sklstm" if module == "__init__" else module.split(".")[0]


def find_floors(arrows: dict[str, set[str]]) -> dict[str, int]:
    """Find the floor of each folder: one above the highest that it imports from."""
    floors: dict[str, int] = {}
    while len(floors) < len(arrows):
        for name, others in arrows.items():
            if name not in floors and others <= set(floors):
                floors[name] = 1 + max((floors[other] for other in others), default=-1)
    return floors


def draw() -> str:
    """Draw the folders floor by floor, the public names at the top."""
    arrows = read_arrows()
    floors = find_floors(arrows)
    n_floors = max(floors.values()) + 1
    rows = [sorted(name for name in floors if floors[name] == floor) for floor in range(n_floors)]
    width = max(map(len, rows)) * (WIDTH + GAP_X) - GAP_X + 2 * MARGIN
    height = n_floors * (HEIGHT + GAP_Y) - GAP_Y + 2 * MARGIN
    place = {}
    for floor, names in enumerate(rows):
        left = (width - len(names) * (WIDTH + GAP_X) + GAP_X) / 2
        top = height - MARGIN - HEIGHT - floor * (HEIGHT + GAP_Y)
        place |= {name: (left + i * (WIDTH + GAP_X), top) for i, name in enumerate(names)}
    lines = [draw_arrow(place[a], place[b]) for a in sorted(arrows) for b in sorted(arrows[a])]
    boxes = [draw_box(name, *place[name]) for name in sorted(place)]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="monospace" font-size="14">\n'
        '<rect width="100%" height="100%" fill="white"/>\n'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto">\n'
        '<path d="M0 0 8 4 0 8z" fill="#7a8a99"/></marker></defs>'
    )
    return "\n".join([head, *lines, *boxes, "</svg>\n"])


def draw_arrow(upper: tuple[float, float], lower: tuple[float, float]) -> str:
    """Draw an arrow from the bottom of one box to the top of another."""
    (x1, y1), (x2, y2) = upper, lower
    return (
        f'<line x1="{x1 + WIDTH / 2:g}" y1="{y1 + HEIGHT:g}" x2="{x2 + WIDTH / 2:g}" y2="{y2:g}" '
        'stroke="#7a8a99" marker-end="url(#tip)"/>'
    )


def draw_box(name: str, left: float, top: float) -> str:
    """Draw a box with a name in it."""
    fill = "#eef3f8" if name.startswith("_") else "#fff4dc"  # what users import is yellow
    return (
        f'<rect x="{left:g}" y="{top:g}" width="{WIDTH}" height="{HEIGHT}" rx="4" fill="{fill}" '
        f'stroke="#445"/><text x="{left + WIDTH / 2:g}" y="{top + 22:g}" '
        f'text-anchor="middle">{name}</text>'
    )


if __name__ == "__main__":
    (ROOT / "docs" / "folders.svg").write_text(draw(), encoding="utf-8")
