"""`ConformalRegressor`: its parameters, `fit`, the intervals, `update`.

The last rows are held back from the fit. The errors of the predictions on these rows show how wide
an interval must be to hold the required share of later targets.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from copy import deepcopy
from numbers import Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.utils import get_tags, indexable
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.validation import check_is_fitted

from sklstm._documentation import LinksToDocumentation
from sklstm._intervals.adaptation import adapt
from sklstm._intervals.bands import (
    choose_levels,
    forecast_band,
    predict_band,
    predict_steps_band,
)
from sklstm._intervals.lagging import Lagging, lag_behind
from sklstm._intervals.leads import list_leads, refuse_far_rows
from sklstm._intervals.misses import order_by_path, score_rows
from sklstm._intervals.widths import conformal_quantile, refuse_few_scores, widen
from sklstm._nested.forecasting import forecast, predict_steps, update
from sklstm._nested.gap import find_needed_gap
from sklstm._nested.metadata import is_routing_enabled, take_rows
from sklstm._nested.own_row import warn_of_own_row
from sklstm._nested.parts import reads_windows
from sklstm._nested.reaching import can_reach, count_steps
from sklstm._plain_data import PickledAsPlainData
from sklstm._rows.folds import refuse_newer_training_rows
from sklstm._rows.labels import settle_labels
from sklstm._sklearn_compat import (
    HasMethods,
    Interval,
    StrOptions,
    available_if,
    fit_context,
    num_samples,
    safe_indexing,
)
from sklstm._versions import WarnsOfOtherVersions


class ConformalRegressor(
    WarnsOfOtherVersions,
    PickledAsPlainData,
    LinksToDocumentation,
    MetaEstimatorMixin,
    RegressorMixin,
    BaseEstimator,
):
    """Add prediction intervals to any regressor, by conformal prediction.

    The last rows are held back from the regressor's ``fit`` and then predicted. The half-width of
    the intervals is the `coverage` quantile of the absolute errors on these rows, with a correction
    for the number of rows [1]_ [2]_ [3]_. If later rows are exchangeable with those held back, an
    interval holds its target with at least the probability `coverage`. A series that drifts is not
    exchangeable; use ``method="adaptive"`` to follow it.

    A model with several `steps`, such as :class:`LSTMRegressor`, forecasts paths. Each step of a
    path is then calibrated separately. If the model forecasts quantiles, the band between two of
    them is widened or narrowed [4]_, so its width can still differ from row to row.

    Parameters
    ----------
    estimator : estimator
        The regressor, or a Pipeline, search or TransformedTargetRegressor that contains one. It is
        cloned. If the model inside has ``update``, the rows held back are added to its history
        after the fit.
    coverage : float, default=0.9
        Share of targets that the intervals should hold, in (0, 1). For 0.9 at least 9 rows must be
        held back, for 0.99 at least 99. The last step of a path needs ``steps - 1`` more.
    method : {"split", "adaptive"}, default="split"
        "split" keeps the errors found in ``fit``. With "adaptive", ``update`` replaces the oldest
        errors by new ones. It also aims at a higher coverage after a target outside its interval,
        and at a lower coverage after a target inside [5]_.
    calibration_fraction : float, default=0.2
        Share of the rows to hold back for calibration, in (0, 1); these are the last rows. If y is
        shifted by some rows, as many rows are left out before them. Early stopping holds back
        further rows, from the remaining ones.
    step_size : float, default=0.005
        How fast "adaptive" changes the coverage that it aims at; gamma in [5]_. After a miss, this
        coverage rises by ``step_size * coverage``. A larger step follows changes faster, but the
        widths vary more.

    Attributes
    ----------
    estimator_ : estimator
        The regressor, fitted to the rows that are not held back.
    scores_ : ndarray of shape (n_calibration, n_outputs) or (n_calibration, steps, n_outputs)
        Absolute errors on the rows held back, or on newer rows, in the units of y. With quantiles,
        distances from the band, which are negative inside it. For paths, entry (t, j) belongs to
        row t + j in the path that begins in row t, and is NaN until this row is known.
    alpha_ : ndarray of shape (n_outputs,) or (steps, n_outputs)
        Share of targets that the next interval may miss: 1 - `coverage`, unless "adaptive" has
        changed it.
    band_ : tuple of float or None
        The two quantiles that form the band: on each side of the median, the one nearest to (1 -
        `coverage`) / 2 or (1 + `coverage`) / 2. None for a regressor without quantiles.
    n_features_in_ : int
        Number of columns seen in ``fit``, if the regressor has this attribute.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of these columns, if the regressor has this attribute.

    See Also
    --------
    LSTMRegressor : Forecasts a band by itself, with `quantiles`.
    sklstm.metrics.interval_score : Scores intervals by their width and their misses.

    References
    ----------
    .. [1] Vovk, V., Gammerman, A. and Shafer, G. "Algorithmic learning in a random world."
       Springer, 2005.
    .. [2] Papadopoulos, H., Proedrou, K., Vovk, V. and Gammerman, A. "Inductive confidence machines
       for regression." ECML 2002.
    .. [3] Lei, J., G'Sell, M., Rinaldo, A., Tibshirani, R. J. and Wasserman, L. "Distribution-free
       predictive inference for regression." Journal of the American Statistical Association 113
       (2018), 1094-1111.
    .. [4] Romano, Y., Patterson, E. and Candes, E. "Conformalized quantile regression." NeurIPS
       2019.
    .. [5] Gibbs, I. and Candes, E. "Adaptive conformal inference under distribution shift."
       NeurIPS 2021.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import Ridge
    >>> from sklstm import ConformalRegressor
    >>> from sklstm.metrics import interval_coverage, interval_width
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(600, 3))
    >>> y = X[:, 0] + rng.normal(size=600)
    >>> regressor = ConformalRegressor(Ridge(), coverage=0.8).fit(X[:500], y[:500])
    >>> interval = regressor.predict_interval(X[500:])
    >>> interval.shape  # lower and upper end
    (100, 2)
    >>> interval_coverage(y[500:], interval), round(interval_width(interval), 2)
    (0.82, 2.74)

    The intervals of a path are wider for later steps:

    >>> from sklstm import LSTMRegressor
    >>> walk = rng.normal(size=400).cumsum()
    >>> paths = LSTMRegressor(steps=3, epochs=1, n_networks=1, random_state=0)
    >>> regressor = ConformalRegressor(paths, coverage=0.8).fit(walk[:, None], walk)
    >>> interval = regressor.forecast_interval()
    >>> interval.shape
    (3, 2)
    >>> bool(np.ptp(interval, axis=1)[2] > np.ptp(interval, axis=1)[0])
    True
    """

    __module__ = "sklstm"  # where users import it from

    _behind: Lagging | None  # for "adaptive" with paths only
    _records: ClassVar[Mapping[str, Any]] = {"_behind": Lagging | None}
    _parameter_constraints: ClassVar[dict] = {
        "estimator": [HasMethods(["fit", "predict"])],
        "coverage": [Interval(Real, 0, 1, closed="neither")],
        "method": [StrOptions({"split", "adaptive"})],
        "calibration_fraction": [Interval(Real, 0, 1, closed="neither")],
        "step_size": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        estimator: Any,
        *,
        coverage: float = 0.9,
        method: Literal["split", "adaptive"] = "split",
        calibration_fraction: float = 0.2,
        step_size: float = 0.005,
    ) -> None:
        self.estimator = estimator
        self.coverage = coverage
        self.method = method
        self.calibration_fraction = calibration_fraction
        self.step_size = step_size

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any, **params: Any) -> Self:
        """Fit the regressor to the first rows, and calibrate on the last ones.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first.
        y : array-like of shape (n_rows,) or (n_rows, n_outputs)
            Targets of these rows.
        **params : dict of str to object
            Parameters for the regressor's ``fit``. Parameters with one entry per row, such as
            `sample_weight`, are cut to the rows that it is fitted to.

        Returns
        -------
        self : ConformalRegressor
            The fitted regressor.

        Raises
        ------
        ValueError
            If `calibration_fraction` leaves no rows to train on, if a training row is newer than a
            calibration row by its label, or if all quantiles of the model lie on one side of the
            median.

        Warns
        -----
        UserWarning
            If y is a column of X in the same row, and the regressor is not a forecaster.
        """
        if y is None:
            raise ValueError(f"{self!r} requires y to be passed, but the target y is None.")
        X, y = indexable(X, y)
        params = self._route(params)
        labels, X, y = settle_labels(X, y, must_increase=reads_windows(self.estimator))
        warn_of_own_row(self.estimator, X, y, fit_params=params)
        gap = find_needed_gap(self.estimator, X, y, params)
        n_rows, n_train = num_samples(X), self._count_training_rows(num_samples(X), gap)
        refuse_newer_training_rows(labels, n_train, n_train + gap)
        train, later = slice(0, n_train), slice(n_train, n_rows)
        estimator = clone(self.estimator).fit(
            safe_indexing(X, train),
            safe_indexing(y, train),
            **take_rows(params, train, n_rows),
        )
        # The gap's rows are history too: they are predicted and moved over with the others.
        X, y = safe_indexing(X, later), safe_indexing(y, later)
        n_leads, levels = count_steps(estimator), choose_levels(estimator, self.coverage)
        scores = score_rows(estimator, X, y, levels, n_leads, first=gap)
        behind = None
        if self.method == "adaptive" and n_leads > 1:
            behind = lag_behind(estimator, X, y, min(n_leads, len(scores)) - 1)
        if can_reach(estimator, "update"):
            update(estimator, X, y)
        return self._keep(estimator, order_by_path(scores), levels, behind)

    @classmethod
    def from_search(
        cls,
        search: Any,
        *,
        coverage: float = 0.9,
        method: Literal["split", "adaptive"] = "split",
        step_size: float = 0.005,
    ) -> Self:
        """Add intervals to a search's best estimator, from its errors in the folds.

        No rows are held back and nothing is fitted again. There are two differences from `fit`. The
        errors come from models that were fitted to fewer rows than the best estimator. The
        candidate was chosen because its score on these rows was the best.

        Parameters
        ----------
        search : BayesTimeSeriesSearchCV
            A fitted search with `best_estimator_` and `best_residuals_`.
        coverage : float, default=0.9
            Share of targets that the intervals should hold.
        method : {"split", "adaptive"}, default="split"
            Whether ``update`` adapts the intervals to new errors.
        step_size : float, default=0.005
            How fast "adaptive" changes the coverage that it aims at.

        Returns
        -------
        regressor : ConformalRegressor
            A fitted regressor with a copy of the best estimator.

        Raises
        ------
        ValueError
            If the search has no best estimator or no residuals, or if the best estimator forecasts
            paths or quantiles.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn.linear_model import Ridge
        >>> from sklstm import BayesTimeSeriesSearchCV, ConformalRegressor
        >>> rng = np.random.default_rng(0)
        >>> X = rng.normal(size=(120, 3))
        >>> y = X[:, 0] + rng.normal(size=120)
        >>> search = BayesTimeSeriesSearchCV(Ridge(), {"alpha": (0.1, 10.0)}, n_iter=3).fit(X, y)
        >>> regressor = ConformalRegressor.from_search(search)
        >>> regressor.scores_.shape, regressor.predict_interval(X[-1:]).shape
        ((100, 1), (1, 2))
        """
        if not hasattr(search, "best_estimator_"):
            raise ValueError("from_search needs a fitted search, with refit=True.")
        best = search.best_estimator_
        if count_steps(best) > 1 or can_reach(best, "predict_quantiles"):
            raise ValueError(
                "from_search cannot calibrate a best estimator that forecasts paths or quantiles, "
                "because the search keeps only the residuals of its predictions. Calibrate on "
                "held-out rows instead: ConformalRegressor(search.best_estimator_).fit(X, y)."
            )
        if getattr(search, "best_residuals_", None) is None:
            raise ValueError(
                "The search has no residuals of its best candidate: best_residuals_ is None, for "
                "example because the trial was read from the log. Calibrate on held-out rows "
                "instead: ConformalRegressor(search.best_estimator_).fit(X, y)."
            )
        conformal = cls(best, coverage=coverage, method=method, step_size=step_size)
        conformal._validate_params()
        scores = np.abs(search.best_residuals_).reshape(len(search.best_residuals_), 1, -1)
        return conformal._keep(deepcopy(best), scores)  # update moves the copy on

    def predict(self, X: Any) -> np.ndarray:
        """Predict the targets of the rows of X with the regressor.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first.

        Returns
        -------
        y_pred : ndarray of shape (n_rows,) or (n_rows, n_outputs)
            One prediction for each row, in the units of y.
        """
        check_is_fitted(self)
        return self.estimator_.predict(X)

    def predict_interval(self, X: Any) -> np.ndarray:
        """Predict an interval for the target of each row of X.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first.

        Returns
        -------
        interval : ndarray of shape (n_rows, 2) or (n_rows, n_outputs, 2)
            Lower and upper end, in the units of y. With "adaptive", they may be infinite, or equal
            to each other.

        Raises
        ------
        ValueError
            If too few rows were held back for this `coverage`.
        """
        check_is_fitted(self)
        band = predict_band(self.estimator_, X, self.band_)
        return widen(band, self._find_widths(1)[0].reshape(band.shape[1:-1]))

    @available_if(lambda self: self._has_paths())
    def predict_steps(self, X: Any, known: Any = None) -> np.ndarray:
        """Predict a path from each row of X with the regressor.

        Available if the regressor, or the model inside it, has ``predict_steps``.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first.
        known : array-like of shape (n_later_rows, n_features), default=None
            Rows after the last row of X, for the paths that reach beyond it. They hold values in
            the columns that are known in advance and NaN elsewhere.

        Returns
        -------
        paths : ndarray of shape (n_rows, steps) or (n_rows, steps, n_outputs)
            Entry (t, j) is the prediction for row t + j, in the units of y.
        """
        check_is_fitted(self)
        return predict_steps(self.estimator_, X, known)

    @available_if(lambda self: self._has_paths())
    def predict_steps_interval(self, X: Any, known: Any = None) -> np.ndarray:
        """Predict an interval for each step of a path from each row of X.

        Available if ``predict_steps`` is available.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first.
        known : array-like of shape (n_later_rows, n_features), default=None
            Rows after the last row of X, for the paths that reach beyond it. They hold values in
            the columns that are known in advance and NaN elsewhere.

        Returns
        -------
        interval : ndarray of shape (n_rows, steps, 2) or (n_rows, steps, n_outputs, 2)
            Lower and upper end, in the units of y. They are NaN where the path is NaN.

        Raises
        ------
        ValueError
            If too few rows were held back for this `coverage`.
        """
        check_is_fitted(self)
        band = predict_steps_band(self.estimator_, X, self.band_, known)
        return widen(band, self._find_widths().reshape(band.shape[1:-1]))

    @available_if(lambda self: self._can_forecast())
    def forecast(self, X: Any = None, known: Any = None, n_rows: int | None = None) -> np.ndarray:
        """Forecast the rows after the last one with the regressor.

        Available if the regressor, or the model inside it, has ``forecast``.

        Parameters
        ----------
        X : array-like of shape (n_latest, n_features), default=None
            Rows after which to forecast. None means the rows given to ``fit`` and ``update``.
        known : array-like of shape (n_ahead, n_features), default=None
            The rows to forecast, with values in columns that are known in advance and NaN
            elsewhere.
        n_rows : int, default=None
            Number of rows to forecast, n_ahead. None leaves the number to the regressor:
            ``horizon`` rows, or ``horizon + steps - 1`` for paths.

        Returns
        -------
        y_pred : ndarray of shape (n_ahead,) or (n_ahead, n_outputs)
            One forecast for each row, in the units of y.
        """
        check_is_fitted(self)
        return forecast(self.estimator_, X, known, n_rows)

    @available_if(lambda self: self._can_forecast())
    def forecast_interval(
        self, X: Any = None, known: Any = None, n_rows: int | None = None
    ) -> np.ndarray:
        """Forecast an interval for each row after the last one.

        Available if ``forecast`` is available. The first `horizon` intervals are as wide as those
        of ``predict_interval``. Later intervals are as wide as those of the last path.

        Parameters
        ----------
        X : array-like of shape (n_latest, n_features), default=None
            Rows after which to forecast. None means the rows given to ``fit`` and ``update``.
        known : array-like of shape (n_ahead, n_features), default=None
            The rows to forecast, with values in columns that are known in advance and NaN
            elsewhere.
        n_rows : int, default=None
            Number of rows to forecast, n_ahead; at most ``horizon + steps - 1``, which is the
            default.

        Returns
        -------
        interval : ndarray of shape (n_ahead, 2) or (n_ahead, n_outputs, 2)
            Lower and upper end, in the units of y.

        Raises
        ------
        ValueError
            If too few rows were held back for this `coverage`, or if `n_rows` reaches beyond the
            last path.
        """
        check_is_fitted(self)
        n_leads = len(self._get_leads()[1])
        refuse_far_rows(self.estimator_, n_leads, n_rows)
        band = forecast_band(self.estimator_, X, known, n_rows, self.band_)
        leads = list_leads(self.estimator_, n_leads, len(band))
        q = self._find_widths(leads.max() + 1)[leads]
        return widen(band, q.reshape(band.shape[:-1]))

    def update(self, X: Any, y: Any = None) -> Self:
        """Add newer rows to the history; with "adaptive", learn from their targets.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows that follow those given to ``fit`` and ``update``.
        y : array-like of shape (n_rows,) or (n_rows, n_outputs), default=None
            Targets of these rows. They are required with "adaptive", or if the regressor's own
            ``update`` requires them.

        Returns
        -------
        self : ConformalRegressor
            The regressor. Its history now ends with these rows.

        Raises
        ------
        ValueError
            If y is None with "adaptive", or if `method` was changed from "split" to "adaptive"
            after the fit of a model that forecasts paths.
        """
        check_is_fitted(self)
        if y is None and self.method == "adaptive":
            raise ValueError(
                'y=None, but method="adaptive" learns from the targets of new rows. Pass y.'
            )
        newer, behind = self._score_newer(X, y) if self.method == "adaptive" else (None, None)
        if can_reach(self.estimator_, "update"):
            update(self.estimator_, X, y)
        self._behind = None if behind is None else behind.move_on()
        if newer is not None:
            self._adapt(newer)
        return self

    @property
    def n_features_in_(self) -> int:
        """Number of columns seen in ``fit``, if the regressor has this attribute."""
        return self.estimator_.n_features_in_

    @property
    def feature_names_in_(self) -> np.ndarray:
        """Names of these columns, if the regressor has this attribute."""
        return self.estimator_.feature_names_in_

    def _count_training_rows(self, n_rows, gap):
        n_calibration = math.ceil(self.calibration_fraction * n_rows)
        n_train = n_rows - n_calibration - gap
        if n_train < 1:
            raise ValueError(
                f"calibration_fraction={self.calibration_fraction} leaves no row to train on: the "
                f"last {n_calibration} of n_samples = {n_rows} rows are for calibration, and {gap} "
                "rows before them are left out. Use a smaller fraction or more rows."
            )
        return n_train

    def _keep(self, estimator, scores, levels=None, behind=None):
        """Keep what a fit leaves; scores: (n_rows, n_leads, n_outputs), by path."""
        self.estimator_, self.band_, self._behind = estimator, levels, behind
        self._set_leads(scores, np.full(scores.shape[1:], 1 - self.coverage))
        return self

    def _set_leads(self, scores, alpha):
        """Show scores and alpha without the axis of leads where there is only one."""
        one = scores.shape[1] == 1
        self.scores_, self.alpha_ = (scores[:, 0], alpha[0]) if one else (scores, alpha)

    def _get_leads(self):
        """Return scores and alpha with their axis of leads."""
        one = self.scores_.ndim == 2
        return (self.scores_[:, None], self.alpha_[None]) if one else (self.scores_, self.alpha_)

    def _score_newer(self, X, y):
        """Score newer rows; by paths, those too that began before them. Return the copy behind."""
        if self.scores_.ndim == 2:
            return score_rows(self.estimator_, X, y, self.band_), None
        if self._behind is None:
            raise ValueError(
                'method="adaptive" must follow all paths since fit, but method was "split" in '
                "between. Fit again."
            )
        behind, n_leads = self._behind.followed_by(X, y), self.scores_.shape[1]
        scores = score_rows(behind.estimator, behind.X, behind.y, self.band_, n_leads)
        return scores[behind.n_behind :], behind

    def _adapt(self, newer):
        scores, alpha = self._get_leads()
        aims = {"alpha": 1 - self.coverage, "gamma": self.step_size}
        self._set_leads(*adapt(scores, alpha, newer, **aims))

    def _find_widths(self, n_leads=None):
        """Find by how much the bands of the first leads are widened, (n_leads, n_outputs)."""
        scores, alpha = self._get_leads()
        scores, alpha = scores[:, :n_leads], alpha[:n_leads]
        refuse_few_scores(len(scores), len(alpha), self.coverage)
        return conformal_quantile(scores, alpha)

    def _can_forecast(self):
        return can_reach(getattr(self, "estimator_", self.estimator), "forecast")

    def _has_paths(self):
        return can_reach(getattr(self, "estimator_", self.estimator), "predict_steps")

    def _route(self, params: dict[str, Any]) -> dict[str, Any]:
        """Return what is meant for the regressor's fit; all of it, unless routing is enabled."""
        if not is_routing_enabled():
            return params
        return process_routing(self, "fit", **params).estimator.fit

    def get_metadata_routing(self) -> Any:
        """Get metadata routing of this object.

        Returns
        -------
        routing : MetadataRouter
            How ``fit`` routes metadata to the regressor.
        """
        mapping = MethodMapping().add(caller="fit", callee="fit")
        router = MetadataRouter(owner=type(self).__name__)
        return router.add(estimator=self.estimator, method_mapping=mapping)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        own = get_tags(self.estimator)
        tags.input_tags, tags.target_tags = deepcopy(own.input_tags), deepcopy(own.target_tags)
        tags.regressor_tags = deepcopy(own.regressor_tags)
        return tags
