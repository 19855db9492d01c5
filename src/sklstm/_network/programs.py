"""Compiled programs: one per shape, shared by all fits of a process.

XLA compiles for fixed shapes, which takes seconds, and never releases a program's memory. So a
program is built once for each shape, and all differences between fits of one shape are inputs.
"""

import logging
import threading
from collections.abc import Callable
from time import perf_counter
from typing import Any

import tensorflow as tf

from sklstm._network.quiet import holding_notices
from sklstm._network.start import (
    compile_or_forget,
    find_cache,
    has_xla,
    start_tensorflow,
)
from sklstm._warnings import warn_caller

logger = logging.getLogger(__name__)
_PROGRAMS: dict[Any, Callable] = {}  # by shape, for all fits of this process
_BUILDING = threading.Lock()  # two fits in threads must not build one program twice


def run_program(build: Callable[[Any], Callable], shape: Any, *inputs: Any) -> Any:
    """Run the program of this shape, which is compiled on its first use.

    Inputs and outputs are tensors, or structures of them such as a NamedTuple.
    """
    start_tensorflow()
    tensors = tf.nest.map_structure(as_tensor, inputs)
    program = _PROGRAMS.get((build, shape))
    if program is None:
        with _BUILDING:
            program = _PROGRAMS.get((build, shape))  # another thread may have built it meanwhile
            if program is None:
                began = perf_counter()
                program, outputs = compile_program(build(shape), *tensors)
                logger.info("Compiled a program for %s in %.1f s", shape, perf_counter() - began)
                _PROGRAMS[build, shape] = program
                return outputs
    return program(*tensors)


def compile_program(function: Callable, *inputs: Any) -> tuple[Callable, Any]:
    """Compile a function by running it, or load it from disk; return its outputs, too."""

    def compile_it(jit_compile: bool) -> tuple[Callable, Any]:
        traced = tf.function(function, autograph=False, jit_compile=jit_compile)
        program = traced.get_concrete_function(*inputs)
        return program, program(*inputs)

    cache = find_cache()
    with holding_notices():
        try:
            compiled = compile_or_forget(lambda: compile_it(has_xla()))
        except tf.errors.ResourceExhaustedError as error:
            if cache is None:
                raise
            warn_caller(
                f"There is no space on disk for a compiled program ({error.message}). The fit "
                "continues without XLA, several times slower. Free some space, or set the "
                'environment variable SKLSTM_CACHE_DIR to "" before Python starts.',
                RuntimeWarning,
            )
            compiled = compile_it(False)
    if cache is not None:
        cache.publish()
    return compiled


def as_tensor(value: Any) -> Any:
    """Convert a value to a tensor, because a Python number would be compiled in as a constant."""
    return tf.convert_to_tensor(value, tf.float32 if isinstance(value, float) else None)
