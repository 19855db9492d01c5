"""The passes over the training windows: their order, their batches, their rates.

Each pass gives the compiled program its data chunk by chunk, so that the windows are never all in
memory. Random numbers depend only on the seed and the number of the epoch, and are drawn in the
network's true sizes, so neither padding nor other work in the process changes them.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from sklstm._lstm.batches import count_batches, lay_out_steps, split_evenly
from sklstm._lstm.examples import Examples
from sklstm._lstm.fit_tasks import NetworkTask
from sklstm._lstm.predictions import predict_rows
from sklstm._lstm.scaling import Scaled
from sklstm._lstm.settings import TrainingSettings
from sklstm._lstm.tail_scores import Loss, TailScore, make_tail_score
from sklstm._lstm.trained import Trained
from sklstm._network.sizes import (
    BATCH_SIZES,
    Sizes,
    choose_micro_batch_size,
    count_micro_batches,
    pad_sizes,
    pad_up,
)
from sklstm._network.training import (
    ADAM_BETA_1,
    ADAM_BETA_2,
    ProgramShape,
    Rates,
    State,
    run_steps,
)
from sklstm._network.weights import Weights, flatten, unflatten
from sklstm._threads import holding_blas

MOST_STEPS = 256  # Adam steps in one call of the program; each call costs 2 to 4 ms on top
LARGEST_WEIGHT = 1e18  # about the square root of float32's largest number: products overflow
MOST_WINDOWS = 4096  # in one call: a call costs as much as a few small steps
MOST_FLOATS = 2**20  # in these windows: 4 MB, within most caches


@dataclass(frozen=True)
class Validation:
    """When to stop early: the tail on which each epoch is scored, and the patience."""

    examples: Examples
    tol: float
    n_iter_no_change: int


@dataclass(frozen=True)
class Epoch:
    """A finished pass over the examples."""

    number: int
    state: State
    loss: float
    score: Callable[[], float] | None = None


@np.errstate(over="ignore", invalid="ignore")  # it would show in loss or predictions
def train(
    trained: Trained,
    examples: Examples,
    settings: TrainingSettings,
    n_epochs: int,
    validation: Validation | None = None,
    report: Callable[[int, float, float | None], None] = lambda *_: None,
    task: NetworkTask | None = None,
) -> Trained:
    """Train for some epochs; with a tail, until its score has not improved for long enough.

    If no epoch scores better than the network before training, the network is not changed. Epochs
    are numbered from 1, over all calls so far. Each one is reported with its number, loss and
    score. The callbacks of a task may end training after any epoch.
    """
    learns = _predicts(trained.weights) | _varies(examples, settings)
    settings = replace(settings, learns=learns)
    losses: list[float] = []
    scores: list[float] = []

    def keep(state: State, n_epochs: int) -> Trained:
        is_known = len(trained.scores) > 0  # of a network that was trained before, the first score
        return replace(
            _cut_state(state, settings.sizes),
            n_epochs=n_epochs,
            losses=(*trained.losses, *losses),
            scores=(*trained.scores, *scores[is_known:]),
            best_score=max(scores, default=trained.best_score),
            n_windows=trained.n_windows + len(losses) * len(examples),
        )

    state = best = _pad_state(trained, settings.sizes)
    best_epoch = trained.n_epochs
    if validation is not None:
        tail = validation.examples
        loss = Loss(settings.loss, settings.quantiles)
        score = make_tail_score(loss, tail, tail.scale)
        scores.append(_score(Epoch(best_epoch, state, 0.0), score, tail.scale, settings))
    numbers = range(trained.n_epochs + 1, trained.n_epochs + n_epochs + 1)
    epochs = _run_epochs(state, numbers, examples, settings, task)
    if validation is not None:
        epochs = _score_epochs(epochs, validation, score, settings, scores, task is not None)
    for epoch in epochs:
        _refuse_divergence("loss", epoch.loss, epoch.number, settings)
        losses.append(epoch.loss)
        if epoch.score is not None:
            scores.append(epoch.score())
        if validation is None or scores[-1] > max(scores[:-1]):
            best, best_epoch = epoch.state, epoch.number
        report(epoch.number, epoch.loss, scores[-1] if epoch.score else None)
        if task is not None and task.end_epoch(partial(keep, epoch.state, epoch.number)):
            break
        if validation is not None and _is_stuck(scores, validation):
            break
    # No loss has seen the last step's weights.
    largest = float(np.abs(np.asarray(best.weights)).max())
    _refuse_divergence("largest weight", largest, best_epoch, settings, limit=LARGEST_WEIGHT)
    return keep(best, best_epoch)


def _run_epochs(
    state: State,
    numbers: range,
    examples: Examples,
    settings: TrainingSettings,
    task: NetworkTask | None,
) -> Iterator[Epoch]:
    for number in numbers:
        if task is not None:
            task.begin_epoch()
        state, loss = train_epoch(state, number, examples, settings)
        yield Epoch(number, state, loss)


def _score_epochs(
    epochs: Iterator[Epoch],
    validation: Validation,
    tail_score: TailScore,
    settings: TrainingSettings,
    scores: list[float],
    one_by_one: bool,
) -> Iterator[Epoch]:
    """Score each epoch; if there is a second core, while the next epoch trains.

    scores: those of the epochs before, which the caller keeps. If the score of an epoch may end
    training, it is waited for, so that no epoch is trained in vain; with `one_by_one` all are.
    """
    scale = validation.examples.scale_once()
    with holding_blas() as n_threads, ThreadPoolExecutor(1) as second:
        waiting: list[Epoch] = []
        for epoch in epochs:
            yield from waiting
            score = second.submit(_score, epoch, tail_score, scale, settings)
            waiting = [replace(epoch, score=score.result)]
            if one_by_one or n_threads == 1 or _is_stuck([*scores, -np.inf], validation):
                yield waiting.pop()
        yield from waiting


def _pad_state(trained: Trained, sizes: Sizes) -> State:
    parts = trained.weights, trained.mean, trained.variance
    weights, mean, variance = (flatten(part, pad_sizes(sizes)) for part in parts)
    return State(weights, mean, variance, trained.n_steps)


def _cut_state(state: State, sizes: Sizes) -> Trained:
    parts = state.weights, state.mean, state.variance
    weights, mean, variance = (_cut(part, sizes) for part in parts)
    return Trained(weights, mean, variance, int(state.n_steps))


def _cut(flat: Any, sizes: Sizes) -> Weights:
    return unflatten(np.asarray(flat), pad_sizes(sizes), sizes)


def _predicts(weights: Weights) -> np.ndarray:
    """Tell for each output whether the network predicts anything but zero, (n_outputs,)."""
    from_head = (weights.head_bias != 0) | weights.head.any(axis=0)
    return np.asarray(from_head | weights.skip.any(axis=(0, 1)))


def _varies(examples: Examples, settings: TrainingSettings) -> np.ndarray:
    """Tell for each output whether any target differs from its centre, (n_outputs,).

    If none does, a network that predicts zero is already right. A loss with a slope at an error of
    zero, such as the quantile loss, would change it nevertheless.
    """
    varies = np.zeros(examples.y.shape[1], dtype=bool)
    size = steps_per_call(settings, choose_program(settings)) * settings.batch_size
    for picks in split_evenly(np.arange(len(examples)), size):
        varies |= examples.scale(picks).scale_targets(examples.y[picks]).any(axis=0)
        if varies.all():  # after the first run, nearly always
            break
    return varies


def _refuse_divergence(
    name: str, value: float, epoch: int, settings: TrainingSettings, limit: float = np.inf
) -> None:
    if not value < limit:  # NaN is not
        raise ValueError(
            f"The {name} became {value} in epoch {epoch} at "
            f"learning_rate={settings.learning_rate}. Use a smaller learning_rate or weight_decay "
            f"(now {settings.weight_decay}), or set clipnorm."
        )


@np.errstate(over="ignore", invalid="ignore")  # it would show in the prediction
def _score(
    epoch: Epoch,
    score: TailScore,
    scale: Callable[[np.ndarray], Scaled],
    settings: TrainingSettings,
) -> float:
    prediction = predict_rows(
        _cut(epoch.state.weights, settings.sizes),
        scale,
        np.arange(len(score.y)),
        peephole=settings.peephole,
        linear_skip=settings.linear_skip,
    )
    _refuse_divergence("prediction", np.abs(prediction).max(), epoch.number, settings)
    return score.compute(prediction)


def _is_stuck(scores: list[float], validation: Validation) -> bool:
    """Tell whether the latest epochs failed to beat the best one before them by more than tol."""
    patience = validation.n_iter_no_change
    if len(scores) <= patience:
        return False
    return max(scores[-patience:]) <= max(scores[:-patience]) + validation.tol


def train_epoch(
    state: State, epoch: int, examples: Examples, settings: TrainingSettings
) -> tuple[State, float]:
    """Pass once over the examples; return the state after it and the epoch's mean loss."""
    rng = np.random.default_rng([settings.seed, epoch - 1])
    n = len(examples)
    order = rng.permutation(n) if settings.shuffle else np.arange(n)
    shape = choose_program(settings)
    steps_per_epoch = len(count_batches(n, settings.batch_size))
    switches, loss = settings.switches(), 0.0
    for picks in split_evenly(order, steps_per_call(settings, shape) * settings.batch_size):
        counts = count_batches(len(picks), settings.batch_size)
        numbers = int(state.n_steps) + np.arange(len(counts))
        rate = learning_rates(settings, numbers, steps_per_epoch)
        rates = Rates(correct_bias(rate, numbers), rate * settings.weight_decay)
        steps = lay_out_steps(
            examples,
            picks,
            draw_keep(rng, (len(picks), settings.sizes.units), settings.dropout),
            rates,
            settings.batch_size,
            shape,
        )
        state, losses = run_steps(shape, state, steps, switches)
        loss += float(np.asarray(losses)[: len(counts)] @ counts)
    return state, loss / n


