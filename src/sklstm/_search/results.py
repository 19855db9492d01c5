"""The results of a search: cv_results_, tables and a summary of its trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from sklearn.exceptions import FitFailedWarning
from skopt.space import Dimension

from sklstm._search.proposals.dimensions import describe_end
from sklstm._search.trials.scoring import ONE_METRIC
from sklstm._search.trials.trial import Trial
from sklstm._search.values.averages import find_mean, find_spread
from sklstm._search.values.description import describe
from sklstm._search.values.units import Unit
from sklstm._warnings import warn_caller


def find_metrics(trials: Sequence[Trial]) -> list[str]:
    """Find the metrics with which the trials were scored."""
    scores = (fold.test_scores for trial in trials for fold in trial.run_folds)
    return list(next((metrics for metrics in scores if metrics), {ONE_METRIC: np.nan}))


def make_cv_results(
    trials: Sequence[Trial], error_score: float, return_train_score: bool
) -> dict[str, Any]:
    """Make the table that `GridSearchCV` calls `cv_results_`, a column per key, a row per trial.

    It has three additional columns: `status`; `error`, the reason why a trial failed; and
    `mean_run_folds`, the mean of the objective on the folds that ran. Folds that failed have the
    error score, and folds that did not run have NaN.
    """
    results = {
        **_summarise_times("fit_time", trials),
        **_summarise_times("score_time", trials),
        **_make_param_columns([trial.params for trial in trials]),
        "params": [trial.params for trial in trials],
        "status": np.array([trial.status for trial in trials], dtype=object),
        "error": np.array([trial.error for trial in trials], dtype=object),
        "mean_run_folds": np.array([find_mean_of_run_folds(trial) for trial in trials]),
    }
    for metric in find_metrics(trials):
        name = f"test_{metric}"
        results |= _make_score_columns(name, _list_scores(trials, "test", metric, error_score))
        results[f"rank_{name}"] = rank_trials(trials, metric)
        if return_train_score:
            scores = _list_scores(trials, "train", metric, error_score)
            results |= _make_score_columns(f"train_{metric}", scores)
    return results


def _list_scores(
    trials: Sequence[Trial], rows: str, metric: str, error_score: float
) -> list[list[float]]:
    """List a metric on the test or train rows, a list of folds for each trial."""
    return [
        [
            np.nan if fold is None else getattr(fold, f"{rows}_scores").get(metric, error_score)
            for fold in trial.folds
        ]
        for trial in trials
    ]


def find_mean_of_run_folds(trial: Trial) -> float:
    """Find the mean of the objective on the folds that ran; NaN if one of them failed."""
    return float(
        find_mean([fold.test_scores.get(trial.objective, np.nan) for fold in trial.run_folds])
    )


def rank_trials(trials: Sequence[Trial], metric: str) -> np.ndarray:
    """Rank the trials, 1 for the best; failed and pruned ones, or without a score, rank last."""
    scores = [trial.mean(metric) if trial.status == "ok" else np.nan for trial in trials]
    losses = np.nan_to_num(-np.asarray(scores), nan=np.inf, posinf=np.inf, neginf=-np.inf)
    return rankdata(losses, method="min").astype(np.int32)


def _make_score_columns(name: str, values: list[list[float]]) -> dict[str, np.ndarray]:
    columns = enumerate(np.array(values).T)
    return {f"split{fold}_{name}": column for fold, column in columns} | _summarise(name, values)


def _summarise_times(name: str, trials: Sequence[Trial]) -> dict[str, np.ndarray]:
    """Summarise the seconds of the folds that ran."""
    seconds = [[getattr(fold, name) for fold in trial.run_folds] for trial in trials]
    return {
        f"mean_{name}": np.array([np.mean(row) for row in seconds]),
        f"std_{name}": np.array([np.std(row) for row in seconds]),
    }


def _summarise(name: str, values: list[list[float]]) -> dict[str, np.ndarray]:
    return {f"mean_{name}": find_mean(values, axis=1), f"std_{name}": find_spread(values, axis=1)}


def _make_param_columns(candidates: list[dict[str, Any]]) -> dict[str, np.ma.MaskedArray]:
    """Make a column per parameter, masked in the rows of candidates that do not have it."""
    names = dict.fromkeys(name for params in candidates for name in params)
    return {f"param_{name}": _make_param_column(name, candidates) for name in names}


def _make_param_column(name: str, candidates: list[dict[str, Any]]) -> np.ma.MaskedArray:
    values = [params[name] for params in candidates if name in params]
    column = np.ma.masked_all(len(candidates), dtype=_find_column_type(values))
    for row, params in enumerate(candidates):
        if name in params:
            column[row] = params[name]
    return column


def _find_column_type(values: list[Any]) -> Any:
    """Find NumPy's common type of the values, as GridSearchCV does; texts stay objects."""
    try:
        column = np.array(values)
    except ValueError:  # sequences of different lengths
        return object
    return column.dtype if column.ndim == 1 and column.dtype.kind != "U" else object


