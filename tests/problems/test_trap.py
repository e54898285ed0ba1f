"""The planar trap: its published point, what keeps it, what frees it, who meets it."""

import numpy as np
import pytest

from homotopy.problems import problem
from homotopy.problems.planar import TRAP_ANGLES, TRAP_MASSES, trap_point
from tests.problems.test_problems import minimize


@pytest.mark.parametrize("n", [3, 4, 5, 7])
def test_the_trap_is_kept_by_copies_of_its_third_unit_alone(n):
    def ends(split, seeds=range(3)):
        chosen = problem(f"trap:n={n},split={split}")
        return np.array([minimize(chosen.objective, chosen.start(np.random.default_rng(s))).fun for s in seeds])

    assert np.all(np.abs(ends(3) - 0.0042328) < 1e-7)
    for split in (1, 2):
        assert n == 3 or np.all(ends(split) < 1e-4)


def test_the_trap_in_norms_and_angles():
    risk, rows = problem("trap").objective, trap_point().reshape(3, 2)
    masses, angles = np.linalg.norm(rows, axis=1), np.arctan2(rows[:, 1], rows[:, 0])
    np.testing.assert_allclose(masses, TRAP_MASSES, rtol=1e-15)
    turns = np.column_stack([-rows[:, 1], rows[:, 0]])
    J = np.zeros((6, 6))
    for i in range(3):
        J[2 * i : 2 * i + 2, i], J[2 * i : 2 * i + 2, 3 + i] = rows[i] / masses[i], turns[i]
    assert np.abs(risk.grad(trap_point())).max() < 1e-15
    H = np.array([risk.hessp(trap_point(), v) for v in np.eye(6)])
    published = [0.0274, 0.262, 0.305, 0.578, 0.689, 1.119]
    np.testing.assert_allclose(np.linalg.eigvalsh(J.T @ H @ J), published, atol=6e-4)
    assert risk.value(trap_point()) == pytest.approx(0.0042328, abs=5e-8)
    np.testing.assert_allclose(np.mod(angles, 2 * np.pi), TRAP_ANGLES, rtol=1e-14)


def test_random_starts_meet_the_trap_where_the_student_is_narrow():
    def share(n, seeds=40):
        chosen = problem(f"trap:n={n},start=random")
        ends = [minimize(chosen.objective, chosen.start(np.random.default_rng(s))).fun for s in range(seeds)]
        return np.mean(np.abs(np.array(ends) - 0.0042328) < 1e-6)

    assert 0.2 < share(3) < 0.5
    assert share(6, 10) == 0
