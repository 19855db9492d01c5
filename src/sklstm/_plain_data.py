"""Records in pickles: plain dictionaries of arrays, numbers and texts in place of our own classes.

A pickle names the module of each class in it. Plain data names none, so a file can still be read
after a private class was moved or renamed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, ClassVar, Union, get_args, get_origin, get_type_hints


class PickledAsPlainData:
    """Make an estimator's pickles independent of the classes of its records.

    Inherit from it before `BaseEstimator`, whose state it changes.
    """

    _records: ClassVar[Mapping[str, Any]] = {}  # the kind of each attribute that holds records

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()  # type: ignore[assignment]
        return {
            name: to_plain(value) if name in self._records else value
            for name, value in state.items()
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        records = self._records
        state = {
            name: from_plain(records[name], value) if name in records else value
            for name, value in state.items()
        }
        super().__setstate__(state)  # type: ignore[misc]


def to_plain(value: Any) -> Any:
    """Turn a record, or a list or tuple of records, into dictionaries by name of the field."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if _is_named_tuple(type(value)):
        return {name: to_plain(part) for name, part in value._asdict().items()}
    if type(value) in (list, tuple):
        return type(value)(map(to_plain, value))
    return value


def from_plain(kind: Any, plain: Any) -> Any:
    """Undo `to_plain` for a value of this kind; nested kinds are read from annotations."""
    origin, kinds = get_origin(kind), [each for each in get_args(kind) if each is not NoneType]
    if plain is None:
        return None
    if origin in (Union, UnionType) and len(kinds) == 1:
        return from_plain(kinds[0], plain)
    if origin in (list, tuple):
        return origin(from_plain(kinds[0], each) for each in plain)
    if isinstance(kind, type) and (is_dataclass(kind) or _is_named_tuple(kind)):
        hints = _read_hints(kind)
        return kind(**{name: from_plain(hints[name], value) for name, value in plain.items()})
    return plain


def _is_named_tuple(kind: type) -> bool:
    return issubclass(kind, tuple) and hasattr(kind, "_fields")


_read_hints = cache(get_type_hints)
