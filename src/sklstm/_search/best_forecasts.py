"""The forecasting methods of a search: those of its best estimator, or of the model inside it."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklstm._nested.forecasting import (
    forecast,
    forecast_quantiles,
    predict_quantiles,
    predict_steps,
    predict_steps_quantiles,
)
from sklstm._nested.reaching import can_reach
from sklstm._sklearn_compat import Method, available_if


def _where_reachable(method: Method) -> Method:
    """Make the method available where the best estimator, or the model inside it, has it."""
    name = method.__name__
    return available_if(lambda search: can_reach(search._get_refitted(name), name))(method)


class ForecastsOfBest:
    """Gives a search the forecasting methods of its best estimator."""

    best_estimator_: Any

    @_where_reachable
    def forecast(self, X: Any = None, known: Any = None, n_rows: int | None = None) -> np.ndarray:
        """Forecast the rows after the last one, with the best estimator.

        Available if the best estimator, or the model inside it, has ``forecast``. The steps of a
        Pipeline transform `X` and `known`, and a TransformedTargetRegressor returns forecasts in
        the units of y.

        Parameters
        ----------
        X : array-like of shape (n_latest, n_features), default=None
            Rows after which to forecast. None means the training rows.
        known : array-like of shape (n_ahead, n_features), default=None
            The rows to forecast, with values in columns that are known in advance and NaN
            elsewhere.
        n_rows : int, default=None
            Number of rows to forecast, n_ahead. None leaves the number to the model: an
            LSTMRegressor forecasts ``horizon + steps - 1`` rows.

        Returns
        -------
        y_pred : ndarray of shape (n_ahead,) or (n_ahead, n_outputs)
            One forecast for each row, in the units of y.

        Raises
        ------
        ValueError
            If the model cannot forecast these rows, or if the model or a step before it does not
            accept `known` or `n_rows`.
        """
        check_is_fitted(self)
        return forecast(self.best_estimator_, X, known, n_rows)

    @_where_reachable
    def predict_steps(self, X: Any, known: Any = None) -> np.ndarray:
        """Forecast a path from each row of X, with the best estimator.

        Available if the best estimator, or the model inside it, has ``predict_steps``.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first.
        known : array-like of shape (n_later_rows, n_features), default=None
            Rows after the last row of X, with values in columns that are known in advance and NaN
            elsewhere.

        Returns
        -------
        paths : ndarray of shape (n_rows, steps) or (n_rows, steps, n_outputs)
            Entry (t, j) is the prediction for row t + j, in the units of y. It is NaN if known
            columns of this row are not given.

        Raises
        ------
        ValueError
            If the model or a step before it does not accept `known`.
        """
        check_is_fitted(self)
        return predict_steps(self.best_estimator_, X, known)

    @_where_reachable
    def predict_quantiles(self, X: Any) -> np.ndarray:
        """Predict the quantiles of each row's target, with the best estimator.

        Available if the best estimator, or the model inside it, has ``predict_quantiles``.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first.

        Returns
        -------
        y_quantiles : ndarray of shape (n_rows[, n_outputs], n_quantiles)
            The quantiles of each row's target, in the units of y.
        """
        check_is_fitted(self)
        return predict_quantiles(self.best_estimator_, X)

    @_where_reachable
    def predict_steps_quantiles(self, X: Any, known: Any = None) -> np.ndarray:
        """Forecast the quantiles of a path from each row of X, with the best estimator.

        Available if the best estimator, or the model inside it, has ``predict_steps_quantiles``.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first.
        known : array-like of shape (n_later_rows, n_features), default=None
            Rows after the last row of X, with values in columns that are known in advance and NaN
            elsewhere.

        Returns
        -------
        paths : ndarray of shape (n_rows, steps[, n_outputs], n_quantiles)
            Entry (t, j) holds the quantiles for row t + j, in the units of y. They are NaN if known
            columns of this row are not given.

        Raises
        ------
        ValueError
            If the model or a step before it does not accept `known`.
        """
        check_is_fitted(self)
        return predict_steps_quantiles(self.best_estimator_, X, known)

    @_where_reachable
    def forecast_quantiles(
        self, X: Any = None, known: Any = None, n_rows: int | None = None
    ) -> np.ndarray:
        """Forecast the quantiles of the rows after the last one, with the best estimator.

        Available if the best estimator, or the model inside it, has ``forecast_quantiles``.

        Parameters
        ----------
        X : array-like of shape (n_latest, n_features), default=None
            Rows after which to forecast. None means the training rows.
        known : array-like of shape (n_ahead, n_features), default=None
            The rows to forecast, with values in columns that are known in advance and NaN
            elsewhere.
        n_rows : int, default=None
            Number of rows to forecast, n_ahead. None leaves the number to the model. For an
            LSTMRegressor, the default and the maximum are ``horizon + steps - 1``.

        Returns
        -------
        y_quantiles : ndarray of shape (n_ahead[, n_outputs], n_quantiles)
            The quantiles for each row, in the units of y.

        Raises
        ------
        ValueError
            If the model cannot forecast these rows, or if the model or a step before it does not
            accept `known` or `n_rows`.
        """
        check_is_fitted(self)
        return forecast_quantiles(self.best_estimator_, X, known, n_rows)
