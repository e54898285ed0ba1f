"""Checkpoints: a tracker's state in a file, from which a killed run goes on bit for bit."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import numpy as np

from homotopy.arguments import integer, one_of
from homotopy.continuation.results.files import load_state, save_path
from homotopy.continuation.results.path import Path
from homotopy.errors import ArgumentError, DataError, EvaluationError

if TYPE_CHECKING:
    from homotopy.continuation.engine.tracker import Tracker
    from homotopy.objectives.base import Vector
    from homotopy.objectives.family import Homotopy

__all__ = ["PARTS", "Checkpoint", "family_of", "fingerprint", "signature"]

PARTS = ("sweep", "rest")
_COUNTERS = ("n_grad", "n_hessp", "n_matrix")


@dataclass(frozen=True)
class Checkpoint:
    """Where and how often a path is saved.

    Parameters
    ----------
    file : str or Path
        An .npz file; it is replaced as a whole, so that a kill leaves the last one.
    every : int
        At every which accepted point, and at the end.

    Raises
    ------
    ArgumentError
        If `every` is below 1, or the file is no file name in a folder that is there.
    """

    file: str | FilePath
    every: int = 10

    def __post_init__(self) -> None:
        integer("every", self.every)
        one_of("checkpoint", self.file, (str, PathLike), "a file name or None")
        if not FilePath(self.file).parent.is_dir():
            raise ArgumentError(f"checkpoint: there is no folder {str(FilePath(self.file).parent)!r} to write into")

    def save(self, tracker: Tracker, path: Path) -> None:
        """Write the path as it stands, and the tracker's state."""
        state: dict[str, Any] = {
            "signature": signature(tracker),
            "family": type(tracker.homotopy.inner).__name__,
            "finished": tracker.status is not None,
            "step": tracker.step,
            "attempts": tracker.attempts,
            "rejected": tracker.rejected,
            **{name: getattr(tracker.homotopy, name) for name in _COUNTERS},
        }
        save_path(path, self.file, state=state)

    def restore(self, tracker: Tracker) -> Path | None:
        """Put the saved state into a fresh tracker; return the path itself if it is finished.

        Raises
        ------
        DataError
            If the file was written with other settings, or on the way of another family or start.
        """
        path, state = load_state(self.file)
        if state is None or state["signature"] != signature(tracker):
            raise _foreign(self.file)
        if state["finished"]:
            return path
        tracker.points = list(path.points)
        tracker.occurrences, tracker.notes = list(path.events), list(path.notes)
        tracker.jumped, tracker.step = path.jumped, state["step"]
        tracker.attempts, tracker.rejected = state["attempts"], state["rejected"]
        for name in _COUNTERS:
            setattr(tracker.homotopy, name, state[name])
        tracker.watch.values = tracker.watch.at(tracker.points[-1])
        return None

    @property
    def exists(self) -> bool:
        """Whether there is a file to go on from."""
        return FilePath(self.file).exists()

    def part(self, name: str) -> Checkpoint:
        """Return the checkpoint of one part of a path, in a file of its own beside the whole one's."""
        file = FilePath(self.file)
        return Checkpoint(file.with_name(f"{file.name}.{name}"), self.every)

    def whole(self, path: Path, settings: str, family: str) -> None:
        """Write a path of several parts that has ended, and remove its parts."""
        save_path(path, self.file, state={"signature": settings, "family": family, "finished": True})
        for name in PARTS:
            FilePath(self.part(name).file).unlink(missing_ok=True)

    def finished(self, settings: str) -> Path | None:
        """Return the path that `whole` wrote, None where there is none.

        Raises
        ------
        DataError
            If the file was written with other settings, or on the way of another family or start.
        """
        if not self.exists:
            return None
        path, state = load_state(self.file)
        if state is None or state["signature"] != settings:
            raise _foreign(self.file)
        return path


def _foreign(file: str | FilePath) -> DataError:
    return DataError(f"{file}: written by another run; its settings are not those asked for now")


def fingerprint(homotopy: Homotopy, x0: Vector) -> str:
    """Return a text that tells this family, with its data, and this start from others.

    Parameters
    ----------
    homotopy : Homotopy
        The family; its gradient is taken at a fixed point at t = 0 and t = 1, to six digits.
    x0 : ndarray of shape (n,)
        The start. That of a perturbed family is not looked at: it follows from the perturbation, which is.
    """
    weights = 1.0 + np.cos(np.arange(homotopy.size))
    numbers = [] if type(homotopy).__name__ == "Regularized" else [float(weights @ x0)]
    for t in (0.0, 1.0):
        try:
            numbers.append(float(weights @ homotopy.grad(weights, t)))
        except EvaluationError:
            numbers.append(float("nan"))
    return " ".join(f"{number:.6e}" for number in numbers)


def family_of(checkpoint: Checkpoint | None) -> str | None:
    """Return the name of the class of the homotopy that a checkpoint follows, None where there is no file."""
    if checkpoint is None:
        return None
    for found in (checkpoint, *map(checkpoint.part, PARTS)):
        if found.exists:
            state = load_state(found.file)[1]
            return None if state is None else str(state["family"])
    return None


def signature(tracker: Tracker) -> str:
    """Return the settings that the points depend on, in words; the limits on steps and cost are not among them."""
    parts = (
        type(tracker.homotopy.inner).__name__,
        tracker.homotopy.size,
        tracker.fingerprint,
        tracker.t0,
        tracker.target,
        tracker.bounds,
        tracker.predictor,
        tracker.corrector,
        tracker.step_control,
        tracker.jump,
        [event.name for event in tracker.watch.events],
        tracker.dresser.spectrum,
    )
    return "; ".join(str(part) for part in parts)
