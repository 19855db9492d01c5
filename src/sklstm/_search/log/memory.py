"""Trials that need not be run: those in the log, and parameters that were scored before."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

from sklstm._search.log.trial_log import TrialLog
from sklstm._search.trials.trial import Candidate, Trial
from sklstm._search.values.description import describe


@dataclass
class Memory:
    """The trials that a search already knows: those in its log, and those that it finished."""

    log: TrialLog | None
    _scored: dict[str, Trial] = field(default_factory=dict)

    def find(self, candidate: Candidate) -> Trial | None:
        """Find the candidate's trial, or that of the same parameters; None if there is none."""
        logged = self.log.find(candidate) if self.log is not None else None
        if logged is not None:
            return logged
        scored = self._scored.get(_key(candidate))  # in another space, which overlaps this one
        return None if scored is None else replace(scored, candidate=candidate)

    def add(self, trial: Trial) -> Trial:
        """Keep a finished trial, on disk too unless it was read from there; return it."""
        if self.log is not None and not self.log.holds(trial.candidate):
            self.log.append(trial)
        self._scored.setdefault(_key(trial.candidate), trial)
        return trial


def _key(candidate: Candidate) -> str:
    return json.dumps(describe(candidate.params), sort_keys=True)
