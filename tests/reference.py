"""The slow truth for the compiled kernels: plain NumPy, forward mode only, sharing no code with them.

Every quantity carries its derivatives along each weight, along v, and along both (hyper-dual numbers), so gradients
and Hessian products come out of the chain rule alone, without back-propagation.
"""

from itertools import pairwise

import numpy as np
from scipy.special import erf, expit, log_softmax, ndtr


def _tanh(z):
    a = np.tanh(z)
    s = 1 / np.cosh(z) ** 2
    return a, s, -2 * a * s


def _logistic(z):
    a, b = expit(z), expit(-z)
    return a, a * b, a * b * (b - a)


def _softplus(z):
    a, b = expit(z), expit(-z)
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))), a, a * b


def _erf(z):
    s = 2 / np.sqrt(np.pi) * np.exp(-(z**2))
    return erf(z), s, -2 * z * s


def _gelu(z):
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return z * ndtr(z), ndtr(z) + z * density, (2 - z**2) * density


def _leaky(leak):
    return lambda z: (np.where(z > 0, z, leak * z), np.where(z > 0, 1.0, leak), np.zeros_like(z))


ACTIVATIONS = {
    "identity": lambda z: (z, np.ones_like(z), np.zeros_like(z)),
    "tanh": _tanh,
    "logistic": _logistic,
    "relu": lambda z: (z * (z > 0), 1.0 * (z > 0), np.zeros_like(z)),
    "softplus": _softplus,
    "erf": _erf,
    "sin": lambda z: (np.sin(z), np.cos(z), -np.sin(z)),
    "gelu": _gelu,
    "leaky-relu": _leaky(0.01),
    "leaky-relu:slope=0.3": _leaky(0.3),
}
"""Name to a function that returns the activation and its first two derivatives."""


def layers(sizes, theta, bias=True):
    """The weights and biases of each layer (zeros where the net has none)."""
    out, at = [], 0
    for n_in, n_out in pairwise(sizes):
        W = theta[at : at + n_in * n_out].reshape(n_out, n_in)
        at += n_in * n_out
        b = theta[at : at + n_out] if bias else np.zeros(n_out)
        at += n_out * bias
        out.append((W, b))
    return out


def outputs(sizes, theta, X, v, *, activation="tanh", output="identity", bias=True, mix=1.0):
    """Outputs z (n, k), their derivatives along each weight (p, n, k), along v (n, k), and along both (p, n, k)."""
    p = theta.size
    one = np.eye(p)
    a = X
    a_v = np.zeros_like(X)
    a_i = np.zeros((p, *X.shape))
    a_iv = np.zeros((p, *X.shape))
    net = layers(sizes, theta, bias)
    moved = layers(sizes, v, bias)
    units = [layers(sizes, e, bias) for e in one]
    for index, ((W, b), (V, c)) in enumerate(zip(net, moved, strict=True)):
        E = np.array([u[index][0] for u in units])
        e = np.array([u[index][1] for u in units])
        z = a @ W.T + b
        z_v = a_v @ W.T + a @ V.T + c
        z_i = a_i @ W.T + np.einsum("nj,pkj->pnk", a, E) + e[:, None, :]
        z_iv = a_iv @ W.T + a_i @ V.T + np.einsum("nj,pkj->pnk", a_v, E)
        last = index == len(net) - 1
        f, s, q = ACTIVATIONS[output if last else activation](z)
        if not last and mix != 1:
            f, s, q = (1 - mix) * z + mix * f, (1 - mix) + mix * s, mix * q
        a, a_v, a_i, a_iv = f, s * z_v, s * z_i, s * z_iv + q * z_i * z_v
    return a, a_i, a_v, a_iv


def loss(name, z, y):
    """The loss of each sample (n,), its gradient in z (n, k) and its Hessian (n, k, k)."""
    eye = np.eye(z.shape[1])
    if name == "squared":
        return 0.5 * np.sum((z - y) ** 2, 1), z - y, np.broadcast_to(eye, (len(z), *eye.shape))
    if name == "logistic":
        p, q = expit(z), expit(-z)
        value = (1 - y) * (np.maximum(z, 0) + np.log1p(np.exp(-abs(z)))) + y * (
            np.maximum(-z, 0) + np.log1p(np.exp(-abs(z)))
        )
        return value.sum(1), (1 - y) * p - y * q, (p * q)[:, :, None] * eye
    assert name == "softmax", f"there is no truth of the loss {name!r}"
    p = np.exp(log_softmax(z, axis=1))
    return -np.sum(y * log_softmax(z, axis=1), 1), p - y, p[:, :, None] * eye - p[:, :, None] * p[:, None, :]


def risk(sizes, name, theta, X, y, v, *, l2=0.0, weights=None, **net):
    """Value, gradient, Hessian times v and Gauss-Newton matrix times v of the mean loss plus l2/2 |theta|^2.

    Samples count in the mean by their weights (n,), all alike without.
    """
    z, z_i, z_v, z_iv = outputs(sizes, theta, X, v, **net)
    value, slope, bend = loss(name, z, y)
    share = np.full(len(X), 1.0 / len(X)) if weights is None else weights / np.sum(weights)
    grad = np.einsum("n,nk,pnk->p", share, slope, z_i) + l2 * theta
    ggnp = np.einsum("n,pnk,nkl,nl->p", share, z_i, bend, z_v) + l2 * v
    hessp = ggnp + np.einsum("n,nk,pnk->p", share, slope, z_iv)
    return share @ value + l2 / 2 * theta @ theta, grad, hessp, ggnp
