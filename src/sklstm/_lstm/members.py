"""The networks of a forecaster: each trained by itself, their forecasts added up in shares.

Of several, every second one forecasts by itself, without the linear start: where a series is far
from linear, it forecasts better so. The tail tells how much of each forecast counts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from sklstm._lstm.combination import choose_shares
from sklstm._lstm.examples import TailRule
from sklstm._lstm.predictions import predict_rows
from sklstm._lstm.preprocessing import Prepared, Preprocessing
from sklstm._lstm.scaling import Scaled, spread_sample
from sklstm._lstm.settings import TrainingSettings, read_settings
from sklstm._lstm.tail_scores import Loss, score_tail
from sklstm._lstm.trained import Trained, start
from sklstm._network.sizes import Sizes
from sklstm._network.start import start_tensorflow
from sklstm._network.threads import map_in_threads
from sklstm._rows.windows import Windows


@dataclass(frozen=True)
class Schedule:
    """How long one call trains, and what stops it early."""

    n_epochs: int
    # Of each epoch: number, loss, score, and the number of the network if there are several.
    report: Callable[[int, float, float | None, int | None], None]
    tail: TailRule | None = None  # None: no early stopping
    tol: float = 0.0
    n_iter_no_change: int = 1


@dataclass(frozen=True)
class Member:
    """A network, and how much of its forecast counts."""

    has_start: bool  # whether it goes on from the linear start
    settings: TrainingSettings
    trained: Trained
    share: np.ndarray  # (n_outputs,)
    strength: np.ndarray  # (n_outputs,), how much of what it adds to the start counts

    @property
    def is_silent(self) -> bool:
        """Whether its forecast is the linear start's."""
        return self.has_start and (self.trained.n_epochs == 0 or not self.strength.any())

    def view(self, preprocessing: Preprocessing) -> Preprocessing:
        """Take the preprocessing as this network's forecasts do."""
        own = preprocessing if self.has_start else preprocessing.without_start()
        outputs = own.scaling.outputs
        outputs = replace(outputs, unit=outputs.unit * self.strength)
        return replace(own, scaling=replace(own.scaling, outputs=outputs))

    def predict(
        self, preprocessing: Preprocessing, windows: Windows, target_rows: np.ndarray
    ) -> np.ndarray:
        """Predict the targets of these rows, (n_rows, n_outputs)."""
        own = self.view(preprocessing)
        if self.is_silent and own.start is not None:
            return own.start.predict(windows, target_rows)
        return self.run(lambda some: own.scale(windows, some), target_rows)

    def run(self, scale: Callable[[np.ndarray], Scaled], rows: np.ndarray) -> np.ndarray:
        """Run the network over windows that are cut and scaled so, (n_rows, n_outputs)."""
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
    takes_turns = has_start and prepared.tail is not None
    n_outputs = len(prepared.preprocessing.target_columns)
    return tuple(
        Member(
            has_start=has_start and not (takes_turns and number % 2),
            settings=read_settings(params, sizes, seed),
            trained=start(sizes, seed),
            share=np.full(n_outputs, 1 / len(seeds)),
            strength=np.ones(n_outputs),
        )
        for number, seed in enumerate(seeds)
    )


def _stays_silent(prepared: Prepared, schedule: Schedule) -> bool:
    """Tell whether targets are too few to say what networks would add to the linear start."""
    has_start = prepared.preprocessing.start is not None
    return has_start and schedule.tail is not None and prepared.tail is None


def train_members(
    members: Sequence[Member], prepared: Prepared, schedule: Schedule
) -> tuple[Member, ...]:
    """Train each network, side by side where there are cores."""
    if _stays_silent(prepared, schedule):
        return tuple(members)
    start_tensorflow()
    from sklstm._lstm.epochs import Validation, train

    is_given_up = threading.Event()

    def train_one(number: int) -> Member:
        member = members[number]
        own = prepared if member.has_start else prepared.without_start()
        validation = None
        if own.tail is not None:
            validation = Validation(own.tail, schedule.tol, schedule.n_iter_no_change)

        def report(epoch: int, loss: float, score: float | None) -> None:
            if is_given_up.is_set():
                raise InterruptedError("another network failed, or the fit was interrupted")
            schedule.report(epoch, loss, score, number if len(members) > 1 else None)

        trained = train(
            member.trained, own.train, member.settings, schedule.n_epochs, validation, report
        )
        return replace(member, trained=trained)

    return tuple(map_in_threads(train_one, range(len(members)), is_given_up))


def share_out(
    members: Sequence[Member], prepared: Prepared
) -> tuple[tuple[Member, ...], float | None]:
    """Let the tail say how much each forecast counts, from the simplest one on.

    First what the networks add to the linear start, then the networks that forecast by themselves.
    Those of one kind count alike; of these, one that does not count at all is dropped. Also returns
    how much of what the start misses in the tail the networks take off, None without a tail.
    Without a linear start it is what they miss before their first epoch.
    """
    tail = prepared.tail
    if tail is None:
        return tuple(members), None
    forecasts = np.stack([_predict_tail(member, prepared) for member in members])
    forecast, kinds = forecasts.mean(axis=0), np.array([member.has_start for member in members])
    settings = members[0].settings
    loss = Loss(settings.loss, settings.quantile)
    if tail.start is not None:
        picks = spread_sample(len(tail))
        unit = tail.scale(picks).scale if settings.loss == "huber" else None

        def choose(first: np.ndarray, second: np.ndarray) -> np.ndarray:
            y, weight = tail.y[picks], tail.weight[picks]
            return choose_shares(loss, y, first[picks], second[picks], weight, unit)

        added = forecasts[kinds].mean(axis=0) - tail.start
        strength = choose(tail.start, tail.start + added)
        forecast, of_second = tail.start + strength * added, np.zeros_like(strength)
        if not kinds.all():
            second = forecasts[~kinds].mean(axis=0)
            of_second = choose(forecast, second)
            forecast = forecast + of_second * (second - forecast)
        shares = {True: (1 - of_second) / kinds.sum(), False: of_second / max(1, (~kinds).sum())}
        members = [
            replace(
                member,
                share=shares[member.has_start],
                strength=strength if member.has_start else member.strength,
            )
            for member in members
            if member.has_start or of_second.any()
        ]
    missed = 1 - members[0].trained.scores[0]
    left = 1 - score_tail(loss, tail, forecast, tail.scale)
    return tuple(members), float(1 - left / missed) if missed > 0 else 0.0


def _predict_tail(member: Member, prepared: Prepared) -> np.ndarray:
    """Predict the tail's targets by a network that counts in full, (n_targets, n_outputs)."""
    tail = (prepared if member.has_start else prepared.without_start()).tail
    assert tail is not None
    return member.run(tail.scale, np.arange(len(tail)))
