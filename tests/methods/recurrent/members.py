"""Problems on sequences: nets taught by nets, a sign to recall, waves, and data of unknown optimum."""

import numpy as np

import homotopy as hp

__all__ = ["data", "recall", "risk", "taught", "wave"]


def risk(T=6, *, n=10, sizes=(2, 3, 2), act="tanh", loss="squared", l2=0.01, seed=0, **parts):
    """A risk of random sequences with targets of all steps."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, T, sizes[0]))
    y = (
        np.eye(sizes[-1])[rng.integers(sizes[-1], size=(n, T))]
        if loss == "softmax"
        else rng.standard_normal((n, T, sizes[-1]))
    )
    return hp.EmpiricalRisk(hp.RNN(*sizes, act), loss, X, y, l2=l2, **parts)


def _start(model, kind="normal"):
    return lambda rng: model.init(rng, kind=kind)


def taught(seed=0, *, h=2, T=12, n=32, act="tanh", gain=1.5, scale=1.0):
    """A net that another one of its size has taught, its targets in units of `scale`."""
    rng = np.random.default_rng(seed)
    model = hp.RNN(1, h, 1, act)
    parts = model.unpack(model.init(rng))
    W = gain * parts["W"]
    if act == "relu":
        W *= 0.9 / max(np.abs(np.linalg.eigvals(W)).max(), 0.9)
    theta = model.pack({**parts, "W": W, "b": 0.3 * rng.standard_normal(h)})
    X = rng.standard_normal((2 * n, T, 1))
    y = model.forward(theta, X)
    y = scale * (y - y.mean()) / y.std()
    own, test = (hp.EmpiricalRisk(model, "squared", X[i], y[i]) for i in (slice(n), slice(n, None)))
    return hp.Problem(f"taught {seed}", own, _start(model), test, 0.0, 5e-5 * scale**2)


def recall(T=16, *, n=64, seed=0):
    """A sign at the first step, to be told at the last one."""

    def family(t):
        rng = np.random.default_rng([seed, t])
        sign = rng.choice([-1.0, 1.0], n)
        X = 0.5 * rng.standard_normal((n, t, 1))
        X[:, 0, 0] = sign
        return X, sign

    model = hp.RNN(1, 3, 1)
    own = hp.EmpiricalRisk(model, "squared", *family(T), family=family)
    return hp.Problem(f"recall {T}", own, _start(model, "orthogonal"), None, 0.0, 5e-3)


def wave(T=24, *, n=8):
    """A wave that goes on by itself behind its first step."""
    phase = np.random.default_rng(0).uniform(0.0, 2.0 * np.pi, n)
    X = np.zeros((n, T, 2))
    X[:, 0] = np.c_[np.cos(phase), np.sin(phase)]
    y = np.sqrt(2.0) * np.sin(phase[:, None] + 0.5 * np.arange(T))
    model = hp.RNN(2, 3, 1)
    return hp.Problem(
        f"wave {T}", hp.EmpiricalRisk(model, "squared", X, y), _start(model, "orthogonal"), None, 0.0, 5e-3
    )


def data(T=20, *, n=20, h=3, loss="squared", seed=0):
    """Noisy sequences, of which nobody knows the optimum."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, T, 2))
    y = np.tanh(np.cumsum(X[:, :, 0], axis=1) * 0.7 ** np.arange(T)) + 0.3 * rng.standard_normal((n, T))
    if loss == "softmax":
        own = hp.EmpiricalRisk(hp.RNN(2, h, 2), loss, X, (y > 0).astype(int), l2=1e-3)
    else:
        own = hp.EmpiricalRisk(hp.RNN(2, h, 1), loss, X, y / y.std(), l2=1e-3)
    return hp.Problem("noisy sequences", own, _start(own.model))
