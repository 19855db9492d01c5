"""Threads: BLAS is limited to one, and work that can be split runs on several threads of our own.

BLAS waits for its threads in a busy loop. If another program uses a core, each of the small
products of a forward pass takes as long as the system lets that program run: 16 ms instead of 0.02.
Our own threads get a share of the rows each and need not wait.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np  # noqa: F401 - with it comes the BLAS that is held
from threadpoolctl import ThreadpoolController


def map_in_threads(
    function: Callable[[Any], Any], items: Sequence[Any], is_given_up: threading.Event | None = None
) -> list[Any]:
    """Call the function with each item, on as many threads as BLAS would have.

    is_given_up: set when a call fails or Ctrl-C is pressed, so that the other calls can end early.
    """
    with holding_blas() as n_threads:
        n_threads = min(n_threads, len(items))
        if n_threads <= 1:
            return [function(item) for item in items]
        with ThreadPoolExecutor(n_threads) as threads:
            try:
                return list(threads.map(function, items))
            except BaseException:
                if is_given_up is not None:
                    is_given_up.set()
                raise


class _Hold:
    """The state of the limit on BLAS, with a lock."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.n_threads: list[int] | None = None  # of each library before it was held; None: free


_hold = _Hold()


@contextmanager
def holding_blas() -> Iterator[int]:
    """Limit BLAS to one thread; yield the number of our own threads that may replace it.

    If calls overlap, the first one sets the limit and removes it when it ends: OpenBLAS accepts
    this only from the thread that set the limit.
    """
    hold, libraries = _hold, _list_blas()
    with hold.lock:
        is_ours = hold.n_threads is None
        if is_ours:
            hold.n_threads = [library.get_num_threads() or 1 for library in libraries]
            _set_threads(libraries, [1] * len(libraries))
        before = hold.n_threads or []
    is_held = all(library.get_num_threads() == 1 for library in libraries)
    try:
        yield max(before, default=1) if is_held else 1
    finally:
        if is_ours:
            with hold.lock:
                _set_threads(libraries, before)
                hold.n_threads = None


def _set_threads(libraries: Sequence[Any], n_threads: Sequence[int]) -> None:
    for library, number in zip(libraries, n_threads, strict=True):
        library.set_num_threads(number)


@cache
def _list_blas() -> list[Any]:
    return ThreadpoolController().select(user_api="blas").lib_controllers


def _start_anew() -> None:
    """Forget in a forked child that the parent was limiting BLAS at that moment."""
    global _hold
    if _hold.n_threads is not None:
        _set_threads(_list_blas(), _hold.n_threads)
    _hold = _Hold()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)
