"""Paths from forecasters of a single row: one clone for each lead, with a larger horizon.

The quantiles around its forecasts are those of its training errors, by lead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, clone

from sklstm._rows.number_columns import to_outputs
from sklstm._sklearn_compat import available_if


class LeadByLead(RegressorMixin, BaseEstimator):
    """Forecast each row of a path with a separate forecaster, which has its own `horizon`.

    Parameters
    ----------
    estimator : estimator
        A forecaster with `horizon`, for the first lead; it is cloned for each.
    steps : int, default=1
        Number of rows in a path.
    quantiles : sequence of float, default=None
        Levels of the quantiles, in order; None for none.
    count_rows_before : callable, default=None
        Returns the number of earlier rows that a forecast of a fitted forecaster needs. Training
        rows with fewer earlier rows do not count for the quantiles.
    """

    def __init__(
        self,
        estimator: Any,
        *,
        steps: int = 1,
        quantiles: Any = None,
        count_rows_before: Callable[[Any], int] | None = None,
    ) -> None:
        self.estimator = estimator
        self.steps = steps
        self.quantiles = quantiles
        self.count_rows_before = count_rows_before

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LeadByLead:
        """Fit the forecaster of each lead."""
        horizons = range(self.estimator.horizon, self.estimator.horizon + self.steps)
        self.leads_ = [
            clone(self.estimator).set_params(horizon=horizon).fit(X, y, sample_weight)
            for horizon in horizons
        ]
        if self.quantiles is not None:
            self.quantiles_ = np.asarray(self.quantiles)
            self.missed_ = self._find_missed(X, y, sample_weight)
        return self

    def _find_missed(self, X: Any, y: Any, sample_weight: Any) -> np.ndarray:
        """Find the quantiles of the training errors, (steps, n_outputs, n_quantiles)."""
        outputs = to_outputs(y)
        weight = np.ones(len(outputs)) if sample_weight is None else np.asarray(sample_weight)
        missed = []
        for lead in self.leads_:
            counts = weight > 0
            counts[: self.count_rows_before(lead) if self.count_rows_before else 0] = False
            errors = outputs[counts] - to_outputs(lead.predict(X))[counts]
            missed.append(np.quantile(errors, self.quantiles_, axis=0).T)
        return np.stack(missed)

    def predict(self, X: Any) -> np.ndarray:
        """Predict the first lead."""
        return self.leads_[0].predict(X)

    def predict_steps(self, X: Any) -> np.ndarray:
        """Predict paths, (n_rows, steps[, n_outputs]), NaN for rows after the last one of X."""
        of_leads = [lead.predict(X) for lead in self.leads_]
        n_rows = len(of_leads[0])
        paths = np.full((n_rows, self.steps, *of_leads[0].shape[1:]), np.nan)
        for step, predictions in enumerate(of_leads):
            paths[: max(0, n_rows - step), step] = predictions[step:]
        return paths

    @available_if(lambda self: self.quantiles is not None)
    def predict_quantiles(self, X: Any) -> np.ndarray:
        """Predict the quantiles of the first lead, (n_rows[, n_outputs], n_quantiles)."""
        return self._surround(self.predict(X)[:, None])[:, 0]

    @available_if(lambda self: self.quantiles is not None)
    def predict_steps_quantiles(self, X: Any) -> np.ndarray:
        """Predict the quantiles of paths, (n_rows, steps[, n_outputs], n_quantiles)."""
        return self._surround(self.predict_steps(X))

    def _surround(self, paths: np.ndarray) -> np.ndarray:
        missed = self.missed_[: paths.shape[1]]
        return paths[..., None] + (missed if paths.ndim == 3 else missed[:, 0])

    @available_if(lambda self: hasattr(self.estimator, "update"))
    def update(self, X: Any, y: Any = None) -> LeadByLead:
        """Move the history of each lead on."""
        for lead in self.leads_:
            lead.update(X, y)
        return self

    @property
    def horizon(self) -> int:
        """The number of rows ahead of the first lead."""
        return int(self.estimator.horizon)
