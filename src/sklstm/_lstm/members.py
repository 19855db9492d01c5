"""The networks of a forecaster: each trained by itself, their forecasts added up in shares.

Of several, every second one forecasts by itself, without the linear start: where a series is far
from linear, it forecasts better so. The tail tells how much of these forecasts counts.
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

    def view(self, preprocessing: Preprocessing) -> Preprocessing:
        """What its windows go through."""
        return preprocessing if self.has_start else preprocessing.without_start()

    def predict(
        self, preprocessing: Preprocessing, windows: Windows, target_rows: np.ndarray
    ) -> np.ndarray:
        """Predict the targets of these rows, (n_rows, n_outputs)."""
        own = self.view(preprocessing)
        return predict_rows(
            self.trained.weights,
            lambda some: own.scale(windows, some),
            target_rows,
            peephole=self.settings.peephole,
            linear_skip=self.settings.linear_skip,
        )


def draw_members(
    params: Mapping[str, Any], prepared: Prepared, sizes: Sizes, has_tail_rule: bool
) -> tuple[Member, ...]:
    """Draw the networks before their first step; `params` are the regressor's parameters."""
    random_state = check_random_state(params["random_state"])
    seeds = [int(random_state.randint(2**31 - 1)) for _ in range(int(params["n_networks"]))]
    has_start = prepared.preprocessing.start is not None
    if has_start and has_tail_rule and prepared.tail is None:
        seeds = seeds[:1]  # it stays silent
    takes_turns = has_start and prepared.tail is not None
    n_outputs = len(prepared.preprocessing.target_columns)
    return tuple(
        Member(
            has_start=has_start and not (takes_turns and number % 2),
            settings=read_settings(params, sizes, seed),
            trained=start(sizes, seed),
            share=np.full(n_outputs, 1 / len(seeds)),
        )
        for number, seed in enumerate(seeds)
    )


def train_members(
    members: Sequence[Member], prepared: Prepared, schedule: Schedule
) -> tuple[Member, ...]:
    """Train each network, side by side where there are cores, and share the forecast out."""
    is_silent = prepared.tail is None and schedule.tail is not None
    if is_silent and prepared.preprocessing.start is not None:
        return tuple(
            members
        )  # too few targets to tell what a network would add to the linear start
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

    trained = map_in_threads(train_one, range(len(members)), is_given_up)
    return _share_out(trained, prepared)


def _share_out(members: Sequence[Member], prepared: Prepared) -> tuple[Member, ...]:
    """Share the forecast out by the tail; a network that does not count at all is dropped.

    Networks of one kind count alike.
    """
    tail, kinds = prepared.tail, [member.has_start for member in members]
    if tail is None or all(kinds) or not any(kinds):
        return tuple(members)
    first, second = (
        np.mean([_predict_tail(member, prepared) for member in some], axis=0)
        for some in ([m for m in members if m.has_start], [m for m in members if not m.has_start])
    )
    settings = members[0].settings
    loss = Loss(settings.loss, settings.quantile)
    unit = tail.scale(np.arange(len(tail))).scale if settings.loss == "huber" else None
    of_second = choose_shares(loss, tail.y, first, second, tail.weight, unit)
    shares = {True: (1 - of_second) / sum(kinds), False: of_second / (len(kinds) - sum(kinds))}
    shared = [replace(member, share=shares[member.has_start]) for member in members]
    return tuple(member for member in shared if member.share.any())


def _predict_tail(member: Member, prepared: Prepared) -> np.ndarray:
    assert prepared.tail is not None
    return member.predict(prepared.preprocessing, prepared.tail.windows, prepared.tail.target_rows)


def find_network_share(members: Sequence[Member], prepared: Prepared) -> float | None:
    """Find how much of what the start misses in the tail the networks take off; None without one.

    Without a linear start it is what the networks miss before their first epoch.
    """
    if prepared.tail is None:
        return None
    trained, settings = members[0].trained, members[0].settings
    score = trained.best_score
    if len(members) > 1:
        forecast = sum(member.share * _predict_tail(member, prepared) for member in members)
        loss = Loss(settings.loss, settings.quantile)
        score = score_tail(loss, prepared.tail, forecast, prepared.tail.scale)
    missed = 1 - trained.scores[0]
    return float(1 - (1 - score) / missed) if missed > 0 else 0.0
