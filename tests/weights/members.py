"""Random risks with weights of samples, and the same without weights: rows repeated, or the plain reference."""

import numpy as np
import reference

from homotopy.models import MLP
from homotopy.models.activations import BY_NAME as ACTIVATIONS
from homotopy.objectives import EmpiricalRisk

LOSSES = ("squared", "logistic", "softmax")


def data(rng, n, d, k, loss):
    """Inputs and targets of n samples."""
    X = rng.standard_normal((n, d))
    y = {
        "squared": lambda: rng.standard_normal((n, k)),
        "logistic": lambda: rng.random((n, k)) if rng.random() < 0.5 else rng.integers(0, 2, (n, k)),
        "softmax": lambda: rng.integers(0, k, n),
    }[loss]()
    return X, y


def whole(rng, n):
    """Whole weights, some of them zero, not all alike."""
    counts = rng.integers(0, 4, n)
    counts[rng.integers(n)] = 1
    counts[rng.integers(n)] = 3
    return counts


def risks(sizes, activation="tanh", loss="squared", *, n=15, seed=0, l2=0.01, unit=1.0, dtype=np.float64, **net):
    """A risk with whole weights in some unit, and the one with as many rows instead."""
    rng = np.random.default_rng(seed)
    X, y = data(rng, n, sizes[0], sizes[-1], loss)
    counts = whole(rng, n)
    model = MLP(sizes, activation, dtype=dtype, **net)
    rows = np.repeat(np.arange(n), counts)
    return (
        EmpiricalRisk(model, loss, X, y, l2=l2, weights=unit * counts),
        EmpiricalRisk(model, loss, X[rows], y[rows], l2=l2),
    )


def drawn(seed, dtype=np.float64, *, depth=None, n=None, wide=6):
    """A random net with none to three hidden layers, real weights, some zero, a point and a direction."""
    rng = np.random.default_rng(seed)
    depth = int(rng.integers(0, 4)) if depth is None else depth
    loss = str(rng.choice(LOSSES))
    sizes = [int(m) for m in rng.integers(1, wide, depth + 1)]
    sizes.append(int(rng.integers(2, 5)) if loss == "softmax" else int(rng.integers(1, 4)))
    output = str(rng.choice(list(ACTIVATIONS))) if rng.random() < 0.3 else "identity"
    n = int(rng.choice([1, 2, 3, 4, 5, 8, 13, 30])) if n is None else n
    X, y = data(rng, n, sizes[0], sizes[-1], loss)
    weights = np.exp(rng.standard_normal(n)) * 10.0 ** rng.integers(-3, 4)
    if n > 2 and rng.random() < 0.5:
        weights[rng.integers(n)] = 0.0
    net = {"activation": str(rng.choice(list(ACTIVATIONS))), "output": output, "bias": bool(rng.random() < 0.8)}
    l2 = float(rng.choice([0.0, 0.3]))
    risk = EmpiricalRisk(MLP(sizes, **net, dtype=dtype), loss, X, y, l2=l2, weights=weights)
    theta, v = (0.8 * rng.standard_normal((2, risk.size))).astype(dtype)
    return risk, theta, v


def truth(risk, theta, v):
    """Value, gradient, Hessian product and Gauss-Newton product of a risk by tests/reference.py."""
    model = risk.model
    X, y, theta, v = (part.astype(float) for part in (risk.X, risk.y, theta, v))
    net = {"activation": model.activation, "output": model.output, "bias": model.bias}
    return reference.risk(model.sizes, risk.loss.name, theta, X, y, v, l2=risk.l2, weights=risk.weights, **net)


def check_close(got, expected, rtol):
    """Hold an array to another one, relative to its largest entry."""
    expected = np.asarray(expected, dtype=float)
    scale = max(np.max(np.abs(expected), initial=0.0), 1e-3)
    assert np.max(np.abs(np.asarray(got, dtype=float) - expected), initial=0.0) <= rtol * scale
