"""Names: ``name:par=value,par=value``, read and spelled in this one place; lists and ranges; names inside names."""

from __future__ import annotations

import difflib
import inspect
import itertools
import re
import reprlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from math import isfinite
from typing import Any, TypeVar

from homotopy.errors import ArgumentError, HomotopyError, reason
from homotopy.extras import origins

__all__ = ["build", "expand", "hint", "join", "nest", "parse", "spell", "spelled", "unnest", "values", "written"]

T = TypeVar("T")
_MANY = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_LARGEST = 2**53
"""A larger integer is a typing error: no array is that long, and no loop ends."""
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
LITERAL = ("path", "target", "id", "time", "weights", "categories", "ignore", "delimiter")
"""Parameters whose text is taken as it stands: those of a user's file."""
RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)(?:\.\.(\d+))?")
LONGEST = 100_000
"""Values that one range may stand for."""


def parse(text: str) -> tuple[str, dict[str, str]]:
    """Split ``name:par=value,par=value`` into the name and the parameters' texts.

    Raises
    ------
    ArgumentError
        If it is no text, a part is not ``par=value``, or a parameter is given twice.

    Examples
    --------
    >>> parse("xor:hidden=3,activation=relu")
    ('xor', {'hidden': '3', 'activation': 'relu'})
    """
    if not isinstance(text, str):
        raise ArgumentError(f"a name must be a text like 'name:par=value', not {' '.join(reprlib.repr(text).split())}")
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


def join(name: str, parameters: Mapping[str, str]) -> str:
    """Return the text that `parse` splits into this name and these parameters.

    Raises
    ------
    ArgumentError
        If a value has a comma, which separates parameters.
    """
    for value in parameters.values():
        if "," in value:
            raise ArgumentError(f"{value!r} has a comma, which separates parameters; rename it")
    inside = ",".join(f"{key}={value}" for key, value in parameters.items())
    return f"{name}:{inside}" if inside else name


def nest(text: str) -> str:
    """Return a name as it stands as a value inside another name: with ``+`` for colon and comma, ``++`` one deeper.

    Examples
    --------
    >>> nest("gd:steps=500,step_size=0.1"), nest("multistart:of=gd+steps=500")
    ('gd+steps=500+step_size=0.1', 'multistart+of=gd++steps=500')
    """
    name, colon, rest = re.sub(r"\++", r"+\g<0>", text).partition(":")
    return name + ("+" if colon else "") + rest.replace(",", "+")


def unnest(text: str) -> str:
    """Return the name that `nest` made a value of.

    Examples
    --------
    >>> unnest("gd+steps=500+step_size=0.1"), unnest("multistart+of=gd++steps=500")
    ('gd:steps=500,step_size=0.1', 'multistart:of=gd+steps=500')
    """
    marks = itertools.chain([":"], itertools.repeat(","))
    return re.sub(r"\++", lambda found: found[0][1:] or next(marks), text)


