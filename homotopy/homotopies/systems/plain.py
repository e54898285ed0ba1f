"""A homotopy from plain functions of x and t."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from homotopy.arguments import function, vector
from homotopy.calls import Named, NumberCall
from homotopy.doors import door
from homotopy.homotopies.systems.roots import GradientSystem, RootSystem
from homotopy.objectives.base import Vector
from homotopy.returned import is_vector

__all__ = ["homotopy_from"]


@door
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
        If x0 is no vector, a function is none, or what `fun` returns at x0 is neither a number nor an array of x0's
        shape.

    Notes
    -----
    `fun` is evaluated once, at x0 and t = 0, to see whether it returns a number or an array; where n = 1, an array
    is a gradient and a plain number is H. What functions may return, and what becomes of their errors, is said with
    `RootSystem`.

    Examples
    --------
    >>> import numpy as np
    >>> family = homotopy_from(lambda x, t: float(np.sum((x - t) ** 4 + x**2)), np.zeros(2))
    >>> family.differenced
    ('grad', 'jvp', 'dt')
    """
    x0 = vector("x0", x0, None, "a homotopy")
    function("fun", fun, "fun(x, t, *args)")
    named = {"jac": jac, "hessp": hessp, "dt_grad": dt_grad}
    for name, given in named.items():
        if given is not None:
            function(name, given, f"{name}(x, t, ...), or None")
    own = [None if given is None else Named(name, given) for name, given in named.items()]
    jacobian, jvp, dt = own
    settings: Any = {"jvp": jvp, "dt": dt, "args": args, "x0": x0}
    first = NumberCall("fun", fun, x0.size, args=args).raw(x0, 0.0)
    if is_vector("fun", first, x0.size, or_number=not root):
        made: type[RootSystem] = RootSystem if root else GradientSystem
        return made(Named("fun", fun), x0.size, jacobian=jacobian, **settings)
    return GradientSystem(jacobian, x0.size, value=Named("fun", fun), **settings)
