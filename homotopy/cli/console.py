"""Where the command line writes: data to stdout, talk to stderr, each as the terminal and NO_COLOR allow.

Every text passes `visible`, since names may be anybody's, and has stand-ins for what the stream cannot encode.
"""

from __future__ import annotations

import json
import os
import re
import sys
import textwrap
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

import click

from homotopy.texts import PLAIN, encoded, visible

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "QUIET",
    "Data",
    "echo",
    "emit_json",
    "err",
    "facts",
    "out",
    "quiet",
    "say",
    "seen",
    "speakable",
    "table",
    "warn",
    "width",
]

QUIET = "homotopy.quiet"  # where the context keeps whether the user asked for no talk
GAP = 3  # columns between two of a table
PLAIN_WIDTH = 160  # columns of texts where stdout is no terminal
NAME = 12  # columns that names keep where they give way to numbers
Row = Sequence[str]
OTHERS = re.compile(r"[^\n -~]")  # characters of a JSON text of which some cannot be seen


def speakable() -> None:
    """Let stdout and stderr write a stand-in for what their encoding lacks, whoever writes.

    Those that the caller closed (``>&-``) lead nowhere, under their own numbers: else a file that is opened later gets
    the number, and what is written past Python goes into it.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=PLAIN)


def _console(stream: Any) -> Console:
    from rich.console import Console

    room = None if stream.isatty() else PLAIN_WIDTH
    return Console(file=stream, width=room, highlight=False, markup=False, emoji=False, soft_wrap=False)


def out() -> Console:
    """Return the console of stdout."""
    return _console(sys.stdout)


def err() -> Console:
    """Return the console of stderr."""
    return _console(sys.stderr)


def width(most: int) -> int:
    """Return how many columns a text on stdout may take: `most`, or those of a terminal that has fewer."""
    return min(most, out().width) if sys.stdout.isatty() else most


def quiet() -> bool:
    """Return whether the user asked for no talk."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(QUIET))


def seen(text: str, stream: Any) -> str:
    """Return a text as it is written to a stream."""
    return encoded(visible(text), getattr(stream, "encoding", None) or "utf-8")


def echo(text: str = "", *, error: bool = False) -> None:
    """Write lines to stdout, or to stderr."""
    stream = sys.stderr if error else sys.stdout
    stream.write("".join(f"{seen(line, stream)}\n" for line in text.split("\n")))
    stream.flush()


def say(text: str) -> None:
    """Write a line of talk to stderr, unless it is to be quiet."""
    if not quiet():
        warn(text)


def warn(text: str) -> None:
    """Write a line to stderr, also where it is to be quiet: what went wrong."""
    err().print(seen(text, sys.stderr), soft_wrap=True)


