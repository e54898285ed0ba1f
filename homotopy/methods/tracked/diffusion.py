"""Descents along falling noise on the weights, in the four forms of `homotopy.homotopies.diffusion`."""

from __future__ import annotations

from typing import Any

from homotopy.arguments import choice, integer, positive
from homotopy.homotopies.diffusion.displacements import POINTS
from homotopy.methods.tracked.along import Along
from homotopy.methods.tracked.graduated import Graduated
from homotopy.naming import spelled

__all__ = ["DiffusionDescent", "LayerwiseDescent", "LiftedDescent", "SampledDescent"]


MOBAHI = "Mobahi, Training recurrent neural networks by diffusion, arXiv 1601.04114"


class DiffusionDescent(Graduated):
    """`Graduated` along `Diffusion`: the squared loss of one hidden layer under noise on all weights, exact.

    Parameters
    ----------
    sigma : float
        Deviation of the noise to begin with, positive.
    stages : int
        Values of t below 1, at each of which L-BFGS descends.
    evaluations : int
        The most evaluations at each.
    schedule : str
        How the noise falls: linear, power, geometric (to a hundredth) or plateau.

    Notes
    -----
    It leads relu units out of the known traps of `swirszcz-d1` and `swirszcz-d2` (sigma 1 and 0.03); elsewhere no gain
    over L-BFGS from the same starts was found (papers/diffusion.md). Where the noise is so strong that nothing but the
    best constant is left, all starts become one.
    """

    short = "diffusion"
    along_name = "diffusion"
    reference = (
        "Mobahi, Training recurrent neural networks by diffusion, arXiv 1601.04114; second moments worked out here"
    )

    def __init__(self, sigma: float = 0.1, stages: int = 2, evaluations: int = 20, schedule: str = "geometric") -> None:
        self.sigma = positive("sigma", sigma)
        self._begin(stages, evaluations, schedule, sigma=self.sigma)

    def _begin(self, stages: int, evaluations: int, schedule: str, **given: Any) -> None:
        """Set the ladder, and the homotopy with its numbers."""
        super().__init__(self.along_name, schedule, stages, evaluations)
        self.along = Along(self.along_name, **given)
        self.name = spelled(self, self.short)


class LayerwiseDescent(DiffusionDescent):
    """`Graduated` along `LayerwiseDiffusion`: smoothed activations; the parameters are those of `DiffusionDescent`."""

    short = "layerwise-diffusion"
    along_name = "layerwise-diffusion"
    reference = f"{MOBAHI}: smoothed activations"


class LiftedDescent(DiffusionDescent):
    """`Graduated` along `LiftedDiffusion`, with states as variables.

    Parameters
    ----------
    sigma, stages, evaluations, schedule : float, int, int, str
        Those of `DiffusionDescent`.
    penalty : float
        Of the states' defects at t = 0, positive.
    """

    short = "lifted-diffusion"
    along_name = "lifted-diffusion"
    reference = (
        "Mobahi, Training recurrent neural networks by diffusion, arXiv 1601.04114: lifting; the details are ours"
    )

    def __init__(
        self,
        sigma: float = 0.1,
        stages: int = 2,
        evaluations: int = 20,
        schedule: str = "geometric",
        *,
        penalty: float = 1.0,
    ) -> None:
        self.sigma, self.penalty = positive("sigma", sigma), positive("penalty", penalty)
        self._begin(stages, evaluations, schedule, sigma=self.sigma, penalty=self.penalty)


class SampledDescent(DiffusionDescent):
    """`Graduated` along `Gaussian`: the mean over displaced weights, or a closed form where the objective has one.

    Parameters
    ----------
    sigma, stages, evaluations, schedule : float, int, int, str
        Those of `DiffusionDescent`.
    samples : int
        Displacements, an even number; an evaluation costs as many gradients.
    points : str
        ``antithetic``, ``random`` or ``quasi``.
    """

    short = "sampled-diffusion"
    along_name = "gaussian"
    reference = "Mobahi and Fisher, EMMCVPR 2015: Gaussian homotopy continuation, by samples"

    def __init__(
        self,
        sigma: float = 0.1,
        stages: int = 2,
        evaluations: int = 20,
        schedule: str = "geometric",
        *,
        samples: int = 8,
        points: str = "antithetic",
    ) -> None:
        self.sigma, self.points = positive("sigma", sigma), choice("points", points, POINTS)
        self.samples = integer("samples", samples)
        self._begin(stages, evaluations, schedule, width=self.sigma, samples=self.samples, points=self.points)
