"""How much of the time of a search does pruning save, and what does it cost in the best score?

    python -m benchmarks.search.pruning           # the search, with and without
    python -m benchmarks.search.pruning --rules   # other rules, on random candidates

The search runs on forests in place of fits (forest.py): 30 trials of the default space, seeds 0 to
19, each with and without pruning. Seconds are the forest's, for the folds that ran. Intervals are
the bootstrap intervals of search.py for the median; the mean loss has one of its own. The last row
puts the pairs of all series together. ``--rules`` compares rules on the configurations of the
tables themselves: each draw is the defaults and 29 others in random order.

The rules that were compared (``--rules``), on 300 draws of the defaults and 29 others in random
order: seconds saved on nile, sunspots and stock, and the loss in the best RMSE on each, in %, as
the mean and the largest of any draw:

- bound, margin 0.0, from fold 1: saved 52, 75, 78 %; loss 0.01, 0.9; 0.09, 1.5; 0.04, 0.4
- bound, margin 0.0, from fold 2: saved 44, 65, 67 %; loss 0.00, 0.1; 0.03, 1.1; 0.03, 0.3
- bound, margin 0.5, from fold 1: saved 46, 73, 78 %; loss 0.00, 0.0; 0.09, 1.5; 0.03, 0.4
- bound, margin 0.5, from fold 2: saved 40, 64, 66 %; loss 0.00, 0.0; 0.03, 1.1; 0.02, 0.3
- bound, margin 1.0, from fold 1: saved 41, 70, 76 %; loss 0.00, 0.0; 0.09, 1.5; 0.03, 0.4
- bound, margin 1.0, from fold 2: saved 36, 63, 66 %; loss 0.00, 0.0; 0.03, 1.1; 0.02, 0.3
- bound, margin 2.0, from fold 1: saved 33, 68, 75 %; loss 0.00, 0.0; 0.09, 1.5; 0.03, 0.4
- bound, margin 2.0, from fold 2: saved 31, 61, 64 %; loss 0.00, 0.0; 0.03, 1.1; 0.02, 0.3
- t-test, level 0.05, from fold 2: saved 11, 29, 24 %; loss 0.01, 2.2; 0.00, 0.8; 0.01, 0.3
- t-test, level 0.1, from fold 2: saved 21, 41, 35 %; loss 0.03, 2.2; 0.00, 0.8; 0.01, 0.3
- t-test, level 0.3, from fold 2: saved 44, 63, 68 %; loss 0.06, 2.2; 0.01, 2.0; 0.04, 0.3
- worse on each, from fold 2: saved 29, 56, 61 %; loss 0.03, 2.2; 0.01, 0.8; 0.02, 0.3
- worse on each, from fold 3: saved 14, 34, 43 %; loss 0.00, 0.8; 0.00, 0.8; 0.01, 0.2

What the model is given as the score of a dropped candidate, on nile, 8 seeds from 100 on, with
scikit-optimize's own model:

- the incumbent's mean and the mean paired difference, folds that did not run counted as 0
  (taken): 0.65 % lost, 41 % saved
- the same over the folds that ran alone: 1.38 % lost, 36 % saved
- that, with the spread of the paired differences told to the process as its noise: 1.56 % lost,
  31 % saved
- that, less one standard error: 1.32 % lost, 34 % saved
- that, less one standard deviation: 0.75 % lost, 30 % saved
- the worst of the paired differences: 0.85 % lost, 33 % saved

Time: two and a half minutes; with ``--rules`` half a minute.
Figures: docs/search_strategies.md, "Pruning".
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import stats
from threadpoolctl import threadpool_limits

from benchmarks.search.forest import SERIES, Forest, load_forest, read_table, search_ours
from benchmarks.tools.arguments import add_seeds, make_parser
from benchmarks.tools.tables import show_interval, write_table
from sklstm._search.trials.pruning import LEAST_TRIALS, Threshold

N_RULE_DRAWS = 300

# Of a candidate's scores on the folds that ran, the incumbent's, and all trials' on all folds.
Rule = Callable[[np.ndarray, np.ndarray, np.ndarray], bool]


def search(forest: Forest, n_iter: int, seed: int, pruning: bool, **settings) -> tuple[float, ...]:
    """Search once; the best RMSE, the seconds of all fits, and how many trials were dropped."""
    done = search_ours(forest, n_iter, seed, pruning, **settings)
    seconds = [
        forest.seconds(trial.params)[[fold is not None for fold in trial.folds]].sum()
        for trial in done.trials_
    ]
    return -done.best_score_, sum(seconds), sum(trial.status == "pruned" for trial in done.trials_)


@dataclass(frozen=True)
class Difference:
    """What pruning changed, of each seed."""

    saved: np.ndarray  # (n_seeds,), % of the seconds
    loss: np.ndarray  # (n_seeds,), % of the best RMSE
    dropped: np.ndarray  # (n_seeds,), trials

    def write(self, name: str) -> list[str]:
        return [
            name,
            show_interval(self.saved, form=".0f"),
            show_interval(self.loss),
            show_interval(self.loss, np.mean),
            f"{np.median(self.dropped):.0f}",
        ]


def compare(series: str, seeds: range, n_iter: int, settings: dict) -> Difference:
    forest = load_forest(series)
    whole = np.array([search(forest, n_iter, seed, False, **settings) for seed in seeds])
    pruned = np.array([search(forest, n_iter, seed, True, **settings) for seed in seeds])
    return Difference(
        100 * (1 - pruned[:, 1] / whole[:, 1]),
        100 * (pruned[:, 0] / whole[:, 0] - 1),
        pruned[:, 2],
    )


def put_together(differences: list[Difference]) -> Difference:
    columns = zip(*(vars(difference).values() for difference in differences), strict=True)
    return Difference(*map(np.concatenate, columns))


def by_bound(least: int, margin: float) -> Rule:
    """The search's own, with other constants."""

    def is_out(run: np.ndarray, incumbent: np.ndarray, trials: np.ndarray) -> bool:
        if len(trials) < LEAST_TRIALS:
            return False
        to_come = np.full(len(incumbent) - len(run), np.nan)
        threshold = Threshold(incumbent, trials.max(axis=0), least, margin)
        return threshold.is_out_of_reach(np.append(run, to_come))

    return is_out


