"""The search for good parameters of a forecaster, over splits that respect time."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from copy import deepcopy
from numbers import Integral, Real
from time import perf_counter
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import check_scoring
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import process_routing
from sklearn.utils.validation import check_is_fitted
from skopt import BayesSearchCV

from sklstm._callbacks import with_callbacks
from sklstm._documentation import LinksToDocumentation
from sklstm._nested.metadata import is_routing_enabled
from sklstm._nested.reaching import count_steps
from sklstm._plain_data import PickledAsPlainData
from sklstm._search.audit import Audit
from sklstm._search.best_forecasts import ForecastsOfBest
from sklstm._search.choice import choose_best, name_best_metric
from sklstm._search.loop import Loop
from sklstm._search.preparation import Preparation, check_arguments, preparing
from sklstm._search.progress import ProgressReport
from sklstm._search.proposals.dimensions import read_search_spaces
from sklstm._search.report import make_report
from sklstm._search.results import (
    describe_stop,
    find_metrics,
    make_cv_results,
    make_trials_frame,
    report_failures,
    summarise_search,
)
from sklstm._search.routing import make_router
from sklstm._search.running import run_search
from sklstm._search.trials.fits import fit_on_all_rows
from sklstm._search.trials.scoring import (
    ONE_METRIC,
    list_scorers,
    reads_paths,
    with_path_scorers,
)
from sklstm._search.trials.trial import Evaluation, Trial
from sklstm._search.values.units import find_unit
from sklstm._sklearn_compat import HasMethods, Interval, StrOptions
from sklstm._versions import WarnsOfOtherVersions


class BayesTimeSeriesSearchCV(
    WarnsOfOtherVersions, PickledAsPlainData, LinksToDocumentation, ForecastsOfBest, BayesSearchCV
):
    """Tune a forecaster by Bayesian optimisation, with cross-validation that respects time.

    Each trial scores one candidate on the folds. A Gaussian process, with a prior on its length
    scales similar to [1]_, models the scores so far and proposes the next candidate. The folds come
    from :class:`~sklearn.model_selection.TimeSeriesSplit`, so each model is scored only on rows
    that are later than its training rows [2]_.

    Use it like :class:`~sklearn.model_selection.GridSearchCV`, with any estimator or Pipeline. It
    is a subclass of scikit-optimize's ``BayesSearchCV``. After `fit`, its ``predict`` calls that of
    `best_estimator_`.

    Parameters
    ----------
    estimator : estimator
        The estimator to tune. The search fits clones of it, never the estimator itself. The
        estimator, or a part of it such as a step of a Pipeline, may have the methods
        ``search_space(n_rows)`` and ``needed_gap(X, y)``, as :class:`~sklstm.LSTMRegressor` does.
    search_spaces : dict, list of dict or list of (dict, int), default=None
        What to search for each parameter: a dimension of ``skopt.space``, a range ``(low, high)``
        or ``(low, high, "log-uniform")``, a list of categories, or a frozen ``uniform``,
        ``loguniform`` or ``randint`` of ``scipy.stats``. The spaces in a list are searched one
        after the other, each with ``n_iter`` trials or with the number in its pair. None means the
        space that the estimator's ``search_space`` returns for the smallest training fold.
    n_iter : int, default=50
        Number of trials, including those of `x0`. The search ends earlier if the space is finite
        and has fewer candidates.
    x0 : "default", dict, list of dict, tuple or None, default="default"
        Candidates to evaluate first. "default" means the estimator's own parameters; the search
        warns if the space does not contain them. Parameters that a dict does not name keep the
        estimator's own values. A tuple ``(x0, y0)`` gives candidates and their known scores
        (greater is better). These are not evaluated again and are not in `cv_results_`.
    acq_func : {"EI", "LCB", "PI", "gp_hedge", "EIps"}, default="EI"
        Acquisition function: expected improvement [3]_, lower confidence bound [4]_, probability of
        improvement [5]_, an adaptive choice among these three [6]_, or expected improvement per
        second of fitting and scoring [7]_.
    strategy : {"bayes", "random"}, default="bayes"
        "bayes" lets the model of the scores propose the candidates. "random" [8]_ draws them at
        random, after the same first candidates; use it as a baseline.
    n_initial_points : int, default=None
        Number of candidates to evaluate before the model proposes any: those of `x0`, then random
        ones. None means ``max(3, min(10, n_iter // 4))``.
    optimizer_kwargs : dict, default=None
        Further parameters of ``skopt.Optimizer``: `base_estimator`, `acq_func_kwargs`,
        `acq_optimizer`, `acq_optimizer_kwargs`, `model_queue_size`, `n_jobs` and
        `initial_point_generator`. The last one is "random" by default; "sobol" [9]_ and "lhs" [10]_
        spread the first candidates more evenly. The scores are standardised for the model, so `xi`
        is in standard deviations of the scores. By default only the last model is kept.
    scoring : str, callable, list, tuple or dict, default=None
        A metric to maximise, or several: a list of names, a dict of scorers, or a callable that
        returns a dict. Besides scikit-learn's names there are three for whole forecast paths:
        "neg_root_mean_squared_error_path", "neg_mean_absolute_error_path" and, for quantiles,
        "neg_mean_pinball_loss_path". scikit-learn's own functions do not know these names;
        :func:`~sklstm.evaluation.make_path_scorer` makes the same scorers for them.

        None means "neg_root_mean_squared_error" for a regressor,
        "neg_root_mean_squared_error_path" for a forecaster with several `steps`,
        "neg_mean_pinball_loss_path" for one with `quantiles`, and the estimator's own ``score`` for
        anything else. The estimator's own parameters decide this, even if the search tunes `steps`
        or `quantiles`. Paths of different lengths cannot be compared, so give a `scoring` for
        single rows if you tune `steps`.
    objective : str, default=None
        The metric to maximise if `scoring` gives several. None means the one that `refit` names.
    refit : bool, str or callable, default=True
        Whether to fit the best candidate on all rows, as `best_estimator_`. With the name of a
        metric, the best candidate is the one with the best mean of this metric.
        "one_standard_error" takes the fastest candidate within one standard error of the best
        [11]_; the standard error is that of the paired differences over the folds. A callable gets
        `cv_results_` and returns the index of a candidate.
    cv : int, cross-validation generator or iterable, default=None
        How to split the rows. An int is the number of folds of a TimeSeriesSplit; None means 5. Its
        gap is just large enough to keep the estimator's training targets out of the test rows. All
        candidates are scored on the same folds.
    allow_future_train : bool, default=False
        Whether a fold may train on rows at or after its first test row, or on targets that lie in
        its test rows. True turns the error into a warning. Dates or other labels in the index
        decide which rows are later. With True, a forecaster also accepts rows whose labels are out
        of order, and takes them in the order given.
    n_jobs : int, default=None
        Number of fits to run in parallel. None means 1 unless in a :obj:`joblib.parallel_config`
        context, -1 means all processors. The folds of a candidate run in parallel, starting with
        the largest training set; see `pruning` for an exception. If `n_points` is greater than 1,
        several candidates also run in parallel. The result is the same for any number.
    n_points : int, default=1
        Number of candidates to propose at a time. More candidates keep more processors busy, but
        the model proposes each of them from fewer scores.
    pruning : bool, default=True
        Whether to drop a candidate before its last fold if it is too far behind the best trial.
        With pruning, the two folds with the fewest training rows run first. The others follow one
        after the other, or several at a time if workers would otherwise be idle. A candidate is
        dropped if it would stay behind the best trial even if, on each remaining fold, it exceeded
        the best trial by 1.5 times the largest lead that any trial has had there. See
        :doc:`the search </searching>`.
    n_seeds : int, default=1
        Number of times each candidate is fitted on each fold, with different seeds. The scores are
        averaged. From one fit to the next, every integer ``random_state`` of the estimator and its
        nested parts grows by one. The model takes the variance between the seeds into account. The
        time grows in proportion to the number of seeds.
    pre_dispatch : int or str, default="2*n_jobs"
        Number of fits to dispatch in advance, as in :class:`joblib.Parallel`.
    error_score : "raise" or float, default=nan
        Score of a fold on which ``fit`` or the scorer fails. "raise" raises the exception instead.
        A failed candidate ranks last, whatever this score is.
    return_train_score : bool, default=False
        Whether to score the training rows as well.
    time_limit : float, default=None
        Number of seconds after which no further fold begins. A trial that is unfinished by then is
        dropped, unless it is the first one. None means no limit.
    log : str or path, default=None
        File to which each trial is written as soon as it finishes, one JSON line per trial. If the
        file already holds the log of this search, for example after a crash or when you increase
        `n_iter`, the search continues after the last trial in it. The result is the same as without
        the interruption. ``pandas.read_json(log, lines=True)`` reads the file.
    warm_start_from : BayesTimeSeriesSearchCV, str or path, default=None
        An earlier search, fitted or as its log. The model learns from those of its trials that lie
        in the space. These trials are not evaluated again and are not in `cv_results_`.
    callbacks : callable or list of callable, default=None
        Functions to call after each batch of trials. They get the search so far, with
        `best_score_`, `best_params_`, `trials_`, `n_trials` and `seconds`. The search stops if one
        of them returns True.
    verbose : int, default=0
        1 prints a line for each trial instead of the progress bar, which is shown on a terminal and
        in Jupyter. The logger "sklstm" gets the same lines at level INFO. If the logger already
        writes to the terminal, they are not printed a second time.
    random_state : int, RandomState, Generator or None, default=None
        Controls the proposed candidates. Pass an int for the same candidates in each search.

    Attributes
    ----------
    cv_results_ : dict of str to array
        A column per key and a row per trial, as in GridSearchCV, with three more columns. `status`
        is "ok", "pruned" or "failed". `error` is the reason for a failure, or None.
        `mean_run_folds` is the mean of the objective over the folds that ran. The mean score of a
        pruned trial is NaN, as are its scores on folds that did not run. Pruned and failed trials
        share the worst rank.
    trials_ : tuple of Trial
        The same trials as objects with `params`, `score`, `status`, `error`, `seconds` and `folds`.
        Each fold that ran has `test_scores` by metric, and `fit_time` and `score_time` in seconds.
    best_estimator_ : estimator
        The best candidate fitted on all rows, if `refit`.
    best_params_ : dict
        Parameters of the best candidate.
    best_score_ : float
        Mean score of the best candidate over the folds, by the metric that `refit` names, or else
        by `objective_`. Greater is better, so an error is negative.
    best_residuals_ : ndarray of shape (n_test_rows,) or (n_test_rows, n_outputs), or None
        Residuals of the best candidate on the test rows, fold after fold: y minus the prediction of
        the first seed, in the units of y. None if the candidate is not a regressor, if `scoring`
        neither calls ``predict`` nor scores paths, if another candidate is the best by
        `objective_`, or if the trial was read from the log.
    objective_ : str
        The metric that was maximised; "score" if there is only one.
    best_index_ : int
        Row of the best candidate in `cv_results_`.
    scorer_ : callable or dict of callable
        The scorer, or one for each metric.
    n_splits_ : int
        Number of folds.
    refit_time_ : float
        Seconds for the fit on all rows, if `refit`.
    search_time_ : float
        Seconds for all trials, including those read from the log.
    stop_reason_ : {"time_limit", "callback", "interrupt"} or None
        Why the search ended before its last trial.
    audit_ : Audit
        Result of the leak audit; ``print(search.audit_)`` shows it.
    multimetric_ : bool
        Whether there are several metrics.
    optimizer_results_ : list of OptimizeResult
        scikit-optimize's result for each space that was searched, for use with its plots.
        scikit-optimize minimises, so `fun` is minus the score. The models in it predict
        standardised losses.
    n_features_in_ : int
        Number of columns seen in ``fit``, if the best estimator has this attribute.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of these columns, if the best estimator has this attribute.
    classes_ : ndarray of shape (n_classes,)
        Class labels, if the best estimator is a classifier.

    See Also
    --------
    sklstm.spaces.lstm_space : The default space of `LSTMRegressor`.
    sklstm.plots.ConvergenceDisplay : Shows how the best score improved.
    sklstm.plots.ParameterImportanceDisplay : Shows which parameters mattered.
    sklstm.evaluation.skill_table : Compares models with simple forecasts.

    References
    ----------
    .. [1] Hvarfner, C., Hellsten, E. O. and Nardi, L. "Vanilla Bayesian optimization performs great
       in high dimensions." ICML 2024.
    .. [2] Tashman, L. J. "Out-of-sample tests of forecasting accuracy: an analysis and review."
       International Journal of Forecasting 16 (2000), 437-450.
    .. [3] Jones, D. R., Schonlau, M. and Welch, W. J. "Efficient global optimization of expensive
       black-box functions." Journal of Global Optimization 13 (1998), 455-492.
    .. [4] Srinivas, N. et al. "Gaussian process optimization in the bandit setting: no regret and
       experimental design." ICML 2010.
    .. [5] Kushner, H. J. "A new method of locating the maximum point of an arbitrary multipeak
       curve in the presence of noise." Journal of Basic Engineering 86 (1964), 97-106.
    .. [6] Hoffman, M., Brochu, E. and de Freitas, N. "Portfolio allocation for Bayesian
       optimization." UAI 2011.
    .. [7] Snoek, J., Larochelle, H. and Adams, R. P. "Practical Bayesian optimization of machine
       learning algorithms." NIPS 2012.
    .. [8] Bergstra, J. and Bengio, Y. "Random search for hyper-parameter optimization." Journal of
       Machine Learning Research 13 (2012), 281-305.
    .. [9] Sobol', I. M. "On the distribution of points in a cube and the approximate evaluation of
       integrals." USSR Computational Mathematics and Mathematical Physics 7 (1967), 86-112.
    .. [10] McKay, M. D., Beckman, R. J. and Conover, W. J. "A comparison of three methods for
       selecting values of input variables in the analysis of output from a computer code."
       Technometrics 21 (1979), 239-245.
    .. [11] Breiman, L., Friedman, J. H., Olshen, R. A. and Stone, C. J. "Classification and
       regression trees." Wadsworth 1984.

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
    >>> search.fit(X[:100], y[:100]).best_params_["alpha"] < 10
    True
    >>> search.predict(X[100:]).shape
    (20,)

    Summarise the search, and list its trials. The score is minus the RMSE, in the units of y:

    >>> print(search.summary())
    10 trials: 9 ok, 1 pruned, 0 failed
    best: trial .../10, RMSE 0.09... (standard deviation over folds ...)
        alpha = ...
    the estimator's own parameters: RMSE 0.09... (standard deviation over folds ...); the best...
    time: ... s; fits and scores ... s, summed over all workers
    >>> search.trials_frame()[["status", "score", "run_folds", "param_alpha"]].head(3).round(1)
           status  score  run_folds  param_alpha
    trial
    0          ok   -0.1          5          1.0
    1          ok   -0.1          5          0.8
    2      pruned    NaN          2         13.0

    Compare the result with simple forecasts on later rows:

    >>> search.report(X[100:], y[100:])["skill"].round(2).head(3)
    20 rows that the search has not seen, forecast 1 ahead:
    ...
    Error relative to the last value: 0.07... on the folds, 0.05... on these rows,
    ... than promised
    ...
    model
    tuned model      0.95
    default model    0.95
    last value       0.00
    Name: skill, dtype: float64
    """

    __module__ = "sklstm"  # where users import it from

    _records: ClassVar[dict] = {"trials_": tuple[Trial, ...], "audit_": Audit}
    _parameter_constraints: ClassVar[dict] = {
        "estimator": [HasMethods(["fit"])],
        "search_spaces": [dict, list, None],
        "n_iter": [Interval(Integral, 1, None, closed="left")],
        "x0": [StrOptions({"default"}), dict, list, tuple, None],
        "acq_func": [StrOptions({"EI", "LCB", "PI", "gp_hedge", "EIps"})],
        "strategy": [StrOptions({"bayes", "random"})],
        "n_initial_points": [Interval(Integral, 1, None, closed="left"), None],
        "optimizer_kwargs": [dict, None],
        "scoring": [str, callable, list, tuple, set, dict, None],
        "objective": [str, None],
        "refit": ["boolean", str, callable],
        "cv": ["cv_object"],
        "allow_future_train": ["boolean"],
        "n_jobs": [Integral, None],
        "n_points": [Interval(Integral, 1, None, closed="left")],
        "pruning": ["boolean"],
        "n_seeds": [Interval(Integral, 1, None, closed="left")],
        "pre_dispatch": [Integral, str],
        "error_score": [StrOptions({"raise"}), Real],
        "return_train_score": ["boolean"],
        "time_limit": [Interval(Real, 0, None, closed="neither"), None],
        "log": [str, os.PathLike, None],
        "warm_start_from": [str, os.PathLike, HasMethods("trials_frame"), None],
        "callbacks": [callable, list, tuple, None],
        "verbose": ["verbose"],
        "random_state": ["random_state", np.random.Generator],
    }

    def __init__(
        self,
        estimator: Any,
        search_spaces: dict[str, Any] | list[Any] | None = None,
        *,
        n_iter: int = 50,
        x0: Literal["default"] | dict[str, Any] | list[Any] | tuple[Any, Any] | None = "default",
        acq_func: Literal["EI", "LCB", "PI", "gp_hedge", "EIps"] = "EI",
        strategy: Literal["bayes", "random"] = "bayes",
        n_initial_points: int | None = None,
        optimizer_kwargs: dict[str, Any] | None = None,
        scoring: Any = None,
        objective: Callable[[Any], float] | None = None,
        refit: bool | str | Callable[[Any], int] = True,
        cv: Any = None,
        allow_future_train: bool = False,
        n_jobs: int | None = None,
        n_points: int = 1,
        pruning: bool = True,
        n_seeds: int = 1,
        pre_dispatch: int | str = "2*n_jobs",
        error_score: Literal["raise"] | float = np.nan,
        return_train_score: bool = False,
        time_limit: float | None = None,
        log: str | os.PathLike[str] | None = None,
        warm_start_from: Any = None,
        callbacks: Any = None,
        verbose: int = 0,
        random_state: int | np.random.RandomState | np.random.Generator | None = None,
    ) -> None:
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
        self.objective = objective
        self.refit = refit
        self.cv = cv
        self.allow_future_train = allow_future_train
        self.n_jobs = n_jobs
        self.n_points = n_points
        self.pruning = pruning
        self.n_seeds = n_seeds
        self.pre_dispatch = pre_dispatch
        self.error_score = error_score
        self.return_train_score = return_train_score
        self.time_limit = time_limit
        self.log = log
        self.warm_start_from = warm_start_from
        self.callbacks = callbacks
        self.verbose = verbose
        self.random_state = random_state

    @with_callbacks
    def fit(self, X: Any, y: Any = None, **params: Any) -> Self:
        """Run the search, and fit the best candidate on all rows.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first.
        y : array-like of shape (n_rows,) or (n_rows, n_outputs), default=None
            Targets of these rows.
        **params : dict of str to object
            Parameters for the estimator's ``fit``, the scorer and the splitter, as in
            :class:`~sklearn.model_selection.GridSearchCV`. Parameters with one entry per row, such
            as `sample_weight`, are cut to the rows of each fold.

        Returns
        -------
        self : BayesTimeSeriesSearchCV
            The fitted search.

        Raises
        ------
        ValueError
            If a fold would train on its test rows, on later rows or on their targets; if the labels
            of a forecaster's rows do not increase; if `cv` names rows that do not exist; if a
            candidate of `x0` or the parameters of a log do not fit the space; or if all candidates
            failed.

        Warns
        -----
        UserWarning
            If part of the space is left out because the folds are too short for it, if the
            estimator's own parameters lie outside the space, if the search is interrupted, or if
            `time_limit` ends it before the model has proposed a candidate.
        sklearn.exceptions.FitFailedWarning
            If some candidates failed.
        """
        self._validate_params()
        check_arguments(self, y, params)
        report = ProgressReport(self.estimator, self.verbose)
        with preparing(self, X, y, params) as prepared:
            loop = run_search(self, prepared, report)
        report_failures(loop.trials)
        self._keep_results(prepared, loop)
        self._refit_best(prepared.evaluation, loop, report)
        self._evaluation = prepared.evaluation  # for report
        return self

    def _keep_results(self, prepared: Preparation, loop: Loop) -> None:
        trials = tuple(loop.trials)
        self.audit_ = prepared.audit
        self.trials_ = trials
        self.multimetric_ = find_metrics(trials) != [ONE_METRIC]
        self.objective_ = next(trial.objective for trial in trials if trial.status == "ok")
        error_score = np.nan if self.error_score == "raise" else self.error_score
        self.cv_results_ = make_cv_results(trials, error_score, self.return_train_score)
        self.best_index_ = choose_best(self.cv_results_, self.refit, self.objective_)
        means = self.cv_results_[f"mean_test_{self._name_best_metric()}"]
        self.best_score_ = means[self.best_index_]
        self.best_params_ = trials[self.best_index_].params
        self.best_residuals_ = loop.residuals.find(trials[self.best_index_])
        self.scorer_ = prepared.evaluation.scoring.show_scorer()
        self.n_splits_ = len(prepared.evaluation.folds)
        self.search_time_ = loop.tell_progress().seconds
        self.stop_reason_ = loop.stop_reason
        self._model_was_asked = loop.model_was_asked
        self._optim_results = [
            optimizer.make_result() for optimizer in loop.optimizers if optimizer.n_told
        ]

    def _refit_best(self, evaluation: Evaluation, loop: Loop, report: ProgressReport) -> None:
        loop.tasks.end_search()
        if self.refit:
            task = loop.tasks.begin_refit()
            with report.showing_refit():
                began = perf_counter()
                self.best_estimator_ = fit_on_all_rows(evaluation, self.best_params_, task)
                self.refit_time_ = perf_counter() - began
            if hasattr(self.best_estimator_, "feature_names_in_"):
                self.feature_names_in_ = self.best_estimator_.feature_names_in_
        loop.tasks.end()

    def score(self, X: Any, y: Any = None, **params: Any) -> float:
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
            The score by `scoring`. If that is None, it is the best estimator's own ``score``: R2
            for a regressor. Greater is better.
        """
        check_is_fitted(self)
        best = self._get_refitted("score")
        if params and not is_routing_enabled():
            raise ValueError(f"score takes {list(params)} only with enable_metadata_routing=True.")
        if params:
            params = process_routing(self, "score", **params).final_scorer.score
        answer = check_scoring(best, with_path_scorers(self.scoring))(best, X, y, **params)
        return answer[self._name_best_metric()] if isinstance(answer, Mapping) else answer

    def _name_best_metric(self) -> str:
        """Name the metric by which the best candidate is the best."""
        return name_best_metric(self.cv_results_, self.refit, self.objective_)

    def trials_frame(self) -> pd.DataFrame:
        """Make a tidy table of the trials.

        Returns
        -------
        frame : DataFrame
            A row per trial, in the order of proposal. The columns are `space`; `status`; the mean
            of each metric; `std`, the standard deviation of the objective over the folds;
            `run_folds`, the number of folds that ran; `mean_run_folds`, the mean over them;
            `fit_time` and `score_time` in seconds; ``param_...`` for each parameter; and `error`.
        """
        check_is_fitted(self)
        return make_trials_frame(self.trials_)

    def summary(self) -> str:
        """Summarise the search.

        Returns
        -------
        text : str
            Text to print: the best parameters, which of them lie at an end of their range, the
            score of the estimator's own parameters, failures with their reasons, and how the time
            was spent. Errors are shown as positive numbers. If paths were scored, the text names
            their leads.
        """
        check_is_fitted(self)
        chosen = self.trials_[self.best_index_]
        return summarise_search(
            self.trials_,
            self.best_index_,
            self.estimator.get_params(deep=True),
            {each.name: each for each in self.optimizer_results_[chosen.candidate.space].space},
            find_unit(self.scorer_, chosen.objective),
            self.search_time_,
            describe_stop(self.stop_reason_, self._model_was_asked),
            self._count_leads(chosen),
        )

    def _count_leads(self, trial: Trial) -> int:
        """Count the rows of each path that the objective scored; 1 where it scored no paths."""
        if not reads_paths(list_scorers(self.scorer_).get(trial.objective)):
            return 1
        return count_steps(clone(self.estimator).set_params(**clone(trial.params, safe=False)))

    def report(self, X_test: Any, y_test: Any) -> pd.DataFrame:
        """Compare the best estimator with simple forecasts on rows that the search has not seen.

        The printed table compares it with the same estimator before tuning, fitted on the rows of
        the search, and with the four baselines of :func:`~sklstm.evaluation.skill_table`. Below the
        table, the report compares the error on these rows with the best score of the search, and
        states which models the tuned model beats. For this comparison the search keeps its training
        rows until it is pickled.

        Parameters
        ----------
        X_test : array-like of shape (n_rows, n_features)
            Rows after those of ``fit``.
        y_test : array-like of shape (n_rows,) or (n_rows, n_outputs)
            Targets of these rows.

        Returns
        -------
        table : DataFrame
            A row for each model, the tuned and the default one first, with the columns of
            :func:`~sklstm.evaluation.skill_table`. Only `rmse`, and `skill` and `gain` with their
            intervals, are printed.

        Raises
        ------
        ValueError
            If the labels of the rows do not increase or lie among those of the search, if the
            estimator is not a regressor, or if the search was pickled.
        AttributeError
            If `refit` is False.

        Warns
        -----
        UserWarning
            If y is a column of X in the same row, and the estimator is not a forecaster.
        """
        check_is_fitted(self)
        self._get_refitted("report")
        report = make_report(self, self._evaluation, self._name_best_metric(), X_test, y_test)
        print(report)
        return report.table

    def _get_refitted(self, method: str) -> Any:
        if not self.refit:
            raise AttributeError(f"{method} needs the refitted best estimator, but refit is False.")
        return getattr(self, "best_estimator_", self.estimator)

    def __getstate__(self):
        state = super().__getstate__()
        if "_evaluation" in state:
            state["_evaluation"] = None  # as in scikit-learn's searches, no rows in a pickle
        return state

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        own = get_tags(self.estimator)
        # GridSearchCV leaves out some of them: that NaN is allowed, or that y is required.
        tags.input_tags, tags.target_tags = deepcopy(own.input_tags), deepcopy(own.target_tags)
        return tags

    @property
    def total_iterations(self) -> int:
        """Total number of trials over all spaces; fewer run if a finite space is exhausted."""
        if self.search_spaces is None:
            return self.n_iter
        return sum(space.n_iter for space in read_search_spaces(self.search_spaces, self.n_iter))

    def get_metadata_routing(self) -> Any:
        """Get metadata routing of this object.

        Returns
        -------
        routing : MetadataRouter
            The metadata that ``fit`` and ``score`` pass to the estimator, scorer and splitter.
        """
        return make_router(self)
