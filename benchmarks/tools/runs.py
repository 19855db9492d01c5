"""Finished runs in a file, a line of JSON each, so that a long comparison may be interrupted."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Runs:
    """The runs of a file, which need not exist before the first one is added."""

    path: Path

    def read(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text().splitlines()]

    def select(self, entries: dict[str, Any]) -> list[dict[str, Any]]:
        """Read the runs that have all these entries."""
        return [run for run in self.read() if entries.items() <= run.items()]

    def lack(self, identity: dict[str, Any]) -> bool:
        """Tell whether no run has all these entries, and is still to be made."""
        return not self.select(identity)

    def add(self, run: dict[str, Any]) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps(run) + "\n")
