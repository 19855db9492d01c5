"""Threads: BLAS is held to one, and work that can be split runs on several of our own.

BLAS waits for its threads at work on nothing. Where another program has a core, each of the small
products of a forward pass then takes as long as the system lets that program run: 16 ms instead of
0.02. Threads of our own get a share of the rows each and wait for nothing.
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

    is_given_up: is set when one call fails, or Ctrl-C is pressed, so that the others may end early.
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
    """Whether BLAS is held, and who may hold it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.n_threads: list[int] | None = None  # of each library before it was held; None: free


_hold = _Hold()


@contextmanager
def holding_blas() -> Iterator[int]:
    """Hold BLAS to one thread; yields how many threads of our own may take its place.

    Of calls side by side the first holds it, and lets it go at its own end: OpenBLAS listens to the
    thread that it started in alone, so another one could not.
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
    """In a forked child nobody holds BLAS, whoever did so in the parent at that moment."""
    global _hold
    if _hold.n_threads is not None:
        _set_threads(_list_blas(), _hold.n_threads)
    _hold = _Hold()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)
