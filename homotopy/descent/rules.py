"""The rules of descent: how a step is made from a gradient."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from homotopy.arguments import integer, number, shown
from homotopy.doors import door, doors
from homotopy.errors import ArgumentError

__all__ = ["BY_NAME", "GD", "LBFGS", "LM", "Adam", "Momentum", "Nesterov", "Newton", "Rprop", "Rule", "rule"]

PAIRS = 20
"""Of an L-BFGS memory."""
FEW_PAIRS, FEW_VARIABLES = 5, 40
"""Of the memory where a gradient is cheap, and up to how many variables that may be."""


def _between(where: str, value: float, low: float, high: float) -> None:
    """Refuse a value outside [low, high)."""
    number(where, value, f"a number in [{low:g}, {high:g})", least=low, below=high)


@doors
@dataclass(frozen=True)
class GD:
    """Gradient descent: x <- x - h g, with h = 0.1 unless a step size is given, in units of x squared over those of f.

    Attributes
    ----------
    code : int
        The rule's number in the compiled loop (HP_GD, ... in ext/descent/descent.h).
    step_size : float
        The step size where none is given; zero leaves the first step, or the first damping, to the rule.
    numbers : tuple of three float
        Two coefficients and a small number, as the compiled loop wants them: the fields named in `coefficients`.
    """

    code: ClassVar[int] = 0
    step_size: ClassVar[float] = 0.1
    coefficients: ClassVar[tuple[str, ...]] = ()

    @property
    def numbers(self) -> tuple[float, float, float]:
        """The fields that `coefficients` names, and zeros."""
        first, second, third, *_ = [*(getattr(self, name) for name in self.coefficients), 0.0, 0.0, 0.0]
        return first, second, third


@doors
@dataclass(frozen=True)
class Momentum(GD):
    """Heavy-ball momentum: u <- beta u + g, x <- x - h u (Polyak, 1964), with h = 0.01 unless a step size is given.

    Parameters
    ----------
    beta : float
        In [0, 1).
    """

    code = 1
    step_size = 0.01
    coefficients = ("beta",)
    beta: float = 0.9

    def __post_init__(self) -> None:
        _between("momentum", self.beta, 0.0, 1.0)


@doors
@dataclass(frozen=True)
class Nesterov(Momentum):
    """Nesterov's momentum: u <- beta u + g, x <- x - h (g + beta u) (Sutskever et al., 2013, in these variables)."""

    code = 2


@doors
@dataclass(frozen=True)
class Adam(GD):
    """Adam (Kingma and Ba, 2015, algorithm 1), with h = 0.01 unless a step size is given.

    Parameters
    ----------
    beta : float
        Decay of the mean of the gradient, in [0, 1).
    beta2 : float
        Decay of the mean of its square, in [0, 1).
    epsilon : float
        Added to the root of that mean, in units of the gradient; positive.
    """

    code = 3
    step_size = 0.01
    coefficients = ("beta", "beta2", "epsilon")
    beta: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        _between("Adam: beta", self.beta, 0.0, 1.0)
        _between("Adam: beta2", self.beta2, 0.0, 1.0)
        number("Adam: epsilon", self.epsilon, "positive", above=0)


@doors
@dataclass(frozen=True)
class Rprop(GD):
    """IRprop- (Igel and Huesken, 2003): each variable's own step grows while its slope keeps its sign.

    The step size (0.01 unless given) is every variable's first step; a schedule multiplies only that one.

    Parameters
    ----------
    grow, shrink : float
        Factors of a step after a slope of the same and of the other sign; shrink < 1 < grow.
    smallest, largest : float
        Bounds of a step, in units of x.

    Raises
    ------
    ArgumentError
        Unless 0 < shrink < 1 < grow and 0 < smallest <= largest.
    """

    code = 4
    step_size = 0.01
    coefficients = ("grow", "shrink")
    grow: float = 1.2
    shrink: float = 0.5
    smallest: float = 1e-12
    largest: float = 50.0

    def __post_init__(self) -> None:
        if not 0 < self.shrink < 1 < self.grow < float("inf"):
            raise ArgumentError(
                f"Rprop: 0 < shrink < 1 < grow must hold, not {shown(self.shrink)} and {shown(self.grow)}"
            )
        if not 0 < self.smallest <= self.largest:
            raise ArgumentError(
                f"Rprop: 0 < smallest <= largest must hold, not {shown(self.smallest)}, {shown(self.largest)}"
            )


