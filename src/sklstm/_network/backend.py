"""Which backend Keras runs on, told before Keras is imported.

Keras imports its backend with itself: where that is not installed, it fails with an error that
names neither the setting nor the way out, and in this process it cannot be set any more.
"""

import json
import os
import sys
from pathlib import Path


def find_backend() -> str:
    """Find the backend that Keras runs on, or will run on, in the order in which Keras looks."""
    if "keras" in sys.modules:
        return sys.modules["keras"].backend.backend()
    return os.environ.get("KERAS_BACKEND") or _read_config().get("backend", "tensorflow")


def _read_config() -> dict:
    """Read the file of settings that Keras keeps for the user."""
    home = Path("~").expanduser()
    folder = (home if os.access(home, os.W_OK) else Path("/tmp")) / ".keras"
    path = Path(os.environ.get("KERAS_HOME", folder)).expanduser() / "keras.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # no such file, or one that Keras ignores too
        return {}
