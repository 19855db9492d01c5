"""How long does one fit take, beside what a user would take instead: Keras or a PyTorch loop?

    pip install -e ".[bench]"
    python -m benchmarks.fits.speed --best                     # the embedded prices, all shapes
    python -m benchmarks.fits.speed --best --epochs 5 58 200 --csv AIG.csv
    python -m benchmarks.fits.speed --shapes 6,171,24          # every setting of every peer
    python -m benchmarks.fits.speed --best --two --epochs 58   # two fits on two threads

All train one LSTM layer with dropout 0.2 on the same windows of close and volume, with Adam, on one
thread. MLPRegressor, on the flattened windows, gives the scale. Each fit runs in a process of its
own, and the peers take turns. tools/peers.py holds the peers and all settings that were tried.

"cold" is the first fit of a process: it includes building the network but not importing the
library. "compiling" is what the cold fit takes beyond its steps at the speed of a later fit, "ms a
step". RMSE is that of the rows after training, in dollars. Entries are medians with (min, max) over
the repeats, ratios are taken within each round. The floor is the time that the multiplications of a
step would take at the speed of a 1024 x 1024 one.

``--best`` tries every setting once, briefly, then repeats each library's defaults and its fastest
settings: by step, and by cold fit for each number of epochs. ``--two`` measures two fits that are
already compiled: in two processes of one thread each, and one after the other in a process of two
threads.

What was tried to make a step faster, and left:

- the loop over the window unrolled: (6, 171, 24): 1.16 ms against 1.06; (6, 32, 24): 0.089
  against 0.10; (14, 64, 32): 1.01 against 0.62; and a program for each length of window
- several models as one batched program: (6, 32, 24): 0.087 ms a model in fives, 0.094 in tens,
  0.089 alone; (14, 64, 32): 1.29 and 1.38 against 1.01
- bfloat16 into every matmul, on a processor that has it: 4 to 8 % slower: XLA's matmul widens
  it to float32 again
- vectors of 512 bits, fast mathematics (XLA_FLAGS): no change beyond the noise
- the recurrent kernel read transposed by the matmul: 0 to 4 % slower than one transposition a
  step
- 171 units as they are, not padded to 176: 18 % slower: rows no longer begin at a vector's edge
- one matmul for each of 22 lengths of the weights' gradient: as fast a step, 0.65 s more to
  compile; now chunks of a few slots, what is left in eighths
- sums of products in place of thin matmuls (2 inputs): no change
- a matmul for each gate; the bias' gradient as a product with ones; rows padded to a multiple
  of 8: no faster, or slower

Time: an hour and a half or more. The defaults make 441 fits, each in 12 seconds at the smallest
shape, including the start of its process.
Figures: docs/performance.md, "One fit".
"""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.metrics import root_mean_squared_error

from benchmarks.tools.arguments import add_csv, make_parser
from benchmarks.tools.peers import PEERS, library_of
from benchmarks.tools.processes import call_elsewhere, time_side_by_side
from benchmarks.tools.series import load_rows
from benchmarks.tools.stopwatch import timed
from benchmarks.tools.tables import REFERENCE, add_ratio, repeat, to_markdown, write_table
from benchmarks.tools.task import N_TRAIN, SHAPES, Task, make_task

SHORT = 5  # epochs of a later fit
LEAST_S = 1.0  # so long later fits are repeated


def measure(peer: str, task: Task, epochs: int) -> dict[str, float]:
    """Fit cold, predict, fit again."""
    network = PEERS[peer](task)
    with timed() as first:
        network.build()
        network.fit(epochs)
    rmse = root_mean_squared_error(task.X[N_TRAIN:, 0], network.predict())
    step = time_later_fit(network.fit) / task.n_steps(SHORT)
    compiling = first.seconds - step * task.n_steps(epochs)
    return {
        "cold s": first.seconds,
        "compiling s": compiling,
        "ms a step": 1e3 * step,
        "RMSE": rmse,
    }


def time_later_fit(fit: Callable[[int], None]) -> float:
    """The seconds that a fit of `SHORT` epochs takes on average."""
    began, n_fits, seconds = time.perf_counter(), 0, 0.0
    while seconds < LEAST_S:
        fit(SHORT)
        n_fits, seconds = n_fits + 1, time.perf_counter() - began
    return seconds / n_fits


def compare(task: Task, epochs: int, peers: list[str], repeats: int) -> pd.DataFrame:
    """Measure one fit of each peer."""
    fits = repeat(lambda peer: call_elsewhere(measure, peer, task, epochs), peers, repeats)
    return add_ratio(add_ratio(fits, "cold s"), "ms a step")


