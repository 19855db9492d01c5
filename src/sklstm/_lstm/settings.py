"""The settings of one training: what the user chose of the network and how it is trained."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from sklstm._network.sizes import Sizes
from sklstm._network.switches import Switches, limit_norm, share_loss


@dataclass(frozen=True)
class TrainingSettings:
    """Parameters of `LSTMRegressor` that the passes over the examples read, by the same names."""

    sizes: Sizes
    peephole: bool
    linear_skip: bool
    dropout: float
    learning_rate: float
    decay_rate: float
    decay_steps: float
    decay_unit: str
    batch_size: int
    shuffle: bool
    loss: str
    quantile: float
    clipnorm: float | None
    weight_decay: float
    seed: int
    learns: np.ndarray | bool = True  # (n_outputs,), False where there is nothing to learn

    def switches(self) -> Switches:
        """The settings that are inputs of the program."""
        return Switches(
            window_length=int(self.sizes.window_length),
            output_share=share_loss(self.learns, self.sizes),
            peephole=float(self.peephole),
            linear_skip=float(self.linear_skip),
            kept_share=float(1 - self.dropout),
            clipnorm=limit_norm(self.clipnorm),
            quantile=float(self.quantile),
        )


def read_settings(params: Mapping[str, Any], sizes: Sizes, seed: int) -> TrainingSettings:
    """Read the settings off the parameters of a regressor."""
    chosen = {field.name for field in fields(TrainingSettings)} & set(params)
    values = {name: params[name] for name in chosen} | {"batch_size": int(params["batch_size"])}
    return TrainingSettings(sizes=sizes, seed=seed, **values)
