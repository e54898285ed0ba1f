"""Homotopies by the names that methods take, each made for one problem and, where it needs one, one start."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from homotopy import homotopies
from homotopy.arguments import choice
from homotopy.errors import ArgumentError
from homotopy.homotopies import Data
from homotopy.naming import nest, unnest
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy
from homotopy.objectives.flops import flops_of

__all__ = ["Along"]

DEAR = 100
"""Gradients that a homotopy may take to be built only to see whether it can."""

AT_ONCE: dict[str, Callable[[Any], Homotopy]] = {"data": Data.easiest}
"""What is built in another way than by its class."""


class Along:
    """A homotopy by its name, ``name`` or ``name+par=value+...``, or a class of a user's own.

    A name is one in `homotopies.BY_NAME`, which users may enter their own in; a class is made from an objective, or
    from an objective and a point. Parameters that the name does not tell may be `given`. The attribute `name` is the
    name with its parameters, `text` the same as it stands inside another name.
    """

    def __init__(self, kind: str | type[Homotopy], **given: Any) -> None:
        made: Any
        if isinstance(kind, type) and issubclass(kind, Homotopy):
            self.name, made = kind.__name__, kind
        else:
            self.name = unnest(str(kind))
            made = homotopies.BY_NAME[choice("along", self.name.partition(":")[0], sorted(homotopies.BY_NAME))]
        self.text = nest(self.name)
        self._kind: type[Homotopy] | None = made if isinstance(made, type) and issubclass(made, Homotopy) else None
        self._class: Callable[..., Homotopy] | None = partial(made, **given) if made is kind or given else None
        self.needs_start = self.name not in AT_ONCE and _positions(made) > 1

    def __call__(self, objective: Any, x0: Vector | None = None) -> Homotopy:
        """Return the homotopy on an objective, around x0 where it needs a point."""
        if self._class is not None:
            return self._class(objective, x0) if self.needs_start else self._class(objective)
        if self.name in AT_ONCE:
            return AT_ONCE[self.name](objective)
        return homotopies.homotopy(self.name, objective, x0)

    def setup_flops(self, objective: Any) -> float:
        """Return the flops of building the homotopy, where they are many (`Homotopy.setup_flops`)."""
        return 0.0 if self._kind is None else self._kind.setup_flops(objective)

    def reason(self, problem: Any) -> str | None:
        """Return why the problem has no such homotopy, or None; where it is dear to build, as its class knows."""
        if self._kind is not None:
            reason = self._kind.reason(problem.objective)
            if reason is not None or self._kind.setup_flops(problem.objective) > DEAR * flops_of(problem.objective):
                return reason
        x0 = np.zeros(problem.size) if self.needs_start else None
        try:
            self(problem.objective, x0)
        except ArgumentError as error:
            return str(error)
        return None


def _positions(kind: Callable[..., Homotopy]) -> int:
    """Return how many arguments a class needs."""
    given = inspect.signature(kind).parameters.values()
    return sum(p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD for p in given)
