"""Deflation finds all solutions where their number is known, and no symmetric image twice."""

import numpy as np
import pytest
from scipy.optimize import minimize

from homotopy.continuation import (
    Deflated,
    DeflatedNewton,
    Deflation,
    GradientSystem,
    HiddenUnits,
    deflated_continuation,
    find_solutions,
    symmetries_of,
)
from homotopy.errors import ArgumentError, EvaluationError
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk
from homotopy.objectives.functions import Himmelblau


def chafee_infante(n=30):
    """-u'' = t (u - u^3) on (0, pi): exactly 2 k + 1 solutions for k^2 < t < (k + 1)^2 (Chafee and Infante 1974)."""
    q = ((n + 1) / np.pi) ** 2
    laplace = 2 * q * np.eye(n) - q * np.eye(n, k=1) - q * np.eye(n, k=-1)
    return GradientSystem(
        lambda u, t: laplace @ u - t * (u - u**3),
        n,
        jacobian=lambda u, t: laplace - t * np.diag(1 - 3 * u**2),
        dt=lambda u, t: -(u - u**3),
    )


@pytest.mark.parametrize("start", [(0.0, 0.0), (1.0, 1.0), (-1.0, 2.0)])
def test_all_nine_stationary_points_of_himmelblau_from_one_start(start):
    f = Himmelblau()
    found = find_solutions(f, [np.array(start)])
    assert len(found) == 9
    indices = [int((np.linalg.eigvalsh(np.array([f.hessp(x, e) for e in np.eye(2)])) < 0).sum()) for x in found]
    assert sorted(indices) == [0, 0, 0, 0, 1, 1, 1, 1, 2]
    assert all(np.linalg.norm(f.grad(x)) <= 1e-10 for x in found)
    distances = [np.linalg.norm(a - b) for k, a in enumerate(found) for b in found[:k]]
    assert min(distances) > 0.1


def test_all_seven_solutions_of_chafee_and_infante():
    grid = np.linspace(0, np.pi, 32)[1:-1]
    starts = [np.sin(k * grid) for k in (1, 2, 3)]  # the shapes of the branches: rounding decides nothing
    found = find_solutions(chafee_infante(), starts, t=12.0)
    assert len(found) == 7
    heights = sorted(round(float(np.abs(u).max()), 2) for u in found)
    assert heights == [0.0, 0.58, 0.58, 0.91, 0.91, 1.0, 1.0]
    assert len(find_solutions(chafee_infante(), [np.ones(30), grid], t=2.0)) == 3


def test_deflated_continuation_finds_branches_that_do_not_hang_together_with_the_start():
    # x^3 - x = 4 t - 2 has one solution outside the folds and three between them.
    family = GradientSystem(
        lambda x, t: x**3 - x - (4 * t - 2), 1, jacobian=lambda x, t: np.array([[3 * x[0] ** 2 - 1]])
    )
    table = deflated_continuation(family, [np.array([-1.5])], [0.0, 0.2, 0.5, 0.8, 1.0])
    assert [len(row) for row in table] == [1, 1, 3, 1, 1]
    for row, t in zip(table, [0.0, 0.2, 0.5, 0.8, 1.0], strict=True):
        for x in row:
            assert abs(x[0] ** 3 - x[0] - (4 * t - 2)) < 1e-9


def test_the_deflated_step_is_newtons_on_the_deflated_residual():
    f, deflation = Himmelblau(), Deflation([np.array([3.0, 2.0])], power=2.0, shift=1.0)
    x = np.array([1.0, 0.5])

    def residual(y):
        return deflation.value_and_slope(y)[0] * f.grad(y)

    h = 1e-6
    jacobian = np.array([(residual(x + h * e) - residual(x - h * e)) / (2 * h) for e in np.eye(2)]).T
    truth = np.linalg.solve(jacobian, -residual(x))
    moved, _ = DeflatedNewton(max_iter=0).solve(_still(f), x, 1.0, deflation)
    np.testing.assert_allclose(moved - x, truth, rtol=1e-6)


def _still(objective):
    from homotopy.continuation import Still

    return Still(objective)


