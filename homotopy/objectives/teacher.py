"""The Safran-Shamir teacher-student risk: relu units, Gaussian inputs, every expectation in closed form."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from homotopy._core.teacher import Risk, RiskPath, merge_costs
from homotopy.arguments import integer, number, numbers, shown
from homotopy.doors import doors
from homotopy.errors import ArgumentError
from homotopy.objectives.base import Vector
from homotopy.objectives.units.linearpath import Population
from homotopy.objectives.units.onteacher import TeacherUnits
from homotopy.streams import Draws

__all__ = ["TeacherPath", "TeacherStudent", "merge_costs"]


@doors
class TeacherStudent(Risk):
    r"""Population risk of a student of n relu units against a teacher of k, the second layers fixed to one.

    Parameters
    ----------
    k : int
        Teacher units, at least 1.
    n : int
        Student units, at least 1.
    d : int or None
        Input dimension; by default k, or that of `teacher`.
    teacher : array_like of shape (k, d) or None
        The teacher's rows; by default the first k unit vectors, for which d >= k.

    Attributes
    ----------
    size : int
        The number n d of variables: the student's rows, one after the other.
    teacher : ndarray of shape (k, d)
        The teacher's rows, read-only.

    Raises
    ------
    ArgumentError
        If a number is not a positive integer, `teacher` has another shape than (k, d) or holds a value that is not
        finite, or d < k without a teacher. Evaluations raise it for an argument that is not a C-contiguous float64
        vector of n d values.

    Notes
    -----
    With x standard normal in d dimensions,

    .. math:: F(W) = \tfrac12 E\Big[\sum_{i=1}^n (w_i^T x)_+ - \sum_{j=1}^k (v_j^T x)_+\Big]^2
              = \tfrac12 \sum_{i,l} K(w_i, w_l) - \sum_{i,j} K(w_i, v_j) + \tfrac12 \sum_{j,l} K(v_j, v_l),

    .. math:: K(w, v) = \frac{|w| |v|}{2 \pi} (\sin a + (\pi - a) \cos a),

    a the angle between w and v. Its global minimum is 0 for n >= k. F is a sum of terms of size up to
    n k that cancel at the minimum, so that values below about 1e-14 n k are rounding. Angles of nearly parallel rows
    are computed from differences of unit vectors, so gradients stay accurate at the minimum. At a zero row, where the
    norm is not differentiable, the derivatives are those of the terms without it. The objective is safe to evaluate
    from several threads; the GIL is released. ``value_and_grad_many(X)``, X of shape (r, n d), returns r values and
    gradients of shape (r, n d), up to eight points at once, and ``hessp_many(X, V)`` products of shape (r, n d): bit
    for bit those of the points alone.

    References
    ----------
    I. Safran and O. Shamir, Spurious local minima are common in two-layer ReLU neural networks, ICML 2018 (PMLR 80).

    Examples
    --------
    >>> import numpy as np
    >>> risk = TeacherStudent(3, 3)
    >>> abs(risk.value(np.eye(3)[[1, 0, 2]].ravel())) < 1e-14
    True
    """

    def __init__(self, k: int, n: int, d: int | None = None, teacher: ArrayLike | None = None) -> None:
        self.k, self.n = integer("k", k), integer("n", n)
        self.teacher = _rows(self.k, d, teacher)
        self.d = int(self.teacher.shape[1])
        super().__init__(self.teacher, self.n)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.k, self.n, self.d, self.teacher)

    def rows(self, x: Vector) -> NDArray[np.float64]:
        """Return the student's rows, a view of x of shape (n, d).

        Raises
        ------
        ArgumentError
            If x has another size.
        """
        if x.size != self.size:
            raise ArgumentError(f"x has shape {x.shape}; the objective needs {(self.size,)}")
        return x.reshape(self.n, self.d)

    @property
    def flops(self) -> float:
        """Floating-point operations of one gradient: (n^2 + n k) pairs of rows, each an angle and three axpys."""
        return float((self.n * self.n + self.n * self.k) * (6 * self.d + 40))

    @property
    def safe_step(self) -> float:
        """The step of gradient descent 5 / max(k, n), published for n = k (Safran, Yehudai and Shamir, COLT 2021)."""
        return 5.0 / max(self.k, self.n)

    at_least = 0.0

    @property
    def rounding(self) -> float:
        """How far below `at_least` a value may come by the rounding of terms that cancel, on the scale of the rows."""
        size = float(np.square(self.teacher).sum(axis=1).max())
        return 1e-14 * self.k * max(self.n, self.k) * size

    def lacks(self, facet: str) -> str | None:
        """Return why the risk does not offer a facet, or None (`homotopy.objectives.facets`)."""
        if facet == "deformed":
            return "a TeacherStudent has no net whose targets, weights or activation could move"
        return None

    def draw(self, rng: np.random.Generator | Draws) -> Vector:
        """Return rows of N(0, I/d), shape (n d,); of a `homotopy.streams.Draws` those of each of its runs."""
        return np.asarray(rng.standard_normal((self.size,)) / np.sqrt(self.d))

    def wider(self, extra: int) -> TeacherStudent:
        """Return the risk of a student with `extra` units more."""
        return TeacherStudent(self.k, self.n + extra, self.d, teacher=self.teacher) if extra else self

    def units(self) -> TeacherUnits:
        """Return the student's units."""
        return TeacherUnits(self)

    def linear_path(self) -> Population:
        """Return the linear path beside which units can be turned round."""
        return Population(self)

    def deformed(self) -> TeacherPath:
        r"""Return the risk whose parts of Hermite degree zero and one are weighted by t^2.

        Notes
        -----
        The residual's part of degree zero is (sum |w_i| - sum |v_j|) / sqrt(2 pi), that of degree one is
        x . (sum w_i - sum v_j) / 2, so that

        .. math:: H(W, t) = F(W) + (t^2 - 1) \Big[\frac{1}{4 \pi} \big(\sum_i |w_i| - \sum_j |v_j|\big)^2
                  + \frac18 \big|\sum_i w_i - \sum_j v_j\big|^2\Big].

        H(., 0) is the risk of a student with a free linear skip a.x + b at its optimum; H(., 1) = F.
        """
        return TeacherPath(self, "hermite")

    def smoothed(self, width: float = 1.0) -> TeacherPath:
        r"""Return the risk of a student whose relu is smoothed by a Gaussian of standard deviation width (1 - t).

        Parameters
        ----------
        width : float
            The standard deviation at t = 0, in units of a pre-activation; positive.

        Raises
        ------
        ArgumentError
            If `width` is not positive and finite.

        Notes
        -----
        The smoothed relu is E[(z + s e)_+] = z Phi(z/s) + s phi(z/s), e standard normal and s = width (1 - t).
        Its risk is F with |w_i| replaced by sqrt(\|w_i\|^2 + s^2) and w_i . w_l left as it is, the pair i = l included.
        The noise is on pre-activations. Noise of deviation s / sqrt(d) on every weight is the same but for the
        fluctuation of \|x\|^2 about d, and has no closed form.
        """
        return TeacherPath(self, "smoothed", number("width", width, "a positive number", above=0, below=inf))


