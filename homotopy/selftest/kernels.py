"""The compiled kernels, with the instruction set that this process has, against plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy._core import vmath
from homotopy.descent import descend
from homotopy.models import MLP, RNN, activations, losses
from homotopy.objectives import EmpiricalRisk, TeacherStudent
from homotopy.selftest import truth
from homotopy.selftest.found import hold, near

__all__ = ["kernels"]

RANGES = {"log1p": (0.0, 1.0), "acos": (-1.0, 1.0), "exp": (-80.0, 80.0)}  # of the others from -10 to 10
SIZES = ((3, 5, 2), (4, 3, 6, 2))
STARTS = 37  # a block of lanes and a part of one


def kernels(isa: str) -> str:
    """Hold functions, nets, recurrent nets, the teacher's risk and descents of many nets to plain NumPy.

    Parameters
    ----------
    isa : str
        The instruction set that must be in use.

    Returns
    -------
    str
        The worst error in double precision, relative to the largest number of its vector.

    Raises
    ------
    CheckError
        If another instruction set is in use, or a number is not what NumPy computes.
    """
    hold(vmath.isa() == isa, f"the kernels use {vmath.isa()} where {isa} was asked for")
    rng = np.random.default_rng(20)
    worst = max(_functions(rng), _perceptrons(rng), _recurrent(rng), _teacher(rng), _many(rng))
    return f"worst relative error {worst:.0e}"


def _functions(rng: np.random.Generator) -> float:
    worst = 0.0
    for name in vmath.functions():
        low, high = RANGES.get(name, (-10.0, 10.0))
        x = rng.uniform(low, high, 501)  # not a whole number of vectors
        single = x.astype(np.float32)
        for points, tolerance in ((x, 1e-14), (single, 1e-6)):
            right = truth.FUNCTIONS[name](points.astype(float))
            ratio = vmath.apply(name, points) / right
            error = near(f"{name} in {points.dtype}", ratio, np.ones_like(right), tolerance)
            worst = max(worst, error if points is x else 0.0)
    return worst


def _data(rng: np.random.Generator, loss: losses.Loss, shape: tuple[int, ...], k: int) -> Any:
    """Return targets of the given leading shape that the loss takes."""
    if loss.classes:
        return np.eye(k)[rng.integers(k, size=shape)]
    y = rng.standard_normal((*shape, k))
    return y if loss.quadratic else (y > 0) * 1.0


def _perceptrons(rng: np.random.Generator) -> float:
    worst = 0.0
    for act in activations.BY_NAME:
        for loss in losses.BY_NAME.values():
            for sizes in SIZES:
                model, X = MLP(sizes, act), rng.standard_normal((19, sizes[0]))
                Y, theta = _data(rng, loss, (19,), sizes[-1]), rng.standard_normal(model.size)
                risk = EmpiricalRisk(model, loss.name, X, Y, l2=0.1)
                right = truth.network(model, loss, X, Y, 0.1)
                what = f"the {loss.name} loss of a net {sizes} with {act}"
                value, grad = risk.value_and_grad(theta)
                exact, slope = right(theta)
                v = rng.standard_normal(model.size)
                h = 1e-6  # the truth's gradient is exact, so that a short step will do, which no kink is within
                bend = (right(theta + h * v)[1] - right(theta - h * v)[1]) / (2 * h)
                near(f"{what}: product with the Hessian", risk.hessp(theta, v), bend, 1e-6)
                worst = max(worst, near(what, value, exact, 1e-12), near(f"{what}: gradient", grad, slope, 1e-12))
                single = MLP(sizes, act, dtype=np.float32)
                out = single.forward(theta.astype(np.float32), X.astype(np.float32))
                near(f"a net {sizes} with {act} in float32", out, model.forward(theta, X), 1e-4)
    return worst


def _recurrent(rng: np.random.Generator) -> float:
    worst = 0.0
    for cell in ("elman", "gru", "lstm"):
        for loss in losses.BY_NAME.values():
            model, X = RNN(2, 3, 2, cell=cell), rng.standard_normal((5, 6, 2))
            Y, theta = _data(rng, loss, (5, 6), 2), 0.7 * rng.standard_normal(model.size)
            value, grad = EmpiricalRisk(model, loss.name, X, Y).value_and_grad(theta)
            right = truth.recurrent(model, loss, X, Y)
            what = f"the {loss.name} loss of a recurrent net with the cell {cell}"
            worst = max(worst, near(what, value, right(theta), 1e-12))
            near(f"{what}: gradient", grad, truth.differences(right, theta), 1e-8)
    return worst


def _teacher(rng: np.random.Generator) -> float:
    V, n = rng.standard_normal((5, 4)), 6
    risk, right, x = TeacherStudent(5, n, teacher=V), truth.teacher(V, n), rng.standard_normal(n * 4)
    value, grad = risk.value_and_grad(x)
    near("the gradient of the teacher's risk", grad, truth.differences(right, x), 1e-8)
    return near("the teacher's risk", value, right(x), 1e-12)


def _many(rng: np.random.Generator) -> float:
    """Hold gradient descents of many small nets, one start beside the other, to loops in NumPy."""
    model, X = MLP((2, 3, 1), "tanh"), np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    Y = np.prod(X, axis=1, keepdims=True)
    loss = losses.BY_NAME["squared"]
    right = truth.network(model, loss, X, Y, 0.0)
    starts = rng.standard_normal((STARTS, model.size))
    ends = starts.copy()
    for x in ends:
        for _ in range(20):
            x -= 0.1 * right(x)[1]
    risk = EmpiricalRisk(model, loss.name, X, Y)
    alone = descend(risk, starts[0], step_size=0.1, n_steps=20).x
    near("the descent of one small net", alone, ends[0], 1e-12)
    return near("descents of many small nets", descend(risk, starts, step_size=0.1, n_steps=20).x, ends, 1e-12)