@pytest.mark.parametrize("activation", ["tanh", "logistic"])
@pytest.mark.parametrize("sizes", [(2, 3, 1), (2, 3, 2, 1)])
def test_images_of_a_net_are_recognized(activation, sizes):
    model = MLP(sizes, activation)
    symmetries = HiddenUnits(model)
    assert symmetries.odd == (activation == "tanh")
    rng = np.random.default_rng(0)
    theta = rng.standard_normal(model.size)
    (w, b), (v, c), *rest = model.unpack(theta)
    order = np.array([2, 0, 1])
    signs = np.array([1.0, -1.0, -1.0]) if symmetries.odd else np.ones(3)
    image = model.pack([(signs[:, None] * w[order], signs * b[order]), (v[:, order] * signs, c), *rest])
    inputs = rng.standard_normal((5, 2))
    np.testing.assert_allclose(model.forward(image, inputs), model.forward(theta, inputs), atol=1e-12)
    np.testing.assert_allclose(symmetries.nearest(theta, image), theta, atol=1e-12)
    moved = symmetries.nearest(rng.standard_normal(model.size), theta)
    np.testing.assert_allclose(model.forward(moved, inputs), model.forward(theta, inputs), atol=1e-12)


def test_a_net_s_minima_are_found_once_each():
    x = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    y = np.array([-1.0, 1.0, 1.0, -1.0])
    risk = EmpiricalRisk(MLP((2, 2, 1), "tanh"), "squared", x, y, l2=1e-2)
    rng = np.random.default_rng(0)
    starts = [0.7 * rng.standard_normal(9) for _ in range(20)]  # 4 or more whatever the rounding, 2 from 6 starts
    found = find_solutions(risk, starts, newton=DeflatedNewton(max_step=1.0), max_solutions=12)
    symmetries = symmetries_of(risk)
    assert len(found) >= 3
    for k, a in enumerate(found):
        assert np.linalg.norm(risk.grad(a)) <= 1e-9
        for b in found[:k]:
            assert np.linalg.norm(a - symmetries.nearest(a, b)) > 1e-5


def test_descents_leave_known_minima():
    f = Himmelblau()
    known = np.array([3.0, 2.0])
    # With a lower bound below the minimum every known solution is kept away from, also a global one.
    away = Deflated(f, Deflation([known], shift=0.01), lower=-1.0)
    for angle in range(6):
        start = known + 0.3 * np.array([np.cos(angle), np.sin(angle)])
        x = minimize(away.value_and_grad, start, jac=True, method="L-BFGS-B").x
        polished = minimize(f.value_and_grad, x, jac=True, method="L-BFGS-B").x
        assert np.linalg.norm(polished - known) > 1.0
        assert f.value(polished) < 1e-8
    h, v = 1e-5, np.array([0.6, -0.8])
    np.testing.assert_allclose(
        away.grad(start) @ v, (away.value(start + h * v) - away.value(start - h * v)) / (2 * h), rtol=1e-6
    )
    np.testing.assert_allclose(
        away.hessp(start, v), (away.grad(start + h * v) - away.grad(start - h * v)) / (2 * h), rtol=1e-4
    )


def test_bad_deflation_is_refused():
    with pytest.raises(ArgumentError, match="power"):
        Deflation(power=0.0)
    with pytest.raises(EvaluationError, match="infinite"):
        Deflation([np.zeros(2)]).value_and_slope(np.zeros(2))
    assert symmetries_of(Himmelblau()) is None


class Foreign:
    """An objective on a net that somebody else wrote."""

    def __init__(self, model):
        self.model = model


class Recurrent:
    """A net whose hidden units act on themselves, too."""

    sizes, activation, size = (2, 3, 1), "tanh", 22

    def unpack(self, theta):
        return [
            (theta[:6].reshape(3, 2), theta[6:9]),
            (theta[9:18].reshape(3, 3), None),
            (theta[18:21][None], theta[21:]),
        ]

    def pack(self, layers):
        return np.concatenate([np.ravel(a) for layer in layers for a in layer if a is not None])


class Layered:
    """A net of dense layers that is no MLP."""

    def __init__(self, sizes, activation):
        self.inner = MLP(sizes, activation)
        self.sizes, self.activation, self.size = sizes, activation, self.inner.size
        self.unpack, self.pack = self.inner.unpack, self.inner.pack


def test_symmetries_are_those_that_a_net_offers():
    for model in (object(), Recurrent(), MLP((2, 1))):
        assert symmetries_of(Foreign(model)) is None
    for activation, odd in (("tanh", True), ("relu", False), ("leaky-relu:slope=1", True)):
        found = symmetries_of(Foreign(Layered((2, 3, 1), activation)))
        assert isinstance(found, HiddenUnits)
        assert found.odd == odd
        x, y = np.random.default_rng(0).standard_normal((2, 13))
        np.testing.assert_array_equal(found.nearest(x, y), HiddenUnits(MLP((2, 3, 1), activation)).nearest(x, y))


def test_symmetries_that_an_objective_states_are_taken():
    class Mirror:
        def nearest(self, x, known):
            return known if x @ known >= 0 else -known

    objective = Himmelblau()
    objective.symmetries = Mirror()
    assert symmetries_of(objective) is objective.symmetries
