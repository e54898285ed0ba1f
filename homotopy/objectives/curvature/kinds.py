"""The verdict: a minimum, a saddle, a maximum, or a point whose Hessian does not say."""

from __future__ import annotations

from dataclasses import dataclass, field

from homotopy.objectives.base import Vector
from homotopy.status import Counts

__all__ = ["Curvature"]


@dataclass(frozen=True)
class Curvature:
    """What the Hessian says of a stationary point.

    Attributes
    ----------
    kind : str
        ``minimum``: all eigenvalues are positive; ``degenerate``: none is negative, some are zero to rounding;
        ``saddle``: some are negative; ``maximum``: all are; ``unknown``: see `why`.
    index : int
        How many negative eigenvalues were found: all of them where `exact`, else at least so many there are.
    lowest : float
        The lowest eigenvalue, or the lowest Ritz value, in units of f over units of x squared; NaN where unknown.
    direction : ndarray of shape (n,) or None
        A unit vector along which the curvature is `lowest`, read-only; of saddles, maxima and degenerate points, else
        None.
    counts : Counts
        What it took; a dense Hessian is n products.
    largest : float
        The largest eigenvalue in size.
    exact : bool
        Whether the index comes from the whole spectrum, and not from Lanczos's method.
    why : str
        For ``unknown``, the reason.

    Examples
    --------
    >>> import numpy as np
    >>> from homotopy.objectives.curvature import curvature_at
    >>> from homotopy.objectives.functions import Rosenbrock
    >>> print(curvature_at(Rosenbrock(), np.ones(2)))
    a minimum
    """

    kind: str
    index: int = 0
    lowest: float = float("nan")
    direction: Vector | None = field(default=None, repr=False)
    counts: Counts = field(default_factory=Counts)
    largest: float = float("nan")
    exact: bool = False
    why: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing says that the point is no minimum: no eigenvalue is clearly negative."""
        return self.kind not in ("saddle", "maximum")

    def __str__(self) -> str:
        """Return the verdict in words."""
        if self.kind == "saddle":
            return f"a saddle of index {'' if self.exact else 'at least '}{self.index}"
        if self.kind == "degenerate":
            share = abs(self.lowest) / self.largest if self.largest > 0 else 0.0
            return f"a degenerate point: lowest eigenvalue {share:.1g} of the largest"
        return f"unknown: {self.why}" if self.kind == "unknown" else f"a {self.kind}"
