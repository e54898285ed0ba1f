"""A torch module as a function of one flat vector, in double precision; the user's own module is never touched."""

from __future__ import annotations

import copy
import threading
from typing import Any

import numpy as np

from homotopy.arguments import shown
from homotopy.bridges.draws import like
from homotopy.errors import ArgumentError
from homotopy.extras import extra
from homotopy.objectives.base import Vector

__all__ = ["FlatModule", "trainable"]

_RESETS = ("reset_parameters", "_reset_parameters")
_seeding = threading.Lock()  # torch's generator is one for the process


def trainable(module: Any) -> list[tuple[str, Any]]:
    """Return names and parameters of the flat vector: each once, without frozen ones, in the module's order."""
    return [(name, one) for name, one in module.named_parameters() if one.requires_grad]


class FlatModule:
    """A copy of a module in double precision, whose trainable parameters are one flat vector.

    Parameters
    ----------
    module : torch.nn.Module
        Copied. Frozen parameters (``requires_grad=False``) and buffers are constants; a parameter that several layers
        share is there once.

    Attributes
    ----------
    size : int
        The number n of variables.
    start : ndarray of shape (n,)
        The parameters as they were.

    Raises
    ------
    ArgumentError
        If it is no module, has no trainable parameter, is random or depends on the batch (dropout or batch
        normalization in training mode), is not initialized, complex, or on a device without double precision.
    """

    def __init__(self, module: Any) -> None:
        self._torch = torch = extra("torch", "torch", "objective_from_torch")
        if isinstance(module, type) or not isinstance(module, torch.nn.Module):
            raise ArgumentError(f"module must be a torch.nn.Module, not {shown(module)}")
        _refuse(torch, module)
        self.kind = type(module).__name__
        first = trainable(module)[0][1]
        self.device = first.device
        self.single = first.dtype != torch.float64
        try:
            self.module = copy.deepcopy(module).double()
        except RuntimeError as error:
            raise ArgumentError(f"module cannot be copied: {error}") from error
        parts = trainable(self.module)
        self.shapes = [(name, tuple(one.shape)) for name, one in parts]
        self._counts = [int(one.numel()) for _, one in parts]
        self.size = sum(self._counts)
        self.start = self.joined([one for _, one in parts])
        self.start.flags.writeable = False
        for one in self.module.parameters():
            one.requires_grad_(False)
            one.grad = None
        self._own = threading.local()

    def joined(self, parts: list[Any]) -> Vector:
        """Return parameters as one vector, shape (n,)."""
        return np.concatenate([np.array(one.detach().cpu().numpy(), dtype=np.float64).ravel() for one in parts])

    def __call__(self, theta: Any, X: Any) -> Any:
        """Return the module's outputs on X as a tensor; theta is a tensor of shape (n,)."""
        parts = theta.split(self._counts)
        named = {name: part.view(shape) for (name, shape), part in zip(self.shapes, parts, strict=True)}
        mine = getattr(self._own, "module", None)
        if mine is None:  # a call puts parameters into the module for a while: every Python thread has its own
            mine = self._own.module = copy.deepcopy(self.module)
        return self._torch.func.functional_call(mine, named, (X,))

    def draw(self, rng: np.random.Generator) -> Vector:
        """Return random parameters, shape (n,): as the layers' own ``reset_parameters`` draw them.

        Parameters of modules that have none are normal, with the root mean square that they had (`draws.like`).
        """
        torch, scratch = self._torch, copy.deepcopy(self.module)
        names = [name for name, _ in self.shapes]
        own = dict(scratch.named_parameters())
        pieces = [
            self.start[at : at + n] for at, n in zip(np.cumsum([0, *self._counts[:-1]]), self._counts, strict=True)
        ]
        reset: set[int] = set()
        with _seeding, torch.random.fork_rng(devices=list(range(torch.cuda.device_count()))):
            torch.manual_seed(int(rng.integers(2**63)))
            for layer in scratch.modules():
                again = next((getattr(layer, name) for name in _RESETS if hasattr(layer, name)), None)
                if again is not None:
                    again()
                    reset |= {id(one) for one in layer.parameters(recurse=True)}
        left = [i for i, name in enumerate(names) if id(own[name]) not in reset]
        for i, drawn in zip(left, like([pieces[i] for i in left], rng), strict=True):
            with torch.no_grad():
                own[names[i]].copy_(torch.from_numpy(drawn).view(self.shapes[i][1]))
        return self.joined([own[name] for name in names])


def _refuse(torch: Any, module: Any) -> None:
    """Raise where a module is no deterministic function of real parameters."""
    nn = torch.nn
    for one in (*module.parameters(), *module.buffers()):
        if isinstance(one, (nn.parameter.UninitializedParameter, nn.parameter.UninitializedBuffer)):
            raise ArgumentError("module has a layer that is not initialized yet: call it once on some inputs first")
        if one.is_complex():
            raise ArgumentError("module has complex parameters; they must be real")
        if one.device.type in ("meta", "mps"):
            raise ArgumentError(
                f"module is on the device {one.device}, which has no double precision; move it: module.cpu()"
            )
    if not trainable(module):
        raise ArgumentError("module has no parameters that require gradients, so there is nothing to train")
    for name, layer in module.named_modules():
        kind = type(layer).__name__
        drops = getattr(layer, "dropout", None) if isinstance(layer, (nn.RNNBase, nn.MultiheadAttention)) else None
        drops = layer.p if isinstance(layer, nn.modules.dropout._DropoutNd) else drops
        where = f"module has {kind} in training mode ({name or 'the module itself'})"
        if layer.training and isinstance(drops, float) and drops > 0:
            raise ArgumentError(f"{where}: its loss is random; call module.eval() first, which switches it off")
        if layer.training and isinstance(layer, nn.modules.batchnorm._BatchNorm):
            raise ArgumentError(
                f"{where}: it depends on the batch; call module.eval() first, which freezes its statistics"
            )
