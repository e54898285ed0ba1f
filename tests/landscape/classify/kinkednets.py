"""Relu nets whose weights are a minimum among those that keep one unit's kink on one sample."""

import numpy as np
from scipy.optimize import minimize

from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk


def on_a_kink(seed, *, d=1, hidden=2, k=1, n=8, l2=0.0, activation="relu", output="identity"):
    """Return the risk, the point, the unit and the sample; None where the descent came to no such point."""
    rng = np.random.default_rng(seed)
    y = rng.standard_normal((n, k)) if output == "identity" else rng.integers(0, 2, (n, k)).astype(float)
    X = rng.standard_normal((n, d))
    risk = EmpiricalRisk(MLP((d, hidden, k), activation, output=output), "squared", X, y, l2=l2)
    unit, sample = int(rng.integers(hidden)), int(rng.integers(n))
    at = hidden * d + unit  # its bias, which follows from its weights
    slots = np.arange(unit * d, (unit + 1) * d)

    def whole(s):
        x = np.insert(s, at, 0.0)
        x[at] = -float(x[slots] @ X[sample])
        return x

    def inner(s):
        value, grad = risk.value_and_grad(whole(s))
        reduced = np.delete(grad, at)
        reduced[slots] -= grad[at] * X[sample]
        return value, reduced

    start = np.delete(rng.standard_normal(risk.size), at)
    for _ in range(4):
        start = minimize(inner, start, jac=True, method="BFGS", options={"gtol": 1e-13, "maxiter": 4000}).x
    x = whole(start)
    if np.linalg.norm(inner(start)[1]) > 1e-9 or np.linalg.norm(x) > 50:
        return None
    W, b = risk.model.unpack(x)[0]
    Z = X @ W.T + b
    Z[sample, unit] = 1.0
    return None if np.abs(Z).min() < 1e-3 else (risk, x, unit, sample)


def one_sided(risk, x, unit):
    """Return the slopes of the value as the unit's bias grows, and as it falls."""
    e = np.zeros(x.size)
    e[risk.model.sizes[1] * risk.model.sizes[0] + unit] = 1.0
    h, f = 1e-6, risk.value(x)
    return (risk.value(x + h * e) - f) / h, (risk.value(x - h * e) - f) / h
