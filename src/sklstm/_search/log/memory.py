"""Trials that need not be run: those in the log, and parameters that were scored before."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

from sklstm._search.log.trial_log import TrialLog
from sklstm._search.trials.trial import Candidate, Trial
from sklstm._search.values.description import describe


@dataclass
class Memory:
    """What a search knows already: the trials in its log, and those that it finished."""

    log: TrialLog | None
    _scored: dict[str, Trial] = field(default_factory=dict)

    def recall(self, candidate: Candidate) -> Trial | None:
        """Return the candidate's trial if it is known."""
        logged = self.log.recall(candidate) if self.log is not None else None
        if logged is not None:
            self._scored.setdefault(_key(candidate), logged)
            return logged
        scored = self._scored.get(_key(candidate))  # in another space, which overlaps this one
        return None if scored is None else self.add(replace(scored, candidate=candidate))

    def add(self, trial: Trial) -> Trial:
        """Keep a finished trial, on disk too; return it."""
        if self.log is not None:
            self.log.append(trial)
        self._scored.setdefault(_key(trial.candidate), trial)
        return trial


def _key(candidate: Candidate) -> str:
    return json.dumps(describe(candidate.params), sort_keys=True)