class TeacherPath(RiskPath):
    """A deformation of a `TeacherStudent` risk with t from 0 to 1; H(., 1) is the risk itself.

    Made by `TeacherStudent.deformed` and `TeacherStudent.smoothed`.
    """

    def __init__(self, objective: TeacherStudent, kind: str, smoothing: float = 0.0) -> None:
        super().__init__(objective.teacher, objective.n, kind, smoothing)
        self.objective, self._made = objective, (kind, smoothing)
        self.flops = objective.flops

    def __reduce__(self) -> tuple[Any, ...]:
        return TeacherPath, (self.objective, *self._made)


def _rows(k: int, d: int | None, teacher: ArrayLike | None) -> NDArray[np.float64]:
    """Return the teacher's rows, checked and read-only."""
    if teacher is None:
        d = k if d is None else integer("d", d)
        if d < k:
            raise ArgumentError(f"d must be at least k = {k} for the default teacher of unit vectors, not {d}")
        rows = np.eye(k, d)
    else:
        rows = numbers("teacher", teacher)
        shape = (k, rows.shape[-1] if d is None and rows.ndim else d)
        if rows.shape != shape or rows.size == 0:
            raise ArgumentError(f"teacher must have shape {shown(shape)}, not {rows.shape}")
        if not np.isfinite(rows).all():
            raise ArgumentError("teacher must hold finite numbers only")
    rows.setflags(write=False)
    return rows
