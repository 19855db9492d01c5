"""What a block of a program or all calls of a method take."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps


@dataclass
class Spent:
    """What a block has taken, once it is left."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0  # of this process


@contextmanager
def timed() -> Iterator[Spent]:
    """Time a block: `with timed() as spent`, then ``spent.seconds``."""
    spent = Spent()
    cpu_began, began = time.process_time(), time.perf_counter()
    yield spent
    spent.seconds = time.perf_counter() - began
    spent.cpu_seconds = time.process_time() - cpu_began


def watch(
    method: Callable, spent: Counter[str], name: str, clock: Callable[[], float] = time.perf_counter
) -> Callable:
    """Add a method's seconds up in spent[name], and its calls in spent["calls of name"]."""

    @wraps(method)
    def watched(*args, **kwargs):
        began = clock()
        try:
            return method(*args, **kwargs)
        finally:
            spent[name] += clock() - began
            spent[f"calls of {name}"] += 1

    return watched
