"""What does a search send over the network of a Dask cluster?

    python -m benchmarks.search.cluster                  # 10 MB of X, 8 candidates on 5 folds
    python -m benchmarks.search.cluster --rows 1250000

It counts megabytes in all and kilobytes a fit. The cluster is two worker processes on this machine,
and a fit costs nothing. What counts are the messages of this process, in which client and scheduler
live: what passes from one to the other and on to a worker counts twice. "each fit" sends the data
with every task, as joblib does by itself.

Time: 15 seconds.
Figures: docs/clusters.md, "The data is sent once".
"""

import warnings
from contextlib import nullcontext
from unittest import mock

import joblib
import numpy as np
from distributed import Client, LocalCluster
from distributed.comm.tcp import TCP
from sklearn.dummy import DummyRegressor

import sklstm._search.trials.workers
from benchmarks.tools.arguments import make_parser
from benchmarks.tools.stopwatch import timed
from benchmarks.tools.tables import print_head, print_row
from sklstm import BayesTimeSeriesSearchCV

N_TRIALS, N_FOLDS = 8, 5


class Counting:
    """Counts what is written to sockets."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self._write = TCP.write

    async def write(self, comm, *args, **kwargs):
        size = await self._write(comm, *args, **kwargs)
        self.sizes.append(size or 0)
        return size


def measure(X: np.ndarray, y: np.ndarray, n_points: int) -> tuple[float, float, float]:
    """Return the seconds, the megabytes, and the kilobytes for each fit but for the largest."""
    search = BayesTimeSeriesSearchCV(
        DummyRegressor(strategy="quantile"),
        {"quantile": (0.0, 1.0)},
        strategy="random",
        x0=None,
        n_iter=N_TRIALS,
        n_points=n_points,
        pruning=False,
        refit=False,
        random_state=0,
    )
    counting = Counting()
    with (
        timed() as spent,
        mock.patch.object(TCP, "write", lambda *args, **kwargs: counting.write(*args, **kwargs)),
        joblib.parallel_config("dask"),
    ):
        search.fit(X, y)
    small = sum(size for size in counting.sizes if size < X.nbytes)
    return spent.seconds, sum(counting.sizes) / 1e6, small / 1e3 / (N_TRIALS * N_FOLDS)


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--rows", type=int, default=125_000)
    rows = parser.parse_args().rows
    warnings.filterwarnings("ignore", "Sending large graph")  # as Dask says of data in each fit
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(rows, 10)), rng.normal(size=rows)
    in_each_fit = mock.patch.object(
        sklstm._search.trials.workers, "sending_once", lambda *_: nullcontext()
    )
    print(f"X: {X.nbytes / 1e6:.0f} MB; {N_TRIALS} candidates on {N_FOLDS} folds")
    print_head("data sent", "n_points", "s", "MB", "kB a fit, without the data")
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster),
    ):
        for name, setting in {"once": nullcontext(), "each fit": in_each_fit}.items():
            for n_points in (1, 4):
                with setting:
                    seconds, megabytes, kilobytes = measure(X, y, n_points)
                print_row(name, n_points, f"{seconds:.1f}", f"{megabytes:.0f}", f"{kilobytes:.1f}")


if __name__ == "__main__":
    main()
