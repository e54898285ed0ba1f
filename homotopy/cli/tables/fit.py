"""``homotopy fit``: a net for a user's table, judged and written to a file."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from homotopy.cli import options
from homotopy.cli.console import echo, emit_json, err, quiet, say
from homotopy.cli.options import load_plugins

__all__ = ["command"]

QUIET_FOR = 10.0  # seconds between two lines of progress where stderr is no terminal


@click.command("fit")
@click.argument("file", metavar="FILE")
@click.option("--target", required=True, metavar="COLUMN", help="What is to be predicted; y1+y2 for two.")
@click.option("-o", "--output", required=True, metavar="MODEL", help="Where the model goes (.npz).")
@options.missing_cells
@click.option("-m", "--method", default="auto", show_default=True, type=options.METHOD, metavar="METHOD", help="How.")
@click.option(
    "--budget", type=options.LIMIT, default=1000.0, show_default=True, metavar="B", help="Gradients a net may cost."
)
@click.option("--seconds", type=options.LIMIT, metavar="S", help="Wall-clock seconds of the fit, after reading.")
@click.option("--alpha", default="cv", show_default=True, metavar="A", help="The penalty: a number, or cv.")
@click.option(
    "--ensemble", type=options.whole(1), default=1, show_default=True, metavar="K", help="Nets that are averaged."
)
@click.option("--hidden", default="32", show_default=True, metavar="H", help="Hidden units: 8, 8+8; 0 for none.")
@click.option("--activation", default="relu", show_default=True, metavar="NAME", help="Of the hidden units.")
@click.option("--loss", metavar="NAME", help="squared, logistic or softmax; by the target unless set.")
@click.option(
    "--test", type=options.SHARE, default=0.25, show_default=True, metavar="SHARE", help="Rows held out for scores."
)
@click.option("--no-standardize", is_flag=True, help="Leave numbers in their units.")
@click.option("--weights", metavar="COLUMN", help="What each row counts.")
@click.option("--class-weight", type=click.Choice(["balanced"]), help="Let all classes count alike.")
@click.option("--categories", metavar="COLUMNS", help="Categories that look like numbers: a+b.")
@click.option("--ignore", metavar="COLUMNS", help="Columns that are no inputs: id+name.")
@options.delimiter
@options.decimal
@options.seed
@options.force
@options.plugin
@options.as_json
@options.quiet
def command(file: str, output: str, as_json: bool, force: bool, **settings: Any) -> None:
    """Fit a net to FILE, a table whose first row names the columns, and write MODEL.

    Words become classes or columns of 0 and 1, numbers are standardized, the penalty is chosen by cross-validation, and
    the scores on rows held out stand beside those of a constant and of a linear model.

    \b
    Examples:
      homotopy fit people.csv --target income --missing mean -o model.npz
      homotopy fit houses.csv --target price --hidden 8+8 --ensemble 5 -o model
    """  # noqa: D301
    from homotopy.cli.tables.summary import summary
    from homotopy.cli.tables.wording import worded
    from homotopy.fits.table import fit_table
    from homotopy.fits.table.files import free

    with worded(file):
        free(output, overwrite=force, ending=".npz")
        load_plugins(settings.pop("plugins"))
        chosen = {name: value for name, value in settings.items() if value is not None}
        chosen["alpha"] = _number(chosen["alpha"])
        standardize = not chosen.pop("no_standardize")
        with _progress() as told:
            fitted = fit_table(file, chosen.pop("target"), standardize=standardize, told=told, **chosen)
        written = fitted.model.save(output, overwrite=force)
    if as_json:
        emit_json(fitted.to_dict() | {"written": written})
    else:
        echo(summary(fitted, file, written))


def _number(text: str) -> Any:
    """Return a number where the text is one; else the text, which is judged where it is used."""
    try:
        return float(text)
    except ValueError:
        return text


@contextmanager
def _progress() -> Iterator[Callable[[str], object]]:
    """Yield what shows the present stage on stderr: alive on a terminal, a line now and then elsewhere."""
    if quiet():
        yield lambda words: None
    elif sys.stderr.isatty():
        with err().status("reading the table") as status:
            yield lambda words: status.update(words)
    else:
        last = time.perf_counter()

        def line(words: str) -> None:
            nonlocal last
            if time.perf_counter() - last >= QUIET_FOR:
                last = time.perf_counter()
                say(words)

        yield line
