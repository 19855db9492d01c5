"""The search for good parameters of a forecaster, over splits that respect time."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from copy import deepcopy
from datetime import timedelta
from inspect import signature
from itertools import chain
from numbers import Integral, Real
from time import perf_counter
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn import get_config
from sklearn.base import clone, is_regressor
from sklearn.compose import TransformedTargetRegressor
from sklearn.metrics import check_scoring
from sklearn.model_selection import TimeSeriesSplit, check_cv
from sklearn.pipeline import Pipeline
from sklearn.utils import Bunch, check_random_state, get_tags, indexable
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.metaestimators import available_if
from sklearn.utils.parallel import Parallel
from sklearn.utils.validation import _num_samples, check_is_fitted
from skopt import BayesSearchCV

from sklstm.audit import find_needed_gap, refuse_future_training
from sklstm.optimizer import AskTell, Settings, read_starts
from sklstm.pickling import WarnsOfOtherVersions
from sklstm.spaces import SearchSpace, offered_space, read_search_spaces
from sklstm.trials import (
    Evaluation,
    Fold,
    Trial,
    describe_progress,
    fit_on_all_rows,
    make_cv_results,
    report_failures,
    run_trials,
)

logger = logging.getLogger(__name__)
DEFAULT_N_SPLITS = 5
# 1.5 times as fast as one worker, threads 1.1 (benchmarks/workers.py). A hint only:
# joblib.parallel_config(backend=...) around fit decides otherwise.
PREFERRED_WORKERS = "processes"


class BayesTimeSeriesSearchCV(WarnsOfOtherVersions, BayesSearchCV):
    """Search good parameters of a forecaster by Bayesian optimisation, on splits in time.

    Each trial scores one candidate on all folds. A Gaussian process models the scores of the
    trials so far and proposes the next candidate. The folds come from
    :class:`~sklearn.model_selection.TimeSeriesSplit`, so that no model is scored on rows that are
    older than its training rows.

    It is used like :class:`~sklearn.model_selection.GridSearchCV`, with any estimator or Pipeline,
    and is a subclass of scikit-optimize's ``BayesSearchCV``.

    Parameters
    ----------
    estimator : estimator
        The estimator to tune; it is cloned, never fitted itself. It or a part of it (a Pipeline's
        step, the regressor in a TransformedTargetRegressor) may offer ``search_space(n_rows)`` and
        ``needed_gap(X, y)``, as :class:`~sklstm.LSTMRegressor` does.
    search_spaces : dict, list of dict or list of (dict, int), default=None
        Parameter names and what to search for each: a dimension of ``skopt.space``, a range
        ``(low, high)`` or ``(low, high, "log-uniform")``, a list of categories, or a frozen
        ``uniform``, ``loguniform`` or ``randint`` of ``scipy.stats``. Of a list, each space is
        searched on its own, with ``n_iter`` trials or with those of its pair. None takes the space
        that the estimator offers for the rows of the smallest training fold.
    n_iter : int, default=50
        Trials, start points included. A finite space that holds fewer points ends earlier.
    x0 : "default", dict, list of dict, tuple or None, default="default"
        Candidates to evaluate first. "default" is the estimator's own parameters; if the space does
        not hold them, a warning says so. A dict may name some of the parameters, the estimator's
        own are taken for the others. A tuple ``(x0, y0)`` gives points with scores that are known
        (greater is better), which are not evaluated again and are not in `cv_results_`.
    acq_func : {"EI", "LCB", "PI", "gp_hedge"}, default="EI"
        What makes a candidate promising: expected improvement, lower confidence bound, probability
        of improvement, or a choice among these three that adapts.
    strategy : {"bayes", "random"}, default="bayes"
        "random" draws all candidates at random after the same start points, on the same folds:
        what the model's proposals are to be compared with.
    n_initial_points : int, default=None
        Candidates before the model is first asked, `x0` included; the rest of them is random. None
        means ``max(3, min(10, n_iter // 4))``.
    optimizer_kwargs : dict, default=None
        Further parameters of ``skopt.Optimizer``: `base_estimator`, `acq_func_kwargs`,
        `acq_optimizer`, `acq_optimizer_kwargs`, `model_queue_size`, `n_jobs`. The model is told
        scores in standard deviations from their mean, which is thus the unit of `xi`; by default
        only the last model is kept.
    scoring : str or callable, default=None
        A single metric, greater is better. None means "neg_root_mean_squared_error" for regressors
        and the estimator's own ``score`` for others.
    refit : bool, default=True
        Whether to fit the best candidate on all rows, as `best_estimator_`.
    cv : int, cross-validation generator or iterable, default=None
        How to split. An int is the number of folds of a TimeSeriesSplit, None means 5; its gap is
        the one that the estimator needs to keep training targets out of the test rows. The split
        is made once, all candidates are scored on the same folds.
    allow_future_train : bool, default=False
        Whether a fold may train on rows at or after its first test row.
    n_jobs : int, default=None
        Fits to run side by side; None means 1 unless in a :obj:`joblib.parallel_config` context,
        -1 all processors. Folds run side by side, those with more training rows first, and with
        `n_points` candidates too. The result does not depend on it.
    n_points : int, default=1
        Candidates to propose at a time. More of them keep more processors busy, but each is
        proposed with less knowledge.
    pre_dispatch : int or str, default="2*n_jobs"
        Fits to dispatch ahead, as in :class:`joblib.Parallel`.
    error_score : "raise" or float, default=nan
        The score of a fold on which the candidate fails, by an exception in ``fit`` or in the
        scorer; "raise" raises the exception instead. Whatever its score, a failed candidate ranks
        last.
    return_train_score : bool, default=False
        Whether to score the training rows too.
    verbose : int, default=0
        1 prints a line for each trial. The logger "sklstm" is told it too, at level INFO.
    random_state : int, RandomState, Generator or None, default=None
        Decides the candidates. For the same int they are the same.

    Attributes
    ----------
    cv_results_ : dict of str to array
        A column per key and a row per trial, as in GridSearchCV, and two columns more: `status`,
        "ok" or "failed", and `error`, the reason of a failure or None.
    best_estimator_ : estimator
        The best candidate fitted on all rows, if `refit`.
    best_params_ : dict
        Parameters of the best candidate.
    best_score_ : float
        Its mean score over the folds.
    best_index_ : int
        Its row in `cv_results_`.
    scorer_ : callable
        The scorer of the trials.
    n_splits_ : int
        Number of folds.
    refit_time_ : float
        Seconds for the fit on all rows, if `refit`.
    multimetric_ : bool
        False: there is a single metric.
    optimizer_results_ : list of OptimizeResult
        scikit-optimize's record of each space, for its plots. It minimises: `fun` is minus the
        score. Its models predict standard deviations from the mean.
    n_features_in_ : int
        Number of columns seen in ``fit``, if the best estimator tells it.
    feature_names_in_ : ndarray of str
        Names of these columns, if the best estimator tells them.
    classes_ : ndarray
        Class labels, if the best estimator is a classifier.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import Ridge
    >>> from sklstm import BayesTimeSeriesSearchCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(120, 4))
    >>> y = X[:, 0] + 0.1 * rng.normal(size=120)
    >>> search = BayesTimeSeriesSearchCV(
    ...     Ridge(), {"alpha": (1e-3, 1e3, "log-uniform")}, n_iter=10, random_state=0
    ... )
    >>> search.fit(X, y).best_params_["alpha"] < 10
    True
    >>> search.predict(X[-2:]).shape
    (2,)
    """

    _parameter_constraints: ClassVar[dict] = {
        "estimator": [HasMethods(["fit"])],
        "search_spaces": [dict, list, None],
        "n_iter": [Interval(Integral, 1, None, closed="left")],
        "x0": [StrOptions({"default"}), dict, list, tuple, None],
        "acq_func": [StrOptions({"EI", "LCB", "PI", "gp_hedge"})],
        "strategy": [StrOptions({"bayes", "random"})],
        "n_initial_points": [Interval(Integral, 1, None, closed="left"), None],
        "optimizer_kwargs": [dict, None],
        "scoring": [str, callable, None],
        "refit": ["boolean"],
        "cv": ["cv_object"],
        "allow_future_train": ["boolean"],
        "n_jobs": [Integral, None],
        "n_points": [Interval(Integral, 1, None, closed="left")],
        "pre_dispatch": [Integral, str],
        "error_score": [StrOptions({"raise"}), Real],
        "return_train_score": ["boolean"],
        "verbose": ["verbose"],
        "random_state": ["random_state", np.random.Generator],
    }

    def __init__(
        self,
        estimator,
        search_spaces=None,
        *,
        n_iter=50,
        x0="default",
        acq_func="EI",
        strategy="bayes",
        n_initial_points=None,
        optimizer_kwargs=None,
        scoring=None,
        refit=True,
        cv=None,
        allow_future_train=False,
        n_jobs=None,
        n_points=1,
        pre_dispatch="2*n_jobs",
        error_score=np.nan,
        return_train_score=False,
        verbose=0,
        random_state=None,
    ):
        # Not through BayesSearchCV's own, which checks the space and knows other parameters.
        self.estimator = estimator
        self.search_spaces = search_spaces
        self.n_iter = n_iter
        self.x0 = x0
        self.acq_func = acq_func
        self.strategy = strategy
        self.n_initial_points = n_initial_points
        self.optimizer_kwargs = optimizer_kwargs
        self.scoring = scoring
        self.refit = refit
        self.cv = cv
        self.allow_future_train = allow_future_train
        self.n_jobs = n_jobs
        self.n_points = n_points
        self.pre_dispatch = pre_dispatch
        self.error_score = error_score
        self.return_train_score = return_train_score
        self.verbose = verbose
        self.random_state = random_state

    def fit(self, X, y=None, **params):
        """Search, and fit the best candidate on all rows.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in the order of time, oldest first.
        y : array-like of shape (n_rows,) or (n_rows, n_outputs), default=None
            Targets of these rows.
        **params : dict of str to object
            Parameters for the estimator's ``fit``, the scorer and the splitter, as in
            :class:`~sklearn.model_selection.GridSearchCV`. What has one entry per row, such as
            `sample_weight`, is cut to the rows of each fold.

        Returns
        -------
        self : BayesTimeSeriesSearchCV
            The fitted search.
        """
        self._validate_params()
        if y is None and get_tags(self).target_tags.required:
            raise ValueError(
                f"{self.estimator!r} requires y to be passed, but the target y is None."
            )
        X, y = indexable(X, y)
        evaluation = self._prepare_evaluation(X, y, params)
        optimizers = self._prepare_optimizers(evaluation.folds)
        trials = self._run_trials(evaluation, optimizers)
        report_failures(trials)
        self._keep_results(evaluation, optimizers, trials)
        if self.refit:
            self._refit_best(evaluation)
        return self

    def _prepare_evaluation(self, X: Any, y: Any, params: dict[str, Any]) -> Evaluation:
        scorer = choose_scorer(self.estimator, self.scoring)
        routed = self._route(params, scorer)
        folds = make_folds(self.cv, self.estimator, X, y, routed.splitter.split)
        if not self.allow_future_train:
            refuse_future_training(folds)
        return Evaluation(
            clone(self.estimator),
            X,
            y,
            folds,
            scorer,
            fit_params=routed.estimator.fit,
            score_params=routed.scorer.score,
            error_score=self.error_score,
            return_train_score=self.return_train_score,
        )

    def _prepare_optimizers(self, folds: Sequence[Fold]) -> list[AskTell]:
        settings = Settings(
            self.strategy,
            self.acq_func,
            self.n_initial_points,
            self.n_points,
            self.optimizer_kwargs or {},
        )
        spaces = self._read_spaces(n_rows=min(len(train) for train, _ in folds))
        starts = read_starts(self.x0, self.estimator, spaces)
        rng = make_random_state(self.random_state)
        seeds = rng.randint(np.iinfo(np.int32).max, size=len(spaces)).tolist()
        return [
            AskTell(space, start, settings, seed)
            for space, start, seed in zip(spaces, starts, seeds, strict=True)
        ]

    def _read_spaces(self, n_rows: int) -> list[SearchSpace]:
        search_spaces = self.search_spaces
        if search_spaces is None:
            search_spaces = offered_space(self.estimator, n_rows)
        return read_search_spaces(search_spaces, self.n_iter)

    def _run_trials(self, evaluation: Evaluation, optimizers: Sequence[AskTell]) -> list[Trial]:
        n_trials = sum(optimizer.space.n_iter for optimizer in optimizers)
        trials: list[Trial] = []
        began = perf_counter()
        with Parallel(
            n_jobs=self.n_jobs,
            pre_dispatch=self.pre_dispatch,
            batch_size=1,  # "auto" hands out long fits in pairs, once some took less than 0.2 s
            prefer=PREFERRED_WORKERS,
        ) as parallel:
            for batch in chain.from_iterable(
                search_one_space(optimizer, evaluation, parallel) for optimizer in optimizers
            ):
                trials += batch
                for line in report_progress(trials, len(batch), n_trials, perf_counter() - began):
                    logger.info(line)
                    if self.verbose:
                        print(line, flush=True)
        return trials

    def _keep_results(
        self, evaluation: Evaluation, optimizers: Sequence[AskTell], trials: Sequence[Trial]
    ) -> None:
        self.cv_results_ = make_cv_results(trials, self.return_train_score)
        self.best_index_ = int(self.cv_results_["rank_test_score"].argmin())
        self.best_score_ = self.cv_results_["mean_test_score"][self.best_index_]
        self.best_params_ = trials[self.best_index_].params
        self.scorer_ = evaluation.scorer
        self.n_splits_ = len(evaluation.folds)
        self.multimetric_ = False
        self._optim_results = [optimizer.make_result() for optimizer in optimizers]

    def _refit_best(self, evaluation: Evaluation) -> None:
        began = perf_counter()
        self.best_estimator_ = fit_on_all_rows(evaluation, self.best_params_)
        self.refit_time_ = perf_counter() - began
        if hasattr(self.best_estimator_, "feature_names_in_"):
            self.feature_names_in_ = self.best_estimator_.feature_names_in_

    def score(self, X, y=None, **params):
        """Score the best estimator on given rows.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows to predict.
        y : array-like of shape (n_rows,) or (n_rows, n_outputs), default=None
            Targets of these rows.
        **params : dict of str to object
            Parameters for the scorer, if metadata routing is enabled.

        Returns
        -------
        score : float
            By `scoring`; if that is None, by the best estimator's own ``score``, which is R2 for a
            regressor, as scikit-learn expects of each one.
        """
        check_is_fitted(self)
        best = self._get_refitted("score")
        if params and not is_routing_enabled():
            raise ValueError(f"score takes {list(params)} only with enable_metadata_routing=True.")
        if params:
            params = process_routing(self, "score", **params).final_scorer.score
        return check_scoring(best, self.scoring)(best, X, y, **params)

    @available_if(lambda search: can_forecast(search._get_refitted("forecast")))
    def forecast(self, X=None, known=None):
        """Forecast the rows after the last one, with the best estimator.

        Available if the best estimator, or the last step of the best Pipeline, has ``forecast``.
        The steps before it transform `X` and `known`; a TransformedTargetRegressor brings the
        result back to the unit of `y`.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features), default=None
            Rows after which to forecast; None means the training rows.
        known : array-like of shape (horizon, n_features), default=None
            The rows to forecast, as far as they are known in advance; NaN elsewhere.

        Returns
        -------
        y_pred : ndarray of shape (horizon,) or (horizon, n_outputs)
            One forecast per row.
        """
        check_is_fitted(self)
        return forecast_with(self.best_estimator_, X, known)

    def _get_refitted(self, method: str) -> Any:
        if not self.refit:
            raise AttributeError(f"{method} needs the refitted best estimator, but refit is False.")
        return getattr(self, "best_estimator_", self.estimator)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags = deepcopy(get_tags(self.estimator).target_tags)
        return tags

    @property
    def total_iterations(self) -> int:
        """Number of trials, over all spaces, unless a finite space runs out."""
        if self.search_spaces is None:
            return self.n_iter
        return sum(space.n_iter for space in read_search_spaces(self.search_spaces, self.n_iter))

    def get_metadata_routing(self):
        """Get metadata routing of this object.

        Returns
        -------
        routing : MetadataRouter
            What ``fit`` and ``score`` hand on to the estimator, the scorer and the splitter.
        """
        router = MetadataRouter(owner=type(self).__name__)
        for target, obj, caller, callee in [
            ("estimator", self.estimator, "fit", "fit"),
            ("splitter", self.cv, "fit", "split"),
            ("scorer", choose_scorer(self.estimator, self.scoring), "fit", "score"),
            ("final_scorer", check_scoring(self.estimator, self.scoring), "score", "score"),
        ]:
            mapping = MethodMapping().add(caller=caller, callee=callee)
            router.add(**{target: obj}, method_mapping=mapping)
        return router

    def _route(self, params: dict[str, Any], scorer: Any) -> Bunch:
        if is_routing_enabled():
            return process_routing(self, "fit", **params)
        to_split = {name: value for name, value in params.items() if name == "groups"}
        to_fit = {name: value for name, value in params.items() if name != "groups"}
        to_score = {}
        if params.get("sample_weight") is not None:
            if takes_sample_weight(scorer):
                to_score = {"sample_weight": params["sample_weight"]}
            else:
                warnings.warn(
                    f"{scorer} takes no sample_weight: in the scores all rows weigh the same.",
                    UserWarning,
                    stacklevel=4,
                )
        return Bunch(
            estimator=Bunch(fit=to_fit),
            splitter=Bunch(split=to_split),
            scorer=Bunch(score=to_score),
        )


def is_routing_enabled() -> bool:
    """Tell whether the user turned scikit-learn's metadata routing on."""
    return get_config()["enable_metadata_routing"]


