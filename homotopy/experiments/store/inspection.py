"""Whether a store is whole; and of one that is not, all that can still be read."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from homotopy.errors import DataError
from homotopy.experiments.store.checksums import BLOCK_TABLES, Whole, digest, whole_block
from homotopy.experiments.store.rows import check_block, check_row
from homotopy.experiments.store.schema import COLUMNS, PATHS, RUNS, SCHEMA, SCORES, SMALL

__all__ = ["Findings", "inspected", "salvaged", "tables_of"]

TOLD = 10  # numbers of lost blocks in a sentence
GAP, MISSES = 1_000_000, 10_000  # numbers of rows that are tried one by one behind a damaged page; and in vain


@dataclass
class Findings:
    """What is sound in a store, and what is not.

    Attributes
    ----------
    rows : dict
        From each small table, and ``paths``, to its sound rows.
    blocks : list of int
        The sound blocks.
    lost : dict
        From the number of each lost block to its runs, as far as that is known.
    others : Counter
        Lost rows by their tables.
    unchecked : Counter
        Rows that are read though their checksums are lost.
    pages : str
        What SQLite finds wrong with the pages of the file.
    """

    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    blocks: list[int] = field(default_factory=list)
    lost: dict[int, int] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)
    unchecked: Counter[str] = field(default_factory=Counter)
    pages: str = ""

    @property
    def whole(self) -> bool:
        """Whether nothing is damaged."""
        return not (self.lost or self.others or self.unchecked or self.pages)

    def told(self) -> str:
        """Return what is damaged, in words that can follow a colon."""
        numbers, parts = sorted(self.lost), []
        if numbers:
            named = ", ".join(map(str, numbers[:TOLD])) + (f" and {len(numbers) - TOLD} more" * (len(numbers) > TOLD))
            parts.append(f"block{'s' * (len(numbers) > 1)} {named}, {sum(self.lost.values())} runs")
        parts += [f"{n} of {table}" for table, n in sorted(self.others.items())]
        text = f"lost are {' and '.join(parts)}" if parts else "no run is lost"
        if self.unchecked:
            text += f"; {sum(self.unchecked.values())} checksums are lost"
        return text + (f"; SQLite says: {self.pages}" if self.pages else "")


def tables_of(db: sqlite3.Connection) -> set[str]:
    """Return the tables of a store that the file has.

    Raises
    ------
    DataError
        If it has a view or a trigger, which could run anything, or a table with other columns than ours.
    """
    found = set()
    for kind, name, sql in db.execute("SELECT type, name, sql FROM sqlite_master").fetchall():
        if kind in ("view", "trigger"):
            raise DataError(f"it has the {kind} {name!r}, and no store of this package has one")
        if kind != "table" or name not in COLUMNS:
            continue
        columns = db.execute("SELECT name, hidden FROM pragma_table_xinfo(?)", (name,)).fetchall()
        if str(sql).upper().startswith("CREATE VIRTUAL") or columns != [(column, 0) for column in COLUMNS[name]]:
            raise DataError(f"its table {name} has other columns than that of this package")
        found.add(name)
    lost = {*SMALL, "blocks"} - found
    if lost or not found & {"results", "runs"}:
        raise DataError(f"its table {min(lost or {'results'})} is not there")
    return found


def inspected(db: sqlite3.Connection) -> Findings:
    """Return what is sound in a store, all of which is read through and unpacked, and what is not.

    Rows are held to their checksums, if the file has some, and to what this package writes (`check_row`,
    `check_block`); SQLite checks the pages, the order of the rows and the indices.

    Raises
    ------
    DataError
        If nothing can be read: its tables are not ours (`tables_of`).
    """
    tables = tables_of(db)
    found = Findings(pages=_pages(db))
    sealed = "checksums" in tables
    seals = [row for row in _scan(db, "checksums") if _sound("checksums", row)] if sealed else []
    for table in (*SMALL, *({"paths"} & tables)):
        digests = {row[0] for row in seals if row[1] == table}
        found.rows[table] = _rows(db, table, digests if sealed else None, found)
    known = {row[0] for row in found.rows["cells"]}
    found.rows["paths"] = [row for row in found.rows.get("paths", ()) if row[0] in known]
    blocks = {row[2]: row for row in seals if row[1] == "block"}
    old = 0
    numbers = {row[0] for table in ("blocks", "results") if table in tables for row in _scan(db, table, "rowid")}
    for number in sorted(numbers | set(blocks)):
        seal = blocks.get(number)
        whole = _block(db, tables, number)
        if whole is None or (seal and whole.digest != seal[0]) or whole.rows["blocks"][1] not in known:
            found.lost[number] = seal[3] if seal else 0 if whole is None else whole.runs
        else:
            found.blocks.append(number)
            found.unchecked["blocks"] += sealed and not seal
            old += len(whole.old)
    if "runs" in tables and not found.lost and not found.pages:
        found.others["runs"] += db.execute("SELECT count(*) FROM runs").fetchone()[0] - old  # those of no block
    found.others = +found.others
    found.unchecked = +found.unchecked
    return found


def _pages(db: sqlite3.Connection) -> str:
    """Return the first thing that SQLite finds wrong with the file; nothing where all is well."""
    try:
        text = str(db.execute("PRAGMA integrity_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)
    return "" if text == "ok" else " ".join(text.replace("*** in database main ***", "").split())


def _scan(db: sqlite3.Connection, table: str, columns: str = "") -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table in the order of their numbers, of damaged pages those that can be had."""
    chosen = columns or ", ".join(COLUMNS[table])
    sql = f"SELECT rowid, {chosen} FROM {table} NOT INDEXED"
    low, broken = None, False
    try:
        for number, *row in db.execute(f"{sql} ORDER BY rowid"):
            if low is not None and number <= low:  # pages that lead back to themselves
                raise sqlite3.DatabaseError
            low = number
            yield tuple(row)
    except sqlite3.Error:
        broken = True
    if broken:
        yield from _behind(db, sql, low, dense=table != "checksums")


