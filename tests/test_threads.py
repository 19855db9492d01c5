"""Threads: results in order, and BLAS left as it was found, whoever else is at work."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from threadpoolctl import threadpool_limits

from sklstm import _threads as threads
from sklstm._threads import map_in_threads


def count_blas_threads(*_):
    """As threadpoolctl says, of the libraries that were there at first: others may come later."""
    return [library.get_num_threads() for library in threads._list_blas()]


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_results_come_in_order_from_as_many_threads_as_blas_has(n_threads):
    """Oracle: the items; the threads that were seen."""
    seen = set()

    def double(number):
        seen.add(threading.get_ident())
        time.sleep(0.005)
        return 2 * number

    with threadpool_limits(n_threads, user_api="blas"):
        assert map_in_threads(double, range(12)) == list(range(0, 24, 2))
        assert len(seen) == n_threads
        assert map_in_threads(double, []) == []


def test_blas_is_held_to_one_thread_and_left_as_it_was():
    """Oracle: threadpoolctl."""
    with threadpool_limits(2, user_api="blas"):
        before = count_blas_threads()
        inside = map_in_threads(count_blas_threads, range(4))
        assert all(set(each) == {1} for each in inside)
        assert count_blas_threads() == before


def test_blas_is_left_as_it_was_after_an_error():
    """Oracle: threadpoolctl."""

    def fail(_):
        raise KeyError("planted")

    with threadpool_limits(2, user_api="blas"):
        before = count_blas_threads()
        with pytest.raises(KeyError, match="planted"):
            map_in_threads(fail, range(4))
        assert count_blas_threads() == before


def test_calls_side_by_side_leave_blas_as_it_was():
    """Oracle: the results, and threadpoolctl; the calls begin and end in any order."""

    def call(number):
        time.sleep(0.003 * (number % 3))
        return map_in_threads(lambda item: item + number, range(5))

    with threadpool_limits(2, user_api="blas"):
        before = count_blas_threads()
        with ThreadPoolExecutor(4) as pool:
            answers = [pool.submit(call, number) for number in range(20)]
            for _ in range(20):
                assert map_in_threads(abs, [-1, -2, -3]) == [1, 2, 3]
        for number, answer in enumerate(answers):
            assert answer.result() == list(range(number, number + 5))
        assert count_blas_threads() == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_that_was_forked_while_blas_was_held_is_free():
    """Oracle: threadpoolctl in the child, which tells by its exit status."""
    with threadpool_limits(2, user_api="blas"):
        before = count_blas_threads()

        def fork(_):
            child = os.fork()
            if child == 0:
                is_free = count_blas_threads() == before
                works = map_in_threads(abs, [-1, -2]) == [1, 2]
                os._exit(0 if is_free and works else 1)
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

        assert map_in_threads(fork, [None]) == [0]
