"""What a study is made of: tasks, the methods on each, and the parts that are run and kept as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from homotopy.errors import ArgumentError

__all__ = ["FIRST", "Side", "Size", "Task", "Unit", "units"]

FIRST = 100_000
"""The first seed of teachers and data that are shown; constants were chosen on others, below 10,000."""


@dataclass(frozen=True)
class Side:
    """A method on a task.

    Attributes
    ----------
    name : str
        As the page calls it.
    method : str
        The method's name.
    budget : float
        Gradient-equivalents of a run.
    start : str
        The kind of start; empty for the problem's own.
    sets : int
        On how many of the data sets it runs; 0: on all.
    """

    name: str
    method: str
    budget: float
    start: str = ""
    sets: int = 0


@dataclass(frozen=True)
class Task:
    """A problem with many data sets or teachers.

    Attributes
    ----------
    key : str
        As the rows call it.
    problem : str
        The problem's name with {} for the seed of its data or teacher.
    sides : tuple of Side
        What runs.
    target : float
        The mean square error on the training sequences at which a run ends.
    sets, starts : int
        Data sets, and starts on each.
    gradient : float
        Milliseconds that a gradient takes, roughly: units of the study are made of equal size by it.
    """

    key: str
    problem: str
    sides: tuple[Side, ...]
    target: float
    sets: int
    starts: int = 1
    gradient: float = 0.1


@dataclass(frozen=True)
class Unit:
    """Runs that are made, and kept, as a whole: one side of a task on some of its data sets."""

    study: str
    task: str
    side: str
    groups: tuple[int, ...]


@dataclass(frozen=True)
class Size:
    """How much is run.

    Attributes
    ----------
    tasks : tuple of Task
        The tasks of the tables.
    controls : tuple of str
        Keys of tasks whose stuck points are taken up again, on `teachers` teachers with `starts` starts each.
    lengths : tuple of int
        The lengths at which plain runs on these tasks are counted.
    """

    tasks: tuple[Task, ...]
    controls: tuple[str, ...]
    teachers: int
    starts: int
    lengths: tuple[int, ...]

    def task(self, key: str) -> Task:
        """Return the task of that key.

        Raises
        ------
        ArgumentError
            If there is none.
        """
        found = {task.key: task for task in self.tasks}
        if key not in found:
            raise ArgumentError(f"there is no task {key!r}; there are {', '.join(found)}")
        return found[key]

    def side(self, key: str, name: str) -> Side:
        """Return the side of that name of a task."""
        return next(side for side in self.task(key).sides if side.name == name)


def units(size: Size, keys: Sequence[str] = ()) -> list[Unit]:
    """Return the parts of a study, those of the tasks first.

    Parameters
    ----------
    size : Size
        How much is run.
    keys : sequence of str
        Tasks; all without any.

    Raises
    ------
    ArgumentError
        If there is no task of some key.
    """
    tasks = [size.task(key) for key in keys] or list(size.tasks)
    found = [unit for task in tasks for side in task.sides for unit in _units(task, side)]
    for key in (key for key in size.controls if not keys or key in keys):
        every = range(FIRST, FIRST + size.teachers)
        found += [Unit("controls", key, "", tuple(some)) for some in _parts(every, 4)]
        found += [Unit("lengths", key, str(t), tuple(every)) for t in size.lengths]
    return found


def _units(task: Task, side: Side) -> Iterator[Unit]:
    """Yield the parts of one side: each takes some twenty seconds at most."""
    groups = range(FIRST, FIRST + (side.sets or task.sets))
    seconds = 1e-3 * task.gradient * side.budget * task.starts
    for some in _parts(groups, max(1, int(20 / seconds))):
        yield Unit("tasks", task.key, side.name, tuple(some))


def _parts(groups: Sequence[int], most: int) -> Iterator[Sequence[int]]:
    for begin in range(0, len(groups), most):
        yield groups[begin : begin + most]
