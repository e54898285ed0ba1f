"""Global Newton and fixed-point homotopies, whose easy problem is solved by the start itself."""

from __future__ import annotations

import numpy as np

from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.homotopies.general.proximal import Proximal
from homotopy.objectives.base import Objective, Seed, Vector
from homotopy.objectives.family import Homotopy, around
from homotopy.objectives.function import checked

__all__ = ["FixedPoint", "Newton"]


@door
class Newton(Homotopy):
    r"""The gradient at x0 taken away little by little.

    Parameters
    ----------
    objective : Objective
        The true problem f.
    x0 : ndarray of shape (n,)
        Any point; it is stationary at t = 0.

    Raises
    ------
    ArgumentError
        If x0 is no finite vector of the objective's size, or the gradient there is not finite.

    Notes
    -----
    .. math:: H(x, t) = f(x) - (1 - t) \nabla f(x_0) \cdot x, \qquad
              \nabla H(x, t) = \nabla f(x) - (1 - t) \nabla f(x_0)

    With small steps the path is that of the damped Newton method. x0 need not be a minimum of H(., 0).

    References
    ----------
    E. L. Allgower and K. Georg, Numerical Continuation Methods (1990), section 1.2: the global homotopy.
    """

    def __init__(self, objective: Objective, x0: Vector) -> None:
        objective = checked(objective)
        x0 = around(objective, x0)
        self.objective, self.size, self.x0 = objective, objective.size, x0
        self.slope = objective.grad(x0)
        if not np.isfinite(self.slope).all():
            raise ArgumentError("the gradient at x0 is not finite")

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H(x, t) and its gradient in x, shape (n,)."""
        f, g = self.objective.value_and_grad(x)
        return f - (1.0 - t) * float(self.slope @ x), g - (1.0 - t) * self.slope

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian of f at x times v, shape (n,)."""
        return self.objective.hessp(x, v)

    def dt(self, x: Vector, t: float) -> float:
        """Return the partial derivative in t."""
        return float(self.slope @ x)

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the gradient at x0, shape (n,)."""
        return self.slope.copy()

    def start(self, rng: Seed = None) -> Vector:
        """Return x0; `rng` is not used."""
        return self.x0.copy()


@door
class FixedPoint(Proximal):
    """`Proximal` with curvature one: the fixed-point map (1 - t) (x - x0) + t grad f(x) of HOMPACK.

    Parameters
    ----------
    objective : Objective
        The true problem.
    x0 : ndarray of shape (n,)
        Any point.
    """

    def __init__(self, objective: Objective, x0: Vector) -> None:
        super().__init__(objective, x0, mu=1.0)
