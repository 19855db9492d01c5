"""The plan of a search: the spaces, starts, settings and seed that determine its trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from sklstm._search.proposals.dimensions import SearchSpace
from sklstm._search.proposals.optimizer import AskTell, ProposalSettings
from sklstm._search.proposals.starts import Starts

LARGEST_SEED = np.iinfo(np.int32).max


@dataclass(frozen=True)
class Plan:
    """A search that is ready to run, any number of times."""

    spaces: Sequence[SearchSpace]
    starts: Sequence[Starts]  # of each space
    settings: ProposalSettings
    n_initial_points: Sequence[int]  # of each space
    seed: int

    @property
    def n_trials(self) -> int:
        """The number of trials, unless a finite space runs out or the search is stopped."""
        return sum(space.n_iter for space in self.spaces)

    def make_optimizers(self) -> list[AskTell]:
        """Make the optimizer of each space, before its first point."""
        rng = np.random.RandomState(self.seed)
        seeds = rng.randint(LARGEST_SEED, size=len(self.spaces)).tolist()
        return [
            AskTell(space, start, replace(self.settings, n_initial_points=n), seed)
            for space, start, n, seed in zip(
                self.spaces, self.starts, self.n_initial_points, seeds, strict=True
            )
        ]


def make_plan(
    spaces: Sequence[SearchSpace],
    starts: Sequence[Starts],
    settings: ProposalSettings,
    random_state: Any,
    logged: Mapping[str, Any],
) -> Plan:
    """Make a plan; missing settings are taken from the problem in a log, if there is one."""
    n_initial_points = [settings.count_initial_points(space.n_iter) for space in spaces]
    if settings.n_initial_points is None:
        n_initial_points = logged.get("n_initial_points", n_initial_points)
    seed = logged.get("seed") if random_state is None else None
    return Plan(
        spaces,
        starts,
        settings,
        n_initial_points,
        draw_seed(random_state) if seed is None else seed,
    )


def draw_seed(random_state: Any) -> int:
    """Draw a seed from whatever random_state may be; an int is one."""
    if isinstance(random_state, int | np.integer):
        return int(random_state)
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(LARGEST_SEED))
    return int(check_random_state(random_state).randint(LARGEST_SEED))
