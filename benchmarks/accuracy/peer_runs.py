"""Runs of forecasters of other libraries, with a process for each fit.

The library is imported before a process starts. When a fit fails, or takes longer than ``--limit``,
the log has the reason.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable
from importlib import import_module

from benchmarks.accuracy.held_out import HeldOut
from benchmarks.accuracy.leaks import check_reading
from benchmarks.accuracy.libraries import Peer
from benchmarks.tools.processes import call_within, set_threads
from benchmarks.tools.runs import Runs
from benchmarks.tools.stopwatch import timed

LIMIT_S = 600.0
Identify = Callable[[HeldOut, str, int | None], dict]  # of a series, a peer's name and a seed


def add_peers(parser: ArgumentParser, peers: dict[str, Peer], seeds: int) -> None:
    parser.add_argument("--peers", nargs="+", choices=peers, default=peers, metavar="PEER")
    parser.add_argument("--seeds", type=int, default=seeds, help=f"of networks (default {seeds})")
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="seconds (default 600)")
    parser.add_argument("--check", action="store_true", help="measure nothing, check")


def run_peers(
    peers: dict[str, Peer], series: Iterable[HeldOut], identify: Identify, arguments: Namespace
) -> None:
    """Run or check the peers that the command line names, on the shortest series first."""
    with set_threads(1):
        for name in arguments.peers:
            import_module(peers[name].module)
            for one in sorted(series, key=lambda one: len(one.X)):
                if arguments.check:
                    answer = call_within(arguments.limit, check_peer, peers[name], one)
                    print(name, one.name, answer, flush=True)
                else:
                    run_peer(name, peers[name], one, identify, arguments)


def run_peer(
    name: str, peer: Peer, series: HeldOut, identify: Identify, arguments: Namespace
) -> None:
    runs = Runs(arguments.log)
    for seed in range(arguments.seeds) if peer.is_random else [None]:
        identity = identify(series, name, seed)
        if runs.lack(identity):
            scores = call_within(arguments.limit, fit_and_score, peer, series, seed or 0)
            runs.add(identity | scores)
            print(name, series.name, seed, scores, flush=True)


def fit_and_score(peer: Peer, series: HeldOut, seed: int) -> dict:
    with timed() as spent:
        predict = peer.fit(series, seed)
    score = series.score(predict(series))
    return score | {"seconds": spent.seconds, "cpu_seconds": spent.cpu_seconds}


def check_peer(peer: Peer, series: HeldOut) -> dict:
    predict = peer.fit(series, 0)
    return check_reading(predict, series) | series.score(predict(series))
