"""What scikit-learn keeps private and its own estimators live by, imported here and nowhere else.

Each name says why it is used, and what would replace it if it went.
"""

from sklearn.base import _fit_context
from sklearn.utils import _safe_indexing

# What `_parameter_constraints` is written in. Instead: own checks at the beginning of `fit`.
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_sample_weight, _num_samples

# Checks the parameters before `fit`, once in nested fits. Instead: `self._validate_params()`.
fit_context = _fit_context
# Takes rows of arrays, lists, and tables of pandas, polars or pyarrow. Instead: a case for each.
safe_indexing = _safe_indexing
# Takes the rows of a fold, and of a matrix of similarities its columns too. Instead: tags, by hand.
safe_split = _safe_split
# Counts the rows of any container, with scikit-learn's error where it has none. Instead: `len`.
num_samples = _num_samples
# Reads weights with scikit-learn's own errors. Instead: `check_array` and a check of the shape.
check_sample_weight = _check_sample_weight

__all__ = [
    "HasMethods",
    "Interval",
    "StrOptions",
    "check_sample_weight",
    "fit_context",
    "num_samples",
    "safe_indexing",
    "safe_split",
]
