"""A free linear path beside the units that carries the linear part of the targets and is then taken away."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import generator
from homotopy.doors import door
from homotopy.homotopies.easy import solve_easy
from homotopy.homotopies.general.moving import Moving
from homotopy.homotopies.units.manysigns import SignSearches, search_many
from homotopy.homotopies.units.signs import SignSearch, search_signs
from homotopy.objectives.base import Seed, Vector
from homotopy.objectives.units.linearpath import LinearPath
from homotopy.streams import Draws

__all__ = ["Skip"]


@door
class Skip(Moving):
    r"""The true problem beside a free linear path whose weight goes from 1 to 0.

    Parameters
    ----------
    objective : Objective
        One that offers ``linear_path``: the population risk of relu units, or the loss on data of a net with one
        hidden layer, identity output and biases, whose activation has an affine odd part: relu, leaky relu, softplus,
        gelu.

    path : LinearPath or None
        The objective's linear path, where it is there already; see `on`.

    Raises
    ------
    ArgumentError
        If the objective is none of these.

    Notes
    -----
    At t = 0 a linear model a.x + b is added to the net. For the squared loss it is solved for exactly at every point
    (variable projection), so that the hidden units fit only what is left. With r the residual on N samples and Q an
    orthonormal basis of [X, 1],

    .. math:: H(x, t) = \frac{1}{2N} \left(|r|^2 - (1 - t^2) |Q^T r|^2\right),

    and for the population risk the Hermite parts of degree 0 and 1 have weight :math:`t^2`. With an l2 of the objective
    the regression has it too (Q is shrunk, `Affine.ridge`): a weight of the path costs what a weight of the net does.
    For the logistic and the softmax loss the path's k (d + 1) variables u follow the net's own x and are trained with
    them,

    .. math:: H(x, u, t) = \ell\big(z(x) + (1 - t) (A_u \tilde X + c_u)\big)
              + \frac{\lambda_2}{2} (|x|^2 + (1 - t) |u|^2),

    with centered inputs; `beside` makes such a point and `finish` leaves u out.

    Where act(z) - act(-z) = c z (c is 1 for relu, softplus and gelu, 1 + s for leaky relu of slope s), turning a
    unit's sign leaves H(., 0) as it is, but for what the path costs with an l2: all sign patterns are equal there,
    where at t = 1 most are traps. `signs` finds the flips that make the linear path vanish and `flip` makes them; after
    that H(., t) hardly depends on t.

    On data the path costs 4 N (d + 1) k flops of an evaluation, two products with [X, 1].

    `start` runs L-BFGS on H(., 0) from a random point and flips. H(., 0) is not convex in the weights of the units
    (it is in those of the linear path).
    """

    needs = ("linear_path",)

    def __init__(self, objective: Any, *, path: LinearPath | None = None) -> None:
        self.objective = self.accepted(objective)
        self._path: LinearPath = objective.linear_path() if path is None else path
        self._follow(self._path.deformed)
        self.trained = self._path.trained
        self.system_flops, self.flip_flops = self._path.system_flops, self._path.flip_flops
        self.outputs_flops = self._path.outputs_flops

    def on(self, objective: Any) -> Skip:
        """Return the homotopy of another net on the same samples, such as a wider one."""
        return Skip(objective, path=self._path.on(objective))

    def signs(self, x: Vector, *, rng: Seed = None, n_best: int = 3, n_restarts: int = 20) -> SignSearch:
        """Return the signs of the units that make the linear path smallest, best first (`search_signs`)."""
        A, b = self._path.system(x)
        return search_signs(A, b, rng=rng, n_best=n_best, n_restarts=n_restarts)

    def signs_of_many(
        self, X: NDArray[np.float64], *, draws: Draws | None = None, n_best: int = 3, n_restarts: int = 20
    ) -> SignSearches:
        """Return the signs of r points X, shape (r, n), as `signs` finds them, compiled (`search_many`)."""
        A, b = self._path.system(X)
        return search_many(A, b, draws=draws, n_best=n_best, n_restarts=n_restarts)

    def flip(self, x: Vector, signs: Vector) -> Vector:
        """Return x with the units of sign -1 turned round and, without l2, the output bias refitted.

        This, `close`, `outputs`, `beside` and `finish` take one point, shape (n,), or r points, shape (r, n).
        """
        return self._path.flip(x, signs)

    def close(self, x: Vector) -> Vector:
        """Return a flipped point without the rest of its linear path, before that path is dropped.

        Notes
        -----
        On a teacher every row takes the same step, which brings their sum to the teacher's, so that the part of degree
        one vanishes. On data x is returned as it is.
        """
        return self._path.close(x)

    def outputs(self, x: Vector) -> NDArray[np.float64] | None:
        """Return the outputs at t = 0, shape (..., N, k); None where the path has no variables of its own."""
        return self._path.outputs(x)

    def beside(self, net: Vector, outputs: NDArray[np.float64] | None = None) -> Vector:
        """Return the point of H with these weights of the net.

        Parameters
        ----------
        net : ndarray of shape (p,) or (r, p)
            A point of the true problem.
        outputs : ndarray of shape (N, k) or (r, N, k), or None
            What net and path should give at t = 0, in the least squares of the path; None: a path that is zero.
        """
        return self._path.beside(net, outputs)

    def enter(self, x: Vector, rng: Seed = None) -> Vector:
        """Return x, beside a path of zeros where it is trained."""
        del rng
        return np.concatenate([x, np.zeros(self.size - len(x))])

    def finish(self, x: Vector) -> Vector:
        """Return the net's own variables."""
        return self._path.finish(x)

    def start(self, rng: Seed = None) -> Vector:
        """Return a stationary point of H(., 0), reached by L-BFGS from x0 or from random units, with its signs chosen.

        Parameters
        ----------
        rng : Generator, int or None
            Draws the units and the restarts of the sign search.
        """
        rng = generator("rng", rng)
        x = solve_easy(self, self._path.draw(rng) if self.x0 is None else self.enter(self.x0))
        flipped = self.flip(x, self.signs(x, rng=rng, n_best=1).signs[0])
        # what the path costs depends on the signs where weights cost something
        return solve_easy(self, flipped) if getattr(self.objective, "l2", 0.0) else flipped
