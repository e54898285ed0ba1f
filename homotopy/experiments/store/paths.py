"""The paths beside the runs of a store, in a table that is made when the first one is kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

from homotopy.experiments.run.traces import Trace

if TYPE_CHECKING:
    from homotopy.experiments.store.store import Store

__all__ = ["copy_paths", "drop_paths", "keep_paths", "kept_paths"]

TABLE = """
CREATE TABLE IF NOT EXISTS paths (
    cell INTEGER NOT NULL REFERENCES cells, seed INTEGER NOT NULL, points BLOB NOT NULL, PRIMARY KEY (cell, seed)
)"""


def keep_paths(db: sqlite3.Connection, rows: Sequence[tuple[int, int, bytes]]) -> None:
    """Write (cell, seed, packed path) inside a transaction; a path that is there stays."""
    db.execute(TABLE)
    db.executemany("INSERT OR IGNORE INTO paths VALUES (?, ?, ?)", rows)


def kept_paths(store: Store, cell: int) -> list[Trace]:
    """Return the paths that are kept of a cell's runs, by seeds; none in a store from before paths were kept."""
    return [Trace.unpack(seed, data) for seed, data in _packed(store, cell)]


def _packed(store: Store, cell: int) -> list[tuple[int, bytes]]:
    if not _has_table(store):
        return []
    return store.query("SELECT seed, points FROM paths WHERE cell = ? ORDER BY seed", (cell,)).fetchall()


def copy_paths(source: Store, number: int, db: sqlite3.Connection, cell: int) -> None:
    """Copy the paths of a cell of another store, inside a transaction."""
    rows = _packed(source, number)
    if rows:
        keep_paths(db, [(cell, seed, data) for seed, data in rows])


def drop_paths(store: Store, db: sqlite3.Connection, cell: int) -> None:
    """Remove the paths of a cell, inside a transaction."""
    if _has_table(store):
        db.execute("DELETE FROM paths WHERE cell = ?", (cell,))


def _has_table(store: Store) -> bool:
    sql = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'paths'"
    return bool(store.query(sql).fetchone()[0])
