"""The proximal homotopy: its path for a quadratic is known in closed form."""

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.homotopies import Proximal
from homotopy.objectives.functions import Quadratic, Rosenbrock


def test_path_of_a_quadratic_is_the_closed_form():
    A, b = np.diag([1.0, 4.0]), np.array([1.0, -2.0])
    path = Proximal(Quadratic(A, b), np.array([5.0, 5.0]), mu=2.0)
    origin = path.objective.grad(np.zeros(2))
    for t in (0.0, 0.3, 1.0):
        x = np.linalg.solve((1 - t) * 2.0 * np.eye(2) + t * A, (1 - t) * 2.0 * path.x0 - t * origin)
        np.testing.assert_allclose(path.grad(x, t), 0, atol=1e-12)


def test_what_is_not_allowed_is_named():
    with pytest.raises(ArgumentError, match="mu must be a positive number, not 0"):
        Proximal(Rosenbrock(), np.zeros(2), mu=0)
    with pytest.raises(ArgumentError, match=r"x0 has shape \(3,\)"):
        Proximal(Rosenbrock(), np.zeros(3))
    with pytest.raises(ArgumentError, match="not finite"):
        Proximal(Rosenbrock(), np.array([np.inf, 0.0]))
