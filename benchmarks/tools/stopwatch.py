"""What a method costs in all its calls, counted while a program runs."""

import time
from collections import Counter
from collections.abc import Callable
from functools import wraps


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
