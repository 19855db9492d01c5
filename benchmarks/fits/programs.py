"""How many programs a search compiles, and the memory they keep: XLA never gives it back.

    python -m benchmarks.fits.programs

One process fits 100 candidates of the article's search space, for one epoch each, because neither
programs nor their memory depend on the number of epochs, and predicts with each. Memory is what
the process holds (resident set), from TensorFlow's import on.
"""

import os

import numpy as np
import pandas as pd

from benchmarks.tools.tables import print_head, print_row

N_CANDIDATES = 100
N_ROWS = 1000


def held_memory() -> float:
    """Megabytes that this process holds now (Linux)."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def draw_candidates(rng: np.random.Generator) -> list[dict]:
    """Candidates of the article's space, as far as they decide the programs."""
    return [
        {
            "window_length": int(rng.integers(2, 15)),
            "units": int(rng.integers(8, 201)),
            "batch_size": int(rng.integers(5, 101)),
            "dropout": rng.uniform(0.1, 0.9),
        }
        for _ in range(N_CANDIDATES)
    ]


def main() -> None:
    import tensorflow  # noqa: F401, what it takes is not what is measured

    from sklstm import LSTMRegressor, programs
    from sklstm.datasets import load_stock

    X, y = load_stock(return_X_y=True)
    X, y = X[["close", "volume"]][:N_ROWS], y[:N_ROWS]
    before, rows = held_memory(), []
    for number, candidate in enumerate(draw_candidates(np.random.default_rng(0)), start=1):
        LSTMRegressor(epochs=1, random_state=0, **candidate).fit(X, y).predict(X)
        rows.append((number, len(programs._PROGRAMS), held_memory() - before))
    columns = ["candidates", "programs", "MB more"]
    table = pd.DataFrame(rows, columns=columns).set_index("candidates")
    print_head("candidates", "programs", "MB more")
    for number, row in table.loc[[1, 10, 30, N_CANDIDATES]].iterrows():
        print_row(number, f"{row['programs']:.0f}", f"{row['MB more']:.0f}")


if __name__ == "__main__":
    main()
