"""Data of the tasks in which a net must remember: drawn as they are defined, from a Generator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["BY_TASK", "Data", "Task"]

Array = NDArray[np.float64]
Data = tuple[Array, Array]
"""Inputs of shape (n, T, d) and targets of shape (n, k), of the last steps."""


@dataclass(frozen=True)
class Task:
    """A task of memory.

    Attributes
    ----------
    draw : callable
        ``draw(rng, n_steps, n)`` gives n sequences. Numbers of all sequences are drawn step by step.
    tells : callable
        ``tells(X)``: the steps that matter, shape (n, T); the others may be left out of a sequence.
    n_in, n_out : int
        Inputs and outputs of a step.
    held_out : int
        How many sequences are held out.
    """

    draw: Callable[[np.random.Generator, int, int], Data]
    tells: Callable[[Array], NDArray[np.bool_]]
    n_in: int
    n_out: int
    held_out: int


def _marked(values: Array, first: NDArray[np.int64], second: NDArray[np.int64]) -> Array:
    """Return the inputs of shape (n, T, 2) that are values and a mark at two steps of each sequence."""
    X = np.stack([values, np.zeros_like(values)], axis=2)
    rows = np.arange(len(values))
    X[rows, first, 1] = X[rows, second, 1] = 1.0
    return X


def _two_numbers(rng: np.random.Generator, n_steps: int, n: int) -> tuple[Array, Array, Array]:
    """Return inputs with two marked numbers of U(0, 1), one in each half, and these numbers."""
    values = rng.uniform(size=(n_steps, n)).T
    first, second = rng.integers(0, n_steps // 2, n), rng.integers(n_steps // 2, n_steps, n)
    rows = np.arange(n)
    return _marked(values, first, second), values[rows, first], values[rows, second]


def _sums(rng: np.random.Generator, n_steps: int, n: int) -> Data:
    X, one, other = _two_numbers(rng, n_steps, n)
    return X, (one + other)[:, None]


def _products(rng: np.random.Generator, n_steps: int, n: int) -> Data:
    X, one, other = _two_numbers(rng, n_steps, n)
    return X, (one * other)[:, None]


def _first_signs(rng: np.random.Generator, n_steps: int, n: int) -> Data:
    signs = rng.choice([-1.0, 1.0], n)
    X = 0.5 * rng.standard_normal((n_steps, n)).T
    X[:, 0] = signs
    return X[:, :, None], signs[:, None]


def _products_of_signs(rng: np.random.Generator, n_steps: int, n: int) -> Data:
    signs = rng.choice([-1.0, 1.0], (n_steps, n)).T
    first = rng.integers(0, n_steps // 2, n) if n_steps > 2 else np.zeros(n, dtype=np.int64)
    second = rng.integers(max(1, n_steps // 2), n_steps, n)
    rows = np.arange(n)
    return _marked(signs, first, second), (signs[rows, first] * signs[rows, second])[:, None]


def _two_signs(rng: np.random.Generator, n_steps: int, n: int) -> Data:
    noise = 0.5 * rng.standard_normal((n_steps, n)).T
    first = rng.integers(0, max(1, n_steps // 3), n)
    second = rng.integers(n_steps // 2, max(n_steps // 2 + 1, int(0.8 * n_steps)), n)
    signs = np.stack([rng.choice([-1.0, 1.0], n) for _ in range(2)], axis=1)
    X = np.stack([np.zeros_like(noise), noise], axis=2)
    rows = np.arange(n)
    X[rows, first, 0], X[rows, second, 0] = signs.T
    return X, signs


def _are_marked(X: Array) -> NDArray[np.bool_]:
    return np.asarray(X[:, :, 1] != 0.0)


def _are_symbols(X: Array) -> NDArray[np.bool_]:
    return np.asarray(X[:, :, 0] != 0.0)


def _are_first(X: Array) -> NDArray[np.bool_]:
    return np.broadcast_to(np.arange(X.shape[1]) == 0, X.shape[:2])


BY_TASK = {
    "adding": Task(_sums, _are_marked, 2, 1, 1024),
    "latch": Task(_first_signs, _are_first, 1, 1, 512),
    "multiplication": Task(_products, _are_marked, 2, 1, 1024),
    "order": Task(_two_signs, _are_symbols, 2, 2, 512),
    "temporal-xor": Task(_products_of_signs, _are_marked, 2, 1, 512),
}
"""Every task by the name of its problem."""