def choose_scorer(estimator: Any, scoring: Any) -> Any:
    """Choose the scorer: RMSE for regressors and the estimator's own for others, if none is set."""
    if scoring is None and is_regressor(estimator):
        scoring = "neg_root_mean_squared_error"
    return check_scoring(estimator, scoring)


def takes_sample_weight(scorer: Any) -> bool:
    """Tell whether the scorer can be given sample_weight without metadata routing."""
    # scikit-learn's own scorers tell it so, their signature does not; its searches ask like this.
    ask = getattr(scorer, "_accept_sample_weight", None)
    return ask() if ask is not None else "sample_weight" in signature(scorer).parameters


def make_folds(cv: Any, estimator: Any, X: Any, y: Any, split_params: dict[str, Any]) -> list[Fold]:
    """Split the rows once, in time unless cv itself splits otherwise."""
    if cv is None or isinstance(cv, Integral):
        n_splits = DEFAULT_N_SPLITS if cv is None else int(cv)
        splitter = TimeSeriesSplit(n_splits, gap=find_needed_gap(estimator, X, y))
    else:
        splitter = check_cv(cv, y)
    try:
        folds = [
            (_to_row_numbers(train), _to_row_numbers(test))
            for train, test in splitter.split(X, y, **split_params)
        ]
    except ValueError as error:
        raise ValueError(f"X with n_samples={_num_samples(X)} cannot be split: {error}") from error
    if not folds or not all(len(train) and len(test) for train, test in folds):
        raise ValueError(f"cv={cv!r} gives no folds, or a fold without training or test rows.")
    return folds


