"""Metadata, what `fit` is given beside X and y: whom it reaches."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from sklearn import get_config
from sklearn.pipeline import Pipeline
from sklearn.utils import Bunch
from sklearn.utils.metadata_routing import process_routing

from sklstm.parts import find_parts_with
from sklstm.scoring import list_scorers, takes_sample_weight


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
    """Select what the fit of the estimator hands on to the fit of its part of this name."""
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


def route_to_fit(search: Any, params: dict[str, Any], scorer: Callable[..., Any]) -> Bunch:
    """Route what a search's fit was given to the estimator, the splitter and the scorer.

    Without metadata routing as in scikit-learn's searches: groups for the splitter, the rest for
    the estimator, sample_weight for the scorer too.
    """
    if is_routing_enabled():
        return process_routing(search, "fit", **params)
    to_split = {name: value for name, value in params.items() if name == "groups"}
    to_fit = {name: value for name, value in params.items() if name != "groups"}
    to_score = {}
    if params.get("sample_weight") is not None:
        if takes_sample_weight(scorer):
            to_score = {"sample_weight": params["sample_weight"]}
        for each in list_scorers(scorer).values():
            if not takes_sample_weight(each):
                warnings.warn(
                    f"{each} takes no sample_weight: in the scores all rows weigh the same.",
                    UserWarning,
                    stacklevel=4,
                )
    return Bunch(
        estimator=Bunch(fit=to_fit),
        splitter=Bunch(split=to_split),
        scorer=Bunch(score=to_score),
    )
