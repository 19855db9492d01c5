"""The trial log: a JSON line for the problem, then one for each finished trial, on disk at once.

A search that is begun again with the same log takes the trials that it holds as done. A process
that is killed while it writes leaves a torn last line, which is cut off.
"""

from __future__ import annotations

import json
import math
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from sklstm.description import describe
from sklstm.trials import Candidate, FoldScore, Trial

FORMAT = 1  # of the lines; a later one must still read this one
MARK = "sklstm_log"  # the key that a header begins with


@dataclass
class TrialLog:
    """An open log: what it holds, and where to append."""

    path: Path
    header: dict[str, Any] | None  # None in a new log
    records: dict[tuple[int, int], dict[str, Any]]  # by space and number in it
    _file: int | None = field(repr=False)  # None after a failure: what follows is not written

    @property
    def problem(self) -> dict[str, Any]:
        """What the logged trials are about; empty where there are none."""
        return self.header["problem"] if self.header is not None and self.records else {}

    def begin(self, problem: Mapping[str, Any], versions: Mapping[str, str]) -> None:
        """Write what the search is about; or, where trials are logged, hold against it."""
        assert self._file is not None
        header = {MARK: FORMAT, "problem": dict(problem), "versions": dict(versions)}
        header = json.loads(_dump(header))  # as it would be read
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

    def recall(self, candidate: Candidate) -> Trial | None:
        """Return the candidate's trial, if it is in the log."""
        record = self.records.get((candidate.space, candidate.number))
        if record is None:
            return None
        if tuple(record["point"]) != tuple(candidate.point):
            raise ValueError(
                f"log={str(self.path)!r} has {record['params']} as trial {candidate.number}, but "
                f"this search proposes {candidate.params}: other versions or another processor "
                "compute other proposals. Go on where the log was written, or begin a new log "
                "with warm_start_from= this one."
            )
        return read_record(record, candidate)

    def append(self, trial: Trial) -> None:
        """Write a finished trial; if that fails, warn and go on without the log."""
        if self._file is None:
            return
        try:
            self._write(make_record(trial))
        except OSError as error:
            self.close()
            warnings.warn(
                f"log={str(self.path)!r} cannot be written any more ({error.strerror}). The search "
                "goes on and keeps its results in memory; the log ends before trial "
                f"{trial.candidate.number} of space {trial.candidate.space}.",
                UserWarning,
                stacklevel=2,
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
    path = Path(path)
    try:
        _check_place(path)
        # Beside the log, because a locked file cannot be read on Windows.
        lock = FileLock(f"{path}.lock", timeout=0)
        lock.acquire()
    except Timeout:
        raise BlockingIOError(
            f"log={str(path)!r} is being written by another search. Give each its own log."
        ) from None
    except OSError as error:
        raise _refuse(path, error) from error
    try:
        log = _open(path)
        try:
            yield log
        finally:
            log.close()
    finally:
        lock.release()


def _open(path: Path) -> TrialLog:
    try:
        is_new = not path.exists()
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise _refuse(path, error) from error
    try:
        text = path.read_bytes()
        whole = text[: text.rfind(b"\n") + 1]
        header, records = parse(path, whole)
        if len(whole) < len(text):
            _refuse_to_cut_strangers(path, header, text)
            os.ftruncate(file, len(whole))
        if is_new:
            _sync_folder(path.parent)
        return TrialLog(path, header, records, file)
    except BaseException:
        os.close(file)
        raise


def _check_place(path: Path) -> None:
    if not path.parent.is_dir():  # FileLock would make one
        raise OSError("its folder does not exist")
    if path.exists() and not path.is_file():
        raise OSError("it is not a file")


def _refuse(path: Path, error: OSError) -> OSError:
    reason = error.strerror or str(error)
    return OSError(f"log={str(path)!r} cannot be written: {reason}. Give the path of a file.")


def _refuse_to_cut_strangers(path: Path, header: Any, text: bytes) -> None:
    """Cut a torn line off only where the file is a log, or the beginning of one."""
    if header is None and not text.startswith(f'{{"{MARK}"'.encode()[: len(text)]):
        raise ValueError(f"log={str(path)!r} is a file, but no log of a search. Give another path.")


def _sync_folder(folder: Path) -> None:
    """Have the new file's name on disk too, where folders can be opened."""
    if os.name == "posix":
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)