def _behind(db: sqlite3.Connection, sql: str, low: int | None, *, dense: bool) -> Iterator[tuple[Any, ...]]:
    """Yield the rows behind a number that a damaged page hides: from the end on, then, if `dense`, one by one."""
    after: list[tuple[Any, ...]] = []
    try:
        for row in db.execute(f"{sql} WHERE rowid > ? ORDER BY rowid DESC", (-(2**63) if low is None else low,)):
            if after and row[0] >= after[-1][0]:
                raise sqlite3.DatabaseError
            after.append(row)
    except sqlite3.Error:
        pass
    begin, misses = 1 if low is None else low + 1, 0
    for number in range(begin, min(after[-1][0] if after else begin + GAP, begin + GAP) if dense else begin):
        try:
            rows = db.execute(f"{sql} WHERE rowid = ?", (number,)).fetchall()
        except sqlite3.Error:
            rows = []
        misses = 0 if rows else misses + 1
        yield from (tuple(row[1:]) for row in rows)
        if misses > MISSES:
            break
    yield from (row[1:] for row in reversed(after))


def _rows(db: sqlite3.Connection, table: str, digests: set[int] | None, found: Findings) -> list[tuple[Any, ...]]:
    """Return the sound rows of a small table.

    Where there are checksums, a row without one was changed if the checksum of another row is without a row, and is
    then lost; else the checksum is.
    """
    rows = list(_scan(db, table))
    sound = [row for row in rows if _sound(table, row)]
    if digests is None:
        found.others[table] += len(rows) - len(sound)
        found.others = +found.others
        return sound
    left = digests - {digest(table, row) for row in rows}
    strange = [row for row in rows if digest(table, row) not in digests]
    if left or len(sound) < len(rows):
        gone = set(strange) if left else set()
        kept = [row for row in sound if row not in gone]
        found.others[table] += max(len(left), len(rows) - len(kept))
        return kept
    if strange:
        found.unchecked[table] += len(strange)
    return sound


def _sound(table: str, row: tuple[Any, ...]) -> bool:
    if table == "checksums":
        wanted = tuple(COLUMNS[table].values())
        end = row[2:] == (None, None) if row[1] != "block" else all(type(one) is int and one >= 0 for one in row[2:])
        return isinstance(row[0], wanted[0]) and isinstance(row[1], wanted[1]) and end
    try:
        check_row(table, row)
    except DataError:
        return False
    return True


def _block(db: sqlite3.Connection, tables: set[str], number: int) -> Whole | None:
    """Return a sound block; None where it cannot be read or is none."""
    try:
        whole = whole_block(db, tables, number)
        check_block(whole)
    except (sqlite3.Error, DataError):
        return None
    return whole


def salvaged(db: sqlite3.Connection, found: Findings) -> sqlite3.Connection:
    """Return a new database, on SQLite's own private file that goes with it, with all that is sound in a store."""
    into = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    into.execute("BEGIN")
    for statement in (*SCHEMA.split(";\n"), PATHS, SCORES, RUNS):
        into.execute(statement)
    for table, rows in found.rows.items():
        _insert(into, table, rows)
    tables = tables_of(db)
    for number in found.blocks:
        whole = whole_block(db, tables, number)
        for table in BLOCK_TABLES:
            _insert(into, table, [whole.rows[table]] if table in whole.rows else [])
        _insert(into, "runs", whole.old)
    into.execute("COMMIT")
    return into


def _insert(db: sqlite3.Connection, table: str, rows: list[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" * len(COLUMNS[table]))
    db.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)
