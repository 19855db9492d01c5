"""Dimensions that are searched together, and the points of a space.

Users write a space as dimensions of scikit-optimize, as ranges, lists or scipy.stats distributions.
All of them are converted to new dimensions; the user's objects are never changed. A point is a
tuple of numbers, one per parameter in the order of their names. A category is coded by its position
in the list, because scikit-optimize puts categories into a NumPy array, which changes None, tuples
and mixed types.
"""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from numbers import Integral
from numbers import Real as RealNumber
from typing import Any

import numpy as np
from skopt.space import Categorical, Dimension, Integer, Real

from sklstm._search.values.description import describe

Point = tuple[float, ...]  # as coded by SearchSpace.encode
# scikit-optimize rounds from floats to int64: near 2**63 that wraps to negative numbers.
LARGEST_INTEGER = 2**62
LARGEST_LOG_INTEGER = 2**53  # beyond it, floats skip whole numbers, and logarithms lose the ends
AT_AN_END = 0.01  # of a range, from its end


@dataclass(frozen=True)
class SearchSpace:
    """Dimensions that are searched together, and the trials to spend on them."""

    dimensions: Mapping[str, Dimension]  # by parameter, sorted by name; copies of our own
    n_iter: int

    @property
    def size(self) -> int:
        """The number of points; a continuous range has as many values as there are floats in it."""
        return math.prod(_count_values(dimension) for dimension in self.dimensions.values())

    def encode(
        self, params: Mapping[str, Any], is_same: Callable[[Any, Any], bool] | None = None
    ) -> Point:
        """Convert parameters to a point; a ValueError names the first one outside the space.

        is_same(category, value): whether they are the same; by default ==.
        """
        unknown = [name for name in params if name not in self.dimensions]
        if unknown:
            raise ValueError(
                f"{unknown[0]!r} is not searched; the space has {list(self.dimensions)}."
            )
        missing = [name for name in self.dimensions if name not in params]
        if missing:
            raise ValueError(f"There is no value for {missing[0]!r}.")
        is_same = is_same or _is_same
        return tuple(_encode(dim, params[name], is_same) for name, dim in self.dimensions.items())

    def decode(self, point: Point) -> dict[str, Any]:
        """Convert a point to parameters in Python's own types."""
        return {
            name: dimension.categories[int(code)] if isinstance(dimension, Categorical) else code
            for (name, dimension), code in zip(self.dimensions.items(), point, strict=True)
        }

    def sample(self, rng: np.random.RandomState) -> Point:
        """Draw a point at random, each parameter by its own prior."""
        return tuple(_draw(dimension, rng) for dimension in self.dimensions.values())

    def list_points(self) -> Iterator[Point]:
        """List all points, one by one."""
        for number in range(self.size):  # not itertools.product, which holds all codes
            point = []
            for dimension in self.dimensions.values():
                number, position = divmod(number, _count_values(dimension))
                point.append(_find_code(dimension, position))
            yield tuple(point)

    def make_coded_dimensions(self) -> list[Dimension]:
        """Make new dimensions whose values are the codes, for scikit-optimize to rescale."""
        return [_make_coded(dimension) for dimension in self.dimensions.values()]


def read_search_spaces(search_spaces: dict | list, n_iter: int) -> list[SearchSpace]:
    """Read a space, or a list of spaces or pairs of a space and its n_iter."""
    entries = [search_spaces] if isinstance(search_spaces, dict) else search_spaces
    if not entries:
        raise ValueError("search_spaces is an empty list. Give at least one space.")
    return [_read_space(entry, n_iter) for entry in entries]


def _read_space(entry: Any, n_iter: int) -> SearchSpace:
    space, n_iter = entry if isinstance(entry, tuple) and len(entry) == 2 else (entry, n_iter)
    if not isinstance(space, dict):
        raise TypeError(
            "search_spaces must be a dict, or a list of dicts and (dict, n_iter) pairs; "
            f"got {entry!r}."
        )
    if not space:
        raise ValueError("search_spaces has an empty space. Name at least one parameter in it.")
    if not isinstance(n_iter, Integral) or isinstance(n_iter, bool) or n_iter < 1:
        raise ValueError(f"The n_iter of a space must be an integer of at least 1; got {n_iter!r}.")
    dimensions = {name: read_dimension(name, space[name]) for name in sorted(space)}
    return SearchSpace(dimensions, int(n_iter))