def build(
    kind: str,
    text: str,
    table: Mapping[str, Callable[..., T]],
    *,
    short: Mapping[str, str] | None = None,
    readers: Mapping[Any, Callable[[str], Any]] | None = None,
) -> T:
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
    readers : mapping from type to callable or None
        How to read parameters of other types.

    Raises
    ------
    ArgumentError
        If the name or a parameter is unknown, a value cannot be read, what it asks for does not fit in memory, or the
        factory of a plugin raises an error.

    Examples
    --------
    >>> def square(side: float = 1.0) -> float:
    ...     return side**2
    >>> build("shape", "square:side=3", {"square": square})
    9.0
    """
    name, texts = parse(text)
    if name not in table:
        raise ArgumentError(f"unknown {kind} {name!r}{hint(name, table)}; known are {', '.join(sorted(table))}")
    factory = table[name]
    try:
        known = {
            key: p for key, p in inspect.signature(factory, eval_str=True).parameters.items() if p.kind not in _MANY
        }
    except Exception as error:  # annotations are code
        raise ArgumentError(
            f"{kind} {name!r}: the parameters of its factory cannot be read: {reason(error)}"
        ) from error
    chosen: dict[str, Any] = {}
    for given, value in texts.items():
        long = (short or {}).get(given, given)
        key = long if long in known and given not in known else given
        if key in chosen:
            raise ArgumentError(f"{text!r}: the parameter {key!r} is given twice")
        if key not in known:
            allowed = ", ".join(known) or "none"
            raise ArgumentError(f"{kind} {name!r} has no parameter {key!r}{hint(key, known)}; it has {allowed}")
        chosen[key] = _read(f"{kind} {name!r}: {key}", value, known[key].annotation, readers or {})
    missing = [p.name for p in known.values() if p.default is p.empty and p.name not in chosen]
    if missing:
        raise ArgumentError(f"{kind} {name!r} needs the parameter {missing[0]!r}, as in {name}:{missing[0]}=...")
    try:
        return factory(**chosen)
    except HomotopyError:
        raise
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a plugin's factory may raise anything
        own = isinstance(error, (MemoryError, OverflowError, ValueError))
        if not own and not origins(text):
            raise
        why = reason(error)
        told = why.removeprefix(f"{type(error).__name__}: ") if own else why
        raise ArgumentError(f"{kind} {text!r} cannot be made: {told}") from error


def _read(where: str, text: str, annotation: Any, readers: Mapping[Any, Callable[[str], Any]]) -> Any:
    """Return `text` as the annotated type."""
    options = getattr(annotation, "__args__", None) or (annotation,)
    for option in options:
        try:
            if option in readers:
                return readers[option](text)
            if option is bool:
                return _WORDS[text.lower()]
            if option in (int, float, str):
                if option is not str and ("_" in text or not text.isascii()):  # which Python's int() and float() take
                    continue
                value = option(text)
                if option is str or (isfinite(value) and not (option is int and abs(value) > _LARGEST)):
                    return value
        except ArgumentError:
            raise
        except (ValueError, KeyError):
            continue
    names = " or ".join(getattr(o, "__name__", str(o)) for o in options if o is not type(None))
    raise ArgumentError(f"{where} must be {names}, not {text!r}")


def spell(name: str, factory: Callable[..., Any], *always: str, **given: Any) -> str:
    """Return the name from which `build` makes the same thing again.

    Parameters at their defaults are left out, but for those that `always` lists.

    Examples
    --------
    >>> def square(side: float = 1.0, color: str = "red", filled: bool = False) -> float:
    ...     return side**2
    >>> spell("square", square, side=3.0, color="red"), spell("square", square, "color", color="red", filled=True)
    ('square:side=3', 'square:color=red,filled=yes')
    """
    known = _parameters(factory)
    texts = {key: written(value) for key, value in given.items() if value is not None}
    kept = {
        key: text
        for key, text in texts.items()
        if key in always or known[key].default is inspect.Parameter.empty or text != written(known[key].default)
    }
    return name + (":" + ",".join(f"{key}={text}" for key, text in kept.items()) if kept else "")


def spelled(thing: Any, name: str) -> str:
    """Return `spell` of an object that keeps each parameter of its constructor in an attribute of that name."""
    kind: Callable[..., Any] = type(thing)
    return spell(name, kind, **{key: getattr(thing, key) for key in _parameters(kind)})


@cache
def _parameters(factory: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(factory).parameters


def written(value: Any) -> str:
    """Return a parameter's value as `build` reads it; what has a name of its own is nested.

    Examples
    --------
    >>> written(True), written(300.0), written(1e300), written(0.1), written("relu")
    ('yes', '300', '1e300', '0.1', 'relu')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(value).removesuffix(".0").replace("e+", "e")  # a plus would nest
    if isinstance(value, type):
        return value.__name__
    own = getattr(value, "name", None)
    return nest(own) if isinstance(own, str) else str(value)


def expand(text: str) -> list[str]:
    """Return the names that a name with lists and ranges stands for.

    Parameters
    ----------
    text : str
        ``name:par=value,...`` where a value may be a list ``6/10/20``, a range ``6..20`` (both ends included) or a
        range with a step ``6..20..2``, or a list of these (`values`); path and columns of a file stay as they are.

    Examples
    --------
    >>> expand("teacher:k=6..8")
    ['teacher:k=6', 'teacher:k=7', 'teacher:k=8']
    >>> expand("xor:hidden=2/3,activation=tanh/relu")[1]
    'xor:hidden=2,activation=relu'
    """
    name, parameters = parse(text)
    choices = [[value] if key in LITERAL else values(text, value) for key, value in parameters.items()]
    return [join(name, dict(zip(parameters, chosen, strict=True))) for chosen in itertools.product(*choices)]


def values(text: str, value: str) -> list[str]:
    """Return the values of a list or a range, which `text` holds; a single value is a list of one.

    Raises
    ------
    ArgumentError
        If a range is empty or too long, or a list has an empty part.
    """
    out: list[str] = []
    for part in value.split("/"):
        if not part:
            raise ArgumentError(f"{text!r}: the list {value!r} has an empty part")
        match = RANGE.fullmatch(part)
        out += [str(n) for n in _range(text, part, match)] if match else [part]
    return out


def _range(text: str, part: str, match: re.Match[str]) -> range:
    low, high, step = int(match[1]), int(match[2]), int(match[3] or 1)
    if step < 1 or high < low:
        raise ArgumentError(f"{text!r}: the range {part!r} is empty; write low..high or low..high..step")
    if (high - low) // step >= LONGEST:
        raise ArgumentError(f"{text!r}: the range {part!r} has more than {LONGEST} values")
    return range(low, high + 1, step)


def hint(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean 'this'?)`` where one of the known words is close, else nothing."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
