"""A homotopy from plain functions of x and t."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from homotopy.arguments import function, shown, vector
from homotopy.errors import ArgumentError
from homotopy.homotopies.systems.roots import GradientSystem, RootSystem
from homotopy.objectives.base import Vector

__all__ = ["homotopy_from"]


def _rank(value: Any, shape: tuple[int, ...], root: bool) -> int:
    """Return whether a function's value is a number (0) or a vector (1)."""
    try:
        found = np.asarray(value)
    except ValueError:
        found = np.empty(0, dtype=object)
    if found.dtype.kind not in "iuf" or found.shape not in ((shape,) if root else ((), shape)):
        form = f"an array of shape {shape}" + ("" if root else " or a number")
        raise ArgumentError(f"fun must return {form}, not {shown(value)}")
    return found.ndim


def homotopy_from(
    fun: Callable[..., Any],
    x0: Vector,
    *,
    jac: Callable[..., Any] | None = None,
    hessp: Callable[..., Vector] | None = None,
    dt_grad: Callable[..., Vector] | None = None,
    args: tuple[Any, ...] = (),
    root: bool = False,
) -> RootSystem:
    """Return a homotopy from plain callables of (x, t, *args).

    Parameters
    ----------
    fun : callable
        Returns H, a number, or its gradient, an array of shape (n,), or with ``root=True`` a system F of shape (n,).
    x0 : ndarray of shape (n,)
        The solution at the first t.
    jac : callable or None
        The derivative of `fun`: the gradient of H, or the Hessian or Jacobian (dense or sparse) of an array.
    hessp : callable or None
        ``hessp(x, t, v, *args)``: the Hessian, or the Jacobian, times v.
    dt_grad : callable or None
        The derivative in t of the gradient, or of F.
    args : tuple
        Further arguments.
    root : bool
        Whether `fun` is a root system whose Jacobian is not symmetric.

    Returns
    -------
    RootSystem or GradientSystem
        Its ``differenced`` names the derivatives that are finite differences because they were not given.

    Raises
    ------
    ArgumentError
        If x0 is no vector, a function is none, or what `fun` returns at x0 is neither a number nor of x0's shape.

    Examples
    --------
    >>> family = homotopy_from(lambda x, t: float(np.sum((x - t) ** 4 + x**2)), np.zeros(2))
    >>> family.differenced
    ('grad', 'jvp', 'dt')
    """
    x0 = vector("x0", x0, None, "a homotopy")
    function("fun", fun, "fun(x, t, *args)")
    for name, given in (("jac", jac), ("hessp", hessp), ("dt_grad", dt_grad)):
        if given is not None:
            function(name, given, f"{name}(x, t, ...), or None")
    n, first = x0.size, _rank(fun(x0, 0.0, *args), x0.shape, root)
    if root or first:
        made: type[RootSystem] = RootSystem if root else GradientSystem
        return made(fun, n, jacobian=jac, jvp=hessp, dt=dt_grad, args=args, x0=x0)
    return GradientSystem(jac, n, value=fun, jvp=hessp, dt=dt_grad, args=args, x0=x0)