def read_dimension(name: str, spec: Any) -> Dimension:
    """Make a named dimension of our own from a user's dimension, range, list or distribution."""
    try:
        if isinstance(spec, Dimension):
            return _copy_dimension(name, spec)
        if isinstance(spec, tuple):
            return _read_range(name, *spec)
        if isinstance(spec, list | np.ndarray):
            return _make_categories(name, spec)
        if hasattr(spec, "dist"):  # as all frozen distributions of scipy.stats
            return _read_distribution(name, spec)
    except (TypeError, ValueError) as error:
        raise type(error)(f"search_spaces[{name!r}]={spec!r}: {error}") from error
    raise TypeError(
        f"search_spaces[{name!r}]={spec!r} is not a dimension. Use a dimension of skopt.space, "
        "(low, high), (low, high, prior), a list of categories or a distribution of scipy.stats."
    )


def _copy_dimension(name: str, dimension: Dimension) -> Dimension:
    if isinstance(dimension, Categorical):
        return _make_categories(name, dimension.categories, dimension.prior)
    make = _make_integer if isinstance(dimension, Integer) else _make_real
    return make(name, dimension.low, dimension.high, dimension.prior, dimension.base)


def _read_range(
    name: str, low: Any = None, high: Any = None, prior: Any = "uniform", *too_many: Any
) -> Dimension:
    if too_many or not (_is_number(low) and _is_number(high)):
        raise TypeError(
            "a tuple must be (low, high) or (low, high, prior). Use a list for categories."
        )
    is_whole = isinstance(low, Integral) and isinstance(high, Integral)
    return (_make_integer if is_whole else _make_real)(name, low, high, prior)


def _read_distribution(name: str, distribution: Any) -> Dimension:
    low, high = distribution.support()
    kind = distribution.dist.name
    if kind == "uniform":
        return _make_real(name, low, high, "uniform")
    if kind == "randint":
        return _make_integer(name, low, high, "uniform")
    # A shifted log-uniform distribution has its median elsewhere, and skopt cannot express it.
    if kind in ("loguniform", "reciprocal") and math.isclose(
        distribution.median(), math.sqrt(low * high)
    ):
        return _make_real(name, low, high, "log-uniform")
    raise TypeError(
        f"the distribution {kind!r} cannot be searched. Use uniform, randint, or loguniform with "
        "loc=0."
    )


def _make_real(name: str, low: Any, high: Any, prior: str, base: int = 10) -> Real:
    _check_bounds(low, high, prior)
    low, high = float(low), float(high)
    if not math.isfinite(high - low):
        raise ValueError(f"the bounds must differ by at most {sys.float_info.max:.2g}.")
    return Real(low, high, prior, base, name=name)


def _make_integer(name: str, low: Any, high: Any, prior: str, base: int = 10) -> Integer:
    _check_bounds(low, high, prior)
    if max(abs(int(low)), abs(int(high))) > LARGEST_INTEGER:
        raise ValueError(
            f"integer bounds must be between {-LARGEST_INTEGER} and {LARGEST_INTEGER}. Use floats, "
            "as in (1.0, 1e20), for larger ones."
        )
    if prior == "log-uniform" and int(high) > LARGEST_LOG_INTEGER:
        raise ValueError(
            "integer bounds of a log-uniform range must be between 1 and "
            f"{LARGEST_LOG_INTEGER}. Use floats, as in (1.0, 1e20), for larger ones."
        )
    return Integer(int(low), int(high), prior, base, name=name, dtype=int)


def _check_bounds(low: Any, high: Any, prior: str) -> None:
    # Not by math.isfinite, which raises OverflowError where an int is too large for a float.
    low, high = _to_python(low), _to_python(high)
    if not all(abs(bound) <= sys.float_info.max for bound in (low, high)):
        raise ValueError("both bounds must be finite floats, or integers that fit into a float.")
    if prior == "log-uniform" and low <= 0:
        raise ValueError("both bounds of a log-uniform range must be above 0.")
    if prior == "log-uniform" and float(low) * float(high) == 0:  # which scikit-optimize refuses
        raise ValueError("the product of the bounds of a log-uniform range must not round to 0.")


def _make_categories(name: str, values: Any, prior: Any = None) -> Categorical:
    categories = [_to_python(value) for value in values]
    if not categories:
        raise ValueError("the list of categories is empty.")
    # "identity", because the other transforms need categories that can be hashed.
    return Categorical(categories, prior, transform="identity", name=name)


