"""A net that is none of the package's: outputs and their first derivatives, nothing else."""

import numpy as np

from homotopy.models.losses import loss
from homotopy.objectives import NetObjective


class Waves(NetObjective):
    """Outputs z_i = sum_j a_j sin(w_j s_i) + c at samples s, x = (a, w, c)."""

    def __init__(self, s, y, n_waves=2, *, kind="squared", l2=0.0):
        self.s, self.n, self.l2 = np.asarray(s, dtype=float), n_waves, l2
        self.size, self.loss = 2 * n_waves + 1, loss(kind)
        self.targets = self.loss.targets(y, 1)

    def forward(self, x):
        a, w = x[: self.n], x[self.n : -1]
        return (np.sin(np.outer(self.s, w)) @ a + x[-1])[:, None]

    def jvp(self, x, v):
        return self._jacobian(x) @ v[:, None]

    def vjp(self, x, G):
        return self._jacobian(x).T @ G[:, 0]

    def _jacobian(self, x):
        a, w = x[: self.n], x[self.n : -1]
        angles = np.outer(self.s, w)
        return np.column_stack([np.sin(angles), a * self.s[:, None] * np.cos(angles), np.ones(len(self.s))])


def waves(kind="squared", *, l2=0.0, seed=0):
    """Return Waves on twelve samples."""
    rng = np.random.default_rng(seed)
    s = rng.uniform(-2, 2, 12)
    y = np.sin(1.3 * s) + 0.1 * rng.standard_normal(12)
    return Waves(s, y if kind == "squared" else (y > 0).astype(float), kind=kind, l2=l2)
