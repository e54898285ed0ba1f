"""What was done with a table, in phrases that make one line."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from homotopy.tables import Encoding, Frame, TargetCoding
from homotopy.tables.coding.scaling import moments
from homotopy.tables.frames import listed

__all__ = ["described"]

LONG = 10  # rows from which on numbers that count them are no accident
APART = 100.0  # spreads that differ by more are spoken of where nothing is standardized


def described(
    inputs: Frame,
    targets: Frame,
    code: Encoding,
    target: TargetCoding,
    rest: NDArray[np.bool_],
    *,
    l2: float,
    weighted: bool,
) -> tuple[str, ...]:
    """Return in phrases what became of a table.

    Parameters
    ----------
    inputs, targets : Frame
        Its columns, decided, with the rows that are used.
    code, target : Encoding, TargetCoding
        How they are coded.
    rest : ndarray of shape (n,), bool
        Which rows are held out.
    l2 : float
        The weight of the penalty.
    weighted : bool
        Whether rows have weights.

    Returns
    -------
    tuple of str
        Phrases, the usual ones first.
    """
    held = int(rest.sum())
    rows = f"{len(rest)} rows" + (f", {held} of them held out ({target.score_name})" if held else "")
    scaled = "standardized" if code.standardized else "not standardized"
    said = [f"{inputs.prefix}{rows}", f"inputs: {_inputs(code)}, {scaled}", _target(target, code.standardized)]
    said.append(f"penalty l2={l2:g}" if l2 else "no penalty (l2= often matters more for predictions than the minimum)")
    if weighted:
        said.append("rows are weighted")
    constant = [one for one in inputs.columns if one.kind != "category" and _spread(one.values[~rest]) == 0.0]
    if constant:
        became = " and become zero" if code.standardized else ""
        said.append(f"constant{became}: {listed([one.name for one in constant])}")
    counting = [one.name for one in inputs.columns if one.kind == "number" and _counts_rows(one.values)]
    if counting:
        said.append(f"{listed(counting)} only counts the rows; ignore={counting[0]} leaves it out")
    for name, labels in zip(target.names, target.classes, strict=False):
        here = target.encode(targets).reshape(len(targets), -1)[~rest, target.names.index(name)]
        gone = [label for place, label in enumerate(labels) if not (here == place).any()]
        if gone:
            said.append(f"no row to learn the class {listed(gone)} of {name!r} from")
    if not code.standardized:
        said += _apart(inputs, targets, target, ~rest)
    return tuple(said)


def _inputs(code: Encoding) -> str:
    """Return how many inputs there are of each kind."""
    out = []
    for kind, many in (("number", "numbers"), ("boolean", "booleans"), ("category", "categories")):
        here = [one for one in code.inputs if one.kind == kind]
        if here:
            columns = sum(len(one.categories) for one in here)
            coded = f" as {columns} column{'s' if columns > 1 else ''}" if kind == "category" else ""
            out.append(f"{len(here)} {many if len(here) > 1 else kind}{coded}")
    return ", ".join(out)


def _target(target: TargetCoding, standardized: bool) -> str:
    """Return what the targets are, and the loss."""
    several = len(target.names) > 1
    head = f"{'targets' if several else 'target'} {listed(target.names)}: "
    if target.loss == "squared":
        what = target.reason or "numbers"
        return f"{head}{what}, squared loss{', standardized' if standardized else ''}"
    if several:
        return f"{head}two classes each, logistic loss"
    labels = target.classes[0]
    shown = ", ".join(map(str, labels[:4])) + (", ..." if len(labels) > 4 else "")
    reason = f", {target.reason}" if target.reason else ""
    return f"{head}{len(labels)} classes ({shown}){reason}, {target.loss} loss"


def _apart(inputs: Frame, targets: Frame, target: TargetCoding, rows: NDArray[np.bool_]) -> Iterable[str]:
    """Return a sentence where unscaled columns differ much in spread, from each other or from one."""
    columns = [*inputs.columns, *(targets.columns if target.loss == "squared" else ())]
    numbers = [(c.name, np.asarray(c.values, dtype=object)) for c in columns if c.kind != "category"]
    spreads = {}
    for name, values in numbers:
        try:
            spreads[name] = _spread(values[rows].astype(np.float64))
        except ValueError:  # a target as text with a decimal comma: its numbers are not needed to say this
            continue
    spreads = {name: spread for name, spread in spreads.items() if spread > 0}
    if not spreads:
        return
    low, high = min(spreads, key=lambda n: spreads[n]), max(spreads, key=lambda n: spreads[n])
    if max(spreads[high], 1.0) > APART * min(spreads[low], 1.0):
        between = f"{spreads[low]:.3g} ({low}) to {spreads[high]:.3g} ({high})"
        yield f"warning: standard deviations are {between}, far from one: methods may stall; standardize them"


def _counts_rows(values: NDArray[np.float64]) -> bool:
    """Whether numbers are one more each row, as those that a spreadsheet or a data base adds."""
    return len(values) >= LONG and bool(np.all(np.diff(values) == 1))


def _spread(values: NDArray[np.float64]) -> float:
    present = values[~np.isnan(values)]
    return moments(present)[1] if present.size else 0.0
