"""`objective_from_torch`: a module, a loss and data as an Objective, on this package's kernels where it can be."""

from __future__ import annotations

import copy
import logging
from contextlib import AbstractContextManager, suppress
from math import inf
from typing import Any

import numpy as np

from homotopy.arguments import number
from homotopy.bridges.fromtorch.criteria import criterion
from homotopy.bridges.fromtorch.flatmodule import FlatModule, trainable
from homotopy.bridges.fromtorch.objective import TorchObjective
from homotopy.bridges.recognition import ANOTHER, DIFFERS, NO_CHAIN, OFF, agree, chain, recognized
from homotopy.bridges.recognized import Origin, RecognizedRisk
from homotopy.calls import named_error
from homotopy.doors import door
from homotopy.errors import ArgumentError, DataError, HomotopyError
from homotopy.extras import extra
from homotopy.models.mlp import MLP

__all__ = ["objective_from_torch"]

LOG = logging.getLogger(__name__)


@door
def objective_from_torch(
    module: Any, loss: Any, X: Any, y: Any, *, l2: float = 0.0, recognize: bool = True
) -> RecognizedRisk | TorchObjective:
    r"""Return the loss of a torch module on data as an Objective of its trainable parameters in one flat vector.

    Parameters
    ----------
    module : torch.nn.Module
        The net; it is copied and never changed. The vector holds what ``module.parameters()`` yields, in that order,
        without frozen parameters (``requires_grad=False``).
    loss : torch.nn.Module, callable or str
        A loss module that returns one number, a function (outputs, y) that does, or "squared", "logistic", "softmax"
        of this package.
    X : array_like or tensor of shape (n, ...)
        Inputs, all of them: an objective has no batches. Numbers become float64, but integers for embeddings stay.
    y : array_like or tensor of shape (n, ...)
        Targets as the loss takes them; columns and vectors are told apart for it.
    l2 : float
        Weight of a penalty (l2/2) |x|^2 that is added to the user's loss, biases included.
    recognize : bool
        Whether a net that is an `hp.MLP` becomes one.

    Returns
    -------
    RecognizedRisk or TorchObjective
        A multilayer perceptron with one kind of activation that this package knows and a known loss is computed by this
        package's kernels and has all homotopies; its ``factor`` says how many times its value the user's loss is. Any
        other module is computed by torch, in double precision and on the module's device; its value is the user's
        loss. Both have `start`, the module's own parameters, `draw(rng)` and `users_value(x)`.

    Raises
    ------
    ArgumentError
        If the module is random or depends on the batch (dropout or batch normalization in training mode), has nothing
        to train, or an argument is none of those allowed.
    DataError
        If there are no samples, or numbers are not finite.
    MissingExtraError
        If torch is not installed.

    Notes
    -----
    What is recognized is proved, not believed: the outputs on random weights and inputs agree to 1e-9, and the value
    and gradient on the data too. ``nn.MSELoss()`` on k outputs is 2/k times this package's squared loss, a mean of
    ``nn.BCEWithLogitsLoss`` is 1/k of its logistic loss, ``nn.CrossEntropyLoss`` its softmax loss; a sum is n times
    that.
    A last Sigmoid with BCELoss and a last LogSoftmax with NLLLoss are the same as the loss of raw outputs. torch's
    Softplus is linear above 20, 2e-9 away from the function.

    `draw`, from which `solve` starts, has a recognized net's random weights, normal with variance 1/n_in and biases 0,
    else those of the layers' own ``reset_parameters``; ``hp.minimize(objective, objective.start)`` goes on from the
    module's weights. Float32 modules are computed in float64, and `to_torch` gives float32 back. torch has one thread
    while it is called here.

    Examples
    --------
    ::

        net = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1))
        objective = hp.objective_from_torch(net, torch.nn.MSELoss(), X, y)
        result = hp.solve(objective, "skip", rng=0)
        net.load_state_dict(hp.to_torch(result, net))
    """
    torch = extra("torch", "torch", "objective_from_torch")
    weight = number("l2", l2, "a finite number, 0 or more", least=0, below=inf)
    with torch.inference_mode(False), _same_draws(torch, module):
        return _made(torch, module, loss, (X, y), weight, recognize)


