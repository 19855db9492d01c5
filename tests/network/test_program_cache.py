"""Programs on disk: shared by processes, bounded in size, and never the reason that a fit fails."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

import pytest

from sklstm._network import program_cache
from sklstm._network.program_cache import (
    FOLDER,
    ProgramCache,
    describe_processor,
    open_cache,
    prune,
)

NAME = "xla_compile_cache__1__XLA_CPU_JIT.pb"


@pytest.fixture
def shared(tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir()
    return folder


def test_what_one_process_compiles_the_next_one_finds(shared):
    """Oracle: the bytes."""
    first = ProgramCache(shared)
    (first.own / NAME).write_bytes(b"program")
    first.publish()
    assert (shared / NAME).read_bytes() == b"program"
    assert (ProgramCache(shared).own / NAME).read_bytes() == b"program"
    assert [path.name for path in shared.iterdir()] == [NAME]  # nothing half done is left


def test_only_programs_are_published(shared):
    cache = ProgramCache(shared)
    (cache.own / f"{NAME}123.tmp").write_bytes(b"half")
    cache.publish()
    assert list(shared.iterdir()) == []


def test_a_damaged_program_is_replaced_by_the_one_that_was_compiled_anew(shared):
    """Oracle: the bytes."""
    (shared / NAME).write_bytes(b"damaged")
    cache = ProgramCache(shared)
    cache.forget()
    assert list(cache.own.iterdir()) == []
    assert list(shared.iterdir()) == []  # or the next process would find it again
    (cache.own / NAME).write_bytes(b"whole")
    cache.publish()
    assert (shared / NAME).read_bytes() == b"whole"


def test_a_shared_folder_that_cannot_be_written_to_loses_nothing(shared):
    """Oracle: this process' own folder. A file stands in the folder's place: root may write all."""
    cache = ProgramCache(shared)
    (cache.own / NAME).write_bytes(b"program")
    shared.rmdir()
    shared.write_text("in the way")
    cache.publish()
    assert (cache.own / NAME).read_bytes() == b"program"


def test_the_oldest_programs_go_first(shared):
    """Oracle: by hand: of 5 programs of 10 bytes, 30 bytes hold the last 3."""
    for number in range(5):
        path = shared / f"xla_compile_cache__{number}.pb"
        path.write_bytes(b"0123456789")
        os.utime(path, (1000 + number, 1000 + number))
    prune(shared, largest=30)
    assert sorted(path.name[-4] for path in shared.iterdir()) == ["2", "3", "4"]


def test_a_program_that_was_asked_for_lately_stays(shared):
    """Oracle: by hand: the older one was read later."""
    for name, written, read in [("a", 1000, 3000), ("b", 2000, 2000)]:
        path = shared / f"xla_compile_cache__{name}.pb"
        path.write_bytes(b"0123456789")
        os.utime(path, (read, written))
    prune(shared, largest=10)
    assert [path.name[-4] for path in shared.iterdir()] == ["a"]


def test_the_folder_follows_the_variable(tmp_path, monkeypatch):
    """Oracle: the folders that are there."""
    monkeypatch.setenv(FOLDER, str(tmp_path / "cache"))
    cache = open_cache()
    assert cache.shared.is_relative_to(tmp_path / "cache" / "programs")
    assert describe_processor() in cache.shared.name
    monkeypatch.setenv(FOLDER, "")
    assert open_cache() is None


def test_without_the_variable_it_is_the_user_s_cache_folder(tmp_path, monkeypatch):
    """Oracle: the XDG specification, which platformdirs follows on Linux."""
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert open_cache().shared.is_relative_to(tmp_path / "sklstm")


def test_a_place_where_nothing_can_be_written_is_done_without(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(FOLDER, str(tmp_path / "file" / "cache"))
    assert open_cache() is None


def test_too_little_space_for_the_process_own_folder_is_done_without(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setattr(program_cache, "LEAST_SPACE", 2**62)
    assert open_cache() is None


def test_a_name_that_no_flag_can_hold_is_done_without(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    (tmp_path / "my files").mkdir()
    monkeypatch.setattr(program_cache.tempfile, "tempdir", str(tmp_path / "my files"))
    assert open_cache() is None


def test_many_processes_at_once_publish_whole_files(shared):
    """Oracle: the bytes; eight writers of one name, and a reader beside them."""
    caches = [ProgramCache(shared) for _ in range(8)]

    def publish(number):
        (caches[number].own / NAME).write_bytes(bytes([number]) * 100_000)
        caches[number].publish()
        return set((shared / NAME).read_bytes())

    with ThreadPoolExecutor(8) as threads:
        seen = list(threads.map(publish, range(8)))
    assert all(len(values) == 1 for values in seen)
    assert len((shared / NAME).read_bytes()) == 100_000


def test_a_process_takes_its_own_folder_away_at_its_end(tmp_path):
    """Oracle: the folder that the process named."""
    program = "from sklstm._network.program_cache import open_cache; print(open_cache().own)"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, FOLDER: str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert not os.path.exists(answer.stdout.strip())


FIT = """
import numpy as np
from sklstm import LSTMRegressor
x = np.sin(np.arange(60.0) / 5)
model = LSTMRegressor(epochs=2, units=4, early_stopping=False, random_state=0).fit(x[:, None], x)
print("predicts", model.predict(x[:, None]).tobytes().hex())
"""


def fit(folder):
    """What a fresh process predicts."""
    answer = subprocess.run(
        [sys.executable, "-c", FIT],
        env={**os.environ, FOLDER: str(folder)},
        check=True,
        capture_output=True,
        text=True,
    )
    return answer.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def expected():
    """What a process predicts that keeps nothing."""
    return fit("")


@pytest.mark.slow
def test_a_fit_is_the_same_whatever_the_folder_holds(tmp_path, expected):
    """Oracle: a fit that keeps nothing; files are empty, garbage or truncated."""
    folder = tmp_path / "cache"
    assert fit(folder) == expected
    programs = list(folder.rglob("*.pb"))
    assert len(programs) >= 2
    assert fit(folder) == expected
    truncated = programs[0].read_bytes()[:1000]
    for damages in [(b"", b"garbage"), (truncated,)]:
        for path, damage in zip(programs, cycle(damages), strict=False):
            path.write_bytes(damage)
        assert fit(folder) == expected
        assert not any(path.read_bytes() in damages for path in folder.rglob("*.pb"))


@pytest.mark.slow
def test_processes_that_begin_at_once_with_an_empty_folder_come_to_the_same_bits(
    tmp_path, expected
):
    """Oracle: a fit that keeps nothing."""
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: fit(tmp_path / "cache"), range(4)))
    assert {*answers} == {expected}
