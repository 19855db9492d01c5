"""Eigenvectors that do not depend on the number of threads, not even in their last bits.

LAPACK reduces a matrix to three diagonals with products of BLAS, whose order of summation depends
on the number of threads. Here the reduction is written out, and LAPACK does the rest with a method
that has no such products.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import LinAlgError, eigh_tridiagonal


def decompose(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the eigenvalues (n,) and eigenvectors (n, n), in columns, of a symmetric matrix."""
    if len(matrix) <= 1:
        return np.diagonal(matrix).copy(), np.eye(len(matrix))
    diagonal, beside, reflectors = _reduce(matrix.copy())
    values, vectors = _decompose_three_diagonals(diagonal, beside)
    for first in reversed(range(len(reflectors))):
        u = reflectors[first]
        below = vectors[first + 1 :]
        below -= np.multiply.outer(u, np.einsum("i,ij->j", 2 * u, below))
    return values, vectors


def _decompose_three_diagonals(
    diagonal: np.ndarray, beside: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    try:
        return eigh_tridiagonal(diagonal, beside, lapack_driver="stemr")
    except LinAlgError:  # it may fail on repeated eigenvalues, such as those of scaled columns
        return eigh_tridiagonal(diagonal, beside, lapack_driver="stev")


def _reduce(A: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Reduce to three diagonals by reflections I - 2 u u', u of length 1 or 0.

    Householder, "Unitary triangularization of a nonsymmetric matrix", 1958; in the form of Golub &
    Van Loan, "Matrix computations", section 8.3.
    """
    reflectors = []
    beside = np.zeros(len(A) - 1)
    for first in range(len(A) - 1):
        x, below = A[first + 1 :, first], A[first + 1 :, first + 1 :]
        size = np.abs(x).max()
        u = x / size if size > 0 else x.copy()
        norm = np.sqrt(np.sum(u * u))
        norm = -norm if u[0] > 0 else norm
        beside[first] = norm * size
        u[0] -= norm
        length = np.sqrt(np.sum(u * u))
        u = u / length if length > 0 else u
        p = np.einsum("ij,j->i", below, u)
        w = p - np.sum(p * u) * u
        below -= 2 * (np.multiply.outer(u, w) + np.multiply.outer(w, u))
        reflectors.append(u)
    return np.diagonal(A).copy(), beside, reflectors