def parse(path: Path, text: bytes) -> tuple[dict[str, Any] | None, dict]:
    """Read the lines of a log: its header (None if it is empty), and its records."""
    lines = text.splitlines()
    records = {}
    header = None
    for number, line in enumerate(lines):
        try:
            content = json.loads(line)
            if number == 0:
                header = _check_header(content)
            else:
                record = _check_record(content)
                records[int(record["space"]), int(record["trial"])] = record
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"log={str(path)!r} has a line {number + 1} that is none of a search's log: "
                f"{error}. Give another path, or mend that line."
            ) from error
    return header, records


def _check_header(header: Any) -> dict[str, Any]:
    if not isinstance(header, dict) or MARK not in header:
        raise ValueError(f"it does not begin with {MARK!r}")
    if header[MARK] > FORMAT:
        raise ValueError(f"its format {header[MARK]} is newer than {FORMAT}; update sklstm")
    if not all(isinstance(header.get(name), dict) for name in ("problem", "versions")):
        raise ValueError("it does not tell what the search is about")
    return header


def _check_record(record: dict[str, Any]) -> dict[str, Any]:
    needed = ("space", "trial", "params", "point", "objective", "folds")
    missing = [name for name in needed if name not in record]
    if missing:
        raise ValueError(f"it has no {missing[0]!r}")
    return record


def read_log(path: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Read a log that nothing is to be appended to: its header and its records."""
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
        f"{name}: {_cut(logged.get(name))} in the log, {_cut(now.get(name))} now"
        for name in {**logged, **now}
        if logged.get(name) != now.get(name)
    ]
    if differing:
        raise ValueError(
            f"log={str(path)!r} belongs to another search. These differ:\n"
            + "\n".join(f"- {line}" for line in differing)
            + "\nGive another path, or make them equal."
        )


def _cut(value: Any, longest: int = 200) -> str:
    text = json.dumps(value)
    return text if len(text) <= longest else f"{text[:longest]}..."


def warn_of_other_versions(path: Path, logged: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Warn if the log was written with other versions, which may propose other candidates."""
    differing = [
        f"{name} {logged.get(name)} (now {version})"
        for name, version in now.items()
        if logged.get(name) != version
    ]
    if differing:
        warnings.warn(
            f"log={str(path)!r} was written with {', '.join(differing)}: scores and proposals may "
            "differ from those of one search in one go.",
            UserWarning,
            stacklevel=3,
        )


def make_record(trial: Trial) -> dict[str, Any]:
    """Put a finished trial into the form of its line."""
    return {
        "space": trial.candidate.space,
        "trial": trial.candidate.number,
        "status": trial.status,
        "score": _write_number(trial.score),
        "objective": trial.objective,
        "seconds": trial.seconds,
        "params": describe(trial.params),
        "point": list(trial.candidate.point),
        "error": trial.error,
        "estimate": trial.estimate,
        "folds": [None if fold is None else _write_fold(fold) for fold in trial.folds],
    }


def _write_fold(fold: FoldScore) -> dict[str, Any]:
    told = {name: value for name, value in asdict(fold).items() if name != "residuals"}
    return (
        told
        | {"test_scores": _write_scores(fold.test_scores)}
        | {"train_scores": _write_scores(fold.train_scores)}
        | {"seed_scores": [_write_scores(scores) for scores in fold.seed_scores]}
    )


def read_record(record: Mapping[str, Any], candidate: Candidate) -> Trial:
    """Undo `make_record`, given the candidate in Python's own values."""
    folds = tuple(None if fold is None else _read_fold(fold) for fold in record["folds"])
    return Trial(candidate, folds, record["objective"], record.get("estimate"))


def _read_fold(fold: Mapping[str, Any]) -> FoldScore:
    return FoldScore(
        test_scores=_read_scores(fold["test_scores"]),
        train_scores=_read_scores(fold["train_scores"]),
        fit_time=fold["fit_time"],
        score_time=fold["score_time"],
        error=fold["error"],
        seed_scores=tuple(_read_scores(scores) for scores in fold.get("seed_scores", ())),
    )


def _write_scores(scores: Mapping[str, float]) -> dict[str, Any]:
    return {metric: _write_number(score) for metric, score in scores.items()}


def _read_scores(scores: Mapping[str, Any]) -> dict[str, float]:
    return {metric: _read_number(score) for metric, score in scores.items()}


def _write_number(score: float) -> float | str | None:
    """NaN becomes null, which pandas reads as missing; infinities become texts."""
    return None if math.isnan(score) else score if math.isfinite(score) else str(score)


def _read_number(score: float | str | None) -> float:
    return math.nan if score is None else float(score)


def _dump(line: Mapping[str, Any]) -> str:
    return json.dumps(line, allow_nan=False)
