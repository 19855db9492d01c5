"""How rows pass in to a model: the steps of a Pipeline and the transformation of a target."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline


def pass_rows(part: Any, X: Any) -> Any:
    """Transform rows as the steps of a Pipeline do before its model; other parts leave them."""
    for _, step in _list_steps(part):
        X = step.transform(X)
    return X


def pass_known(part: Any, known: Any) -> Any:
    """Transform known rows likewise; a ValueError names the step that refuses NaN."""
    for name, step in _list_steps(part):
        try:
            known = _with_index_of(known, step.transform(known))
        except ValueError as error:
            if not pd.isna(known).any(axis=None):
                raise
            raise ValueError(
                f"The step {name!r} ({type(step).__name__}) does not take `known`, which has NaN "
                f"where values are not known yet: {error}"
            ) from error
    return known


def _with_index_of(rows: Any, transformed: Any) -> Any:
    """Put the index back that a step dropped: the model compares it to the labels of its rows."""
    is_dropped = isinstance(rows, pd.DataFrame) and isinstance(transformed, np.ndarray)
    return pd.DataFrame(transformed, index=rows.index) if is_dropped else transformed


def _list_steps(part: Any) -> list[tuple[str, Any]]:
    """List the steps of a Pipeline before the model that do something; none of other parts."""
    steps = part.steps[:-1] if isinstance(part, Pipeline) else []
    return [(name, step) for name, step in steps if step not in (None, "passthrough")]


def pass_targets(part: Any, y: Any) -> Any:
    """Transform targets as `fit` of a TransformedTargetRegressor does; other parts leave them."""
    if not isinstance(part, TransformedTargetRegressor):
        return y
    y = np.asarray(y)
    try:
        transformed = np.asarray(
            part.transformer_.transform(y.reshape(-1, 1) if y.ndim == 1 else y)
        )
    except ValueError as error:
        raise ValueError(
            f"y, of shape {y.shape}, cannot be transformed as the targets of fit were: {error}"
        ) from error
    is_column = y.ndim == 1 and transformed.ndim == 2 and transformed.shape[1] == 1
    return transformed[:, 0] if is_column else transformed
