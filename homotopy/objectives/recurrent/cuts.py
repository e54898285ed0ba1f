"""Steps left out of sequences, sequences cut into windows, and sequences sampled more coarsely."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import ArgumentError

__all__ = ["coarse", "coarsest", "deleted", "fewest_left", "windows"]

Array = NDArray[Any]
Indices = NDArray[np.int64]

BURN_IN = 4
"""One in so many steps of a window that begins within a sequence does not count: its state is not known yet."""


def _lengths(own: Any) -> Indices:
    """Return how many steps each sequence has, shape (n,)."""
    n, T = own.counts.shape
    return np.full(n, T, dtype=np.int64) if own.lengths is None else own.lengths


def _gathered(risk: Any, rows: Any, at: Indices) -> dict[str, Any]:
    """Return the parts of the risk of sequences `rows`, shape (m,), at their steps `at`, shape (m, t)."""
    own, pick = risk.sequences, (np.asarray(rows)[:, None], at)
    parts = {"X": own.X[pick], "y": own.y[pick] if own.every_step else own.y[rows], "weights": None}
    if risk.deletable is not None:
        parts["deletable"] = risk.deletable[pick]
    if own.steps is not None:
        parts["steps"] = own.steps[pick]
    if own.weights is not None:
        parts["weights"] = own.weights[rows]
    return parts


def _needed(risk: Any) -> Indices:
    """Return how many steps of each sequence may not be deleted, shape (n,)."""
    return np.asarray((risk.sequences.valid & ~risk.deletable).sum(axis=1))


def _ends(risk: Any, t: int) -> Indices:
    """Return where t longer steps begin and end, shape (t + 1,)."""
    return np.round(np.linspace(0, risk.n_steps, t + 1)).astype(np.int64)


def fewest_left(risk: Any) -> int:
    """Return the fewest steps to which the longest sequence can be cut by leaving steps out."""
    return max(int(_needed(risk).max()), 1)


def coarsest(risk: Any) -> int:
    """Return the fewest longer steps from which on one of them always ends where a step counts."""
    counts = risk.sequences.counts.any(axis=0)
    return 1 + max((t for t in range(1, risk.n_steps) if not counts[_ends(risk, t)[1:] - 1].any()), default=0)


def deleted(risk: Any, t: int) -> Any:
    """Return the risk with steps that may be deleted left out, so that at most t of each sequence are left.

    All others stay, and as many of these as there is room for, evenly spread among them.

    Raises
    ------
    ArgumentError
        If a sequence has more than t steps that may not be deleted.
    """
    own = risk.sequences
    may = risk.deletable & own.valid
    must = own.valid & ~may
    needed = _needed(risk)
    if needed.max() > t:
        i = int(needed.argmax())
        raise ArgumentError(f"t is {t}, and sequence {i} has {needed[i]} steps that may not be deleted")
    room, there = np.minimum(t, _lengths(own)) - needed, np.maximum(may.sum(axis=1), 1)
    upto = np.cumsum(may, axis=1) * room[:, None] // there[:, None]
    stay = must | (may & (np.diff(upto, axis=1, prepend=0) > 0))
    at = np.argsort(~stay, axis=1, kind="stable")[:, :t]  # those that stay come first, in their order
    parts = _gathered(risk, np.arange(len(at)), at)
    return risk.changed(**parts, lengths=stay.sum(axis=1))


def windows(risk: Any, t: int) -> Any:
    """Return the risk of windows of t steps that cover the sequences, one sample each, all with the learned state.

    A window that begins within a sequence overlaps the one before it by a quarter; the steps that they share count in
    the earlier one alone. So every step counts once, and what it counts in all is what it does in the risk.
    """
    own = risk.sequences
    cut: list[tuple[int, int, int]] = []  # which sequence, where the window begins, how many of its steps are shared
    for row, length in enumerate(_lengths(own).tolist()):
        covered = min(t, length)
        cut.append((row, 0, 0))
        while covered < length:
            start = min(covered - t // BURN_IN, length - t)
            cut.append((row, start, covered - start))
            covered = start + t
    where, first, shared = np.array(cut).T
    at = np.minimum(first[:, None] + np.arange(t), risk.n_steps - 1)
    parts = _gathered(risk, where, at)
    counts = parts.get("steps", 1.0) * (np.arange(t) >= shared[:, None])
    return risk.changed(**{**parts, "steps": counts, "lengths": np.minimum(t, _lengths(own)[where])})


def coarse(risk: Any, t: int) -> Any:
    """Return the risk of t longer steps: the mean of the inputs over each, and the target at its end.

    It is for systems that are sampled in time. A step that is only partly within a sequence does not count.

    Raises
    ------
    ArgumentError
        If no sequence is as long as one of these steps.
    """
    own, ends = risk.sequences, _ends(risk, t)
    sums = np.concatenate(
        [np.zeros_like(own.X[:, :1], dtype=np.float64), np.cumsum(own.X, axis=1, dtype=np.float64)], 1
    )
    X = np.diff(sums[:, ends], axis=1) / np.diff(ends)[:, None]
    lengths = _lengths(own)
    whole = np.searchsorted(ends[1:], lengths, side="right")
    parts = _gathered(risk, np.arange(len(X)), np.broadcast_to(ends[1:] - 1, (len(X), t)))
    counts = parts.get("steps", 1.0) * (np.arange(t) < whole[:, None])
    parts.pop("deletable", None)
    if not counts.any():
        raise ArgumentError(f"t is {t}, and no sequence is as long as a step; more of them are needed")
    return risk.changed(**{**parts, "X": X, "steps": counts, "lengths": np.maximum(whole, 1), "deletable": None})
