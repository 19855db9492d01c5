"""What do different search strategies find with the same number of trials?

    python -m benchmarks.search.search --out strategies.jsonl   # goes on after an interruption
    python -m benchmarks.search.search --series nile --seeds 0 5 --strategies sklstm random
    python -m benchmarks.search.search --real --series nile --seeds 0 1 --strategies sklstm random

All search the default space of LSTMRegressor over five folds, one trial at a time, on forests
(forest.py) that answer in place of fits. All but BayesSearchCV, which takes no start point, try the
defaults first. All have the same number of trials before their model is first asked: 7 of 30, where
Optuna's own default is 10. Everything else is at each one's default. ``--real`` trains instead.

The forests predict scores and seconds. A strategy's own seconds are CPU seconds outside the forest.
"At equal seconds" adds them to the forest's seconds for the fits, and compares the best scores at
the time when the quicker of the two searches ends. Intervals are bootstrap percentiles of the
median of the differences by seed (10,000 draws). Where one strategy has run on fewer seeds, only
the seeds of both count. Differences are in % of the RMSE. In the second table they are each
strategy's to sklstm: above 0 the strategy is worse.

What was tried on the model of the scores: seeds 100 to 119, on nile and on sunspots, differences
in the best RMSE after 30 trials, in %, above 0 where worse. The model compared with had a narrower
prior than the present one:

- no prior, bounds 0.01 to 100, two restarts (12 seeds): +0.54 (+0.03, +1.29), +0.35 (-0.66,
  +1.01)
- no prior, bounds 0.2 to 5, two restarts (12 seeds): -0.16 (-0.54, +0.36), +0.39 (-0.00, +0.96)
- the wider prior, which is the default now: -0.10 (-0.37, +0.42), -0.02 (-0.40, +0.54)
- one length scale for all inputs (12 seeds): +0.68 (+0.32, +0.94), +0.06 (-0.40, +0.92)
- median that grows with the inputs' number, as published (12 seeds): +0.68 (+0.39, +2.44),
  +0.05 (-0.58, +0.29)
- median 2, deviation 0.7: +0.51 (+0.12, +1.70), +0.08 (-0.40, +0.52)
- median 0.5: +0.24 (-0.24, +0.40), -0.27 (-0.63, +0.21)
- median of the noise 0.08: +0.76 (+0.09, +1.40), -0.15 (-0.44, +0.14)
- median of the noise 0.0025: +0.26 (+0.03, +0.61), -0.21 (-0.51, +0.06)
- ranks as normal scores instead of losses: +0.27 (+0.05, +0.62), -1.02 (-1.27, -0.17)
- Yeo-Johnson transform: -0.02 (-0.18, +0.26), -0.51 (-0.67, -0.28)
- logarithm of the RMSE: +0.00 (-0.35, +0.56), -0.30 (-0.52, +0.05)
- worse half of the losses compressed: +0.57 (-0.02, +1.09), -0.56 (-0.92, -0.13)
- losses cut at their 70 % quantile: -0.11 (-0.26, +0.53), -0.31 (-1.07, +0.06)
- xi 0 instead of 0.01: +0.26 (+0.11, +0.62), -0.18 (-0.36, -0.01)
- LCB, kappa 1: -0.06 (-0.43, +0.33), +0.06 (-0.05, +0.30)
- 4 initial points instead of 7: +0.17 (-0.33, +0.39), +0.04 (-0.18, +0.53)
- 10 initial points: -0.07 (-0.42, +1.42), +0.05 (-0.28, +0.49)
- no candidates near the best: +0.18 (-0.22, +0.57), +0.01 (-0.66, +0.46)

Of that many comparisons, a few are clear of 0 by chance. The variance of a candidate's differences
over the folds, given to the process as noise, helped on no series and harmed on one (+0.73, -0.18
and -0.06 on nile, sunspots and stock).

Time: three quarters of an hour, by the own seconds a trial in the second table.
Figures: docs/search_strategies.md, "Against random search" and
"Compared with BayesSearchCV and Optuna".
"""

import argparse
import warnings
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from skopt import BayesSearchCV
from skopt.space import Categorical, Dimension, Integer
from threadpoolctl import threadpool_limits

from benchmarks.search.forest import (
    FOLDS,
    N_FOLDS,
    ROWS,
    SERIES,
    Fit,
    Forest,
    StandIn,
    load_forest,
    read_score,
    search_ours,
)
from benchmarks.search.real_fits import RealFits
from benchmarks.tools.arguments import add_seeds, make_parser
from benchmarks.tools.runs import Runs
from benchmarks.tools.tables import show_interval, write_table
from sklstm._search.proposals.optimizer import ProposalSettings


