"""The design of a forecaster: the parameters that its windows, scales and first weights depend on.

Columns are positions in it, the same whether a user names them or numbers them. Training goes on
with one and the same design only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sklstm._network.sizes import Sizes
from sklstm._rows.columns import locate_columns
from sklstm._rows.targets import locate_target_columns
from sklstm._rows.windows import Alignment


@dataclass(frozen=True)
class Design:
    """What training cannot change later, by the names of the parameters."""

    window_length: int
    horizon: int
    units: int
    num_layers: int
    peephole: bool
    linear_skip: bool
    scaling: str | None
    known_columns: tuple[int, ...]
    target_column: tuple[int | None, ...]  # of each output, None where it is to be found
    window_columns: tuple[int, ...]

    @property
    def alignment(self) -> Alignment:
        """Which rows a prediction reads."""
        return Alignment(self.window_length, self.horizon, self.known_columns)

    def size_network(self, n_features: int) -> Sizes:
        """The sizes of the network for rows of so many columns."""
        n_outputs = len(self.target_column)
        return Sizes(self.window_length, n_features, self.units, n_outputs, self.num_layers)


def read_design(
    params: Mapping[str, Any], n_features: int, n_outputs: int, feature_names: Sequence[str] | None
) -> Design:
    """Read the design off a forecaster's parameters, for rows of so many columns and outputs."""

    def locate(parameter: str) -> tuple[int, ...]:
        return locate_columns(parameter, params[parameter], n_features, feature_names)

    target_column = locate_target_columns(
        params["target_column"], n_outputs, n_features, feature_names
    )
    return Design(
        # Plain integers: those of NumPy overflow where they are narrow.
        window_length=int(params["window_length"]),
        horizon=int(params["horizon"]),
        units=int(params["units"]),
        num_layers=int(params["num_layers"]),
        peephole=bool(params["peephole"]),
        linear_skip=bool(params["linear_skip"]),
        scaling=params["scaling"],
        known_columns=locate("known_columns"),
        target_column=tuple(target_column),
        window_columns=locate("window_columns"),
    )


def refuse_another(before: Design, now: Design) -> None:
    """Refuse to go on training with another design: what was trained fits the one before only."""
    built, asked = vars(before), vars(now)
    changed = [name for name in built if built[name] != asked[name]]
    if changed:
        was, wanted = (
            ", ".join(f"{name}={values[name]!r}" for name in changed) for values in (built, asked)
        )
        raise ValueError(
            f"The network was built with {was}, and the parameters now say {wanted}. Training "
            f"goes on only with the same {', '.join(built)}; for others start anew: clone the "
            "regressor, or fit with warm_start=False."
        )
