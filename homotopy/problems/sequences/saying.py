"""What was done with sequences, in phrases that make one line."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from homotopy.problems.sequences.long import Long
from homotopy.tables import Encoding, TargetCoding
from homotopy.tables.frames import counted, listed

__all__ = ["said_of"]


def said_of(
    long: Long,
    code: Encoding,
    target: TargetCoding,
    rest: NDArray[np.bool_],
    *,
    l2: float,
    learned: bool,
    washout: int,
) -> tuple[str, ...]:
    """Return in phrases what became of sequences, the usual ones first.

    Parameters
    ----------
    long : Long
        The sequences, or pieces of them.
    code, target : Encoding, TargetCoding
        How inputs and targets are coded.
    rest : ndarray of shape (n,), bool
        Which are held out.
    l2 : float
        The weight of the penalty.
    learned : bool
        Whether the state before the first step is a part of the weights.
    washout : int
        First steps that do not count.
    """
    low, high = int(long.lengths.min()), int(long.lengths.max())
    steps = counted(low, "step") if low == high else f"{low:,} to {high:,} steps"
    held = f", {int(rest.sum()):,} of them held out ({target.score_name})" if rest.any() else ""
    scaled = "standardized" if code.standardized else "not standardized"
    where = "at each step" if long.every_step else "for each sequence"
    what = target.reason or "numbers" if target.loss == "squared" else f"{len(target.classes[0])} classes"
    aims = f"target{'s' if len(target.names) > 1 else ''} {listed(target.names)} {where}: {what}, {target.loss} loss"
    said = [
        f"{long.inputs.prefix}{len(rest):,} sequence{'s' * (len(rest) != 1)} of {steps}{held}",
        f"{counted(len(code.names), 'input')} a step, {scaled}",
        f"{aims}{', standardized' if target.standardized else ''}",
        f"penalty l2={l2:g}" if l2 else "no penalty",
    ]
    if learned:
        said.append("the state before the first step is learned")
    if washout:
        said.append(f"the first {counted(washout, 'step')} of each do not count")
    constant = [one.name for one in code.inputs if one.kind != "category" and code.standardized and one.scale == 0.0]
    if constant:
        said.append(f"constant and become zero: {listed(constant)}")
    return (*said, *long.notes)
