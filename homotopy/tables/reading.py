"""Tables in text files: found delimiters, quoted cells, lines that messages can name; by pandas where it is there."""

from __future__ import annotations

import csv
import io
import textwrap
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from homotopy.arguments import shown
from homotopy.doors import door
from homotopy.errors import ArgumentError, DataError
from homotopy.tables.frames import Column, Frame, counted, listed
from homotopy.tables.kinds import is_missing, number_of

__all__ = ["DELIMITERS", "decimal_mark", "delimiter_mark", "read_table"]

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "space": " ", "pipe": "|"}
"""Words for the marks between columns, which a name on the command line cannot hold."""
DECIMALS = {"point": ".", "comma": ","}
FOUND = ",;\t|"  # the delimiters that are found by themselves, the likelier ones first
BLOCK = 1 << 24  # bytes that are read at once, and of no line
FIRST = 20  # rows by which they are found
Cells = tuple[list[int], list[list[str]]]  # the lines of the rows, the header's first, and the cells column by column


@door
def read_table(path: str | Path, *, delimiter: str | None = None, decimal: str = ".") -> Frame:
    r"""Read a text file whose first row names the columns.

    Parameters
    ----------
    path : str or Path
        A file in UTF-8.
    delimiter : str or None
        What separates the columns: one character, or ``comma``, ``semicolon``, ``tab``, ``space`` or ``pipe``. By
        default that of comma, semicolon, tab and pipe which divides the first rows, outside of quotes, into equally
        many columns.
    decimal : str
        The decimal mark: ``.`` or ``,``, or ``point`` or ``comma``.

    Returns
    -------
    Frame
        Columns of the kind ``text``, without the blanks around cells; None where a cell is missing
        (`homotopy.tables.kinds.MISSING`). Blank lines are left out.

    Raises
    ------
    ArgumentError
        If the delimiter or the decimal mark is none, or they are the same.
    DataError
        If the file is missing, is no text in UTF-8, is empty or has a line of tens of millions of bytes; its first row
        does not name the columns, or gives two of them one name; or a row is too short or too long.

    Notes
    -----
    Rows end at \n, \r\n or \r only, so that other separators of lines may stand in cells, and a quoted cell may
    have several lines. Where pandas is installed it divides files without quotes into cells, which is faster; files
    with quotes are left to the stricter reader of Python. Both give the same.

    Examples
    --------
    >>> import tempfile, os
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "data.csv")
    ...     with open(path, "w") as file:
    ...         _ = file.write("size;city\n1,5;Rome\n2,5;NA\n")
    ...     table = read_table(path, decimal="comma")
    >>> table.names, table.columns[1].values.tolist()
    (('size', 'city'), ['Rome', None])
    """
    path, mark = Path(path), decimal_mark(decimal)
    split = None if delimiter is None else delimiter_mark(delimiter)
    if split == mark:
        raise ArgumentError(f"delimiter and decimal are both {mark!r}; they must differ")
    text = _text(path)
    split = split or _delimiter(path, text, mark)
    lines, columns = _by_pandas(text, split) or _by_csv(path, text, split)
    names, notes = _header(path, lines[0], [column[0] for column in columns])
    made = tuple(Column(name, "text", _cells(column[1:])) for name, column in zip(names, columns, strict=True))
    return Frame(made, str(path), np.array(lines[1:], dtype=np.int64), decimal=mark, notes=notes)


def delimiter_mark(delimiter: Any) -> str:
    """Return the character that a delimiter is, given by itself or by its word.

    Raises
    ------
    ArgumentError
        If it is none.
    """
    mark = DELIMITERS.get(delimiter, delimiter) if isinstance(delimiter, str) else ""
    if len(mark) != 1 or mark.isalnum() or mark in "\"'\r\n.-+_":
        raise ArgumentError(f"delimiter must be one character, {', '.join(DELIMITERS)}, not {shown(delimiter)}")
    return mark


def decimal_mark(decimal: Any) -> str:
    """Return the decimal mark, given by itself or by its word.

    Raises
    ------
    ArgumentError
        If it is none.
    """
    mark = DECIMALS.get(decimal, decimal) if isinstance(decimal, str) else decimal
    if mark not in (".", ","):
        raise ArgumentError(f"decimal must be '.' or ',' (or point or comma), not {shown(decimal)}")
    return str(mark)


