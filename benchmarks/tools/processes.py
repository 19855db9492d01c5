"""Measurements in processes of their own, with a set number of threads.

What one library compiled, allocated or started must not weigh on the next one, and TensorFlow and
PyTorch do not bear each other in one process everywhere.
"""

import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from subprocess import DEVNULL, PIPE, CalledProcessError, Popen
from typing import Any
from unittest.mock import patch

from benchmarks.tools.stopwatch import timed

LIMIT_S = 3600.0  # a process that has not come by then has failed
SPAWN = get_context("spawn")  # nothing is inherited but the environment
FORK = get_context("fork")  # imports are inherited


def set_threads(n_threads: int) -> Any:
    """Set the environment of the processes that start within this context."""
    n = str(n_threads)
    threads = {
        "OMP_NUM_THREADS": n,
        "OPENBLAS_NUM_THREADS": n,
        "TF_NUM_INTRAOP_THREADS": n,
        "TF_NUM_INTEROP_THREADS": n,
    }
    return patch.dict(os.environ, threads, TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")


def call_elsewhere(function: Callable, *arguments: Any) -> Any:
    """Call a function in a new process with one thread and return what it returns."""
    with set_threads(1), ProcessPoolExecutor(1, mp_context=SPAWN) as pool:
        return pool.submit(function, *arguments).result()


def call_within(limit_s: float, function: Callable[..., dict], *arguments: Any) -> dict:
    """Call a function in a new process; what it returns, or why it did not."""
    receiver, sender = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_send, args=(sender, function, arguments))
    process.start()
    sender.close()  # a process that dies then ends the wait
    try:
        if receiver.poll(limit_s):
            return receiver.recv()
        return {"failed": f"took more than {limit_s:g} s"}
    except EOFError:
        return {"failed": "its process died"}
    finally:
        process.kill()
        process.join()


def _send(sender: Any, function: Callable[..., dict], arguments: tuple) -> None:
    try:
        sender.send(function(*arguments))
    except Exception as error:  # noqa: BLE001 (no library ends the run)
        sender.send({"failed": f"{type(error).__name__}: {error}"[:300]})


def start_again(*options: object) -> Popen:
    """Start the running script again, in a process that may have workers of its own.

    There the script is ``__main__``, whose functions and classes joblib sends to workers by value.
    In a process of `call_elsewhere` it has another name, which workers cannot import.
    """
    script = sys.modules["__main__"].__spec__.name
    command = [sys.executable, "-m", script, *map(str, options)]
    return Popen(command, stdout=PIPE, stderr=DEVNULL, text=True)


def read_answer(run: Popen) -> Any:
    """Wait for what a script that was started again prints last, in JSON."""
    answer, _ = run.communicate()
    if run.returncode:
        raise CalledProcessError(run.returncode, run.args)
    return json.loads(answer.splitlines()[-1])


def time_side_by_side(
    prepare: Callable[..., Callable], arguments: tuple, n_processes: int, n_threads: int
) -> float:
    """Time, in seconds, the call that `prepare` returns, in all new processes at once.

    The clock runs from when the last process is prepared to when the last one is done.
    """
    barrier = SPAWN.Barrier(n_processes + 1, timeout=LIMIT_S)
    processes = [
        SPAWN.Process(target=_meet, args=(barrier, prepare, arguments), daemon=True)
        for _ in range(n_processes)
    ]
    with set_threads(n_threads):
        for process in processes:
            process.start()
    barrier.wait()
    with timed() as spent:
        barrier.wait()
    for process in processes:
        process.join()
    return spent.seconds


def _meet(barrier: Any, prepare: Callable[..., Callable], arguments: tuple) -> None:
    try:
        call = prepare(*arguments)
        barrier.wait()
        call()
        barrier.wait()
    except BaseException:
        barrier.abort()  # or all others wait
        raise
