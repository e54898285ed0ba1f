"""Where the command line writes: data to stdout, talk to stderr, each as the terminal and NO_COLOR allow."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterable
from math import isfinite
from typing import Any, Literal

import click
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

__all__ = ["QUIET", "emit_json", "err", "facts", "out", "quiet", "say", "table", "warn"]

QUIET = "homotopy.quiet"  # where the context keeps whether the user asked for no talk
GAP = 3  # columns between two of a table
PLAIN_WIDTH = 160  # columns where stdout is no terminal, so that nothing is cut


def _console(stream: Any) -> Console:
    width = None if stream.isatty() else PLAIN_WIDTH
    return Console(file=stream, width=width, highlight=False, soft_wrap=False)


def out() -> Console:
    """Return the console of stdout."""
    return _console(sys.stdout)


def err() -> Console:
    """Return the console of stderr."""
    return _console(sys.stderr)


def quiet() -> bool:
    """Return whether the user asked for no talk."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(QUIET))


def say(text: str) -> None:
    """Write a line of talk to stderr, unless it is to be quiet."""
    if not quiet():
        warn(text)


def warn(text: str) -> None:
    """Write a line to stderr, also where it is to be quiet: what went wrong."""
    err().print(text, markup=False, soft_wrap=True)


def table(
    headings: Iterable[str],
    rows: Iterable[Iterable[str]],
    *,
    title: str = "",
    bold: int | None = None,
    numbers: bool = False,
    talk: bool = False,
) -> None:
    """Write a table with a title above it and the row of number `bold` stressed.

    With `numbers`, all columns but the first stand to the right. With `talk` it goes to stderr, and nowhere where that
    is to be quiet.
    """
    if talk and quiet():
        return
    console = err() if talk else out()
    heads, cells = list(headings), [list(row) for row in rows]
    least = [max((cell_len(row[i]) for row in cells), default=0) for i in range(len(heads))]
    grid = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    for i, heading in enumerate(_folded(heads, least, console.width - GAP * (len(heads) - 1))):
        side: Literal["left", "right"] = "right" if numbers and i else "left"
        grid.add_column(heading, justify=side, header_style="dim", overflow="fold")
    for i, row in enumerate(cells):
        grid.add_row(*(cell.replace("[", "\\[") for cell in row), style="bold" if i == bold else None)
    if title:  # on a line of its own, however long, which a title of the grid would not be
        console.print(title, style="bold", markup=False, soft_wrap=True)
    console.print(grid)


def _folded(headings: list[str], least: list[int], room: int) -> list[str]:
    """Return headings folded at spaces as far as their columns have to give way, so that cells stand whole if they can.

    `least` has the width of the widest cell of each column, `room` is that of all columns together.
    """
    headings = [name.replace(" %", "\u00a0%") for name in headings]  # a number and its unit stay together
    least = [max(width, *map(cell_len, name.split(" "))) for width, name in zip(least, headings, strict=True)]
    wide = [max(width, cell_len(name)) for width, name in zip(least, headings, strict=True)]
    while sum(wide) > room and any(now > width for now, width in zip(wide, least, strict=True)):
        spare = [now - width for now, width in zip(wide, least, strict=True)]
        wide[spare.index(max(spare))] -= 1
    return [
        textwrap.fill(name, width).replace("\u00a0", " ") if name else name
        for name, width in zip(headings, wide, strict=True)
    ]


def facts(data: dict[str, Any]) -> None:
    """Write names with their values as a table: yes or no, six digits, and "unknown" for None."""
    table(("what", "value"), [(name.replace("_", " "), _fact(value)) for name, value in data.items()])


def _fact(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {inner}" for key, inner in value.items()) or "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return "–" if value != value else f"{value:.6g}"
    return "unknown" if value is None else str(value)


def emit_json(data: Any) -> None:
    """Write data to stdout as JSON; numbers that JSON has not (NaN, infinity) become null."""
    click.echo(json.dumps(_finite(data), indent=2, ensure_ascii=False, default=_plain))


def _finite(data: Any) -> Any:
    if isinstance(data, dict):
        return {str(key): _finite(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_finite(value) for value in data]
    if isinstance(data, float) and not isfinite(data):
        return None
    return data


def _plain(thing: Any) -> Any:
    return thing.tolist() if hasattr(thing, "tolist") else str(thing)
