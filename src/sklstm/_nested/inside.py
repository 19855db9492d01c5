"""The way into a Pipeline, a search or another meta-estimator, down to the model inside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

# Where meta-estimators keep it: what they fitted comes before what they were given.
PLACES = ("best_estimator_", "estimator_", "regressor_", "estimator", "regressor")


def walk_inside(estimator: Any) -> Iterator[Any]:
    """Yield the estimator, then the part inside it, down to the innermost one."""
    part = estimator
    while part is not None:
        yield part
        part = _look_inside(part)


def _look_inside(part: Any) -> Any:
    if isinstance(part, Pipeline):
        return part.steps[-1][1]
    if isinstance(part, FrozenEstimator):  # it shows the attributes of what it froze as its own
        return part.estimator
    return next((getattr(part, name) for name in PLACES if hasattr(part, name)), None)


def find_inside(estimator: Any, attribute: str) -> Any:
    """Find the outermost part that has the attribute: the estimator, or a regressor inside it."""
    for part in walk_inside(estimator):
        if hasattr(part, attribute):
            return part
    raise ValueError(
        f"{estimator!r} has no {attribute}, neither itself nor in a nested estimator. Give an "
        "LSTMRegressor, or a meta-estimator that contains one."
    )
