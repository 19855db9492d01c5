"""Compiled programs on disk, so that a machine compiles each program once.

TensorFlow can keep XLA's programs in a folder, but it fails if a file is damaged or the folder is
not writable. Therefore each process has a separate folder with links to the files of the shared
one. Its new programs are copied to the shared folder afterwards, as whole files.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import platformdirs

FOLDER = "SKLSTM_CACHE_DIR"  # an environment variable; empty: nothing is kept
LARGEST_CACHE = 256 * 2**20  # bytes, of about 1 MB a program; the oldest go first
LEAST_SPACE = 64 * 2**20  # bytes to be free for this process' own folder
IS_PROGRAM = "xla_compile_cache*.pb"


class ProgramCache:
    """The folder that TensorFlow reads and writes in this process, and the shared one."""

    def __init__(self, shared: Path) -> None:
        self.shared = shared
        self.own = Path(tempfile.mkdtemp(prefix="sklstm-programs-"))
        self._process = os.getpid()
        atexit.register(self._remove)
        self._link()

    def _link(self) -> None:
        """Link to all existing programs."""
        for program in self.shared.glob(IS_PROGRAM):
            with suppress(OSError):
                (self.own / program.name).symlink_to(program)

    def publish(self) -> None:
        """Copy new programs to the shared folder; if that fails, nothing is lost."""
        for program in self._list_own():
            with suppress(OSError):
                _copy_whole(program, self.shared / program.name)
                program.unlink()
                program.symlink_to(self.shared / program.name)
        with suppress(OSError):
            prune(self.shared.parent, LARGEST_CACHE)

    def _list_own(self) -> list[Path]:
        return [path for path in self.own.glob(IS_PROGRAM) if not path.is_symlink()]

    def forget(self) -> None:
        """Delete the linked programs, here and in the shared folder, because one is damaged."""
        for program in self.own.glob(IS_PROGRAM):
            if program.is_symlink():
                with suppress(OSError):
                    program.readlink().unlink()
        shutil.rmtree(self.own, ignore_errors=True)
        with suppress(OSError):
            self.own.mkdir(exist_ok=True)

    def _remove(self) -> None:
        if os.getpid() == self._process:  # and not a child that was forked
            shutil.rmtree(self.own, ignore_errors=True)


def _copy_whole(program: Path, target: Path) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix="new-")
    os.close(handle)
    try:
        shutil.copyfile(program, name)
        os.replace(name, target)
    except OSError:
        with suppress(OSError):
            os.unlink(name)
        raise


def open_cache() -> ProgramCache | None:
    """Open the cache; None if there is no place for it, or the user wants none."""
    base = os.environ.get(FOLDER)
    if base == "":
        return None
    root = Path(base).expanduser() if base else Path(platformdirs.user_cache_dir("sklstm"))
    shared = root / "programs" / f"{find_version()}-{describe_processor()}"
    try:
        shared.mkdir(parents=True, exist_ok=True)
        temporary = tempfile.gettempdir()
        # Flags are divided at spaces, so TensorFlow could not read a name that has one.
        if " " in temporary or shutil.disk_usage(temporary).free < LEAST_SPACE:
            return None
        return ProgramCache(shared)
    except OSError:  # a read-only home, for example
        return None


def find_version() -> str:
    """Find the version of TensorFlow, without importing it."""
    for name in ("tensorflow", "tensorflow-cpu", "tensorflow-intel"):
        with suppress(PackageNotFoundError):
            return version(name)
    return "unknown"


def describe_processor() -> str:
    """Name the kind of processor, because programs are compiled for its instructions."""
    lines = {platform.machine(), platform.processor()}
    with suppress(OSError):
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        kinds = ("model name", "flags", "Features", "CPU part")
        lines |= {line for line in text.splitlines() if line.startswith(kinds)}
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]


def prune(folder: Path, largest: int) -> None:
    """Delete the programs that were not used recently, beyond this number of bytes."""
    sizes = sorted(_list_sizes(folder), reverse=True)
    total = 0
    for _, size, path in sizes:
        total += size
        if total > largest:
            with suppress(OSError):
                path.unlink()


def _list_sizes(folder: Path) -> Iterator[tuple[float, int, Path]]:
    for path in folder.rglob("*"):
        with suppress(OSError):
            stat = path.stat()
            if path.is_file():
                yield max(stat.st_mtime, stat.st_atime), stat.st_size, path
