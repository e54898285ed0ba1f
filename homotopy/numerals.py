"""Numbers as they are written on a command line: one type for the options of every command."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from typing import Any

import click

__all__ = ["LIMIT", "POSITIVE", "SECONDS", "SHARE", "Number", "whole"]


class Number(click.types.FloatParamType):
    """A number in a range: what is allowed is said in words, NaN and digits with underscores never are."""

    name = "number"

    def __init__(self, allowed: str, holds: Callable[[float], bool], kind: type[int] | type[float] = float) -> None:
        self.allowed, self.holds, self.kind = allowed, holds, kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number of a text."""
        text = str(value)
        try:
            found = self.kind(text)
        except ValueError:  # texts, and numbers of thousands of digits
            found = nan
        if not text.isascii() or "_" in text or not self.holds(found):
            self.fail(f"must be {self.allowed}, not {text[:60]!r}", param, ctx)
        return found


def whole(least: int, most: int = 2**53) -> Number:
    """Return the type of a whole number from `least` to `most`."""
    return Number(f"an integer, at least {least}", lambda n: least <= n <= most, int)


POSITIVE = Number("a positive number", lambda x: 0.0 < x < inf)
LIMIT = Number("a positive number", lambda x: x > 0.0)  # infinite for no limit
SHARE = Number("a number, at least 0 and below 1", lambda x: 0.0 <= x < 1.0)
SECONDS = Number("a positive number of seconds, at most 1e9", lambda x: 0.0 < x <= 1e9)  # what an alarm can wait for
