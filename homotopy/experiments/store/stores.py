"""Stores put together, written out for other programs, and cleaned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from homotopy.errors import ArgumentError, DataError
from homotopy.experiments.comparison import Comparison
from homotopy.experiments.plan.plugins import extra
from homotopy.experiments.run.blocks import pack_curves, unpack_curves
from homotopy.experiments.store.checksums import forget
from homotopy.experiments.store.parts import Part
from homotopy.experiments.store.scores import part_scores
from homotopy.experiments.store.store import Store
from homotopy.scratch import beside

__all__ = ["Removal", "clean", "export", "merge"]


def merge(sources: Sequence[str | Path], target: str | Path) -> int:
    """Put the runs of several stores, which are only read, into a new one and return how many it has.

    Where two stores have the same run, the first one's is taken. The new store stands in its place when it is whole:
    a merge that fails or is interrupted leaves nothing.

    Raises
    ------
    ArgumentError
        If the target is there already or there are no sources.
    DataError
        If a source is not a store.
    """
    if Path(target).exists():
        raise ArgumentError(f"{str(target)!r} is there already; a merge makes a new store")
    if not sources:
        raise ArgumentError("a merge needs one store or more")
    with ExitStack() as stack:
        opened = [stack.enter_context(Store(source, readonly=True)) for source in sources]
        with beside(Path(target)) as scratch:
            for ending in ("-wal", "-shm", "-journal"):
                stack.callback(Path(f"{scratch}{ending}").unlink, missing_ok=True)
            with Store(scratch) as into:
                for source in opened:
                    _copy(source, into)
                return sum(cell[-1] for cell in into.cells())


def _copy(source: Store, into: Store) -> None:
    """Copy everything that `into` has not."""
    for number, problem, method, budget, version, _ in source.cells():
        cell = into.cell(problem, method, budget, version)
        have = into.done(cell)
        for part in source.parts(number):
            new = np.array([seed not in have for seed in part.seeds.tolist()], dtype=bool)
            if new.any():
                with into.transaction():
                    kept = part.where(new)
                    rest, scores = _taken(source, kept), part_scores(source, kept)
                    into.keep_block(cell, rest, part.statuses, kept.stored, scores=scores)
        with into.transaction():
            into.keep_paths(cell, source.paths(number))
    with into.transaction():
        for name in ("notes", "problems"):
            for row in source.query(f"SELECT * FROM {name}"):
                into.insert(name, *row)
        for row in source.query("SELECT started, command, machine FROM sessions ORDER BY id"):
            into.insert("sessions", None, *row)


def _taken(source: Store, part: Part) -> tuple[Any, ...]:
    """Return the columns of a block from x on, those of the part's runs."""
    sql = "SELECT size, x, curves, worker, seconds, finished FROM blocks WHERE id = ?"
    size, x, curves, *rest = source.query(sql, (part.block,)).fetchone()
    places = part.positions
    if len(places) < size or (places != np.arange(size)).any():
        x = np.frombuffer(x, dtype=np.float64).reshape(size, -1)[places].tobytes()
        every = unpack_curves(curves, size)
        curves = pack_curves([every[place] for place in places.tolist()])
    return (x, curves, *rest)


def export(comparison: Comparison, path: str | Path) -> Path:
    """Write all runs to a file whose ending says how: .csv or .parquet. No half of it is ever seen.

    Raises
    ------
    ArgumentError
        If the ending is another one, or the file is there already.
    MissingExtraError
        If a Parquet file is asked for and pyarrow is not installed.
    """
    path = Path(path)
    if path.suffix not in (".csv", ".parquet"):
        raise ArgumentError(f"the file {str(path)!r} must end in .csv or .parquet")
    if path.exists():
        raise ArgumentError(f"{str(path)!r} is there already; name another file")
    if path.suffix == ".csv":
        with beside(path) as scratch:
            comparison.to_csv(scratch)
        return path
    arrow, parquet = (extra(name, "parquet", "a Parquet file") for name in ("pyarrow", "pyarrow.parquet"))
    table = comparison.table()
    with beside(path) as scratch:
        parquet.write_table(arrow.table({name: table[name].tolist() for name in table.dtype.names or ()}), str(scratch))
    return path


@dataclass(frozen=True)
class Removal:
    """A cell that `clean` removes, and how many runs it has."""

    problem: str
    method: str
    version: str
    runs: int


def clean(
    store: Store,
    *,
    problems: Iterable[str] = (),
    methods: Iterable[str] = (),
    keep_version: str | None = None,
    apply: bool = False,
) -> list[Removal]:
    """Remove runs from a store, or without `apply` change nothing, and return what was or would be removed.

    What goes is every cell of one of these problems or methods, by their full names, and where `keep_version` is given
    every cell of another version of the code.

    Raises
    ------
    DataError
        If a named problem or method is not in the store.
    """
    cells = store.cells()
    problems, methods = set(problems), set(methods)
    for i, kind, asked in ((1, "problem", problems), (2, "method", methods)):
        known = {str(c[i]) for c in cells}
        if asked - known:
            missing, there = sorted(asked - known)[0], ", ".join(sorted(known)) or "none"
            raise DataError(f"the store has no {kind} {missing!r}; it has {there}")
    gone = [c for c in cells if c[1] in problems or c[2] in methods or keep_version not in (None, c[4])]
    if apply:
        with store.transaction() as db:
            for number, problem, method, _, version, _ in gone:
                for table in ("paths", "scores", "runs", "results", "blocks", "cells"):
                    if store.has(table):
                        forget(db, table, "id = ?" if table == "cells" else "cell = ?", (number,))
                forget(db, "notes", "(problem, method, version) = (?, ?, ?)", (problem, method, version))
        store.query("VACUUM")
    return [Removal(problem, method, version, runs) for _, problem, method, _, version, runs in gone]
