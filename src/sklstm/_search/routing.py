"""Metadata of a search, routed to the estimator, the splitter and the scorer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn.metrics import check_scoring
from sklearn.utils import Bunch
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing

from sklstm._nested.metadata import is_routing_enabled
from sklstm._search.trials.scoring import (
    choose_scorer,
    list_scorers,
    takes_sample_weight,
    with_path_scorers,
)
from sklstm._warnings import warn_caller


def route_to_fit(search: Any, params: dict[str, Any], scorer: Callable[..., Any]) -> Bunch:
    """Route the metadata of a search's fit to the estimator, the splitter and the scorer.

    Without metadata routing, it works as in scikit-learn's searches: groups go to the splitter, the
    rest goes to the estimator, and sample_weight also goes to the scorer.
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
                warn_caller(
                    f"{each} does not accept sample_weight, so all rows have the same weight in "
                    "the scores."
                )
    return Bunch(
        estimator=Bunch(fit=to_fit),
        splitter=Bunch(split=to_split),
        scorer=Bunch(score=to_score),
    )


def make_router(search: Any) -> MetadataRouter:
    """Make scikit-learn's description of how a search routes the metadata of fit and score."""
    router = MetadataRouter(owner=type(search).__name__)
    final_scorer = check_scoring(search.estimator, with_path_scorers(search.scoring))
    for target, obj, caller, callee in [
        ("estimator", search.estimator, "fit", "fit"),
        ("splitter", search.cv, "fit", "split"),
        ("scorer", choose_scorer(search.estimator, search.scoring), "fit", "score"),
        ("final_scorer", final_scorer, "score", "score"),
    ]:
        mapping = MethodMapping().add(caller=caller, callee=callee)
        router.add(**{target: obj}, method_mapping=mapping)
    return router
