"""The global minimum of a two-layer relu net with weight decay, by its convex problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import generator, integer, shown, vector
from homotopy.doors import door, doors
from homotopy.errors import ArgumentError, EvaluationError
from homotopy.landscape.convex.newton import newton
from homotopy.landscape.convex.patterns import activation_patterns, most_patterns
from homotopy.landscape.convex.program import Program, program_of
from homotopy.landscape.convex.sampled import Proof, Sampled
from homotopy.landscape.convex.search import Enumerated, Found, Pricing, searched
from homotopy.landscape.convex.width import fewest
from homotopy.landscape.given import objective_of
from homotopy.models.mlp import MLP
from homotopy.objectives.base import Seed, Vector
from homotopy.problems.bounds import Bound
from homotopy.threads import one_blas_thread

__all__ = ["ConvexMinimum", "convex_bound", "convex_minimum"]

Array = NDArray[np.float64]

ALL = 100000
"""The most patterns that are enumerated where all are asked for."""
LIMIT = 10000
"""The most patterns that are enumerated unless all are asked for."""
SAMPLED = 1000
"""Random directions where they are not."""
CONES = 100000
"""Cones of directions that are looked at for the lower bound then."""
CLOSED = 1e-8
"""What upper less lower may be, over the upper one, of a minimum that is called exact."""


@doors
@dataclass(frozen=True)
class ConvexMinimum:
    """Bounds of the least penalized loss of nets of any width, and a net that has the upper one.

    Attributes
    ----------
    lower : float
        No net of this architecture, of whatever width, has a smaller value.
    upper : float
        The value of `risk` at `x`.
    exact : bool
        Whether every activation pattern was accounted for and the two agree to 1e-8 of the upper one.
    n_patterns : int
        The patterns that were looked at: all there are where `enumerated`.
    width : int
        The hidden units of the net found, 0 where a constant is best; `least` says whether no global minimum has fewer.
    risk : Objective
        The penalized loss of a net of `width` units (one at least), with the l2 that was asked for.
    x : ndarray of shape (n,)
        Its point, read-only.
    certificate : str
        On what the lower bound rests, and for which widths the value is reached.
    enumerated : bool
        Whether the patterns are all there are.
    least : bool
        Whether every net with the least value has at least `width` units.
    """

    lower: float
    upper: float
    exact: bool
    n_patterns: int
    width: int
    risk: Any
    x: Vector
    certificate: str
    enumerated: bool
    least: bool

    @property
    def gap(self) -> float:
        """The upper bound less the lower one."""
        return self.upper - self.lower


@door
@one_blas_thread
def convex_minimum(
    risk: Any,
    *,
    l2: float | None = None,
    patterns: str | int = "auto",
    cones: int = CONES,
    x: Vector | None = None,
    rng: Seed = 0,
) -> ConvexMinimum:
    r"""Return the least penalized loss of a relu net with one hidden layer, of any width, and a net that has it.

    Parameters
    ----------
    risk : Objective or Problem
        A net's loss on data: one hidden layer of relu or leaky relu units, one output that is an identity, the squared
        or the logistic loss; with or without biases, weights of samples, l2.
    l2 : float or None
        The penalty's weight in all, positive: (l2/2) |x|^2 over all weights and biases; None is that of the risk.
    patterns : str or int
        ``"all"`` enumerates the activation patterns of the data, up to 100,000; ``"auto"`` does where there can be
        no more than 10,000 (100 samples of two inputs and a bias), else samples 1,000 directions; a number samples so
        many.
    cones : int
        Where patterns are sampled: the most cones of directions that the lower bound's branch and bound looks at.
    x : ndarray of shape (n,) or None
        A point of the net, whose units' patterns are looked at first where patterns are sampled.
    rng : Generator, int or None
        Draws the directions.

    Returns
    -------
    ConvexMinimum
        Both bounds, computed from a feasible dual point and from the net, in double precision and not taken from the
        solver; the net.

    Raises
    ------
    ArgumentError
        If the net is another, there are too many patterns for ``"all"``, or another argument is not allowed.
    EvaluationError
        If rounding makes the lower bound the larger one.
    MissingExtraError
        If cvxpy or Clarabel is not installed.
    """
    objective = objective_of(risk)
    program = program_of(objective, l2)
    pricing = _enumerated(program, patterns)
    if pricing is None:
        count = SAMPLED if isinstance(patterns, str) else integer("patterns", patterns)
        some, most = _directions(program, objective, x), integer("cones", cones, least=0)
        pricing = Sampled(program, some, generator("rng", rng), count=count, most=most)
    found, proof = searched(program, pricing)
    return _told(objective, program, pricing, found, proof)


def _enumerated(program: Program, patterns: str | int) -> Pricing | None:
    """Return all patterns, or None where they are to be sampled."""
    if not isinstance(patterns, str):
        return None
    if patterns not in ("auto", "all"):
        raise ArgumentError(f"patterns must be 'auto', 'all' or a number of random directions, not {shown(patterns)}")
    if patterns == "all" or most_patterns(*program.Z.shape) <= LIMIT:
        return Enumerated(program, activation_patterns(program.Z, limit=ALL))
    return None


def _directions(program: Program, objective: Any, x: Vector | None) -> Array:
    """Return the directions of a net's units."""
    if x is None:
        return np.zeros((0, program.Z.shape[1]))
    W, b, _, _ = objective.units().layers(vector("x", x, objective.size, "the risk", finite=True))
    return np.asarray((W if b is None else np.column_stack([W, b])) @ program.basis)


