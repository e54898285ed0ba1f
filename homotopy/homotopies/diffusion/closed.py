"""Noise on the weights of a chain that falls to zero: exact, lifted and layer by layer."""

from __future__ import annotations

from math import inf
from typing import Any, ClassVar

import numpy as np
import scipy

from homotopy.arguments import number
from homotopy.doors import door
from homotopy.homotopies.easy import beginning, solve_easy
from homotopy.homotopies.general.moving import Moving
from homotopy.models.activations import activation
from homotopy.models.smoothing import is_smoothed
from homotopy.objectives.base import Seed, Vector
from homotopy.objectives.diffused import EXACT, LAYERWISE, LIFTED, DiffusedChain
from homotopy.objectives.family import around

__all__ = ["Diffusion", "LayerwiseDiffusion", "LiftedDiffusion"]


class _OnChain(Moving):
    """A homotopy of a chain with noise of deviation sigma (1 - t)."""

    needs = ("chain",)
    form: ClassVar[str]

    def __init__(self, objective: Any, sigma: float, x0: Vector | None, penalty: float = 1.0) -> None:
        self.objective = self.accepted(objective)
        self.sigma = number("sigma", sigma, "a positive number", above=0, below=inf)
        self.x0 = None if x0 is None else around(objective, x0)
        self.chain = self.objective.chain()  # type: ignore[attr-defined]
        self._follow(DiffusedChain(self.objective, self.chain, self.sigma, self.form, penalty))

    @classmethod
    def reason(cls, objective: Any) -> str | None:
        """Return None if the homotopy can be built on an objective, else why not, in one sentence."""
        lacking = super().reason(objective)
        if lacking is not None:
            return lacking
        units = objective.chain().activation
        return None if is_smoothed(units) else f"nobody has written down the smoothing of {units} units"

    @property
    def flops(self) -> float:
        """Flops of one `value_and_grad`: the objective's, and the smoothed activations."""
        return float(self._moving.flops)


@door
class Diffusion(_OnChain):
    r"""The squared loss of a net with one hidden layer, averaged over normal noise on all weights, in closed form.

    Parameters
    ----------
    objective : Objective
        The true problem: a net with one hidden layer, identity outputs and the squared loss (the facet ``chain``).
    sigma : float
        Deviation of the noise at t = 0, positive; sigma (1 - t) at t.
    x0 : ndarray of shape (n,) or None
        Where `start` begins to minimize; None begins at a random point.

    Raises
    ------
    ArgumentError
        If the objective is another, sigma is not positive, or x0 has not the objective's size.

    Notes
    -----
    .. math:: H(x, t) = E f(x + \sigma (1 - t) Z), \qquad Z \sim N(0, I_n)

    With the means m and variances v of the units under noise of the deviation
    :math:`s = \sigma (1 - t) \sqrt{|x|^2 + 1}` of their pre-activations (papers/mathematics.md, section 11)

    .. math:: H = \ell(C m + c) + \tfrac12 \textstyle\sum_j (|C_j|^2 + k s_0^2) v_j + \tfrac12 k s_0^2 (|m|^2 + 1)
              + \tfrac{\lambda}{2} (|\theta|^2 + n s_0^2), \qquad s_0 = \sigma (1 - t),

    in the mean over samples. For odd units :math:`\theta = 0` but for the output biases, which are the mean target, is
    stationary at every sigma; for tanh and erf units it is at large sigma the minimum, the only one that was found from
    random starts (`blurred` is that point). Relu units have none there without an l2: they die, biases going to
    infinity.

    References
    ----------
    H. Mobahi, "Training recurrent neural networks by diffusion", arXiv 1601.04114: the idea and smoothed activations.
    The second moments are worked out here.

    Examples
    --------
    >>> from homotopy.problems import problem
    >>> risk = problem("xor").objective
    >>> H, x = Diffusion(risk, sigma=0.5), np.full(9, 0.3)
    >>> round(H.value(x, 1.0) - risk.value(x), 12), H.value(x, 0.0) > risk.value(x)
    (0.0, True)
    """

    form = EXACT

    def __init__(self, objective: Any, sigma: float = 0.5, *, x0: Vector | None = None) -> None:
        super().__init__(objective, sigma, x0)

    @classmethod
    def reason(cls, objective: Any) -> str | None:
        """Return why the squared loss has no closed form under noise, or None."""
        lacking = super().reason(objective)
        if lacking is not None:
            return lacking
        chain = objective.chain()
        if not chain.loss.quadratic:
            return f"the loss is {chain.loss.name}; the squared one is needed"
        n = len(chain.links)
        if n > 1:
            return f"the net is a chain of {n} layers or steps; one is needed"
        if isinstance(chain.initial, str):
            return "the initial state is learned, and its noise would be multiplied by that of the weights"
        return None

    def blurred(self) -> Vector | None:
        """Return the stationary point at which nothing is left of the net but the best constant, shape (n,).

        It is one at every sigma where units are odd (tanh, erf, sin), and else None. Of tanh and erf units it is the
        minimum where sigma is large.
        """
        chain = self.chain
        act = activation(chain.activation)
        odd = np.all(act(np.array([0.7])) == -act(np.array([-0.7])))
        if chain.initial is not None or chain.readout[1] is None or not odd:
            return None
        return np.asarray(chain.pack({chain.readout[1]: chain.loss.constant(chain.targets) / (1.0 + chain.l2)}))


