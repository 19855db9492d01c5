"""The trial log: a JSON line for the problem, then one for each finished trial, written at once.

A search that is started again with the same log reuses its trials. A process that is killed while
it writes leaves an incomplete last line, which is cut off.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sklstm._search.log.records import (
    FORMAT,
    MARK,
    check_header,
    check_record,
    make_record,
    read_record,
)
from sklstm._search.trials.trial import Candidate, Trial
from sklstm._search.values.description import list_undescribed
from sklstm._warnings import warn_caller

try:
    import fcntl
except ImportError:  # not a POSIX system; all but the log works there
    fcntl = None  # type: ignore[assignment]

ABSENT = "nothing"  # in an error, what a log or a search does not have


@dataclass
class TrialLog:
    """An open log: its content, and the file to append to."""

    path: Path
    header: dict[str, Any] | None  # None in a new log
    records: dict[tuple[int, int], dict[str, Any]]  # by space and number in it
    _file: int | None = field(repr=False)  # None after a failure: what follows is not written

    @property
    def problem(self) -> dict[str, Any]:
        """The problem of the logged trials; empty if there are none."""
        return self.header["problem"] if self.header is not None and self.records else {}

    def begin(self, problem: Mapping[str, Any], versions: Mapping[str, str]) -> None:
        """Write the problem of the search, or compare it with that of the logged trials."""
        assert self._file is not None
        header = {MARK: FORMAT, "problem": dict(problem), "versions": dict(versions)}
        header = json.loads(_dump(header))  # as it would be read
        warn_of_undescribed(self.path, header["problem"])
        if self.header is not None and self.records:
            refuse_other_problem(self.path, self.header["problem"], header["problem"])
            warn_of_other_versions(self.path, self.header["versions"], header["versions"])
            return
        if self.header == header:
            return
        try:
            os.ftruncate(self._file, 0)  # a header alone holds nothing that could be lost
            self._write(header)
        except OSError as error:
            raise _refuse(self.path, error) from error
        self.header = header

    def holds(self, candidate: Candidate) -> bool:
        """Tell whether the log contained the candidate's trial when it was opened."""
        return (candidate.space, candidate.number) in self.records

    def find(self, candidate: Candidate) -> Trial | None:
        """Find the candidate's trial in the log as it was when it was opened, or None."""
        record = self.records.get((candidate.space, candidate.number))
        if record is None:
            return None
        if tuple(record["point"]) != tuple(candidate.point):
            raise ValueError(
                f"log={str(self.path)!r} has {record['params']} as trial {candidate.number}, but "
                f"this search proposes {candidate.params}. Proposals may differ with other "
                "versions or on another processor. Continue on the machine that wrote the log, or "
                "begin a new log with warm_start_from set to this one."
            )
        return read_record(record, candidate)

    def append(self, trial: Trial) -> None:
        """Write a finished trial; if that fails, warn and continue without the log."""
        if self._file is None:
            return
        try:
            self._write(make_record(trial))
        except OSError as error:
            self.close()
            warn_caller(
                f"log={str(self.path)!r} can no longer be written ({error.strerror}). The search "
                "continues and keeps its results in memory. The log ends before trial "
                f"{trial.candidate.number} of space {trial.candidate.space}."
            )

    def _write(self, line: Mapping[str, Any]) -> None:
        assert self._file is not None
        left = memoryview((_dump(line) + "\n").encode())
        while left:
            left = left[os.write(self._file, left) :]
        os.fsync(self._file)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


@contextmanager
def open_log(path: Any) -> Iterator[TrialLog | None]:
    """Open a log that no other process writes, or none if path is None."""
    if path is None:
        yield None
        return
    log = _open(Path(path))
    try:
        yield log
    finally:
        log.close()


def _open(path: Path) -> TrialLog:
    try:
        _check_place(path)
        is_new = not path.exists()
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    except OSError as error:
        raise _refuse(path, error) from error
    try:
        _lock(path, file)
        text = _read_all(file)
        whole = text[: text.rfind(b"\n") + 1]
        header, records = parse(path, whole)
        if len(whole) < len(text):
            _refuse_to_cut_strangers(path, header, text)
            os.ftruncate(file, len(whole))
        if is_new:
            _sync_folder(path.resolve().parent)
        return TrialLog(path, header, records, file)
    except BaseException:
        os.close(file)
        raise


def _lock(path: Path, file: int) -> None:
    """Lock the open file itself, so that links and other names of it share the lock.

    The lock is advisory: it binds only other searches, does not stop readers and changes no byte of
    the file. The system releases it when the file is closed, at the latest when the process ends. A
    log is cut and continued in place, because a new file of the same name would have another lock.
    """
    try:
        if fcntl is None:
            raise OSError("this system has no fcntl.flock")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BlockingIOError(
            f"log={str(path)!r} is in use by another search. Use a separate log for each search."
        ) from None
    except OSError as error:
        raise OSError(
            f"log={str(path)!r} cannot be locked: {error.strerror or error}. Without a lock, a "
            "second search could write to it. Use a path on a file system that supports locks, "
            "such as a local disk."
        ) from error


