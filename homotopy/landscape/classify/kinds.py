"""The verdict on a stationary point, with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field

from homotopy.doors import doors
from homotopy.objectives.base import Vector

__all__ = ["Classification"]


@doors
@dataclass(frozen=True)
class Classification:
    """What a point is beyond its Hessian.

    Attributes
    ----------
    kind : str
        ``minimum``: no point near has a lower value; ``saddle``: some have, some have a higher one; ``maximum``: none
        has a higher one; ``not stationary``: the value falls at first order; ``escape``: a point on its way to
        infinity; ``undecided``: the verdict says why. "No point" is to rounding: as far as values can tell.
    verdict : str
        One sentence.
    order : int
        The order of the terms that decide: 1 where slopes at kinks do, 2 for the Hessian, 3 for x^3, 4 for x^4 and so
        on, estimated from values (above 4 only roughly); 0 of flat minima, and where nothing was decided.
    index : int
        Negative eigenvalues of the Hessian, at a kink of that inside the kink.
    n_zero : int
        Soft eigenvalues: too small, beside the largest, for the Hessian to decide; symmetries included.
    n_symmetric : int
        How many of them are directions of continuous symmetries.
    flat : int
        The dimension of the set of points of equal value through a minimum, symmetries included; 0 of a strict one.
    n_kinks : int
        Pairs of a hidden unit and a sample whose pre-activation is zero.
    lower : ndarray of shape (n,) or None
        Of a saddle a point near with a lower value, read-only.
    decrease : float
        By how much it is lower, in units of f.
    complete : bool
        Whether every case was looked at; False where some were only sampled.
    """

    kind: str
    verdict: str
    order: int = 0
    index: int = 0
    n_zero: int = 0
    n_symmetric: int = 0
    flat: int = 0
    n_kinks: int = 0
    lower: Vector | None = field(default=None, repr=False)
    decrease: float = 0.0
    complete: bool = True

    @property
    def strict(self) -> bool:
        """Whether it is a minimum with no other point of the same value near."""
        return self.kind == "minimum" and self.flat == 0

    def __str__(self) -> str:
        """Return the verdict."""
        return self.verdict
