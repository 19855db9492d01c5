"""Ridge regression: a linear forecast whose penalty is chosen by leave-one-out.

The rows of features are made block by block, so that they are never all in memory. Sums are NumPy's
own, not those of BLAS, whose order depends on the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sklstm._closed_form.eigen import decompose

PENALTIES = np.logspace(-3, 6, 19)
ROWS_AT_ONCE = 4096
LEAST_FREEDOM = 1e-9  # of a row that determines its own forecast alone

Block = tuple[np.ndarray, np.ndarray, np.ndarray]  # features (n, p), targets (n,), weights (n,)


@dataclass(frozen=True)
class Ridge:
    """A linear forecast: intercept + features @ coefficients."""

    intercept: float
    coefficients: np.ndarray  # (n_features,)
    penalty: float

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Predict from features (n, n_features); a row's bits do not depend on the other rows."""
        features = np.ascontiguousarray(features)  # sums go by the order in memory
        return self.intercept + np.einsum("ij,j->i", features, self.coefficients)


class RidgeFit(NamedTuple):
    """A ridge, and its leave-one-out residuals."""

    ridge: Ridge
    left_out: np.ndarray  # (n,), residuals of leave-one-out


def split_rows(features: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None):
    """Make blocks of rows that are in memory, in the form that `fit_ridge` expects."""
    weight = np.ones(len(y)) if weight is None else weight

    def make_blocks() -> Iterator[Block]:
        for first in range(0, len(y), ROWS_AT_ONCE):
            some = slice(first, first + ROWS_AT_ONCE)
            yield features[some], y[some], weight[some]

    return make_blocks


def fit_ridge(make_blocks: Callable[[], Iterator[Block]]) -> RidgeFit:
    """Fit a ridge to blocks of rows, which are made three times.

    The penalty minimises the weighted squared error of leave-one-out, which one fit of a linear
    model is enough to compute (Golub, Heath & Wahba, "Generalized cross-validation as a method for
    choosing a good ridge parameter", 1979). Features are divided by their standard deviation, so
    that one penalty suits all.
    """
    moments = _Moments(make_blocks)
    gram, cross = moments.sum_products(make_blocks)
    values, vectors = decompose(gram)
    values = np.maximum(values, 0.0)
    shrunk = 1 / (values[:, None] + PENALTIES)  # (p, n_penalties)
    along = np.einsum("ij,i->j", vectors, cross)
    coefficients = np.einsum("ij,jk->ik", vectors, along[:, None] * shrunk)
    errors, residuals = np.zeros(len(PENALTIES)), []
    for Z, y, weight in moments.standardise(make_blocks):
        left = y[:, None] - np.einsum("ij,jk->ik", Z, coefficients)
        rotated = np.einsum("ij,jk->ik", Z, vectors) ** 2
        leverage = weight[:, None] * (1 / moments.weight + np.einsum("ij,jk->ik", rotated, shrunk))
        left /= np.maximum(1 - leverage, LEAST_FREEDOM)
        errors += np.sum(weight[:, None] * left**2, axis=0)
        residuals.append(left)
    best = len(errors) - 1 - int(np.argmin(errors[::-1]))  # of equals, the largest penalty
    scaled = coefficients[:, best] / moments.deviation
    intercept = float(moments.y - np.sum(scaled * moments.features))
    left_out = np.concatenate([left[:, best] for left in residuals])
    return RidgeFit(Ridge(intercept, scaled, float(PENALTIES[best])), left_out)


class _Moments:
    """Compute weighted means and deviations of features and targets."""

    def __init__(self, make_blocks: Callable[[], Iterator[Block]]) -> None:
        self.weight, y = 0.0, 0.0
        features: Any = 0.0
        variance: Any = 0.0
        low, high = np.inf, -np.inf
        for Z, targets, weight in make_blocks():
            self.weight += weight.sum()
            features = features + np.sum(weight[:, None] * Z, axis=0)
            y += np.sum(weight * targets)
            low, high = min(low, targets.min()), max(high, targets.max())
        self.features = np.asarray(features / self.weight)
        self.y = low if low == high else y / self.weight
        for Z, _, weight in make_blocks():
            variance = variance + np.sum(weight[:, None] * (Z - self.features) ** 2, axis=0)
        self.deviation = np.sqrt(variance / self.weight)
        size = np.abs(self.features)
        is_constant = self.deviation <= 1e-9 * size
        self.deviation = np.where(is_constant | (self.deviation == 0), np.inf, self.deviation)

    def standardise(self, make_blocks: Callable[[], Iterator[Block]]) -> Iterator[Block]:
        for Z, y, weight in make_blocks():
            yield (Z - self.features) / self.deviation, y - self.y, weight

    def sum_products(self, make_blocks: Callable[[], Iterator[Block]]):
        gram, cross = 0.0, 0.0
        for Z, y, weight in self.standardise(make_blocks):
            weighted = weight[:, None] * Z
            gram = gram + np.einsum("ni,nj->ij", weighted, Z)
            cross = cross + np.einsum("ni,n->i", weighted, y)
        return gram, cross
