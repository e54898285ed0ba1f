r"""The mean loss of a perceptron on data in ball arithmetic.

A layer maps a to act(z), z = W a + b. With J the derivatives of z in all weights and the adjoint d = dl/dz of each
layer, the Hessian of one sample's loss l of outputs o is

.. math:: J_o^T l'' J_o + \sum_{layers} J^T \mathrm{diag}\big(\tfrac{dl}{da} act''(z)\big) J
          + \sum_{layers} \big(d \otimes \partial a_{below}\big) + \big(d \otimes \partial a_{below}\big)^T,

where the last terms stand in the rows and columns of each layer's W. Sums over samples are products of matrices.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from homotopy.landscape.certify.activationballs import activation_balls
from homotopy.landscape.certify.balls import Balls, dot, flint
from homotopy.landscape.certify.lossballs import LOSSES

__all__ = ["NetBalls"]


@dataclass
class _Layer:
    """A layer's weights and what is summed over samples, row by row."""

    at: int  # where its weights begin in theta
    end: int
    W: list[Balls]
    b: Balls | None
    J: list[Balls] = field(default_factory=list)  # derivatives of pre-activations in theta[:end]
    bent: list[Balls] = field(default_factory=list)  # the same times the curvature
    adjoints: list[Balls] = field(default_factory=list)  # one row a sample
    below: list[Balls] = field(default_factory=list)  # derivatives of the activations below, one row a sample


@dataclass
class _Pass:
    """One layer's numbers of one sample."""

    inputs: Balls
    inputs_by: list[Balls]  # their derivatives in theta up to this layer
    J: list[Balls]
    values: Balls
    slopes: Balls
    bends: Balls


class NetBalls:
    """Balls of value, gradient and Hessian of the mean loss of an MLP on samples.

    Parameters
    ----------
    model : MLP
        Its activations have `activation_balls`.
    loss : str
        A key of `LOSSES`.
    samples : Samples
        Inputs, targets and weights, taken as exact; weights are divided by their sum.
    l2 : float
        The penalty (l2/2) |theta|^2.
    """

    def __init__(self, model: Any, loss: str, samples: Any, l2: float) -> None:
        hidden, output = activation_balls(model.activation), activation_balls(model.output)
        assert hidden is not None
        assert output is not None
        self.activations = [hidden] * (len(model.sizes) - 2) + [output]
        self.model, self.loss, self.l2 = model, LOSSES[loss], float(l2)
        self.X = [[float(a) for a in row] for row in samples.X]
        self.y = [[float(a) for a in row] for row in samples.y]
        self.weights = [1.0] * len(self.X) if samples.weights is None else [float(a) for a in samples.weights]

    def __call__(self, x: Balls) -> tuple[Any, Balls, list[Balls]]:
        """Return balls of the value, the gradient and the Hessian at every point of a box.

        Raises
        ------
        EvaluationError
            If a pre-activation may be at a kink of the activation.
        """
        arb = flint().arb
        layers, value = self._layers(x), arb(0)
        ends: tuple[list[Balls], list[Balls]] = ([], [])  # derivatives of the outputs, and the same times l''
        total = sum((arb(w) for w in self.weights), arb(0))
        for row, y, w in zip(self.X, self.y, self.weights, strict=True):
            share = arb(w) / total
            passes = self._forward(layers, [arb(a) for a in row])
            last = passes[-1]
            loss, g, curvature = self.loss(last.values, y)
            value += share * loss
            J = [_times(s, line) for s, line in zip(last.slopes, last.J, strict=True)]
            ends[0].extend(J)
            ends[1].extend(_product([_times(share, line) for line in curvature], J))
            self._backward(layers, passes, _times(share, g))
        value += arb(self.l2) / 2 * dot(x, x)
        g, H = self._sums(layers, ends, len(x))
        for i, a in enumerate(x):
            g[i] += a * self.l2
            H[i][i] += self.l2
        return value, g, H

    def _layers(self, x: Balls) -> list[_Layer]:
        """Return the layers that a flat vector holds."""
        layers, at = [], 0
        for n_in, n_out in pairwise(self.model.sizes):
            cut = at + n_out * n_in
            end = cut + (n_out if self.model.bias else 0)
            W = [x[at + u * n_in : at + (u + 1) * n_in] for u in range(n_out)]
            layers.append(_Layer(at, end, W, x[cut:end] if self.model.bias else None))
            at = end
        return layers

    def _forward(self, layers: list[_Layer], a: Balls) -> list[_Pass]:
        """Return every layer's numbers on one sample of inputs a."""
        zero, one = flint().arb(0), flint().arb(1)
        passes: list[_Pass] = []
        by: list[Balls] = [[] for _ in a]
        for layer, act in zip(layers, self.activations, strict=True):
            through = _product(layer.W, by) if layer.at else [[] for _ in layer.W]
            J, z = [], []
            for u, line in enumerate(through):
                own = [zero] * (layer.end - layer.at)
                own[u * len(a) : (u + 1) * len(a)] = a
                z.append(dot(layer.W[u], a))
                if layer.b is not None:
                    own[len(layer.W) * len(a) + u] = one
                    z[u] += layer.b[u]
                J.append(line + own)
            values, slopes, bends = (list(part) for part in zip(*(act(c) for c in z), strict=True))
            passes.append(_Pass(a, by, J, values, slopes, bends))
            a, by = values, [_times(s, line) for s, line in zip(slopes, J, strict=True)]
        return passes

    def _backward(self, layers: list[_Layer], passes: list[_Pass], g: Balls) -> None:
        """Enter one sample into the sums, g the derivative of its part of the mean in the outputs."""
        for layer, one in zip(reversed(layers), reversed(passes), strict=True):
            layer.J.extend(one.J)
            layer.bent.extend(_times(a * b, line) for a, b, line in zip(g, one.bends, one.J, strict=True))
            delta = [a * b for a, b in zip(g, one.slopes, strict=True)]
            layer.adjoints.append(delta)
            layer.below.append([entry for line in one.inputs_by for entry in line])
            g = [dot(delta, [row[j] for row in layer.W]) for j in range(len(one.inputs))]

    def _sums(self, layers: list[_Layer], ends: tuple[list[Balls], list[Balls]], n: int) -> tuple[Balls, list[Balls]]:
        """Return gradient and Hessian of the mean loss from what all samples entered."""
        H = _product(_transposed(ends[0]), ends[1])
        last = layers[-1]
        column = [[a] for line in last.adjoints for a in line]
        g = [line[0] for line in _product(_transposed(last.J), column)]
        for layer in layers:
            for i, line in enumerate(_product(_transposed(layer.J), layer.bent)):
                for j, entry in enumerate(line):
                    H[i][j] += entry
            n_in, width = len(layer.W[0]), layer.at
            if not width:
                continue
            for u, line in enumerate(_product(_transposed(layer.adjoints), layer.below)):
                for k, entry in enumerate(line):
                    i, j = layer.at + u * n_in + k // width, k % width
                    H[i][j] += entry
                    H[j][i] += entry
        return g, H


def _times(factor: Any, line: Balls) -> Balls:
    return [factor * a for a in line]


def _transposed(rows: list[Balls]) -> list[Balls]:
    return [list(column) for column in zip(*rows, strict=True)]


def _product(A: list[Balls], B: list[Balls]) -> list[Balls]:
    """Return the product of two matrices, multiplied as matrices of balls are."""
    arb_mat = flint().arb_mat
    found: list[Balls] = (arb_mat(A) * arb_mat(B)).tolist()
    return found
