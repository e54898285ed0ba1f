"""What students of a teacher have in common that differ by an order of units and of the teacher's coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import eigvalsh

from homotopy.arguments import shown
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.landscape.symmetry.group.asked import point, require_layout
from homotopy.landscape.symmetry.group.layout import Array
from homotopy.threads import one_blas_thread

__all__ = ["family_key"]


@door
@one_blas_thread
def family_key(risk: Any, x: Any) -> Array:
    r"""Return numbers that all points of a family share: student units in any order, teacher units in any order.

    Parameters
    ----------
    risk : TeacherStudent
        The risk of a student of n units against a teacher of k in d dimensions.
    x : array_like of shape (n d,)
        The student's rows W.

    Returns
    -------
    ndarray of shape (1 + 2 n + n k,)
        The risk; the norms |w_i| in ascending order; the eigenvalues of :math:`W W^T` in ascending order; the overlaps
        :math:`w_i \cdot v_j` with the teacher's rows in ascending order. Keys of one family are equal to rounding
        (``np.allclose``), which also rotations of the coordinates that permute the teacher's rows do not change.
        Different families may have equal keys, though these are rarely found.

    Raises
    ------
    ArgumentError
        If the risk is none of a student and a teacher, or `x` has another shape.

    Examples
    --------
    >>> import homotopy as hp
    >>> risk = hp.TeacherStudent(2, 2)
    >>> family_key(risk, [0.0, 2.0, 1.0, 0.0]).round(6)
    array([0.25, 1.  , 2.  , 1.  , 4.  , 0.  , 0.  , 1.  , 2.  ])
    """
    if getattr(risk, "teacher", None) is None or not hasattr(risk, "rows"):
        raise ArgumentError(f"risk is {shown(risk)}; it must be a TeacherStudent")
    at = point("x", x, require_layout(risk))
    W = risk.rows(at)
    parts = (
        [float(risk.value(at))],
        np.sort(np.linalg.norm(W, axis=1)),
        eigvalsh(W @ W.T),
        np.sort((W @ np.asarray(risk.teacher).T).ravel()),
    )
    return np.concatenate(parts)
