"""Where the command line writes: data to stdout, talk to stderr, each as the terminal and NO_COLOR allow."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from math import isfinite
from typing import Any

import click
from rich.console import Console
from rich.table import Table

__all__ = ["QUIET", "emit_json", "err", "facts", "out", "quiet", "say", "table"]

QUIET = "homotopy.quiet"  # where the context keeps whether the user asked for no talk
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
    grid = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for i, heading in enumerate(headings):
        grid.add_column(heading, justify="right" if numbers and i else "left", header_style="dim", overflow="fold")
    for i, row in enumerate(rows):
        grid.add_row(*(cell.replace("[", "\\[") for cell in row), style="bold" if i == bold else None)
    if talk and quiet():
        return
    console = err() if talk else out()
    if title:  # on a line of its own, however long, which a title of the grid would not be
        console.print(title, style="bold", markup=False, soft_wrap=True)
    console.print(grid)


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
