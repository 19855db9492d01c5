"""How do the models in a log of `seventeen` compare with their rivals, and with each other?

    python -m benchmarks.accuracy.seventeen_table --log LOG --name default
    python -m benchmarks.accuracy.seventeen_table --log LOG --name wide --against default
    python -m benchmarks.accuracy.seventeen_table --log LOG --name default --peers

Errors are RMSEs divided by that of the last value, as medians over the seeds. The best rival is the
best in hindsight; "linear" is the best of the ridges and the last value. With ``--quantiles`` the
table holds the share of targets below each quantile. With ``--peers`` it holds what `peers` wrote:
geometric means over the series, with an interval by the bootstrap over them.

Time: a second.
Figures: docs/accuracy.md.
"""

from dataclasses import asdict
from pathlib import Path

import pandas as pd

from benchmarks.accuracy.libraries import PEERS
from benchmarks.accuracy.log_tables import (
    compare_with_peers,
    list_failures,
    mean,
    show,
    tabulate,
)
from benchmarks.accuracy.rivals import LINEAR, rivals_at
from benchmarks.accuracy.setting import Setting, add_setting, read_settings
from benchmarks.tools.arguments import make_parser
from benchmarks.tools.runs import Runs


def compare_with_rivals(runs: list[dict], setting: Setting, name: str) -> pd.DataFrame:
    errors = tabulate(runs, "rmse").dropna(subset=name)
    errors = errors.div(errors["last value"], axis=0)
    rivals = errors[list(rivals_at(setting.horizon))]
    linear = rivals[rivals.columns.intersection(LINEAR)]
    return pd.DataFrame(
        {
            name: errors[name],
            "best rival": rivals.min(axis=1),
            "which": rivals.idxmin(axis=1),
            "over the best rival": errors[name] / rivals.min(axis=1),
            "over linear": errors[name] / linear.min(axis=1),
            "seconds": tabulate(runs, "seconds")[name],
        },
        index=errors.index,
    )


def summarise(table: pd.DataFrame, name: str) -> str:
    over, linear = table["over the best rival"], table["over linear"]
    lines = {
        "Over the best rival": spread(over),
        "Within 1 % of it or ahead": f"{(over <= 1.01).sum()} of {len(over)}",
        "Over linear": spread(linear),
        "Over the last value": spread(table[name]),
        "Seconds per fit": f"{mean(table['seconds']):.2f}",
    }
    return "\n".join(f"{what}: {value}" for what, value in lines.items())


def spread(ratios: pd.Series) -> str:
    return f"{mean(ratios):.3f} (geometric mean), {ratios.max():.3f} (worst)"


def compare_models(runs: list[dict], name: str, other: str) -> pd.DataFrame:
    """Errors and seconds of one model over those of another, and their geometric means."""
    tables = {column: tabulate(runs, column) for column in ("rmse", "seconds", "cpu_seconds")}
    ratios = pd.DataFrame({column: table[name] / table[other] for column, table in tables.items()})
    ratios = ratios.dropna()
    ratios.loc["geometric mean"] = ratios.apply(mean)
    return ratios


def cover(runs: Runs, settings: list[Setting], name: str) -> pd.DataFrame:
    """The share of targets below each quantile."""
    shares = {
        f"below {setting.quantile}": tabulate(runs.select(asdict(setting)), "coverage")[name]
        for setting in settings
    }
    table = pd.DataFrame(shares)
    table.loc["mean"] = table.mean()
    return table


def check_log(runs: Runs, settings: list[Setting], names: list[str]) -> None:
    for setting in settings:
        for name in names:
            if runs.lack({**asdict(setting), "forecaster": name}):
                raise SystemExit(f"{runs.path} has no runs of {name} for {setting}.")


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--log", type=Path, required=True, help="what `seventeen` wrote")
    parser.add_argument("--name", required=True, help="a model in it")
    parser.add_argument("--against", help="another one, to compare with")
    parser.add_argument("--peers", action="store_true", help="compare with other libraries")
    add_setting(parser)
    arguments = parser.parse_args()
    runs, settings = Runs(arguments.log), read_settings(arguments)
    check_log(runs, settings, [arguments.name, *filter(None, [arguments.against])])
    if arguments.quantiles:
        print(show(cover(runs, settings, arguments.name)))
        return
    [setting] = settings
    chosen = runs.select(asdict(setting))
    if arguments.peers:
        print(show(compare_with_peers(chosen, arguments.name, PEERS, "rmse")))
        print(list_failures(chosen))
        return
    table = compare_with_rivals(chosen, setting, arguments.name)
    print(show(table), summarise(table, arguments.name), sep="\n\n")
    if arguments.against:
        print(f"\n{arguments.name} over {arguments.against}:\n")
        print(show(compare_models(chosen, arguments.name, arguments.against)))


if __name__ == "__main__":
    main()
