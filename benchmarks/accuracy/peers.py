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
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy.held_out import HeldOut, read_folder
from benchmarks.accuracy.libraries import PEERS, Peer
from benchmarks.accuracy.rivals import repeat_last_value
from benchmarks.accuracy.setting import Setting, identify
from benchmarks.tools.arguments import make_parser
from benchmarks.tools.processes import set_threads
from benchmarks.tools.runs import Runs
from benchmarks.tools.stopwatch import timed

LIMIT_S = 600.0
SETTING = Setting("last", horizon=1, alone=False, quantile=None)
FORK = get_context("fork")  # imports are inherited


def run_peer(name: str, series: HeldOut, seeds: int, limit_s: float, runs: Runs) -> None:
    peer = PEERS[name]
    for seed in range(seeds) if peer.is_random else [None]:
        identity = identify(series.name, SETTING, name, seed)
        if runs.lack(identity):
            scores = call_within(limit_s, fit_and_score, peer, series, seed or 0)
            runs.add(identity | scores)
            print(name, series.name, seed, scores, flush=True)


def fit_and_score(peer: Peer, series: HeldOut, seed: int) -> dict:
    with timed() as spent:
        predict = peer.fit(series, seed)
    score = {"rmse": series.rmse(predict(series))}
    return score | {"seconds": spent.seconds, "cpu_seconds": spent.cpu_seconds}


def call_within(limit_s: float, function: Callable[..., dict], *arguments: Any) -> dict:
    """Call a function in a new process; what it returns, or why it did not."""
    receiver, sender = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_send, args=(sender, function, arguments))
    process.start()
    sender.close()  # a process that dies then ends the wait
    try:
        if receiver.poll(limit_s):
            return receiver.recv()
        return {"failed": f"took more than {limit_s:g} s"}
    except EOFError:
        return {"failed": "its process died"}
    finally:
        process.kill()
        process.join()


def _send(sender: Any, function: Callable[..., dict], arguments: tuple) -> None:
    try:
        sender.send(function(*arguments))
    except Exception as error:  # noqa: BLE001 (no library ends the run)
        sender.send({"failed": f"{type(error).__name__}: {error}"[:300]})


def check_peer(peer: Peer, series: HeldOut) -> dict:
    """Compare the forecasts with those of the same series whose later rows are others."""
    n_before = len(series.truth) // 2
    X = series.X.copy()
    X.loc[X.index[series.first + n_before :], "y"] = X["y"].mean() + 0.5 * X["y"].std()
    predict = peer.fit(series, 0)
    forecasts, others = predict(series), predict(replace(series, X=X))
    same = np.isclose(forecasts, others, rtol=1e-4)
    return {
        "reads no later row": bool(same[: n_before + 1].all()),
        "reads rows before": not same[n_before + 1 :].all(),
        "over the last value": series.rmse(forecasts) / series.rmse(repeat_last_value(series, 1)),
    }


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--series", type=Path, required=True, help="the folder of the series")
    parser.add_argument("--log", type=Path, required=True, help="a file, which need not exist")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=PEERS, metavar="PEER")
    parser.add_argument("--seeds", type=int, default=3, help="of networks (default 3)")
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="seconds (default 600)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these series")
    parser.add_argument("--check", action="store_true", help="measure nothing, check")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    series = read_folder(arguments.series, SETTING.part, SETTING.alone)
    series = [one for one in series if not arguments.only or one.name in arguments.only]
    with set_threads(1):
        for name in arguments.peers:
            import_module(PEERS[name].module)
            for one in sorted(series, key=lambda one: len(one.X)):
                if arguments.check:
                    print(name, call_within(arguments.limit, check_peer, PEERS[name], one))
                else:
                    run_peer(name, one, arguments.seeds, arguments.limit, Runs(arguments.log))


if __name__ == "__main__":
    main()
