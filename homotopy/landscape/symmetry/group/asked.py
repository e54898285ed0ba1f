"""What a net or an objective is asked for: its groups of hidden units and what leaves it unchanged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import shown, vector
from homotopy.errors import ArgumentError
from homotopy.landscape.given import objective_of
from homotopy.landscape.symmetry.group.layout import Array, Axis, Index, Layout, Piece
from homotopy.models.activations import Activation, activation

__all__ = ["layout_of", "net_of", "point", "require_layout"]

PROBES = np.linspace(0.1, 3.0, 7)
"""Where an activation is asked what it is."""


def net_of(model: Any) -> Any:
    """Return the net of a problem or an objective, or what was given where it has none."""
    model = objective_of(model)
    return getattr(model, "model", model)


def layout_of(model: Any) -> Layout | None:
    """Return what leaves a net or an objective unchanged; None where no hidden units are known.

    An objective with a penalty keeps permutations and sign flips only, and those of linear layers by their function;
    one without may not see all of the outputs.
    """
    model = objective_of(model)
    net = net_of(model)
    if getattr(model, "size", None) not in (None, getattr(net, "size", None)):
        return None  # weights beside the net's
    made = _teacher(net) or _recurrent(net) or _chain(net)
    if made is None:
        return None
    if getattr(model, "l2", 0.0):
        return made if made.linear else made.isometries()
    return replace(made, gauge=_gauge(model, net, made))


def _gauge(model: Any, net: Any, layout: Layout) -> Callable[[Array], Array] | None:
    """Return what an objective's loss sees of the outputs; None where that is all of them."""
    gauge = getattr(getattr(model, "loss", None), "gauge", None)
    if gauge is None or not layout.layers or getattr(net, "output", "identity") != "identity":
        return None
    unit = np.eye(len(layout.layers[-1][0]))
    return None if np.array_equal(gauge(unit), unit) else gauge


def require_layout(model: Any) -> Layout:
    """Return `layout_of`.

    Raises
    ------
    ArgumentError
        If no hidden units are known.
    """
    layout = layout_of(model)
    if layout is None:
        raise ArgumentError(
            f"model is {shown(model)}; it must be a net of dense layers, a recurrent net that does not take its state "
            "with the data, a TeacherStudent risk, or an objective on one of them"
        )
    return layout


def point(name: str, x: Any, layout: Layout) -> NDArray[np.float64]:
    """Return a point as a float64 vector of its own.

    Raises
    ------
    ArgumentError
        If its shape is another than (n,), or it has entries that are not finite.
    """
    return vector(name, x, layout.size, "the model", finite=True)


def _teacher(net: Any) -> Layout | None:
    """Return the rows of a student whose second layer is fixed to one: they change places only."""
    if getattr(net, "teacher", None) is None or not all(hasattr(net, name) for name in ("rows", "n", "d")):
        return None
    index = np.arange(net.n * net.d).reshape(net.n, net.d)
    return Layout(net.size, (net.n,), (Piece(index, (Axis(0, odd=False, power=1), None)),), shared=True)


def _recurrent(net: Any) -> Layout | None:
    """Return the units of a recurrent net; their axes stand in each block of a gated cell."""
    if not hasattr(net, "cell") or getattr(net, "state", "given") == "given":
        return None
    act = _known(net.activation)
    index = {name: part.astype(np.intp) for name, part in net.unpack(np.arange(float(net.size))).items()}
    h, come, go = net.n_hidden, Axis(0, power=1), Axis(0, power=-1)
    blocks = index["b"].size // h
    odd = {1: (0,), 3: (2,), 4: (2,)}[blocks]  # the block whose sign is the unit's; gates keep theirs
    pieces = [Piece(index["C"], (None, go)), Piece(index["c"], (None,))]
    for k in range(blocks):
        row = come if k in odd else Axis(0, odd=False, power=1)
        rows = slice(k * h, (k + 1) * h)
        pieces += [
            Piece(index["W"][rows], (row, go)),
            Piece(index["U"][rows], (row, None)),
            Piece(index["b"][rows], (row,)),
        ]
    if "e" in index:
        pieces.append(Piece(index["e"], (come,)))
    if "h0" in index:
        pieces += [Piece(part, (come,)) for part in index["h0"].reshape(-1, h)]
    scales, outputs = _scales(act), ((index["C"], index["c"]),)
    return Layout(net.size, (h,), tuple(pieces), turns=_odd(act), scales=scales, layers=outputs)


def _chain(net: Any) -> Layout | None:
    """Return the hidden layers of a chain of dense layers."""
    layers = _layers(net)
    if layers is None:
        return None
    act, pieces, last = _known(net.activation), [], len(layers) - 1
    for k, (weights, bias) in enumerate(layers):
        row = Axis(k, power=1) if k < last else None
        pieces.append(Piece(weights, (row, Axis(k - 1, power=-1) if k else None)))
        if bias is not None:
            pieces.append(Piece(bias, (row,)))
    biases = all(bias is not None for _, bias in layers)
    constant = _constant(act) if biases else 0.0
    return Layout(
        net.size,
        tuple(net.sizes[1:-1]),
        tuple(pieces),
        turns=_odd(act) or constant != 0.0,
        constant=constant,
        scales=_scales(act),
        linear=_linear(act),
        layers=tuple(layers),
    )


def _layers(net: Any) -> list[tuple[Index, Index | None]] | None:
    """Return where the weights and biases of a chain's layers stand in x; None for what is no chain."""
    sizes = getattr(net, "sizes", ())
    if len(sizes) < 2 or not all(hasattr(net, name) for name in ("size", "activation", "unpack", "pack")):
        return None
    try:
        layers = [
            (np.asarray(w).astype(np.intp), None if b is None else np.asarray(b).astype(np.intp))
            for w, b in net.unpack(np.arange(float(net.size)))
        ]
    except (TypeError, ValueError):  # a list of something else
        return None
    shapes = [(w.shape, None if b is None else b.shape) for w, b in layers]
    fits = len(shapes) == len(sizes) - 1 and all(
        w == (n_out, n_in) and b in (None, (n_out,))
        for (w, b), (n_in, n_out) in zip(shapes, pairwise(sizes), strict=True)
    )
    if not fits:
        return None
    every = np.concatenate([part.ravel() for layer in layers for part in layer if part is not None])
    return layers if np.array_equal(np.sort(every), np.arange(net.size)) else None


def _known(which: Any) -> Activation | None:
    """Return a net's activation; None for a foreign one, whose units change places only."""
    try:
        return activation(which)
    except ArgumentError:
        return None


def _scales(act: Activation | None) -> bool:
    """Return whether units may be scaled and no more."""
    return act is not None and act.homogeneous and not _linear(act)


@cache
def _odd(act: Activation | None) -> bool:
    """Return whether act(-z) = -act(z)."""
    return act is not None and bool(np.allclose(act(-PROBES), -act(PROBES), rtol=1e-12, atol=0.0))


@cache
def _linear(act: Activation | None) -> bool:
    """Return whether act(z) = c z."""
    if act is None or not _odd(act):
        return False
    return bool(np.allclose(act(PROBES), PROBES * act(PROBES[:1]) / PROBES[0], rtol=1e-12, atol=0.0))


@cache
def _constant(act: Activation | None) -> float:
    """Return the c with act(z) + act(-z) = c; 0 where there is none, or the activation is odd."""
    if act is None or _odd(act):
        return 0.0
    sums = act(PROBES) + act(-PROBES)
    return float(sums[0]) if np.ptp(sums) <= 1e-12 * np.abs(sums).max() else 0.0
