"""The slow truth for recurrent nets: plain NumPy, one sequence and one step after the other, forward mode only.

Every quantity carries its derivatives along each weight, along v, and along both (hyper-dual numbers), as in
`reference.py`, so gradients and Hessian products come out of the chain rule alone, without back-propagation.
"""

import numpy as np
from reference import ACTIVATIONS
from reference import loss as loss_of

BLOCKS = {"elman": 1, "gru": 3, "lstm": 4}


class Dual:
    """A vector with its derivatives along each weight (p, m), along v (m,), and along both (p, m)."""

    def __init__(self, a, i, v, iv):
        self.a, self.i, self.v, self.iv = a, i, v, iv

    @classmethod
    def constant(cls, a, p):
        a = np.asarray(a, dtype=float)
        return cls(a, np.zeros((p, a.size)), np.zeros(a.size), np.zeros((p, a.size)))

    def __add__(self, other):
        return Dual(self.a + other.a, self.i + other.i, self.v + other.v, self.iv + other.iv)

    def __mul__(self, other):
        both = self.i * other.v + self.v * other.i
        return Dual(
            self.a * other.a,
            self.i * other.a + self.a * other.i,
            self.v * other.a + self.a * other.v,
            self.iv * other.a + self.a * other.iv + both,
        )

    def less_from_one(self):
        return Dual(1 - self.a, -self.i, -self.v, -self.iv)

    def through(self, name):
        f, s, q = ACTIVATIONS[name](self.a)
        return Dual(f, s * self.i, s * self.v, s * self.iv + q * self.i * self.v)

    def part(self, rows):
        return Dual(self.a[rows], self.i[:, rows], self.v[rows], self.iv[:, rows])


class Weights:
    """A matrix or vector of the weights, and where it stands in theta."""

    def __init__(self, theta, v, at, shape):
        self.at, self.shape, self.p = at, shape, theta.size
        n = int(np.prod(shape))
        self.a, self.v = theta[at : at + n].reshape(shape), v[at : at + n].reshape(shape)

    def vector(self):
        """The entries as a Dual."""
        own = Dual.constant(self.a, self.p)
        own.v = self.v.copy()
        own.i[self.at + np.arange(self.a.size), np.arange(self.a.size)] = 1.0
        return own

    def times(self, x):
        """The matrix times a Dual."""
        rows, columns = self.shape
        i, iv = x.i @ self.a.T, x.iv @ self.a.T + x.i @ self.v.T
        for r in range(rows):
            for c in range(columns):
                i[self.at + r * columns + c, r] += x.a[c]
                iv[self.at + r * columns + c, r] += x.v[c]
        return Dual(self.a @ x.a, i, self.a @ x.v + self.v @ x.a, iv)


def parts(model, theta, v):
    """The parts of theta by their names, in the order that is documented, not as the model unpacks them."""
    d, h, k, g = model.n_in, model.n_hidden, model.n_out, BLOCKS[model.cell]
    shapes = {"W": (g * h, h), "U": (g * h, d), "b": (g * h,)}
    if model.cell == "gru":
        shapes["e"] = (h,)
    shapes |= {"C": (k, h), "c": (k,)}
    if model.state == "learned":
        shapes["h0"] = (h * (2 if model.cell == "lstm" else 1),)
    found, at = {}, 0
    for name, shape in shapes.items():
        found[name] = Weights(theta, v, at, shape)
        at += int(np.prod(shape))
    assert at == theta.size
    return found


def step(model, P, state, x):
    """The state behind one step."""
    h = model.n_hidden
    block = [slice(b * h, (b + 1) * h) for b in range(4)]
    hidden = state.part(slice(0, h))
    A, R = P["U"].times(x) + P["b"].vector(), P["W"].times(hidden)
    if model.cell == "elman":
        return (A + R).through(model.activation)
    if model.cell == "gru":
        r = (A.part(block[0]) + R.part(block[0])).through("logistic")
        u = (A.part(block[1]) + R.part(block[1])).through("logistic")
        n = (A.part(block[2]) + r * (R.part(block[2]) + P["e"].vector())).through("tanh")
        return u.less_from_one() * n + u * hidden
    i, f, o = ((A + R).part(block[b]).through("logistic") for b in (0, 1, 3))
    cell = f * state.part(slice(h, 2 * h)) + i * (A + R).part(block[2]).through("tanh")
    new = o * cell.through("tanh")
    join = (np.concatenate, (new, cell))
    return Dual(*(join[0]([getattr(one, name) for one in join[1]], axis=-1) for name in ("a", "i", "v", "iv")))


def outputs(model, theta, X, v, state=None):
    """The outputs (n, T, k), their derivatives along each weight (p, n, T, k), along v, and along both."""
    n, T = X.shape[:2]
    p, k = theta.size, model.n_out
    P = parts(model, theta, v)
    out = [np.zeros((n, T, k)), np.zeros((p, n, T, k)), np.zeros((n, T, k)), np.zeros((p, n, T, k))]
    for row in range(n):
        if model.state == "learned":
            now = P["h0"].vector()
        else:
            now = Dual.constant(np.zeros(model.state_size) if state is None else state[row], p)
        for s in range(T):
            now = step(model, P, now, Dual.constant(X[row, s], p))
            z = P["C"].times(now.part(slice(0, model.n_hidden))) + P["c"].vector()
            out[0][row, s], out[1][:, row, s], out[2][row, s], out[3][:, row, s] = z.a, z.i, z.v, z.iv
    return out


def risk(model, name, theta, X, Y, counts, v, *, l2=0.0, state=None):
    """Value, gradient, Hessian times v and Gauss-Newton matrix times v of the mean loss by counts (n, T)."""
    z, z_i, z_v, z_iv = outputs(model, theta, X, v, state)
    value, grad, hessp, ggnp = l2 / 2 * theta @ theta, l2 * theta, l2 * v, l2 * v
    share = counts / counts.sum()
    for row, s in zip(*np.nonzero(counts), strict=True):
        each, slope, bend = loss_of(name, z[row, s][None], Y[row, s][None])
        value = value + share[row, s] * each[0]
        grad = grad + share[row, s] * z_i[:, row, s] @ slope[0]
        bent = share[row, s] * z_i[:, row, s] @ (bend[0] @ z_v[row, s])
        ggnp = ggnp + bent
        hessp = hessp + bent + share[row, s] * z_iv[:, row, s] @ slope[0]
    return value, grad, hessp, ggnp


def opened_counts(counts, opening, t):
    """What steps count where they open one after another: counts times r(L - (s - 1)), L = L0 (T / L0)^t."""
    T = counts.shape[1]
    length = opening * (T / opening) ** t
    out = np.zeros_like(counts)
    for s in range(T):
        u = min(max(length - s, 0.0), 1.0)
        out[:, s] = counts[:, s] * u**2 * (3 - 2 * u)
    return out