def report_failures(trials: Sequence[Trial]) -> None:
    """Warn about trials that failed; if all did, raise the first cause."""
    failed = [trial for trial in trials if trial.status == "failed"]
    if not failed:
        return
    cause = f"The first one, {failed[0].params}, failed in {failed[0].error}"
    if len(failed) == len(trials):
        raise ValueError(
            f"All {len(trials)} candidates failed. {cause}\n"
            "Set error_score='raise' to see the traceback."
        )
    warn_caller(
        f"{len(failed)} of {len(trials)} candidates failed and rank last. {cause}\n"
        "See cv_results_['error'] for all errors.",
        FitFailedWarning,
    )


def make_trials_frame(trials: Sequence[Trial]) -> pd.DataFrame:
    """Make a tidy table: a row per trial, a column per parameter, metric and time."""
    metrics = find_metrics(trials)
    rows = [
        {"space": trial.candidate.space, "status": trial.status}
        | {metric: trial.mean(metric) for metric in metrics}
        | {"std": _find_spread(trial)}
        | {"run_folds": len(trial.run_folds), "mean_run_folds": find_mean_of_run_folds(trial)}
        | {
            "fit_time": sum(fold.fit_time for fold in trial.run_folds),
            "score_time": sum(fold.score_time for fold in trial.run_folds),
        }
        | {f"param_{name}": value for name, value in trial.params.items()}
        | {"error": trial.error}
        for trial in trials
    ]
    frame = pd.DataFrame(rows).rename_axis("trial")
    return frame[[*frame.columns.drop("error"), "error"]]


def _find_spread(trial: Trial) -> float:
    return float(find_spread(trial.list_scores(trial.objective)))


def summarise_search(
    trials: Sequence[Trial],
    best: int,
    own: dict[str, Any],
    space: Mapping[str, Dimension],
    unit: Unit,
    seconds: float,
    stop: str | None,
    n_leads: int = 1,
) -> str:
    """Summarise a search: best parameters, comparison with the estimator's own, failures and time.

    own: the estimator's parameters. space: that of the best trial. n_leads: how many rows of each
    path of the best trial were scored.
    """
    chosen = trials[best]
    default = next((trial for trial in trials if _is_default(trial, own)), None)
    failed = [trial for trial in trials if trial.status == "failed"]
    n_ok, n_pruned = (sum(t.status == kind for t in trials) for kind in ("ok", "pruned"))
    fits = sum(trial.seconds for trial in trials)
    lines = [
        f"{len(trials)} trials: {n_ok} ok, {n_pruned} pruned, {len(failed)} failed",
        *([f"stopped by {stop}"] if stop else []),
        *([f"score: {unit.name}, mean over leads 1 to {n_leads}"] if n_leads > 1 else []),
        f"best: trial {best + 1}/{len(trials)}, {_with_spread(chosen, unit)}",
        *(_describe_param(space[name], value) for name, value in chosen.params.items()),
        _compare(chosen, default, unit),
        *(f"failed: {trial.params}: {trial.error}" for trial in failed),
        f"time: {seconds:.1f} s; fits and scores {fits:.1f} s, summed over all workers",
    ]
    return "\n".join(lines)


def describe_stop(reason: str | None, model_was_asked: bool) -> str | None:
    """Describe what stopped a search, if anything did."""
    if reason is None or model_was_asked:
        return reason
    return f"{reason}, before its model proposed a candidate"


def _is_default(trial: Trial, own: dict[str, Any]) -> bool:
    return all(describe(own.get(name)) == describe(value) for name, value in trial.params.items())


def _describe_param(dimension: Dimension, value: Any) -> str:
    end = describe_end(dimension, value)
    return f"    {dimension.name} = {value!r}" + (f" (at {end})" if end else "")


def _with_spread(trial: Trial, unit: Unit) -> str:
    spread = f"standard deviation over folds {_find_spread(trial):.2g}"
    return f"{unit.name} {unit.write(trial.score)} ({spread})"


def _compare(best: Trial, default: Trial | None, unit: Unit) -> str:
    if default is None:
        return "the estimator's own parameters were not tried"
    if default is best:
        return "the estimator's own parameters are the best"
    if default.status == "failed":
        return f"the estimator's own parameters failed: {default.error}"
    own, found = default.list_scores(best.objective), best.list_scores(best.objective)
    shown = "pruned" if default.status == "pruned" else _with_spread(default, unit)
    return (
        f"the estimator's own parameters: {shown}; the best parameters are better on "
        f"{np.sum(found > own)} of {len(default.run_folds)} folds"
    )
