"""How much faster than one worker are two, in threads and in processes?

    python -m benchmarks.fits.workers              # the defaults of LSTMRegressor
    python -m benchmarks.fits.workers --units 171

It runs scikit-learn's cross_validate on the five folds of a TimeSeriesSplit, and searches of 8 and
of 16 candidates, two of them at a time. The candidates differ only in parameters that need no new
program, and are the same for all workers. "cold" is the first run in a new process, where each
worker imports TensorFlow and compiles. Warm runs take turns in one process; entries are medians.
Below the table stands how many programs each process compiled.

Time: a quarter of an hour, by the seconds in the docs; ``--tasks`` chooses some of it.
Figures: docs/performance.md, "Folds side by side".
"""

import os
import time
from collections.abc import Callable

import joblib
import numpy as np
from sklearn.model_selection import TimeSeriesSplit, cross_validate

from benchmarks.tools.arguments import make_parser
from benchmarks.tools.compiling import list_compiled, listen
from benchmarks.tools.processes import read_answer, start_again
from benchmarks.tools.stopwatch import timed
from benchmarks.tools.tables import print_head, print_row
from sklstm import BayesTimeSeriesSearchCV, LSTMRegressor
from sklstm.datasets import load_stock

SPACE = {"learning_rate": (1e-3, 1e-1, "log-uniform"), "epochs": (10, 75, "log-uniform")}

WORKERS: dict[str, dict] = {
    "one": {"backend": "sequential", "n_jobs": 1},
    "two threads": {"backend": "threading", "n_jobs": 2},
    # joblib ends a process that had nothing to do for five minutes, as while the others are run.
    "two processes": {
        "backend": "loky",
        "n_jobs": 2,
        "initializer": listen,
        "idle_worker_timeout": 3600,
    },
}


def validate(regressor, X, y, n_jobs: int) -> None:
    cross_validate(
        regressor,
        X,
        y,
        cv=TimeSeriesSplit(5),
        scoring="neg_root_mean_squared_error",
        n_jobs=n_jobs,
        error_score="raise",
    )


def search(regressor, X, y, n_jobs: int, n_candidates: int) -> None:
    BayesTimeSeriesSearchCV(
        regressor,
        SPACE,
        n_iter=n_candidates,
        n_points=2,
        n_jobs=n_jobs,
        pruning=False,  # all folds of both are there to be shared out
        refit=False,
        random_state=0,
    ).fit(X, y)


TASKS: dict[str, Callable] = {
    "cross_validate": validate,
    "search of 8": lambda *given: search(*given, n_candidates=8),
    "search of 16": lambda *given: search(*given, n_candidates=16),
}


def answer_slowly() -> tuple[int, list[tuple[str, float]]]:
    """Tell this process' number and its programs, so late that each worker gets to answer."""
    time.sleep(0.2)
    return os.getpid(), list_compiled()


def measure(task: str, workers: str, units: int) -> float:
    X, y = load_stock(return_X_y=True)
    regressor = LSTMRegressor(units=units, random_state=0)
    with timed() as spent, joblib.parallel_config(**WORKERS[workers]):
        TASKS[task](regressor, X[["close", "volume"]], y, WORKERS[workers]["n_jobs"])
    return spent.seconds


def measure_cold(task: str, workers: str, units: int) -> float:
    return read_answer(start_again("--cold", task, workers, "--units", units))


def report_compiled() -> None:
    with joblib.parallel_config(**WORKERS["two processes"]):
        workers = dict(joblib.Parallel()(joblib.delayed(answer_slowly)() for _ in range(8)))
    for name, programs in [("this process", list_compiled())] + [
        (f"worker {number}", programs) for number, programs in enumerate(workers.values())
    ]:
        n_shapes = len({shape for shape, _ in programs})
        print(f"{name}: {len(programs)} programs compiled, of {n_shapes} shapes")


def report(tasks: list[str], units: int, repeats: int) -> None:
    print_head("", "workers", "cold s", "warm s (min, max)", "against one")
    for task in tasks:
        cold = {workers: measure_cold(task, workers, units) for workers in WORKERS}
        for workers in WORKERS:
            measure(task, workers, units)  # compiles, where no task before has
        rounds = [[measure(task, workers, units) for workers in WORKERS] for _ in range(repeats)]
        for workers, seconds in zip(WORKERS, np.transpose(rounds), strict=True):
            ratio = np.median(np.transpose(rounds)[0] / seconds)
            print_row(
                task,
                workers,
                f"{cold[workers]:.1f}",
                f"{np.median(seconds):.2f} ({seconds.min():.2f}, {seconds.max():.2f})",
                f"{ratio:.2f}",
            )


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--units", type=int, default=LSTMRegressor().units)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=TASKS)
    parser.add_argument("--cold", nargs=2, metavar=("TASK", "WORKERS"), help="measure this, here")
    arguments = parser.parse_args()
    listen()
    if arguments.cold:
        print(measure(*arguments.cold, arguments.units))
    else:
        report(arguments.tasks, arguments.units, arguments.repeats)
        report_compiled()


if __name__ == "__main__":
    main()
