"""The way of rows into a model: the steps of a Pipeline and the transformation of a target."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline


def pass_rows(part: Any, X: Any) -> Any:
    """Transform rows with the steps of a Pipeline before its model; other parts change nothing."""
    for _, step in _list_steps(part):
        X = step.transform(X)
    return X


def pass_known(part: Any, known: Any) -> Any:
    """Transform known rows in the same way; a ValueError names the step that refuses NaN."""
    for name, step in _list_steps(part):
        try:
            known = _with_index_of(known, step.transform(known))
        except ValueError as error:
            if not pd.isna(known).any(axis=None):
                raise
            raise ValueError(
                f"The step {name!r} ({type(step).__name__}) cannot transform `known`, which has "
                f"NaN for values that are not known yet: {error}"
            ) from error
    return known


def _with_index_of(rows: Any, transformed: Any) -> Any:
    """Restore the index that a step dropped; the model compares it with its rows' labels."""
    is_dropped = isinstance(rows, pd.DataFrame) and isinstance(transformed, np.ndarray)
    return pd.DataFrame(transformed, index=rows.index) if is_dropped else transformed


def _list_steps(part: Any) -> list[tuple[str, Any]]:
    """List the steps of a Pipeline before the model, without passthrough; none for other parts."""
    steps = part.steps[:-1] if isinstance(part, Pipeline) else []
    return [(name, step) for name, step in steps if step not in (None, "passthrough")]


def pass_targets(part: Any, y: Any) -> Any:
    """Transform targets as TransformedTargetRegressor does in `fit`; other parts change nothing."""
    if not isinstance(part, TransformedTargetRegressor):
        return y
    y = np.asarray(y)
    try:
        transformed = np.asarray(
            part.transformer_.transform(y.reshape(-1, 1) if y.ndim == 1 else y)
        )
    except ValueError as error:
        raise ValueError(
            f"y of shape {y.shape} cannot be transformed like the targets of fit: {error}"
        ) from error
    is_column = y.ndim == 1 and transformed.ndim == 2 and transformed.shape[1] == 1
    return transformed[:, 0] if is_column else transformed