def search_at_random(forest: Forest, n_iter: int, seed: int) -> None:
    search_ours(forest, n_iter, seed, strategy="random")


def search_by_likelihood(forest: Forest, n_iter: int, seed: int) -> None:
    """With scikit-optimize's own model and effort."""
    effort = {"n_points": 10_000, "n_restarts_optimizer": 5}
    kwargs = {"base_estimator": "GP", "acq_optimizer_kwargs": effort}
    search_ours(forest, n_iter, seed, optimizer_kwargs=kwargs)


def search_skopt(forest: Forest, n_iter: int, seed: int) -> None:
    BayesSearchCV(
        StandIn(forest),
        forest.space,
        n_iter=n_iter,
        optimizer_kwargs={"n_initial_points": ProposalSettings().count_initial_points(n_iter)},
        scoring=read_score,
        cv=FOLDS,
        refit=False,
        random_state=seed,
    ).fit(ROWS, ROWS[:, 0])


def search_tpe(forest: Forest, n_iter: int, seed: int) -> None:
    n_startup_trials = ProposalSettings().count_initial_points(n_iter)
    search_optuna(
        optuna.samplers.TPESampler(n_startup_trials=n_startup_trials, seed=seed), forest, n_iter
    )


def search_gp(forest: Forest, n_iter: int, seed: int) -> None:
    n_startup_trials = ProposalSettings().count_initial_points(n_iter)
    search_optuna(
        optuna.samplers.GPSampler(n_startup_trials=n_startup_trials, seed=seed), forest, n_iter
    )


def search_optuna(sampler: optuna.samplers.BaseSampler, forest: Forest, n_iter: int) -> None:
    distributions = {name: translate(dimension) for name, dimension in forest.space.items()}
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.enqueue_trial(forest.defaults)
    for _ in range(n_iter):
        trial = study.ask(distributions)
        study.tell(trial, np.mean([forest.fit(trial.params, fold) for fold in range(N_FOLDS)]))


def translate(dimension: Dimension) -> BaseDistribution:
    if isinstance(dimension, Categorical):
        return CategoricalDistribution(dimension.categories)
    kind = IntDistribution if isinstance(dimension, Integer) else FloatDistribution
    return kind(*dimension.bounds, log=dimension.prior == "log-uniform")


REFERENCE, BASELINE = "sklstm", "random"
STRATEGIES: dict[str, Callable[[Forest, int, int], None]] = {
    REFERENCE: search_ours,
    BASELINE: search_at_random,
    "sklstm, no prior": search_by_likelihood,
    "BayesSearchCV": search_skopt,
    "Optuna TPE": search_tpe,
    "Optuna GP": search_gp,
}


def measure(series: str, strategy: str, seed: int, n_iter: int, forest: Forest) -> dict[str, Any]:
    """Run one search; its line in --out."""
    forest.fits.clear()
    with threadpool_limits(1):  # more are slower on matrices of this size
        began = process_time()
        STRATEGIES[strategy](forest, n_iter, seed)
        ended = process_time()
    trials = part_trials(forest.fits)
    scores = [forest.scores(trial[0].params) for trial in trials]
    seconds = [forest.seconds(trial[0].params) for trial in trials]
    folds = [[fit.fold for fit in trial] for trial in trials]
    free = sum(fit.ended - fit.began for fit in forest.fits)
    return identify(series, strategy, seed, n_iter) | {
        "own": ended - began - free,
        "own_before": count_own_seconds(trials, began),
        # What not all folds have seen is no candidate for the best.
        "error": [
            -float(score.mean()) if len(run) == N_FOLDS else None
            for score, run in zip(scores, folds, strict=True)
        ],
        "seconds": [float(each[run].sum()) for each, run in zip(seconds, folds, strict=True)],
    }


def part_trials(fits: list[Fit]) -> list[list[Fit]]:
    """Part the fits of a search, one after the other, into those of each configuration."""
    trials: list[list[Fit]] = []
    for fit in fits:
        if not trials or trials[-1][0].params != fit.params:
            trials.append([])
        trials[-1].append(fit)
    return trials


def count_own_seconds(trials: list[list[Fit]], began: float) -> list[float]:
    """Count the CPU seconds outside of the forest before each trial's first fit."""
    own, last, counts = 0.0, began, []
    for fits in trials:
        for place, fit in enumerate(fits):
            own += fit.began - last
            last = fit.ended
            if place == 0:
                counts.append(own)
    return counts


def identify(series: str, strategy: str, seed: int, n_iter: int) -> dict[str, Any]:
    return {"series": series, "strategy": strategy, "seed": seed, "n_iter": n_iter}


