"""scikit-learn's callbacks, which exist from version 1.9 on.

With an older version an estimator has no `set_callbacks`, and nothing here does anything.
"""

from __future__ import annotations

from typing import Any

import sklearn
from sklearn.utils.fixes import parse_version

from sklstm._sklearn_compat import Method

HAS_CALLBACKS = parse_version(sklearn.__version__) >= parse_version("1.9")

if HAS_CALLBACKS:
    from sklearn import callback
    from sklearn.callback import CallbackSupportMixin
else:

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Add nothing to an estimator."""


def with_callbacks(method: Method) -> Method:
    """Tear down the callbacks after this method, which fits the estimator."""
    return callback.with_callbacks(method) if HAS_CALLBACKS else method


def has_callbacks(estimator: Any) -> bool:
    """Whether callbacks are set on this estimator, by the user or by a meta-estimator."""
    return bool(getattr(estimator, "_skl_callbacks", None))


def name_metadata(params: dict[str, Any]) -> dict[str, Any] | None:
    """Return the metadata that callbacks receive: as in GridSearchCV, only the weights."""
    weight = params.get("sample_weight")
    return None if weight is None else {"sample_weight": weight}


__all__ = [
    "HAS_CALLBACKS",
    "CallbackSupportMixin",
    "has_callbacks",
    "name_metadata",
    "with_callbacks",
]
