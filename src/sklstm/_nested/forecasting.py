"""Forecasts of fitted estimators, and newer rows for them, through all that stands around a model.

Rows pass the steps of a Pipeline, forecasts the inverse transformation of a target; a search and a
frozen estimator let both through as they are. What else stands around a model may choose rows or
columns for it, so nothing is handed on through that.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import TransformedTargetRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklstm._nested.inside import walk_inside


def forecast(estimator, X=None, known=None):
    """Forecast the rows after the last one, with the model inside a fitted estimator.

    The estimator may be a model with ``forecast``, such as :class:`~sklstm.LSTMRegressor`, or a
    Pipeline, a TransformedTargetRegressor or a search with one inside, nested in any order. The
    steps of a Pipeline transform `X` and `known`, and a TransformedTargetRegressor brings the
    forecasts back to the units of y, as in ``predict``.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator.
    X : array-like of shape (n_rows, n_features), default=None
        The latest rows, oldest first, with the columns of ``fit``. None means the rows that the
        model keeps, those of ``fit`` and ``update``.
    known : array-like of shape (horizon, n_features), default=None
        The rows to forecast, with the columns of ``fit``: values in columns that are known in
        advance, NaN elsewhere.

    Returns
    -------
    y_pred : ndarray of shape (horizon,) or (horizon, n_outputs)
        One forecast for each of the `horizon` rows after the last one, in the units of y.

    Raises
    ------
    ValueError
        If no model with ``forecast`` can be reached, if a search has ``refit=False``, if the
        model's `horizon` is 0, or if the model or a step before it does not take `known`.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.

    See Also
    --------
    update : Moves the history of the model on by newer rows.
    LSTMRegressor.forecast : The forecast of the model itself.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.compose import TransformedTargetRegressor
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import FunctionTransformer
    >>> import sklstm
    >>> prices = np.exp(0.01 * np.arange(60.0))
    >>> logs = make_pipeline(FunctionTransformer(np.log), sklstm.LastValueRegressor())
    >>> model = TransformedTargetRegressor(logs, func=np.log, inverse_func=np.exp)
    >>> model = model.fit(prices.reshape(-1, 1), prices)
    >>> sklstm.forecast(model).round(3), prices[-1].round(3)
    (array([1.804]), np.float64(1.804))
    """
    path = _reach(estimator, "forecast")
    model = path[-1]
    if known is not None and "known" not in signature(model.forecast).parameters:
        raise ValueError(f"{type(model).__name__} takes no `known` in forecast. Leave it at None.")
    for part in path[:-1]:
        X = None if X is None else _transform_rows(part, X)
        known = None if known is None else _transform_known(part, known)
    y = model.forecast(X) if known is None else model.forecast(X, known)
    for part in reversed(path[:-1]):
        y = _restore_targets(part, y)
    return y


forecast.__module__ = "sklstm"  # where users import it from


def update(estimator, X, y=None):
    """Move the history of the model inside a fitted estimator on by newer rows, without training.

    The estimator may be a model with ``update``, such as :class:`~sklstm.LSTMRegressor`, or a
    Pipeline, a TransformedTargetRegressor or a search with one inside, nested in any order. Rows
    and targets are transformed on the way, as in ``fit``.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator; the model inside it is changed.
    X : array-like of shape (n_rows, n_features)
        Rows that follow those of ``fit`` and ``update``.
    y : array-like of shape (n_rows,) or (n_rows, n_outputs), default=None
        Targets of these rows. Most models read `X` alone; naive forecasts need `y` where it is no
        column of `X`, and so does an adaptive :class:`~sklstm.ConformalRegressor`.

    Returns
    -------
    estimator : estimator
        The same estimator, whose next predictions follow these rows.

    Raises
    ------
    ValueError
        If no model with ``update`` can be reached, if a search has ``refit=False``, or if `y` does
        not have the outputs of ``fit``.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.

    See Also
    --------
    forecast : Forecasts the rows after the last one.
    LSTMRegressor.update : The update of the model itself.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> import sklstm
    >>> X = np.arange(60.0).reshape(-1, 1)
    >>> model = make_pipeline(StandardScaler(), sklstm.LastValueRegressor()).fit(X[:50], X[:50, 0])
    >>> sklstm.forecast(model).round(3)
    array([49.])
    >>> sklstm.forecast(sklstm.update(model, X[50:])).round(3)
    array([59.])
    """
    path = _reach(estimator, "update")
    for part in path[:-1]:
        X, y = _transform_rows(part, X), None if y is None else _transform_targets(part, y)
    path[-1].update(X, y)
    return estimator


update.__module__ = "sklstm"  # where users import it from


def can_reach(estimator: Any, method: str) -> bool:
    """Tell whether the estimator has the method, or a model inside that rows can be handed to."""
    return _find_path(estimator, method) is not None


def _find_path(estimator: Any, method: str) -> list[Any] | None:
    """List the parts from the estimator in to the first that has the method, None without one."""
    path = []
    for part in walk_inside(estimator):
        path.append(part)
        if callable(getattr(part, method, None)):
            return path
        if not _lets_rows_through(part):
            break
    return None


def _lets_rows_through(part: Any) -> bool:
    if isinstance(part, Pipeline | TransformedTargetRegressor | FrozenEstimator):
        return True
    return hasattr(part, "best_estimator_") or hasattr(part, "refit")  # a search, of whatever kind


def _reach(estimator: Any, method: str) -> list[Any]:
    """Find the way to the model that has the method, and check that the model was fitted."""
    path = _find_path(estimator, method)
    if path is None:
        raise ValueError(
            f"{estimator!r} has no {method}, and rows cannot be handed on to a model inside that "
            f"has it. Use a model with {method}, such as LSTMRegressor, by itself or in a Pipeline,"
            " a TransformedTargetRegressor or a search."
        )
    check_is_fitted(estimator)
    _refuse_without_refit(path)
    return path


def _refuse_without_refit(path: Sequence[Any]) -> None:
    for part in path[:-1]:
        if getattr(part, "refit", True) is False and not hasattr(part, "best_estimator_"):
            raise ValueError(
                f"{type(part).__name__} has refit=False, so it has fitted no best_estimator_. Set "
                "refit=True, or fit an estimator with its best_params_."
            )


def _transform_rows(part: Any, X: Any) -> Any:
    for _, step in _list_steps(part):
        X = step.transform(X)
    return X


def _transform_known(part: Any, known: Any) -> Any:
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


def _transform_targets(part: Any, y: Any) -> Any:
    """Transform targets as `fit` of a TransformedTargetRegressor does; others leave them."""
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


def _restore_targets(part: Any, y: np.ndarray) -> np.ndarray:
    """Bring forecasts back to the units of y, in the shape that `predict` gives them."""
    if not isinstance(part, TransformedTargetRegressor):
        return y
    outer = copy(part)
    outer.regressor_ = _Spoken(y)
    return outer.predict(None)


@dataclass(frozen=True)
class _Spoken:
    """A regressor whose predictions are forecasts that were made before."""

    forecasts: np.ndarray

    def predict(self, X: Any) -> np.ndarray:
        """Return the forecasts."""
        return self.forecasts
