"""Asking for the next points of a search space and telling how they did.

scikit-optimize's Optimizer models the scores and proposes points. Around it stand the start points,
what to do with a point that was asked before, and what to tell of a candidate that failed. What
is random here depends on the seed and on what was told, never on when it was told.
"""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, Literal

import numpy as np
from scipy.optimize import OptimizeResult
from skopt import Optimizer
from skopt.space import Categorical, Dimension, Space
from skopt.utils import create_result
from threadpoolctl import threadpool_limits

from sklstm.spaces import Point, SearchSpace

MAX_DRAWS = 1000  # random points to try before the points of a nearly exhausted space are listed

OPTIMIZER_KWARGS = (
    "acq_func_kwargs",
    "acq_optimizer",
    "acq_optimizer_kwargs",
    "base_estimator",
    "model_queue_size",
    "n_jobs",
)


@dataclass(frozen=True)
class Settings:
    """How points are picked, by the names of the search's parameters."""

    strategy: Literal["bayes", "random"] = "bayes"
    acq_func: str = "EI"
    n_initial_points: int | None = None
    n_points: int = 1
    optimizer_kwargs: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what scikit-optimize's Optimizer would take, but must not get from here."""
        foreign = sorted(set(self.optimizer_kwargs) - set(OPTIMIZER_KWARGS))
        if foreign:
            raise ValueError(
                f"optimizer_kwargs has {foreign[0]!r}; it may have {list(OPTIMIZER_KWARGS)}. "
                "acq_func, n_initial_points and random_state are parameters of the search."
            )

    def count_initial_points(self, n_iter: int) -> int:
        """Return the number of points, start points included, before the model is first asked."""
        return int(self.n_initial_points or max(3, min(10, n_iter // 4)))


@dataclass(frozen=True)
class Starts:
    """Points of one space that come first, and points whose scores are known without a trial."""

    points: list[Point] = field(default_factory=list)
    known: dict[Point, float] = field(default_factory=dict)  # scores, greater is better


class AskTell:
    """Asks for the points of one space and is told their scores, of which greater is better."""

    def __init__(self, space: SearchSpace, starts: Starts, settings: Settings, seed: int) -> None:
        self.space = space
        self._n_points = int(settings.n_points)
        self._n_initial_points = settings.count_initial_points(space.n_iter)
        self._rng = np.random.RandomState(seed)
        self._model = _make_model(space, settings, seed) if settings.strategy == "bayes" else None

        self._points: list[Point] = []  # told, in the order of the trials
        self._scores: list[float] = []  # of these points, NaN where the trial failed
        self._taken: set[Point] = set(starts.points)  # never to be asked again
        self._queue = deque(starts.points)
        if starts.known:
            self.tell(list(starts.known), list(starts.known.values()))
        self._fill_queue()

    def _fill_queue(self) -> None:
        n_random = self._n_initial_points - len(self._points) - len(self._queue)
        self._queue.extend(islice(self._draw_new_points(), max(n_random, 0)))

    def ask(self) -> list[Point]:
        """Return the next n_points points; fewer only if the space has no more to give."""
        batch = [self._queue.popleft() for _ in range(min(self._n_points, len(self._queue)))]
        wishes = self._ask_model() if len(batch) < self._n_points else []
        new_wishes = (point for point in wishes if self._take(point))
        batch += islice(chain(new_wishes, self._draw_new_points()), self._n_points - len(batch))
        return batch

    def tell(self, points: Sequence[Point], scores: Sequence[float]) -> None:
        """Take in the scores of points, in the order in which they were asked; NaN: it failed."""
        self._points += points
        self._scores += scores
        self._taken.update(points)
        if self._model is not None:
            is_due = len(self._points) >= self._n_initial_points
            _teach(self._model, self._points, self._scores, n_new=len(points), fit=is_due)

    def make_result(self) -> OptimizeResult:
        """Make scikit-optimize's own record: the losses that were told, at parameter values."""
        candidates = [self.space.decode(point) for point in self._points]
        return create_result(
            [[_make_readable(value) for value in params.values()] for params in candidates],
            make_finite_losses(self._scores),
            space=_make_readable_space(self.space),
            rng=self._rng,
            models=self._model.models if self._model is not None else [],
        )

    def _ask_model(self) -> list[Point]:
        if self._model is None or not self._model.models:
            return []
        with _shielded():
            # ask(n_points=1) would copy the optimizer and fit the model again for nothing.
            if self._n_points == 1:
                answers = [self._model.ask()]
            else:
                answers = self._model.ask(n_points=self._n_points)
        return [_to_point(answer) for answer in answers]

    def _draw_new_points(self) -> Iterator[Point]:
        """Draw points at random that were not asked before, as long as there are any."""
        while len(self._taken) < self.space.size:
            draws = (self.space.sample(self._rng) for _ in range(MAX_DRAWS))
            candidates = chain(draws, self.space.list_points())
            yield next(point for point in candidates if self._take(point))

    def _take(self, point: Point) -> bool:
        """Mark the point as asked, unless it was asked before."""
        is_new = point not in self._taken
        self._taken.add(point)
        return is_new


def _make_model(space: SearchSpace, settings: Settings, seed: int) -> Optimizer:
    return Optimizer(
        space.make_coded_dimensions(),
        acq_func=settings.acq_func,
        n_initial_points=0,  # counted here, because a random point need not come from skopt
        avoid_duplicates=False,  # its test calls points within 1e-8 the same, and warns
        random_state=seed,
        **{"model_queue_size": 1, **settings.optimizer_kwargs},
    )


def _teach(
    model: Optimizer, points: Sequence[Point], scores: Sequence[float], n_new: int, fit: bool
) -> None:
    losses = standardise(make_finite_losses(scores)).tolist()
    # All are told anew, because each score moves what one deviation and a failure are.
    model.yi[:] = losses[:-n_new]
    with _shielded():
        model.tell([list(point) for point in points[-n_new:]], losses[-n_new:], fit=fit)


@contextmanager
def _shielded() -> Iterator[None]:
    """Let scikit-optimize work without its warnings and with one BLAS thread.

    Users can do nothing about the warnings of its model. More threads are slower on matrices of
    this size, and their number would decide the last bits of a point.
    """
    with warnings.catch_warnings(), threadpool_limits(1, user_api="blas"):
        warnings.simplefilter("ignore")
        yield


def make_finite_losses(scores: Sequence[float]) -> np.ndarray:
    """Turn scores into losses to minimise, finite also where a trial failed.

    A failure costs the worst loss seen plus one standard deviation: enough to keep away from it,
    not so much that the differences between the others vanish beside it.
    """
    losses = -np.asarray(scores, dtype=float)
    succeeded = losses[np.isfinite(losses)]
    penalty = succeeded.max() + succeeded.std() if len(succeeded) else 0.0
    return np.where(np.isfinite(losses), losses, penalty)


def standardise(losses: np.ndarray) -> np.ndarray:
    """Express losses in standard deviations from their mean, so that their unit decides nothing.

    scikit-optimize's acquisition has absolute constants, such as an improvement (`xi`) of 0.01 and
    a tolerance of 1e-5 on its gradient: little for prices, huge for daily returns.
    """
    return (losses - losses.mean()) / (losses.std() or 1.0)


def _to_point(answer: Sequence[Any]) -> Point:
    return tuple(code.item() if isinstance(code, np.generic) else code for code in answer)


def _make_readable(value: Any) -> Any:
    """Return the value, or its repr if skopt's plots could not look it up."""
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return value


def _make_readable_space(space: SearchSpace) -> Space:
    """Make the model's space with the categories themselves, where it has their codes."""
    own, coded = space.dimensions.values(), space.make_coded_dimensions()
    return Space([_label(*pair) for pair in zip(own, coded, strict=True)])


def _label(dimension: Dimension, coded: Dimension) -> Dimension:
    if not isinstance(dimension, Categorical):
        return coded
    labels = [_make_readable(category) for category in dimension.categories]
    return Categorical(labels, dimension.prior, name=dimension.name)


def read_starts(x0: Any, estimator: Any, spaces: Sequence[SearchSpace]) -> list[Starts]:
    """Read the search's x0 into the starts of each space.

    A start belongs to the first space that holds it. What it leaves open is taken from the
    estimator's own parameters.
    """
    own = estimator.get_params(deep=True)
    if isinstance(x0, str):  # "default"
        return _read_default_start(own, spaces)
    starts = [Starts() for _ in spaces]
    for params, score in _list_starts(x0):
        try:
            number, point = _place(params, own, spaces)
        except ValueError as error:
            raise ValueError(f"x0={params!r} is not in the search space: {error}") from error
        if score is not None:
            starts[number].known[point] = score
        elif point not in starts[number].points:
            starts[number].points.append(point)
    _check_budget(starts, spaces)
    return starts


def _read_default_start(own: dict[str, Any], spaces: Sequence[SearchSpace]) -> list[Starts]:
    starts = [Starts() for _ in spaces]
    try:
        number, point = _place({}, own, spaces)
    except ValueError as error:
        warnings.warn(
            "The search does not start from the estimator's own parameters (x0='default'), because "
            f"the search space does not hold them: {error}",
            UserWarning,
            stacklevel=2,
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
        raise TypeError(f"x0 must hold dicts of parameters; got {strangers[0]!r}.")
    return points


def _place(
    start: dict[str, Any], own: dict[str, Any], spaces: Sequence[SearchSpace]
) -> tuple[int, Point]:
    """Find the first space that holds the start, and the start as a point of it."""
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
                f"x0 has {len(start.points)} points to evaluate, more than n_iter={space.n_iter}."
            )
