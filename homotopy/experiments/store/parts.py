"""The runs of a cell as they stand in a store: block by block, in files of this version and of the first one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.experiments.run.blocks import RESULT
from homotopy.experiments.store.columns import pack_records, stored_of, unpack_records

__all__ = ["OLD_RUNS", "RESULTS", "Part", "parts_of", "spread", "together"]

FLOATS = NDArray[np.float64]

RESULTS = """SELECT block, size, statuses, columns FROM results JOIN blocks ON block = id WHERE results.cell = ?
    ORDER BY block"""
OLD_RUNS = """SELECT block, position, seed, success, coalesce(value, 'nan'), coalesce(cost, 'nan'),
    coalesce(cost_to_success, 'nan'), status, coalesce(time, 'nan') FROM runs WHERE cell = ? ORDER BY block, position"""
OLD = np.dtype([("block", "i8"), ("position", "i8"), *RESULT.descr])  # what version 1 kept, a row a run


@dataclass(frozen=True)
class Part:
    """Runs of one block: its number, their places in it, the names of their statuses, and the runs as stored."""

    block: int
    positions: NDArray[np.int64]
    statuses: str
    stored: NDArray[Any]

    @property
    def seeds(self) -> NDArray[np.int64]:
        """The runs' seeds."""
        seeds: NDArray[np.int64] = self.stored["seed"]
        return seeds

    def where(self, mask: NDArray[np.bool_]) -> Part:
        """Return the part with those runs that the mask keeps."""
        return Part(self.block, self.positions[mask], self.statuses, self.stored[mask])


def parts_of(old: Iterable[Any], new: Iterable[Any]) -> list[Part]:
    """Return the parts that rows of `OLD_RUNS` and of `RESULTS` hold, in the order of their blocks.

    A seed's first run counts, later ones are left out. The first version gave all runs of a block equal times; here
    they are in proportion to what each run spent.
    """
    found = []
    rows = np.fromiter(old, dtype=OLD)
    rows["seconds"] = spread(rows["seconds"], rows["cost"], rows["block"])
    for block in np.unique(rows["block"]).tolist():
        mine = rows[rows["block"] == block]
        found.append(Part(block, mine["position"].astype(np.int64), *pack_records(mine)))
    for block, size, statuses, columns in new:
        stored = stored_of(statuses, columns, size)
        found.append(Part(block, np.arange(size), statuses, stored))
    return _first(sorted(found, key=lambda part: part.block))


def together(parts: list[Part]) -> NDArray[Any]:
    """Return the records of all parts in the order of their seeds, of dtype `RESULT`."""
    out, at = np.empty(sum(len(part.stored) for part in parts), dtype=RESULT), 0
    for part in parts:
        unpack_records(part.statuses, part.stored, out[at : at + len(part.stored)])
        at += len(part.stored)
    return out if _rise(out["seed"]) else out[np.argsort(out["seed"])]


def _rise(seeds: NDArray[np.int64]) -> bool:
    """Return whether each seed is greater than the one before."""
    return bool((seeds[1:] > seeds[:-1]).all())


def _first(parts: list[Part]) -> list[Part]:
    """Return the parts without runs whose seed an earlier one has; a part that loses all of them goes."""
    if len(parts) < 2:
        return parts
    seeds = np.concatenate([part.seeds for part in parts])
    if _rise(seeds):  # as a comparison asks for them: to look for repeats would take longer
        return parts
    keep = np.zeros(len(seeds), dtype=bool)
    keep[np.unique(seeds, return_index=True)[1]] = True
    if keep.all():
        return parts
    masks = np.split(keep, np.cumsum([len(part.stored) for part in parts])[:-1])
    return [part.where(mask) for part, mask in zip(parts, masks, strict=True) if mask.any()]


def spread(seconds: FLOATS, cost: FLOATS, block: NDArray[np.int64]) -> FLOATS:
    """Return times in which a block's whole is divided in proportion to cost, where it had been divided evenly.

    Blocks whose runs have different times, or of which a time or a cost is unknown, stay as they are.

    Examples
    --------
    >>> spread(np.array([2.0, 2.0, 5.0]), np.array([1.0, 3.0, 7.0]), np.array([0, 0, 1]))
    array([1., 3., 5.])
    """
    _, at = np.unique(block, return_inverse=True)
    if not at.size:
        return seconds
    first = np.zeros(at.max() + 1)
    first[at[::-1]] = seconds[::-1]
    others = np.bincount(at, weights=seconds != first[at])
    spent, whole = np.bincount(at, weights=cost), np.bincount(at, weights=seconds)
    even = (others == 0) & (spent > 0) & np.isfinite(whole + spent)
    share = np.divide(whole, spent, out=np.zeros_like(whole), where=even)
    return np.where(even[at], cost * share[at], seconds)
