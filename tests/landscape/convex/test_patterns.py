"""Activation patterns against their number in general position, brute force and SciPy's linear programs."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from homotopy.errors import ArgumentError
from homotopy.landscape import activation_patterns
from homotopy.landscape.convex.patterns import most_patterns


def feasible(signs, X):
    """Whether some u has these signs strictly, by the linear program of the widest margin."""
    rows = signs[:, None] * X
    live = np.linalg.norm(X, axis=1) > 0
    A = np.column_stack([-rows[live], np.ones(live.sum())])
    bounds = [(-1, 1)] * X.shape[1] + [(None, 1)]
    found = linprog(np.append(np.zeros(X.shape[1]), -1.0), A_ub=A, b_ub=np.zeros(len(A)), bounds=bounds)
    return -found.fun > 1e-9


def by_programs(X):
    """All patterns, one linear program each."""
    live = np.linalg.norm(X, axis=1) > 0
    found = []
    for some in product((-1, 1), repeat=int(live.sum())):
        signs = np.zeros(len(X))
        signs[live] = some
        if feasible(signs, X):
            found.append(signs)
    return np.array(sorted(found, key=tuple))


@pytest.mark.parametrize(
    ("n", "r", "count"), [(10, 3, 92), (6, 2, 12), (9, 4, 186), (40, 2, 80), (3, 5, 8), (25, 3, 602)]
)
def test_the_number_in_general_position(n, r, count):
    X = np.random.default_rng(n * r).standard_normal((n, r))
    found = activation_patterns(X)
    assert len(found) == count == most_patterns(n, r)
    assert len(np.unique(found, axis=0)) == count


@pytest.mark.parametrize("seed", range(3))
def test_any_position(seed):
    """Repeated, opposite, coplanar and zero rows, and their images under changes of units."""
    rng = np.random.default_rng(seed)
    base = rng.integers(-1, 2, (5, 3)).astype(float)
    X = np.vstack([base, -2.0 * base[:1], base[1:2]])
    expected = by_programs(X)
    assert np.array_equal(activation_patterns(X), expected)
    units = X * np.array([1e-5, 1.0, 1e4]) * 10.0 ** rng.uniform(-3, 3, (len(X), 1))
    assert np.array_equal(activation_patterns(units), expected)


def test_a_grid_whose_decimals_are_rounded():
    whole = np.array([[i, j, 1.0] for i in range(4) for j in range(3)])
    tenths = np.array([[0.1 * i, 0.1 * j + 0.7, 1.0] for i in range(4) for j in range(3)])
    expected = activation_patterns(whole)
    assert np.array_equal(activation_patterns(tenths), expected)
    random = whole @ np.random.default_rng(0).standard_normal((3, 5000))
    assert {tuple(row) for row in np.sign(random).astype(int).T} <= {tuple(row) for row in expected.tolist()}


def test_what_is_not_allowed_is_named():
    with pytest.raises(ArgumentError, match="30 rows of rank 6, up to 293192 patterns; at most 20000"):
        activation_patterns(np.random.default_rng(0).standard_normal((30, 6)))
    assert activation_patterns(np.zeros((3, 2))).tolist() == [[0, 0, 0]]
