"""What comes from outside: optional dependencies, and the names of problems, methods and homotopies that plugins bring.

Optional dependencies are imported where they are used, and a sentence names the extra where they are not there.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from homotopy.errors import MissingExtraError

__all__ = ["ORIGINS", "extra", "origins", "remade"]

T = TypeVar("T")
Origin = tuple[Callable[..., Any], tuple[Any, ...]]
ORIGINS: dict[str, Origin] = {}
"""Where a name comes from that is not the package's own: a function and its arguments, which enter it again."""


def extra(module: str, name: str, purpose: str) -> Any:
    """Return an optional module that the extra `name` brings; the message says for what purpose it is needed.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise MissingExtraError(f"{purpose} needs the extra {name}: pip install 'homotopy-opt[{name}]'") from None


def origins(text: str) -> tuple[Origin, ...]:
    """Return what enters the names in a text that are not the package's own (`ORIGINS`)."""
    return tuple(dict.fromkeys(ORIGINS[word] for word in re.split(r"[:,=+/]", text) if word in ORIGINS))


def remade(make: Callable[[str], T], text: str, needed: Iterable[Origin]) -> T:
    """Return what `make` makes of a text; a pickle of what was made by name holds these three in its place."""
    for enter, arguments in needed:
        enter(*arguments)
    return make(text)