def by_t_test(least: int, level: float) -> Rule:
    """A paired t-test on the folds so far, one-sided."""

    def is_out(run: np.ndarray, incumbent: np.ndarray, trials: np.ndarray) -> bool:
        behind = incumbent[: len(run)] - run
        if len(run) < max(least, 2) or behind.std() == 0:
            return False
        t = behind.mean() / (behind.std(ddof=1) / np.sqrt(len(run)))
        return t > stats.t.ppf(1 - level, len(run) - 1)

    return is_out


def by_all(least: int) -> Rule:
    """Worse on each of the folds so far."""
    return lambda run, incumbent, trials: (
        len(run) >= least and bool(np.all(run < incumbent[: len(run)]))
    )


RULES: dict[str, Rule] = {
    **{
        f"bound, margin {margin}, from fold {least}": by_bound(least, margin)
        for margin, least in product((0.0, 0.5, 1.0, 2.0), (1, 2))
    },
    **{f"t-test, level {level}, from fold 2": by_t_test(2, level) for level in (0.05, 0.1, 0.3)},
    **{f"worse on each, from fold {least}": by_all(least) for least in (2, 3)},
}


def draw_search(
    scores: np.ndarray, seconds: np.ndarray, rule: Rule, seed: int, n_iter: int
) -> tuple[float, float]:
    """Prune random candidates: how many % of the seconds are saved, of the best RMSE lost."""
    others = 1 + np.random.default_rng(seed).permutation(len(scores) - 1)[: n_iter - 1]
    rows = [0, *others]
    trials: list[np.ndarray] = []
    spent = 0.0
    for row in rows:
        n_run = count_folds(scores[row], np.array(trials), rule)
        spent += seconds[row, :n_run].sum()
        if n_run == len(scores[row]):
            trials.append(scores[row])
    best, found = scores[rows].mean(axis=1).max(), max(trial.mean() for trial in trials)
    return 100 * (1 - spent / seconds[rows].sum()), 100 * (found / best - 1)


def count_folds(scores: np.ndarray, trials: np.ndarray, rule: Rule) -> int:
    """Count the folds that a candidate runs before the rule drops it."""
    if len(trials) > 0:
        incumbent = trials[trials.mean(axis=1).argmax()]
        for n_run in range(1, len(scores)):
            if rule(scores[:n_run], incumbent, trials):
                return n_run
    return len(scores)


def compare_rules(all_series: list[str], n_iter: int) -> str:
    tables = {series: read_table(series) for series in all_series}
    head = ["rule", *(f"{series}: saved, %" for series in tables)]
    head += [f"{series}: loss, mean, most" for series in tables]
    cells = []
    for name, rule in RULES.items():
        draws = {
            series: np.array(
                [
                    draw_search(-table.errors, table.seconds, rule, seed, n_iter)
                    for seed in range(N_RULE_DRAWS)
                ]
            )
            for series, table in tables.items()
        }
        saved = [f"{np.median(draw[:, 0]):.0f}" for draw in draws.values()]
        loss = [f"{draw[:, 1].mean():.2f}, {draw[:, 1].max():.1f}" for draw in draws.values()]
        cells.append([name, *saved, *loss])
    return write_table(head, cells)


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--series", nargs="+", default=list(SERIES), choices=SERIES)
    add_seeds(parser)
    parser.add_argument("--n-iter", type=int, default=30)
    parser.add_argument("--n-points", type=int, default=1)
    parser.add_argument("--strategy", default="bayes", choices=["bayes", "random"])
    parser.add_argument("--rules", action="store_true", help="other rules, on random candidates")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    if arguments.rules:
        print(compare_rules(arguments.series, arguments.n_iter))
        return
    settings = {"n_points": arguments.n_points, "strategy": arguments.strategy}
    head = ["series", "seconds saved, %", "loss in the best RMSE, %", "mean loss, %", "dropped"]
    with threadpool_limits(1):  # more are slower on matrices of this size
        differences = {
            series: compare(series, range(*arguments.seeds), arguments.n_iter, settings)
            for series in arguments.series
        }
    differences["all of them"] = put_together(list(differences.values()))
    cells = [difference.write(name) for name, difference in differences.items()]
    print(write_table(head, cells))


if __name__ == "__main__":
    main()
