"""TensorFlow's start: once in a process, without notices, on one thread, never in a forked child.

Nothing here imports TensorFlow before it has to be started.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from sklstm._network.program_cache import ProgramCache, open_cache
from sklstm._network.quiet import holding_notices
from sklstm._warnings import warn_caller

Result = TypeVar("Result")

FORKED = (
    "This process was forked from a process in which TensorFlow had started. TensorFlow would wait "
    "forever for threads that exist only in the parent. Fit in a process that is started with the "
    '"spawn" method, multiprocessing.get_context("spawn"), or in one of joblib\'s loky workers. '
    "predict, forecast and update work here too."
)


class _Process:
    """The state of TensorFlow in this process."""

    def __init__(self, is_child: bool = False, is_lamed: bool = False) -> None:
        self.lock = threading.Lock()
        self.is_started = False
        self.is_child = is_child  # of another one, by a fork
        self.is_lamed = is_lamed  # in the parent TensorFlow had been started here
        self.has_xla = True
        self.cache: ProgramCache | None = None


_process = _Process()


def start_tensorflow() -> None:
    """Import TensorFlow and start it, unless that was done before."""
    _refuse_fork()
    with _process.lock:
        if not _process.is_started:
            with holding_notices():
                _start()
            _process.is_started = True


def has_xla() -> bool:
    """Whether TensorFlow, once started, can compile with XLA."""
    return _process.has_xla


def find_cache() -> ProgramCache | None:
    """The programs on disk, if there are any."""
    return _process.cache


def compile_or_forget(compile_it: Callable[[], Result]) -> Result:
    """Compile; if that fails, delete the programs on disk, which may be damaged, and try again.

    The function must build a new program each time: TensorFlow does not try the same one twice.
    """
    import tensorflow as tf

    try:
        return compile_it()
    except tf.errors.OpError:
        if _process.cache is None:
            raise
        _process.cache.forget()
        return compile_it()


def _start() -> None:
    # TensorFlow reads its flags when it is imported.
    is_ours = "tensorflow" not in sys.modules and "TF_XLA_FLAGS" not in os.environ
    _process.cache = open_cache() if is_ours else None
    flags = {}
    if _process.cache is not None:
        flags["TF_XLA_FLAGS"] = f"--tf_xla_persistent_cache_directory={_process.cache.own}"
    with _setting(flags):
        import tensorflow as tf

        if not _choose_threads(tf) and _process.is_child:
            raise RuntimeError(FORKED)
        _compile_something(tf)


def _choose_threads(tf: Any) -> bool:
    """Set one intra-op thread, unless the user set their number; return whether it was possible.

    One fit is fastest on one thread, and fits run in parallel in processes; see the performance
    notes. If TensorFlow has already started, its threads cannot be changed.
    """
    threads = tf.config.threading
    chosen = threads.get_intra_op_parallelism_threads()
    try:
        if chosen == 0 and "TF_NUM_INTRAOP_THREADS" not in os.environ:
            threads.set_intra_op_parallelism_threads(1)
    except RuntimeError:
        return False
    return True


@contextmanager
def _setting(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while."""
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            os.environ.pop(name, None)


def _compile_something(tf: Any) -> None:
    """Compile a first, small program with XLA; if that fails, warn once."""

    def compile_it() -> None:
        tf.function(lambda x: x + 1.0, jit_compile=True)(tf.constant(1.0))

    try:
        compile_or_forget(compile_it)
    except tf.errors.OpError as error:
        _process.has_xla = False
        warn_caller(
            f"This TensorFlow cannot compile with XLA ({type(error).__name__}). Fits give the same "
            "results, but are several times slower.",
            RuntimeWarning,
        )


def _refuse_fork() -> None:
    if _process.is_lamed:
        raise RuntimeError(FORKED)


def _note_fork() -> None:
    global _process
    had_begun = _process.is_started or _process.lock.locked()
    _process = _Process(is_child=True, is_lamed=had_begun or _process.is_lamed)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_fork)