class Data:
    """Stdout for the text of a file: UTF-8 whatever the terminal's encoding, since it is data; seen on a terminal."""

    def write(self, text: str) -> int:
        """Write a text."""
        binary = getattr(sys.stdout, "buffer", None)
        if binary is None or sys.stdout.isatty():
            sys.stdout.write("\n".join(seen(line, sys.stdout) for line in text.split("\n")))
        else:
            sys.stdout.flush()
            binary.write(text.encode("utf-8", "backslashreplace"))
            binary.flush()
        return len(text)


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

    Notes
    -----
    No number is ever broken. On a terminal that is too narrow, columns of numbers are told in several tables one below
    the other, each with the names; texts are folded at spaces, and where these columns get too narrow a row is told
    in several lines.
    """
    if talk and quiet():
        return
    console, stream = (err(), sys.stderr) if talk else (out(), sys.stdout)
    heads, *cells = ([seen(text, stream) for text in row] for row in (headings, *rows))
    if title:  # on a line of its own, however long, which a title of the grid would not be
        console.print(seen(title, stream), style="bold", soft_wrap=True)
    if numbers:
        _numbers(console, heads, cells, bold)
        return
    least = [max(map(_longest, column)) for column in zip(heads, *cells, strict=True)]
    room = console.width - GAP * (len(heads) - 1)
    if sum(least) > room and console.is_terminal:
        _stacked(console, heads, cells)
        return
    wide = [max(map(_wide, column)) for column in zip(heads, *cells, strict=True)]
    _draw(console, heads, cells, _shrunk(wide, least, room), bold=bold)


def _wide(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _longest(text: str) -> int:
    """Return the width of the longest word of a text."""
    return max(map(_wide, text.replace(" %", "\u00a0%").split(" ")))


def _numbers(console: Console, heads: Row, cells: Sequence[Row], bold: int | None) -> None:
    """Write a table of numbers, in as many parts as the width asks for."""
    columns = list(zip(*cells, strict=True)) if cells else [()] * len(heads)
    body = [max(map(_wide, column), default=0) for column in columns]
    least = [max(one, _longest(head)) for one, head in zip(body, heads, strict=True)]
    room = console.width if console.is_terminal else max(console.width, sum(least) + GAP * (len(heads) - 1))
    first = least[0]
    if sum(least) + GAP * (len(heads) - 1) > room:  # names give way to numbers
        first = min(first, max(NAME, room - GAP - max(least[1:], default=0)))
    parts: list[list[int]] = [[]]
    for i in range(1, len(heads)):
        if parts[-1] and first + sum(least[j] + GAP for j in (*parts[-1], i)) > room:
            parts.append([])
        parts[-1].append(i)
    for number, part in enumerate(parts):
        if number:
            console.print()
        kept = [0, *part]
        wide = [max(least[i], _wide(heads[i])) for i in part]
        widths = [first, *_shrunk(wide, [least[i] for i in part], room - first - GAP * len(part))]
        chosen = [[row[i] for i in kept] for row in cells]
        _draw(console, [heads[i] for i in kept], chosen, widths, bold=bold, side="right")


def _shrunk(wide: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Return the widths of columns that give way from `wide` to `least` as far as they must, the widest first."""
    out = list(wide)
    while sum(out) > room and any(now > width for now, width in zip(out, least, strict=True)):
        spare = [now - width for now, width in zip(out, least, strict=True)]
        out[spare.index(max(spare))] -= 1
    return out


def _draw(
    console: Console, heads: Row, cells: Sequence[Row], widths: Sequence[int], *, bold: int | None, side: str = "left"
) -> None:
    """Write one grid with columns of these widths, all but the first at one side."""
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    for i, (heading, wide) in enumerate(zip(heads, widths, strict=True)):
        folded = textwrap.fill(heading.replace(" %", "\u00a0%"), wide) if heading else heading
        justify: Any = side if i else "left"
        grid.add_column(
            Text(folded.replace("\u00a0", " ")), justify=justify, header_style="dim", overflow="fold", width=wide
        )
    for i, row in enumerate(cells):
        grid.add_row(*map(Text, row), style="bold" if i == bold else None)
    needed = sum(widths) + GAP * (len(heads) - 1)
    console.width = max(console.width, needed)  # a line that a terminal has to fold is whole, too
    console.print(grid)


def _stacked(console: Console, heads: Row, cells: Sequence[Row]) -> None:
    """Write a row in several lines: what is first, then each heading with its text, folded at spaces alone."""
    for first, *rest in cells:
        console.print(first, soft_wrap=True)
        for heading, text in zip(heads[1:], rest, strict=True):
            told = f"{heading}: {text}" if len(heads) > 2 else text
            lines = textwrap.wrap(
                told,
                console.width,
                initial_indent="  ",
                subsequent_indent="    ",
                break_long_words=False,
                break_on_hyphens=False,
            )
            for line in lines:
                console.print(line, soft_wrap=True)


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
    """Write data to stdout as JSON; numbers that JSON has not (NaN, infinity) become null.

    Characters that cannot be seen or encoded are written as JSON's escapes, so that reading gives the same texts.
    """
    ascii_only = not str(getattr(sys.stdout, "encoding", None) or "utf-8").lower().startswith("utf")
    text = json.dumps(_finite(data), indent=2, ensure_ascii=ascii_only, default=str)
    sys.stdout.write(OTHERS.sub(lambda found: found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1], text))
    sys.stdout.write("\n")
    sys.stdout.flush()


def _finite(data: Any) -> Any:
    if isinstance(data, dict):
        return {str(key): _finite(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_finite(value) for value in data]
    if hasattr(data, "tolist"):
        return _finite(data.tolist())
    if isinstance(data, float) and not isfinite(data):
        return None
    return data
