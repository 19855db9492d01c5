"""The workers that run the fits of a search, on this machine or on a cluster, through joblib.

Two peculiarities of joblib's backends are handled here. Dask would receive the data again with each
fit, and some backends, such as that of Ray, cannot return results one by one.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from joblib.parallel import SequentialBackend, get_active_backend
from sklearn.utils.parallel import Parallel

from sklstm._search.trials.retrying import RetryingWorkers

# 1.5 times as fast as one worker, threads 1.1 (benchmarks/fits/workers.py). A hint only:
# joblib.parallel_config(backend=...) around fit decides otherwise.
PREFERRED_WORKERS = "processes"


@contextmanager
def open_workers(
    n_jobs: int | None, pre_dispatch: int | str, shared: Any
) -> Iterator[RetryingWorkers]:
    """Open the workers for tasks that all have the object `shared` as an argument."""
    backend, _ = get_active_backend(prefer=PREFERRED_WORKERS)

    def make_parallel() -> Parallel:
        return Parallel(
            n_jobs=n_jobs,
            pre_dispatch=pre_dispatch,
            batch_size=1,  # "auto" hands out long fits in pairs, once some took under 0.2 s
            prefer=PREFERRED_WORKERS,
            return_as="generator" if gives_results_one_by_one(backend) else "list",
        )

    with sending_once(shared, backend), RetryingWorkers(make_parallel) as workers:
        yield workers


@contextmanager
def sending_once(shared: Any, backend: Any) -> Iterator[None]:
    """Keep the object on a Dask cluster, and send tasks a reference to it.

    It is the result of a task and not scattered. Scattered data are lost with the worker that holds
    them, which would end the search. A result is computed again elsewhere, from the scheduler's
    copy.
    """
    if not hasattr(backend, "data_futures"):  # joblib's table of what Dask holds, by id
        yield
        return
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sending large graph", UserWarning)  # once, as it should
        backend.data_futures[id(shared)] = backend.client.submit(_hold, shared, pure=False)
    try:
        yield
    finally:
        backend.data_futures.pop(id(shared)).cancel()  # and the tasks that were not waited for


def _hold(shared: Any) -> Any:
    return shared


def gives_results_one_by_one(backend: Any) -> bool:
    """Whether joblib has a generator of results for this backend."""
    return backend.supports_return_generator or isinstance(backend, SequentialBackend)
