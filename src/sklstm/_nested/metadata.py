"""Metadata, the arguments of `fit` other than X and y: for each nested estimator and its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.pipeline import Pipeline
from sklearn.utils import indexable
from sklearn.utils.metadata_routing import process_routing

from sklstm._nested.parts import find_parts_with
from sklstm._sklearn_compat import num_samples, safe_indexing


def is_routing_enabled() -> bool:
    """Tell whether the user turned scikit-learn's metadata routing on."""
    return get_config()["enable_metadata_routing"]


def find_weight(estimator: Any, prefix: str, fit_params: Mapping[str, Any]) -> Any:
    """Find the sample_weight that a part gets from the fit of the estimator around it, or None.

    prefix: the part's, in the names of the estimator's parameters; "lstm__" in a Pipeline, say.
    """
    for name in prefix.split("__")[:-1]:
        fit_params = _hand_on(estimator, name, fit_params)
        estimator = estimator.get_params(deep=True)[name]
    return fit_params.get("sample_weight")


def find_weight_of_rows(estimator: Any, fit_params: Mapping[str, Any]) -> Any:
    """Find the sample_weight that the estimator, or the first part to get one, is fitted with."""
    weights = (
        find_weight(estimator, prefix, fit_params)
        for prefix, _ in (find_parts_with(estimator, "fit") if fit_params else ())
    )
    return next((weight for weight in weights if weight is not None), None)


def _hand_on(estimator: Any, name: str, fit_params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Select the metadata that the estimator's fit passes to the fit of its part of this name."""
    if is_routing_enabled():
        routed = process_routing(estimator, "fit", **fit_params) if fit_params else {}
        return getattr(routed.get(name), "fit", {})
    if isinstance(estimator, Pipeline):
        step = f"{name}__"
        return {
            key.removeprefix(step): value
            for key, value in fit_params.items()
            if key.startswith(step)
        }
    return fit_params


def take_rows(params: dict[str, Any], rows: np.ndarray | slice, n_rows: int) -> dict[str, Any]:
    """Select the rows of metadata with one entry per row, such as sample_weight; keep the rest."""
    return {
        name: safe_indexing(indexable(value)[0], rows) if _has_rows(value, n_rows) else value
        for name, value in params.items()
    }


def _has_rows(value: Any, n_rows: int) -> bool:
    is_array_like = hasattr(value, "shape") or hasattr(value, "__len__")
    return is_array_like and not isinstance(value, str) and num_samples(value) == n_rows
