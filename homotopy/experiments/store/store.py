"""The store: one SQLite file that keeps every finished run, whatever happens to the process that writes it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.doors import doors
from homotopy.experiments.run.blocks import Outcome, unpack_curves
from homotopy.experiments.store.checksums import forget, seal_block
from homotopy.experiments.store.columns import pack_records
from homotopy.experiments.store.file import PAGE, StoreFile
from homotopy.experiments.store.parts import OLD_RUNS, RESULTS, Part, parts_of, together
from homotopy.experiments.store.rows import kept_text
from homotopy.experiments.store.schema import APPLICATION, BLOCK, NEW_BLOCK, NEW_RESULT, PATHS, SCHEMA_VERSION
from homotopy.experiments.store.scores import keep_scores
from homotopy.problems.base import Problem
from homotopy.status import Budget

__all__ = ["APPLICATION", "PAGE", "PATHS", "SCHEMA_VERSION", "Store"]

CELL = "SELECT id FROM cells WHERE (problem, method, gradients, seconds, version) = (?, ?, ?, ?, ?)"


@doors
class Store(StoreFile):
    """Finished runs by problem, method, budget, version and seed, in one SQLite file or in memory.

    Parameters
    ----------
    path : str, Path or None
        The file, made if it is not there; None keeps everything in memory.
    create : bool
        Whether a file that is not there is made.
    readonly : bool
        Whether the runs are only read: the file must be there, and may lie where nothing can be written (`opened`).

    Raises
    ------
    DataError
        If the file is not there and must be, is not a store, is damaged, or was written by a newer version. It is
        left untouched.

    Warns
    -----
    DamageWarning
        If a file that is only read is damaged: what is sound is read, and `damage` says what is lost.

    Notes
    -----
    Every row has a checksum, and every block one; a file is read through when it is opened. Write-ahead log, one
    transaction a block: a process that is killed loses the blocks in flight and nothing else. Several processes may
    write to one file. Of runs with one seed in one cell the first one counts. The runs of a block are one row; files of
    version 1, with a row a run, are read and gone on with.
    """

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # What a comparison writes

    def cell(self, problem: str, method: str, budget: Budget, version: str) -> int:
        """Return the number of a cell, made if it is not there."""
        key = (problem, method, budget.gradients, budget.seconds, version)
        if self.query(CELL, key).fetchone() is None:
            with self.transaction():
                self.insert("cells", None, *key)
        number = int(self.query(CELL, key).fetchone()[0])
        self._keys[number] = key
        return number

    def _present(self, cell: int) -> int:
        """Return the number of a cell that `cell` gave, inside a transaction.

        Another process may have removed it since, and its number may be that of another cell now: then it is made anew.
        """
        key = self._keys.get(cell)
        if key is None or self._db.execute(f"{CELL} AND id = ?", (*key, cell)).fetchone():
            return cell
        found = self._db.execute(CELL, key).fetchone()
        return found[0] if found else self.insert("cells", None, *key)

    def write(self, cell: int, outcome: Outcome) -> None:
        """Keep a block that ended, in one transaction."""
        rest = (outcome.x.tobytes(), outcome.curves, outcome.worker, outcome.seconds, now())
        with self.transaction():
            cell = self._present(cell)
            self.keep_block(cell, rest, *pack_records(outcome.records), scores=outcome.scores)
            self.keep_paths(cell, outcome.paths.items())

    def keep_block(
        self, cell: int, rest: tuple[Any, ...], statuses: str, stored: NDArray[Any], *, scores: Any = None
    ) -> None:
        """Keep a block inside a transaction; `rest` holds its columns from x on, `scores` those on held-out data."""
        block = self._db.execute(NEW_BLOCK, (cell, len(stored), *rest)).lastrowid or 0
        self._db.execute(NEW_RESULT, (block, cell, statuses, stored.tobytes()))
        keep_scores(self, block, cell, scores)
        if self.path is not None:
            seal_block(self._db, self.tables(), block)

    def keep_paths(self, cell: int, paths: Iterable[tuple[int, bytes]]) -> None:
        """Keep (seed, packed path) of runs of a cell, inside a transaction; a path that is there stays."""
        for seed, data in paths:
            self._db.execute(PATHS)
            self.insert("paths", cell, seed, data)

    def note(self, problem: str, method: str, kind: str, reason: str, version: str) -> None:
        """Keep a remark: why a cell was skipped or failed, how its setting was found, what a group holds (its kind)."""
        with self.transaction():
            self.insert("notes", problem, method, kind, kept_text(reason), version)

    def session(self, command: dict[str, Any], machine: dict[str, Any]) -> int:
        """Keep what was asked for and on which machine; return the number of the session."""
        row = (now(), json.dumps(command, sort_keys=True), json.dumps(machine, sort_keys=True))
        with self.transaction():
            return self.insert("sessions", None, *row)

    def unsaid(self, number: int) -> None:
        """Take back a session of which nothing was run, so that the one before counts; the only one stays."""
        with self.transaction() as db:
            if len(db.execute("SELECT id FROM sessions LIMIT 2").fetchall()) > 1:
                forget(db, "sessions", "id = ?", (number,))

    def describe(self, problem: Problem, version: str) -> None:
        """Keep what is known of a problem: size, optimum, tolerance and source."""
        row = (problem.name, version, problem.size, problem.optimum, problem.tolerance, kept_text(problem.source))
        with self.transaction():
            self.insert("problems", *row)

    # What is read back

    def optima(self) -> dict[str, tuple[float, float]]:
        """Return (optimum, tolerance) of every problem whose optimum is known, as last described."""
        rows = self.query("SELECT name, optimum, tolerance FROM problems WHERE optimum IS NOT NULL ORDER BY rowid")
        return {name: (optimum, tolerance) for name, optimum, tolerance in rows}

    def sessions(self) -> list[dict[str, Any]]:
        """Return every session as a dictionary with started, command and machine, the oldest first."""
        rows = self.query("SELECT started, command, machine FROM sessions ORDER BY id")
        return [{"started": s, "command": json.loads(c), "machine": json.loads(m)} for s, c, m in rows]

    def notes(self, version: str | None = None) -> list[tuple[str, str, str, str]]:
        """Return (problem, method, kind, reason) of every note, of one version if one is given."""
        where, given = ("", ()) if version is None else (" WHERE version = ?", (version,))
        return self.query(f"SELECT DISTINCT problem, method, kind, reason FROM notes{where}", given).fetchall()

    def remarks(self, kind: str, version: str | None = None) -> tuple[tuple[str, str, str], ...]:
        """Return (problem, method, reason) of every note of a kind, of one version if one is given."""
        return tuple((problem, method, reason) for problem, method, k, reason in self.notes(version) if k == kind)

    def cells(self) -> list[tuple[int, str, str, Budget, str, int]]:
        """Return (number, problem, method, budget, version, runs) of every cell that has runs."""
        rows = self.query("SELECT id, problem, method, gradients, seconds, version FROM cells ORDER BY id").fetchall()
        found = [
            (i, p, m, Budget(g, s), v, sum(len(part.stored) for part in self.parts(i))) for i, p, m, g, s, v in rows
        ]
        return [cell for cell in found if cell[-1]]

    def done(self, cell: int) -> set[int]:
        """Return the seeds that a cell has."""
        return {seed for part in self.parts(cell) for seed in part.seeds.tolist()}

    def holds(self, cell: int, seeds: NDArray[np.int64]) -> bool:
        """Return whether a cell has any of these seeds."""
        return any(np.isin(part.seeds, seeds).any() for part in self.parts(cell))

    def parts(self, cell: int) -> list[Part]:
        """Return the runs of a cell, block by block, each seed's first one only."""
        old = self.query(OLD_RUNS, (cell,)) if self.has("runs") else ()
        new = self.query(RESULTS, (cell,)) if self.has("results") else ()
        return parts_of(old, new)

    def records(self, cell: int) -> NDArray[Any]:
        """Return the runs of a cell in the order of their seeds, with the fields of `RESULT`."""
        return together(self.parts(cell))

    def payload(self, cell: int) -> Iterator[tuple[int, NDArray[np.float64], NDArray[np.float64]]]:
        """Yield (seed, final x, curve) of every run of a cell, block by block."""
        for part in self.parts(cell):
            size, x, packed = self.query(BLOCK, (part.block,)).fetchone()
            points = np.frombuffer(x, dtype=np.float64).reshape(size, -1)
            curves = unpack_curves(packed, size)
            for seed, position in zip(part.seeds.tolist(), part.positions.tolist(), strict=True):
                yield seed, points[position], curves[position]

    def curves(
        self, cell: int, seeds: Iterable[int] | None = None
    ) -> Iterator[tuple[NDArray[np.int64], list[NDArray[np.float64]]]]:
        """Yield seeds and curves of the runs of a cell block by block, of these seeds only where some are given."""
        wanted = None if seeds is None else np.fromiter(seeds, dtype=np.int64)
        for part in self.parts(cell):
            found = part.seeds
            kept = slice(None) if wanted is None else np.isin(found, wanted)
            if len(found[kept]):
                size, _, packed = self.query(BLOCK, (part.block,)).fetchone()
                curves = unpack_curves(packed, size)
                yield found[kept], [curves[place] for place in part.positions[kept]]

    def paths(self, cell: int) -> list[tuple[int, bytes]]:
        """Return (seed, packed path) of the runs of a cell whose paths are kept, in the order of their seeds."""
        if not self.has("paths"):
            return []
        return self.query("SELECT seed, points FROM paths WHERE cell = ? ORDER BY seed", (cell,)).fetchall()


def now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
