"""Private parts of scikit-learn that estimators need, imported only here.

Each comment says why the name is used and what could replace it.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from sklearn.base import _fit_context
from sklearn.utils import _safe_indexing

# What `_parameter_constraints` is written in. Instead: own checks at the beginning of `fit`.
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.metaestimators import available_if as _available_if
from sklearn.utils.validation import _check_sample_weight, _num_samples

Method = TypeVar("Method", bound=Callable[..., Any])


def fit_context(*, prefer_skip_nested_validation: bool) -> Callable[[Method], Method]:
    """Check the parameters before `fit`, once in nested fits. Instead: `self._validate_params()`.

    scikit-learn's has no types; with these, type checkers know the arguments of `fit`.
    """
    return _fit_context(prefer_skip_nested_validation=prefer_skip_nested_validation)


def available_if(check: Callable[[Any], Any]) -> Callable[[Method], Method]:
    """Show a method only where the check of its object passes; public, but without types."""
    return _available_if(check)


# Takes rows of arrays, lists, and tables of pandas, polars or pyarrow. Instead: a case for each.
safe_indexing = _safe_indexing
# Takes the rows of a fold, and the columns too of a similarity matrix. Instead: read the tags.
safe_split = _safe_split
# Counts the rows of any container, with scikit-learn's error where it has none. Instead: `len`.
num_samples = _num_samples
# Reads weights with scikit-learn's own errors. Instead: `check_array` and a check of the shape.
check_sample_weight = _check_sample_weight

__all__ = [
    "HasMethods",
    "Interval",
    "Method",
    "StrOptions",
    "available_if",
    "check_sample_weight",
    "fit_context",
    "num_samples",
    "safe_indexing",
    "safe_split",
]
