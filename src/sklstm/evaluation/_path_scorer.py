"""A scorer for forecast paths, which compares each step with the target of the row it forecasts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from inspect import signature
from typing import Any, ClassVar

import numpy as np
from sklearn.utils.metadata_routing import MetadataRequest
from sklearn.utils.validation import check_array

from sklstm._nested.forecasting import predict_steps, predict_steps_quantiles
from sklstm._nested.reaching import can_reach, list_levels
from sklstm._sklearn_compat import check_sample_weight


def make_path_scorer(
    metric: Callable[..., Any], *, greater_is_better: bool = False, quantiles: bool = False
) -> PathScorer:
    """Make a scorer for forecast paths, to use in scikit-learn's cross-validation and searches.

    The scorer calls ``predict_steps(X)`` of the estimator. If the model is inside a Pipeline, a
    TransformedTargetRegressor or a search, it calls :func:`~sklstm.predict_steps`. Entry [t, j] of
    the result forecasts the target of row t + j and is compared with that target. The metric is
    computed for each step j, from all rows t for which row t + j is among the given rows. The score
    is the mean over the steps.

    Parameters
    ----------
    metric : callable
        A function of `y_true` and `y_pred`, such as those of :mod:`sklearn.metrics`. Both have the
        shape (n_pairs,), or (n_pairs, n_outputs) for several outputs. Set further arguments of the
        metric with ``functools.partial``.
    greater_is_better : bool, default=False
        Whether a higher metric is better. If False, the scorer returns minus the metric, because
        searches maximise.
    quantiles : bool, default=False
        Whether to score the quantiles of the paths, from ``predict_steps_quantiles(X)``. The metric
        is computed for each quantile, with the level of the quantile passed as `alpha`; use
        :func:`sklearn.metrics.mean_pinball_loss`. The score is the mean over steps and quantiles.

    Returns
    -------
    scorer : callable
        A function of `estimator`, `X`, `y` and `sample_weight` that returns a number. If the metric
        takes `sample_weight`, each pair has the weight of its target's row. With scikit-learn's
        metadata routing, ``scorer.set_score_request(sample_weight=True)`` returns a scorer that
        requests the weights.

    Raises
    ------
    TypeError
        If `metric` is not callable.

    See Also
    --------
    sklearn.metrics.make_scorer : Makes a scorer for the result of `predict`.
    sklstm.metrics.quantile_loss : Scores quantile forecasts, including those of paths.

    Notes
    -----
    A pair of a forecast and its target is left out if the target lies beyond the given rows, or if
    the forecast is NaN because a row that it needs is unknown. The scorer raises a ValueError if a
    step has no pair left, and an AttributeError if neither the estimator nor a model inside it can
    forecast paths.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.base import BaseEstimator, RegressorMixin
    >>> from sklearn.metrics import mean_absolute_error
    >>> from sklstm.evaluation import make_path_scorer
    >>> class Repeat(RegressorMixin, BaseEstimator):
    ...     def fit(self, X, y):
    ...         return self
    ...
    ...     def predict_steps(self, X):
    ...         return np.repeat(X, 2, axis=1)  # the column, for its own row and for the next one
    >>> scorer = make_path_scorer(mean_absolute_error)
    >>> scorer
    make_path_scorer(mean_absolute_error)
    >>> X, y = np.array([[0.0], [2.0], [4.0]]), np.array([1.0, 3.0, 5.0])
    >>> scorer(Repeat(), X, y)  # off by 1 at the first step, by 3 at the second
    -2.0
    """
    if not callable(metric):
        raise TypeError(
            f"metric={metric!r} must be a function of y_true and y_pred, such as "
            "sklearn.metrics.mean_absolute_error."
        )
    return PathScorer(metric, bool(greater_is_better), bool(quantiles))


make_path_scorer.__module__ = "sklstm.evaluation"  # where users import it from


@dataclass(frozen=True)
class PathScorer:
    """The scorer that `make_path_scorer` returns; scorers of the same metric are equal."""

    of_paths: ClassVar[bool] = True  # lets a search recognise this kind of scorer

    metric: Callable[..., Any]
    greater_is_better: bool
    quantiles: bool = False
    request: bool | str | None = None  # of sample_weight, as in scikit-learn's metadata routing

    def __call__(self, estimator, X, y, sample_weight=None):
        """Score the paths that the estimator forecasts for X; greater is better."""
        paths = find_paths_method(estimator, self._method)(X)
        if not self.quantiles:
            return self._sign * self._measure(self.metric, y, paths, sample_weight)
        levels = list_levels(estimator)
        return self._sign * float(
            np.mean(
                [
                    self._measure(partial(self.metric, alpha=level), y, of_level, sample_weight)
                    for level, of_level in zip(levels, np.moveaxis(paths, -1, 0), strict=True)
                ]
            )
        )

    @property
    def _method(self) -> str:
        return "predict_steps_quantiles" if self.quantiles else "predict_steps"

    def _measure(self, metric: Callable[..., Any], y: Any, paths: Any, weight: Any) -> float:
        """Compute the metric for each step, and the mean over the steps."""
        pairs = Pairs.check(y, paths, weight)
        return float(np.mean([pairs.measure(metric, j) for j in pairs.steps]))

    def __repr__(self) -> str:
        name = getattr(self.metric, "__name__", repr(self.metric))
        greater = ", greater_is_better=True" if self.greater_is_better else ""
        quantiles = ", quantiles=True" if self.quantiles else ""
        return f"make_path_scorer({name}{greater}{quantiles})"

    def __reduce__(self):
        # By the public name, so that pickles outlive a change of this class.
        make = partial(
            make_path_scorer, greater_is_better=self.greater_is_better, quantiles=self.quantiles
        )
        return make, (self.metric,), {"request": self.request}

    def set_score_request(self, *, sample_weight: bool | str | None) -> PathScorer:
        """Return a scorer that requests the weights from metadata routing."""
        return replace(self, request=sample_weight)

    def get_metadata_routing(self) -> MetadataRequest:
        """Return the metadata that the scorer requests, for scikit-learn's metadata routing."""
        routing = MetadataRequest(owner=repr(self))
        if self._accept_sample_weight():
            routing.score.add_request(param="sample_weight", alias=self.request)
        return routing

    # scikit-learn's scorers have these names; its searches and ours read them.

    @property
    def _score_func(self) -> Callable[..., Any]:
        return self.metric

    @property
    def _sign(self) -> int:
        return 1 if self.greater_is_better else -1

    def _accept_sample_weight(self) -> bool:
        return "sample_weight" in signature(self.metric).parameters