def _same_draws(torch: Any, module: Any) -> AbstractContextManager[Any]:
    """Return a ``with`` block after which torch's generators are as they were: a module is called, which may draw."""
    parts = module.parameters() if isinstance(module, torch.nn.Module) else ()
    devices = {one.device.index or 0 for one in parts if one.device.type == "cuda"}
    return torch.random.fork_rng(devices=sorted(devices))  # type: ignore[no-any-return]


def _made(
    torch: Any, module: Any, loss: Any, data: tuple[Any, Any], weight: float, recognize: bool
) -> RecognizedRisk | TorchObjective:
    """Return the objective, of arguments that are looked at here but for the penalty's weight."""
    X, y = data
    flat = FlatModule(module)
    inputs = _inputs(torch, flat, X)
    targets = _targets(torch, y, len(inputs))
    outputs = _outputs(torch, flat, inputs)
    own = copy.deepcopy(loss) if isinstance(loss, torch.nn.Module) else loss
    remake = (objective_from_torch_again, (copy.deepcopy(module), own, inputs, targets, weight, recognize))
    objective = TorchObjective(torch, flat, criterion(torch, loss, targets, outputs), inputs, l2=weight, remake=remake)
    _deterministic(torch, objective)
    if flat.single:
        LOG.info("%s has float32 weights; the objective is computed in float64", flat.kind)
    found = _known(torch, objective, module, inputs) if recognize else OFF
    if isinstance(found, RecognizedRisk):
        LOG.info("objective_from_torch: %r", found)
        return found
    objective.unrecognized = found
    LOG.info("objective_from_torch: %r; no net of this package, since %s", objective, found)
    return objective


def objective_from_torch_again(
    module: Any, loss: Any, X: Any, y: Any, l2: float, recognize: bool
) -> RecognizedRisk | TorchObjective:
    """Return the objective of a pickle."""
    return objective_from_torch(module, loss, X, y, l2=l2, recognize=recognize)


def _inputs(torch: Any, flat: FlatModule, X: Any) -> Any:
    """Return inputs as a tensor on the module's device."""
    if isinstance(X, torch.utils.data.DataLoader | torch.utils.data.Dataset):
        raise ArgumentError(f"X is a {type(X).__name__}; it must be an array or a tensor with all samples")
    inputs = _tensor(torch, "X", X)
    embeds = any(isinstance(one, (torch.nn.Embedding, torch.nn.EmbeddingBag)) for one in flat.module.modules())
    inputs = inputs if embeds and not inputs.is_floating_point() else inputs.double()
    return inputs.to(flat.device)


def _targets(torch: Any, y: Any, n: int) -> Any:
    targets = _tensor(torch, "y", y)
    if len(targets) != n:
        raise ArgumentError(f"X has {n} rows and y has {len(targets)}; they must be equally many")
    return targets


def _tensor(torch: Any, name: str, values: Any) -> Any:
    """Return a copy of numbers as a tensor."""
    if torch.is_tensor(values):
        table = values.detach().clone()
    else:
        raw = np.asarray(values)
        if raw.dtype.kind not in "biuf":
            raise ArgumentError(f"{name} must be an array or a tensor of real numbers, not one of {raw.dtype}")
        table = torch.from_numpy(np.array(raw, dtype=np.int64 if raw.dtype.kind in "biu" else np.float64))
    table = table.long() if table.dtype == torch.bool else table
    if table.layout is not torch.strided or table.is_complex() or not table.ndim:
        raise ArgumentError(f"{name} must be an array or a tensor of real numbers with one row a sample")
    if not len(table):
        raise DataError(f"{name} has no rows; a mean needs one sample at least")
    if not bool(table.isfinite().all()):
        raise DataError(f"{name} has values that are not finite")
    return table


