"""Blocks on their way to another process: packed here, unpacked there, with a sentence where that cannot be."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable
from multiprocessing.reduction import ForkingPickler
from typing import Any

from homotopy.errors import ArgumentError, reason
from homotopy.experiments.plan.grid import Entry
from homotopy.experiments.plan.plugins import extra, load
from homotopy.experiments.run.blocks import Block, Outcome

__all__ = ["packed", "received", "sendable"]


def packed(thing: Any, kind: str) -> bytes:
    """Return a thing as bytes for a worker of a kind; Dask's also take functions without a name.

    Raises
    ------
    ArgumentError
        If it cannot be packed.
    """
    dumps: Any = ForkingPickler.dumps
    if kind == "dask":
        dumps = extra("cloudpickle", "dask", "the executor dask").dumps
    try:
        return bytes(dumps(thing))
    except Exception as error:  # what an object's own code raises, which says in many ways that it cannot be packed
        raise ArgumentError(reason(error)) from error


def sendable(work: Iterable[Block], kind: str) -> None:
    """See that all problems and methods can be sent to workers of a kind.

    Raises
    ------
    ArgumentError
        If one cannot; it is named.
    """
    entries = {(word, entry.name): entry for block in work for word, entry in _entries(block)}
    for (word, name), entry in entries.items():
        if isinstance(entry.spec, str):
            continue
        try:
            packed(entry.spec, kind)
        except ArgumentError as error:
            raise ArgumentError(
                f"the {word} {name!r} cannot be sent to another process: {error}; give it by name or use "
                "--executor threads"
            ) from error


def _entries(block: Block) -> tuple[tuple[str, Entry], ...]:
    return ("problem", block.cell.problem), ("method", block.cell.method)


def received(run: Callable[[Block], Outcome], plugins: tuple[str, ...], data: bytes) -> Outcome:
    """Return the Outcome of a block that was packed, in the process that received it.

    Raises
    ------
    ArgumentError
        If it cannot be unpacked here.
    """
    try:
        for path in plugins:
            load(path)
        block = pickle.loads(data)
    except BaseException as error:  # a user's classes and files may raise anything
        raise ArgumentError(f"it cannot be made again in another process: {reason(error)}") from None
    return run(block)