def _is_number(value: Any) -> bool:
    return isinstance(value, RealNumber) and not isinstance(value, bool | np.bool_)


def _to_python(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _count_values(dimension: Dimension) -> int:
    if isinstance(dimension, Categorical):
        return len(dimension.categories)
    if isinstance(dimension, Integer):
        return dimension.high - dimension.low + 1
    return _number_float(dimension.high) - _number_float(dimension.low) + 1


def _find_code(dimension: Dimension, position: int) -> float:
    if isinstance(dimension, Categorical):
        return position
    if isinstance(dimension, Integer):
        return dimension.low + position
    return _find_float(_number_float(dimension.low) + position)


def _number_float(value: float) -> int:
    """Number the floats in their order; 0.0 has the number 0."""
    bits = int.from_bytes(struct.pack(">d", abs(value)))
    return bits if value >= 0 else -bits


def _find_float(number: int) -> float:
    """Undo `_number_float`."""
    (size,) = struct.unpack(">d", abs(number).to_bytes(8))
    return math.copysign(size, number)


def _encode(dimension: Dimension, value: Any, is_same: Callable[[Any, Any], bool]) -> float:
    value = _to_python(value)
    if isinstance(dimension, Categorical):
        for number, category in enumerate(dimension.categories):
            if is_same(category, value):
                return number
    elif _is_number(value) and dimension.low <= value <= dimension.high:
        if isinstance(dimension, Real):
            return float(value)
        if value == int(value):
            return int(value)
    raise ValueError(f"{dimension.name}={value!r} is outside {_describe(dimension)}.")


def _is_same(category: Any, value: Any) -> bool:
    """Compare as == does, but keep 1 and True apart, and compare arrays by their content."""
    if category is value:
        return True
    if isinstance(category, bool) != isinstance(value, bool):
        return False
    if not (hasattr(category, "shape") or hasattr(value, "shape")):
        try:
            return (category == value) is True
        except (TypeError, ValueError):
            pass  # arrays inside of lists or tuples
    return type(category) is type(value) and describe(category) == describe(value)


def describe_end(dimension: Dimension, value: Any) -> str | None:
    """Name the end of the range at which a value is; None inside, and for categories.

    A value is at an end if it is within 1 % of the range, on the logarithmic scale if the prior is
    log-uniform. One in fifty random values is.
    """
    if isinstance(dimension, Categorical):
        return None
    scale = math.log if dimension.prior == "log-uniform" else float
    low, high, place = (scale(each) for each in (dimension.low, dimension.high, value))
    margin = AT_AN_END * (high - low)
    for name, is_near in (("lower", place <= low + margin), ("upper", place >= high - margin)):
        if is_near:
            return f"the {name} end of {_describe(dimension)}"
    return None


def _describe(dimension: Dimension) -> str:
    if isinstance(dimension, Categorical):
        return f"the categories {list(dimension.categories)}"
    kind = "whole numbers" if isinstance(dimension, Integer) else "range"
    return f"the {kind} from {dimension.low} to {dimension.high}"


def _draw(dimension: Dimension, rng: np.random.RandomState) -> float:
    # Not with skopt's rvs, which rounds, so that the two ends of an Integer are half as frequent.
    if isinstance(dimension, Categorical):
        return int(rng.choice(len(dimension.categories), p=dimension.prior_))
    low, high = dimension.low, dimension.high
    is_log = dimension.prior == "log-uniform"
    if isinstance(dimension, Integer):
        if is_log:
            value = int(math.exp(rng.uniform(math.log(low), math.log(high + 1))))
            return min(max(value, low), high)
        return int(rng.randint(low, high + 1, dtype=np.int64))
    if is_log:
        return min(max(math.exp(rng.uniform(math.log(low), math.log(high))), low), high)
    return rng.uniform(low, high)


def _make_coded(dimension: Dimension) -> Dimension:
    name, prior = dimension.name, dimension.prior
    if isinstance(dimension, Categorical):
        return Categorical(range(len(dimension.categories)), prior, name=name)
    low, high, base = dimension.low, dimension.high, dimension.base
    if isinstance(dimension, Integer):
        return Integer(low, high, prior, base, transform="normalize", name=name, dtype=int)
    return Real(low, high, prior, base, transform="normalize", name=name)
