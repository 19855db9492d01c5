"""Values put into JSON: what a log keeps of parameters, data and code, the same in each process.

Numbers and texts stay as they are. Of arrays there remains a hash of the content, of a function its
name and a hash of its source, of an estimator its class and parameters.
"""

from __future__ import annotations

import hashlib
import inspect
import math
from collections.abc import Callable, Mapping
from functools import partial
from pickle import PicklingError
from typing import Any

import joblib
import numpy as np
import pandas as pd
from scipy import sparse
from scipy.stats.distributions import rv_frozen

# Their code is told by their versions.
LIBRARIES = ("numpy", "scipy", "sklearn", "skopt", "sklstm")


def describe(value: Any) -> Any:
    """Describe a value by what `json` can write and read back unchanged."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list | tuple):
        return [describe(item) for item in value]
    if isinstance(value, set | frozenset):  # in an order that is not the same in each process
        return sorted((describe(item) for item in value), key=str)
    if isinstance(value, Mapping):
        return {str(key): describe(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | pd.DataFrame | pd.Series) or sparse.issparse(value):
        return {"shape": list(value.shape), "hash": hash_data(value)}
    if isinstance(value, partial):
        return {"partial": describe([value.func, value.args, value.keywords])}
    if isinstance(value, rv_frozen):  # its pickle is not the same in each process
        return {"distribution": value.dist.name, "args": describe([value.args, value.kwds])}
    if inspect.isroutine(value) or inspect.isclass(value) or isinstance(value, np.ufunc):
        return _describe_code(value)
    if hasattr(value, "get_params"):
        return {"class": _name(type(value)), "params": describe(value.get_params(deep=False))}
    return _describe_object(value)


def _describe_code(code: Any) -> Any:
    if inspect.ismethod(code):
        return {"self": describe(code.__self__), "method": _describe_code(code.__func__)}
    if not inspect.isfunction(code) or _name(code).split(".")[0] in LIBRARIES:
        return _name(code)
    values = [_describe_value(value) for value in _list_values(code)]
    return {"name": _name(code), "source": hash_source(code), "values": values}


def _list_values(function: Callable) -> list[Any]:
    """List what the source names, but does not tell: defaults, and variables of the outer scope."""
    defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    return [*defaults, *inspect.getclosurevars(function).nonlocals.values()]


def _describe_value(value: Any) -> Any:
    # A function by its source alone, because it may be the one that the value belongs to.
    return hash_source(value) if inspect.isfunction(value) else describe(value)


def _describe_object(value: Any) -> Any:
    """Describe an object by its repr, or, where that is an address in memory, by its content."""
    text = repr(value)
    if " at 0x" in text or isinstance(value, np.random.RandomState | np.random.Generator):
        try:
            return {"class": _name(type(value)), "hash": joblib.hash(value)}
        except (PicklingError, AttributeError, TypeError):  # a lock, a file: no other is the same
            return text
    # A scorer's repr names its function, which may be another one of the same name.
    function = getattr(value, "_score_func", None)
    return {"repr": text, "function": describe(function)} if function is not None else text


def _name(code: Any) -> str:
    module = getattr(code, "__module__", None) or type(code).__module__  # older ufuncs have none
    return f"{module}.{getattr(code, '__qualname__', getattr(code, '__name__', code))}"


def hash_source(function: Callable) -> str:
    """Hash a function's source, or where there is none, its compiled code."""
    try:
        text = inspect.getsource(function).encode()
    except (OSError, TypeError):
        text = _list_code(function.__code__).encode()
    return _hash(text)


def _list_code(code: Any) -> str:
    constants = [
        _list_code(item) if inspect.iscode(item) else repr(describe(item))
        for item in code.co_consts
    ]
    return repr((code.co_code, code.co_names, constants))


def hash_data(data: Any) -> str:
    """Hash the content of an array, a table or a list of rows, not the way it lies in memory."""
    if isinstance(data, pd.DataFrame | pd.Series):
        frame = pd.DataFrame(data)
        rows = pd.util.hash_pandas_object(frame, index=True).to_numpy()
        return _hash(rows.tobytes(), repr(list(frame.columns)).encode())
    if sparse.issparse(data):
        matrix = data.tocsr().sorted_indices()
        return _hash(
            *(
                np.ascontiguousarray(part).tobytes()
                for part in (
                    matrix.data,
                    matrix.indices.astype(np.int64),
                    matrix.indptr.astype(np.int64),
                )
            ),
            repr(matrix.shape).encode(),
        )
    array = np.asarray(data)
    if array.dtype.hasobject:
        return hash_data(pd.DataFrame(array.reshape(len(array), -1).astype(str)))
    kind = f"{array.dtype.str} {array.shape}"
    return _hash(np.ascontiguousarray(array).tobytes(), kind.encode())


def _hash(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:32]
