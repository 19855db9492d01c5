"""How good are the forecasts of other libraries on the seventeen series, beside LSTMRegressor()?

    pip install -e ".[bench,peers]"
    export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
    python -m benchmarks.accuracy.peers --series FOLDER --log LOG
    python -m benchmarks.accuracy.peers --series FOLDER --log LOG --check --only births elnino

Each peer of libraries.py is fitted once, on the rows before the last fifth, and predicts each row
of it from all rows before. Runs go to the log of `seventeen`, and a run that the log has is not
repeated; ``seventeen_table --peers`` and docs/draw_peers.py show them. Each fit has a process of
its own, into which the library is imported already. When one fails, or takes longer than
``--limit``, the log has the reason.

``--check`` replaces all values from the middle of the last fifth on. The forecasts up to the first
row that was replaced must not change, and later ones must, unless the model reads no values.

Time: two hours and more, with one seed.
Figures: docs/accuracy.md.
"""

import warnings
from pathlib import Path

from benchmarks.accuracy.held_out import HeldOut, read_folder
from benchmarks.accuracy.libraries import PEERS
from benchmarks.accuracy.peer_runs import add_peers, run_peers
from benchmarks.accuracy.setting import Setting, identify
from benchmarks.tools.arguments import make_parser

SETTING = Setting("last", horizon=1, alone=False, quantile=None)


def identify_run(series: HeldOut, name: str, seed: int | None) -> dict:
    return identify(series.name, SETTING, name, seed)


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--series", type=Path, required=True, help="the folder of the series")
    parser.add_argument("--log", type=Path, required=True, help="a file, which need not exist")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these series")
    add_peers(parser, PEERS, seeds=3)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    series = read_folder(arguments.series, SETTING.part, SETTING.alone)
    series = [one for one in series if not arguments.only or one.name in arguments.only]
    run_peers(PEERS, series, identify_run, arguments)


if __name__ == "__main__":
    main()
