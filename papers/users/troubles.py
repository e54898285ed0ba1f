"""Ten troubles, two of them in two forms: what was asked, with which settings, and what was advised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import homotopy as hp
from homotopy.descent import Adam, Rprop

from .problems import line_relu, problem, sine_thousand, trend, xor_thousand

__all__ = ["RMSPROP", "TROUBLES", "Settings", "Trouble"]

RMSPROP = Adam(beta=0.0, beta2=0.9, epsilon=1e-7)
"""RMSprop as Keras has it, but for the correction of the mean square's bias, which is over after some 20 updates."""


@dataclass(frozen=True)
class Settings:
    """An optimizer: its rule, and for each stage the step and the number of updates of the full batch."""

    rule: str | Adam | Rprop
    stages: tuple[tuple[float | None, int], ...]
    text: str

    def times(self, steps: float, updates: int, text: str) -> Settings:
        """Return the same rule with its steps and its numbers of updates multiplied."""
        stages = tuple((step and step * steps, updates * n) for step, n in self.stages)
        return Settings(self.rule, stages, text)


@dataclass(frozen=True)
class Trouble:
    """What a practitioner ran into.

    Attributes
    ----------
    name : str
        Of its problem.
    label : str
        What tables and the picture call it.
    source, address : str
        Where it was asked, in short and in full.
    symptom : str
        What was seen, with the number that was told, if any.
    settings : Settings
        The optimizer of the question.
    remedy : str
        What is changed to see whether the settings are to blame.
    error : str
        What the kind is called if that change helps.
    cured : Settings
        The optimizer with the change.
    cure : callable or None
        Returns the problem with the change; None where it is the same.
    fails : str
        What the user called a failure: ``unsolved``, the loss never fell to the problem's target; ``frozen``, the
        gradient is 0 at the end; ``steep``, a slope of half the sum of squares is .04 or more at the end; ``mixed``,
        some 1 is ranked below some 0 at the end.
    """

    name: str
    label: str
    source: str
    address: str
    symptom: str
    settings: Settings
    remedy: str
    error: str
    cured: Settings = field(repr=False)
    cure: Callable[[], hp.Problem] | None = field(default=None, repr=False)
    fails: str = "unsolved"

    def problem(self) -> hp.Problem:
        """Return the problem of the question."""
        return problem(self.name)


def _longer(settings: Settings) -> tuple[str, str, Settings]:
    """Return the remedy of ten times as many updates."""
    text = "10 times the updates"
    return text, "too few updates", settings.times(1, 10, text)


BACKPROP = Settings("gd", ((4.0, 100_000),), "gradient descent, rate 1, 100,000 epochs")
TANH = Settings("adam", ((0.001, 80_000),), "Adam .001, 80,000 updates")
RELU = Settings(RMSPROP, ((0.001, 25_000),), "RMSprop .001, 25,000 updates")
SGD = Settings("gd", ((4.0, 2000),), "gradient descent, rate .5, 2,000 epochs")
SLOW = Settings("gd", ((0.04, 20_000),), "gradient descent, rate .01, 20,000 epochs")
DEEP = Settings("adam", ((1.0, 10), (0.1, 500)), "Adam 1 for 10 updates, .1 for 500")
LINE = Settings("adam", ((0.001, 500),), "Adam .001, 500 updates")
TREND = Settings(Rprop(largest=0.1), ((0.1, 100_000),), "Rprop, steps up to .1, 100,000 updates")
THOUSAND = Settings("gd", ((0.4, 20_000),), "gradient descent, rate .1, 20,000 epochs")
SINE = Settings("adam", ((0.001, 20_000),), "Adam .001, 20,000 updates")
DIGITS = Settings("adam", ((0.001, 200),), "Adam .001, 200 updates")
PATTERN = Settings("lbfgs", ((None, 1000),), "L-BFGS, 1,000 iterations")

STACK = "https://stackoverflow.com/questions/"
CROSS = "https://stats.stackexchange.com/questions/"

TROUBLES = (
    Trouble(
        "xor_backprop", "XOR, logistic units, U(0, 1)", "stats.stackexchange 213666", f"{CROSS}213666",
        "one run in 5 to 10 fails, (1, 1) stays at .67", BACKPROP, *_longer(BACKPROP),
    ),
    Trouble(
        "xor_tanh", "XOR, tanh, cross entropy", "Stack Overflow, on Keras 2 (read in a copy)",
        "https://newbedev.com/xor-not-learned-using-keras-v2-0",
        "ends at (0, 1, .5, .5), loss ln 2 / 2", TANH, *_longer(TANH),
    ),
    Trouble(
        "xor_relu", "XOR, 2 relu units", "stats.stackexchange 320672", f"{CROSS}320672",
        "stays at .3397 with 1 to 4 units, 5 work", RELU, *_longer(RELU),
    ),
    Trouble(
        "xor_sgd", "XOR, logistic units, Glorot", "Stack Overflow 56914417", f"{STACK}56914417",
        "sometimes (.04, .96, .50, .51)", SGD, *_longer(SGD),
    ),
    Trouble(
        "xor_slow", "XOR, rate .01", "CodingTrain/Toy-Neural-Network-JS issue 155",
        "https://github.com/CodingTrain/Toy-Neural-Network-JS/issues/155",
        "in many instances it does not converge", SLOW, "rate 1", "step too small", SLOW.times(100, 1, "rate 1"),
    ),
    Trouble(
        "xnor_deep", "XNOR, relu 5-10-5", "FluxML/Flux.jl issue 1352", "https://github.com/FluxML/Flux.jl/issues/1352",
        ".25 for ever", DEEP, "steps .01 and .01", "step too large",
        Settings("adam", ((0.01, 510),), "Adam .01, 510 updates"),
    ),
    Trouble(
        "line_relu", "y = 2x - 1, relu 4-2, relu output", "deeplearning.ai community 324182",
        "https://community.deeplearning.ai/t/loss-values-do-not-change/324182",
        "the loss is frozen in 6 or 7 runs of 10", LINE, "identity output", "output relu",
        LINE, partial(line_relu, output="identity"), "frozen",
    ),
    Trouble(
        "trend", "x + sin x², 10 tanh units", "Stack Overflow 16631065", f"{STACK}16631065",
        "does not converge in 100,000 steps", TREND, "standardized", "scale", TREND, partial(trend, scaled=True),
        "steep",
    ),
    Trouble(
        "xor_thousand", "XOR with 1,000", "Stack Overflow 9056484", f"{STACK}9056484",
        "never converges", THOUSAND, "standardized", "scale", THOUSAND, partial(xor_thousand, scaled=True),
    ),
    Trouble(
        "sine_thousand", "sine of 0 to 1,000, 10 tanh units", "Stack Overflow 46995209", f"{STACK}46995209",
        "does not fit", SINE, "standardized", "scale", SINE, partial(sine_thousand, scaled=True),
    ),
    Trouble(
        "digits", "digits 0 and 1, 5 relu units", "scikit-learn PR 12892",
        "https://github.com/scikit-learn/scikit-learn/pull/12892",
        "the test of relu fails on other seeds", DIGITS, *_longer(DIGITS), None, "mixed",
    ),
    Trouble(
        "pattern", "7 classes, 20 tanh units", "MathWorks answers 41101",
        "https://www.mathworks.com/matlabcentral/answers/41101",
        "91 % one run, 28 % the next", PATTERN, *_longer(PATTERN),
    ),
)  # fmt: skip
"""All of them, in the order of the page."""
