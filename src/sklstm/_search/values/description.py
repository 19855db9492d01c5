"""Descriptions of values in JSON: parameters, data and code in a log, the same in each process.

Numbers and texts are unchanged. An array is described by a hash of its content, and an estimator by
its class and parameters. A function is described by its name, a hash of its syntax, and the values
that it reads: its defaults, and variables and functions around it.
"""

from __future__ import annotations

import hashlib
import inspect
import math
import re
from collections.abc import Callable, Mapping
from functools import partial
from pickle import PicklingError
from types import CellType, ModuleType
from typing import Any

import joblib
import numpy as np
import pandas as pd
from scipy import sparse
from scipy.stats.distributions import rv_frozen

from sklstm._search.values.syntax import find_syntax, is_installed, list_globals

# Their code is identified by their versions.
LIBRARIES = ("numpy", "scipy", "sklearn", "skopt", "sklstm")
ADDRESS = re.compile(" at 0x[0-9a-fA-F]+")  # of an object in memory, in its repr
UNDESCRIBED = "like no other"  # the key of objects with neither a useful repr nor a pickle


def describe(value: Any) -> Any:
    """Describe a value in types that `json` can write and read back unchanged."""
    return _describe(value, {})


# The functions that are described already, with their number: others, or they themselves, may read
# them once more, and need not describe them again.
Seen = dict[Callable, int]


def _describe(value: Any, seen: Seen) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list | tuple):
        return [_describe(item, seen) for item in value]
    if isinstance(value, set | frozenset):  # in an order that is not the same in each process
        return sorted((_describe(item, dict(seen)) for item in value), key=str)
    if isinstance(value, Mapping):
        return {str(key): _describe(item, seen) for key, item in value.items()}
    if isinstance(value, np.ndarray | pd.DataFrame | pd.Series) or sparse.issparse(value):
        return {"shape": list(value.shape), "hash": hash_data(value)}
    if isinstance(value, partial):
        return {"partial": _describe([value.func, value.args, value.keywords], seen)}
    if isinstance(value, rv_frozen):  # its pickle is not the same in each process
        return {"distribution": value.dist.name, "args": _describe([value.args, value.kwds], seen)}
    if isinstance(value, ModuleType):
        return value.__name__
    if inspect.isroutine(value) or inspect.isclass(value) or isinstance(value, np.ufunc):
        return _describe_code(value, seen)
    if hasattr(value, "get_params"):
        params = value.get_params(deep=False)
        return {"class": _name(type(value)), "params": _describe(params, seen)}
    return _describe_object(value, seen)


def _describe_code(code: Any, seen: Seen) -> Any:
    if inspect.ismethod(code):
        return {
            "self": _describe(code.__self__, seen),
            "method": _describe_code(code.__func__, seen),
        }
    if not inspect.isfunction(code) or _name(code).split(".")[0] in LIBRARIES:
        return _name(code)
    if code in seen:
        return {"name": _name(code), "described": seen[code]}
    seen[code] = len(seen)
    # Installed code is changed by its version only, and reads thousands of globals.
    read = {} if is_installed(code) else list_globals(code)
    return {
        "name": _name(code),
        "syntax": hash_syntax(code),
        "defaults": _describe([code.__defaults__, code.__kwdefaults__], seen),
        "closure": _describe(_list_closure(code), seen),
        "globals": _describe(read, seen),
    }


def _list_closure(function: Callable) -> dict[str, Any]:
    """List the variables around a function that it reads, as far as they have a value."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    return {name: cell.cell_contents for name, cell in cells if _is_filled(cell)}


def _is_filled(cell: CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def _describe_object(value: Any, seen: Seen) -> Any:
    """Describe an object by its repr, or by its content if the repr has an address in memory."""
    text = repr(value)
    # A scorer's repr names its function, which may be another one of the same name.
    function = getattr(value, "_score_func", None)
    if function is not None:
        rest = vars(value) if ADDRESS.search(text) else {}  # a function among its arguments
        return {
            "repr": ADDRESS.sub("", text),
            "function": _describe(function, seen),
            **({"arguments": _describe(rest, seen)} if rest else {}),
        }
    if ADDRESS.search(text) or isinstance(value, np.random.RandomState | np.random.Generator):
        try:
            return {"class": _name(type(value)), "hash": joblib.hash(value)}
        except (PicklingError, AttributeError, TypeError):  # a lock, a file: no other is the same
            return {UNDESCRIBED: text}
    return text


def list_undescribed(description: Any, place: str = "") -> list[str]:
    """List the places in a description with objects that cannot be described, and their reprs."""
    if isinstance(description, list):
        description = dict(enumerate(description))
    if not isinstance(description, dict):
        return []
    if UNDESCRIBED in description:
        return [f"{place}: {description[UNDESCRIBED]}"]
    return [
        found
        for name, item in description.items()
        for found in list_undescribed(item, f"{place}.{name}" if place else str(name))
    ]


def _name(code: Any) -> str:
    module = getattr(code, "__module__", None) or type(code).__module__  # older ufuncs have none
    return f"{module}.{getattr(code, '__qualname__', getattr(code, '__name__', code))}"


def hash_syntax(function: Callable) -> str:
    """Hash a function's own syntax, or its compiled code if there is no source."""
    text = find_syntax(function)
    return _hash((_list_code(function.__code__) if text is None else text).encode())


def _list_code(code: Any) -> str:
    constants = [
        _list_code(item) if inspect.iscode(item) else repr(describe(item))
        for item in code.co_consts
    ]
    return repr((code.co_code, code.co_names, constants))


def hash_data(data: Any) -> str:
    """Hash the content of an array, a table or a list of rows, regardless of the memory layout."""
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
