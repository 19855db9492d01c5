"""What a search forecasts: what its best estimator does, or the model inside it."""

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

        Available if the best estimator, or the last step of the best Pipeline, has ``forecast``.
        The steps before it transform `X` and `known`; a TransformedTargetRegressor brings the
        result back to the unit of `y`.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features), default=None
            Rows after which to forecast; None means the training rows.
        known : array-like of shape (n_ahead, n_features), default=None
            The rows to forecast, as far as they are known in advance; NaN elsewhere.
        n_rows : int, default=None
            How many rows to forecast, n_ahead. None means as many as the model forecasts by
            itself: for an LSTMRegressor its ``horizon + steps - 1``.

        Returns
        -------
        y_pred : ndarray of shape (n_ahead,) or (n_ahead, n_outputs)
            One forecast per row, in the units of y.

        Raises
        ------
        ValueError
            If the model cannot forecast these rows, or if it or a step before it does not take
            `known` or `n_rows`.
        """
        check_is_fitted(self)
        return forecast(self.best_estimator_, X, known, n_rows)

    @_where_reachable
    def predict_steps(self, X: Any, known: Any = None) -> np.ndarray:
        """Forecast a path from each row of X on, with the best estimator.

        Available if the best estimator, or the model inside it, has ``predict_steps``.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in the order of time, oldest first.
        known : array-like of shape (n_later_rows, n_features), default=None
            Rows after the last one of X, as far as they are known in advance; NaN elsewhere.

        Returns
        -------
        paths : ndarray of shape (n_rows, steps) or (n_rows, steps, n_outputs)
            Entry (t, j) is the prediction of row t + j, in the units of y; NaN where the row lacks
            its known columns.

        Raises
        ------
        ValueError
            If the model or a step before it does not take `known`.
        """
        check_is_fitted(self)
        return predict_steps(self.best_estimator_, X, known)

    @_where_reachable
    def predict_quantiles(self, X: Any) -> np.ndarray:
        """Predict quantiles of the targets of the rows of X, with the best estimator.

        Available if the best estimator, or the model inside it, has ``predict_quantiles``.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in the order of time, oldest first.

        Returns
        -------
        y_quantiles : ndarray of shape (n_rows[, n_outputs], n_quantiles)
            The forecast of each quantile for each row, in the units of y.
        """
        check_is_fitted(self)
        return predict_quantiles(self.best_estimator_, X)

    @_where_reachable
    def predict_steps_quantiles(self, X: Any, known: Any = None) -> np.ndarray:
        """Forecast quantiles of a path from each row of X on, with the best estimator.

        Available if the best estimator, or the model inside it, has ``predict_steps_quantiles``.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in the order of time, oldest first.
        known : array-like of shape (n_later_rows, n_features), default=None
            Rows after the last one of X, as far as they are known in advance; NaN elsewhere.

        Returns
        -------
        paths : ndarray of shape (n_rows, steps[, n_outputs], n_quantiles)
            Entry (t, j) holds the quantiles of row t + j, in the units of y; NaN where the row
            lacks its known columns.

        Raises
        ------
        ValueError
            If the model or a step before it does not take `known`.
        """
        check_is_fitted(self)
        return predict_steps_quantiles(self.best_estimator_, X, known)

    @_where_reachable
    def forecast_quantiles(
        self, X: Any = None, known: Any = None, n_rows: int | None = None
    ) -> np.ndarray:
        """Forecast quantiles of the rows after the last one, with the best estimator.

        Available if the best estimator, or the model inside it, has ``forecast_quantiles``.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features), default=None
            Rows after which to forecast; None means the training rows.
        known : array-like of shape (n_ahead, n_features), default=None
            The rows to forecast, as far as they are known in advance; NaN elsewhere.
        n_rows : int, default=None
            How many rows to forecast, n_ahead. None means as many as the model forecasts by
            itself: for an LSTMRegressor its ``horizon + steps - 1``, and not more.

        Returns
        -------
        y_quantiles : ndarray of shape (n_ahead[, n_outputs], n_quantiles)
            The quantiles of each of these rows, in the units of y.

        Raises
        ------
        ValueError
            If the model cannot forecast these rows, or if it or a step before it does not take
            `known` or `n_rows`.
        """
        check_is_fitted(self)
        return forecast_quantiles(self.best_estimator_, X, known, n_rows)
