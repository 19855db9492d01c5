"""What a run on the seventeen series predicts and may read."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict, dataclass

from benchmarks.accuracy.held_out import PARTS

QUANTILES = (0.1, 0.9)


@dataclass(frozen=True)
class Setting:
    """Entries of a run in the log, by their names there."""

    part: str  # which fifth of the rows is predicted, one of PARTS
    horizon: int
    alone: bool  # without the calendar
    quantile: float | None  # what is predicted, None for the mean

    @property
    def params(self) -> dict:
        """Parameters of LSTMRegressor."""
        return {} if self.quantile is None else {"quantiles": [self.quantile]}


def add_setting(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--part",
        choices=PARTS,
        default="last",
        help="predict the last fifth (default), or the one before it, to choose by",
    )
    parser.add_argument("--horizon", type=int, default=1, help="rows ahead (default 1)")
    parser.add_argument("--alone", action="store_true", help="leave the calendar out")
    parser.add_argument(
        "--quantiles", action="store_true", help=f"the coverage of the quantiles {QUANTILES}"
    )


def read_settings(arguments: Namespace) -> list[Setting]:
    quantiles = QUANTILES if arguments.quantiles else [None]
    return [
        Setting(arguments.part, arguments.horizon, arguments.alone, quantile)
        for quantile in quantiles
    ]


def identify(series: str, setting: Setting, forecaster: str, seed: int | None) -> dict:
    """Say what tells a run from all others in the log."""
    return {"series": series, **asdict(setting), "forecaster": forecaster, "seed": seed}