def _outputs(torch: Any, flat: FlatModule, inputs: Any) -> Any:
    """Return the module's outputs at its own parameters; an error of the module says that it is its own."""
    try:
        with torch.no_grad():
            outputs = flat(torch.tensor(flat.start, device=flat.device), inputs)
    except Exception as error:
        raise named_error(error, f"module {flat.kind} on X of shape {tuple(inputs.shape)}") from None
    if not torch.is_tensor(outputs) or not outputs.ndim or len(outputs) != len(inputs):
        got = f"shape {tuple(outputs.shape)}" if torch.is_tensor(outputs) else f"a {type(outputs).__name__}"
        raise ArgumentError(
            f"module returns {got} for {len(inputs)} samples; it must return a tensor, one row a sample"
        )
    return outputs


def _deterministic(torch: Any, objective: TorchObjective) -> None:
    """Raise where the loss is no number, does not depend on the parameters, or differs from call to call."""
    theta = torch.tensor(objective.start, device=objective.flat.device, requires_grad=True)
    try:
        with torch.enable_grad():
            values = [objective.loss_of(theta) for _ in range(2)]
    except Exception as error:
        raise named_error(error, f"loss {objective.criterion.label}") from None
    first = values[0]
    if not torch.is_tensor(first) or first.numel() != 1 or first.is_complex():
        got = f"shape {tuple(first.shape)}" if torch.is_tensor(first) else f"a {type(first).__name__}"
        raise ArgumentError(f"loss returns {got}; it must return one number as a tensor: a mean or a sum")
    if not first.requires_grad:
        raise ArgumentError("loss does not depend on the module's parameters: is something detached in between?")
    if bool((values[0] != values[1]).any()) and bool(values[0].isfinite().all()):
        raise ArgumentError(
            "loss differs from call to call with equal parameters: something in the module or loss is random"
        )


def _known(torch: Any, objective: TorchObjective, module: Any, inputs: Any) -> RecognizedRisk | str:
    """Return the objective on this package's kernels where the module is one of its nets, else why it is none."""
    flat, loss = objective.flat, objective.criterion
    found = chain([shape for _, shape in flat.shapes])
    fits = found is not None and inputs.numel() == len(inputs) * found[0][0]
    if not loss.name:
        return f"its loss, {loss.label}, is none of this package's"
    if len(list(module.parameters())) != len(trainable(module)):
        return "it has frozen parameters"
    if found is None or not fits:
        return NO_CHAIN
    shape = tuple(inputs.shape[1:])

    def outputs(theta: Any, X: Any) -> Any:
        given = torch.tensor(X, dtype=torch.float64, device=flat.device).reshape(len(X), *shape)
        with torch.no_grad(), suppress(Exception):  # a net that takes no other batch is none of ours
            return flat(torch.tensor(theta, device=flat.device), given).cpu().numpy()

    slopes = [one.negative_slope for one in flat.module.modules() if isinstance(one, torch.nn.LeakyReLU)]
    hidden = [f"leaky-relu:slope={slope!r}" for slope in slopes[:1] if 0 <= slope <= 1]
    net = recognized(outputs, *found, link=loss.link, hidden=hidden)
    return ANOTHER if net is None else _proved(objective, net, inputs)


def _proved(objective: TorchObjective, net: MLP, inputs: Any) -> RecognizedRisk | str:
    """Return the risk of a net, where it agrees with torch on the data, else that it does not."""
    loss = objective.criterion
    origin = Origin(objective.start, loss.factor, loss.label)
    X = inputs.cpu().numpy().reshape(len(inputs), -1)
    try:
        risk = RecognizedRisk.of(net, loss.name, (X, loss.targets), l2=objective.l2 / loss.factor, origin=origin)
    except HomotopyError:  # targets that torch takes and this package does not
        return DIFFERS
    theirs, ours = objective.value_and_grad(objective.start), risk.value_and_grad(objective.start)
    same = all(agree(loss.factor * np.asarray(one), other) for one, other in zip(ours, theirs, strict=True))
    return risk if same else DIFFERS
