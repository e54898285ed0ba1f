"""The tasks of the workloads: the data, the starts, and the package's own contestants."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

import homotopy as hp
from homotopy.bench import many, runs, sequences, traces
from homotopy.bench.contest import Contestant

__all__ = [
    "GRADIENTS",
    "LOOP_STEPS",
    "MANY_STARTS",
    "MANY_STEPS",
    "STEP",
    "Net",
    "layers",
    "mean",
    "net",
    "ours",
    "risk",
]

Array = NDArray[Any]
LOOP_STEPS = 10_000
"""Steps of the descent of one small net."""
MANY_STARTS, MANY_STEPS = 1_000, 1_000
"""Starts, and steps of each, of the descent of many small nets."""
STEP = 0.5
"""The step size of all descents."""
GRADIENTS = {"W1 call": "xor", "W3": "deep", "W4": "wide", "W4 float32": "wide32"}
"""The workloads that are the value and gradient of a net, and which."""


@dataclass(frozen=True)
class Net:
    """A net with data and a start, shape (p,); y has shape (n, k), or is class indices."""

    sizes: tuple[int, ...]
    activation: str
    output: str
    loss: str
    X: Array
    y: Array
    theta: Array


@cache
def net(name: str) -> Net:
    """Return the net of that name: xor, deep, wide, wide32 or dense."""
    rng = np.random.default_rng(7)
    if name == "xor":
        X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        y = np.array([[0.0], [1.0], [1.0], [0.0]])
        return _made((2, 2, 1), ("tanh", "logistic", "squared"), (X, y), rng)
    if name in ("deep", "dense"):
        sizes, n = ((10, 50, 50, 1), 1000) if name == "deep" else ((10, 20, 1), 500)
        data = rng.standard_normal((n, 10)), rng.standard_normal((n, 1))
        return _made(sizes, ("tanh", "identity", "squared"), data, rng)
    X = rng.standard_normal((256, 784))
    made = _made((784, 128, 10), ("relu", "identity", "softmax"), (X, rng.integers(0, 10, 256)), rng)
    if name == "wide":
        return made
    return replace(made, X=made.X.astype(np.float32), theta=made.theta.astype(np.float32))


def _made(
    sizes: tuple[int, ...], kinds: tuple[str, str, str], data: tuple[Array, Array], rng: np.random.Generator
) -> Net:
    """Return a Net with weights N(0, 1/n_inputs) and biases N(0, 0.01)."""
    parts = []
    for n_in, n_out in pairwise(sizes):
        parts += [rng.standard_normal(n_out * n_in) / np.sqrt(n_in), 0.1 * rng.standard_normal(n_out)]
    return Net(sizes, *kinds, *data, np.concatenate(parts))


@cache
def risk(name: str) -> hp.EmpiricalRisk:
    """Return the package's objective for a net."""
    n = net(name)
    model = hp.MLP(n.sizes, n.activation, output=n.output, dtype=n.theta.dtype)
    return hp.EmpiricalRisk(model, n.loss, n.X, n.y)


def layers(sizes: tuple[int, ...], theta: Any) -> list[tuple[Any, Any]]:
    """Return (W, b) of each layer, as views of theta."""
    made, at = [], 0
    for n_in, n_out in pairwise(sizes):
        bias = at + n_in * n_out
        made.append((theta[at:bias].reshape(n_out, n_in), theta[bias : bias + n_out]))
        at = bias + n_out
    return made


def mean(points: Iterable[Array]) -> float:
    """Return the mean value of the XOR net's risk, the answer of many descents."""
    return float(np.mean([risk("xor").value(x) for x in points]))


def many_starts() -> Array:
    """Return the starts of the descent of many small nets, shape (MANY_STARTS, 9)."""
    return np.random.default_rng(11).uniform(-1, 1, (MANY_STARTS, 9))


def teacher_start() -> Array:
    """Return the start of the teacher-student workload, shape (400,)."""
    return np.asarray(np.random.default_rng(5).standard_normal(400) / np.sqrt(20))


def direction(name: str) -> Array:
    """Return a direction for second-order products."""
    n = net(name)
    return np.random.default_rng(3).standard_normal(n.theta.size).astype(n.theta.dtype)


def ours(workload: str) -> list[Contestant]:
    """Return the package's contestants in a workload."""
    return _OURS[workload]()


def _gradient(name: str) -> list[Contestant]:
    n, f = net(name), risk(name)
    grad = np.empty_like(n.theta)
    return [
        Contestant(
            "homotopy", lambda: f.value_and_grad(n.theta), answer=lambda: float(np.linalg.norm(f.grad(n.theta)))
        ),
        Contestant("homotopy in place", lambda: f.evaluate_into(n.theta, grad)),
    ]


def _loop() -> list[Contestant]:
    run = partial(hp.descend, risk("xor"), net("xor").theta, rule="gd", step_size=STEP, n_steps=LOOP_STEPS)
    return [
        Contestant("homotopy", partial(run, record_every=0), LOOP_STEPS, answer=lambda: float(run().value)),
        Contestant("homotopy recording", partial(run, record_every=1), LOOP_STEPS),
    ]


def _many() -> list[Contestant]:
    run = partial(hp.descend, risk("xor"), many_starts(), rule="gd", step_size=STEP, n_steps=MANY_STEPS)
    return [Contestant("homotopy", run, MANY_STARTS * MANY_STEPS, answer=lambda: float(np.mean(run().value)))]


def _products() -> list[Contestant]:
    n, f, v = net("deep"), risk("deep"), direction("deep")
    points = [n.theta, n.theta + 1e-3]

    def fresh(product: Any) -> Any:
        def run() -> None:
            product(points[0], v)
            product(points[1], v)

        return run

    return [
        Contestant("homotopy hessp", fresh(f.hessp), 2, answer=lambda: float(np.linalg.norm(f.hessp(n.theta, v)))),
        Contestant("homotopy hessp, same point", lambda: f.hessp(n.theta, v)),
        Contestant("homotopy ggnp", fresh(f.ggnp), 2, answer=lambda: float(np.linalg.norm(f.ggnp(n.theta, v)))),
        Contestant("homotopy ggnp, same point", lambda: f.ggnp(n.theta, v)),
    ]


def _hessian() -> list[Contestant]:
    n, f = net("dense"), risk("dense")
    return [
        Contestant("homotopy", lambda: f.hessian(n.theta), answer=lambda: float(np.linalg.norm(f.hessian(n.theta))))
    ]


def _teacher() -> list[Contestant]:
    f, x = hp.TeacherStudent(20, 20), teacher_start()
    return [Contestant("homotopy", lambda: f.value_and_grad(x), answer=lambda: float(np.linalg.norm(f.grad(x))))]


def _teacher_loop() -> list[Contestant]:
    run = partial(hp.descend, hp.TeacherStudent(20, 20), teacher_start(), rule="gd", step_size=0.2, n_steps=1000)
    return [Contestant("homotopy", run, 1000, answer=lambda: float(run().value))]


_OURS: dict[str, Callable[[], list[Contestant]]] = {
    **{workload: partial(_gradient, name) for workload, name in GRADIENTS.items()},
    "W1 loop": _loop,
    "W2": _many,
    "W5": _products,
    "W5 full Hessian": _hessian,
    "W6 call": _teacher,
    "W6 loop": _teacher_loop,
    "W7": traces.ours,
    **sequences.OURS,
    **many.OURS,
    **runs.OURS,
}
