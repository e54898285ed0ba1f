"""How the columns of a table become the inputs of a net: learned from the training rows, applied to any others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import shown
from homotopy.doors import doors
from homotopy.errors import ArgumentError, DataError
from homotopy.tables.coding.scaling import moments, scaled
from homotopy.tables.deciding import as_kind, decided
from homotopy.tables.frames import Column, Frame, listed
from homotopy.tables.missing import how_missing, refuse_missing

__all__ = ["ABSENT", "Encoding", "Input"]

VERSION = 1
ABSENT = "(missing)"
"""The category of missing cells."""
KINDS = ("number", "boolean", "category")
Floats = NDArray[np.float64]


@doors
@dataclass(frozen=True)
class Input:
    """How one column is coded.

    Attributes
    ----------
    name : str
        The column.
    kind : str
        ``number``, ``boolean`` or ``category``.
    mean, scale : float
        A number or boolean v becomes (v - mean) / scale; 0 where the scale is 0, in a column that was constant.
    categories : tuple of str
        One column of 0 and 1 each, in order.
    """

    name: str
    kind: str
    mean: float = 0.0
    scale: float = 1.0
    categories: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the coded columns."""
        return tuple(f"{self.name}={one}" for one in self.categories) if self.kind == "category" else (self.name,)


@doors
@dataclass(frozen=True)
class Encoding:
    """How all columns are coded.

    Attributes
    ----------
    inputs : tuple of Input
        One a column.
    missing : str or None
        ``mean``: missing numbers and booleans become the mean, missing categories `ABSENT`. Otherwise they are refused.
    named : bool
        Whether columns are found by their names; else by their places.
    standardized : bool
        Whether numbers and booleans have mean 0 and standard deviation 1 in the rows it was learned from.
    fills : tuple of float
        What a missing number or boolean becomes, one a column.

    Examples
    --------
    >>> from homotopy.tables import frame_of
    >>> code = Encoding.fit(frame_of({"size": [1.0, 3.0], "city": ["Rome", "Oslo"]}))
    >>> code.names, code.transform(frame_of({"city": ["Oslo"], "size": [2.0]}))[0]
    (('size', 'city=Oslo', 'city=Rome'), array([[0., 1., 0.]]))
    """

    inputs: tuple[Input, ...]
    missing: str | None = None
    named: bool = True
    standardized: bool = True
    fills: tuple[float, ...] = field(default=())

    @classmethod
    def fit(
        cls, frame: Frame, *, standardize: bool = True, missing: str | None = None, categories: Collection[str] = ()
    ) -> Encoding:
        """Learn the coding from the training rows.

        Parameters
        ----------
        frame : Frame
            The columns that are inputs, and no others.
        standardize : bool
            Whether numbers and booleans are brought to mean 0 and standard deviation 1.
        missing : str or None
            ``mean`` to fill missing cells.
        categories : collection of str
            Columns that are categories, whatever they look like, and however many there are.

        Returns
        -------
        Encoding
            That of these rows.

        Raises
        ------
        DataError
            If cells are missing and are not to be filled, no value of a column is there, or a column cannot be
            used (`homotopy.tables.decided`).
        """
        how = how_missing(missing)
        frame = decided(frame, categories)
        if how != "mean":
            refuse_missing(frame, "missing=mean fills them")
        inputs, fills = [], []
        for column in frame.columns:
            if column.kind == "category":
                inputs.append(Input(column.name, column.kind, categories=_categories(frame, column)))
                fills.append(0.0)
                continue
            present = column.values[~column.missing]
            if not present.size:
                raise DataError(f"{frame.prefix}column {column.name!r} has no value in the training rows")
            mean, scale = moments(present)
            fills.append(mean)
            if how == "mean" and standardize:
                mean, scale = moments(np.where(column.missing, mean, column.values))
            inputs.append(Input(column.name, column.kind, *((mean, scale) if standardize else (0.0, 1.0))))
        return cls(tuple(inputs), how, frame.named, standardize, tuple(fills))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the coded columns."""
        return tuple(name for one in self.inputs for name in one.names)

    @property
    def constant(self) -> tuple[str, ...]:
        """The columns that were constant and are coded as zero."""
        return tuple(one.name for one in self.inputs if one.scale == 0.0)

    def transform(self, frame: Frame, *, others: Collection[str] = ()) -> tuple[Floats, tuple[str, ...]]:
        """Code the rows of a table.

        Parameters
        ----------
        frame : Frame
            A table with the columns that were there when the coding was learned, in any order where they have names.
        others : collection of str
            Columns that may be there, too, such as the target; further ones are left out, and it is said.

        Returns
        -------
        X : ndarray of shape (n, d)
            The coded columns.
        notes : tuple of str
            What is to be said: categories that were not there before, whose columns are all zero; columns left out.

        Raises
        ------
        DataError
            If a column is not there, a cell is missing and cannot be filled, or is not what the column held before.
        """
        frame, notes = self._matched(frame, others)
        if self.missing != "mean":
            refuse_missing(frame, "nothing was learned to put there: make the model with missing=mean, or fill them")
        parts: list[Floats] = []
        fills = self.fills or (0.0,) * len(self.inputs)
        for one, fill, column in zip(self.inputs, fills, frame.columns, strict=True):
            found = as_kind(frame, column, one.kind)
            if one.kind == "category":
                block, unknown = _one_hot(one, found)
                parts.append(block)
                if unknown:
                    notes.append(unknown)
                continue
            coded = scaled(np.where(found.missing, fill, found.values), one.mean, one.scale)
            if not np.isfinite(coded).all():
                i = int(np.flatnonzero(~np.isfinite(coded))[0])
                raise DataError(
                    f"{frame.place(i, column.name)}: {found.values[i]:g} is too large beside the other rows"
                )
            parts.append(coded[:, np.newaxis])
        return np.ascontiguousarray(np.concatenate(parts, axis=1)), tuple(notes)

    def _matched(self, frame: Frame, others: Collection[str]) -> tuple[Frame, list[str]]:
        """Return the columns in the order of the inputs, and what is said of further ones."""
        wanted = [one.name for one in self.inputs]
        if not (self.named and frame.named):
            if len(frame.columns) != len(wanted):
                raise DataError(
                    f"{frame.prefix}the table has {len(frame.columns)} columns; {len(wanted)} are needed"
                    + (f": {listed(wanted, 10)}" if self.named else "")
                )
            columns = tuple(Column(name, c.kind, c.values) for name, c in zip(wanted, frame.columns, strict=True))
            return Frame(columns, frame.source, frame.rows, self.named, frame.decimal), []
        there, known = {*frame.names}, {*wanted, *others}
        absent = [name for name in wanted if name not in there]
        if absent:
            word = "columns" if len(absent) > 1 else "column"
            raise DataError(
                f"{frame.prefix}the {word} {listed(absent)} {'are' if len(absent) > 1 else 'is'} not there; "
                f"needed are {listed(wanted, 10)}"
            )
        extra = [name for name in frame.names if name not in known]
        notes = [f"{frame.prefix}left out, since the model does not know them: {listed(extra)}"] if extra else []
        return frame.chosen(wanted), notes

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as numbers, texts, lists and dictionaries, as JSON has them."""
        inputs = [asdict(one) | {"categories": list(one.categories)} for one in self.inputs]
        plain = {"missing": self.missing, "named": self.named, "standardized": self.standardized}
        return {"version": VERSION, "inputs": inputs, **plain, "fills": list(self.fills)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Encoding:
        """Return the Encoding that `to_dict` wrote down.

        Raises
        ------
        ArgumentError
            If it is none of this version.
        """
        if not isinstance(data, Mapping) or data.get("version") != VERSION:
            raise ArgumentError(f"an encoding must be a dictionary of version {VERSION}, not {shown(data)}")
        try:
            inputs = [Input(**one | {"categories": tuple(one["categories"])} | _numbers(one)) for one in data["inputs"]]
            plain = {key: data[key] for key in ("missing", "named", "standardized")}
            good = all(one.kind in KINDS and len({*one.categories}) == len(one.categories) for one in inputs)
            good &= len(data["fills"]) == len(inputs) > 0
            if good:
                return cls(tuple(inputs), **plain, fills=tuple(map(float, data["fills"])))
        except (KeyError, TypeError, ValueError, OverflowError):
            pass
        raise ArgumentError(f"an encoding lacks some of its parts: {shown(dict(data))}")


def _numbers(one: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of an Input that was written down, which JSON gives as integers where they are whole."""
    return {key: float(one[key]) if type(one[key]) is int else one[key] for key in ("mean", "scale")}


def _categories(frame: Frame, column: Column) -> tuple[str, ...]:
    """Return the categories of a column, sorted, with that of missing cells at the end."""
    found = sorted({str(value) for value in as_kind(frame, column, "category").values if value is not None})
    return (*found, ABSENT) if column.missing.any() else tuple(found)


def _one_hot(one: Input, column: Column) -> tuple[Floats, str]:
    """Return a column of 0 and 1 for each category, and what is to be said of unknown ones."""
    places = {category: place for place, category in enumerate(one.categories)}
    words = [ABSENT if value is None else value for value in column.values]
    at = np.array([places.get(value, -1) for value in words], dtype=np.intp)
    block = np.zeros((len(at), len(places)))
    block[np.flatnonzero(at >= 0), at[at >= 0]] = 1.0
    unknown = sorted({str(words[i]) for i in np.flatnonzero(at < 0)})
    if not unknown:
        return block, ""
    n = int((at < 0).sum())
    rows = f"{n} row{'s have' if n > 1 else ' has'}"
    return block, f"column {one.name!r}: {rows} a category that training had not ({listed(unknown, 3)}), taken as none"
