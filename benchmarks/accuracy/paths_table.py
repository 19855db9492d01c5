"""How do the paths in a log of `paths` compare with their rivals, and with other libraries?

    python -m benchmarks.accuracy.paths_table --log LOG --name default
    python -m benchmarks.accuracy.paths_table --log LOG --name default --by-lead
    python -m benchmarks.accuracy.paths_table --log LOG --name default --peers

Errors are mean absolute errors divided by that of the seasonal naive of a week on the rows to fit
on, as medians over the seeds. The best rival is the best in hindsight. The last row holds geometric
means over the series. ``--by-lead`` divides the model's error of each row of a path by that of the
best rival at this row. With ``--peers`` the table holds what `path_peers` wrote: geometric means
over the series, with an interval by the bootstrap over them.

Time: a second.
Figures: docs/accuracy.md.
"""

from pathlib import Path

import pandas as pd

from benchmarks.accuracy.held_out import PARTS
from benchmarks.accuracy.log_tables import (
    compare_with_peers,
    list_failures,
    mean,
    show,
    tabulate,
)
from benchmarks.accuracy.path_peers import PEERS
from benchmarks.accuracy.path_rivals import RIVALS
from benchmarks.tools.arguments import make_parser
from benchmarks.tools.runs import Runs


def compare_with_rivals(runs: list[dict], name: str) -> pd.DataFrame:
    errors = tabulate(runs, "mase").dropna(subset=name)
    seconds = tabulate(runs, "seconds").loc[errors.index, name]
    rivals = errors[list(RIVALS)]
    over = errors[name] / rivals.min(axis=1)
    table = pd.concat([errors[name], rivals], axis=1)
    table = table.assign(**{"over the best rival": over, "seconds": seconds})
    table.loc["geometric mean"] = table.apply(mean)
    return table


def compare_by_lead(runs: list[dict], name: str) -> pd.DataFrame:
    """The model's errors over those of the rival that is best at each lead."""
    leads = [
        run | {"rows ahead": lead, "mase": error}
        for run in runs
        for lead, error in enumerate(run.get("mase_by_lead", []), start=1)
    ]
    errors = pd.DataFrame(leads).pivot_table(
        index=["rows ahead", "series"],
        columns="forecaster",
        values="mase",
        aggfunc="median",
        sort=False,
    )
    over = errors[name] / errors[list(RIVALS)].min(axis=1)
    return over.unstack("series")


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--log", type=Path, required=True, help="what `paths` wrote")
    parser.add_argument("--name", required=True, help="a model in it")
    parser.add_argument("--part", choices=PARTS, default="last", help="what was forecast")
    parser.add_argument("--by-lead", action="store_true", help="show each row of a path")
    parser.add_argument("--peers", action="store_true", help="compare with other libraries")
    arguments = parser.parse_args()
    runs = Runs(arguments.log).select({"part": arguments.part})
    runs = [run for run in runs if "steps" in run]  # a log may hold other benchmarks, too
    if not any(run["forecaster"] == arguments.name for run in runs):
        raise SystemExit(f"{arguments.log} has no paths of {arguments.name}.")
    if arguments.peers:
        print(show(compare_with_peers(runs, arguments.name, PEERS, "mase")))
        print(list_failures(runs))
    elif arguments.by_lead:
        print(show(compare_by_lead(runs, arguments.name)))
    else:
        print(show(compare_with_rivals(runs, arguments.name)))


if __name__ == "__main__":
    main()
