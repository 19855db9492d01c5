"""Suppression of TensorFlow's notices while it starts and compiles; other output is passed on.

Libraries in C++ write to file descriptor 2 instead of `sys.stderr`. Meanwhile this output goes to a
file, and then to its destination without the notices that are known to be harmless.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

SHOW = "SKLSTM_SHOW_TENSORFLOW_LOG"  # an environment variable; anything but "" and "0" shows all
NOTICES = (
    r"All log messages before absl::InitializeLog",
    r"oneDNN custom operations are on",
    r"This TensorFlow binary is optimized to use available CPU instructions",
    r"^To enable the following instructions:",
    r"Could not find cuda drivers on your machine",
    r"failed call to cuInit",
    r"CUDA_ERROR_NO_DEVICE",
    r"(retrieving CUDA diagnostic information for|verbosity=|hostname:|libcuda reported version)",
    r"kernel (reported version|version seems to match|driver does not appear to be running)",
    r"Unable to register cu(DNN|BLAS|FFT) factory",
    r"computation placer already registered",
    r"TF-TRT Warning: Could not find TensorRT",
    r"Cannot dlopen some GPU libraries",
    r"Skipping registering GPU devices",
    r"XLA service 0x[0-9a-f]+ initialized for platform Host",
    r"StreamExecutor (device \(0\)|\[0\]): Host, Default Version",
    r"Compiled cluster using XLA!",
    r"disabling MLIR crash reproducer",
    r"MLIR V1 optimization pass is not enabled",
    # Of programs that were compiled before, and kept on disk (`program_cache`). The features named
    # are preferences of the compiler, no instructions.
    r"Error parsing text-format tensorflow.XlaSerializedCacheEntry",
    r"cpu_aot_loader.cc.*Target machine feature \+prefer-no-(scatter|gather) is not  supported",
)
IS_NOTICE = re.compile("|".join(NOTICES))
_lock = threading.RLock()


@contextmanager
def holding_notices() -> Iterator[None]:
    """Suppress TensorFlow's notices; show all of them if an exception leaves the context."""
    if os.environ.get(SHOW, "0") not in ("", "0") or not _has_stderr():
        yield
        return
    with _lock, tempfile.TemporaryFile() as held:
        _flush()
        before = os.dup(2)
        os.dup2(held.fileno(), 2)
        is_well = False
        try:
            yield
            is_well = True
        finally:
            _flush()
            os.dup2(before, 2)
            os.close(before)
            held.seek(0)
            _pass_on(held.read(), with_notices=not is_well)


def _has_stderr() -> bool:
    with suppress(OSError):
        os.fstat(2)
        return True
    return False


def _flush() -> None:
    with suppress(Exception):  # it may be closed, or None
        sys.stderr.flush()


def _pass_on(held: bytes, with_notices: bool) -> None:
    for line in held.splitlines(keepends=True):
        if with_notices or not IS_NOTICE.search(line.decode(errors="replace")):
            with suppress(OSError):
                os.write(2, line)
