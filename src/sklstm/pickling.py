"""Pickles that know the version they were made by, and say so where another one reads them."""

import warnings
from typing import Any

from sklstm.versions import find_version

ENTRY = "_sklstm_version"  # in the pickled state only, beside scikit-learn's `_sklearn_version`


class WarnsOfOtherVersions:
    """Have an estimator warn when it is unpickled by another version than it was pickled by.

    Fitted attributes may change their meaning from one version to the next, so what such a pickle
    predicts is anyone's guess. Stands left of `BaseEstimator`, whose state it extends.
    """

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), ENTRY: find_version("sklstm")}  # type: ignore[dict-item]

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        pickled_by, here = state.pop(ENTRY, None), find_version("sklstm")
        if pickled_by != here:
            warnings.warn(_describe(type(self).__name__, pickled_by, here), stacklevel=2)
        super().__setstate__(state)  # type: ignore[misc]


def _describe(name: str, pickled_by: str | None, here: str) -> str:
    before = f"sklstm {pickled_by}" if pickled_by else "an older version of sklstm"
    way_back = f"sklstm=={pickled_by}" if pickled_by else "the version that it was pickled by"
    return (
        f"{name} was pickled by {before} and is unpickled by sklstm {here}: it may fail, or "
        f"predict something else. Fit it anew, or install {way_back}."
    )