def _read_all(file: int) -> bytes:
    """Read the file from its beginning, through the descriptor that is locked."""
    with open(file, "rb", closefd=False) as content:
        return content.read()


def _check_place(path: Path) -> None:
    if not path.parent.is_dir():
        raise OSError("its folder does not exist")
    if path.exists() and not path.is_file():
        raise OSError("it is not a file")


def _refuse(path: Path, error: OSError) -> OSError:
    reason = error.strerror or str(error)
    return OSError(f"log={str(path)!r} cannot be written: {reason}. Use the path of a file.")


def _refuse_to_cut_strangers(path: Path, header: Any, text: bytes) -> None:
    """Refuse to cut an incomplete line from a file that is not a log or its beginning."""
    if header is None and not text.startswith(f'{{"{MARK}"'.encode()[: len(text)]):
        raise ValueError(f"log={str(path)!r} is a file that is not a search's log. Use another.")


def _sync_folder(folder: Path) -> None:
    """Write the new file's name to disk too."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def parse(path: Path, text: bytes) -> tuple[dict[str, Any] | None, dict]:
    """Read the lines of a log: its header (None if it is empty), and its records."""
    records = {}
    header = None
    for number, line in enumerate(text.splitlines()):
        try:
            content = json.loads(line)
            if header is None:
                header = check_header(content)
            else:
                record = check_record(content, header["problem"]["splits"]["n"])
                records[record["space"], record["trial"]] = record
        except ValueError as error:
            raise ValueError(
                f"log={str(path)!r} has a line {number + 1} that does not belong in a search's "
                f"log: {error}. Use another path, or repair that line."
            ) from error
    return header, records


def read_log(path: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Read a log without opening it for writing: its header and its records."""
    path = Path(path)
    try:
        text = path.read_bytes()
    except OSError as error:
        raise OSError(f"The log {str(path)!r} cannot be read: {error.strerror}.") from error
    header, records = parse(path, text[: text.rfind(b"\n") + 1])
    if header is None:
        raise ValueError(f"The log {str(path)!r} is empty.")
    return header, list(records.values())


def refuse_other_problem(path: Path, logged: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Raise a ValueError that names what differs between the log's search and this one."""
    differing = [
        line
        for name in {**logged, **now}
        if logged.get(name) != now.get(name)
        for line in _list_differences(name, logged.get(name), now.get(name))
    ]
    if differing:
        raise ValueError(
            f"log={str(path)!r} belongs to another search. These differ:\n"
            + "\n".join(f"- {line}" for line in differing)
            + "\nUse another path, or make them equal."
        )


def _list_differences(place: str, logged: Any, now: Any) -> Iterator[str]:
    """List what differs between two descriptions by its place, such as a parameter of a class."""
    if isinstance(logged, list) and isinstance(now, list) and len(logged) == len(now):
        logged, now = dict(enumerate(logged)), dict(enumerate(now))
    is_same_kind = isinstance(logged, dict) and isinstance(now, dict)
    if is_same_kind and logged.get("class") == now.get("class"):
        for name in {**logged, **now}:
            one, other = logged.get(name, ABSENT), now.get(name, ABSENT)
            if one != other:
                yield from _list_differences(f"{place}.{name}", one, other)
    else:
        yield f"{place}: {_cut(logged)} in the log, {_cut(now)} now"


def _cut(value: Any, longest: int = 200) -> str:
    text = value if value is ABSENT else json.dumps(value)
    return text if len(text) <= longest else f"{text[:longest]}..."


def warn_of_other_versions(path: Path, logged: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Warn if the log was written with other versions, which may propose other candidates."""
    differing = [
        f"{name} {logged.get(name)} (now {version})"
        for name, version in now.items()
        if logged.get(name) != version
    ]
    if differing:
        warn_caller(
            f"log={str(path)!r} was written with {', '.join(differing)}. Scores and proposals may "
            "differ from those of an uninterrupted search."
        )


def warn_of_undescribed(path: Path, problem: Mapping[str, Any]) -> None:
    """Warn if the search has objects that another process cannot recognise, such as a lock."""
    undescribed = list_undescribed(problem)
    if undescribed:
        warn_caller(
            f"log={str(path)!r} cannot describe these objects of the search: "
            f"{'; '.join(undescribed)}. Another process will not recognise the search and cannot "
            "resume it from the log."
        )


def _dump(line: Mapping[str, Any]) -> str:
    return json.dumps(line, allow_nan=False)
