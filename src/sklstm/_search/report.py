"""A search's report: its model on new rows, compared with its score on the folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import is_regressor

from sklstm._nested.metadata import find_weight_of_rows
from sklstm._nested.reaching import count_steps
from sklstm._rows.labels import are_of_one_kind, read_labels, settle_labels
from sklstm._rows.number_columns import hide_weightless, to_outputs
from sklstm._search.audit import OWN_ROW
from sklstm._search.trials.fits import fit_on_all_rows, score_on_fold
from sklstm._search.trials.scoring import reads_paths
from sklstm._search.trials.trial import Evaluation
from sklstm._search.values.units import Unit, find_unit
from sklstm._sklearn_compat import num_samples
from sklstm.evaluation._band_scores import find_levels
from sklstm.evaluation._held_out import forecast_rows, take_time
from sklstm.evaluation._rivals import LAST_VALUE, list_columns, read_numbers
from sklstm.evaluation._table import choose_rivals, make_table, measure_steps

INTERVAL = "95 %"  # the head of an interval's column
TERMINAL_WIDTH = 80  # characters


@dataclass(frozen=True)
class Optimism:
    """The best candidate's score on the folds of the search and on the held-out rows.

    The best of many scores is partly luck, so the error on held-out rows tends to be larger. Rows
    differ as well: the last value's scores show how much harder the held-out rows were to forecast.
    """

    on_folds: float
    on_hold_out: float
    last_value_on_folds: float
    last_value_on_hold_out: float
    unit: Unit

    @property
    def ratios(self) -> tuple[float, float] | None:
        """The error over the last value's, on folds and hold-out; None if no score is an error."""
        if max(self._scores) >= 0:
            return None
        on_folds = self.on_folds / self.last_value_on_folds
        return on_folds, self.on_hold_out / self.last_value_on_hold_out

    @property
    def _scores(self) -> list[float]:
        on_folds = [self.on_folds, self.last_value_on_folds]
        return [*on_folds, self.on_hold_out, self.last_value_on_hold_out]

    def __str__(self) -> str:
        """Write both scores, and compare the error with the one on the folds."""
        on_folds, last_value_on_folds, on_hold_out, last_value = map(self.unit.write, self._scores)
        name = self.unit.name
        text = (
            f"{name} on the search's folds: {on_folds} (last value: {last_value_on_folds})\n"
            f"{name} on these rows: {on_hold_out} (last value: {last_value})"
        )
        if self.ratios is None:
            return text
        folds, hold_out = self.ratios
        change = 100 * (hold_out / folds - 1)
        return (
            f"{text}\nError relative to the last value: {folds:.4f} on the folds, "
            f"{hold_out:.4f} on these rows,\n"
            f"{abs(change):.1f} % {'more' if change > 0 else 'less'} than promised"
        )


@dataclass(frozen=True)
class Report:
    """The result of a search, evaluated on rows that it has not seen."""

    table: pd.DataFrame  # as of `skill_table`
    optimism: Optimism
    n_rows: int
    n_ahead: int
    n_leads: int = 1  # rows of each path

    def __str__(self) -> str:
        """Write the report."""
        ahead = str(self.n_ahead)
        if self.n_leads > 1:
            ahead += f" to {self.n_ahead + self.n_leads - 1}"
        head = f"{self.n_rows} rows that the search has not seen, forecast {ahead} ahead:"
        verdict = write_verdict(self.table)
        return f"{head}\n{write_table(self.table)}\n\n{self.optimism}\n\n{verdict}"


def write_table(table: pd.DataFrame) -> str:
    """Write the main columns of a skill table for a terminal, and the rows that baselines read."""
    columns = [["", *map(str, table.index)], ["rmse", *map("{:#.4g}".format, table["rmse"])]]
    for score in ("skill", "gain"):
        bounds = zip(table[f"{score}_low"], table[f"{score}_high"], strict=True)
        columns.append([score, *map("{:.3f}".format, table[score])])
        columns.append([INTERVAL, *(f"{low:.3f}..{high:.3f}" for low, high in bounds)])
    widths = [max(map(len, column)) for column in columns]
    lines = "\n".join(
        " ".join([cells[0].ljust(widths[0]), *map(str.rjust, cells[1:], widths[1:])])
        for cells in zip(*columns, strict=True)
    )
    return f"{lines}\n\n{_write_reads(table['reads'])}"


def _write_reads(reads: pd.Series) -> str:
    """Write the rows that the baselines read, with one line for those that read the same."""
    lines = [
        f"{' and '.join(rivals.index)}: {text}"
        for text, rivals in reads[reads != ""].groupby(reads, sort=False)
    ]
    return "The baselines read\n" + "\n".join(map(_wrap, lines))


