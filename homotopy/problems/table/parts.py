"""Which columns of a table are inputs, targets and weights, and which rows are used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import shown
from homotopy.errors import ArgumentError, DataError
from homotopy.tables import Frame, decided, frame_of
from homotopy.tables.frames import counted
from homotopy.tables.missing import how_missing, kept_rows
from homotopy.tables.weights import row_weights

__all__ = ["Parts"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Parts:
    """Inputs, targets and weights of the rows that are used."""

    inputs: Frame
    targets: Frame
    weights: Floats | None
    kept: NDArray[np.intp]
    notes: tuple[str, ...]
    categories: tuple[str, ...]

    @classmethod
    def of(cls, frame: Frame, y: Any, ignore: Any, weights: Any, categories: Any, missing: str | None) -> Parts:
        """Return the parts of a table; arguments are those of `homotopy.from_table`, which says what is refused.

        Raises
        ------
        DataError
            If no input or fewer than two rows are left.
        """
        apart, called = _names("ignore", ignore, frame.names), _names("categories", categories, frame.names)
        targets, aims = _targets(frame, y)
        factors = row_weights(weights, frame)
        used = {*aims, *frame.chosen(apart).names, *([weights] if isinstance(weights, str) else [])}
        left = frame.without(used)
        if not left.columns:
            alone = frame.source and len(frame.columns) == 1
            hint = (
                "; no comma, semicolon, tab or pipe divides its rows, and delimiter= names another mark"
                if alone
                else ""
            )
            raise DataError(f"{frame.prefix}there is no feature column beside the target {targets.names[0]!r}{hint}")
        if len(frame) < 2:
            raise DataError(f"{frame.prefix}{counted(len(frame), 'data row')}, and at least 2 are needed")
        called = tuple(one for one in called if one not in used)
        inputs = decided(left, called)
        rows, notes = kept_rows(inputs, targets, how_missing(missing))
        return cls(
            inputs.taken(rows),
            targets.taken(rows),
            None if factors is None else factors[rows],
            np.flatnonzero(rows),
            (*frame.notes, *notes),
            called,
        )


def _names(name: str, given: Any, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return names of columns, several or one text such as ``a+b``."""
    listed = ((given,) if given in known else given.split("+")) if isinstance(given, str) else given
    if not isinstance(listed, (list, tuple, set, frozenset)) or not all(isinstance(one, str) for one in listed):
        raise ArgumentError(f"{name} must be the names of columns, not {shown(given)}")
    return tuple(listed)


def _targets(frame: Frame, y: Any) -> tuple[Frame, tuple[str, ...]]:
    """Return the targets, and which columns of the table they are."""
    if y is None:
        if not frame.source:
            raise ArgumentError("y is None; give the targets, or the name of the column of X that holds them")
        y = frame.names[-1]
    if isinstance(y, str):
        names: tuple[str, ...] = (y,) if y in frame.names or "+" not in y else tuple(y.split("+"))
    elif frame.named and isinstance(y, (list, tuple)) and 0 < len(y) < len(frame) and set(y) <= set(frame.names):
        names = tuple(y)
    else:
        targets = frame_of(y, "y")
        if len(targets) != len(frame):
            raise DataError(f"X has {len(frame)} rows and y has {len(targets)}; they must be equally many")
        return targets, ()
    if len(set(names)) < len(names):
        raise ArgumentError(f"y names a column twice: {shown(names)}")
    return frame.chosen(names), names
