"""What a problem is, and the one place where ``name:par=value,par=value`` is read."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, TypeVar

import numpy as np

from homotopy.errors import ArgumentError, HomotopyError
from homotopy.objectives.base import Objective, Vector

__all__ = ["Problem", "build", "parse_name", "spell"]

T = TypeVar("T")
_LARGEST = 2**53
"""A larger integer is a typing error: no array is that long, and no loop ends."""


@dataclass(frozen=True)
class Problem:
    """An objective, a distribution of starts, and what counts as solved.

    Parameters
    ----------
    name : str
        The full name, parameters included, from which the same problem is built again.
    objective : Objective
        The true objective.
    start : callable
        ``start(rng)`` draws one start of shape (n,) from a Generator.
    test : Objective or None
        The objective on held-out data, if there is any.
    optimum : float or None
        The global minimum's value, exactly or as the best known; None where nothing is known.
    tolerance : float
        A run is solved when its value is at most ``optimum + tolerance``.
    source : str
        Where the problem comes from (paper, equation) and who says what its optimum is.
    """

    name: str
    objective: Objective
    start: Callable[[np.random.Generator], Vector]
    test: Objective | None = None
    optimum: float | None = None
    tolerance: float = 1e-6
    source: str = ""

    @property
    def size(self) -> int:
        """The number of variables n."""
        return self.objective.size

    @property
    def target(self) -> float | None:
        """The largest value that counts as solved; None where the optimum is unknown."""
        return None if self.optimum is None else self.optimum + self.tolerance

    def solved(self, value: float) -> bool:
        """Whether `value` is at most ``optimum + tolerance``; False where the optimum is unknown."""
        target = self.target
        return target is not None and bool(value <= target)


def parse_name(text: str) -> tuple[str, dict[str, str]]:
    """Split ``name:par=value,par=value`` into the name and the parameters' texts.

    Raises
    ------
    ArgumentError
        If it is no text, a part is not ``par=value``, or a parameter is given twice.

    Examples
    --------
    >>> parse_name("xor:hidden=3,activation=relu")
    ('xor', {'hidden': '3', 'activation': 'relu'})
    """
    if not isinstance(text, str):
        raise ArgumentError(f"a name must be a text like 'name:par=value', not {text!r}")
    name, _, rest = text.partition(":")
    parameters: dict[str, str] = {}
    for part in filter(None, rest.split(",")):
        key, equals, value = part.partition("=")
        if not equals or not key or not value:
            raise ArgumentError(f"{text!r}: {part!r} is not of the form parameter=value")
        if key in parameters:
            raise ArgumentError(f"{text!r}: the parameter {key!r} is given twice")
        parameters[key] = value
    return name, parameters


def build(kind: str, text: str, table: Mapping[str, Callable[..., T]], *, short: Mapping[str, str] | None = None) -> T:
    """Return what ``name:par=value,...`` names in `table`, its parameters converted by the factory's annotations.

    Parameters
    ----------
    kind : str
        What the table holds, for messages: ``"problem"``, ``"method"``.
    text : str
        The name with its parameters.
    table : mapping from str to callable
        The factories; every parameter has an annotation of int, float, bool or str and a default.
    short : mapping from str to str or None
        Other spellings of parameters, used where the factory has the long one and not the short.

    Raises
    ------
    ArgumentError
        If the name or a parameter is unknown, a value cannot be read, or what it asks for does not fit in memory.

    Examples
    --------
    >>> def square(side: float = 1.0) -> float:
    ...     return side**2
    >>> build("shape", "square:side=3", {"square": square})
    9.0
    """
    name, texts = parse_name(text)
    if name not in table:
        raise ArgumentError(f"unknown {kind} {name!r}{_hint(name, table)}; known are {', '.join(sorted(table))}")
    factory = table[name]
    known = inspect.signature(factory, eval_str=True).parameters
    values: dict[str, Any] = {}
    for given, value in texts.items():
        long = (short or {}).get(given, given)
        key = long if long in known and given not in known else given
        if key in values:
            raise ArgumentError(f"{text!r}: the parameter {key!r} is given twice")
        if key not in known:
            allowed = ", ".join(known) or "none"
            raise ArgumentError(f"{kind} {name!r} has no parameter {key!r}{_hint(key, known)}; it has {allowed}")
        values[key] = _convert(f"{kind} {name!r}: {key}", value, known[key].annotation)
    missing = [p.name for p in known.values() if p.default is p.empty and p.name not in values]
    if missing:
        raise ArgumentError(f"{kind} {name!r} needs the parameter {missing[0]!r}, as in {name}:{missing[0]}=...")
    try:
        return factory(**values)
    except HomotopyError:
        raise
    except (MemoryError, OverflowError, ValueError) as error:
        reason = str(error) or "not enough memory"
        raise ArgumentError(f"{kind} {text!r} cannot be made: {reason}") from None


def spell(name: str, factory: Callable[..., Any], *always: str, **values: Any) -> str:
    """Return the name from which `build` makes the same thing again.

    Parameters at their defaults are left out, but for those that `always` lists.

    Examples
    --------
    >>> def square(side: float = 1.0, color: str = "red") -> float:
    ...     return side**2
    >>> spell("square", square, side=3.0, color="red"), spell("square", square, "color", side=1.0, color="red")
    ('square:side=3', 'square:color=red')
    """
    known = inspect.signature(factory).parameters
    kept = {
        key: value
        for key, value in values.items()
        if value is not None and (key in always or value != known[key].default)
    }
    texts = [f"{key}={_text(value)}" for key, value in kept.items()]
    return name + (":" + ",".join(texts) if texts else "")


def _text(value: Any) -> str:
    """Return a parameter as `build` reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.17g}".removesuffix(".0") if isinstance(value, float) and value == int(value) else str(value)


def _convert(where: str, text: str, annotation: Any) -> Any:
    """Return `text` as the annotated type."""
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    options = getattr(annotation, "__args__", None) or (annotation,)
    for option in options:
        try:
            if option is bool:
                return words[text.lower()]
            if option in (int, float, str):
                value = option(text)
                if option is str or (isfinite(value) and not (option is int and abs(value) > _LARGEST)):
                    return value
        except (ValueError, KeyError):
            continue
    names = " or ".join(getattr(o, "__name__", str(o)) for o in options if o is not type(None))
    raise ArgumentError(f"{where} must be {names}, not {text!r}")


def _hint(word: str, known: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