def find_paths_method(estimator: Any, method: str) -> Callable[[Any], Any]:
    """Find the method that forecasts paths, in the estimator or inside it.

    Raise an AttributeError if there is none.
    """
    if hasattr(estimator, method):
        return getattr(estimator, method)
    if not can_reach(estimator, method):
        raise AttributeError(
            f"{type(estimator).__name__} has no method {method}, which this path scorer needs, and "
            "no model inside it has one that can be reached. Score an estimator with that method, "
            "or use sklearn.metrics.make_scorer to score predict."
        )
    through_nests = predict_steps if method == "predict_steps" else predict_steps_quantiles
    return partial(through_nests, estimator)


@dataclass(frozen=True)
class Pairs:
    """Targets and the paths that forecast them."""

    y: np.ndarray  # (n_rows, n_outputs)
    paths: np.ndarray  # (n_rows, n_steps, n_outputs); [t, j] forecasts y[t + j], NaN if unknown
    weight: np.ndarray | None  # (n_rows,), of the target's row

    @classmethod
    def check(cls, y: Any, paths: Any, weight: Any) -> Pairs:
        """Read the scorer's arguments; raise a ValueError if the shapes do not match."""
        y = check_array(y, dtype=np.float64, ensure_2d=False, input_name="y")
        columns = y.reshape(len(y), -1)
        read = np.asarray(paths, dtype=np.float64)
        read = read[..., None] if read.ndim == 2 else read
        if read.ndim != 3 or not read.size or (len(read), read.shape[2]) != columns.shape:
            outputs = f", {columns.shape[1]}" if columns.shape[1] > 1 else ""
            raise ValueError(
                f"predict_steps returned the shape {np.shape(paths)}; for y of shape {y.shape} it "
                f"must be ({len(y)}, n_steps{outputs}), with at least one step."
            )
        if weight is not None:
            weight = check_sample_weight(weight, columns)
        return cls(columns, read, weight)

    @property
    def steps(self) -> range:
        """The steps of a path; step 0 forecasts the target of the row itself."""
        return range(self.paths.shape[1])

    def measure(self, metric: Callable[..., Any], step: int) -> Any:
        """Compute the metric of one step, from all rows with a forecast and a target."""
        forecasts = self.paths[:, step]
        rows = np.flatnonzero(~np.isnan(forecasts).any(axis=1))
        rows = rows[rows + step < len(self.y)]
        if not len(rows):
            raise ValueError(
                f"Step {step} cannot be scored: none of its forecasts has a target among the "
                f"{len(self.y)} given rows. Score more rows, or forecast fewer steps."
            )
        weight = {} if self.weight is None else {"sample_weight": self.weight[rows + step]}
        return metric(drop_single(self.y[rows + step]), drop_single(forecasts[rows]), **weight)


def drop_single(columns: np.ndarray) -> np.ndarray:
    """Return a single output in one dimension, as metrics expect it."""
    return columns[:, 0] if columns.shape[1] == 1 else columns