def _to_row_numbers(rows: Any) -> np.ndarray:
    rows = np.asarray(rows)
    return np.flatnonzero(rows) if rows.dtype == bool else rows


def make_random_state(seed: Any) -> np.random.RandomState:
    """Make a RandomState from whatever random_state may be, a Generator included."""
    if isinstance(seed, np.random.Generator):
        seed = int(seed.integers(np.iinfo(np.int32).max))
    return check_random_state(seed)


def search_one_space(
    optimizer: AskTell, evaluation: Evaluation, parallel: Parallel
) -> Iterator[list[Trial]]:
    """Ask for candidates, run them and tell their scores, until the trials of a space are spent."""
    space = optimizer.space
    n_left = space.n_iter
    # Asked for a whole batch and cut, so that a shorter search begins as a longer one does.
    while n_left and (points := optimizer.ask()[:n_left]):
        trials = run_trials(parallel, evaluation, [space.decode(point) for point in points])
        optimizer.tell(points, [t.score if t.status == "ok" else np.nan for t in trials])
        n_left -= len(points)
        yield trials
    if n_left:
        warnings.warn(
            f"The search space has no more than {space.n_iter - n_left} points; the search ends "
            f"there, before n_iter={space.n_iter}.",
            UserWarning,
            stacklevel=2,
        )


