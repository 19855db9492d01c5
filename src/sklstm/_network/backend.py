"""The backend of Keras, found before Keras is imported.

Keras imports its backend immediately. If the backend is not installed, Keras fails with an error
that names neither the setting nor a remedy, and the backend can no longer be set in this process.
"""

import json
import os
import sys
from pathlib import Path


def find_backend() -> str:
    """Find the backend that Keras uses or will use, in the order in which Keras looks."""
    if "keras" in sys.modules:
        return sys.modules["keras"].backend.backend()
    return os.environ.get("KERAS_BACKEND") or _read_config().get("backend", "tensorflow")


def _read_config() -> dict:
    """Read the settings file of Keras."""
    home = Path("~").expanduser()
    folder = (home if os.access(home, os.W_OK) else Path("/tmp")) / ".keras"
    path = Path(os.environ.get("KERAS_HOME", folder)).expanduser() / "keras.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # no such file, or one that Keras ignores too
        return {}
