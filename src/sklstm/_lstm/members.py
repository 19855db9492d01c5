"""The networks of a forecaster: trained separately, with forecasts that are combined in shares.

There are three kinds, in turn. The first corrects the linear start. The other two forecast by
themselves, which is better for a series that is far from linear: one reads the whole window, the
other its newest half. The validation targets determine the shares.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from sklstm._lstm.combination import choose_shares
from sklstm._lstm.examples import Examples, TailRule
from sklstm._lstm.fit_tasks import NO_TASKS, FitTasks
from sklstm._lstm.predictions import predict_rows
from sklstm._lstm.preprocessing import Prepared, Preprocessing
from sklstm._lstm.scaling import Scaled, spread_sample
from sklstm._lstm.settings import TrainingSettings, read_settings
from sklstm._lstm.tail_scores import Loss, make_tail_score
from sklstm._lstm.trained import Trained, start
from sklstm._network.sizes import Sizes
from sklstm._network.start import start_tensorflow
from sklstm._rows.windows import Windows
from sklstm._threads import map_in_threads

EPOCHS_ON_ALL = 6


@dataclass(frozen=True)
class Schedule:
    """The number of epochs of one call, and the rules that stop it early."""

    n_epochs: int
    # Of each epoch: number, loss, score, and the number of the network if there are several.
    report: Callable[[int, float, float | None, int | None], None]
    tail: TailRule | None = None  # None: no early stopping
    tol: float = 0.0
    n_iter_no_change: int = 1
    tasks: FitTasks = NO_TASKS  # those of callbacks, which may stop training

    def list_phases(self) -> list[int]:
        """List the maximum epochs of each phase; paths with a tail have a second phase."""
        if self.tail is None or not self.tail.of_paths:
            return [self.n_epochs]
        return [self.n_epochs, min(EPOCHS_ON_ALL, self.n_epochs)]


@dataclass(frozen=True)
class Member:
    """A network, and its share of the forecast."""

    has_start: bool  # whether it corrects the linear start
    settings: TrainingSettings  # in its sizes, how many rows of a window it reads
    trained: Trained
    share: np.ndarray  # (n_outputs,)
    strength: np.ndarray  # (n_outputs,), how much of what it adds to the start counts

    @property
    def window_length(self) -> int:
        """The number of newest rows of a window that it reads."""
        return self.settings.sizes.window_length

    @property
    def kind(self) -> tuple[bool, int]:
        """The properties that networks of the same kind share."""
        return self.has_start, self.window_length

    @property
    def is_silent(self) -> bool:
        """Whether its forecast equals that of the linear start."""
        return self.has_start and (self.trained.n_epochs == 0 or not self.strength.any())

    def view(self, preprocessing: Preprocessing) -> Preprocessing:
        """Return the preprocessing that this network's forecasts use."""
        if not self.has_start:
            return preprocessing.without_start(self.window_length)
        outputs = preprocessing.scaling.outputs
        outputs = replace(outputs, unit=outputs.unit * self.strength)
        return replace(preprocessing, scaling=replace(preprocessing.scaling, outputs=outputs))

    def take(self, prepared: Prepared) -> Prepared:
        """Return the examples in the form on which this network is trained."""
        return prepared if self.has_start else prepared.without_start(self.window_length)

    def predict(
        self, preprocessing: Preprocessing, windows: Windows, target_rows: np.ndarray
    ) -> np.ndarray:
        """Predict the targets of these rows, (n_rows, n_outputs)."""
        own = self.view(preprocessing)
        if self.is_silent and own.start is not None:
            return own.forecast_start(windows, target_rows)
        return self.run(lambda some: own.scale(windows, some), target_rows)

    def run(self, scale: Callable[[np.ndarray], Scaled], rows: np.ndarray) -> np.ndarray:
        """Run the network over windows that `scale` cuts and scales, (n_rows, n_outputs)."""
        return predict_rows(
            self.trained.weights,
            scale,
            rows,
            peephole=self.settings.peephole,
            linear_skip=self.settings.linear_skip,
        )


