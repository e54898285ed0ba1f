"""Where the command line writes: data to stdout, talk to stderr, each as the terminal and NO_COLOR allow."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any

import click
from rich.console import Console
from rich.table import Table

__all__ = ["emit_json", "err", "out", "say", "table"]

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
    while context is not None:
        if context.params.get("quiet"):
            return True
        context = context.parent
    return False


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
    """Write a table.

    Parameters
    ----------
    headings : iterable of str
        The column heads.
    rows : iterable of iterable of str
        The cells.
    title : str
        A line above the table.
    bold : int or None
        The number of a row to stress.
    numbers : bool
        Whether all columns but the first hold numbers, which stand to the right.
    talk : bool
        Whether it goes to stderr, and nowhere where that is to be quiet.
    """
    grid = Table(
        title=title or None, box=None, pad_edge=False, title_justify="left", title_style="bold", padding=(0, 3, 0, 0)
    )
    for i, heading in enumerate(headings):
        grid.add_column(heading, justify="right" if numbers and i else "left", header_style="dim", overflow="fold")
    for i, row in enumerate(rows):
        grid.add_row(*(cell.replace("[", "\\[") for cell in row), style="bold" if i == bold else None)
    if not talk:
        out().print(grid)
    elif not quiet():
        err().print(grid)


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
    convert: Callable[[], Any] | None = getattr(thing, "tolist", None)
    return convert() if convert else str(thing)
