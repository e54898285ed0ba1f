"""Sequences out of a table in the long form: a row a step, with a column that names the sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import shown
from homotopy.errors import ArgumentError, DataError
from homotopy.problems.sequences.long import Long, without_missing
from homotopy.tables import Column, Frame, decided
from homotopy.tables.kinds import DATE, numbers_of, word
from homotopy.tables.missing import refuse_missing

__all__ = ["from_frame", "names_of"]

ID, TIME = "id", "time"
"""Columns that name the sequence and the time where nobody says which."""


def from_frame(
    frame: Frame,
    target: Any = None,
    *,
    id: str | None = None,
    time: str | None = None,
    ignore: Any = (),
    categories: Sequence[str] = (),
    missing: str | None = None,
    predict: str | None = None,
    wants_targets: bool = True,
) -> Long:
    """Return the sequences of a table.

    Parameters
    ----------
    frame : Frame
        The table: a row a step. Rows of a sequence need not stand together, but must be in the order of time.
    target : str, sequence of str or None
        The target's column or columns; None takes the last one.
    id, time : str or None
        The columns that name sequences and times; None takes those called so, where they are there. Without an id all
        rows are one sequence, without a time the order of the rows is that of the steps.
    ignore, categories : sequence of str
        Columns that are no inputs, and such as are categories.
    missing : str or None
        ``skip``: steps without a target do not count. None refuses them, unless only the last step of each sequence
        has one.
    predict : str or None
        ``steps``: there is a target a step even where all targets of a sequence are equal.
    wants_targets : bool
        Whether the targets must be there.

    Raises
    ------
    ArgumentError
        If the table has no names, or an argument is no name of a column.
    DataError
        If a column is not there, a cell is missing or cannot be used, times are not in order or stand twice, or no
        input is left.
    """
    if not frame.named or not frame.columns:
        raise ArgumentError("a table of sequences needs names of its columns")
    label = _label(frame, id, ID, "id")
    clock = _label(frame, time, TIME, "time")
    aims = names_of("target", frame.names[-1] if target is None else target, frame.names)
    there = frame.chosen([name for name in aims if wants_targets or name in frame.names])
    unused = names_of("ignore", ignore, frame.names)
    apart = {*aims, *unused, *(one.name for one in (label, clock) if one is not None)}
    inputs = frame.without(apart)
    if not inputs.columns:
        raise DataError(f"{frame.prefix}there is no input column beside the target, the id and the time")
    if wants_targets:  # else columns are read as those of training
        frame.chosen(unused)
        inputs = decided(inputs, tuple(name for name in categories if name not in apart))
    refuse_missing(inputs, "every step needs its inputs")
    order, lengths, names = _sequences(frame, label)
    if clock is not None:
        _in_order(frame, clock, order, lengths, names)
    made = Long(inputs.taken(order), None, np.empty(0, dtype=np.intp), lengths, False, names, frame.notes)
    if not wants_targets:
        return made
    return _aimed(made, there.taken(order), missing, several=len(lengths) > 1 and predict != "steps")


def names_of(name: str, given: Any, known: Sequence[str]) -> tuple[str, ...]:
    """Return names of columns, several or one text such as ``a+b``.

    Raises
    ------
    ArgumentError
        If it is neither.
    """
    if isinstance(given, str):
        return (given,) if given in known or not given else tuple(given.split("+"))
    if not isinstance(given, (list, tuple)) or not all(isinstance(one, str) for one in given):
        raise ArgumentError(f"{name} must be the names of columns, not {shown(given)}")
    return tuple(given)


def _label(frame: Frame, given: str | None, usual: str, what: str) -> Column | None:
    """Return the column that names sequences or times; None where there is none."""
    if given is None:
        return frame.column(usual) if usual in frame.names else None
    if not isinstance(given, str):
        raise ArgumentError(f"{what} must be the name of a column, not {shown(given)}")
    return frame.column(given)


def _sequences(frame: Frame, label: Column | None) -> tuple[NDArray[np.intp], NDArray[np.intp], tuple[str, ...]]:
    """Return the rows, sequence after sequence in the order in which they begin, their lengths and names."""
    n = len(frame)
    if label is None:
        return np.arange(n), np.array([n], dtype=np.intp), ("the series",)
    refuse_missing(frame.chosen([label.name]), "every row needs the id of its sequence")
    words = np.array([word(value) for value in label.values.tolist()])
    found, first, number = np.unique(words, return_index=True, return_inverse=True)
    rank = np.empty(len(found), dtype=np.intp)
    rank[np.argsort(first)] = np.arange(len(found))
    order = np.argsort(rank[number], kind="stable")
    lengths = np.bincount(rank[number]).astype(np.intp)
    return order, lengths, tuple(f"sequence {one!r}" for one in found[np.argsort(first)].tolist())


def _in_order(
    frame: Frame, clock: Column, order: NDArray[np.intp], lengths: NDArray[np.intp], names: tuple[str, ...]
) -> None:
    """Refuse times that do not rise within a sequence."""
    refuse_missing(frame.chosen([clock.name]), "every row needs its time")
    times = _times(frame, clock)[order]
    begins = np.zeros(len(order), dtype=bool)
    begins[np.cumsum(lengths) - lengths] = True
    wrong = np.flatnonzero((times[1:] <= times[:-1]) & ~begins[1:]) + 1
    if not wrong.size:
        return
    i = int(wrong[0])
    shown_at = [str(clock.values[order[j]]) for j in (i, i - 1)]
    owner = names[int(np.searchsorted(np.cumsum(lengths), i, side="right"))]
    where = frame.place(int(order[i]), clock.name)
    if times[i] == times[i - 1]:
        raise DataError(f"{where}: the time {shown_at[0]} stands twice in {owner}; one row a step is needed")
    raise DataError(
        f"{where}: the time {shown_at[0]} comes after {shown_at[1]} in {owner}; sort the rows of each sequence by time"
    )


def _times(frame: Frame, clock: Column) -> NDArray[Any]:
    """Return times as numbers, or as dates that can be compared."""
    if clock.kind in ("number", "boolean"):
        return clock.values
    texts = np.array([str(value) for value in clock.values.tolist()])
    values, wrong = numbers_of(texts, frame.decimal)
    if not wrong.any():
        return values
    i = next((i for i in np.flatnonzero(wrong).tolist() if not DATE.fullmatch(str(texts[i]))), -1)
    if i < 0 and wrong.all():
        try:
            return texts.astype("datetime64[us]").astype(np.int64)
        except ValueError:  # of another form than that of ISO 8601
            pass
    i = i if i >= 0 else int(np.flatnonzero(wrong)[0])
    raise DataError(
        f"{frame.place(i, clock.name)}: {str(texts[i])!r} is neither a number nor a date such as 2024-05-01 or "
        "2024-05-01T12:30:00"
    )


def _aimed(long: Long, targets: Frame, missing: str | None, *, several: bool) -> Long:
    """Return sequences with their targets; of `several` one each where only last steps have one, or all are equal."""
    gone = np.any([column.missing for column in targets.columns], axis=0)
    ends = np.cumsum(long.lengths) - 1
    inner = np.ones(len(gone), dtype=bool)
    inner[ends] = False
    if several and not gone[ends].any() and (gone[inner].all() if inner.any() else True):
        return _with(long, targets, ends, False)
    if several and not gone.any() and _constant(targets, long.lengths):
        note = f"{'the target is' if len(targets.columns) == 1 else 'targets are'} the same in all steps of a sequence"
        return _with(long, targets, ends, False, note)
    if gone.any() and missing == "skip":
        return without_missing(_with(long, targets, np.arange(len(gone)), True), gone)
    refuse_missing(
        targets,
        "a target stands in each row, or only in the last row of each sequence; missing=skip leaves steps without one "
        "out of the loss",
    )
    return _with(long, targets, np.arange(len(gone)), True)


def _with(long: Long, targets: Frame, at: NDArray[np.intp], every: bool, note: str = "") -> Long:
    notes = (*long.notes, note) if note else long.notes
    return Long(long.inputs, targets.taken(at), at, long.lengths, every, long.names, notes)


def _constant(targets: Frame, lengths: NDArray[np.intp]) -> bool:
    """Whether the targets of each sequence are equal at all its steps, and some sequence has more than one."""
    if int(lengths.max()) == 1:
        return True
    first = np.repeat(np.cumsum(lengths) - lengths, lengths)
    return all(bool(np.all(column.values == column.values[first])) for column in targets.columns)
