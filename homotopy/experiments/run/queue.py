"""The blocks that are still to run: how large they are, in which order they go out, what comes back."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from math import inf, isfinite
from typing import Any

from homotopy.experiments.run.blocks import Block, Outcome

__all__ = ["LARGEST", "Queue"]

FIRST, LARGEST = 4, 4096  # runs in a cell's first block and in any block
BLOCK_SECONDS = 0.5  # what a block should take: long against its overhead, short against the whole
SHORT = 0.02  # a block of fewer seconds is mostly overhead: it is not split, and a first one is run again among others
PARTS = 8  # into which a block is cut that failed, to find the run that did


class Queue:
    """The blocks still to run: each cell's seeds in blocks whose size follows the measured cost of a run."""

    def __init__(self, work: list[Block], n_workers: int, seconds: float = inf) -> None:
        self._wanted = min(BLOCK_SECONDS, seconds / PARTS)  # of a block, all of which may take `seconds`
        self._cells = deque(work)
        self._left = {block.key: block.seeds for block in work}
        self._whole = {block.key: block.seeds for block in work}
        self._back = dict.fromkeys(self._whole, 0)  # of those left, how many were handed out before
        self._cost: dict[Any, float] = {}
        self._first: dict[Any, set[int]] = {block.key: set() for block in work}  # seeds of those out
        self._again: deque[Block] = deque()  # handed out once more, before all others
        self._given_up: set[Any] = set()
        self._n_workers = n_workers

    def next(self) -> Block | None:
        """Return the next block, or None when all that can be has been handed out."""
        if self._again:
            return self._again.popleft()
        while self._cells and not self._left[self._cells[0].key] and not self._first[self._cells[0].key]:
            self._cells.popleft()
        whole = next((cell for cell in self._cells if self._left[cell.key] and not self._waits(cell.key)), None)
        if whole is None:
            return None
        seeds = self._left[whole.key]
        size = 1 if isfinite(whole.budget.seconds) else self._size(whole.key, len(seeds))  # a clock is for one run
        self._left[whole.key] = seeds[size:]
        self._back[whole.key] = 0
        if whole.key not in self._cost:
            self._first[whole.key].add(seeds[0])
        return replace(whole, seeds=seeds[:size])

    def _waits(self, key: Any) -> bool:
        """Return whether first blocks of a cell are out that will soon be handed out again, better with all others."""
        quick = key in self._cost and self._cost[key] * FIRST < SHORT and not isfinite(key[2].seconds)
        return quick and bool(self._first[key])

    def _size(self, key: Any, left: int) -> int:
        """Return how many runs the next block of a cell takes."""
        fair = max(1, -(-left // self._n_workers))  # the last blocks are shared evenly
        if key not in self._cost:
            return min(FIRST, fair)
        wanted, least = (int(seconds / max(self._cost[key], 1e-9)) for seconds in (self._wanted, SHORT))
        return max(1, min(wanted, LARGEST, max(fair, least)))

    def learn(self, outcome: Outcome) -> None:
        """Note what a run of the block's cell costs."""
        if len(outcome.records):
            self._cost[outcome.block.key] = outcome.seconds / len(outcome.records)

    def takes_back(self, outcome: Outcome) -> bool:
        """Return whether a block was a first one that was too short to tell the times of its runs, and is run again.

        Its records would be the same; its times are mostly those of one call, which many runs share.
        """
        block = outcome.block
        first = block.seeds[0] in self._first[block.key]
        self._first[block.key].discard(block.seeds[0])
        alone = isfinite(block.budget.seconds) or len(self._whole[block.key]) == len(block.seeds)
        busy = float(outcome.records["seconds"].sum()) or outcome.seconds
        told = not block.timed or outcome.error or busy >= SHORT or outcome.seconds >= 2 * SHORT  # some only wait
        if not first or alone or told:
            return False
        left, back = self._left[block.key], self._back[block.key]
        again = sorted((*block.seeds, *left[:back]), key=self._whole[block.key].index)  # in the order asked for
        self._left[block.key], self._back[block.key] = (*again, *left[back:]), len(again)
        return True

    def again(self, *blocks: Block) -> None:
        """Hand blocks out once more, ahead of all others."""
        self._again.extend(blocks)

    def cut(self, block: Block) -> bool:
        """Hand out a block that failed once more in parts, to find the run that did; False where it is one run."""
        self._first[block.key].discard(block.seeds[0])
        if len(block.seeds) == 1:
            return False
        size = -(-len(block.seeds) // PARTS)
        starts = range(0, len(block.seeds), size)
        self.again(*(replace(block, seeds=block.seeds[i : i + size]) for i in starts))
        return True

    def give_up(self, block: Block) -> None:
        """Hand out no more blocks of a cell."""
        self._left[block.key] = ()
        self._again = deque(other for other in self._again if other.key != block.key)
        self._given_up.add(block.key)

    def gave_up(self, block: Block) -> bool:
        """Return whether no more blocks of its cell are handed out."""
        return block.key in self._given_up
