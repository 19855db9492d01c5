"""Methods and parameters of an estimator and its nested estimators, found by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def find_parts_with(estimator: Any, method: str) -> Iterator[tuple[str, Any]]:
    """Find the estimator and its nested parts that have the method, with their parameter prefix."""
    parts = {"": estimator, **estimator.get_params(deep=True)}
    for name, part in parts.items():
        if callable(getattr(part, method, None)) and not isinstance(part, type):
            yield (f"{name}__" if name else ""), part


def reads_windows(estimator: Any) -> bool:
    """Tell whether the estimator or a nested one is a forecaster, which reads earlier rows."""
    return any(
        True for method in ("needed_gap", "forecast") for _ in find_parts_with(estimator, method)
    )


def find_params(estimator: Any, name: str) -> dict[str, Any]:
    """Find the parameters of this name, of the estimator and of its nested parts."""
    params = estimator.get_params(deep=True)
    return {path: value for path, value in params.items() if path.rsplit("__", 1)[-1] == name}


def offered_space(estimator: Any, n_rows: int) -> dict[str, Any]:
    """Collect the spaces that the estimator or its parts offer for training on n_rows rows."""
    offered = {
        f"{prefix}{name}": dimension
        for prefix, part in find_parts_with(estimator, "search_space")
        for name, dimension in part.search_space(n_rows).items()
    }
    if not offered:
        raise ValueError(
            f"search_spaces=None needs an estimator with a search_space; "
            f"{type(estimator).__name__} and its nested estimators have none. Set search_spaces."
        )
    return offered
