"""What a torch loss is: a function of outputs and targets, and which loss of this package, times which number."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import choice, shown
from homotopy.errors import ArgumentError
from homotopy.models.losses import BY_NAME

__all__ = ["Criterion", "criterion"]

Array = NDArray[Any]


@dataclass(frozen=True)
class Criterion:
    """A loss of outputs, and what this package knows of it.

    Attributes
    ----------
    call : callable
        ``call(outputs)``, a scalar tensor.
    label : str
        What it is called.
    name : str
        Which loss of this package it is, "" where it is none.
    factor : float
        How many times that loss it is.
    targets : ndarray of shape (n, k) or None
        The targets as that loss takes them.
    link : str
        What the outputs are of raw ones (`recognition.LINKS`).
    """

    call: Callable[[Any], Any]
    label: str
    name: str = ""
    factor: float = 1.0
    targets: Array | None = None
    link: str = "identity"


def criterion(torch: Any, loss: Any, y: Any, outputs: Any) -> Criterion:
    """Return the criterion of a loss for targets y and a module's outputs, of which the shape counts.

    Parameters
    ----------
    torch : module
        torch.
    loss : str, torch.nn.Module or callable
        "squared", "logistic" or "softmax"; a loss module, or a function (outputs, y) that returns a scalar.
    y : ndarray or tensor
        The targets.
    outputs : tensor of shape (n, ...)
        The module's outputs.

    Raises
    ------
    ArgumentError
        If it is no loss, returns no scalar, or the targets' shape does not fit.
    """
    if isinstance(loss, str):
        return _ours(torch, choice("loss", loss, sorted(BY_NAME)), y, outputs)
    nn, F = torch.nn, torch.nn.functional
    if isinstance(loss, type):
        raise ArgumentError(f"loss is the class {loss.__name__}; give an object of it, {loss.__name__}()")
    plain = {
        F.mse_loss: nn.MSELoss,
        F.cross_entropy: nn.CrossEntropyLoss,
        F.nll_loss: nn.NLLLoss,
        F.binary_cross_entropy: nn.BCELoss,
        F.binary_cross_entropy_with_logits: nn.BCEWithLogitsLoss,
    }
    if not callable(loss):
        allowed = f"a torch loss, a function (outputs, y) or one of {', '.join(BY_NAME)}"
        raise ArgumentError(f"loss must be {allowed}, not {shown(loss)}")
    loss = plain[loss]() if loss in plain else loss
    kind = type(loss)
    if getattr(loss, "reduction", "mean") == "none":
        raise ArgumentError(f"loss {kind.__name__} has reduction='none'; it must return one number: 'mean' or 'sum'")
    if isinstance(loss, nn.Module):
        loss = copy.deepcopy(loss).double().to(outputs.device).requires_grad_(False)
    if kind in (nn.MSELoss, nn.BCELoss, nn.BCEWithLogitsLoss):
        return _elementwise(torch, kind, loss, _alike(torch, kind.__name__, y, outputs))
    if kind in (nn.CrossEntropyLoss, nn.NLLLoss):
        return _classes(torch, kind, loss, y, outputs)
    target = _tensor(torch, y, outputs.device)
    label = kind.__name__ if isinstance(loss, nn.Module) else getattr(loss, "__name__", kind.__name__)
    return Criterion(lambda Z: loss(Z, target), label)


def _ours(torch: Any, name: str, y: Any, outputs: Any) -> Criterion:
    """Return the criterion of a loss of this package, given by name."""
    n = len(outputs)
    flat = outputs.reshape(n, -1)
    values = np.asarray(y.detach().cpu() if torch.is_tensor(y) else y)
    table = BY_NAME[name].targets(values if values.ndim == 1 else values.reshape(n, -1), flat.shape[1])
    target, F = torch.tensor(table, dtype=torch.float64, device=outputs.device), torch.nn.functional

    def call(Z: Any) -> Any:
        Z = Z.reshape(n, -1)
        if name == "squared":
            return 0.5 * (Z - target).square().sum() / n
        if name == "softmax":
            return F.cross_entropy(Z, target)
        return F.binary_cross_entropy_with_logits(Z, target, reduction="sum") / n

    return Criterion(call, name, name, 1.0, table)


def _alike(torch: Any, label: str, y: Any, outputs: Any) -> Any:
    """Return targets in the outputs' shape; a column and a vector are the same, which torch would broadcast."""
    target = _tensor(torch, y, outputs.device).double()
    if target.numel() == outputs.numel() and [*filter(lambda n: n != 1, target.shape)] == [
        *filter(lambda n: n != 1, outputs.shape)
    ]:
        return target.reshape(outputs.shape)
    raise ArgumentError(
        f"y has shape {tuple(target.shape)}; {label} needs that of the module's outputs, {tuple(outputs.shape)}"
    )


def _elementwise(torch: Any, kind: Any, loss: Any, target: Any) -> Criterion:
    """Return the criterion of a loss that is a sum or a mean over all entries."""
    n = len(target)
    table = target.cpu().numpy().reshape(n, -1)
    mean = loss.reduction == "mean"
    factor = 1 / table.shape[1] if mean else float(n)
    name, link = "logistic", "identity"
    if kind is torch.nn.MSELoss:
        name, factor = "squared", 2 * factor
    elif kind is torch.nn.BCELoss:
        link = "logistic"
    weighted = getattr(loss, "weight", None) is not None or getattr(loss, "pos_weight", None) is not None
    known = "" if weighted or (name == "logistic" and not _shares(table)) else name
    return Criterion(lambda Z: loss(Z, target), kind.__name__, known, factor, table, link)


def _classes(torch: Any, kind: Any, loss: Any, y: Any, outputs: Any) -> Criterion:
    """Return the criterion of a cross entropy over classes."""
    target = _tensor(torch, y, outputs.device)
    whole = target.ndim == 1 and outputs.ndim == 2 and bool((target == target.round()).all())
    target = target.long() if whole else target
    smooth = float(getattr(loss, "label_smoothing", 0.0))
    known = outputs.ndim == 2 and getattr(loss, "weight", None) is None
    table: Array | None = None
    if known and whole:
        labels, k = target.cpu().numpy(), int(outputs.shape[1])
        known = bool(((labels >= 0) & (labels < k)).all()) and not bool((labels == loss.ignore_index).any())
        table = np.eye(k)[labels] if known else None
    elif known:
        target = target.double()
        table = target.cpu().numpy()
        known = (
            table.shape == tuple(outputs.shape) and _shares(table) and bool(np.allclose(table.sum(1), 1, atol=1e-12))
        )
    if table is not None and known:
        table = (1 - smooth) * table + smooth / table.shape[1]
    factor = 1.0 if loss.reduction == "mean" else float(len(outputs))
    link = "log-softmax" if kind is torch.nn.NLLLoss else "identity"
    label = kind.__name__
    return Criterion(lambda Z: loss(Z, target), label, "softmax" if known else "", factor, table, link)


def _shares(table: Array) -> bool:
    return bool(((table >= 0) & (table <= 1)).all())


def _tensor(torch: Any, y: Any, device: Any) -> Any:
    """Return y as a tensor: floating-point numbers in double, integers as they are."""
    target = y.detach() if torch.is_tensor(y) else torch.from_numpy(np.array(y))
    target = target.double() if target.is_floating_point() else target
    return target.to(device)
