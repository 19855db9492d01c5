"""Which paths a run forecasts, on the command line and in the log."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from benchmarks.accuracy.held_out import PARTS
from benchmarks.accuracy.path_series import NAMES, PathSeries, read_folder


def add_paths(parser: ArgumentParser) -> None:
    """Add the options that say which paths are forecast."""
    parser.add_argument("--series", type=Path, required=True, help="the folder of the series")
    parser.add_argument("--log", type=Path, required=True, help="a file, which need not exist")
    parser.add_argument(
        "--only", nargs="+", choices=NAMES, default=NAMES, metavar="NAME", help="these series"
    )
    parser.add_argument(
        "--part",
        choices=PARTS,
        default="last",
        help="forecast the last fifth (default), or that of the rows before it, to choose by",
    )


def read_paths(arguments: Namespace) -> list[PathSeries]:
    return read_folder(arguments.series, arguments.part, arguments.only)


def identify_path(part: str, series: PathSeries, forecaster: str, seed: int | None) -> dict:
    """Say what tells a run from all others in the log."""
    return {
        "series": series.name,
        "part": part,
        "steps": series.steps,
        "forecaster": forecaster,
        "seed": seed,
    }
