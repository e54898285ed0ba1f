r"""The loss of a chain under normal noise on its weights, in three forms, as functions of (x, t).

The noise has the deviation sigma (1 - t). A unit's pre-activation then has the deviation
:math:`s = \sigma (1 - t) \sqrt{|h|^2 + |x|^2 + 1}` of what goes into it (papers/mathematics.md, section 11).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.doors import doors
from homotopy.models.activations import activation
from homotopy.models.smoothing import smoothing
from homotopy.objectives.diffused.chain import Chain
from homotopy.objectives.diffused.dual import Dual, joined, plain, root, scattered, slope, smoothed, total, turned
from homotopy.objectives.flops import flops_of

__all__ = ["EXACT", "LAYERWISE", "LIFTED", "DiffusedChain"]

Vector = NDArray[np.float64]
EXACT, LAYERWISE, LIFTED = "exact", "layerwise", "lifted"


@dataclass
class _Passed:
    """What the pass forward leaves behind at one link."""

    before: Any
    norm: Any
    width: Any
    mean: list[Any]
    spread: Any = None
    spread_a: Any = None
    spread_s: Any = None
    defect: Any = None
    state: Any = None


@doors
class DiffusedChain:
    """One of three forms of the smoothed loss of a chain, with exact derivatives in x and t.

    Parameters
    ----------
    objective : Objective
        What the chain is of: at t = 1 all three are this.
    chain : Chain
        The net.
    sigma : float
        Deviation of the noise at t = 0.
    form : str
        ``exact``: the mean of the squared loss, for one link; ``layerwise``: smoothed activations behind each other;
        ``lifted``: states as variables behind theta in x, tied by a penalty.
    penalty : float
        Of the lifted form.
    """

    def __init__(self, objective: Any, chain: Chain, sigma: float, form: str, penalty: float = 1.0) -> None:
        self.chain, self.sigma, self.form, self.penalty = chain, sigma, form, penalty
        self.smoothing = smoothing(chain.activation)
        self.n_weights = chain.size
        self.size = chain.size + (chain.n_samples * sum(chain.widths) if form == LIFTED else 0)
        state = dict(chain.layout)[chain.initial] if isinstance(chain.initial, str) else (0,)
        self._noisy = chain.size - math.prod(state)  # a learned initial state has no noise
        self._rows = float(len(chain.targets))
        units = chain.n_samples * sum(chain.widths)
        moments = 1 if form == LAYERWISE else 2
        effort = moments * self.smoothing.effort * activation(chain.activation).flops
        self.flops = flops_of(objective) + units * effort

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H(x, t) and its gradient in x, shape (n,)."""
        value, grad = self._both(np.asarray(x), float(t))
        return float(value), grad

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian of H(., t) at x times v, shape (n,)."""
        return np.asarray(slope(self._both(Dual(np.asarray(x), np.asarray(v)), float(t))[1]))

    def dt(self, x: Vector, t: float) -> float:
        """Return the partial derivative of H in t."""
        return float(slope(self._both(np.asarray(x), Dual(float(t), 1.0))[0]))

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the partial derivative in t of the gradient, shape (n,)."""
        return np.asarray(slope(self._both(np.asarray(x), Dual(float(t), 1.0))[1]))

    def states(self, theta: Vector, t: float) -> list[Vector]:
        """Return the states that the smoothed activations make of theta, one table (N, width) for each link."""
        passed = self._forward(self.chain.unpack(np.asarray(theta)), None, float(t))
        return [link.mean[0] for link in passed]

    @np.errstate(over="ignore", invalid="ignore")  # far out a value is not finite, and a descent steps back
    def _both(self, x: Any, t: Any) -> tuple[Any, Any]:
        """Return the value and the gradient, of arrays or of duals."""
        chain, tau = self.chain, 1.0 - t
        theta = x[: self.n_weights]
        free = chain.states(x[self.n_weights :]) if self.form == LIFTED else None
        P = chain.unpack(theta)
        passed = self._forward(P, free, t)
        value, Gz, Gs, parts = self._readout(P, passed, tau)
        value = value + self._penalties(P, passed, tau)
        noise = chain.l2 * self._noisy * (self.sigma * tau) * (self.sigma * tau)
        value = value + 0.5 * (chain.l2 * total(theta * theta) + (0.0 if self.form == LAYERWISE else noise))
        if self.form == EXACT:  # the readout's weights multiply variances
            C = self.chain.readout[0]
            parts[C] = parts[C] + P[C] * total(self.chain.counts * passed[0].spread, 0) / self._rows
        tail = self._backward(P, passed, t, (Gz, Gs, parts))
        grad = chain.pack(parts) + chain.l2 * theta
        return value, grad if free is None else joined([grad, *(part.reshape(-1) for part in tail)])

    def _forward(self, P: dict[str, Any], free: list[Any] | None, t: Any) -> list[_Passed]:
        """Return the states, smoothed, with what the pass back needs."""
        chain, sigma, tau = self.chain, self.sigma * (1.0 - t), 1.0 - t
        given = chain.initial
        state: Any = given
        if isinstance(given, str):
            state = np.ones((chain.n_samples, 1)) @ P[given].reshape((1, -1))
        out = []
        for i, link in enumerate(chain.links):
            a, norm2 = self._into(P, link, state)
            norm = root(norm2)
            width = sigma * norm
            wide = width * np.ones(plain(a).shape)  # in the shape of a, with its derivative
            if self.form == LAYERWISE:
                here = _Passed(state, norm, wide, smoothed(self.smoothing.first, a, wide, 2))
            else:
                m, q = smoothed(self.smoothing.moments, a, wide, 2)
                here = _Passed(state, norm, wide, m)
                here.spread = q[0] - m[0] * m[0]
                here.spread_a = q[1] - 2.0 * m[0] * m[1]
                here.spread_s = wide * (q[2] - 2.0 * m[0] * m[2])
            state = here.mean[0]
            if free is not None:
                here.defect = free[i] - state
                state = t * state + tau * free[i]
            here.state = state
            out.append(here)
        return out

    def _into(self, P: dict[str, Any], link: Any, state: Any) -> tuple[Any, Any]:
        """Return the pre-activations (N, w) of a link, and the squared length (N, 1) of all that goes into a unit."""
        a: Any = np.zeros((self.chain.n_samples, 1))
        norm2: Any = np.zeros((self.chain.n_samples, 1))
        if link.state is not None and state is not None:
            a, norm2 = a + state @ turned(P[link.state]), norm2 + total(state * state, 1, keepdims=True)
        if link.input is not None:
            a, norm2 = a + link.x @ turned(P[link.input]), norm2 + np.sum(link.x**2, axis=1, keepdims=True)
        if link.bias is not None:
            a, norm2 = a + P[link.bias], norm2 + 1.0
        return a, norm2

    def _readout(self, P: dict[str, Any], passed: list[_Passed], tau: Any) -> tuple[Any, Any, Any, dict[str, Any]]:
        """Return the loss of the outputs, its gradients in the states at each link, and in the readout."""
        chain, (C, c) = self.chain, self.chain.readout
        at = [(i, link.rows) for i, link in enumerate(chain.links) if len(link.rows)]
        H = joined([passed[i].state[rows] for i, rows in at])
        Z = H @ turned(P[C]) + (0.0 if c is None else P[c])
        loss, y = chain.loss, chain.targets
        value: Any = loss.value(plain(Z), y)
        G: Any = loss.grad(plain(Z), y)
        if isinstance(Z, Dual):
            value, G = Dual(value, np.sum(G * Z.d)), Dual(G, loss.hessp(Z.v, y, Z.d))
        parts = {C: turned(G) @ H} if c is None else {C: turned(G) @ H, c: total(G, 0)}
        back = G @ P[C]
        if self.form != LAYERWISE:  # the noise of the readout's own weights
            each = plain(Z).shape[1] * (self.sigma * tau) * (self.sigma * tau) / self._rows * chain.counts
            value = value + 0.5 * total(each * (total(H * H, 1, keepdims=True) + (0.0 if c is None else 1.0)))
            back = back + each * H
        gradients: dict[int, Any] = {}
        start = 0
        for i, rows in at:
            gradients[i] = scattered(back[start : start + len(rows)], rows, chain.n_samples)
            start += len(rows)
        return value, gradients, self._spread_weights(P, tau), parts

    def _spread_weights(self, P: dict[str, Any], tau: Any) -> Any:
        """Return what the variance of each unit counts, (N, w), but for the lifted form at t = 1."""
        chain = self.chain
        if self.form == EXACT:
            C = P[chain.readout[0]]
            k = plain(C).shape[0]
            return 0.5 / self._rows * chain.counts * (total(C * C, 0) + k * (self.sigma * tau) * (self.sigma * tau))
        return 0.5 * self.penalty / self._rows

    def _penalties(self, P: dict[str, Any], passed: list[_Passed], tau: Any) -> Any:
        """Return what variances and defects add to the loss."""
        if self.form == LAYERWISE:
            return 0.0
        if self.form == EXACT:
            return total(self._spread_weights(P, tau) * passed[0].spread)
        value: Any = 0.0
        for link, here in zip(self.chain.links, passed, strict=True):
            each = 0.5 * self.penalty / self._rows * link.counts
            spread = self._leading(here) * tau if plain(tau) == 0.0 else here.spread / tau
            value = value + total(each * (tau * here.defect * here.defect + spread))
        return value

    def _leading(self, here: _Passed) -> Any:
        """Return the variance over (1 - t)^2 in the limit t -> 1."""
        slant = self.sigma * here.norm * here.mean[1]
        return slant * slant

    def _backward(self, P: dict[str, Any], passed: list[_Passed], t: Any, given: tuple[Any, Any, Any]) -> list[Any]:
        """Add the gradient in the weights to the parts; return that in the free states, link by link."""
        chain, tau = self.chain, 1.0 - t
        at_outputs, spread_weights, parts = given
        tail: list[Any] = []
        G: Any = 0.0
        for i in range(len(passed) - 1, -1, -1):
            link, here = chain.links[i], passed[i]
            G = G + at_outputs.get(i, 0.0)
            if self.form == LIFTED:
                pull = self.penalty / self._rows * link.counts * tau * here.defect
                tail.append(tau * G + pull)
                G = t * G - pull
            Ga, Gn = self._through(link, here, G, spread_weights, tau)
            G = self._into_back(P, parts, link, here, (Ga, Gn))
        if isinstance(chain.initial, str):
            parts[chain.initial] = total(G, 0)
        return tail[::-1]

    def _through(self, link: Any, here: _Passed, G: Any, weights: Any, tau: Any) -> tuple[Any, Any]:
        """Return the gradients in pre-activations (N, w) and in the norm of what goes in (N, 1)."""
        m = here.mean
        Ga, Gs = G * m[1], G * here.width * m[2]
        Gn: Any = 0.0
        if self.form == EXACT:
            Ga, Gs = Ga + weights * here.spread_a, Gs + weights * here.spread_s
        elif self.form == LIFTED:
            each = weights * link.counts
            if plain(tau) == 0.0:
                double = 2.0 * self.sigma * self.sigma * tau * each * here.norm * m[1]
                Ga, Gn = Ga + double * here.norm * m[2], total(double * m[1], 1, keepdims=True)
            else:
                Ga, Gs = Ga + each * here.spread_a / tau, Gs + each * here.spread_s / tau
        return Ga, Gn + self.sigma * tau * total(Gs, 1, keepdims=True)

    def _into_back(self, P: dict[str, Any], parts: dict[str, Any], link: Any, here: _Passed, G: Any) -> Any:
        """Add a link's share of the gradient to the parts, and return the gradient in the state before it."""
        Ga, Gn = G
        if link.input is not None:
            parts[link.input] = parts.get(link.input, 0.0) + turned(Ga) @ link.x
        if link.bias is not None:
            parts[link.bias] = parts.get(link.bias, 0.0) + total(Ga, 0)
        if link.state is None or here.before is None:
            return 0.0
        parts[link.state] = parts.get(link.state, 0.0) + turned(Ga) @ here.before
        norm = here.norm + (plain(here.norm) == 0.0)
        return Ga @ P[link.state] + Gn / norm * here.before
