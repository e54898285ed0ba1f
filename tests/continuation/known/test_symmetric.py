"""Bifurcations that a symmetry makes: Lorenz, two neurons, and the square whose second eigenvalue is double."""

import numpy as np
import pytest

import homotopy as hp
from homotopy.continuation import Explorer, GradientSystem, RootSystem, diagram


def lorenz(beta=8 / 3, sigma=10.0):
    """The steady states of Lorenz' equations over rho = t: 0, and for rho > 1 x = y = +-sqrt(beta (rho - 1))."""
    return RootSystem(
        lambda u, t: np.array([sigma * (u[1] - u[0]), u[0] * (t - u[2]) - u[1], u[0] * u[1] - beta * u[2]]),
        3,
        jacobian=lambda u, t: np.array([[-sigma, sigma, 0.0], [t - u[2], -1.0, -u[0]], [u[1], u[0], -beta]]),
        dt=lambda u, t: np.array([0.0, u[0], 0.0]),
    )


def test_the_pitchfork_of_lorenz():
    found = diagram(lorenz(), np.zeros(3), explorer=Explorer(bounds=(0.0, 20.0)))
    assert found.complete
    assert [event.point.t for event in found.branch_points] == pytest.approx([1.0], abs=1e-7)
    at = np.array(sorted(tuple(p.x) for p in found.at(20.0)))
    wing = np.sqrt(8 / 3 * 19)
    assert at == pytest.approx(np.array([[-wing, -wing, 19], [0, 0, 0], [wing, wing, 19]]), abs=1e-6)


def test_lorenz_from_a_wing_turns_at_the_pitchfork():
    """The two wings are one smooth curve, which turns back at rho = 1; rho = 0 cannot be reached along it."""
    wing = np.sqrt(8 / 3 * 9)
    path = hp.track(lorenz(), np.array([wing, wing, 9.0]), t0=10.0, target=0.0)
    crossed = [event for event in path.events if event.name == "BP"]
    assert not path.success or crossed


def test_two_neurons_that_excite_each_other():
    """x = t W tanh(x): with W's eigenvalues 1 and -1/2 zero is left at t = 1 along (1, 1), and once more at -2."""
    w = np.array([[0.25, 0.75], [0.75, 0.25]])
    family = RootSystem(
        lambda x, t: x - t * w @ np.tanh(x),
        2,
        jacobian=lambda x, t: np.eye(2) - t * w / np.cosh(x) ** 2,
        dt=lambda x, t: -w @ np.tanh(x),
    )
    found = diagram(family, np.zeros(2), explorer=Explorer(bounds=(-3.0, 3.0)))
    assert found.complete
    assert sorted(e.point.t for e in found.branch_points) == pytest.approx([-2.0, 1.0], abs=1e-7)
    for t, direction in ((3.0, (1, 1)), (-3.0, (1, -1))):
        # Along both directions the system is one equation, x = c tanh(x).
        c, x = abs(t) * (1.0 if t > 0 else 0.5), 2.0
        for _ in range(200):
            x = c * np.tanh(x)
        at = np.array(sorted(tuple(p.x) for p in found.at(t)))
        arm = x * np.array(direction)
        assert at == pytest.approx(np.array([-arm, 0 * arm, arm]), abs=1e-6)


def plate(n=7):
    """-Laplace u = t (u - u^3) on the square with n x n inner points, and the smallest eigenvalues."""
    h = 1.0 / (n + 1)
    line = (2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)) / h**2
    matrix = np.kron(line, np.eye(n)) + np.kron(np.eye(n), line)
    family = GradientSystem(
        lambda u, t: matrix @ u - t * (u - u**3),
        n * n,
        jacobian=lambda u, t: matrix - t * np.diag(1 - 3 * u**2),
        dt=lambda u, t: -(u - u**3),
    )
    return family, np.linalg.eigvalsh(matrix)[:4]


def test_the_double_eigenvalue_of_the_square():
    """Eight branches leave u = 0 where two modes become unstable at once: each mode, and their sum and difference."""
    family, values = plate()
    assert values[1] == pytest.approx(values[2], rel=1e-12)
    start, end = values[1] - 4.0, values[1] + 3.0
    path = hp.track(family, np.zeros(49), t0=start, target=end)
    assert path.success, path.message
    assert np.abs(path.x).max() < 1e-8
    found = diagram(family, np.zeros(49), start, explorer=Explorer(bounds=(start, end)))
    solutions = {tuple(np.round(p.x, 3) + 0.0) for p in found.at(end)}
    assert len(solutions) == 9 or not found.complete
    if found.branch_points:
        assert found.branch_points[0].point.t == pytest.approx(values[1], abs=1e-6)
    else:
        assert not found.complete
