"""Which objectives can be evaluated in ball arithmetic, and whether the balls are those of the objective."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.arguments import shown
from homotopy.errors import ArgumentError, EvaluationError
from homotopy.landscape.certify.activationballs import activation_balls
from homotopy.landscape.certify.balls import Balls, Derivatives, dot, flint
from homotopy.landscape.certify.lossballs import LOSSES
from homotopy.landscape.certify.netballs import NetBalls
from homotopy.landscape.certify.teacherballs import TeacherBalls
from homotopy.objectives.base import Vector

__all__ = ["derivatives_of", "differing"]

AGREE = 1e-6
"""The objective's own derivatives may differ from its balls by this part of their size."""


def derivatives_of(objective: Any) -> Derivatives | str:
    """Return an objective's value, gradient and Hessian as functions of balls, or in a sentence why there are none.

    A method ``enclosed(x)`` of the objective comes first; then a perceptron's mean loss on ``samples``, then a
    ``teacher`` with a student of ``n`` rows.
    """
    if callable(getattr(objective, "enclosed", None)):
        return _Own(objective)
    model: Any = getattr(objective, "model", None)
    loss = getattr(objective, "loss", None)
    if all(hasattr(model, name) for name in ("sizes", "activation", "output", "bias")) and loss is not None:
        for name in (model.activation, model.output):
            if activation_balls(name) is None:
                return f"the activation {name} has no enclosed derivatives"
        if loss.name not in LOSSES:
            return f"the loss {loss.name} has no enclosed derivatives"
        if model.dtype != np.float64:
            return f"the net's weights are {model.dtype.name}; float64 ones are needed"
        return NetBalls(model, loss.name, objective.samples, objective.l2)
    if hasattr(objective, "teacher") and hasattr(objective, "n"):
        return TeacherBalls(objective.teacher, objective.n)
    kind = type(getattr(objective, "inner", objective)).__name__
    return (
        f"{kind} has no enclosed derivatives: it is no perceptron on data and no teacher's risk, and it has no method "
        "enclosed(x) that returns balls of value, gradient and Hessian"
    )


class _Own:
    """A user's method ``enclosed``, whose answer is looked at."""

    def __init__(self, objective: Any) -> None:
        self.function, self.size = objective.enclosed, objective.size
        self.name = f"{type(getattr(objective, 'inner', objective)).__name__}.enclosed(x)"

    def __call__(self, x: Balls) -> tuple[Any, Balls, list[Balls]]:
        """Return balls of the value, the gradient and the Hessian.

        Raises
        ------
        ArgumentError
            If the method returns something else.
        """
        answer = self.function(list(x))
        arb, n = flint().arb, self.size
        try:
            value, g, H = answer
            H = H.tolist() if hasattr(H, "tolist") else H
            found = arb(value), [arb(a) for a in g], [[arb(a) for a in row] for row in H]
        except (TypeError, ValueError):
            found = None
        if found is None or len(found[1]) != n or [len(row) for row in found[2]] != [n] * n:
            raise ArgumentError(
                f"{self.name} must return a ball, a list of {n} and {n} lists of {n} balls, not {shown(answer)}"
            )
        return found


def differing(objective: Any, derivatives: Derivatives, x: Vector) -> str:
    """Return in which derivative, if in any, an objective differs from its balls at a random point near x.

    A proof about other functions than the objective is none: this finds objectives that only look like one that is
    known here, and slips in a user's own formulas. The point is far enough from x for a gradient that is not rounding.

    Raises
    ------
    ArithmeticError
        If the balls cannot be evaluated at x either.
    """
    rng = np.random.default_rng(0)
    scale = float(np.abs(x).max())
    for length in (0.1 * max(scale, 1.0), 0.1 * min(scale, 1.0), 1e-4 * scale, 0.0):
        near, v = x + length * rng.standard_normal(x.size), rng.standard_normal(x.size)
        try:
            return _differs(objective, derivatives, near, v)
        except ArithmeticError:  # a kink, or a point too far away: a nearer one may do
            if not length:
                raise
    return ""


def _differs(objective: Any, derivatives: Derivatives, x: Vector, v: Vector) -> str:
    """Return in which derivative an objective differs from its balls at x, the Hessian's times v."""
    value, g, H = derivatives([flint().arb(a) for a in x.tolist()])
    with np.errstate(all="ignore"):
        ours = [np.array([objective.value(x)]), objective.grad(x), objective.hessp(x, v)]
    balls = [[value], g, [dot(row, v.tolist()) for row in H]]
    if not all(a.is_finite() for part in balls for a in part) or not all(np.isfinite(part).all() for part in ours):
        raise EvaluationError("the derivatives are not finite there")
    for name, own, part in zip(("value", "gradient", "Hessian"), ours, balls, strict=True):
        middles = np.array([float(a.mid()) for a in part])
        if not np.all(np.abs(own - middles) <= AGREE * _size(name, middles, x, g, H)):
            return name
    return ""


def _size(name: str, own: Vector, x: Vector, g: Balls, H: list[Balls]) -> float:
    """Return how large a derivative, or the terms that it is a sum of, may be expected to be."""
    slope = max(abs(float(a.mid())) for a in g)
    bend = max(abs(float(a.mid())) for row in H for a in row)
    length = float(np.abs(x).max())
    terms = {"value": length * (slope + length * bend), "gradient": length * bend, "Hessian": bend}
    return float(np.abs(own).max()) + terms[name]