def choose_program(settings: TrainingSettings) -> ProgramShape:
    """Return the shape of the program that trains these settings."""
    sizes = pad_sizes(settings.sizes)
    micro_batch_size = choose_micro_batch_size(settings.batch_size, sizes.units)
    n_micro_batches = count_micro_batches(
        pad_up(settings.batch_size, BATCH_SIZES), micro_batch_size
    )
    n_floats = sizes.window_length * sizes.n_features + sizes.steps * sizes.n_beside
    n_windows = min(MOST_WINDOWS, MOST_FLOATS // n_floats)
    capacity = max(n_micro_batches, n_windows // micro_batch_size)
    return ProgramShape(
        sizes, micro_batch_size, n_micro_batches, capacity, MOST_STEPS, settings.loss
    )


def steps_per_call(settings: TrainingSettings, shape: ProgramShape) -> int:
    """Return the number of batches that one call of the program takes."""
    n_micro_batches = count_micro_batches(settings.batch_size, shape.micro_batch_size)
    return min(shape.n_steps, shape.capacity // n_micro_batches)


def learning_rates(
    settings: TrainingSettings, steps: np.ndarray, steps_per_epoch: int
) -> np.ndarray:
    """Compute the decayed learning rate of these Adam steps (counted from 0), float64."""
    t = steps if settings.decay_unit == "step" else steps / steps_per_epoch
    return settings.learning_rate * settings.decay_rate ** (t / settings.decay_steps)


def correct_bias(rate: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Correct Adam's rate for moments that start at zero (Kingma & Ba, 2015, section 2)."""
    return rate * np.sqrt(1 - ADAM_BETA_2 ** (steps + 1)) / (1 - ADAM_BETA_1 ** (steps + 1))


def draw_keep(rng: np.random.Generator, shape: tuple[int, int], dropout: float) -> np.ndarray:
    """Draw the mask of dropout: False with probability `dropout`."""
    if dropout == 0:
        return np.ones(shape, bool)
    return rng.random(shape, np.float32) >= dropout
