"""A function of the coordinates of one block, the others at rest."""

from __future__ import annotations

from dataclasses import dataclass

from homotopy.landscape.critical.moving.surface import Array, Surface
from homotopy.objectives.base import FromValueAndGrad, Vector

__all__ = ["Block"]


@dataclass(eq=False)
class Block(FromValueAndGrad):
    """f(origin + basis y) as an Objective of y.

    Parameters
    ----------
    surface : Surface
        f.
    origin : ndarray of shape (n,)
        Where y is zero.
    basis : ndarray of shape (n, m)
        The columns of the block.
    """

    surface: Surface
    origin: Array
    basis: Array

    @property
    def size(self) -> int:
        """The number m of coordinates."""
        return int(self.basis.shape[1])

    def value_and_grad(self, x: Vector) -> tuple[float, Vector]:
        """Return the value and the gradient at y."""
        values, G = self.value_and_grad_many(x[None])
        return float(values[0]), G[0]

    def value_and_grad_many(self, X: Array) -> tuple[Array, Array]:
        """Return values and gradients at the rows of X."""
        values, G = self.surface.grads(self.origin + X @ self.basis.T)
        return values, G @ self.basis

    def hessian(self, x: Vector) -> Array:
        """Return the Hessian at y, shape (m, m)."""
        H: Array = self.basis.T @ self.surface.along(self.origin + self.basis @ x, self.basis)
        return H

    def hessp(self, x: Vector, v: Vector) -> Vector:
        """Return the Hessian at y times v."""
        found: Vector = self.hessian(x) @ v
        return found