@dataclass(frozen=True)
class Course:
    """The course of one search."""

    error: np.ndarray  # (n_iter,), of each trial
    passed: np.ndarray  # (n_iter,), seconds from the beginning to the end of each trial
    own: float  # seconds for each trial, all but fits

    def best_at(self, n_trials: int) -> float:
        return np.nanmin(self.error[:n_trials])

    def best_within(self, seconds: float) -> float:
        # NaN where no trial has ended: the first one of a process compiles.
        return np.nanmin(self.error[self.passed <= seconds], initial=np.nan)


Courses = dict[tuple[str, str], dict[int, Course]]  # by series and strategy, then by seed


def read_course(run: dict[str, Any]) -> Course:
    passed = np.array(run["own_before"]) + np.cumsum(run["seconds"])
    return Course(np.array(run["error"], dtype=float), passed, run["own"] / run["n_iter"])


def compare(ours: dict[int, Course], theirs: dict[int, Course], n_trials: int | None = None) -> str:
    """Show the differences in the best RMSE, ours to theirs, in % of theirs, by common seeds.

    After n_trials; if that is None, when the quicker of the two is through.
    """
    differences = []
    for seed in sorted(ours.keys() & theirs.keys()):
        our, their = ours[seed], theirs[seed]
        if n_trials is None:
            seconds = min(our.passed[-1], their.passed[-1])
            ratio = our.best_within(seconds) / their.best_within(seconds)
        else:
            ratio = our.best_at(n_trials) / their.best_at(n_trials)
        differences.append(100 * (ratio - 1))
    return show_interval(np.array(differences))


def median_best(courses: dict[int, Course], n_trials: int) -> str:
    return f"{np.median([course.best_at(n_trials) for course in courses.values()]):.5g}"


def report(courses: Courses, all_series: list[str], n_iter: int) -> None:
    """Print ours against chance, then all against ours."""
    steps = [n_iter // 3, 2 * n_iter // 3, n_iter]
    head = ["series", *(f"{name}, {n}" for n in steps for name in (REFERENCE, BASELINE))]
    head += [f"difference at {n}, %" for n in steps] + ["at equal seconds, %"]
    cells = []
    for series in all_series:
        ours, chance = courses.get((series, REFERENCE)), courses.get((series, BASELINE))
        if ours and chance:
            bests = [median_best(each, n) for n in steps for each in (ours, chance)]
            differences = [compare(ours, chance, n) for n in [*steps, None]]
            cells.append([series, *bests, *differences])
    print(write_table(head, cells) + "\n")
    head = ["series", "", "seeds", f"best of {n_iter}", f"to {REFERENCE}, %"]
    head += ["at equal seconds, %", "own CPU seconds a trial"]
    cells = []
    for series, strategy in product(all_series, STRATEGIES):
        ours, theirs = courses.get((series, REFERENCE)), courses.get((series, strategy))
        if ours and theirs:
            is_other = theirs is not ours
            cells.append(
                [
                    series,
                    strategy,
                    str(len(theirs)),
                    median_best(theirs, n_iter),
                    compare(theirs, ours, n_iter) if is_other else "",
                    compare(theirs, ours) if is_other else "",
                    f"{np.median([course.own for course in theirs.values()]):.2g}",
                ]
            )
    print(write_table(head, cells))


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--series", nargs="+", default=list(SERIES), choices=SERIES)
    parser.add_argument("--strategies", nargs="+", default=list(STRATEGIES), choices=STRATEGIES)
    add_seeds(parser)
    parser.add_argument("--n-iter", type=int, default=30)
    parser.add_argument("--out", type=Path, default=Path("strategies.jsonl"))
    parser.add_argument("--real", action="store_true", help="train instead of asking a forest")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    seeds = range(*arguments.seeds)
    run_missing(arguments, seeds)
    courses = read_courses(arguments.out, seeds, arguments.n_iter)
    report(courses, arguments.series, arguments.n_iter)


def read_courses(out: Path, seeds: range, n_iter: int) -> Courses:
    courses: Courses = defaultdict(dict)
    for run in Runs(out).read():
        if run["n_iter"] == n_iter and run["seed"] in seeds:
            courses[run["series"], run["strategy"]][run["seed"]] = read_course(run)
    return courses


def run_missing(arguments: argparse.Namespace, seeds: range) -> None:
    runs = Runs(arguments.out)
    for series in arguments.series:
        forest = RealFits(series) if arguments.real else load_forest(series)
        for seed, strategy in product(seeds, arguments.strategies):
            if runs.lack(identify(series, strategy, seed, arguments.n_iter)):
                runs.add(measure(series, strategy, seed, arguments.n_iter, forest))


if __name__ == "__main__":
    main()