@door
class LayerwiseDiffusion(_OnChain):
    r"""Activations averaged over the noise that the weights before them have, one behind the other: cheap, and biased.

    Parameters
    ----------
    objective : Objective
        The true problem: a net with hidden layers, or an Elman net, and identity outputs (the facet ``chain``).
    sigma : float
        Deviation of the noise at t = 0, positive; sigma (1 - t) at t.
    x0 : ndarray of shape (n,) or None
        Where `start` begins to minimize; None begins at a random point.

    Raises
    ------
    ArgumentError
        If the objective is no chain, sigma is not positive, or x0 has not the objective's size.

    Notes
    -----
    H(x, t) is the loss of the net whose layers are :math:`h_i = E_Z f(A h_{i-1} + B x + b + s_i Z)` with
    :math:`s_i = \sigma (1 - t) \sqrt{|h_{i-1}|^2 + |x|^2 + 1}`: means are passed on as if they were numbers, no layer's
    variance is seen by the next or by the loss. All losses are taken.
    """

    form = LAYERWISE

    def __init__(self, objective: Any, sigma: float = 0.5, *, x0: Vector | None = None) -> None:
        super().__init__(objective, sigma, x0)


@door
class LiftedDiffusion(_OnChain):
    r"""The states of all layers or time steps as variables, tied by a penalty; each term averaged over weight noise.

    Parameters
    ----------
    objective : Objective
        The true problem: a net with hidden layers, or an Elman net, identity outputs and the squared loss.
    sigma : float
        Deviation of the noise at t = 0, positive; sigma (1 - t) at t.
    penalty : float
        Weight Lambda of the squared defects of the states at t = 0, positive; Lambda / (1 - t) at t.
    x0 : ndarray of shape (n,) or None
        Where `start` begins to minimize; None begins at a random point.

    Raises
    ------
    ArgumentError
        If the objective is another, a number is not positive, or x0 has not the objective's size.

    Notes
    -----
    With states h of N samples behind the weights in x, :math:`s_0 = \sigma (1 - t)`,

    .. math:: F(\theta, h) = \ell(C h + c) + \tfrac12 k s_0^2 (|h|^2 + 1)
              + \tfrac{\Lambda}{2 (1 - t)} \textstyle\sum_i (|h_i - m(h_{i-1})|^2 + v(h_{i-1})),

    each term in closed form, for given states their pre-activations are normal. The variables u of x give the states
    :math:`h_i = (1 - t) u_i + t \, m(h_{i-1})`, so that they are the states themselves at t = 0 and no longer matter at
    t = 1, where H is the true problem. A learned initial state is a state and has no noise. Derivation, and what in it
    is ours, in papers/mathematics.md, section 11.
    Costs are those of an evaluation of the loss and of the smoothed units; vector operations on the states are not
    charged.

    References
    ----------
    H. Mobahi, "Training recurrent neural networks by diffusion", arXiv 1601.04114: lifting by auxiliary variables; only
    its abstract and introduction were read.
    """

    form = LIFTED

    def __init__(self, objective: Any, sigma: float = 0.5, *, penalty: float = 1.0, x0: Vector | None = None) -> None:
        self.penalty = number("penalty", penalty, "a positive number", above=0, below=inf)
        super().__init__(objective, sigma, x0, self.penalty)

    @classmethod
    def reason(cls, objective: Any) -> str | None:
        """Return why the terms have no closed form under noise, or None."""
        lacking = super().reason(objective)
        if lacking is not None:
            return lacking
        loss = objective.chain().loss
        return None if loss.quadratic else f"the loss is {loss.name}; the squared one is needed"

    def enter(self, x: Vector, rng: Seed = None) -> Vector:
        """Return x with the states that it has at t = 0: no defects, shape (n + states,)."""
        del rng
        return np.concatenate([x, *(h.ravel() for h in self._moving.states(x, 0.0))])

    def finish(self, x: Vector) -> Vector:
        """Return x without the states."""
        return np.array(x[: self.objective.size])

    def eliminated(self, x: Vector, t: float, *, tolerance: float = 1e-8) -> Vector:
        """Return x with the states that minimize H(., t) for its weights, by Newton's method with conjugate gradients.

        With one hidden layer that is a linear system, solved at the first step.

        Parameters
        ----------
        x : ndarray of shape (n + states,)
            Weights, and states to begin with.
        t : float
            In [0, 1); at 1 the states do not matter, and x is returned.
        tolerance : float
            Of the gradient's norm in the states, relative to the norm it has at x.
        """
        n, x = self.objective.size, np.array(x, dtype=np.float64)
        if t == 1.0:
            return x

        def whole(h: Vector) -> Vector:
            return np.concatenate([x[:n], h])

        def both(h: Vector) -> tuple[float, Vector]:
            value, grad = self.value_and_grad(whole(h), t)
            return value, grad[n:]

        def product(h: Vector, v: Vector) -> Vector:
            return self.hessp(whole(h), t, np.concatenate([np.zeros(n), v]))[n:]

        least = tolerance * max(float(np.linalg.norm(both(x[n:])[1])), 1e-300)
        found = scipy.optimize.minimize(
            both, x[n:], jac=True, hessp=product, method="trust-ncg", options={"gtol": least}
        )
        return whole(found.x)

    def start(self, rng: Seed = None) -> Vector:
        """Return a stationary point of H(., 0), reached by L-BFGS from x0 or a random point with its states."""
        begin = beginning(self, rng)
        return solve_easy(self, begin if len(begin) == self.size else self.enter(begin, rng))
