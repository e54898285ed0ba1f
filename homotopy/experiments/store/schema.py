"""The tables of a store, and what is written into them."""

from __future__ import annotations

__all__ = ["APPLICATION", "BLOCK", "NEW_BLOCK", "NEW_RESULT", "PATHS", "SCHEMA", "SCHEMA_VERSION", "TABLES"]

SCHEMA_VERSION = 2
APPLICATION = 0x484F4D4F  # "HOMO" in the file's header tells our files from other people's
SCHEMA = """
CREATE TABLE IF NOT EXISTS cells (
    id INTEGER PRIMARY KEY, problem TEXT NOT NULL, method TEXT NOT NULL, gradients REAL NOT NULL,
    seconds REAL NOT NULL, version TEXT NOT NULL, UNIQUE (problem, method, gradients, seconds, version)
);
CREATE TABLE IF NOT EXISTS blocks (
    id INTEGER PRIMARY KEY, cell INTEGER NOT NULL REFERENCES cells, size INTEGER NOT NULL, x BLOB NOT NULL,
    curves BLOB NOT NULL, worker TEXT NOT NULL, seconds REAL NOT NULL, finished TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS results (
    block INTEGER PRIMARY KEY REFERENCES blocks, cell INTEGER NOT NULL REFERENCES cells, statuses TEXT NOT NULL,
    columns BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS results_of_cells ON results (cell);
CREATE TABLE IF NOT EXISTS problems (
    name TEXT NOT NULL, version TEXT NOT NULL, size INTEGER NOT NULL, optimum REAL, tolerance REAL NOT NULL,
    source TEXT NOT NULL, UNIQUE (name, version)
);
CREATE TABLE IF NOT EXISTS notes (
    problem TEXT NOT NULL, method TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL, version TEXT NOT NULL,
    UNIQUE (problem, method, kind, reason, version)
);
CREATE TABLE IF NOT EXISTS sessions (
    id INTEGER PRIMARY KEY, started TEXT NOT NULL, command TEXT NOT NULL, machine TEXT NOT NULL
);
"""
TABLES = SCHEMA.count("CREATE TABLE")
PATHS = """CREATE TABLE IF NOT EXISTS paths (
    cell INTEGER NOT NULL REFERENCES cells, seed INTEGER NOT NULL, points BLOB NOT NULL, PRIMARY KEY (cell, seed)
)"""  # made with the first path, since older stores have none and are left as they are
NEW_BLOCK = "INSERT INTO blocks (cell, size, x, curves, worker, seconds, finished) VALUES (?, ?, ?, ?, ?, ?, ?)"
BLOCK = "SELECT size, x, curves FROM blocks WHERE id = ?"
NEW_RESULT = "INSERT INTO results VALUES (?, ?, ?, ?)"
