"""The regressor inside a Pipeline, a search or another meta-estimator."""

from __future__ import annotations

from typing import Any

from sklearn.pipeline import Pipeline

# Where meta-estimators keep it: what they fitted comes before what they were given.
PLACES = ("best_estimator_", "estimator_", "regressor_", "estimator", "regressor")


def find_inside(estimator: Any, attribute: str) -> Any:
    """Find the outermost part that has the attribute: the estimator, or a regressor inside it."""
    part = estimator
    while not hasattr(part, attribute):
        if isinstance(part, Pipeline):
            part = part.steps[-1][1]
            continue
        place = next((name for name in PLACES if hasattr(part, name)), None)
        if place is None:
            raise ValueError(
                f"No part of {estimator!r} has {attribute}. Give an LSTMRegressor, or what has one "
                "inside."
            )
        part = getattr(part, place)
    return part
