"""What do rows cost in memory and in time, beyond a fit of a few rows?

    python -m benchmarks.fits.memory   # 20,000, 200,000 and 2,000,000 rows

8 float32 columns, one of them y, window 168, 32 units, batch 128, one epoch, on one thread; each
size in a process of its own. A fit of a few rows compiles the program first. The time is that of
the whole second fit (checks, the target's column, scales, epoch), in seconds of the processor, so
that other programs on the machine hardly count. The peak is that of the whole process. "more" is
the difference to the peak of the first size, including X, y and all that fit makes; "more / X"
divides it by the difference in the bytes of X.

Time: six minutes at 155 us a row, nearly all of it for 2,000,000 rows.
Figures: docs/performance.md, "Many rows".
"""

import resource

import numpy as np

from benchmarks.tools.arguments import make_parser
from benchmarks.tools.processes import call_elsewhere
from benchmarks.tools.stopwatch import timed
from benchmarks.tools.tables import print_head, print_row

SIZES = [20_000, 200_000, 2_000_000]
N_FEATURES = 8
WARM_UP_ROWS = 5_000
BLOCK_ROWS = 10_000
MB = 1e6


def make_walks(n_rows: int) -> np.ndarray:
    """Random walks, made block by block: nothing beside them may count as memory of the fit."""
    rng = np.random.default_rng(0)
    X = np.empty((n_rows, N_FEATURES), dtype=np.float32)
    last = np.zeros(N_FEATURES, dtype=np.float32)
    for first in range(0, n_rows, BLOCK_ROWS):
        block = X[first : first + BLOCK_ROWS]
        rng.standard_normal(dtype=np.float32, out=block)
        block[0] += last
        np.cumsum(block, axis=0, out=block)
        last = block[-1]
    return X


def measure(n_rows: int) -> dict[str, float]:
    """Fit in this process."""
    from sklstm import LSTMRegressor

    X = make_walks(n_rows)
    y = X[:, 0]
    regressor = LSTMRegressor(window_length=168, units=32, batch_size=128, epochs=1, random_state=0)
    regressor.fit(X[:WARM_UP_ROWS], y[:WARM_UP_ROWS])
    with timed() as spent:
        regressor.fit(X, y)
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "X": X.nbytes / MB,
        "peak": 1024 * peak_kib / MB,
        "us a row": 1e6 * spent.cpu_seconds / n_rows,
    }


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of rows")
    arguments = parser.parse_args()
    print_head("rows", "X, MB", "peak, MB", "more, MB", "more / X", "us a row")
    few = None
    for n_rows in arguments.sizes:
        own = call_elsewhere(measure, n_rows)
        few = few or own
        more, more_X = own["peak"] - few["peak"], own["X"] - few["X"]
        print_row(
            f"{n_rows:,}",
            f"{own['X']:.1f}",
            f"{own['peak']:.0f}",
            f"{more:.0f}",
            f"{more / more_X if more_X else 0:.2f}",
            f"{own['us a row']:.1f}",
        )


if __name__ == "__main__":
    main()
