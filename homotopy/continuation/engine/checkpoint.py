"""Checkpoints: the state of a path in a file, from which a killed run goes on bit for bit."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from homotopy.arguments import integer, one_of, positive
from homotopy.continuation.counting import Tally
from homotopy.continuation.engine.state import State
from homotopy.continuation.point import Metric
from homotopy.continuation.results.files import plain, read, sound, write
from homotopy.continuation.results.path import Path
from homotopy.errors import ArgumentError, DataError, EvaluationError
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy

__all__ = ["PARTS", "Checkpoint", "fingerprint"]

PARTS = ("sweep", "rest")
VERSION = 3


@dataclass(frozen=True)
class Checkpoint:
    """Where and how often a path is saved.

    Raises
    ------
    ArgumentError
        If `every` is below 1, or the file is no file name in a folder that is there.
    """

    file: str | FilePath  # an .npz file; it is replaced as a whole, so that a kill leaves the last one
    every: int = 10  # accepted points; and at the end
    perturbed: bool = False  # whether the family is that of a singular start, whose start follows from the perturbation

    def __post_init__(self) -> None:
        integer("every", self.every)
        one_of("checkpoint", self.file, (str, PathLike), "a file name or None")
        if not FilePath(self.file).parent.is_dir():
            raise ArgumentError(f"checkpoint: there is no folder {str(FilePath(self.file).parent)!r} to write into")

    def due(self, state: State) -> bool:
        """Whether a state that has just got a point is to be saved; one that has ended is saved in any case."""
        return state.status is None and (len(state.points) - 1) % self.every == 0

    def save(self, state: State, path: Path, signature: str) -> None:
        """Write the state, with the path that it makes; the events' values follow from the last point."""
        saved = {name: getattr(state, name) for name in ("step", "suspicion", "attempts")} | asdict(state.tally)
        saved["metric"] = state.metric and state.metric.plain()
        saved["ahead"] = state.ahead()
        self._write(path, {"signature": signature, "finished": state.status is not None, **saved})

    def whole(self, path: Path, signature: str) -> None:
        """Write a path of several parts that has ended, and remove its parts."""
        self._write(path, {"signature": signature, "finished": True})
        for name in PARTS:
            FilePath(self.part(name).file).unlink(missing_ok=True)

    def _write(self, path: Path, state: dict[str, Any]) -> None:
        header = path.header() | {"state": {"version": VERSION, "perturbed": self.perturbed, **state}}
        write(self.file, path.points, path.events, header)

    def restored(self, signature: str) -> State | Path | None:
        """Return the state that was saved, the path itself if it is finished, or None where nothing was.

        Raises
        ------
        DataError
            If the file was written with other settings, or on the way of another family or start.
        """
        if not FilePath(self.file).exists():
            return None
        points, events, header = read(self.file)
        saved = self._state(header)
        with sound(self.file):
            if saved["signature"] != signature:
                raise DataError(f"{self.file}: written by another run; its settings are not those asked for now")
            path = Path.restored(points, events, header)
            if plain(saved["finished"], bool):
                return path
            step, attempts, suspicion = (
                positive("step", saved["step"]),
                plain(saved["attempts"], int),
                saved["suspicion"],
            )
            suspicion = suspicion and (plain(suspicion[0], int, float), plain(suspicion[1], int, float))
            tally = Tally(*(plain(saved[name], int) for name in ("grad", "hessp")))
            metric, ahead = Metric.restored(saved["metric"]), saved["ahead"]
            kept = (
                {} if ahead is None else {id(points[-1]): (points[-1], np.array(plain(ahead, list), dtype=np.float64))}
            )
            notes, rejected = list(path.notes), path.counts.rejected
            return State(
                step, points, [], suspicion, events, notes, attempts, rejected, path.jumped, tally, metric, kept
            )

    def _state(self, header: dict[str, Any]) -> dict[str, Any]:
        """Return the state in a header; a path that was only saved, or by an earlier version, has none."""
        state: dict[str, Any] | None = header.get("state")
        if not isinstance(state, dict):
            raise DataError(f"{self.file}: written by another run; it holds a path, and no state to go on from")
        if state.get("version") != VERSION:
            was = "a checkpoint of an earlier version of the package"
            raise DataError(f"{self.file}: {was}, which this one cannot go on from")
        return state

    def part(self, name: str) -> Checkpoint:
        """Return the checkpoint of one part of a path, in a file of its own beside the whole one's."""
        file = FilePath(self.file)
        return Checkpoint(file.with_name(f"{file.name}.{name}"), self.every, self.perturbed)

    def of_perturbed(self) -> bool:
        """Whether the file, or that of a part, follows the perturbed family of a singular start."""
        for found in (self, *map(self.part, PARTS)):
            if FilePath(found.file).exists():
                state = found._state(read(found.file)[2])
                with sound(found.file):
                    return bool(plain(state["perturbed"], bool))
        return False


def fingerprint(homotopy: Homotopy, x0: Vector | None) -> str:
    """Return a text that tells this family, with its data, and this start, unless it is None, from others.

    The family's gradient is taken at a fixed point at t = 0 and t = 1, to six digits.
    """
    weights = 1.0 + np.cos(np.arange(homotopy.size))
    numbers = [] if x0 is None else [float(weights @ x0)]
    for t in (0.0, 1.0):
        try:
            numbers.append(float(weights @ homotopy.grad(weights, t)))
        except EvaluationError:
            numbers.append(float("nan"))
    return " ".join(f"{number:.6e}" for number in numbers)
