"""Checksums of the rows of a store, in a table beside them: one a row, and one for all that belongs to a block."""

from __future__ import annotations

import hashlib
import sqlite3
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from homotopy.experiments.store.schema import COLUMNS

__all__ = ["BLOCK_TABLES", "Whole", "digest", "forget", "picked", "seal", "seal_block", "whole_block"]

LONG = 256  # bytes
BLOCK_TABLES = {"blocks": "id", "results": "block", "scores": "block"}  # where a block has a row, and under which name


def digest(kind: str, values: Iterable[Any]) -> int:
    """Return 64 bits of BLAKE2b over what SQLite gives of a row: its types, lengths and bytes.

    Of long bytes their CRC-32 is taken, at four times the speed: it notices every change of up to 32 bits side by side,
    and of others all but one in 2^32.

    Examples
    --------
    >>> digest("notes", ("a", "b")) == digest("notes", ("ab", "")), digest("notes", (1,)) == digest("notes", (1.0,))
    (False, False)
    """
    state = hashlib.blake2b(kind.encode(), digest_size=8)
    for value in values:
        if isinstance(value, str):
            data = value.encode("utf-8", "surrogateescape")
        elif isinstance(value, bytes):
            data = value if len(value) <= LONG else zlib.crc32(value).to_bytes(4, "little")
        else:
            data = struct.pack("<d", value) if isinstance(value, float) else str(value).encode()
        state.update(f"|{type(value).__name__[0]}{len(value) if isinstance(value, bytes) else len(data)}|".encode())
        state.update(data)
    return int.from_bytes(state.digest(), "little", signed=True)


def picked(table: str) -> str:
    """Return a SELECT of all columns of a table, in the order of `COLUMNS`."""
    return f"SELECT {', '.join(COLUMNS[table])} FROM {table}"


def seal(db: sqlite3.Connection, table: str, rowid: int | None) -> None:
    """Keep the checksum of a row that was written, inside a transaction."""
    row = db.execute(f"{picked(table)} WHERE rowid = ?", (rowid,)).fetchone()
    db.execute("INSERT OR IGNORE INTO checksums VALUES (?, ?, NULL, NULL)", (digest(table, row), table))


def seal_block(db: sqlite3.Connection, tables: Iterable[str], block: int) -> None:
    """Keep the checksum of all that was written of a block, inside a transaction; `tables` are those of the file."""
    whole = whole_block(db, tables, block)
    row = (whole.digest, block, whole.runs)
    db.execute("INSERT OR REPLACE INTO checksums VALUES (?, 'block', ?, ?)", row)


@dataclass(frozen=True)
class Whole:
    """All that a file has of a block: its row in each of `BLOCK_TABLES`, if it has one, and its runs of version 1."""

    rows: dict[str, tuple[Any, ...]]
    old: list[tuple[Any, ...]]

    @property
    def digest(self) -> int:
        """The checksum of it all."""
        return digest("block", (value for row in (*self.rows.values(), *self.old) for value in row))

    @property
    def runs(self) -> int:
        """How many runs it has, as far as that can be seen."""
        size = self.rows.get("blocks", (0, 0, 0))[2] if "results" in self.rows else len(self.old)
        return size if isinstance(size, int) else 0


def whole_block(db: sqlite3.Connection, tables: Iterable[str], block: int) -> Whole:
    """Return all that a file has of a block.

    Its runs of version 1 are found by their cell, which has an index.
    """
    rows: dict[str, tuple[Any, ...]] = {}
    for table, key in BLOCK_TABLES.items():
        if table in tables and (row := db.execute(f"{picked(table)} WHERE {key} = ?", (block,)).fetchone()):
            rows[table] = row
    old = []
    if "runs" in tables and "blocks" in rows:
        sql = f"{picked('runs')} WHERE cell = ? AND block = ? ORDER BY seed"
        old = db.execute(sql, (rows["blocks"][1], block)).fetchall()
    return Whole(rows, old)


def forget(db: sqlite3.Connection, table: str, where: str, parameters: Sequence[Any]) -> None:
    """Remove rows with their checksums, inside a transaction.

    `where` is an SQL condition on the table. Of a block's tables, whose checksum is that of them all, ``blocks`` takes
    it away.
    """
    if table == "blocks":
        db.execute(f"DELETE FROM checksums WHERE block IN (SELECT id FROM blocks WHERE {where})", parameters)
    elif table not in BLOCK_TABLES and table != "runs":
        gone = [(digest(table, row),) for row in db.execute(f"{picked(table)} WHERE {where}", parameters)]
        db.executemany("DELETE FROM checksums WHERE digest = ?", gone)
    db.execute(f"DELETE FROM {table} WHERE {where}", parameters)
