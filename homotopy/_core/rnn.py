"""Recurrent nets in NumPy, with the interface of the compiled kernel that takes this file's place."""

from __future__ import annotations

from math import ceil, log
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, expit, log_softmax, ndtr

from homotopy.errors import ArgumentError

Array = NDArray[Any]

_CELLS = ["elman", "gru", "lstm"]
_GATES = [1, 3, 4]


def cells() -> list[str]:
    """Return the names of the cells in the order of their codes."""
    return list(_CELLS)


def use_isa(name: str) -> None:
    """Do nothing: NumPy chooses its own."""


def _acts(leak: float) -> list[Any]:
    def gelu(z: Array) -> Array:
        return np.asarray(ndtr(z) + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi))

    return [
        (lambda z: z.copy(), np.ones_like),
        (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
        (expit, lambda z: expit(z) * expit(-z)),
        (lambda z: np.maximum(z, 0), lambda z: 1.0 * (z > 0)),
        (lambda z: np.where(z < 0, leak * z, z), lambda z: np.where(z > 0, 1.0, leak)),
        (lambda z: np.logaddexp(z, 0), expit),
        (erf, lambda z: 2 / np.sqrt(np.pi) * np.exp(-(z**2))),
        (np.sin, np.cos),
        (lambda z: z * ndtr(z), gelu),
    ]


class Net:
    """A recurrent net whose weights the caller owns."""

    def __new__(
        cls,
        n_inputs: int,
        n_hidden: int,
        n_outputs: int,
        activation: int,
        cell: int,
        learned: bool,
        single: bool,
        *,
        leak: float = 0.0,
    ) -> Self:
        self = super().__new__(cls)
        own: dict[str, Any] = {"d": n_inputs, "h": n_hidden, "k": n_outputs, "cell": cell, "learned": learned}
        own["kind"] = np.float32 if single else np.float64
        own["act"] = _acts(leak)[activation]
        d, h, k, g = n_inputs, n_hidden, n_outputs, _GATES[cell]
        own["width"] = h * (2 if cell == 2 else 1)
        shapes = [("W", (g * h, h)), ("U", (g * h, d)), ("b", (g * h,))]
        shapes += [("e", (h,))] if cell == 1 else []
        shapes += [("C", (k, h)), ("c", (k,))] + ([("s", (own["width"],))] if learned else [])
        own["shapes"] = shapes
        own["p"] = sum(int(np.prod(shape)) for _, shape in shapes)
        object.__setattr__(self, "_own", own)
        return self

    @property
    def size(self) -> int:
        """The number of weights."""
        return int(self._own["p"])  # type: ignore[attr-defined]

    def _o(self, name: str) -> Any:
        return self._own[name]  # type: ignore[attr-defined]

    def _split(self, theta: Array) -> dict[str, Array]:
        parts, at = {}, 0
        for name, shape in self._o("shapes"):
            n = int(np.prod(shape))
            parts[name] = np.asarray(theta[at : at + n], dtype=np.float64).reshape(shape)
            at += n
        return parts

    def _check(self, theta: Array, X: Array, state: Array | None) -> None:
        for name, one in (("theta", theta), ("X", X), ("state", state)):
            if one is not None and (not isinstance(one, np.ndarray) or one.dtype != self._o("kind")):
                raise ArgumentError(f"{name} must be an array of {np.dtype(self._o('kind'))}")
        if theta.shape != (self.size,):
            raise ArgumentError(f"theta has shape {theta.shape}; the model needs ({self.size},)")
        if X.ndim != 3 or X.shape[2] != self._o("d"):
            raise ArgumentError(f"X has shape {X.shape}; the model needs (n, T, {self._o('d')})")

    def _run(self, theta: Array, X: Array, state: Array | None) -> tuple[Array, Array, list[Any], dict[str, Array]]:
        P, n, h, cell = self._split(theta), len(X), self._o("h"), self._o("cell")
        S = np.zeros((n, self._o("width")))
        if state is not None:
            S[:] = state
        elif "s" in P:
            S[:] = P["s"]
        X = np.asarray(X, dtype=np.float64)
        H = np.empty((n, X.shape[1], h))
        memory: list[Any] = []
        act = self._o("act")[0]
        for s in range(X.shape[1]):
            hidden, A = S[:, :h], X[:, s] @ P["U"].T + P["b"]
            if cell == 0:
                z = A + hidden @ P["W"].T
                memory.append((S, z))
                S = act(z)
            elif cell == 1:
                R = hidden @ P["W"].T
                r, u = expit(A[:, :h] + R[:, :h]), expit(A[:, h : 2 * h] + R[:, h : 2 * h])
                e = R[:, 2 * h :] + P["e"]
                m = np.tanh(A[:, 2 * h :] + r * e)
                memory.append((S, r, u, e, m))
                S = (1 - u) * m + u * S
            else:
                A = A + hidden @ P["W"].T
                i, f, o = expit(A[:, :h]), expit(A[:, h : 2 * h]), expit(A[:, 3 * h :])
                q = np.tanh(A[:, 2 * h : 3 * h])
                c = f * S[:, h:] + i * q
                memory.append((S, i, f, q, o, c))
                S = np.hstack([o * np.tanh(c), c])
            H[:, s] = S[:, :h]
        return H @ P["C"].T + P["c"], H, memory, P

    def forward(self, theta: Array, X: Array, state: Array | None = None) -> Array:
        """Return the outputs, shape (n, T, k)."""
        self._check(theta, X, state)
        return self._run(theta, X, state)[0].astype(self._o("kind"))

    def states(self, theta: Array, X: Array, state: Array | None = None) -> Array:
        """Return the hidden states, shape (n, T, h)."""
        self._check(theta, X, state)
        return self._run(theta, X, state)[1].astype(self._o("kind"))

    def jvp(self, theta: Array, X: Array, v: Array, state: Array | None = None) -> Array:
        """Return the derivative of the outputs along v."""
        self._check(theta, X, state)
        length = float(np.linalg.norm(v))
        if length == 0.0:
            return np.zeros((*X.shape[:2], self._o("k")), dtype=self._o("kind"))
        step = 6e-6 * (1 + float(np.linalg.norm(theta))) / length
        x, v = theta.astype(np.float64), v.astype(np.float64)
        ahead, behind = self._run(x + step * v, X, state)[0], self._run(x - step * v, X, state)[0]
        return np.asarray((ahead - behind) / (2 * step)).astype(self._o("kind"))

    def vjp(self, theta: Array, X: Array, G: Array, state: Array | None = None) -> Array:
        """Return the gradient of the sum of G times the outputs."""
        self._check(theta, X, state)
        return self._back(X, G, *self._run(theta, X, state)[1:]).astype(self._o("kind"))

    def _back(self, X: Array, G: Array, H: Array, memory: list[Any], P: dict[str, Array]) -> Array:
        D = {name: np.zeros(shape) for name, shape in self._o("shapes")}
        h, cell = self._o("h"), self._o("cell")
        D["C"], D["c"] = np.einsum("nsk,nsh->kh", G, H), np.asarray(G.sum((0, 1)))
        dS = np.zeros((len(X), self._o("width")))
        slope = self._o("act")[1]
        for s in range(X.shape[1] - 1, -1, -1):
            dS[:, :h] += G[:, s] @ P["C"]
            S, *own = memory[s]
            if cell == 0:
                dR = dA = dS * slope(own[0])
                dS = dA @ P["W"]
            elif cell == 1:
                r, u, e, m = own
                dm, du = dS * (1 - u) * (1 - m * m), dS * (S - m) * u * (1 - u)
                dr = dm * e * r * (1 - r)
                dA, dR = np.hstack([dr, du, dm]), np.hstack([dr, du, dm * r])
                D["e"] += (dm * r).sum(0)
                dS = dS * u + dR @ P["W"]
            else:
                i, f, q, o, c = own
                t = np.tanh(c)
                dc = dS[:, h:] + dS[:, :h] * o * (1 - t * t)
                di, df = dc * q * i * (1 - i), dc * S[:, h:] * f * (1 - f)
                dq, do = dc * i * (1 - q * q), dS[:, :h] * t * o * (1 - o)
                dR = dA = np.hstack([di, df, dq, do])
                dS = np.hstack([dA @ P["W"], dc * f])
            D["W"] += dR.T @ S[:, :h]
            D["U"] += dA.T @ X[:, s]
            D["b"] += dA.sum(0)
        if "s" in D:
            D["s"] += dS.sum(0)
        return np.concatenate([D[name].ravel() for name, _ in self._o("shapes")])


def _loss(code: int, Z: Array, Y: Array) -> tuple[Array, Array]:
    if code == 0:
        return 0.5 * np.sum((Z - Y) ** 2, -1), Z - Y
    if code == 1:
        value = (1 - Y) * np.logaddexp(0, Z) + Y * np.logaddexp(0, -Z)
        return value.sum(-1), (1 - Y) * expit(Z) - Y * expit(-Z)
    logs = log_softmax(Z, axis=-1)
    return -np.sum(Y * logs, -1), np.exp(logs) - Y


def _bend(code: int, Z: Array, U: Array) -> Array:
    if code == 0:
        return U
    if code == 1:
        return np.asarray(expit(Z) * expit(-Z) * U)
    p = np.exp(log_softmax(Z, axis=-1))
    return np.asarray(p * (U - np.sum(p * U, -1, keepdims=True)))


def _rise(u: Array) -> tuple[Array, Array]:
    inside = np.clip(u, 0.0, 1.0)
    return inside * inside * (3 - 2 * inside), 6 * inside * (1 - inside)


class Risk:
    """The mean loss over the pairs of sample and step that count."""

    def __new__(
        cls,
        net: Net,
        loss: int,
        X: Array,
        Y: Array,
        steps: Array,
        l2: float,
        state: Array | None = None,
        *,
        opening: float | None = None,
    ) -> Self:
        self = super().__new__(cls)
        self._data = (net, loss, X, Y, np.asarray(steps, dtype=np.float64), l2, state, opening)  # type: ignore[attr-defined]
        return self

    @property
    def n(self) -> int:
        """The number of variables."""
        return int(self._data[0].size)  # type: ignore[attr-defined]

    size = n

    def _shares(self, t: float) -> tuple[int, Array, Array]:
        _, _, X, _, steps, _, _, opening = self._data  # type: ignore[attr-defined]
        T = X.shape[1]
        if opening is None:
            return T, steps / steps.sum(), np.zeros_like(steps)
        length = opening * (T / opening) ** t
        phi, slope = _rise(length - np.arange(T))
        weights, moved = phi * steps, slope * length * log(T / opening) * steps
        total, moving = weights.sum(), moved.sum()
        return min(T, ceil(length)), weights / total, moved / total - weights * moving / total**2

    def _pass(self, x: Array, t: float, which: int = 1) -> tuple[float, Array]:
        net, code, X, Y, _, l2, state, _ = self._data  # type: ignore[attr-defined]
        net._check(x, X, state)
        run, *shares = self._shares(t)
        share = shares[which - 1][:, :run]
        Z, *rest = net._run(x, X[:, :run], None if state is None else state)
        each, G = _loss(code, Z, Y[:, :run])
        on = share != 0
        value = float(share[on] @ each[on])
        x64 = x.astype(np.float64)
        G = np.where(on[..., None], share[..., None] * G, 0.0)
        grad = net._back(X[:, :run].astype(np.float64), G, *rest)
        if which == 1:
            value, grad = value + 0.5 * l2 * float(x64 @ x64), grad + l2 * x64
        return value, grad.astype(x.dtype)

    def value_and_grad(self, x: Array, t: float = 1.0) -> tuple[float, Array]:
        """Return the value and the gradient."""
        return self._pass(x, t)

    def value(self, x: Array, t: float = 1.0) -> float:
        """Return the value."""
        return self._pass(x, t)[0]

    def grad(self, x: Array, t: float = 1.0) -> Array:
        """Return the gradient."""
        return self._pass(x, t)[1]

    def evaluate_into(self, x: Array, grad: Array) -> float:
        """Return the value and write the gradient."""
        value, grad[:] = self._pass(x, 1.0)
        return value

    def dt(self, x: Array, t: float) -> float:
        """Return the derivative in t."""
        return self._pass(x, t, 2)[0]

    def dt_grad(self, x: Array, t: float) -> Array:
        """Return the derivative of the gradient in t."""
        return self._pass(x, t, 2)[1]

    def hessp(self, x: Array, v: Array, t: float = 1.0) -> Array:
        """Return the Hessian times v."""
        length = float(np.linalg.norm(v))
        if length == 0.0:
            return np.zeros_like(x)
        h = 3e-4 * (1 + float(np.linalg.norm(x))) / length
        x64, v64 = x.astype(np.float64), v.astype(np.float64)
        near: Any = [self._pass((x64 + s * h * v64).astype(x.dtype), t)[1].astype(np.float64) for s in (1, -1, 2, -2)]
        return np.asarray((8 * (near[0] - near[1]) - (near[2] - near[3])) / (12 * h)).astype(x.dtype)

    def ggnp(self, x: Array, v: Array, t: float = 1.0) -> Array:
        """Return the Gauss-Newton matrix times v."""
        net, code, X, _, _, l2, state, _ = self._data  # type: ignore[attr-defined]
        run, share, _ = self._shares(t)
        X = np.ascontiguousarray(X[:, :run])
        Z = net.forward(x, X, state)
        U = share[:, :run, None] * _bend(code, Z, net.jvp(x, X, v, state))
        return np.asarray(net.vjp(x, X, U.astype(x.dtype), state) + l2 * v).astype(x.dtype)
