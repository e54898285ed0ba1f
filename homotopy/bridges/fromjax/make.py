"""`objective_from_jax`: a function or a net of JAX as an Objective, on this package's kernels where it can be."""

from __future__ import annotations

import logging
from math import inf
from typing import Any

import numpy as np

from homotopy.arguments import function, integer, number
from homotopy.bridges.fromjax.nets import known, net_of
from homotopy.bridges.fromjax.objective import JaxObjective, double
from homotopy.bridges.fromjax.trees import Tree
from homotopy.bridges.recognition import OFF
from homotopy.bridges.recognized import RecognizedRisk
from homotopy.calls import named_error
from homotopy.doors import door
from homotopy.errors import ArgumentError, HomotopyError
from homotopy.extras import extra

__all__ = ["objective_from_jax"]

LOG = logging.getLogger(__name__)


@door
def objective_from_jax(
    fun: Any,
    x0: Any = None,
    *,
    n: int | None = None,
    loss: Any = None,
    X: Any = None,
    y: Any = None,
    l2: float = 0.0,
    recognize: bool = True,
) -> RecognizedRisk | JaxObjective:
    r"""Return a function of JAX, or a net of JAX with a loss on data, as an Objective of one flat vector.

    Parameters
    ----------
    fun : callable or module
        ``fun(x)``, a number, of an array of shape (n,) or of a tree of arrays like x0; or, with data, a net: an
        Equinox module (of one sample), a Flax module (linen, with its variables as x0, or nnx), or ``fun(x0, X)``,
        the outputs of all samples.
    x0 : array_like, tree of arrays, or None
        The variables: floating-point arrays vary, all else in the tree is constant. A list of numbers is an array.
    n : int or None
        The number of variables of a function of an array, in place of x0.
    loss : callable, str or None
        With data: "squared", "logistic", "softmax" of this package, or a function (outputs, y) that returns a number.
    X, y : array_like or None
        The data of a net, all samples.
    l2 : float
        Weight of a penalty (l2/2) |x|^2 that is added, biases included.
    recognize : bool
        Whether a net that is an `hp.MLP` becomes one.

    Returns
    -------
    RecognizedRisk or JaxObjective
        A multilayer perceptron with one kind of activation that this package knows and a loss given by name is computed
        by this package's kernels and has all homotopies. Everything else is compiled by JAX, in double precision, which
        is switched on for these calls alone. Both have `start`, `draw(rng)`, and ``tree(x)``: variables in the form in
        which they were given, to go on with. A recognized net's vector is in this package's layout.

    Raises
    ------
    ArgumentError
        If an argument is none of those allowed, or what is returned is no real number.
    DataError
        If there are no samples, or numbers are not finite.
    MissingExtraError
        If JAX is not installed.

    Notes
    -----
    What is recognized is proved, not believed: the outputs on random weights and inputs agree to 1e-9, those on
    the data too.
    Arrays of float32 that a function holds itself keep their 24 bits, and so does what it computes of them alone.

    Examples
    --------
    ::

        objective = hp.objective_from_jax(lambda x: jnp.sum((x[1:] - x[:-1] ** 2) ** 2) + (x[0] - 1) ** 2, n=5)
        result = hp.minimize(objective, np.zeros(5), homotopy="proximal")

        net = equinox.nn.MLP(8, 1, 16, 1, key=jax.random.key(0))
        objective = hp.objective_from_jax(net, loss="squared", X=X, y=y)
        net = objective.tree(hp.solve(objective, "skip", rng=0).x)
    """
    jax = extra("jax", "jax", "objective_from_jax")
    weight = number("l2", l2, "a finite number, 0 or more", least=0, below=inf)
    remake = (_again, (fun, x0, {"n": n, "loss": loss, "X": X, "y": y, "l2": l2, "recognize": recognize}))
    given = [name for name, value in (("loss", loss), ("X", X), ("y", y)) if value is not None]
    if given and len(given) < 3:
        raise ArgumentError(f"loss, X and y must be given together: {' and '.join(given)} alone are not enough")
    if not callable(fun) and not hasattr(fun, "apply"):
        function("fun", fun, "fun(x)")
    with double(jax):
        try:
            return (
                _net(jax, fun, x0, (loss, X, y), weight, recognize, remake)
                if given
                else _plain(jax, fun, x0, n, weight, remake)
            )
        except HomotopyError:
            raise
        except Exception as error:
            raise named_error(error, "fun, as JAX traces it") from None


def _again(fun: Any, x0: Any, rest: dict[str, Any]) -> RecognizedRisk | JaxObjective:
    """Return the objective of a pickle."""
    return objective_from_jax(fun, x0, **rest)


def _plain(jax: Any, fun: Any, x0: Any, n: int | None, l2: float, remake: Any) -> JaxObjective:
    """Return a function as an Objective."""
    if (x0 is None) == (n is None):
        raise ArgumentError("fun needs its variables, x0, or how many there are, n: one of the two")
    tree = Tree(jax, np.zeros(integer("n", n)) if x0 is None else x0)
    objective = JaxObjective(jax, lambda theta: fun(tree.filled(theta)), tree, net=None, l2=l2, remake=remake)
    if x0 is None:
        objective.start = None
    return objective


def _net(
    jax: Any, fun: Any, x0: Any, data: tuple[Any, Any, Any], l2: float, recognize: bool, remake: Any
) -> RecognizedRisk | JaxObjective:
    """Return a net with a loss on data as an Objective."""
    loss, X, y = data
    net = net_of(jax, fun, x0, loss, (X, y))
    found = known(jax, net, l2) if recognize else OFF
    if isinstance(found, RecognizedRisk):
        return found

    def value(theta: Any, inputs: Any, targets: Any) -> Any:
        return net.value(net.outputs(theta, inputs), targets)

    objective = JaxObjective(jax, value, net.tree, net=net, l2=l2, remake=remake)
    objective.unrecognized = found
    return objective
