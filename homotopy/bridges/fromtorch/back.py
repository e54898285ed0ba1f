"""`to_torch`: the weights of a result as the state of a module."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.arguments import shown, vector
from homotopy.bridges.fromtorch.flatmodule import trainable
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.extras import extra

__all__ = ["to_torch"]


@door
def to_torch(result: Any, module: Any) -> dict[str, Any]:
    """Return the state of a module with the weights of a result, for ``module.load_state_dict``.

    Parameters
    ----------
    result : Result, OptimizeResult, or array_like of shape (n,)
        What `solve` or `minimize` returned on the objective of this module, or a flat vector of its variables.
    module : torch.nn.Module
        The module that the objective was made of, or one built alike; it is not changed.

    Returns
    -------
    dict
        New tensors in the dtypes and on the devices of the module's own; frozen parameters and buffers as they are,
        shared parameters under each of their names.

    Raises
    ------
    ArgumentError
        If the module is none, or the result has another number of variables, or entries that are not finite, or too
        large for the dtype of their parameter.
    """
    torch = extra("torch", "torch", "to_torch")
    if isinstance(module, type) or not isinstance(module, torch.nn.Module):
        raise ArgumentError(f"module must be a torch.nn.Module, not {shown(module)}")
    parts = trainable(module)
    size = sum(int(one.numel()) for _, one in parts)
    x = vector("result", getattr(result, "x", result), size, f"the module {type(module).__name__}", finite=True)
    state = module.state_dict()
    new, at = {name: value.detach().clone() if torch.is_tensor(value) else value for name, value in state.items()}, 0
    names: dict[int, list[str]] = {}
    for name, one in module.named_parameters(remove_duplicate=False):
        names.setdefault(id(one), []).append(name)
    for _, one in parts:
        piece = np.ascontiguousarray(x[at : at + one.numel()]).reshape(tuple(one.shape))
        at += int(one.numel())
        for name in names[id(one)]:
            new[name] = torch.tensor(piece, dtype=one.dtype, device=one.device)
            if not bool(new[name].isfinite().all()):
                raise ArgumentError(f"result has entries that are too large for {one.dtype}, the dtype of {name}")
    return new
