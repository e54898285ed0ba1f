"""Everything public that can be called: found in the code, with what each parameter takes."""

import importlib
import inspect
import pkgutil
import re
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any

from fuzz.functions.taken import ALWAYS, BY_ANNOTATION, BY_NAME, SPECIAL
from fuzz.functions.usual import MAKERS

import homotopy

__all__ = ["Target", "public", "targets"]

OUTSIDE = ("homotopy.papers", "homotopy.cli", "homotopy.bench", "homotopy._core", "homotopy.doors", "homotopy.selftest")
PROCESS = ("experiments.as_worker",)  # which makes the process that calls it one that ends with its parent
PLAIN = ("count", "index")  # of tuples and sequences: Python's own
INHERITED = (tuple, float, Enum, BaseException)

# What gives an object whose methods are called. Methods that loops call at every step (of homotopies, of a tracker's
# parts, of linear solvers, of the batches that methods are written on) are not here.
OWNERS = {
    "Column": "column", "Comparison": "comparison", "CriticalPoints": "critical points", "EmpiricalRisk": "risk",
    "Encoding": "encoding", "Ensemble": "ensemble", "Frame": "frame", "MLP": "net", "Model": "model", "Path": "path",
    "Problem": "problem", "RNN": "rnn", "RecurrentRisk": "recurrent risk", "Survey": "survey",
    "TableData": "table data", "TargetCoding": "target", "TeacherStudent": "teacher-student", "Tree": "tree",
    "Bound": "bound",
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """Something to call, by its name; `owner` says of which object it is a method."""

    name: str
    function: Any = field(compare=False)
    owner: str = ""

    @property
    def parameters(self):
        """The parameters that a caller gives, by name."""
        found = inspect.signature(self.function).parameters.values()
        skipped = 1 if self.owner and not inspect.ismethod(self.function) else 0
        kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        return {p.name: p for p in list(found)[skipped:] if p.kind not in kinds}

    @property
    def always(self):
        """The names of optional parameters that usual calls give."""
        words = self.name.split(".")
        return ALWAYS.get(".".join(words[-2:]), ALWAYS.get(words[-1], ()))

    def usual(self, parameter):
        """Return the names of what a parameter takes; none where nothing is known."""
        name, annotation = parameter.name, str(parameter.annotation)
        words = self.name.split(".")
        for key in (f"{'.'.join(words[i:])}({name})" for i in range(len(words))):
            if key in SPECIAL:
                return SPECIAL[key]
        if name in BY_NAME:
            return BY_NAME[name]
        found = []
        for part in parts(re.sub(r"ForwardRef\('(.*?)'\)|<class '(.*?)'>", r"\1\2", annotation)):
            found += BY_ANNOTATION.get(part, ())
        return tuple(found)

    def instance(self):
        """Return an object that the method is one of."""
        return MAKERS[self.owner]()


def parts(annotation):
    """Return the alternatives of an annotation: those between the bars that stand in no brackets."""
    found, depth = [""], 0
    for letter in annotation:
        depth += (letter in "[(") - (letter in "])")
        if letter == "|" and not depth:
            found.append("")
        else:
            found[-1] += letter
    return [part.strip() for part in found]


@cache
def public():
    """Every public function and class, from its name to itself, each once, under the shortest name."""
    rooms = ["homotopy"]
    for room in pkgutil.walk_packages(homotopy.__path__, "homotopy."):
        if room.ispkg and not room.name.startswith(OUTSIDE):
            rooms.append(room.name)
    found = {}
    for room in rooms:
        module = importlib.import_module(room)
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name)
            if callable(thing) and not hasattr(thing, "__origin__") and id(thing) not in found:
                found[id(thing)] = (f"{room}.{name}".removeprefix("homotopy."), thing)
    return dict(found.values())


@cache
def targets():
    """All targets: public names that are made or called, and methods of the classes among them, by name."""
    found = {}
    for name, thing in public().items():
        if name in PROCESS:
            continue
        nothing = getattr(thing, "_is_protocol", False) or inspect.isabstract(thing)
        if inspect.isclass(thing) and (nothing or issubclass(thing, INHERITED)):
            continue
        found[name] = Target(name, thing)
        owner = OWNERS.get(name.rpartition(".")[2])
        if owner and inspect.isclass(thing):
            for method in dir(thing):
                function = getattr(thing, method)
                if not method.startswith("_") and method not in PLAIN and callable(function):
                    found[f"{name}.{method}"] = Target(f"{name}.{method}", function, owner)
    return found
