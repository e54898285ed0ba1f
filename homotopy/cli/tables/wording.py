"""Sentences of the package as the command line says them: ``missing=mean`` is ``--missing mean`` there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from homotopy.errors import HomotopyError

__all__ = ["as_options", "worded"]

_TOLD = re.compile(r"(?<![a-z_])[a-z_]+=\w+ \(on the command line (--[^)]+)\)")
_GIVEN = re.compile(
    r"(?<![\w-])(alpha|categories|class_weight|decimal|delimiter|ensemble|hidden|ignore|loss|missing|test|weights)=(?=\S)"
)


def as_options(text: str, path: str = "") -> str:
    """Return a sentence with arguments as options, but for the path of a file in it.

    Examples
    --------
    >>> as_options("loss=1.csv: column 'id' is no input; ignore=id leaves it out", "loss=1.csv")
    "loss=1.csv: column 'id' is no input; --ignore id leaves it out"
    """
    parts = text.split(path) if path else [text]
    return path.join(_GIVEN.sub(_option, _TOLD.sub(r"\1", part)) for part in parts)


def _option(found: re.Match[str]) -> str:
    return f"--{found[1].replace('_', '-')} "


@contextmanager
def worded(path: str) -> Iterator[None]:
    """Raise the errors of what is done inside with their sentences as `as_options` says them."""
    try:
        yield
    except HomotopyError as error:
        raise type(error)(as_options(str(error), path)) from None
