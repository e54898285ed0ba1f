"""The outputs of a torch module on data, with derivatives: what targets, decay and Levenberg-Marquardt work with."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.bridges.fromtorch.criteria import Criterion
from homotopy.bridges.fromtorch.flatmodule import FlatModule
from homotopy.bridges.fromtorch.threads import one_torch_thread
from homotopy.models.losses import loss
from homotopy.objectives.base import Vector

__all__ = ["TorchOutputs"]

Array = NDArray[Any]


class TorchOutputs:
    r"""The outputs z(x) of a module, (N, k), and the loss of this package that they are put into.

    Notes
    -----
    A squared loss that is c times this package's is its loss of :math:`\sqrt c\, z` against :math:`\sqrt c\, y`, which
    are the outputs and targets here; other losses are known with c = 1 only.
    """

    def __init__(self, torch: Any, flat: FlatModule, criterion: Criterion, X: Any) -> None:
        self._torch, self._flat, self._X = torch, flat, X
        self._scale = float(np.sqrt(criterion.factor))
        self.loss = loss(criterion.name)
        assert criterion.targets is not None
        self.targets: Array = np.ascontiguousarray(self._scale * criterion.targets)
        if X.ndim == 2:
            self.inputs: Array = np.array(X.cpu().numpy(), dtype=np.float64)

    @staticmethod
    def reads(criterion: Criterion | None) -> bool:
        """Return whether a criterion is a loss of this package, put to raw outputs."""
        if criterion is None or not criterion.name or criterion.link != "identity":
            return False
        return criterion.name == "squared" or criterion.factor == 1

    def _outputs(self, theta: Any) -> Any:
        return self._scale * self._flat(theta, self._X).reshape(len(self._X), -1)

    def _tensor(self, x: Array) -> Any:
        return self._torch.tensor(x, dtype=self._torch.float64, device=self._flat.device)

    def _pulled(self, Z: Any, theta: Any, G: Any, *, create_graph: bool = False) -> Any:
        """Return the gradient of the sum of G times Z; zero where nothing depends on theta."""
        if not Z.requires_grad:
            return self._torch.zeros_like(theta)
        (found,) = self._torch.autograd.grad(Z, theta, G, create_graph=create_graph, allow_unused=True)
        return self._torch.zeros_like(theta) if found is None else found

    @one_torch_thread
    def forward(self, x: Vector) -> Array:
        """Return the outputs at x, shape (N, k)."""
        with self._torch.no_grad():
            return np.array(self._outputs(self._tensor(x)).cpu().numpy())

    @one_torch_thread
    def vjp(self, x: Vector, G: Array) -> Vector:
        """Return the gradient of the sum of G times the outputs, shape (n,)."""
        with self._torch.enable_grad():
            theta = self._tensor(x).requires_grad_()
            return np.array(self._pulled(self._outputs(theta), theta, self._tensor(G)).detach().cpu().numpy())

    @one_torch_thread
    def jvp(self, x: Vector, v: Vector) -> Array:
        """Return the derivative of the outputs along v, shape (N, k): that of their vjp, which is linear in G."""
        with self._torch.enable_grad():
            theta = self._tensor(x).requires_grad_()
            Z = self._outputs(theta)
            dummy = self._torch.zeros_like(Z).requires_grad_()
            pulled = self._pulled(Z, theta, dummy, create_graph=True)
            return np.array(self._pulled(pulled, dummy, self._tensor(v)).detach().cpu().numpy())

    @one_torch_thread
    def curvature(self, x: Vector, G: Array, v: Vector) -> Vector:
        """Return the Hessian of the sum of G times the outputs, times v, shape (n,)."""
        with self._torch.enable_grad():
            theta = self._tensor(x).requires_grad_()
            pulled = self._pulled(self._outputs(theta), theta, self._tensor(G), create_graph=True)
            return np.array(self._pulled(pulled, theta, self._tensor(v)).detach().cpu().numpy())
