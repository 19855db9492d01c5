"""The design of a forecaster: the parameters that its windows, scales and first weights depend on.

Columns are stored as positions, whether the user gave names or positions. Training can continue
only with the same design.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from sklstm._lstm.quantiles import MEDIAN, read_quantiles
from sklstm._network.sizes import Sizes
from sklstm._rows.columns import locate_columns
from sklstm._rows.targets import locate_target_columns
from sklstm._rows.windows import Alignment

MOST_SEASONS = 3


@dataclass(frozen=True)
class Design:
    """The parameters that cannot change once training has begun, by their names."""

    window_length: int
    horizon: int
    steps: int
    quantiles: tuple[float, ...]  # in order, with the median; empty: none
    units: int
    num_layers: int
    peephole: bool
    linear_skip: bool
    linear_start: bool
    n_networks: int
    season_length: str | tuple[int, ...]  # "auto": to be found
    scaling: str | None
    known_columns: tuple[int, ...]
    target_column: tuple[int | None, ...]  # of each output, None where it is to be found
    window_columns: tuple[int, ...]

    @property
    def alignment(self) -> Alignment:
        """The rows that a prediction reads."""
        return Alignment(self.window_length, self.horizon, self.known_columns, steps=self.steps)

    @property
    def median_place(self) -> int:
        """The position of the median among the quantiles; 0 without quantiles."""
        return self.quantiles.index(MEDIAN) if self.quantiles else 0

    def size_network(self, n_columns: int, n_beside: int) -> Sizes:
        """Size the network for windows of these columns, and n_beside numbers for each step."""
        n_outputs = len(self.target_column) * self.steps * max(1, len(self.quantiles))
        own = self.window_length, n_columns, self.units, n_outputs, self.num_layers
        return Sizes(*own, self.steps, n_beside)


def read_design(
    params: Mapping[str, Any], n_features: int, n_outputs: int, feature_names: Sequence[str] | None
) -> Design:
    """Read the design from a forecaster's parameters, for these numbers of columns and outputs."""

    def locate(parameter: str) -> tuple[int, ...]:
        return locate_columns(parameter, params[parameter], n_features, feature_names)

    quantiles = read_quantiles(params["quantiles"])
    if quantiles and params["loss"] != "auto":
        raise ValueError(
            f"loss={params['loss']!r} cannot be combined with quantiles={params['quantiles']!r}, "
            'which have the pinball loss. Use loss="auto" or quantiles=None.'
        )
    target_column = locate_target_columns(
        params["target_column"], n_outputs, n_features, feature_names
    )
    return Design(
        # Plain integers: those of NumPy overflow where they are narrow.
        window_length=int(params["window_length"]),
        horizon=int(params["horizon"]),
        steps=int(params["steps"]),
        quantiles=quantiles,
        units=int(params["units"]),
        num_layers=int(params["num_layers"]),
        peephole=bool(params["peephole"]),
        linear_skip=bool(params["linear_skip"]),
        linear_start=bool(params["linear_start"]),
        n_networks=int(params["n_networks"]),
        season_length=_read_season_length(params["season_length"]),
        scaling=params["scaling"],
        known_columns=locate("known_columns"),
        target_column=tuple(target_column),
        window_columns=locate("window_columns"),
    )


def _read_season_length(season_length: Any) -> str | tuple[int, ...]:
    if isinstance(season_length, str):
        return season_length
    if season_length is None:
        return ()
    lengths = list(season_length) if np.ndim(season_length) else [season_length]
    is_allowed = all(
        isinstance(length, Integral) and not isinstance(length, bool) and int(length) >= 2
        for length in lengths
    )
    if not is_allowed or len(lengths) > MOST_SEASONS:
        raise ValueError(
            f"season_length={season_length!r} must be 'auto', None, an int of 2 or more, or a list "
            f"of up to {MOST_SEASONS} such ints."
        )
    return tuple(dict.fromkeys(int(length) for length in lengths))


def refuse_another(before: Design, now: Design) -> None:
    """Refuse to continue training with another design, which the trained weights do not fit."""
    built, asked = vars(before), vars(now)
    changed = [name for name in built if built[name] != asked[name]]
    if changed:
        was, wanted = (
            ", ".join(f"{name}={values[name]!r}" for name in changed) for values in (built, asked)
        )
        raise ValueError(
            f"The network was built with {was}, but the parameters now are {wanted}. Training can "
            f"continue only with the same {', '.join(built)}. To change them, clone the regressor "
            "or fit with warm_start=False."
        )
