"""The start of a search: points to evaluate first, and points whose scores are already known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.base import clone

from sklstm._search.proposals.dimensions import Point, SearchSpace
from sklstm._search.trials.trial import Outcome
from sklstm._warnings import warn_caller


@dataclass(frozen=True)
class Starts:
    """Points of one space that come first, and points whose scores are known without a trial."""

    points: list[Point] = field(default_factory=list)
    known: dict[Point, Outcome] = field(default_factory=dict)


def read_starts(x0: Any, estimator: Any, spaces: Sequence[SearchSpace]) -> list[Starts]:
    """Read the search's x0 into the starts of each space.

    A start belongs to the first space that contains it. Missing parameters are taken from the
    estimator.
    """
    own = estimator.get_params(deep=True)
    _refuse_mistyped(estimator, own, spaces)
    if isinstance(x0, str):  # "default"
        return _read_default_start(own, spaces)
    starts = [Starts() for _ in spaces]
    for params, score in _list_starts(x0):
        try:
            number, point = _place(params, own, spaces)
        except ValueError as error:
            raise ValueError(f"x0={params!r} is not in the search space: {error}") from error
        if score is not None:
            starts[number].known[point] = Outcome(score)
        elif point not in starts[number].points:
            starts[number].points.append(point)
    _check_budget(starts, spaces)
    return starts


def _refuse_mistyped(estimator: Any, own: dict[str, Any], spaces: Sequence[SearchSpace]) -> None:
    """Let the estimator refuse unknown parameter names, as its first fit would.

    If the space replaces a nested estimator, each of its values decides the valid names in turn.
    """
    for space in spaces:
        params = space.decode(space.sample(np.random.RandomState(0)))
        for name in space.dimensions:
            parts = [name[: found.start()] for found in re.finditer("__", name)]
            if name not in own and not set(parts) & set(params):
                clone(estimator).set_params(**{name: clone(params[name], safe=False)})


def _read_default_start(own: dict[str, Any], spaces: Sequence[SearchSpace]) -> list[Starts]:
    starts = [Starts() for _ in spaces]
    try:
        number, point = _place({}, own, spaces)
    except ValueError as error:
        warn_caller(
            "The search does not start from the estimator's own parameters (x0='default'), because "
            f"they are not in the search space: {error}"
        )
    else:
        starts[number].points.append(point)
    return starts


def _list_starts(x0: Any) -> list[tuple[dict[str, Any], float | None]]:
    """List the start points of x0, each with its score, or with None if it is to be evaluated."""
    if not isinstance(x0, tuple):
        return [(params, None) for params in _list_dicts(x0)]
    if len(x0) != 2:
        raise ValueError(f"A tuple x0 must be (x0, y0), points and their scores; got {x0!r}.")
    points, scores = _list_dicts(x0[0]), np.atleast_1d(np.asarray(x0[1], dtype=float))
    if len(points) != len(scores) or not np.isfinite(scores).all():
        raise ValueError(f"y0 must have one finite score for each of {len(points)} points in x0.")
    return list(zip(points, scores.tolist(), strict=True))


def _list_dicts(x0: Any) -> list[dict[str, Any]]:
    points = [x0] if isinstance(x0, dict) else list(x0 or [])
    strangers = [point for point in points if not isinstance(point, dict)]
    if strangers:
        raise TypeError(f"x0 must contain dicts of parameters; got {strangers[0]!r}.")
    return points


def _place(
    start: dict[str, Any], own: dict[str, Any], spaces: Sequence[SearchSpace]
) -> tuple[int, Point]:
    """Find the first space that contains the start, and the start as a point of it."""
    reasons = []
    for number, space in enumerate(spaces):
        filled = {name: own[name] for name in space.dimensions if name in own}
        try:
            return number, space.encode({**filled, **start})
        except ValueError as error:
            reasons.append(str(error))
    raise ValueError(" ".join(dict.fromkeys(reasons)))


def _check_budget(starts: Sequence[Starts], spaces: Sequence[SearchSpace]) -> None:
    for start, space in zip(starts, spaces, strict=True):
        if len(start.points) > space.n_iter:
            raise ValueError(
                f"x0 has {len(start.points)} points to evaluate, but n_iter={space.n_iter}. Use a "
                "larger n_iter or fewer points."
            )
