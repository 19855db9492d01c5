"""Quiet: known notices are held back, all else comes through, in order and whole."""

import os
import subprocess
import sys

import pytest

from sklstm._network.quiet import SHOW

NOTICES = [
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
    "I0000 00:00:17 1 port.cc:153] oneDNN custom operations are on. You may see slightly",
    "E0000 00:00:17 1 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error",
    "I0000 00:00 x.cc:227] This TensorFlow binary is optimized to use available CPU instructions",
    "To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow",
    "I0000 00:00:17 1 service.cc:153] XLA service 0x557defaa0e70 initialized for platform Host",
    "E0000 00:00 cpu_aot_loader.cc:220] Target machine feature +prefer-no-gather is not  supported",
]
OTHERS = [
    "Traceback (most recent call last):",
    "a user's own warning about oneDNN",
    "E0000 00:00:17 1 something.cc:1] Target machine feature +avx512f is not  supported",
    "W0000 00:00:17 1 op_kernel.cc:1858] OP_REQUIRES failed at xla_ops.cc:602 : DATA_LOSS",
    "\u00fcnknown, and no newline at the end",
]
PROGRAM = """
import os, sys
from sklstm._network.quiet import holding_notices
{before}
def write(text):
    os.write(2, text.encode())
try:
    with holding_notices():
        for line in {lines!r}:
            write(line)
        {inside}
except KeyError:
    pass
print("after", file=sys.stderr)
"""


def run(lines, before="", inside="", **environment):
    """What comes out of file descriptor 2 of a fresh process."""
    inherited = {name: value for name, value in os.environ.items() if name != SHOW}
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(lines=lines, before=before, inside=inside)],
        env={**inherited, **environment},
        check=True,
        capture_output=True,
    )
    return answer.stderr.decode()


MIXED = [f"{line}\n" for pair in zip(NOTICES, OTHERS, strict=False) for line in pair]


def test_what_is_no_notice_comes_through_in_order():
    """Oracle: the lines themselves."""
    expected = "".join(f"{line}\n" for line in OTHERS)
    assert run([*MIXED, *(f"{line}\n" for line in NOTICES)]) == f"{expected}after\n"


def test_a_last_line_without_end_comes_through():
    """Oracle: by hand."""
    assert run([f"{NOTICES[0]}\n", "no end"]) == "no endafter\n"


def test_an_error_shows_all_of_it():
    """Oracle: the lines themselves."""
    shown = run(MIXED, inside="raise KeyError('planted')")
    assert shown == "".join(MIXED) + "after\n"


@pytest.mark.parametrize(("value", "is_shown"), [("1", True), ("0", False), ("", False)])
def test_a_variable_shows_all(value, is_shown):
    """Oracle: the lines themselves."""
    shown = run(MIXED, **{SHOW: value})
    assert (shown == "".join(MIXED) + "after\n") == is_shown


def test_contexts_may_be_nested():
    """Oracle: by hand."""
    inside = f"""
        with holding_notices():
            write({NOTICES[1]!r} + "\\n")
            write("inner\\n")
        write("outer\\n")
"""
    assert run([], inside=inside.strip()) == "inner\nouter\nafter\n"


@pytest.mark.parametrize("before", ["os.close(2)", "sys.stderr = None", "sys.stderr.close()"])
def test_a_process_without_stderr_runs_all_the_same(before):
    """Oracle: the exit status, which `run` checks; a service may have closed it."""
    inside = "" if "os.close" not in before else "pass"
    program = PROGRAM.format(
        lines=[] if "os.close" in before else ["x\n"], before=before, inside=inside
    ).replace('print("after", file=sys.stderr)', "")
    subprocess.run([sys.executable, "-c", program], check=True)