def write_verdict(table: pd.DataFrame) -> str:
    """Describe in words whether the first row of a skill table is better than each of the others.

    It is better or worse if the 95 % interval of the gain excludes zero.
    """
    first, others = table.index[0], table.iloc[1:]
    better, worse = others["gain_low"] > 0, others["gain_high"] < 0
    clauses = {
        "better than": better,
        "worse than": worse,
        "not distinguishable from": ~(better | worse),
    }
    said = [
        f"{words} {_enumerate(list(others.index[holds]))}"
        for words, holds in clauses.items()
        if holds.any()
    ]
    return fill(f"Verdict: the {first} is {'; '.join(said)}.", TERMINAL_WIDTH)


def _enumerate(names: Sequence[str]) -> str:
    *most, last = (f"the {name}" for name in names)
    return f"{', '.join(most)} and {last}" if most else last


def _wrap(line: str) -> str:
    return fill(line, TERMINAL_WIDTH, initial_indent="  ", subsequent_indent="    ")


def make_report(search: Any, evaluation: Evaluation | None, metric: str, X: Any, y: Any) -> Report:
    """Report on rows X with targets y, which follow those that a fitted search was evaluated on.

    evaluation: None if a pickle did not contain it; metric: the one that decided the best
    candidate.
    """
    if not is_regressor(search.estimator):
        raise ValueError(f"report compares regressors, but {search.estimator!r} is not one.")
    if evaluation is None:
        raise ValueError(
            "report needs the rows of the search, which a pickle does not contain. Call report "
            "before pickling, or compare models with sklstm.evaluation.skill_table."
        )
    X, y = _refuse_searched_rows(evaluation, X, y)
    search.audit_.repeat_warnings(OWN_ROW)
    weight = find_weight_of_rows(evaluation.estimator, evaluation.fit_params)
    outputs = hide_weightless(to_outputs(evaluation.y), weight)
    searched, rest = read_numbers(evaluation.X, X)
    names = list_columns(rest)
    lead = evaluation.gap.n_rows
    labels = read_labels(evaluation.X, evaluation.y)
    rivals = choose_rivals([search], X, names, lead, outputs, labels)
    n_rows, n_ahead = num_samples(X), max(1, rivals.horizon + lead)

    default, seconds = take_time(fit_on_all_rows, evaluation, {})
    n_leads = min(count_steps(search.best_estimator_), count_steps(default), n_rows)
    forecasts = {
        "tuned model": forecast_rows(search.best_estimator_, X, y, search.refit_time_, n_leads),
        "default model": forecast_rows(default, X, y, seconds, n_leads),
    }
    levels = find_levels(each.band for each in forecasts.values())
    made = rivals.make(n_leads, levels, as_paths=reads_paths(evaluation.scoring.scorer))
    for name, rival in made.items():
        _, seconds = take_time(rival.fit, searched, evaluation.y, weight)
        forecasts[name] = forecast_rows(rival, rest, y, seconds, n_leads)
    scales = np.tile(measure_steps(outputs), (n_rows, 1))
    table = make_table(forecasts, scales, n_ahead + n_leads - 1)
    table["reads"] = table.index.map(rivals.describe(names)).fillna("")

    def score(model: Any, X: Any) -> float:
        return evaluation.scoring.read(evaluation.scoring.scorer(model, X, y))[metric]

    last_value = made[LAST_VALUE]
    optimism = Optimism(
        float(search.best_score_),
        score(search.best_estimator_, X),
        _score_on_folds(evaluation, last_value, searched, weight, metric),
        score(last_value, rest),
        find_unit(search.scorer_, metric),
    )
    return Report(table, optimism, n_rows, n_ahead, n_leads)


def _score_on_folds(evaluation: Evaluation, model: Any, X: Any, weight: Any, metric: str) -> float:
    """Score another model, which may read other columns, on the folds of the search."""
    fit_params = {} if weight is None else {"sample_weight": weight}
    other = replace(
        evaluation, estimator=model, X=X, fit_params=fit_params, error_score="raise", n_seeds=1
    )
    scores = [score_on_fold(other, {}, fold) for fold in range(len(evaluation.folds))]
    return float(np.mean([score.test_scores[metric] for score in scores]))


def _refuse_searched_rows(evaluation: Evaluation, X: Any, y: Any) -> tuple[Any, Any]:
    """Refuse rows that the search has seen, judging by their labels; return X and y as read."""
    before = read_labels(evaluation.X, evaluation.y)
    after, X, y = settle_labels(X, y, must_increase=True)
    if before is None or after is None or not are_of_one_kind(before, after):
        return X, y
    last, first = before.values.max(), after.values[0]
    if first <= last:
        raise ValueError(
            f"X begins at {after.show(first)}, but the search has seen rows up to "
            f"{before.show(last)}. Give rows after those."
        )
    return X, y
