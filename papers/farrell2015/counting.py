"""All roots of polynomial systems and stationary points of a net: Newton's method deflated, and from many starts."""

from __future__ import annotations

import itertools
import time
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

import homotopy as hp
from homotopy.continuation import DeflatedNewton, Deflation, RootSystem, find_solutions, symmetries_of

__all__ = ["NET", "POINTS", "STRATEGIES", "Chebyshev", "Net", "search"]

Vector = NDArray[np.float64]
NET = "xor:hidden=2,l2=0.01"
POINTS = 37
"""Stationary points of the net up to the symmetries of its units, as `critical_points` finds them."""
STRATEGIES: dict[str, tuple[float, float, float | None] | None] = {
    "newton from many starts": None,
    "deflated, tuned length": (2.0, 1.0, 0.0),
    "deflated, package's lengths": (2.0, 1.0, None),
}
"""Power, shift and length of the operator; length 0 stands for the system's own, None for the package's choice."""
SAME = 1e-5
"""Points that are nearer are one."""


class Chebyshev:
    """The system T_m(Q x) = 0 of d equations with a random rotation Q: all its m^d roots are known.

    Attributes
    ----------
    evaluations : int
        Evaluations of F; a Jacobian counts d.
    roots : ndarray of shape (m^d, d)
        All of them.
    length, max_step : float
        The length of the operator, and of the longest Newton step.
    symmetries : None
        There are none to take into account.
    """

    length, max_step = 0.3, np.inf
    symmetries = None

    def __init__(self, m: int, d: int) -> None:
        self.size, self.evaluations = d, 0
        self._c = np.eye(m + 1)[m]
        self._slope = chebyshev.chebder(self._c)
        self._q = np.linalg.qr(np.random.default_rng([m, d]).standard_normal((d, d)))[0]
        one = np.cos((2 * np.arange(m) + 1) * np.pi / (2 * m))
        self.roots = np.array(list(itertools.product(one, repeat=d))) @ self._q

    def value(self, x: Vector, _: float) -> Vector:
        """Return F(x)."""
        self.evaluations += 1
        return np.asarray(chebyshev.chebval(self._q @ x, self._c))

    def jacobian(self, x: Vector, _: float) -> Vector:
        """Return dF/dx."""
        self.evaluations += self.size
        return np.asarray(chebyshev.chebval(self._q @ x, self._slope)[:, None] * self._q)

    def start(self, rng: np.random.Generator) -> Vector:
        """Return a start, standard normal."""
        return rng.standard_normal(self.size)


class Net:
    """The gradient of the loss of a net on exclusive or with weight decay; the Jacobian is its Hessian.

    Attributes
    ----------
    evaluations : int
        Gradients; a Hessian counts two for each weight, as its products do everywhere in the package.
    length, max_step, scale : float
        The length of the operator, of the longest Newton step, and by how much starts are enlarged.
    symmetries : Symmetries
        Those of the hidden units.
    """

    length, max_step, scale = 0.1, 1.0, 3.0

    def __init__(self) -> None:
        self._problem = hp.problem(NET)
        self._f: Any = self._problem.objective
        self.size, self.evaluations = int(self._f.size), 0
        self.symmetries = symmetries_of(self._f)

    def value(self, x: Vector, _: float) -> Vector:
        """Return the gradient."""
        self.evaluations += 1
        return np.asarray(self._f.grad(x))

    def jacobian(self, x: Vector, _: float) -> Vector:
        """Return the Hessian."""
        self.evaluations += 2 * self.size
        return np.array([self._f.hessp(x, e) for e in np.eye(self.size)])

    def start(self, rng: np.random.Generator) -> Vector:
        """Return a start of the problem, three times as large, from which more kinds of points are met."""
        return np.asarray(self.scale * self._problem.start(rng))


def search(part: tuple[str, str, int, int]) -> dict[str, Any]:
    """Return how many different points a strategy had found at which cost.

    Parameters
    ----------
    part : (str, str, int, int)
        The system (``net``, or ``3^2``: T_3 in two variables), the strategy, the seed of the starts, and the most
        evaluations. Strategies begin at the same starts, one after the other.

    Returns
    -------
    dict
        ``cost`` and ``found`` after each start, ``seconds`` so far, ``wanted``, how many points there are, and, of a
        polynomial system, ``wrong``, how many of the points found are no root.
    """
    name, strategy, seed, budget = part
    system: Any = Net() if name == "net" else Chebyshev(*map(int, name.split("^")))
    wanted = POINTS if name == "net" else len(system.roots)
    roots = RootSystem(system.value, system.size, jacobian=system.jacobian)
    newton = DeflatedNewton(max_iter=25, max_step=system.max_step)
    operator = _operator(system, STRATEGIES[strategy])
    rng, begin = np.random.default_rng(seed), time.thread_time()
    log: dict[str, list[float]] = {"cost": [], "found": [], "seconds": []}
    while len(operator.known) < wanted and system.evaluations < budget:
        start = system.start(rng)
        if STRATEGIES[strategy] is None:
            x, status = newton.solve(roots, start, 1.0, Deflation())
            if status.name == "CONVERGED" and operator.distance(x) > SAME:
                operator.add(x)
        else:
            find_solutions(roots, [start], deflation=operator, newton=newton, restart=False, count=wanted)
        log["cost"].append(system.evaluations)
        log["found"].append(len(operator.known))
        log["seconds"].append(time.thread_time() - begin)
    return {**log, "wanted": wanted, "wrong": 0 if name == "net" else _wrong(system.roots, operator.known)}


def _operator(system: Any, settings: tuple[float, float, float | None] | None) -> Deflation:
    """Return the operator of a strategy; plain Newton uses it to tell points apart only."""
    power, shift, length = settings or (2.0, 1.0, None)
    return Deflation(
        power=power, shift=shift, length=system.length if length == 0.0 else length, symmetries=system.symmetries
    )


def _wrong(roots: Vector, found: list[Vector]) -> int:
    """Return how many of the points found are none of the roots, or one that was found already."""
    nearest = [int(np.argmin(np.linalg.norm(roots - x, axis=1))) for x in found]
    far = sum(float(np.linalg.norm(roots[k] - x)) > 1e-6 for k, x in zip(nearest, found, strict=True))
    return int(far + len(found) - len(set(nearest)))
