"""Random members of the compiled recurrent nets: any cell, activation, loss, state, shape, weights and opening."""

from dataclasses import dataclass

import numpy as np
import reference_rnn

from homotopy._core import mlp, rnn
from homotopy.models import RNN

ACTIVATIONS, CELLS, LOSSES = mlp.activations(), rnn.cells(), mlp.losses()
STATES = ["zero", "learned", "given"]


@dataclass
class Member:
    """A net, its risk, what the risk was made from, and a point with a direction."""

    model: RNN
    risk: rnn.Risk
    loss: str
    X: np.ndarray
    Y: np.ndarray
    steps: np.ndarray
    state: np.ndarray | None
    l2: float
    opening: float | None
    t: float
    x: np.ndarray
    v: np.ndarray

    def truth(self):
        """Value, gradient, Hessian times v and Gauss-Newton matrix times v, in double."""
        counts = self.steps if self.opening is None else reference_rnn.opened_counts(self.steps, self.opening, self.t)
        X, Y, x, v = (array.astype(float) for array in (self.X, self.Y, self.x, self.v))
        state = None if self.state is None else self.state.astype(float)
        return reference_rnn.risk(self.model, self.loss, x, X, Y, counts, v, l2=self.l2, state=state)


def counted(rng, n, T):
    """What steps count: all, the last, any with gaps and ends, or all of some lengths."""
    how = rng.integers(4)
    if how == 0:
        return np.ones((n, T))
    if how == 1:
        return np.tile(np.arange(1.0, T + 1) == T, (n, 1)) * 1.0
    within = np.arange(T) < rng.integers(0, T + 1, (n, 1))
    steps = within * (rng.random((n, T)) * (rng.random((n, T)) < 0.5) if how == 2 else 1.0)
    steps[0, 0] = 0.3
    return steps


def targets(rng, loss, shape):
    """Targets of a loss, of shape (n, T, k)."""
    if loss == "squared":
        return rng.standard_normal(shape)
    return rng.random(shape) if loss == "logistic" else np.eye(shape[2])[rng.integers(0, shape[2], shape[:2])]


def member(seed, dtype=np.float64, **fixed):
    """Return a random member; what does not count is NaN in what the risk is made from."""
    rng = np.random.default_rng(seed)
    cell, loss = fixed.get("cell", str(rng.choice(CELLS))), fixed.get("loss", str(rng.choice(LOSSES)))
    activation = fixed.get("activation", str(rng.choice(ACTIVATIONS))) if cell == "elman" else "tanh"
    d, h = int(rng.integers(1, 4)), fixed.get("h", int(rng.choice([1, 2, 3, 4, 5, 8, 11])))
    k = int(rng.integers(2 if loss == "softmax" else 1, 4))
    n, T = fixed.get("n", int(rng.choice([1, 2, 7, 8, 9, 17, 33]))), int(rng.choice([1, 2, 3, 5, 8, 9, 10]))
    model = RNN(d, h, k, activation, cell=cell, state=fixed.get("state", str(rng.choice(STATES))), dtype=dtype)
    X, Y = rng.standard_normal((n, T, d)).astype(dtype), targets(rng, loss, (n, T, k)).astype(dtype)
    state = rng.standard_normal((n, model.state_size)).astype(dtype) if model.state == "given" else None
    steps, l2, t = counted(rng, n, T), float(rng.choice([0.0, 0.3])), 1.0
    opening = float(1 + rng.random() * (T - 1)) if fixed.get("opened", rng.random() < 0.5) else None
    if opening is not None and steps[:, : int(np.ceil(opening))].any():
        t = float(rng.random())
    else:
        opening = None
    last = np.where(steps > 0, np.arange(1, T + 1), 0).max(axis=1)
    given = np.where((np.arange(T) < last[:, None])[:, :, None], X, np.nan).astype(dtype)
    wanted = np.where((steps > 0)[:, :, None], Y, np.nan).astype(dtype)
    risk = rnn.Risk(model, LOSSES.index(loss), given, wanted, steps, l2, state, opening=opening)
    x, v = (rng.standard_normal((2, model.size)) * 0.6).astype(dtype)
    return Member(model, risk, loss, X, Y, steps, state, l2, opening, t, x, v)


def check_close(got, expected, rtol):
    """Check that two arrays agree, relative to the largest number."""
    assert np.max(np.abs(np.asarray(got, dtype=float) - expected)) <= rtol * max(np.max(np.abs(expected)), 1e-3)
