"""The linearized loss: convex, solved, refused where it cannot be."""

import numpy as np
import pytest
from scipy.optimize import minimize

from homotopy.errors import ArgumentError
from homotopy.homotopies import Linearized
from homotopy.homotopies.general.linearized import Surrogate
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk, TeacherStudent


def risk(loss="squared", sizes=(2, 3, 1), n=12, l2=0.0):
    rng = np.random.default_rng(0)
    y = rng.standard_normal((n, sizes[-1]))
    return EmpiricalRisk(
        MLP(sizes), loss, rng.standard_normal((n, sizes[0])), (y > 0) * 1.0 if loss == "logistic" else y, l2=l2
    )


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_start_is_the_minimum_that_scipy_finds(loss):
    objective = risk(loss)
    path = Linearized(objective, objective.model.init(1), ridge=1e-2)
    found = minimize(path.easy.value_and_grad, path.x0, jac=True, method="BFGS", options={"gtol": 1e-9})
    assert path.value(path.start(), 0.0) <= found.fun + 1e-12
    np.testing.assert_allclose(path.start(), found.x, atol=1e-4)


@pytest.mark.parametrize("loss", ["squared", "logistic", "softmax"])
def test_easy_problem_is_strictly_convex(loss):
    objective = risk() if loss == "squared" else risk(loss, (2, 3, 2)) if loss == "logistic" else None
    if objective is None:
        X = np.random.default_rng(0).standard_normal((9, 2))
        objective = EmpiricalRisk(MLP((2, 3, 3)), "softmax", X, np.arange(9) % 3)
    path = Linearized(objective, objective.model.init(4))
    rng = np.random.default_rng(7)
    for _ in range(5):
        x = 3 * rng.standard_normal(path.size)
        hessian = path.easy.hessian(x)
        columns = np.array([path.hessp(x, 0.0, unit) for unit in np.eye(path.size)])
        np.testing.assert_allclose(hessian, columns, atol=1e-12)
        assert np.linalg.eigvalsh(hessian)[0] >= 0.99 * path.ridge > 0


def test_a_model_without_hidden_layer_is_its_own_linearization():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((20, 3))
    objective = EmpiricalRisk(MLP((3, 1)), "squared", X, rng.standard_normal((20, 1)))
    path = Linearized(objective, objective.model.init(rng), ridge=0.0)
    x = rng.standard_normal(path.size)
    assert path.value(x, 0.0) == pytest.approx(objective.value(x), rel=1e-12)
    exact = np.linalg.lstsq(np.column_stack([X, np.ones(20)]), objective.y[:, 0], rcond=None)[0]
    np.testing.assert_allclose(path.start(), exact, atol=1e-10)


def test_what_is_not_allowed_is_named():
    objective = risk()
    x0 = objective.model.init(0)
    with pytest.raises(ArgumentError, match="ridge must be a number >= 0 or None, not -1"):
        Linearized(objective, x0, ridge=-1)
    with pytest.raises(ArgumentError, match="full column rank"):
        Linearized(objective, x0, ridge=0.0)
    with pytest.raises(ArgumentError, match=r"x0 has shape \(2,\)"):
        Linearized(objective, np.zeros(2))
    with pytest.raises(ArgumentError, match="not finite"):
        Linearized(objective, np.full(objective.size, np.nan))
    with pytest.raises(ArgumentError, match="no outputs on samples"):
        Linearized(TeacherStudent(2, 2), np.zeros(4))


class Bowl(Surrogate):
    """level + sum of bends x^2 / 2, whose line search alone is asked."""

    def __init__(self, bends, level=0.0):
        self.bends, self.level = bends, level

    def value_and_grad(self, x):
        return self.level + 0.5 * float(x @ (self.bends * x)), self.bends * x


@pytest.mark.parametrize("seed", range(6))
def test_a_step_is_halved_until_the_value_falls_enough(seed):
    """By Armijo's rule with 1e-4, or, of a whole step, where the gradient halves."""
    rng = np.random.default_rng(seed)
    lengths = [1.9997, 1.9999, *rng.uniform(0.0, 9.0, 40)]
    for length in (scale * factor for scale in (1.0, 2.0, 4.0) for factor in lengths):
        x, bends = rng.standard_normal(3), 10.0 ** rng.uniform(-3, 3) * rng.uniform(0.5, 2, 3)
        easy = Bowl(bends)
        value, grad = easy.value_and_grad(x)
        new, new_value, new_grad, moved = easy._line(x, value, grad, -length * x)
        # At (1 - s) x the value is (1 - s)^2 of what it was, and the slope there is -2 of it.
        shares = length * 0.5 ** np.arange(40)
        wanted = next(s for s in shares if (1 - s) ** 2 <= 1 - 2e-4 * s or (s == length and abs(1 - s) < 0.5))
        assert moved
        assert new == pytest.approx((1 - wanted) * x)
        assert new_value == easy.value_and_grad(new)[0]
        assert (new_grad == bends * new).all()
    # Where rounding hides how the value falls, the gradient tells it, of a whole step only.
    flat = Bowl(bends, level=1e30)
    value, grad = flat.value_and_grad(x)
    for length, moved in ((1.4, True), (0.6, True), (1.6, False), (0.4, False)):
        found = flat._line(x, np.nextafter(value, 0), grad, -length * x)
        assert found[3] == moved
        assert (found[0] == pytest.approx((1 - length) * x)) == moved
