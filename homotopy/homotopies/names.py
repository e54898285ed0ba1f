"""Homotopies by name: ``name:par=value,par=value`` on an objective."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

from homotopy.errors import ArgumentError
from homotopy.naming import build, parse
from homotopy.objectives.base import Objective, Vector
from homotopy.objectives.family import Homotopy

__all__ = ["homotopy_by_name"]

AROUND = ("x0", "center")  # what a class may need besides its objective


def homotopy_by_name(
    text: str, objective: Objective, x0: Vector | None, table: Mapping[str, Callable[..., Homotopy]]
) -> Homotopy:
    """Return the homotopy that a name with parameters means, built on an objective (`homotopies.homotopy`)."""
    name, _ = parse(text)
    if name in table:
        return build("homotopy", text, {**table, name: _on(name, table[name], objective, x0)})
    return build("homotopy", text, table)  # which says what is known


def _on(name: str, kind: Callable[..., Homotopy], objective: Objective, x0: Vector | None) -> Callable[..., Homotopy]:
    """Return a class with its objective, and its point where it needs one, given; what is left has defaults."""
    given = list(inspect.signature(kind, eval_str=True).parameters.values())
    needed = [p.name for p in given if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    if len(needed) > 2 or (len(needed) == 2 and (needed[1] not in AROUND or x0 is None)):
        raise ArgumentError(f"homotopy {name!r} needs {', '.join(needed[1:])}; it can be made in Python only")
    made: Any = partial(kind, objective, *([x0] if len(needed) == 2 else []))
    free = [p.replace(kind=p.KEYWORD_ONLY) for p in given if p.default is not p.empty and _written(p.annotation)]
    made.__signature__ = inspect.Signature(free)
    return cast("Callable[..., Homotopy]", made)


def _written(annotation: Any) -> bool:
    """Return whether a value of this type can be written in a name."""
    options = getattr(annotation, "__args__", None) or (annotation,)
    return any(option in (int, float, str, bool) for option in options)