def draw_members(
    params: Mapping[str, Any], prepared: Prepared, sizes: Sizes, schedule: Schedule
) -> tuple[Member, ...]:
    """Draw the networks before their first step; `params` are the regressor's parameters."""
    random_state = check_random_state(params["random_state"])
    seeds = [int(random_state.randint(2**31 - 1)) for _ in range(int(params["n_networks"]))]
    has_start = prepared.preprocessing.start is not None
    if _stays_silent(prepared, schedule):
        seeds = seeds[:1]
    kinds = [(has_start, sizes)]
    if has_start and prepared.tail is not None:
        n_beside = prepared.preprocessing.without_start(sizes.window_length).n_beside
        whole = replace(sizes, n_beside=n_beside)
        half = replace(whole, window_length=max(1, sizes.window_length // 2))
        kinds += [(False, whole), (False, half)]
    n_outputs = sizes.n_outputs
    return tuple(
        Member(
            has_start=goes_on,
            settings=read_settings(params, own, seed),
            trained=start(own, seed),
            share=np.full(n_outputs, 1 / len(seeds)),
            strength=np.ones(n_outputs),
        )
        for (goes_on, own), seed in zip(cycle(kinds), seeds, strict=False)
    )


def _stays_silent(prepared: Prepared, schedule: Schedule) -> bool:
    """Tell whether there are too few targets to measure how networks improve the linear start."""
    has_start = prepared.preprocessing.start is not None
    return has_start and schedule.tail is not None and prepared.tail is None


def train_members(
    members: Sequence[Member],
    prepared: Prepared,
    schedule: Schedule,
    stand_alone: Callable[[Member], Any],
) -> tuple[Member, ...]:
    """Train each network, in parallel if there are cores.

    stand_alone: makes a forecaster of one network, for callbacks.
    """
    if _stays_silent(prepared, schedule):
        return tuple(members)
    start_tensorflow()
    from sklstm._lstm.epochs import Validation, train

    def train_one(number: int, refuse_if_given_up: Callable[[], None]) -> Member:
        member = members[number]
        own = member.take(prepared)
        validation = None
        if own.tail is not None:
            validation = Validation(own.tail, schedule.tol, schedule.n_iter_no_change)

        def report(epoch: int, loss: float, score: float | None) -> None:
            refuse_if_given_up()
            schedule.report(epoch, loss, score, number if len(members) > 1 else None)

        task = schedule.tasks.open_network(
            0, number, lambda trained: stand_alone(replace(member, trained=trained))
        )
        trained = train(
            member.trained, own.train, member.settings, schedule.n_epochs, validation, report, task
        )
        if task is not None:
            task.end(trained)
        return replace(member, trained=trained)

    return _train_side_by_side(train_one, len(members))


def train_on_all(
    members: Sequence[Member],
    prepared: Prepared,
    schedule: Schedule,
    stand_alone: Callable[[Member], Any],
) -> tuple[Member, ...]:
    """Continue to train networks of paths on all targets, including those of the tail.

    The tail of paths is the newest fifth of the targets. Without them, forecasts of paths are 3 %
    worse on five series, and worse on each of them (on the fifth before the last).
    """
    if prepared.both is None or schedule.tasks.stop_is_asked:
        return tuple(members)
    from sklstm._lstm.epochs import train

    _, n_epochs = schedule.list_phases()

    def train_one(number: int, refuse_if_given_up: Callable[[], None]) -> Member:
        member = members[number]
        examples = member.take(prepared).both
        if member.is_silent or examples is None:
            return member
        # The epoch that was chosen by the tail and the scores do not change.
        before = {name: getattr(member.trained, name) for name in ("n_epochs", "losses", "scores")}

        def go_on(trained: Trained) -> Member:
            return replace(member, trained=replace(trained, **before))

        task = schedule.tasks.open_network(1, number, lambda trained: stand_alone(go_on(trained)))
        trained = train(
            member.trained,
            examples,
            member.settings,
            n_epochs,
            report=lambda *_: refuse_if_given_up(),
            task=task,
        )
        if task is not None:
            task.end(trained)
        return go_on(trained)

    return _train_side_by_side(train_one, len(members))


def _train_side_by_side(
    train_one: Callable[[int, Callable[[], None]], Member], n_members: int
) -> tuple[Member, ...]:
    """Train the networks, in parallel if there are cores; if one fails, all stop.

    train_one: trains the network of a number, and calls its second argument after each epoch.
    """
    is_given_up = threading.Event()

    def refuse_if_given_up() -> None:
        if is_given_up.is_set():
            raise InterruptedError("another network failed, or the fit was interrupted")

    return tuple(
        map_in_threads(
            lambda number: train_one(number, refuse_if_given_up), range(n_members), is_given_up
        )
    )


def share_out(
    members: Sequence[Member], prepared: Prepared
) -> tuple[tuple[Member, ...], float | None]:
    """Compute the share of each forecast from the tail.

    Also returns the share of the linear start's loss in the tail that the networks remove; None
    without a tail. Without a linear start, it is the share of the loss before their first epoch.
    """
    tail = prepared.tail
    if tail is None:
        return tuple(members), None
    forecasts = np.stack([_predict_tail(member, prepared) for member in members])
    settings, missed = members[0].settings, 1 - members[0].trained.scores[0]
    loss = Loss(settings.loss, settings.quantiles)
    if tail.start is None:
        forecast = forecasts.mean(axis=0)
    else:
        members, forecast = _choose_shares(members, forecasts, tail, loss)
    left = 1 - make_tail_score(loss, tail, tail.scale).compute(forecast)
    return tuple(members), float(1 - left / missed) if missed > 0 else 0.0


def _choose_shares(
    members: Sequence[Member], forecasts: np.ndarray, tail: Examples, loss: Loss
) -> tuple[list[Member], np.ndarray]:
    """Combine the linear start with the forecasts of one kind of network after the other.

    The tail determines the share of each kind. Networks of the same kind have the same share, and
    networks that forecast by themselves are dropped if their share is zero. Also returns the
    combined forecast.
    """
    picks = spread_sample(len(tail))
    y, weight = tail.y[picks], tail.weight[picks]
    unit = tail.scale(picks).scale if loss.kind == "huber" else None
    strength, steps = np.ones(y.shape[1]), tail.windows.alignment.steps
    shares: dict[tuple[bool, int], np.ndarray] = {}
    forecast = tail.forecast_start()
    for kind, numbers in _list_kinds(members).items():
        its_forecast = forecasts[numbers].mean(axis=0)
        share = choose_shares(loss, y, forecast[picks], its_forecast[picks], weight, unit, steps)
        forecast = forecast + share * (its_forecast - forecast)
        if kind[0]:  # the start always counts fully, however small the share
            strength, share = share, np.ones_like(share)
        shares = {other: before * (1 - share) for other, before in shares.items()}
        shares[kind] = share / len(numbers)
    shared = [
        replace(
            member,
            share=shares[member.kind],
            strength=strength if member.has_start else member.strength,
        )
        for member in members
    ]
    return [member for member in shared if member.has_start or member.share.any()], forecast


def _list_kinds(members: Sequence[Member]) -> dict[tuple[bool, int], list[int]]:
    """List the kinds in the order in which they were drawn, with the numbers of their networks."""
    kinds: dict[tuple[bool, int], list[int]] = {}
    for number, member in enumerate(members):
        kinds.setdefault(member.kind, []).append(number)
    return kinds


def _predict_tail(member: Member, prepared: Prepared) -> np.ndarray:
    """Predict the tail's targets with a network of full share, (n_targets, n_outputs)."""
    tail = member.take(prepared).tail
    assert tail is not None
    return member.run(tail.scale, np.arange(len(tail)))