@door
@dataclass(frozen=True)
class LBFGS(GD):
    """L-BFGS with a line search for the Armijo (1e-4) and the weak Wolfe (0.9) conditions.

    The first trial along the bare gradient has length 1, in the units of a net's weights, or is the step size times the
    gradient where one is given; later first trials are the quasi-Newton step. A value that is not finite shortens the
    step. Nocedal and Wright (2006), algorithm 7.4.

    A plain function, which is not compiled and lies around nothing that is, has no such unit: its first trial is that
    to the minimum of a parabola along the gradient, whose curvature one more evaluation measures, so that
    s f(x / c + b) descends as f(x) does. Where no step lowers it, it has converged if what the next step should gain
    lies below 1e-14 of the value, if the gradient over the first curvature is below 1e-14 of x, or if the gradient
    fell to 1e-5 of the largest one.

    Parameters
    ----------
    memory : int or None
        Pairs of differences that are kept; at least 1. None lets `pairs` choose.
    """

    code = 5
    step_size = 0.0
    memory: int | None = None

    def __post_init__(self) -> None:
        if self.memory is not None:
            integer("memory", self.memory)

    def pairs(self, n_variables: int, n_samples: int = 0, advised: int = 0) -> int:
        """Return how many pairs are kept: `memory`, or what the objective advises, or the rule's choice.

        `n_samples` is on how many samples the function has outputs, 0 without any.

        Teachers advise 4: the recursion over 20 pairs costs more than their gradient (ext/teacher/teacher.pyx says what
        was measured). The choice is 20, but for a net of at most 40 variables on at most 20 samples one pair a sample,
        at least 5. There the recursion over the pairs costs more than the gradient. In seconds a success, lanes across
        starts, 5 pairs are 1.8 times as fast as 20 on XOR (9 variables, 4 samples), 1.5 on 17 variables, twice on
        Jellyfish, at equal success rates; on the sine (13 variables, 100 samples) 20 pairs are 5 times as fast as 5.

        Examples
        --------
        >>> LBFGS().pairs(9, 4), LBFGS().pairs(13, 100), LBFGS(memory=7).pairs(9, 4)
        (5, 20, 7)
        """
        if self.memory is not None or advised:
            return self.memory or advised
        return min(max(n_samples, FEW_PAIRS), PAIRS) if n_samples > 0 and n_variables <= FEW_VARIABLES else PAIRS


@doors
@dataclass(frozen=True)
class LM(GD):
    """Levenberg-Marquardt: steps that solve (G + damping I) d = -g with the dense Gauss-Newton matrix G.

    For objectives with outputs, up to about a thousand variables, and paths around them. The damping follows Nielsen
    (1999), equation 2.4; a step size, where one is given, is the first damping over the largest diagonal entry of the
    matrix (1e-3). A matrix of a net of k outputs and p weights on N samples is charged its N k p^2 flops in gradients,
    fewer where sums over samples make it, and its factorization p^3 / 3 flops; a trial costs a gradient, and a step is
    not begun where the budget does not pay for it. Marquardt (1963), with the identity for the scaling. Small nets run
    in lanes (`descend`).
    """

    code = 6
    step_size = 0.0


@dataclass(frozen=True)
class Newton(LM):
    """Damped Newton: steps that solve (H + damping I) d = -g with the dense Hessian H, the damping as in `LM`.

    A Hessian that is not positive definite raises the damping. Where the objective has no compiled Hessian, its
    columns are central differences of the gradient, charged two gradients each: steps of 6e-6 (1 + |x_j|), where for
    plain functions (`LBFGS`) the 1 is the smaller of |f| / |grad f| and the root mean square of x.
    """

    code = 7


Rule = GD

BY_NAME: dict[str, type[GD]] = {
    "gd": GD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adam": Adam,
    "rprop": Rprop,
    "lbfgs": LBFGS,
    "lm": LM,
    "newton": Newton,
}


def rule(name: str | Rule, *, momentum: float | None = None, memory: int | None = None) -> Rule:
    """Return a rule by its name, or the rule itself, with its momentum or its memory changed where they are given.

    Raises
    ------
    ArgumentError
        If the name is unknown, or the rule has no momentum.

    Examples
    --------
    >>> rule("nesterov", momentum=0.95)
    Nesterov(beta=0.95)
    """
    if isinstance(name, Rule):
        chosen = name
    elif isinstance(name, str) and name in BY_NAME:
        chosen = BY_NAME[name]()
    else:
        raise ArgumentError(f"rule must be a rule or one of {', '.join(BY_NAME)}, not {shown(name)}")
    changes: dict[str, Any] = {}
    if momentum is not None:
        if not hasattr(chosen, "beta"):
            raise ArgumentError(f"momentum is {shown(momentum)}, but {type(chosen).__name__} has none")
        changes["beta"] = momentum
    if memory is not None and isinstance(chosen, LBFGS):
        changes["memory"] = memory
    return replace(chosen, **changes)
