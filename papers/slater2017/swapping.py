"""Point 2: hidden units can be swapped, which makes n! equal minima. Point 3: worse minima do exist, with a proof."""

from __future__ import annotations

from itertools import islice, permutations
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import homotopy as hp
from homotopy.landscape import canonical, distance, enclose, orbit_size

from .convexity import curvatures

__all__ = ["COUNTS", "MOST", "copies", "proof", "worked_example"]

W1, W2 = [[-1.5, 2.0], [1.7, 0.4]], [[2.3, 0.8]]
SWAPPED_W1, SWAPPED_W2 = [[1.7, 0.4], [-1.5, 2.0]], [[0.8, 2.3]]
COUNTS = tuple(range(2, 9))
MOST = 720
"""Of so many orders of the units, the first ones, all is computed; 6! = 720."""


def worked_example(activation: str = "tanh") -> dict[str, float]:
    """Return what the swap of the thread's worked example changes.

    Returns
    -------
    dict
        ``difference``, the largest one of the two nets' outputs on 1,000 random inputs; ``weights``, the Euclidean
        distance of the two points; ``apart``, the same where copies count as one; ``loss``, the larger loss of the two
        where the targets are what the net says on a grid of inputs; ``midpoint``, the loss half way between them.
    """
    net = hp.MLP((2, 2, 1), activation, bias=False)
    x = net.pack([(np.array(W1), None), (np.array(W2), None)])
    y = net.pack([(np.array(SWAPPED_W1), None), (np.array(SWAPPED_W2), None)])
    X = np.random.default_rng(0).standard_normal((1000, 2))
    f = _risk(net, x)
    return {
        "difference": float(np.abs(net.forward(x, X) - net.forward(y, X)).max()),
        "weights": float(np.linalg.norm(x - y)),
        "apart": distance(net, x, y),
        "loss": float(max(f.value(x), f.value(y))),
        "midpoint": float(f.value(0.5 * (x + y))),
    }


def copies(n: int) -> dict[str, float]:
    """Return how many copies a random net of n hidden units has, and what the loss is between them.

    Returns
    -------
    dict
        ``orders`` and ``signs``, the copies that orders of relu units, and orders and signs of tanh units, make;
        ``looked at``, orders that were computed (`MOST` at most); ``difference``, the largest difference of outputs
        among these on 200 inputs; ``nearest``, the least distance of two different ones; ``canonical``, how many
        different representatives they have; ``lowest``, the least loss half way from the first one to another.
    """
    rng = np.random.default_rng(n)
    nets = {act: hp.MLP((2, n, 1), act) for act in ("relu", "tanh")}
    net = nets["tanh"]
    x = rng.standard_normal(net.size)
    X, f = rng.standard_normal((200, 2)), _risk(net, x)
    every = [_ordered(net, x, order) for order in islice(permutations(range(n)), MOST)]
    outputs = [net.forward(one, X) for one in every]
    others = np.array(every[1:])
    return {
        "orders": float(orbit_size(nets["relu"], x)),
        "signs": float(orbit_size(net, x)),
        "looked at": float(len(every)),
        "difference": float(max(np.abs(out - outputs[0]).max() for out in outputs)),
        "nearest": float(np.linalg.norm(others - x, axis=1).min()),
        "canonical": float(len({canonical(net, one).tobytes() for one in every[:: max(1, len(every) // 60)]})),
        "lowest": float(min(f.value(0.5 * (x + one)) for one in others)),
    }


def proof(name: str = "teacher:k=8", starts: int = 40) -> dict[str, float]:
    """Return the proof, by interval arithmetic, that a minimum above the global one exists.

    Returns
    -------
    dict
        ``value``, the loss there, above the global minimum's 0; ``proven``, 1 if in a small box there is exactly one
        point without slope and the loss bends upward in all directions all over the box; ``radius`` of that box;
        ``least``, the least curvature.
    """
    problem = hp.problem(name)
    x = np.array([problem.start(np.random.default_rng(seed)) for seed in range(starts)])
    ends = hp.descend(problem.objective, x, rule="lbfgs", n_steps=2000, gradient_tolerance=1e-12)
    bad = np.flatnonzero(ends.value > problem.target)
    at = ends.x[bad[np.argmin(ends.value[bad])]]
    found = enclose(problem, at)
    return {
        "value": float(problem.objective.value(at)),
        "proven": float(found.verified and found.index == 0),
        "radius": float(found.radius),
        "least": float(curvatures(problem.objective, at)[0]),
    }


def exact_copies(n: int) -> tuple[int, int]:
    """Return n! and 2^n n!: the orders of n units, and the orders and signs of n odd ones."""
    return factorial(n), 2**n * factorial(n)


def _risk(net: Any, x: NDArray[np.float64]) -> hp.EmpiricalRisk:
    """Return the squared loss whose targets are what the net says at x on a grid of 5 x 5 inputs in [-1, 1]^2."""
    axis = np.linspace(-1, 1, 5)
    X = np.array([[a, b] for a in axis for b in axis])
    return hp.EmpiricalRisk(net, "squared", X, net.forward(x, X)[:, 0])


def _ordered(net: Any, x: NDArray[np.float64], order: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the weights with the hidden units in another order."""
    (first, bias), (second, end) = net.unpack(x)
    at = list(order)
    return np.asarray(net.pack([(first[at], bias[at]), (second[:, at], end)]))
