"""How many programs does a search compile, and how much memory do they keep?

    python -m benchmarks.fits.programs

XLA never gives that memory back. One process fits 100 candidates of the article's search space and
predicts with each. One epoch is enough, because neither the programs nor their memory depend on the
number of epochs. Memory is what the process holds (its resident set) beyond what it held after
importing TensorFlow.

Lists of sizes that were compared, by the cost of a step over the article's space, relative to
programs cut to each candidate's sizes. The fifth is in use:

- exact units, micro-batches of 8: 1.13
- exact units, micro-batches of 12 / 16 / 24 / 34: 1.15 / 1.17 / 1.29 / 1.40
- 9: units 32, 64, 80, 104, 128, 144, 160, 176, 200, micro-batches of 8: 1.26
- 9: units 32 and 64 in micro-batches of 32; 96, 128, 152 in 8; 176 in 8 and 24; 200 in 8 and
  34: 1.31
- 10: units 32, 88, 128, 176, 200, micro-batches of 8 and 24: 1.38
- 7: units 32, 64, 96, 128, 160, 176, 200, micro-batches of 16 and 12: 1.33

Time: half a minute to a minute.
Figures: docs/performance.md, "Programs, padding, memory".
"""

import os

import numpy as np
import pandas as pd

from benchmarks.tools.arguments import make_parser
from benchmarks.tools.tables import print_head, print_row

N_ROWS = 1000


def held_memory() -> float:
    """Megabytes that this process holds now (Linux)."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def draw_candidates(n_candidates: int, rng: np.random.Generator) -> list[dict]:
    """Candidates of the article's space, as far as they decide the programs."""
    return [
        {
            "window_length": int(rng.integers(2, 15)),
            "units": int(rng.integers(8, 201)),
            "batch_size": int(rng.integers(5, 101)),
            "dropout": rng.uniform(0.1, 0.9),
        }
        for _ in range(n_candidates)
    ]


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--candidates", type=int, default=100)
    n_candidates = parser.parse_args().candidates

    import tensorflow  # noqa: F401, what it takes is not what is measured

    from sklstm import LSTMRegressor
    from sklstm._network import programs
    from sklstm.datasets import load_stock

    X, y = load_stock(return_X_y=True)
    X, y = X[["close", "volume"]][:N_ROWS], y[:N_ROWS]
    before, rows = held_memory(), []
    candidates = draw_candidates(n_candidates, np.random.default_rng(0))
    for number, candidate in enumerate(candidates, start=1):
        LSTMRegressor(epochs=1, random_state=0, **candidate).fit(X, y).predict(X)
        rows.append((number, len(programs._PROGRAMS), held_memory() - before))
    columns = ["candidates", "programs", "MB more"]
    table = pd.DataFrame(rows, columns=columns).set_index("candidates")
    print_head("candidates", "programs", "MB more")
    for number, row in table.loc[table.index.isin([1, 10, 30, n_candidates])].iterrows():
        print_row(number, f"{row['programs']:.0f}", f"{row['MB more']:.0f}")


if __name__ == "__main__":
    main()
