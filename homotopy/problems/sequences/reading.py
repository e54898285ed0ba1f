"""Whatever holds sequences, in the long form: arrays, a file of arrays, a table, a file with a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from homotopy.arguments import choice
from homotopy.errors import ArgumentError, DataError
from homotopy.problems.sequences.arrays import from_arrays, from_npz
from homotopy.problems.sequences.long import Long, last_only, without_missing
from homotopy.problems.sequences.table import from_frame
from homotopy.tables import Frame, frame_of, read_table
from homotopy.tables.taking import is_path

__all__ = ["Reader"]


@dataclass(frozen=True)
class Reader:
    """How sequences are read.

    Attributes
    ----------
    target : str, sequence of str or None
        The target's columns in a table.
    id, time : str or None
        The columns of a table that name sequences and times.
    ignore, categories : str or sequence of str
        Columns that are no inputs, and such as are categories.
    missing, predict : str or None
        As for `homotopy.from_sequences`.
    delimiter, decimal : str or None
        How a text file is read.
    """

    target: Any = None
    id: str | None = None
    time: str | None = None
    ignore: Any = ()
    categories: Any = ()
    missing: str | None = None
    predict: str | None = None
    delimiter: str | None = None
    decimal: str = "."

    def __post_init__(self) -> None:
        if self.missing is not None:
            choice("missing", self.missing, ("skip",))
        if self.predict is not None:
            choice("predict", self.predict, ("last", "steps"))

    def read(self, X: Any, y: Any = None, lengths: Any = None, *, wants_targets: bool = True) -> Long:
        """Return sequences in the long form.

        Parameters
        ----------
        X, y, lengths
            As for `homotopy.from_sequences`.
        wants_targets : bool
            Whether there must be targets.

        Raises
        ------
        ArgumentError
            If targets are missing or given twice, or columns are named where there is no table.
        DataError
            If the sequences cannot be used; the sentence says where and why.
        """
        named = [key for key in ("target", "id", "time") if getattr(self, key) is not None]
        if is_path(X) and Path(X).suffix.lower() == ".npz":
            if named:
                raise ArgumentError(f"{named[0]} is the name of a column, and {X} holds the arrays X and y")
            if y is not None or lengths is not None:
                raise ArgumentError(f"the file {X} holds X, y and lengths; they are not to be given beside it")
            X, y, lengths = from_npz(X)
            return self._ready(from_arrays(X, y if wants_targets else None, lengths, predict=self.predict))
        if is_path(X) or isinstance(X, Mapping) or hasattr(X, "iloc") or hasattr(X, "to_pandas"):
            if y is not None or lengths is not None:
                raise ArgumentError("the targets of a table are its columns, named by target=; y and lengths are not")
            frame = frame_of(X) if not is_path(X) else read_table(X, delimiter=self.delimiter, decimal=self.decimal)
            return self._ready(self._of_frame(frame, wants_targets))
        if named:
            raise ArgumentError(f"{named[0]} is the name of a column, and X is no table; give y= for arrays")
        if y is None and wants_targets:
            raise ArgumentError("y is None; give one target a sequence, or one a step")
        return self._ready(from_arrays(X, y if wants_targets else None, lengths, predict=self.predict))

    def _of_frame(self, frame: Frame, wants_targets: bool) -> Long:
        return from_frame(
            frame,
            self.target,
            id=self.id,
            time=self.time,
            ignore=self.ignore,
            categories=self.categories.split("+") if isinstance(self.categories, str) else tuple(self.categories),
            missing=self.missing,
            predict=self.predict,
            wants_targets=wants_targets,
        )

    def _ready(self, long: Long) -> Long:
        """Return what `predict` and `missing` ask for."""
        if long.targets is None:
            return long
        if self.predict == "last" and long.every_step:
            long = last_only(long)
        if self.predict == "steps" and not long.every_step:
            raise DataError("predict=steps needs a target at each step, and there is one for each sequence")
        return self._without_gaps(long)

    def _without_gaps(self, long: Long) -> Long:
        """Return sequences without the steps that have no target, where these may be skipped."""
        assert long.targets is not None
        gone = np.any([column.missing for column in long.targets.columns], axis=0)
        if not gone.any():
            return long
        if self.missing == "skip" and long.every_step:
            return without_missing(long, gone)
        row = int(long.at[np.flatnonzero(gone)[0]])
        owner = int(long.owner[row])
        if not long.every_step:
            raise DataError(f"{long.targets.prefix}the target of {long.names[owner]} is missing")
        where = f"step {row - int(long.begins[owner])} of {long.names[owner]}"
        hint = "missing=skip leaves steps without one out of the loss"
        raise DataError(f"{long.targets.prefix}the target at {where} is missing; {hint}")
