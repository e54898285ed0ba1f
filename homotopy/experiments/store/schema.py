"""The tables of a store, and what is written into them."""

from __future__ import annotations

__all__ = [
    "APPLICATION",
    "BLOCK",
    "CHECKSUMS",
    "COLUMNS",
    "NEW_BLOCK",
    "NEW_RESULT",
    "PATHS",
    "RUNS",
    "SCHEMA",
    "SCHEMA_VERSION",
    "SCORES",
    "SMALL",
]

SCHEMA_VERSION = 3
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
CHECKSUMS = """CREATE TABLE IF NOT EXISTS checksums (
    digest INTEGER PRIMARY KEY, kind TEXT NOT NULL, block INTEGER, runs INTEGER
)"""  # of every row, and of a block one for all its columns in all tables; files of versions 1 and 2 have none
PATHS = """CREATE TABLE IF NOT EXISTS paths (
    cell INTEGER NOT NULL REFERENCES cells, seed INTEGER NOT NULL, points BLOB NOT NULL, PRIMARY KEY (cell, seed)
)"""  # made with the first path, since older stores have none and are left as they are
SCORES = """CREATE TABLE IF NOT EXISTS scores (
    block INTEGER PRIMARY KEY REFERENCES blocks, cell INTEGER NOT NULL REFERENCES cells, held_out BLOB NOT NULL
)"""  # made with the first scores, so that stores without held-out data stay as they were
RUNS = """CREATE TABLE IF NOT EXISTS runs (
    cell INTEGER NOT NULL REFERENCES cells, seed INTEGER NOT NULL, success INTEGER NOT NULL, value REAL, cost REAL,
    cost_to_success REAL, status TEXT NOT NULL, time REAL, block INTEGER NOT NULL REFERENCES blocks,
    position INTEGER NOT NULL, PRIMARY KEY (cell, seed)
) WITHOUT ROWID"""  # what version 1 had instead of results
SMALL = ("cells", "problems", "notes", "sessions")
COLUMNS: dict[str, dict[str, type]] = {
    "cells": {"id": int, "problem": str, "method": str, "gradients": float, "seconds": float, "version": str},
    "blocks": {
        "id": int,
        "cell": int,
        "size": int,
        "x": bytes,
        "curves": bytes,
        "worker": str,
        "seconds": float,
        "finished": str,
    },
    "results": {"block": int, "cell": int, "statuses": str, "columns": bytes},
    "problems": {"name": str, "version": str, "size": int, "optimum": float, "tolerance": float, "source": str},
    "notes": {"problem": str, "method": str, "kind": str, "reason": str, "version": str},
    "sessions": {"id": int, "started": str, "command": str, "machine": str},
    "scores": {"block": int, "cell": int, "held_out": bytes},
    "paths": {"cell": int, "seed": int, "points": bytes},
    "runs": {
        "cell": int,
        "seed": int,
        "success": int,
        "value": float,
        "cost": float,
        "cost_to_success": float,
        "status": str,
        "time": float,
        "block": int,
        "position": int,
    },
    "checksums": {"digest": int, "kind": str, "block": int, "runs": int},
}
"""The columns of every table that some version has, in their order, and what stands in them; NULL may stand in some."""
NEW_BLOCK = "INSERT INTO blocks (cell, size, x, curves, worker, seconds, finished) VALUES (?, ?, ?, ?, ?, ?, ?)"
BLOCK = "SELECT size, x, curves FROM blocks WHERE id = ?"
NEW_RESULT = "INSERT INTO results VALUES (?, ?, ?, ?)"
