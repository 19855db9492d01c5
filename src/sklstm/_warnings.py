"""Warnings that point to the user's line, however deep inside the package they arise."""

from __future__ import annotations

import sys
import warnings

# Packages between the user's line and ours: fit is called by searches, searches by joblib.
PASSED_OVER = {"sklstm", "sklearn", "skopt", "joblib", "contextlib"}


def warn_caller(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line that called this package, or that called a package which did."""
    frame, level = sys._getframe(1), 2
    while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] in PASSED_OVER:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)