def _told(objective: Any, program: Program, pricing: Pricing, found: Found, proof: Proof) -> ConvexMinimum:
    """Return what is known, with the net of as few units as were found."""
    measure, least = fewest(program, found.measure, found.directions, found.signs)
    again = newton(program, measure)
    measure = again if again.value(program) < measure.value(program) else measure
    wide, x = _net(objective, program, measure.U, measure.signs, measure.c)
    upper, width = float(wide.value(x)), len(measure.U)
    lower = program.dual(found.g, proof.slope)
    if lower - upper > CLOSED * abs(upper):
        raise EvaluationError(f"the bound {lower:.10g} is above a net's value {upper:.10g} by rounding errors")
    lower = min(lower, upper)
    exact = proof.complete and upper - lower <= CLOSED * abs(upper)
    x.flags.writeable = False
    return ConvexMinimum(
        lower=lower,
        upper=upper,
        exact=exact,
        n_patterns=len(pricing.cells.patterns),
        width=width,
        risk=wide,
        x=x,
        certificate=_words(proof, width, exact=exact, least=least),
        enumerated=pricing.complete,
        least=exact and least and pricing.complete,
    )


def _words(proof: Proof, width: int, *, exact: bool, least: bool) -> str:
    """Return the certificate."""
    if not exact:
        reached = f"the upper value is that of a net with {width} hidden units"
    elif not width:
        reached = "a constant reaches it, nets of any width do"
    else:
        reached = f"nets with {width} or more hidden units reach it"
        reached += ", narrower ones do not" if least else ", narrower ones may not"
    return f"a feasible point of the dual of the convex problem of nets of any width, over {proof.words}; {reached}"


def _net(objective: Any, program: Program, U: Array, signs: Array, c: float) -> tuple[Any, Vector]:
    """Return the penalized loss of a net of these units, balanced, and its point; one silent unit if there is none."""
    if not len(U):
        U, signs = np.zeros((1, program.Z.shape[1])), np.zeros(1)
    sizes = np.sqrt(np.linalg.norm(U, axis=1))
    W = (U / np.where(sizes > 0, sizes, 1.0)[:, None]) @ program.basis.T
    old = objective.model
    model = MLP((old.sizes[0], len(U), 1), old.activation, bias=program.bias)
    hidden = (W[:, :-1], W[:, -1]) if program.bias else (W, None)
    outgoing = (signs * sizes)[None]
    x = model.pack([hidden, (outgoing, np.array([c]) if program.bias else None)])
    return objective.changed(model=model, l2=program.l2), x


@door
def convex_bound(risk: Any, *, l2: float | None = None, rng: Seed = 0) -> Bound:
    """Return what no net of the risk's architecture, of whatever width, comes below: `convex_minimum`'s lower bound.

    Parameters
    ----------
    risk : Objective or Problem
        As `convex_minimum` takes it.
    l2 : float or None
        The penalty's weight in all, positive; None is that of the risk.
    rng : Generator, int or None
        Draws directions where there are too many activation patterns to look at all.

    Raises
    ------
    ArgumentError
        If the net is another, or l2 is not positive.
    MissingExtraError
        If cvxpy or Clarabel is not installed.
    """
    found = convex_minimum(risk, l2=l2, rng=rng)
    return Bound(found.lower, found.certificate)
