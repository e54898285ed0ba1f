"""Named columns of one length, as they came: what is read from a file or taken from an array, before it is coded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import integer, shown
from homotopy.doors import doors
from homotopy.errors import ArgumentError, DataError
from homotopy.naming import hint

__all__ = ["Column", "Frame", "counted", "listed", "quoted"]

LONGEST = 200  # letters of a cell or a name in a sentence


def counted(many: int, what: str) -> str:
    """Return a number of things in words.

    Examples
    --------
    >>> counted(1, "column"), counted(3, "column")
    ('1 column', '3 columns')
    """
    return f"{many} {what}{'' if many == 1 else 's'}"


def quoted(value: Any) -> str:
    """Return a cell or a name as a sentence shows it: a text in quotes, shortened where nobody would read it.

    Examples
    --------
    >>> quoted("a"), quoted(1.5), len(quoted("a" * 1000))
    ("'a'", '1.5', 202)
    """
    if not isinstance(value, str):
        return str(value)
    return repr(value if len(value) <= LONGEST else f"{value[: LONGEST - 3]}...")


def listed(names: Collection[Any], most: int = 5) -> str:
    """Return names in quotes, at most so many of them.

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    "'a', 'b' and 1 more"
    """
    first = [quoted(name) for name in list(names)[:most]]
    more = len(names) - len(first)
    return ", ".join(first) + (f" and {more} more" if more > 0 else "")


@doors
@dataclass(frozen=True, eq=False)
class Column:
    """One column.

    Attributes
    ----------
    name : str
        What it is called.
    kind : str
        ``number``; ``boolean``; ``category``; ``date``; or ``text``, cells of a file of which nobody has said yet what
        they are.
    values : ndarray of shape (n,)
        Numbers as float64, NaN where missing; booleans as 0, 1 and NaN; all others as objects, None where missing.
    """

    name: str
    kind: str
    values: NDArray[Any]

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which cells hold nothing, shape (n,)."""
        if self.values.dtype == object:
            return np.array([value is None for value in self.values], dtype=bool)
        return np.asarray(np.isnan(self.values))


@doors
@dataclass(frozen=True, eq=False)
class Frame:
    """A table.

    Attributes
    ----------
    columns : tuple of Column
        All of one length.
    source : str
        The file it was read from; empty where it came from Python.
    rows : ndarray of shape (n,), int
        The lines of the file, or the numbers of the rows, by which messages call them.
    named : bool
        Whether the columns have names of their own; else they are known by their places.
    decimal : str
        The decimal mark of the cells that are text.
    notes : tuple of str
        What is to be said about how it was read.
    header : tuple of str
        The names of all columns of the file, by whose places messages call them; by default those that there are.
    """

    columns: tuple[Column, ...]
    source: str = ""
    rows: NDArray[np.int64] = None  # type: ignore[assignment]
    named: bool = True
    decimal: str = "."
    notes: tuple[str, ...] = ()
    header: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.rows is None:
            object.__setattr__(self, "rows", np.arange(len(self.columns[0].values) if self.columns else 0))
        if not self.header:
            object.__setattr__(self, "header", self.names)

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def _at(self) -> dict[str, int]:
        """The place of each column by its name: tables may have very many."""
        return {name: place for place, name in enumerate(self.names)}

    @property
    def prefix(self) -> str:
        """What messages begin with: the file and a colon, or nothing."""
        return f"{self.source}: " if self.source else ""

    def column(self, name: str) -> Column:
        """Return a column by its name.

        Raises
        ------
        DataError
            If there is none.
        """
        if name not in self._at:
            raise DataError(
                f"{self.prefix}there is no column {shown(name)}{hint(name, self.names)}; "
                f"the columns are {', '.join(self.names[:30])}{', ...' if len(self.names) > 30 else ''}"
            )
        return self.columns[self._at[name]]

    def row(self, i: int) -> str:
        """Return what messages call a row: its line in the file, or its number, counted from 0."""
        i = integer("i", i, least=0, most=len(self.rows) - 1)
        return f"{'line' if self.source else 'row'} {int(self.rows[i])}"

    def place(self, i: int, name: str) -> str:
        """Return what messages call a cell."""
        at = f"{self.row(i)}, column "
        return self.prefix + at + (f"{self.header.index(name) + 1} ({name})" if self.source else repr(name))

    def taken(self, rows: NDArray[Any]) -> Frame:
        """Return these rows, given by a mask or by numbers.

        Raises
        ------
        ArgumentError
            If they are neither.
        """
        try:
            kept = self.rows[rows]
        except (IndexError, TypeError, ValueError):
            raise ArgumentError(f"rows must be a mask or numbers of rows, not {shown(rows)}") from None
        columns = tuple(replace(column, values=column.values[rows]) for column in self.columns)
        return replace(self, columns=columns, rows=kept)

    def chosen(self, names: Sequence[str]) -> Frame:
        """Return the columns of these names, in this order; a name that is not there raises DataError."""
        return replace(self, columns=tuple(self.column(name) for name in names))

    def without(self, names: Collection[str]) -> Frame:
        """Return all columns but those of these names."""
        apart = set(names)
        return replace(self, columns=tuple(column for column in self.columns if column.name not in apart))
