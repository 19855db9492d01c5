"""The optimizer of one space: it proposes points and learns from their scores.

scikit-optimize's Optimizer models the scores and proposes points. This module adds start points,
and handles points that were proposed before and candidates that failed. Random numbers depend on
the seed and on the scores, but never on the time at which the scores arrive.
"""

from __future__ import annotations

import math
import warnings
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, Literal

import numpy as np
from scipy.optimize import OptimizeResult
from sklearn.base import clone
from sklearn.gaussian_process import GaussianProcessRegressor
from skopt import Optimizer
from skopt.sampler import Lhs, Sobol
from skopt.space import Categorical, Dimension, Space
from skopt.utils import create_result
from threadpoolctl import threadpool_limits

from sklstm._search.proposals.dimensions import Point, SearchSpace
from sklstm._search.proposals.losses import (
    express_seconds,
    express_variances,
    make_finite_losses,
    standardise,
)
from sklstm._search.proposals.starts import Starts
from sklstm._search.proposals.surrogate import make_gaussian_process, to_plain_model
from sklstm._search.trials.trial import Outcome

# Random points from which the next is chosen, and how many of them are improved: scikit-optimize's
# 10,000 and 5 found no better points and took twice as long.
ACQ_OPTIMIZER_KWARGS = {"n_points": 2000, "n_restarts_optimizer": 2}
MAX_DRAWS = 1000  # random points to try before the points of a nearly exhausted space are listed

OPTIMIZER_KWARGS = (
    "acq_func_kwargs",
    "acq_optimizer",
    "acq_optimizer_kwargs",
    "base_estimator",
    "initial_point_generator",
    "model_queue_size",
    "n_jobs",
)
# Designs for the points before the model is first asked; "random" draws each by its prior.
INITIAL_POINT_GENERATORS = {"random": None, "sobol": Sobol, "lhs": Lhs}
# The attributes that scikit-optimize's Optimizer changes in `tell`.
TOLD = ("Xi", "yi", "models", "gains_", "next_xs_", "_next_x", "_n_initial_points")


