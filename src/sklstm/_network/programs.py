"""Compiled programs: one per shape, shared by all fits of a process.

XLA compiles for fixed shapes (seconds) and never gives a program's memory back. So a program is
built once for each shape, and whatever differs between fits of one shape is its input.
"""

import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from time import perf_counter
from typing import Any

import tensorflow as tf

from sklstm._warnings import warn_caller

logger = logging.getLogger(__name__)
_PROGRAMS: dict[Any, Callable] = {}  # by kind and shape, for all fits of this process
_BUILDING = threading.Lock()  # two fits in threads must not build one program twice


def run_program(build: Callable[[Any], Callable], shape: Any, *inputs: Any) -> Any:
    """Run the program of this shape; the first inputs of a shape have it traced.

    Inputs and outputs are tensors, or structures of them such as a NamedTuple.
    """
    start_tensorflow()
    tensors = tf.nest.map_structure(as_tensor, inputs)
    with _BUILDING:
        is_new = (build, shape) not in _PROGRAMS
        if is_new:
            function = tf.function(build(shape), autograph=False, jit_compile=has_xla())
            _PROGRAMS[build, shape] = function.get_concrete_function(*tensors)
    began = perf_counter()
    outputs = _PROGRAMS[build, shape](*tensors)  # its first run compiles it
    if is_new:
        logger.info("Compiled a program for %s in %.1f s", shape, perf_counter() - began)
    return outputs


@cache
def start_tensorflow() -> None:
    """Ask for one intra-op thread, where TensorFlow has not started and the user asked for nothing.

    One fit is fastest on one thread, and fits run side by side in processes; see the performance
    notes.
    """
    chosen = tf.config.threading.get_intra_op_parallelism_threads()
    if chosen == 0 and "TF_NUM_INTRAOP_THREADS" not in os.environ:
        with suppress(RuntimeError):  # TensorFlow has started: its threads stay as they are
            tf.config.threading.set_intra_op_parallelism_threads(1)


@cache
def has_xla() -> bool:
    """Whether this TensorFlow can compile with XLA; where not, say once what that costs."""
    try:
        tf.function(lambda x: x + 1.0, jit_compile=True)(tf.constant(1.0))
    except tf.errors.OpError as error:
        warn_caller(
            f"This TensorFlow cannot compile with XLA ({type(error).__name__}); "
            "fits give the same results, several times slower.",
            RuntimeWarning,
        )
        return False
    return True


def as_tensor(value: Any) -> Any:
    """Hand a value to TensorFlow: a Python number would be compiled in, a tensor is an input."""
    return tf.convert_to_tensor(value, tf.float32 if isinstance(value, float) else None)