def compare_two(task: Task, epochs: int, peers: list[str], repeats: int) -> pd.DataFrame:
    """Measure two fits of each peer in two ways; both against the reference in two processes."""

    def measure_two(peer: str) -> dict[str, float]:
        return {
            together: time_side_by_side(prepare_fits, (peer, task, epochs, 1), 2, 1),
            in_turn: time_side_by_side(prepare_fits, (peer, task, epochs, 2), 1, 2),
        }

    together, in_turn = "two processes, s", "one of two threads, s"
    fits = repeat(measure_two, peers, repeats)
    return add_ratio(add_ratio(fits, together), in_turn, of=together)


def prepare_fits(peer: str, task: Task, epochs: int, n_fits: int) -> Callable[[], list]:
    network = PEERS[peer](task)
    network.build()
    network.fit(1)
    return lambda: [network.fit(epochs) for _ in range(n_fits)]


def find_best(trials: pd.DataFrame, n_steps: list[int]) -> list[str]:
    """Each library's defaults, and its fastest settings: by step, and for these many cold steps."""
    trials = trials.droplevel(0)
    step = trials["ms a step"]
    costs = [step, *(trials["compiling s"] + step / 1e3 * n for n in n_steps)]
    fastest = {peer for cost in costs for peer in cost.groupby(library_of).idxmin()}
    return [peer for peer in trials.index if peer in fastest | {library_of(peer)}]


def measure_rate() -> float:
    """Floating point operations a second in a large multiplication, float32."""
    A = np.random.default_rng(0).normal(size=(1024, 1024)).astype(np.float32)
    seconds = []
    for _ in range(20):
        with timed() as spent:
            A @ A
        seconds.append(spent.seconds)
    return 2 * 1024**3 / np.median(seconds)


def find_floor(task: Task, rate: float) -> float:
    """Milliseconds for the multiplications of one step: one pass forward, two back."""
    _, window_length, n_features = task.inputs.shape
    products = window_length * task.batch_size * (n_features + task.units) * 4 * task.units
    return 1e3 * 3 * 2 * products / rate


def summarise(tables: dict[tuple[str, int], pd.DataFrame]) -> str:
    """For each library the ratios of its defaults, and of its best setting, named."""
    cells = []
    for (shape, epochs), measured in tables.items():
        medians = measured.drop(REFERENCE, level=1).groupby(level=1).median()
        for column in medians.filter(like=REFERENCE):
            for library, ratios in medians[column].groupby(library_of):
                defaults, best = ratios.get(library, np.nan), ratios.min()
                entries = f"{defaults:.2f}", f"{best:.2f}", ratios.idxmin()
                cells.append([f"({shape})", str(epochs), column, library, *entries])
    return write_table(["shape", "epochs", "ratio", "library", "defaults", "best", "by"], cells)


def main() -> None:
    parser = make_parser(__doc__)
    add_csv(parser)
    parser.add_argument("--shapes", nargs="+", default=SHAPES, help="window,units,batch")
    parser.add_argument("--epochs", nargs="+", type=int, default=[5])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=PEERS, metavar="PEER")
    parser.add_argument("--best", action="store_true", help="repeat defaults and best settings")
    parser.add_argument("--two", action="store_true", help="two fits on two threads")
    arguments = parser.parse_args()

    X = load_rows(arguments.csv)
    last_value = root_mean_squared_error(X[N_TRAIN:, 0], X[N_TRAIN - 1 : -1, 0])
    rate = np.median([call_elsewhere(measure_rate) for _ in range(arguments.repeats)])
    print(f"Floor at {rate / 1e9:.0f} GFLOP/s; last value's RMSE {last_value:.4g}")
    tables = {}
    for shape in arguments.shapes:
        task = make_task(X, shape)
        title = f"(window, units, batch) = ({shape}), floor {find_floor(task, rate):.3f} ms a step"
        peers = [REFERENCE, *(peer for peer in arguments.peers if peer != REFERENCE)]
        if arguments.best:
            trials = compare(task, SHORT, peers, 1)
            print(f"\n{title}: tried once, {SHORT} epochs\n\n{to_markdown(trials)}", flush=True)
            peers = find_best(trials, [task.n_steps(epochs) for epochs in arguments.epochs])
        for epochs in arguments.epochs:
            compare_fits = compare_two if arguments.two else compare
            measured = compare_fits(task, epochs, peers, arguments.repeats)
            print(f"\n{title}: {epochs} epochs\n\n{to_markdown(measured)}", flush=True)
            tables[shape, epochs] = measured
    print(f"\nDefaults and best settings\n\n{summarise(tables)}")


if __name__ == "__main__":
    main()
