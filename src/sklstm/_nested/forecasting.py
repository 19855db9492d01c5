"""Forecasts of a fitted estimator that has a forecaster inside.

The steps of a Pipeline transform the rows, and a transformed target is transformed back. Searches
and frozen estimators pass both on unchanged.
"""

from __future__ import annotations

from inspect import signature
from typing import Any

import numpy as np

from sklstm._nested.passing import pass_known, pass_rows, pass_targets
from sklstm._nested.reaching import reach
from sklstm._nested.restoring import Axes, restore_forecasts


def forecast(
    estimator: Any, X: Any = None, known: Any = None, n_rows: int | None = None
) -> np.ndarray:
    """Forecast the rows after the last known one, with a model nested in an estimator.

    The estimator is a model with ``forecast``, such as :class:`~sklstm.LSTMRegressor`, or a
    Pipeline, TransformedTargetRegressor or search that contains one, nested in any order. The steps
    of a Pipeline transform `X` and `known`, and a TransformedTargetRegressor returns forecasts in
    the units of y, as in ``predict``.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator.
    X : array-like of shape (n_latest, n_features), default=None
        The latest rows, oldest first, with the columns of ``fit``. None means the rows given to
        ``fit`` and ``update``, which the model keeps.
    known : array-like of shape (n_ahead, n_features), default=None
        The rows to forecast, with the columns of ``fit``. They hold values in the columns that are
        known in advance and NaN elsewhere.
    n_rows : int, default=None
        Number of rows to forecast, n_ahead. None leaves the number to the model: an LSTMRegressor
        forecasts ``horizon + steps - 1`` rows.

    Returns
    -------
    y_pred : ndarray of shape (n_ahead,) or (n_ahead, n_outputs)
        One forecast for each row after the last one, in the units of y.

    Raises
    ------
    ValueError
        If the estimator contains no model with ``forecast``, if a search has ``refit=False``, if
        the model cannot forecast these rows, or if the model or a step before it does not accept
        `known` or `n_rows`.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.

    See Also
    --------
    update : Adds newer rows to the history of the model.
    forecast_quantiles : Forecasts quantiles of the same rows.
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
    return _ask(estimator, "forecast", X, known=known, n_rows=n_rows)


def predict_steps(estimator: Any, X: Any, known: Any = None) -> np.ndarray:
    """Forecast a path from each row of X, with a model nested in an estimator.

    The path of row t consists of the forecasts of the rows t to t + steps - 1. The estimator must
    be or contain a model with ``predict_steps``, such as :class:`~sklstm.LSTMRegressor`, as
    described in :func:`~sklstm.forecast`.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator.
    X : array-like of shape (n_rows, n_features)
        Rows in time order, oldest first, with the columns of ``fit``.
    known : array-like of shape (n_later_rows, n_features), default=None
        Rows after the last row of X, for the paths that reach beyond it. They hold values in the
        columns that are known in advance and NaN elsewhere.

    Returns
    -------
    paths : ndarray of shape (n_rows, steps) or (n_rows, steps, n_outputs)
        Entry (t, j) is the prediction for row t + j, in the units of y. It is NaN if the known
        columns of row t + j are not given.

    Raises
    ------
    ValueError
        If the estimator contains no model with ``predict_steps``, if a search has ``refit=False``,
        or if the model or a step before it does not accept `known`.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.

    See Also
    --------
    predict_steps_quantiles : Forecasts quantiles of the same rows.
    LSTMRegressor.predict_steps : The paths of the model itself.
    sklstm.evaluation.make_path_scorer : Scores such paths.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> import sklstm
    >>> X = np.sin(np.arange(80.0)).reshape(-1, 1)
    >>> lstm = sklstm.LSTMRegressor(steps=3, units=4, epochs=2, random_state=0)
    >>> model = make_pipeline(StandardScaler(), lstm).fit(X, X[:, 0])
    >>> sklstm.predict_steps(model, X[-10:]).shape
    (10, 3)
    """
    return _ask(estimator, "predict_steps", X, known=known)


def predict_quantiles(estimator: Any, X: Any) -> np.ndarray:
    """Predict the quantiles of each row's target, with a model nested in an estimator.

    The estimator must be or contain a model with ``predict_quantiles``, such as an
    :class:`~sklstm.LSTMRegressor` with `quantiles`, as described in :func:`~sklstm.forecast`.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator.
    X : array-like of shape (n_rows, n_features)
        Rows in time order, oldest first, with the columns of ``fit``.

    Returns
    -------
    y_quantiles : ndarray of shape (n_rows[, n_outputs], n_quantiles)
        The quantiles of each row's target, the median among them, in the units of y. They are in
        increasing order, even if the transformation of the target is decreasing.

    Raises
    ------
    ValueError
        If the estimator contains no model with ``predict_quantiles``, if a search has
        ``refit=False``, or if the transformation of the target is decreasing and the quantiles do
        not come in pairs, such as 0.1 and 0.9.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.

    See Also
    --------
    predict_steps_quantiles : Forecasts the quantiles of each row of a path.
    sklstm.metrics.quantile_loss : Scores forecasts of quantiles.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.compose import TransformedTargetRegressor
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import FunctionTransformer
    >>> import sklstm
    >>> from sklstm.metrics import interval_coverage
    >>> rng = np.random.default_rng(0)
    >>> prices = np.exp(0.1 * rng.normal(size=(300, 1)).cumsum(axis=0))
    >>> past, later = slice(None, 200), slice(200, None)
    >>> lstm = sklstm.LSTMRegressor(quantiles=[0.1, 0.9], units=4, epochs=2, random_state=0)
    >>> logs = make_pipeline(FunctionTransformer(np.log), lstm)
    >>> model = TransformedTargetRegressor(logs, func=np.log, inverse_func=np.exp)
    >>> model = model.fit(prices[past], prices[past, 0])
    >>> quantiles = sklstm.predict_quantiles(model, prices[later])
    >>> quantiles.shape  # 0.1, 0.5 and 0.9
    (100, 3)
    >>> float(interval_coverage(prices[later, 0], quantiles[:, [0, -1]]))
    0.8
    """
    return _ask(estimator, "predict_quantiles", X)


def predict_steps_quantiles(estimator: Any, X: Any, known: Any = None) -> np.ndarray:
    """Forecast quantiles for each step of a path, with a model nested in an estimator.

    The path of row t consists of the rows t to t + steps - 1. The estimator must be or contain a
    model with ``predict_steps_quantiles``, such as an :class:`~sklstm.LSTMRegressor` with
    `quantiles`, as described in :func:`~sklstm.forecast`.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator.
    X : array-like of shape (n_rows, n_features)
        Rows in time order, oldest first, with the columns of ``fit``.
    known : array-like of shape (n_later_rows, n_features), default=None
        Rows after the last row of X, for the paths that reach beyond it. They hold values in the
        columns that are known in advance and NaN elsewhere.

    Returns
    -------
    paths : ndarray of shape (n_rows, steps[, n_outputs], n_quantiles)
        Entry (t, j) holds the quantiles for row t + j, the median among them, in the units of y and
        in increasing order. They are NaN if the known columns of row t + j are not given.

    Raises
    ------
    ValueError
        If the estimator contains no model with ``predict_steps_quantiles``, if a search has
        ``refit=False``, if the model or a step before it does not accept `known`, or if the
        transformation of the target is decreasing and the quantiles do not come in pairs, such as
        0.1 and 0.9.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.

    See Also
    --------
    predict_steps : Forecasts the same paths without quantiles.
    sklstm.metrics.quantile_loss : Scores forecasts of quantiles.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.compose import TransformedTargetRegressor
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import FunctionTransformer
    >>> import sklstm
    >>> rng = np.random.default_rng(0)
    >>> prices = np.exp(0.1 * rng.normal(size=(300, 1)).cumsum(axis=0))
    >>> past, later = slice(None, 200), slice(200, None)
    >>> lstm = sklstm.LSTMRegressor(
    ...     steps=3, quantiles=[0.1, 0.9], units=4, epochs=2, random_state=0
    ... )
    >>> logs = make_pipeline(FunctionTransformer(np.log), lstm)
    >>> model = TransformedTargetRegressor(logs, func=np.log, inverse_func=np.exp)
    >>> model = model.fit(prices[past], prices[past, 0])
    >>> quantiles = sklstm.predict_steps_quantiles(model, prices[later])
    >>> quantiles.shape  # 0.1, 0.5 and 0.9 of each step
    (100, 3, 3)
    >>> np.diff(quantiles[:, :, [0, -1]]).mean(axis=0).ravel().round(2)  # the band of each step
    array([0.25, 0.35, 0.45])
    """
    return _ask(estimator, "predict_steps_quantiles", X, known=known)


def forecast_quantiles(
    estimator: Any, X: Any = None, known: Any = None, n_rows: int | None = None
) -> np.ndarray:
    """Forecast quantiles for the next rows, with a model nested in an estimator.

    The estimator must be or contain a model with ``forecast_quantiles``, such as an
    :class:`~sklstm.LSTMRegressor` with `quantiles`, as described in :func:`~sklstm.forecast`.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator.
    X : array-like of shape (n_latest, n_features), default=None
        The latest rows, oldest first, with the columns of ``fit``. None means the rows given to
        ``fit`` and ``update``, which the model keeps.
    known : array-like of shape (n_ahead, n_features), default=None
        The rows to forecast, with the columns of ``fit``. They hold values in the columns that are
        known in advance and NaN elsewhere.
    n_rows : int, default=None
        Number of rows to forecast, n_ahead. None leaves the number to the model. For an
        LSTMRegressor, ``horizon + steps - 1`` is both the default and the maximum.

    Returns
    -------
    y_quantiles : ndarray of shape (n_ahead[, n_outputs], n_quantiles)
        The quantiles for each row after the last one, the median among them, in the units of y and
        in increasing order.

    Raises
    ------
    ValueError
        If the estimator contains no model with ``forecast_quantiles``, if a search has
        ``refit=False``, if the model cannot forecast these rows, if the model or a step before it
        does not accept `known` or `n_rows`, or if the transformation of the target is decreasing
        and the quantiles do not come in pairs, such as 0.1 and 0.9.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.

    See Also
    --------
    forecast : Forecasts the same rows without quantiles.
    update : Adds newer rows to the history of the model.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.compose import TransformedTargetRegressor
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import FunctionTransformer
    >>> import sklstm
    >>> rng = np.random.default_rng(0)
    >>> prices = np.exp(0.1 * rng.normal(size=(300, 1)).cumsum(axis=0))
    >>> lstm = sklstm.LSTMRegressor(
    ...     steps=3, quantiles=[0.1, 0.9], units=4, epochs=2, random_state=0
    ... )
    >>> logs = make_pipeline(FunctionTransformer(np.log), lstm)
    >>> model = TransformedTargetRegressor(logs, func=np.log, inverse_func=np.exp)
    >>> model = model.fit(prices[:200], prices[:200, 0])
    >>> sklstm.forecast_quantiles(model).round(2)  # 0.1, 0.5 and 0.9 of the next three rows
    array([[1.19, 1.36, 1.55],
           [1.12, 1.36, 1.62],
           [1.07, 1.35, 1.71]])
    """
    return _ask(estimator, "forecast_quantiles", X, known=known, n_rows=n_rows)


AXES = {
    "forecast": Axes(),
    "predict_steps": Axes(leads=True),
    "predict_quantiles": Axes(quantiles=True),
    "predict_steps_quantiles": Axes(leads=True, quantiles=True),
    "forecast_quantiles": Axes(quantiles=True),
}


def _ask(estimator: Any, method: str, X: Any, **options: Any) -> Any:
    """Have the model inside forecast: rows on the way in, forecasts on the way out.

    options: further arguments of the method, None where they are left to the model.
    """
    *around, model = reach(estimator, method)
    given = {name: value for name, value in options.items() if value is not None}
    _refuse_untaken(model, method, given)
    for part in around:
        X = None if X is None else pass_rows(part, X)
        if "known" in given:
            given["known"] = pass_known(part, given["known"])
    forecasts, axes = getattr(model, method)(X, **given), AXES[method]
    levels = getattr(model, "quantiles_", None) if axes.quantiles else None
    return restore_forecasts(around, forecasts, axes, levels)


def _refuse_untaken(model: Any, method: str, given: dict[str, Any]) -> None:
    for name in given:
        if name not in signature(getattr(model, method)).parameters:
            raise ValueError(
                f"{method} of {type(model).__name__} does not accept `{name}`. Leave it at None."
            )


def update(estimator: Any, X: Any, y: Any = None) -> Any:
    """Add newer rows to the history of the model inside a fitted estimator, without training.

    The estimator is a model with ``update``, such as :class:`~sklstm.LSTMRegressor`, or a Pipeline,
    TransformedTargetRegressor or search that contains one, nested in any order. Rows and targets
    are transformed as in ``predict``.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator; the model inside it is changed.
    X : array-like of shape (n_rows, n_features)
        Rows that follow those given to ``fit`` and ``update``.
    y : array-like of shape (n_rows,) or (n_rows, n_outputs), default=None
        Targets of these rows. Most models read only `X`. The naive forecasters need `y` if it is
        not a column of `X`. An adaptive :class:`~sklstm.ConformalRegressor` always needs it.

    Returns
    -------
    estimator : estimator
        The same estimator. The history of its model now ends with these rows.

    Raises
    ------
    ValueError
        If the estimator contains no model with ``update``, if a search has ``refit=False``, or if
        `y` does not have the outputs of ``fit``.
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
    path = reach(estimator, "update")
    for part in path[:-1]:
        X, y = pass_rows(part, X), None if y is None else pass_targets(part, y)
    path[-1].update(X, y)
    return estimator


for _function in (
    forecast,
    predict_steps,
    predict_quantiles,
    predict_steps_quantiles,
    forecast_quantiles,
    update,
):
    _function.__module__ = "sklstm"  # where users import it from
