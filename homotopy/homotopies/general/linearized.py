"""The loss of the model linearized at a start, a convex problem, deformed into the true loss."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from homotopy.arguments import number
from homotopy.doors import door
from homotopy.errors import ArgumentError, EvaluationError
from homotopy.homotopies.general.blend import Blend
from homotopy.objectives.base import FromValueAndGrad, Seed, Vector
from homotopy.objectives.family import around
from homotopy.objectives.flops import flops_of

__all__ = ["Linearized"]

MAX_ENTRIES = 50_000_000
"""The largest Jacobian that is stored, in entries: 400 MB."""
NEWTON_STEPS = 4
"""What the minimum usually takes."""


@door
class Linearized(Blend):
    r"""The loss of the model linearized at x0 blended into the true loss.

    Parameters
    ----------
    objective : Objective
        The true problem: outputs on n samples, and a loss that is convex in them.
    x0 : ndarray of shape (p,)
        Where the model is linearized.
    ridge : float or None
        Weight of the ridge around x0 in the easy problem, in units of the loss over units of x squared. None is 1e-3
        times the mean diagonal entry of the Gauss-Newton matrix of the squared loss at x0 (at least 1e-12). Zero
        is allowed only where the easy problem is strictly convex without it.

    Raises
    ------
    ArgumentError
        If the objective has no outputs, x0 or ridge is not allowed, or the Jacobian would need more than 50 million
        entries.

    Notes
    -----
    .. math:: H(x, t) = (1 - t) S(x) + t f(x), \quad
              S(x) = \ell(z_0 + J (x - x_0)) + \frac{\lambda_2}{2} |x|^2 + \frac{\rho}{2} |x - x_0|^2,

    with z_0 the outputs at x0, J their Jacobian there and l2 that of the risk. S is strictly convex. Its minimum is
    computed by Newton's method with step halving and Cholesky factorizations; for the squared loss that is a linear
    least-squares problem, solved in one step and refined. It is verified: `start` returns a point only if
    :math:`|\nabla S| \le 10^{-8} (1 + |\nabla S(x_0)|)`.

    Examples
    --------
    >>> from homotopy.models.mlp import MLP
    >>> from homotopy.objectives.risk import EmpiricalRisk
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((20, 2))
    >>> risk = EmpiricalRisk(MLP((2, 3, 1)), "squared", X, np.sin(X[:, :1]))
    >>> path = Linearized(risk, risk.model.init(rng))
    >>> bool(np.linalg.norm(path.grad(path.start(), 0.0)) < 1e-8)
    True
    """

    needs = ("outputs",)
    easy: Surrogate

    def __init__(self, objective: Any, x0: Vector, *, ridge: float | None = None) -> None:
        x0 = around(self.accepted(objective), x0)
        easy = Surrogate(objective, x0, ridge)
        super().__init__(easy, objective, x0=x0)
        self.ridge, self.easy = easy.ridge, easy

    @classmethod
    def setup_flops(cls, objective: Any) -> float:
        """Return the flops of the Jacobian, by as many products as it has columns or rows, and of some Newton steps."""
        outputs, p = int(np.size(objective.outputs.targets)), int(objective.size)
        step = 2.0 * outputs * p**2 + p**3 / 3.0
        return min(p, outputs) * flops_of(objective) + NEWTON_STEPS * step

    def start(self, rng: Seed = None) -> Vector:
        """Return the minimum of H(., 0) = S, computed and verified; `rng` is not used.

        Raises
        ------
        EvaluationError
            If the minimum could not be computed to the tolerance of Notes.
        """
        return self.easy.minimum()


class Surrogate(FromValueAndGrad):
    """The convex problem S of `Linearized`, an Objective."""

    def __init__(self, objective: Any, x0: Vector, ridge: float | None) -> None:
        self.size, self.x0 = int(objective.size), x0
        self.l2 = float(getattr(objective, "l2", 0.0))
        self._of = objective.outputs
        self.outputs = np.array(self._of.forward(x0))
        self.jacobian = _jacobian(self._of, x0)
        self.flops = 4.0 * self.jacobian.size
        self.ridge = self._checked(ridge)

    def _checked(self, ridge: float | None) -> float:
        """Return the ridge to use; raise if S would not be strictly convex."""
        if ridge is None:
            rows = self.jacobian.reshape(len(self.outputs), -1)
            counted = self._of.loss.counted(rows).reshape(self.jacobian.shape)
            mean = float(np.einsum("ij,ij->", self.jacobian, counted)) / (len(self.outputs) * self.size)
            return max(1e-3 * mean, 1e-12)
        ridge = number("ridge", ridge, "a number >= 0 or None", least=0, below=inf)
        if ridge == 0 and self.l2 == 0 and np.linalg.matrix_rank(self.jacobian) < self.size:
            raise ArgumentError("ridge is 0 and the Jacobian at x0 has not full column rank; a ridge > 0 is needed")
        return ridge

    def _outputs(self, d: Vector) -> NDArray[np.float64]:
        return np.asarray(self.outputs + (self.jacobian @ d).reshape(self.outputs.shape))

    def value_and_grad(self, x: Vector) -> tuple[float, Vector]:
        """Return S and its gradient at x, shape (p,)."""
        of, d = self._of, x - self.x0
        Z = self._outputs(d)
        value = of.loss.value(Z, of.targets) + 0.5 * self.l2 * float(x @ x) + 0.5 * self.ridge * float(d @ d)
        grad = self.jacobian.T @ of.loss.grad(Z, of.targets).ravel()
        return float(value), grad + self.l2 * x + self.ridge * d

    def hessp(self, x: Vector, v: Vector) -> Vector:
        """Return the Hessian at x times v."""
        along = (self.jacobian @ v).reshape(self.outputs.shape)
        bend = self._of.loss.hessp(self._outputs(x - self.x0), self._of.targets, along)
        return np.asarray(self.jacobian.T @ bend.ravel() + (self.l2 + self.ridge) * v)

    def hessian(self, x: Vector) -> NDArray[np.float64]:
        """Return the Hessian at x, shape (p, p)."""
        Z, shape = self._outputs(x - self.x0), self.outputs.shape
        J = self.jacobian.reshape(*shape, self.size)
        hessian = np.zeros((self.size, self.size))
        for k in range(shape[1]):
            unit = np.zeros(shape)
            unit[:, k] = 1.0
            bend = self._of.loss.hessp(Z, self._of.targets, unit)
            for m in range(shape[1]):
                hessian += J[:, m].T @ (bend[:, m, None] * J[:, k])
        hessian[np.diag_indices(self.size)] += self.l2 + self.ridge
        return hessian

    def minimum(self) -> Vector:
        """Return the minimum by Newton's method with step halving, verified (`Linearized.start`)."""
        x = self.x0.copy()
        value, grad = self.value_and_grad(x)
        limit = 1e-8 * (1.0 + float(np.linalg.norm(grad)))
        for _ in range(100):
            step = np.asarray(-cho_solve(cho_factor(self.hessian(x)), grad))
            x, value, grad, moved = self._line(x, value, grad, step)
            if not moved or np.linalg.norm(grad) <= 1e-3 * limit:
                break
        if not np.linalg.norm(grad) <= limit:
            raise EvaluationError(
                f"the minimum of the linearized problem was not reached: gradient norm {np.linalg.norm(grad):.2g}, "
                f"allowed {limit:.2g}"
            )
        return x

    def _line(self, x: Vector, value: float, grad: Vector, step: Vector) -> tuple[Vector, float, Vector, bool]:
        """Return the point along a Newton step where S falls enough, halving the step up to 40 times."""
        slope = float(grad @ step)
        scale = 1.0
        for _ in range(40):
            new = x + scale * step
            new_value, new_grad = self.value_and_grad(new)
            fell = new_value <= value + 1e-4 * scale * slope
            if fell or (scale == 1.0 and np.linalg.norm(new_grad) < 0.5 * np.linalg.norm(grad)):
                return new, new_value, new_grad, True
            scale *= 0.5
        return x, value, grad, False


def _jacobian(outputs: Any, x0: Vector) -> NDArray[np.float64]:
    """Return the Jacobian of all outputs at x0, shape (n * k, p), by whichever products are fewer."""
    (n, k), p = np.shape(outputs.targets), x0.size
    if n * k * p > MAX_ENTRIES:
        raise ArgumentError(
            f"the Jacobian of {n} samples x {k} outputs by {p} parameters has {n * k * p} entries; "
            f"Linearized allows {MAX_ENTRIES}"
        )
    if p <= n * k:
        J = np.empty((n * k, p))
        for j, unit in enumerate(np.eye(p)):
            J[:, j] = np.asarray(outputs.jvp(x0, unit)).ravel()
        return J
    return np.array([outputs.vjp(x0, row.reshape(n, k)) for row in np.eye(n * k)])
