"""The choice of the best candidate: by the metric or rule that refit names, or by refit itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sklstm._search.trials.scoring import ONE_STANDARD_ERROR


def choose_best(
    results: dict[str, Any], refit: bool | str | Callable[[dict], int], objective: str
) -> int:
    """Choose the best row: by the metric that refit names, by refit itself, or the objective."""
    if callable(refit):
        return _check_choice(refit(results), results["status"])
    if refit == ONE_STANDARD_ERROR:
        return choose_cheapest(results, objective)
    return int(results[f"rank_test_{name_best_metric(results, refit, objective)}"].argmin())


def choose_cheapest(results: dict[str, Any], metric: str) -> int:
    """Choose the fastest candidate within one standard error of the best.

    The rule is that of Breiman, Friedman, Olshen & Stone, "Classification and Regression Trees",
    1984. The standard error is that of the paired difference from the best over the folds, because
    folds in time differ more from each other than candidates do.
    """
    names = [f"split{fold}_test_{metric}" for fold in range(len(results))]
    scores = np.array([results[name] for name in names if name in results])  # (n_folds, n_trials)
    best = int(results[f"rank_test_{metric}"].argmin())
    behind = scores[:, [best]] - scores
    error = behind.std(axis=0, ddof=1) / np.sqrt(len(scores))
    # A candidate that differs on a single fold is exactly one standard error behind; the margin
    # keeps rounding from deciding.
    is_near = (results["status"] == "ok") & (behind.mean(axis=0) < (1 - 1e-9) * error)
    is_near[best] = True
    seconds = results["mean_fit_time"] + results["mean_score_time"]
    return int(np.argmin(np.where(is_near, seconds, np.inf)))


def name_best_metric(results: dict[str, Any], refit: Any, objective: str) -> str:
    """Name the metric that decides the best row: the one that refit names, if it names one."""
    is_named = isinstance(refit, str) and f"rank_test_{refit}" in results
    return refit if is_named else objective


def _check_choice(index: Any, status: Any) -> int:
    if not isinstance(index, int | np.integer) or isinstance(index, bool):
        raise TypeError(f"refit must return a row number of cv_results_; it returned {index!r}.")
    if not 0 <= index < len(status):
        raise IndexError(
            f"refit returned {index}, but cv_results_ has rows 0 to {len(status) - 1}."
        )
    if status[index] == "pruned":
        raise ValueError(
            f"refit returned {index}, a candidate that was pruned. Choose a candidate whose "
            "cv_results_['status'] is 'ok', or set pruning=False."
        )
    return int(index)
