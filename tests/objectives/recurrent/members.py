"""Random recurrent nets on random sequences, with all that a risk of them may have."""

from dataclasses import dataclass

import numpy as np

from homotopy.models import RNN
from homotopy.objectives import EmpiricalRisk

CELLS, STATES, LOSSES = ("elman", "gru", "lstm"), ("zero", "learned", "given"), ("squared", "logistic", "softmax")
SMOOTH = ("tanh", "logistic", "softplus", "erf", "sin", "gelu", "identity")


@dataclass
class Member:
    """A risk, a point and a direction, and the numbers that the truth needs: targets and counts of all steps."""

    risk: object
    x: np.ndarray
    v: np.ndarray
    Y: np.ndarray
    counts: np.ndarray
    state: np.ndarray | None


def targets(rng, loss, shape, k):
    """Targets of a loss, shape (*shape, k)."""
    if loss == "squared":
        return rng.standard_normal((*shape, k))
    if loss == "logistic":
        return rng.random((*shape, k))
    y = rng.random((*shape, k)) + 0.1
    return y / y.sum(axis=-1, keepdims=True)


def member(seed, *, cell=None, state=None, loss=None, every=None, activation=None, dtype=np.float64, scale=0.7):
    """A random member; what is not said is drawn."""
    rng = np.random.default_rng(seed)
    picks = [options[rng.integers(len(options))] for options in (CELLS, STATES, LOSSES, (True, False), SMOOTH)]
    cell, state, loss = cell or picks[0], state or picks[1], loss or picks[2]
    every = picks[3] if every is None else every
    activation = (activation or picks[4]) if cell == "elman" else "tanh"
    n, T, d, h, k = (int(rng.integers(1, most)) for most in (5, 6, 4, 5, 4))
    model = RNN(d, h, k, activation, cell=cell, state=state, dtype=dtype)
    X, lengths = rng.standard_normal((n, T, d)), rng.integers(1, T + 1, n)
    weights, steps = rng.exponential(size=n), rng.exponential(size=(n, T)) * (rng.random((n, T)) < 0.8)
    within = np.arange(T) < lengths[:, None]
    weights[rng.integers(n)] *= n == 1  # one sequence does not count, unless it is alone
    weights[rng.integers(n)] = 1.0
    alive = int(np.argmax(weights > 0))
    steps[alive, lengths[alive] - 1] = 1.0
    y = targets(rng, loss, (n, T), k) if every else targets(rng, loss, (n,), k)
    more = {"state": rng.standard_normal((n, model.state_size))} if state == "given" else {}
    marks = {"steps": steps} if every else {}
    risk = EmpiricalRisk(model, loss, X, y, l2=0.03, weights=weights, lengths=lengths, **marks, **more)
    counts = weights[:, None] * (steps * within if every else np.arange(T) == lengths[:, None] - 1)
    Y = y if every else np.repeat(y[:, None], T, axis=1)
    x, v = scale * rng.standard_normal((2, model.size))
    return Member(risk, x.astype(dtype), v.astype(dtype), Y, counts, more.get("state"))
