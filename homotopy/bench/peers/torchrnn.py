"""Recurrent nets in PyTorch: its own compiled layer, and a loop over the steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from homotopy.bench import sequences
from homotopy.bench.contest import Contestant

__all__ = ["CONTESTANTS"]

torch.set_num_threads(1)


def _norm(call: Callable[[], Any]) -> float:
    return float(torch.sqrt(sum((part**2).sum() for part in call())))


def _norm_of(call: Callable[[], Any]) -> float:
    return _norm(lambda: call()[1])


def _contestants(workload: str) -> list[Contestant]:
    data, row = sequences.sequences(workload), sequences.ROWS[workload]
    X, y = torch.tensor(np.ascontiguousarray(data.X.swapaxes(0, 1))), torch.tensor(data.y)
    weights = [torch.tensor(part, requires_grad=True) for part in sequences.unpacked(workload, data.theta)]
    v = [torch.tensor(part) for part in sequences.unpacked(workload, data.direction)]
    W, U, b, C, c = weights
    zero = torch.zeros(row.batch, row.hidden, dtype=X.dtype)
    layer: Any = torch.nn.RNN(row.n_in, row.hidden, dtype=X.dtype)
    with torch.no_grad():
        for name, part in (("weight_hh_l0", W), ("weight_ih_l0", U), ("bias_ih_l0", b)):
            getattr(layer, name).copy_(part)
        layer.bias_hh_l0.zero_()
    layer.bias_hh_l0.requires_grad_(False)  # the second bias of a layer is one too many
    own = [layer.weight_hh_l0, layer.weight_ih_l0, layer.bias_ih_l0, C, c]

    def of_state(h: Any) -> Any:
        return 0.5 * ((torch.nn.functional.linear(h, C, c) - y) ** 2).sum(dim=1).mean()

    def by_layer() -> Any:
        return of_state(layer(X)[1][0])

    def by_loop() -> Any:
        h = zero
        for a in torch.nn.functional.linear(X, U, b).unbind(0):
            h = torch.tanh(torch.addmm(a, h, W.T))
        return of_state(h)

    def gradient(loss: Callable[[], Any], variables: list[Any]) -> Any:
        value = loss()
        return value, torch.autograd.grad(value, variables)

    def product(loss: Callable[[], Any], variables: list[Any]) -> Any:
        slopes = torch.autograd.grad(loss(), variables, create_graph=True)
        return torch.autograd.grad(slopes, variables, v)

    made: list[Contestant] = []
    for name, loss, variables in (("rnn", by_layer, own), ("loop", by_loop, weights)):
        both, hessp = partial(gradient, loss, variables), partial(product, loss, variables)
        made += [
            Contestant(f"torch {name}", both, answer=partial(_norm_of, both)),
            Contestant(f"torch {name} hessp", hessp, answer=partial(_norm, hessp)),
        ]
    return made


CONTESTANTS = {workload: partial(_contestants, workload) for workload in sequences.ROWS}
