"""The scores of runs on held-out data, beside their blocks; stores without any, as all older ones, have no table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from homotopy.experiments.store.schema import SCORES

if TYPE_CHECKING:
    from homotopy.experiments.store.parts import Part
    from homotopy.experiments.store.store import Store

__all__ = ["keep_scores", "part_scores", "scores_of"]

FLOATS = NDArray[np.float64]


def keep_scores(store: Store, block: int, cell: int, scores: FLOATS | None) -> None:
    """Keep the scores of a block's runs, inside a transaction; None keeps nothing."""
    if scores is None:
        return
    store.query(SCORES)
    data = np.ascontiguousarray(scores, dtype="<f8").tobytes()
    store.query("INSERT OR IGNORE INTO scores VALUES (?, ?, ?)", (block, cell, data))


def part_scores(store: Store, part: Part) -> FLOATS | None:
    """Return the scores of a part's runs, in its order; None where none are kept."""
    if not store.has("scores"):
        return None
    row = store.query("SELECT held_out FROM scores WHERE block = ?", (part.block,)).fetchone()
    if row is None:
        return None
    kept: FLOATS = np.frombuffer(row[0], dtype="<f8")[part.positions]
    return kept


def scores_of(store: Store, cell: int) -> FLOATS:
    """Return the scores of a cell's runs in the order of their seeds, NaN where none are kept."""
    seeds, scores = [np.empty(0, dtype=np.int64)], [np.empty(0)]
    for part in store.parts(cell):
        kept = part_scores(store, part)
        seeds.append(part.seeds)
        scores.append(np.full(len(part.seeds), np.nan) if kept is None else kept)
    return np.concatenate(scores)[np.argsort(np.concatenate(seeds), kind="stable")]