@dataclass(frozen=True)
class ProposalSettings:
    """The settings of the optimizer, by the names of the search's parameters."""

    strategy: Literal["bayes", "random"] = "bayes"
    acq_func: str = "EI"
    n_initial_points: int | None = None
    n_points: int = 1
    optimizer_kwargs: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse arguments of scikit-optimize's Optimizer that the search sets itself."""
        foreign = sorted(set(self.optimizer_kwargs) - set(OPTIMIZER_KWARGS))
        if foreign:
            raise ValueError(
                f"optimizer_kwargs has {foreign[0]!r}; allowed are {list(OPTIMIZER_KWARGS)}. "
                "acq_func, n_initial_points and random_state are parameters of the search."
            )
        if self.initial_point_generator not in INITIAL_POINT_GENERATORS:
            raise ValueError(
                f"optimizer_kwargs has initial_point_generator={self.initial_point_generator!r}; "
                f"it must be one of {list(INITIAL_POINT_GENERATORS)}."
            )

    @property
    def initial_point_generator(self) -> str:
        """The name of the design of the first points."""
        return self.optimizer_kwargs.get("initial_point_generator", "random")

    def count_initial_points(self, n_iter: int) -> int:
        """Return the number of points, start points included, before the model is first asked."""
        return int(self.n_initial_points or max(3, min(10, n_iter // 4)))


class AskTell:
    """Proposes the points of one space, and receives their scores, which are to be maximised."""

    def __init__(
        self, space: SearchSpace, starts: Starts, settings: ProposalSettings, seed: int
    ) -> None:
        self.space = space
        self._n_points = int(settings.n_points)
        self._n_initial_points = settings.count_initial_points(space.n_iter)
        self._rng = np.random.RandomState(seed)
        self._design = INITIAL_POINT_GENERATORS[settings.initial_point_generator]
        self._model = _make_model(space, settings, seed) if settings.strategy == "bayes" else None

        self.model_was_asked = self._model is None  # there is none to ask

        self._gaussian = _find_gaussian(self._model)
        self._alpha = self._gaussian.alpha if self._gaussian is not None else None

        self._points: list[Point] = []  # told, in the order of the trials
        self._outcomes: list[Outcome] = []  # of these points
        self._taken: set[Point] = set(starts.points)  # never to be asked again
        self._queue = deque(starts.points)
        if starts.known:
            self.tell(list(starts.known), list(starts.known.values()))
        self._fill_queue()

    def _fill_queue(self) -> None:
        n_missing = max(self._n_initial_points - len(self._points) - len(self._queue), 0)
        designed = (point for point in self._design_points(n_missing) if self._take(point))
        self._queue.extend(islice(chain(designed, self._draw_new_points()), n_missing))

    def _design_points(self, n_points: int) -> list[Point]:
        """Spread points over the space according to the design; no points if "random"."""
        if self._design is None or not n_points:
            return []
        with _shielded():
            dimensions = self.space.make_coded_dimensions()
            answers = self._design().generate(dimensions, n_points, random_state=self._rng)
        return [_to_point(answer) for answer in answers]

    def ask(self) -> list[Point]:
        """Return the next n_points points; fewer only if the space is exhausted."""
        batch = [self._queue.popleft() for _ in range(min(self._n_points, len(self._queue)))]
        wishes = self._ask_model(self._n_points - len(batch))
        new_wishes = [point for point in wishes if self._take(point)]
        batch += islice(chain(new_wishes, self._draw_new_points()), self._n_points - len(batch))
        return batch

    def tell(self, points: Sequence[Point], outcomes: Sequence[Outcome]) -> None:
        """Receive the outcomes of points, in the order in which they were proposed."""
        self._points += points
        self._outcomes += outcomes
        self._taken.update(points)
        if self._model is not None:
            is_due = len(self._points) >= self._n_initial_points
            self._tell_noise()
            _teach(self._model, self._points, self._outcomes, n_new=len(points), fit=is_due)

    @property
    def n_told(self) -> int:
        """The number of points whose scores are known."""
        return len(self._points)

    def make_result(self) -> OptimizeResult:
        """Make scikit-optimize's result: the losses at parameter values."""
        candidates = [self.space.decode(point) for point in self._points]
        return create_result(
            [[_make_readable(value) for value in params.values()] for params in candidates],
            make_finite_losses([outcome.score for outcome in self._outcomes]),
            space=_make_readable_space(self.space),
            rng=self._rng,
            models=[to_plain_model(model) for model in self._model.models] if self._model else [],
        )

    def _ask_model(self, n_points: int) -> list[Point]:
        """Ask the model for points, each as if those before it had scored as well as the best.

        This is the constant liar of Ginsbourger, Le Riche & Carraro, "Kriging is well-suited to
        parallelize optimization", 2010. `ask(n_points)` of scikit-optimize needs two more fits.
        """
        if not n_points or self._model is None or not self._model.models:
            return []
        self.model_was_asked = True
        lie = _find_best_answer(self._model)
        with _shielded(), _forgetting(self._model):
            answers = [self._model.ask()]
            while len(answers) < n_points:
                self._tell_noise(n_lies=len(answers))
                self._model.tell(answers[-1], lie)
                answers.append(self._model.ask())
        return [_to_point(answer) for answer in answers]

    def _tell_noise(self, n_lies: int = 0) -> None:
        """Set the variance of each loss in a Gaussian process; other models cannot use it.

        It is added to the noise that the process estimates, which all losses share.
        """
        if self._gaussian is not None:
            variances = np.append(express_variances(self._outcomes), np.zeros(n_lies))
            alpha = self._alpha + variances if variances.any() else self._alpha
            self._gaussian.set_params(alpha=alpha)

    def _draw_new_points(self) -> Iterator[Point]:
        """Draw random points that were not proposed before, as long as there are any."""
        while len(self._taken) < self.space.size:
            draws = (self.space.sample(self._rng) for _ in range(MAX_DRAWS))
            candidates = chain(draws, self.space.list_points())
            yield next(point for point in candidates if self._take(point))

    def _take(self, point: Point) -> bool:
        """Mark the point as proposed, unless it was proposed before."""
        is_new = point not in self._taken
        self._taken.add(point)
        return is_new


def _make_model(space: SearchSpace, settings: ProposalSettings, seed: int) -> Optimizer:
    kwargs = dict(settings.optimizer_kwargs)
    kwargs.pop("initial_point_generator", None)
    if hasattr(kwargs.get("base_estimator"), "get_params"):
        kwargs["base_estimator"] = clone(kwargs["base_estimator"])  # its noise is set for each fit
    return Optimizer(
        space.make_coded_dimensions(),
        acq_func=settings.acq_func,
        n_initial_points=0,  # counted here, because a random point need not come from skopt
        avoid_duplicates=False,  # its test calls points within 1e-8 the same, and warns
        random_state=seed,
        **{
            "base_estimator": make_gaussian_process(),
            "acq_optimizer_kwargs": ACQ_OPTIMIZER_KWARGS,
            "model_queue_size": 1,
            **kwargs,
        },
    )


def _teach(
    model: Optimizer, points: Sequence[Point], outcomes: Sequence[Outcome], n_new: int, fit: bool
) -> None:
    losses = standardise(make_finite_losses([outcome.score for outcome in outcomes])).tolist()
    answers: list[Any] = losses
    kept: list[Any] = losses  # as the model keeps them
    if model.acq_func == "EIps":
        seconds = express_seconds([outcome.seconds for outcome in outcomes], least=max(losses))
        answers = [[loss, t] for loss, t in zip(losses, seconds, strict=True)]
        kept = [[loss, math.log(t)] for loss, t in answers]
    # All are told again, because each score changes the deviation and the loss of a failure.
    model.yi[:] = kept[:-n_new]
    with _shielded():
        model.tell([list(point) for point in points[-n_new:]], answers[-n_new:], fit=fit)


def _find_gaussian(model: Optimizer | None) -> GaussianProcessRegressor | None:
    """Find the Gaussian process that the model fits, if it is one."""
    estimator = getattr(model, "base_estimator_", None)
    estimator = getattr(estimator, "estimator", estimator)  # EIps has two of them in one
    return estimator if isinstance(estimator, GaussianProcessRegressor) else None


def _find_best_answer(model: Optimizer) -> Any:
    """Find the smallest loss of the model; with EIps, also the smallest seconds."""
    if model.acq_func != "EIps":
        return min(model.yi)
    losses, log_seconds = zip(*model.yi, strict=True)
    return [min(losses), math.exp(min(log_seconds))]


@contextmanager
def _forgetting(model: Optimizer) -> Iterator[None]:
    """Make the model forget everything that it is told inside the context."""
    before = {name: copy(getattr(model, name)) for name in TOLD if hasattr(model, name)}
    try:
        yield
    finally:
        vars(model).update(before)


@contextmanager
def _shielded() -> Iterator[None]:
    """Run scikit-optimize without its warnings and with one BLAS thread.

    Users can do nothing about the warnings of its model. More threads are slower on matrices of
    this size, and their number would change the last bits of a point.
    """
    with warnings.catch_warnings(), threadpool_limits(1, user_api="blas"):
        warnings.simplefilter("ignore")
        yield


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
