"""Sequences out of arrays: one array of three axes, or one array a sequence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.archives import read_npz
from homotopy.arguments import numbers, shown
from homotopy.errors import ArgumentError, DataError
from homotopy.problems.sequences.long import Long
from homotopy.tables import Frame, frame_of
from homotopy.tables.frames import counted

__all__ = ["from_arrays", "from_npz"]

Array = NDArray[Any]
FORM = "an array of shape (sequences, steps, inputs), or a list with an array (steps, inputs) for each sequence"


def from_npz(path: str | Path) -> tuple[Array, Array, Array | None]:
    """Return the arrays ``X``, ``y`` and, where it is there, ``lengths`` of an .npz file.

    Raises
    ------
    DataError
        If the file is not there, is none, or has no X or y.
    """
    found = read_npz(path)
    lost = [name for name in ("X", "y") if name not in found]
    if lost:
        has = ", ".join(found) or "nothing"
        raise DataError(f"{path}: there is no array {lost[0]!r}; X, y and perhaps lengths are needed, and it has {has}")
    return found["X"], found["y"], found.get("lengths")


def from_arrays(X: Any, y: Any, lengths: Any = None, *, predict: str | None = None) -> Long:
    """Return sequences given as arrays, in the long form.

    Parameters
    ----------
    X : array_like of shape (n, T, d), or sequence of n array_like of shape (T_i, d) or (T_i,)
        The inputs.
    y : array_like, list or None
        One target a sequence, or one a step, as for `homotopy.from_sequences`; None where none are asked for.
    lengths : array_like of shape (n,) or None
        How many steps of the padded sequences of one array there are.
    predict : str or None
        ``last`` or ``steps``, where a shape of y could mean both.

    Raises
    ------
    ArgumentError
        If X is of another form, or lengths are given beside sequences that have their own.
    DataError
        If the shapes do not fit each other, or a value is missing or infinite; the sentence names the sequence and the
        step.
    """
    if hasattr(X, "__array__"):  # tensors of other packages
        X = np.asarray(X)
    parts = _inputs(X)
    padded = isinstance(X, np.ndarray)
    ends = _lengths(lengths, [len(part) for part in parts], padded)
    names = tuple(f"sequence {i}" for i in range(len(parts)))
    for name, part, end in zip(names, parts, ends, strict=True):
        _refuse(name, part[:end], padded and lengths is None)
    width = {part.shape[1] for part in parts}
    if len(width) > 1:
        i = next(i for i, part in enumerate(parts) if part.shape[1] != parts[0].shape[1])
        raise DataError(f"sequence 0 has {parts[0].shape[1]} inputs a step and sequence {i} has {parts[i].shape[1]}")
    inputs = frame_of(np.concatenate([part[:end] for part, end in zip(parts, ends, strict=True)]), "X")
    if y is None:
        return Long(inputs, None, np.empty(0, dtype=np.intp), ends, False, names)
    targets, every = _targets(y, [len(part) for part in parts], ends, predict)
    at = np.arange(int(ends.sum())) if every else np.cumsum(ends) - 1
    return Long(inputs, targets, at, ends, every, names)


def _inputs(X: Any) -> list[Array]:
    """Return the steps of each sequence, shape (T_i, d)."""
    if hasattr(X, "ndim") and getattr(X, "ndim", 0) not in (1, 3):
        more = "; for one long series give [X], and windows=" if X.ndim == 2 else ""
        raise ArgumentError(f"X has shape {tuple(X.shape)}; it must be {FORM}{more}")
    if not isinstance(X, (np.ndarray, list, tuple)) or not len(X):
        raise ArgumentError(f"X must be {FORM}, not {shown(X)}")
    parts = []
    for i, one in enumerate(X):
        found = numbers(f"sequence {i} of X", one)
        if found.ndim not in (1, 2) or not found.size:
            raise ArgumentError(f"sequence {i} of X has shape {found.shape}; X must be {FORM}")
        parts.append(found[:, None] if found.ndim == 1 else found)
    return parts


def _lengths(lengths: Any, steps: list[int], padded: bool) -> NDArray[np.intp]:
    if lengths is None:
        return np.array(steps, dtype=np.intp)
    if not padded:
        raise ArgumentError("lengths go with sequences that are padded in one array; these have their own lengths")
    found = numbers("lengths", lengths)
    if found.shape != (len(steps),):
        raise ArgumentError(f"lengths has shape {found.shape}; {len(steps)} sequences need ({len(steps)},)")
    wrong = np.flatnonzero(~((found >= 1) & (found <= steps[0]) & (found == np.floor(found))))
    if wrong.size:
        i = int(wrong[0])
        raise DataError(f"lengths has {found[i]:g} for sequence {i}; a whole number from 1 to {steps[0]} is needed")
    return found.astype(np.intp)


def _refuse(name: str, part: Array, padded: bool) -> None:
    """Refuse inputs that are missing or infinite; in one array they may stand behind the end of a sequence."""
    wrong = np.argwhere(~np.isfinite(part))
    if len(wrong):
        step, column = wrong[0].tolist()
        kind = "a missing value" if np.isnan(part[step, column]) else "an infinite value"
        hint = ", and lengths= says how many steps there are" if padded else ""
        raise DataError(f"X has {kind} in {name}, step {step}, input {column}; every step needs its inputs{hint}")


def _targets(y: Any, steps: list[int], ends: NDArray[np.intp], predict: str | None) -> tuple[Frame, bool]:
    """Return the targets as a table, and whether there is one a step."""
    if hasattr(y, "iloc"):
        y = y.to_numpy()
    n = len(steps)
    several = hasattr(y, "__len__") and not isinstance(y, str) and getattr(y, "ndim", 1) > 0
    if not several or len(y) != n:
        count = len(y) if several else shown(y)
        raise DataError(f"X has {counted(n, 'sequence')} and y has {count}; there must be one entry of y for each")
    parts = [np.asarray(one, dtype=None if isinstance(one, np.ndarray) else object) for one in y]
    if all(part.ndim == 0 for part in parts):
        return frame_of(y if isinstance(y, np.ndarray) else list(y), "y"), False
    apart = [i for i, part in enumerate(parts) if part.ndim not in (1, 2) or len(part) not in (steps[i], ends[i])]
    flat = all(part.ndim == 1 and len(part) == len(parts[0]) for part in parts)
    if flat and (apart or predict == "last"):
        return frame_of(np.stack(parts), "y"), False
    if apart:
        i = apart[0]
        raise DataError(
            f"y has shape {parts[i].shape} for sequence {i}, which has {counted(int(ends[i]), 'step')}; give one "
            "target a step, or one for each sequence"
        )
    rows = [part[:end] if part.ndim == 2 else part[:end, None] for part, end in zip(parts, ends, strict=True)]
    if len({row.shape[1] for row in rows}) > 1:
        raise DataError("y has sequences with different numbers of targets a step")
    return frame_of(np.concatenate(rows), "y"), True
