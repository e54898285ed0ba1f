"""The SQLite file under a store: opened, seen to be whole, written in transactions, its errors told in sentences."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from homotopy.doors import door
from homotopy.errors import ArgumentError, DamageWarning, DataError
from homotopy.experiments.store.checksums import seal, seal_block
from homotopy.experiments.store.inspection import Findings, inspected, salvaged
from homotopy.experiments.store.opening import checked, opened, writable
from homotopy.experiments.store.rows import check_text
from homotopy.experiments.store.schema import APPLICATION, CHECKSUMS, COLUMNS, SCHEMA, SCHEMA_VERSION, SMALL

__all__ = ["PAGE", "Rows", "StoreFile"]

LARGEST_CHECKED = 1_000_000_000  # bytes of a file that is read through before something is written into it
PAGE = 32768  # bytes of a page: a block of thousands of runs is written in half the time that pages of 4,096 take


class Rows:
    """What a SELECT gives, row by row.

    Raises
    ------
    DataError
        When a row is asked for that cannot be read.
    """

    def __init__(self, cursor: sqlite3.Cursor, path: Path | None) -> None:
        self._cursor, self._path = cursor, path

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows."""
        try:
            yield from self._cursor
        except sqlite3.Error as error:
            raise DataError(f"the store {self._path} cannot be read: {error}") from None

    def fetchone(self) -> Any:
        """Return the next row; None where there is none."""
        return next(iter(self), None)

    def fetchall(self) -> list[Any]:
        """Return all rows that are left."""
        return list(self)


@door
class StoreFile:
    """The file of a `Store`, which says what its parameters are.

    Raises
    ------
    DataError
        As a `Store` does.
    """

    def __init__(self, path: str | Path | None = None, *, create: bool = True, readonly: bool = False) -> None:
        self.path = None if path is None else Path(path)
        self._place: Path | None = None
        self.readonly = readonly
        self.damage = ""
        self._keys: dict[int, tuple[Any, ...]] = {}  # of the cells that were asked for
        if self.path is not None:
            checked(self.path, create and not readonly)
            self._place = self.path.resolve()  # wherever the process goes
            if not readonly and self.path.exists() and not writable(self.path):
                raise DataError(f"the store {self.path} cannot be written: it or its folder is read-only")
        try:
            self._db, self._closed = opened(self.path, readonly=readonly)
            try:
                self._look() if readonly else self._prepare()
            except BaseException:
                self.close()
                raise
        except (sqlite3.Error, UnicodeDecodeError) as error:  # the second where SQLite's sentence quotes damaged text
            reason = "its schema is damaged" if isinstance(error, UnicodeDecodeError) else error
            raise DataError(f"the store {self.path} cannot be opened: {reason}") from None

    def __reduce__(self) -> tuple[Any, ...]:
        if self._place is None:
            raise ArgumentError("a store in memory cannot be pickled or copied; keep its runs in a file")
        return partial(type(self), create=False, readonly=self.readonly), (self._place,)

    def _prepare(self) -> None:
        """Make the tables in a new file, see that an old one is whole, and choose the write-ahead log."""
        self._db.execute(f"PRAGMA page_size = {PAGE}")  # of a file that is made now
        self._db.execute("BEGIN IMMEDIATE")
        try:
            new = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
            if new:
                self._make()
                self._db.execute(f"PRAGMA application_id = {APPLICATION}")
            self._db.execute("COMMIT")
        except BaseException:
            self._db.rollback()
            raise
        if self.path is not None and not new and self.path.stat().st_size < LARGEST_CHECKED:
            found = self._inspected()
            if not found.whole:
                raise DataError(
                    f"the store {self.path} is damaged and was left untouched: {found.told()}; homotopy merge "
                    f"{self.path} -o DIR makes a new one of what can be read"
                )
        self._sealed = self.path is None or self.has("checksums")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA cache_size = -2048")  # blocks are written once: little, that the processor keeps near

    def _look(self) -> None:
        """Read a file through, and of a damaged one take what is sound, with a DamageWarning that tells of the rest."""
        found = self._inspected()
        if found.whole:
            return
        self.damage = f"the store {self.path} is damaged: {found.told()}; the rest is read"
        warnings.warn(self.damage, DamageWarning, stacklevel=5)
        sound = salvaged(self._db, found)
        self.close()
        self._db, self._closed = sound, lambda: None

    def _inspected(self) -> Findings:
        """Return what is sound in the file as it is at one moment, whoever writes into it."""
        self._db.execute("BEGIN")
        try:
            return inspected(self._db)
        except DataError as error:
            raise DataError(f"the store {self.path} is damaged or not ours: {error}; it was left untouched") from None
        finally:
            self._db.rollback()

    def _make(self) -> None:
        """Make the tables that are not there, inside a transaction."""
        for statement in (*SCHEMA.split(";\n"), CHECKSUMS):
            self._db.execute(statement)
        self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _seal_old(self) -> None:
        """Make the tables of this version in an older file, and the checksums of all that stands there."""
        self._make()
        tables = self.tables()
        for table in (*SMALL, *({"paths"} & tables)):
            for (number,) in self._db.execute(f"SELECT rowid FROM {table}").fetchall():
                seal(self._db, table, number)
        for (number,) in self._db.execute("SELECT id FROM blocks").fetchall():
            seal_block(self._db, tables, number)
        self._sealed = True

    def tables(self) -> set[str]:
        """Return those of our tables that the file has: older files have no results, newer ones no runs."""
        return {name for (name,) in self.query("SELECT name FROM sqlite_master WHERE type = 'table'")} & set(COLUMNS)

    def has(self, table: str) -> bool:
        """Return whether a table is there."""
        return table in self.tables()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the connection inside one transaction: all of it is kept, or nothing.

        Raises
        ------
        DataError
            If the file cannot be written, or was opened to be read.
        """
        if self.readonly:
            raise DataError(f"the store {self.path} was opened to be read; nothing can be written into it")
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                if not self._sealed:
                    self._seal_old()
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                self._db.rollback()  # SQLite may have done so itself, as where the disk is full
                self._sealed = self.path is None or self.has("checksums")
                raise
        except (sqlite3.Error, UnicodeEncodeError) as error:  # the second where a name has half a character
            raise DataError(f"the store {self.path} cannot be written: {error}") from None

    def insert(self, table: str, *row: Any) -> int:
        """Write a row with its checksum, inside a transaction, and return its number.

        One that is there already stays as it is.

        Raises
        ------
        DataError
            If a text is none that a reader takes for sound.
        """
        for name, value in zip(COLUMNS[table], row, strict=True):
            if isinstance(value, str):
                check_text(table, name, value)
        marks = ", ".join("?" * len(row))
        made = self._db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", row)
        if made.rowcount == 1 and self.path is not None:
            seal(self._db, table, made.lastrowid)
        return made.lastrowid or 0

    def query(self, sql: str, parameters: Iterable[Any] = ()) -> Rows:
        """Return the rows of a SELECT.

        Raises
        ------
        DataError
            If the file cannot be read.
        """
        try:
            return Rows(self._db.execute(sql, tuple(parameters)), self.path)
        except (sqlite3.Error, UnicodeEncodeError) as error:
            raise DataError(f"the store {self.path} cannot be read: {error}") from None

    def close(self) -> None:
        """Close the file; its write-ahead log is folded into it where it can be written."""
        self._db.close()
        self._closed()