def _text(path: Path) -> str:
    """Return the text of a file; what is none, or has a line that no table has, is refused before all of it is read."""
    raw = bytearray()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                if b"\0" in block:
                    raise DataError(f"{path}: the file is not text: it has a character NUL")
                if len(block) == BLOCK and b"\n" not in block and b"\r" not in block:
                    raise DataError(f"{path}: a line has more than {BLOCK:,} bytes; every row needs a line of its own")
                raw += block
        return raw.decode("utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{textwrap.shorten(str(path), 300)}: there is no such file") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: the file is not text in UTF-8; save it in that encoding") from None
    except DataError:
        raise
    except ValueError:  # a character that no file name has
        raise DataError(f"{shown(str(path))} is not the name of a file") from None
    except OSError as error:
        place = textwrap.shorten(str(path), 300)
        raise DataError(f"{place}: the file cannot be read ({error.strerror})") from None


def _rows(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (the line on which it ends, cells) of the rows that are not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            open_quote = "unexpected end of data" in str(error)
            said = "a quote that was opened here or before is never closed" if open_quote else str(error)
            raise DataError(f"{path}: line {reader.line_num}: {said}") from None
        if any(cell.strip() for cell in row):
            yield reader.line_num, row


def _delimiter(path: Path, text: str, decimal: str) -> str:
    """Return the delimiter that divides the first rows most evenly."""
    widths: dict[str, list[int]] = {}
    for mark in FOUND.replace(decimal, "") if decimal != "." else FOUND:
        found = []
        try:
            for _, row in _rows(path, text, mark):
                found.append(len(row))
                if len(found) > FIRST:
                    break
        except DataError:  # it divides quoted cells, or the file is broken, which is said when it is read
            found = found[:1]
        widths[mark] = found or [0]
    even = [mark for mark, found in widths.items() if found[0] > 1 and len(set(found)) == 1]
    return max(even or widths, key=lambda mark: widths[mark][0])


def _by_csv(path: Path, text: str, delimiter: str) -> Cells:
    """Return the cells as Python's csv module divides them."""
    rows = list(_rows(path, text, delimiter))
    if not rows:
        raise DataError(f"{path}: the file is empty; its first row must name the columns")
    width = len(rows[0][1])
    for line, row in rows:
        if len(row) != width:
            raise DataError(
                f"{path}: line {line} has {counted(len(row), 'cell')}; the header names {counted(width, 'column')}"
            )
    return [line for line, _ in rows], [list(column) for column in zip(*(row for _, row in rows), strict=True)]


def _by_pandas(text: str, delimiter: str) -> Cells | None:
    """Return the cells as pandas divides them; None where it is not there or may do otherwise."""
    if '"' in text:
        return None  # it takes broken quotes without a word
    try:
        pandas = import_module("pandas")
    except ImportError:
        return None
    options = {"header": None, "dtype": object, "keep_default_na": False, "skip_blank_lines": False}
    text = text.rstrip("\r\n")
    try:
        read = pandas.read_csv(io.StringIO(text), sep=delimiter, quoting=csv.QUOTE_NONE, engine="c", **options)
    except Exception:  # uneven rows, an empty file: the other reader says what is wrong, and where
        return None
    if text.count(delimiter) != (read.shape[1] - 1) * len(read):
        return None  # short rows, which it fills, or blank ones
    columns = [read[j].tolist() for j in range(read.shape[1])]
    if not all(cell.strip() for cell in columns[0] if isinstance(cell, str)) or len(read) < 1:
        return None  # a blank row, perhaps
    if not all(isinstance(cell, str) for cell in columns[-1]):
        return None
    return list(range(1, len(read) + 1)), columns


def _header(path: Path, line: int, cells: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """Return the names of the columns, and what is to be said about them."""
    names = [name.strip() for name in cells]
    often = Counter(names)
    for place, name in enumerate(names, start=1):
        if not name:
            index = "; to_csv(index=False) of pandas writes no such column of row numbers" if place == 1 else ""
            raise DataError(f"{path}: line {line}: column {place} has no name in the header row{index}")
        if often[name] > 1:
            raise DataError(f"{path}: line {line}: two columns are named {name!r}")
    numbers = [name for name in names if number_of(name) is not None or number_of(name, ",") is not None]
    if len(numbers) < len(names):
        return names, ()
    if not all(name.isdecimal() for name in names):
        raise DataError(
            f"{path}: line {line} looks like data ({listed(names, 3)}), and the first row must name the columns; "
            "put a line of names above it"
        )
    return names, (f"the names of the columns ({listed(names, 3)}) look like data: the first row must name them",)


def _cells(cells: list[str]) -> Any:
    """Return stripped cells as an array of objects, None where they are missing."""
    made: dict[str, str | None] = {}
    for cell in set(cells):  # columns of few words are done at once
        stripped = cell.strip()
        if stripped != cell or is_missing(stripped):
            made[cell] = None if is_missing(stripped) else stripped
    out = np.empty(len(cells), dtype=object)
    out[:] = [made.get(cell, cell) for cell in cells] if made else cells
    return out