def report_progress(
    trials: Sequence[Trial], n_new: int, n_trials: int, seconds: float
) -> Iterator[str]:
    """Write a line for each of the last n_new trials."""
    eta = timedelta(seconds=round(seconds / len(trials) * (n_trials - len(trials))))
    for number in range(len(trials) - n_new + 1, len(trials) + 1):
        yield f"trial {number}/{n_trials}: {describe_progress(trials[:number])}, ETA {eta}"


def can_forecast(estimator: Any) -> bool:
    """Tell whether the estimator, or the model inside it, has forecast."""
    if isinstance(estimator, Pipeline):
        return can_forecast(estimator.steps[-1][1])
    if isinstance(estimator, TransformedTargetRegressor):
        return can_forecast(getattr(estimator, "regressor_", estimator.regressor))
    return hasattr(estimator, "forecast")


def forecast_with(estimator: Any, X: Any, known: Any) -> np.ndarray:
    """Forecast with the model inside a fitted estimator, in the estimator's own unit."""
    if isinstance(estimator, Pipeline):
        for name, step in estimator.steps[:-1]:
            if step not in (None, "passthrough"):
                X = X if X is None else step.transform(X)
                known = known if known is None else _transform_known(name, step, known)
        return forecast_with(estimator.steps[-1][1], X, known)
    if isinstance(estimator, TransformedTargetRegressor):
        y = np.asarray(forecast_with(estimator.regressor_, X, known))
        columns = estimator.transformer_.inverse_transform(y.reshape(len(y), -1))
        return np.asarray(columns).reshape(y.shape)
    return estimator.forecast(X, known)


def _transform_known(name: str, step: Any, known: Any) -> Any:
    try:
        return step.transform(known)
    except ValueError as error:
        if not pd.isna(known).any(axis=None):
            raise
        raise ValueError(
            f"The step {name!r} ({type(step).__name__}) does not take `known`, which has NaN where "
            f"values are not known yet: {error}"
        ) from error
