"""LSTMRegressor with some parameters, by the name that its runs have in a log."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.accuracy.held_out import HeldOut
from benchmarks.tools.runs import Runs
from sklstm import LSTMRegressor


@dataclass(frozen=True)
class Candidate:
    """LSTMRegressor with some parameters, by the name it has in the log."""

    name: str
    params: dict

    def make(self, series: HeldOut, seed: int, **task: Any) -> LSTMRegressor:
        """Make the model; `task` says what it forecasts."""
        return LSTMRegressor(
            known_columns=series.calendar or None, random_state=seed, **task | self.params
        )


def run_candidate(
    candidate: Candidate, identities: list[dict], score: Callable[[int], dict], runs: Runs
) -> None:
    """Add the runs that the log lacks, each with what `score` returns for its seed."""
    lacking = [identity for identity in identities if runs.lack(identity)]
    if lacking:
        score(0)  # what it compiles is then ready
    for identity in lacking:
        scores = score(identity["seed"])
        runs.add(identity | {"params": candidate.params} | scores)
        print(identity["series"], identity["seed"], scores, flush=True)


def check_name(candidate: Candidate, runs: Runs) -> None:
    """A name means the same parameters throughout a log."""
    for run in runs.read():
        if run["forecaster"] == candidate.name and run.get("params") != candidate.params:
            raise SystemExit(
                f"--name {candidate.name} has the parameters {run.get('params')} in {runs.path}, "
                f"not {candidate.params}. Use another name."
            )


def add_candidate(parser: ArgumentParser, seeds: int) -> None:
    parser.add_argument("--name", required=True, help="of the model, in log and tables")
    parser.add_argument("--params", type=json.loads, default={}, help="of LSTMRegressor, in JSON")
    parser.add_argument(
        "--seeds", type=int, default=seeds, help=f"fits per series (default {seeds})"
    )
