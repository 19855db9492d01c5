"""Eigenvectors, with the same bits on any number of threads."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from sklstm._closed_form.eigen import decompose


def draw_matrix(n, rank, seed, size=1.0):
    factors = size * np.random.default_rng(seed).normal(size=(n, rank))
    return factors @ factors.T


@given(
    n=st.integers(1, 12),
    rank=st.integers(0, 12),
    seed=st.integers(0, 100),
    size=st.sampled_from([1.0, 1e-90, 1e90]),
)
def test_they_make_the_matrix_again(n, rank, seed, size):
    """Oracle: the definition, and NumPy's eigenvalues."""
    matrix = draw_matrix(n, rank, seed, size)
    before = matrix.copy()
    values, vectors = decompose(matrix)
    np.testing.assert_array_equal(matrix, before)
    scale = np.abs(matrix).max()
    np.testing.assert_allclose((vectors * values) @ vectors.T, matrix, atol=1e-13 * scale)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(n), atol=1e-13)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(matrix), atol=1e-13 * scale)


@pytest.mark.parametrize("n", [33, 100, 200])
def test_they_have_the_same_bits_on_any_number_of_threads(n):
    """Oracle: one thread. NumPy's own differ on two from 100 rows on."""
    matrix = draw_matrix(n, 500, seed=n)
    with threadpool_limits(1, user_api="blas"):
        expected = decompose(matrix)
    for n_threads in (2, 4):
        with threadpool_limits(n_threads, user_api="blas"):
            actual = decompose(matrix)
        np.testing.assert_array_equal(actual[0], expected[0])
        np.testing.assert_array_equal(actual[1], expected[1])


def test_repeated_eigenvalues_on_which_lapacks_fastest_method_fails():
    """Oracle: the matrix itself; LAPACK's stemr does not converge on it (info=22)."""
    diagonal = [5544.0, 5550.608926015205, 9805.43673746815, 1275.954336516676, 5544.0, 5544.0]
    beside = [-4727.619483672513, 175.6679, 1319.42487, 3.086e-11, -2.4964688e-12]
    matrix = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
    values, vectors = decompose(matrix)
    np.testing.assert_allclose((vectors * values) @ vectors.T, matrix, atol=1e-9)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(6), atol=1e-12)


@given(eigenvalues=st.lists(st.integers(1, 3), min_size=2, max_size=10), seed=st.integers(0, 100))
def test_repeated_eigenvalues_are_found(eigenvalues, seed):
    """Oracle: the eigenvalues that the matrix was made of."""
    n = len(eigenvalues)
    axes, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(n, n)))
    matrix = (axes * eigenvalues) @ axes.T
    values, vectors = decompose((matrix + matrix.T) / 2)
    np.testing.assert_allclose(values, sorted(eigenvalues), atol=1e-13)
    np.testing.assert_allclose((vectors * values) @ vectors.T, matrix, atol=1e-13)
