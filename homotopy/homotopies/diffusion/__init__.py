"""Training by diffusion: normal noise on the weights whose deviation falls to zero, in closed form where there is one.

| | class | what is smoothed | exact | variables | which nets |
|---|---|---|---|---|---|
| (a) | `Diffusion` | the squared loss, over noise on all weights | yes | n | one hidden layer |
| (b) | `LiftedDiffusion` | each term of a loss with free states and a penalty | each term | n + states | all chains |
| (c) | `LayerwiseDiffusion` | each activation by itself, means passed on | the first layer's means | n | all chains |
| (d) | `Gaussian` | the loss, by displaced weights drawn once | in the mean | n | every objective |

A chain is a perceptron of any depth or an Elman net (the facet ``chain``). (a) is what (d) tends to with many samples.
(b) keeps gradients through many layers or steps from vanishing, at the price of as many variables as there are states.
(c) costs about what the loss does and is biased: it has no variances, and smoothing a composition is not composing the
smoothed. (d) needs no structure, costs as many gradients as samples, and its noise is frozen in the path.
"""

from homotopy.homotopies.diffusion.closed import Diffusion, LayerwiseDiffusion, LiftedDiffusion
from homotopy.homotopies.diffusion.gaussian import Gaussian

__all__ = ["Diffusion", "Gaussian", "LayerwiseDiffusion", "LiftedDiffusion"]
