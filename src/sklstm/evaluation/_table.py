"""The skill table: forecasters and baselines on held-out rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import is_regressor
from sklearn.utils import indexable

from sklstm._nested.gap import find_needed_gap
from sklstm._nested.own_row import warn_of_own_row
from sklstm._nested.reaching import count_steps
from sklstm._rows.columns import Columns, locate_columns
from sklstm._rows.folds import Fold, make_folds, temporal_train_test_split
from sklstm._rows.labels import Labels, settle_labels
from sklstm._rows.number_columns import to_outputs
from sklstm._sklearn_compat import num_samples
from sklstm.evaluation._band_scores import find_levels, score_band
from sklstm.evaluation._held_out import Forecasts, forecast_folds
from sklstm.evaluation._rivals import (
    DEFAULT_WINDOW_LENGTH,
    LAST_VALUE,
    RIVALS,
    Rivals,
    find_reading,
    list_columns,
    read_numbers,
)
from sklstm.evaluation._skill import (
    bootstrap_skill,
    choose_block_length,
    diebold_mariano,
    skill_score,
)
from sklstm.evaluation._target_seasons import TargetSeasons, find_target_seasons


def skill_table(
    models: Any,
    X: Any,
    y: Any,
    *,
    cv: Any = None,
    test_size: Any = 0.2,
    horizon: int | None = None,
    season_length: int | None = None,
    window_length: int | None = None,
    known_columns: Columns | None = None,
    steps: int | None = None,
) -> pd.DataFrame:
    """Compare forecasters with each other and with four baselines on held-out rows.

    The baselines are the last value, the value one season earlier, a ridge regression on lags, and
    boosted trees on lags. The regressions also read seasonal lags and predict the change from the
    last value. The baselines read the numeric columns of X and fill gaps with the last known value.
    All models are cloned and fitted on the training rows only; a search runs all its trials on
    these rows.

    If the models forecast paths, all steps of the paths are compared, and the baselines are fitted
    for each lead. If a model forecasts quantiles, these are compared too. The last value and the
    seasonal naive forecast then get quantiles from their training errors, separately for each lead.

    Parameters
    ----------
    models : estimator or dict of str to estimator
        A forecaster, or a dict of forecasters. The keys of the dict name the rows of the table.
    X : array-like of shape (n_rows, n_features)
        Rows in time order, oldest first.
    y : array-like of shape (n_rows,) or (n_rows, n_outputs)
        Targets of these rows.
    cv : int, cross-validation generator or iterable, default=None
        Folds to test on. The errors of all test rows are pooled. None holds out the last rows once;
        an int is the number of folds of a TimeSeriesSplit. Both leave the gap that the models need.
    test_size : float, int, str or date, default=0.2
        Rows to hold out if ``cv=None``, as in `temporal_train_test_split`.
    horizon : int, default=None
        Number of rows ahead that the baselines forecast. None means the `horizon` of the first
        model that has one, itself or in a nested estimator. If no model has one, None means 0 if y
        is a column of X in a later row, and 1 otherwise.
    season_length : int, default=None
        Number of rows in a season; 1 for no season. None finds up to two seasons in the training
        targets with :func:`~sklstm.find_seasons`. The regressions on lags read both, and the
        seasonal naive forecast repeats the one with the smaller absolute error on the training
        targets. If no season is found, the seasonal naive forecast repeats the shortest natural
        season of the dates, such as 5 business days or 24 hours. Without dates it repeats the last
        value.
    window_length : int, default=None
        Number of rows that the regressions on lags read. None means the `window_length` of the
        first model that has one, or 8 if no model has one. For a search, that of its best estimator
        counts.
    known_columns : str, int or list, default=None
        Columns of X that are known in advance, for the regressions on lags. None means the
        `known_columns` of the first model that has them, as far as they are numeric columns of X.
    steps : int, default=None
        Number of leads of each path to score. None means the largest number that all models
        forecast, which is 1 if one of them forecasts single rows.

    Returns
    -------
    table : DataFrame
        One row per model, the given models first, with these columns:

        - `rmse` and `mae`: in the unit of y, over all rows, leads and outputs;
        - `mase`: mean absolute error, divided by that of the last value one row ahead in the
          training rows [1]_; infinite if the training targets never change;
        - `skill`: how much smaller the RMSE is than that of the last value, as a share [2]_. 1 is
          perfect, 0 is equal to the last value, and negative is worse. `skill_low` and `skill_high`
          are the ends of its 95 % interval, from a paired block bootstrap [3]_;
        - `dm` and `dm_p`: statistic and p-value of the Diebold-Mariano test [4]_ of the squared
          errors against the first row, with the small-sample correction [5]_. The statistic is
          negative if this row is worse than the first;
        - `gain`: how much smaller the RMSE of the first row is than that of this row, as a share.
          `gain_low` and `gain_high` are the ends of its 95 % interval;
        - `wql`: weighted quantile loss, as in :func:`~sklstm.metrics.weighted_quantile_loss`, over
          the quantiles that all models with quantiles share; NaN for models without quantiles;
        - `coverage` and `interval_score`: of the interval between the outermost pair of shared
          quantiles q and 1 - q; NaN for models without quantiles;
        - `fit_seconds` and `predict_seconds`: summed over all folds;
        - `leads`: the leads that are scored, only if there are several;
        - `reads`: the rows and columns that each baseline reads, on the last fold.

        The columns `wql`, `coverage` and `interval_score` exist only if a model forecasts
        quantiles.

    Raises
    ------
    ValueError
        If a model is not a regressor or has the name of a baseline, if `horizon` is not an int of 0
        or more, if `season_length`, `window_length` or `steps` is not a positive int, if X has no
        numeric column, if the labels of the rows do not increase, or if a model forecasts fewer
        leads than `steps`.

    Warns
    -----
    UserWarning
        If y is a column of X in the same row that is not known in advance, and a model that is not
        a forecaster reads it.

    See Also
    --------
    sklstm.BayesTimeSeriesSearchCV.report : Returns this table for the result of a search.
    sklstm.find_seasons : Finds the seasons of a series.
    temporal_train_test_split : Holds out the last rows.

    References
    ----------
    .. [1] Hyndman, R. J. and Koehler, A. B. "Another look at measures of forecast accuracy."
       International Journal of Forecasting 22 (2006), 679-688.
    .. [2] Murphy, A. H. "Skill scores based on the mean square error and their relationships to the
       correlation coefficient." Monthly Weather Review 116 (1988), 2417-2424.
    .. [3] Politis, D. N. and Romano, J. P. "A circular block-resampling procedure for stationary
       data." In Exploring the limits of bootstrap, Wiley (1992), 263-270.
    .. [4] Diebold, F. X. and Mariano, R. S. "Comparing predictive accuracy." Journal of Business &
       Economic Statistics 13 (1995), 253-263.
    .. [5] Harvey, D., Leybourne, S. and Newbold, P. "Testing the equality of prediction mean
       squared errors." International Journal of Forecasting 13 (1997), 281-291.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> from sklstm.datasets import load_stock
    >>> from sklstm.evaluation import skill_table
    >>> X, y = load_stock(return_X_y=True)
    >>> X, y = X[["close", "volume"]][-400:-1], y.shift(-1)[-400:-1]  # the close one row later
    >>> table = skill_table({"linear": LinearRegression()}, X, y)
    >>> table[["rmse", "mase", "skill", "skill_low", "skill_high"]].round(2).head(3)
                    rmse  mase  skill  skill_low  skill_high
    model
    linear          1.88  0.75  -0.02      -0.06        0.02
    last value      1.84  0.74   0.00       0.00        0.00
    seasonal naive  3.98  1.67  -1.17      -1.91       -0.63
    """
    models = _name_models(models)
    if shared := set(models) & set(RIVALS):
        raise ValueError(
            f"models has the names {sorted(shared)}, which are the names of baselines. Use others."
        )
    _refuse_all_but_ints(
        horizon=horizon, season_length=season_length, window_length=window_length, steps=steps
    )
    X, y = indexable(X, y)
    labels, X, y = settle_labels(X, y, must_increase=True)
    for model in models.values():
        warn_of_own_row(model, X, y, known_columns)
    lead = max(find_needed_gap(model, X, y) for model in models.values())
    outputs, (numbers,) = to_outputs(y), read_numbers(X)
    names = list_columns(numbers)
    folds = _make_folds(X, y, cv, test_size, gap=lead)
    n_leads = _choose_leads(models, steps, folds)
    forecasts = {
        name: forecast_folds(model, X, y, folds, n_leads) for name, model in models.items()
    }
    levels = find_levels(each.band for each in forecasts.values())
    fitted = [forecast.model for forecast in forecasts.values()]
    given = {
        "horizon": horizon,
        "season_length": season_length,
        "window_length": window_length,
        "known": None if known_columns is None else _locate(known_columns, X, names),
    }
    train = folds[0][0]
    if labels is not None:
        labels = replace(labels, values=labels.values[train])
    rivals = choose_rivals(fitted, X, names, lead, outputs[train], labels, given)
    for name, rival in rivals.make(n_leads, levels).items():
        forecasts[name] = forecast_folds(rival, numbers, y, folds, n_leads)
    n_ahead = max(1, rivals.horizon + lead) + n_leads - 1
    table = make_table(forecasts, _scale_errors(outputs, folds), n_ahead)
    return table.assign(reads=table.index.map(rivals.describe(names)).fillna(""))


skill_table.__module__ = "sklstm.evaluation"  # where users import it from


def choose_rivals(
    models: Iterable[Any],
    X: Any,
    names: Sequence[str],
    lead: int,
    outputs: np.ndarray,
    labels: Labels | None,
    given: Mapping[str, Any] | None = None,
) -> Rivals:
    """Choose what the baselines forecast and read: the given settings, else those of the models.

    names: of the numeric columns of X; lead: by how many rows targets are later; outputs: the
    training targets, (n_rows, n_outputs); labels: of their rows.
    """
    reading = vars(find_reading(models, X, names))
    told = {name: value for name, value in (given or {}).items() if value is not None}
    told = {**{name: value for name, value in reading.items() if value is not None}, **told}
    season_length = told.get("season_length")
    return Rivals(
        int(told.get("horizon", not lead)),
        TargetSeasons(season_length, (season_length,) if season_length > 1 else ())
        if season_length
        else find_target_seasons(outputs, labels),
        int(told.get("window_length", DEFAULT_WINDOW_LENGTH)),
        told.get("known", ()),
    )


def _locate(known_columns: Any, X: Any, names: Sequence[str]) -> tuple[int, ...]:
    """Find the positions of these columns among the numeric columns of X; skip other columns."""
    columns = list_columns(X)
    located = locate_columns("known_columns", known_columns, len(columns), columns)
    return tuple(names.index(columns[place]) for place in located if columns[place] in names)


def make_table(forecasts: Mapping[str, Forecasts], scales: np.ndarray, n_ahead: int) -> Any:
    """Make the table; scales: the denominators of MASE, (n_rows, n_outputs); n_ahead: in rows."""
    levels = find_levels(each.band for each in forecasts.values())
    n_leads = next(iter(forecasts.values())).errors.shape[1]
    first = next(iter(forecasts.values())).squares
    reference = forecasts[LAST_VALUE].squares
    block_length = choose_block_length(len(first), n_ahead)
    rows = {}
    for name, forecast in forecasts.items():
        squares = forecast.squares
        low, high = bootstrap_skill(squares, reference, block_length)
        statistic, p_value = diebold_mariano(first, squares, n_ahead)
        gain_low, gain_high = bootstrap_skill(first, squares, block_length)
        rows[name] = {
            "rmse": np.sqrt(np.mean(squares)),
            "mae": np.nanmean(np.abs(forecast.errors)),
            "mase": mean_scaled_error(forecast.errors, scales[:, None]),
            "skill": skill_score(squares, reference),
            "skill_low": low,
            "skill_high": high,
            "dm": statistic,
            "dm_p": p_value,
            "gain": skill_score(first, squares),
            "gain_low": gain_low,
            "gain_high": gain_high,
            **(score_band(forecast, levels) if levels else {}),
            "fit_seconds": forecast.fit_seconds,
            "predict_seconds": forecast.predict_seconds,
            **({"leads": f"1 to {n_leads}"} if n_leads > 1 else {}),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")


def mean_scaled_error(errors: np.ndarray, scales: np.ndarray) -> float:
    """Average scaled absolute errors; infinite if there is an error where the scale is 0.

    Errors that are NaN do not count.
    """
    scaled = np.zeros_like(errors)
    with np.errstate(divide="ignore"):  # the training targets may never have changed
        np.divide(np.abs(errors), scales, out=scaled, where=errors != 0)
    return float(np.nanmean(scaled))


def measure_steps(outputs: np.ndarray) -> np.ndarray:
    """Compute the mean absolute error of the last value one row ahead, for each output.

    If a target is NaN, neither the step to it nor the step from it counts.
    """
    return np.nanmean(np.abs(np.diff(outputs, axis=0)), axis=0)


def _scale_errors(outputs: np.ndarray, folds: Sequence[Fold]) -> np.ndarray:
    """Return the denominators of MASE for all test rows, (n_rows, n_outputs): by their fold."""
    return np.concatenate(
        [np.tile(measure_steps(outputs[train]), (len(test), 1)) for train, test in folds]
    )


def _name_models(models: Any) -> dict[str, Any]:
    named = dict(models) if isinstance(models, Mapping) else {type(models).__name__: models}
    wrong = {name: model for name, model in named.items() if not is_regressor(model)}
    if wrong or not named:
        raise ValueError(
            f"models must be a regressor, or a dict of names and regressors; got {models!r}."
        )
    return named


def _refuse_all_but_ints(**arguments: Any) -> None:
    """Refuse arguments that are neither None nor a number of rows; only a horizon may be 0."""
    for name, value in arguments.items():
        least = 0 if name == "horizon" else 1
        is_int = isinstance(value, Integral) and not isinstance(value, bool)
        if value is not None and not (is_int and value >= least):
            raise ValueError(f"{name}={value!r} must be None or an int of {least} or more.")


def _choose_leads(models: Mapping[str, Any], steps: int | None, folds: Sequence[Fold]) -> int:
    """Choose how many leads are scored; test rows must be in order then."""
    there = {name: count_steps(model) for name, model in models.items()}
    if steps is None:
        steps = min(there.values())
    if short := {name: own for name, own in there.items() if own < steps}:
        raise ValueError(
            f"steps={steps} leads cannot be scored, because some models forecast fewer rows: "
            f"{short}. Use fewer steps, or None."
        )
    n_test = min(len(test) for _, test in folds)
    if steps > n_test:
        raise ValueError(
            f"steps={steps} leads cannot be scored on {n_test} held-out rows. Use fewer steps, or "
            "hold out more rows."
        )
    return steps


def _make_folds(X: Any, y: Any, cv: Any, test_size: Any, gap: int) -> list[Fold]:
    if cv is not None:
        return make_folds(cv, X, y, gap)
    numbers = np.arange(num_samples(X))
    train, test, *_ = temporal_train_test_split(numbers, X, test_size=test_size, gap=gap)
    return [(train, test)]
