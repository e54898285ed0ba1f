"""``homotopy predict``: the rows of a table by a model that ``homotopy fit`` wrote."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import click

from homotopy.cli import options
from homotopy.cli.console import Data, say

if TYPE_CHECKING:
    from homotopy.fits import Model
    from homotopy.tables import Frame

__all__ = ["command"]


@click.command("predict")
@click.argument("model", metavar="MODEL")
@click.argument("file", metavar="FILE")
@click.option("--proba", is_flag=True, help="Probabilities, a column for each class.")
@click.option("-o", "--output", metavar="CSV", help="Write a file instead of stdout.")
@options.delimiter
@options.decimal
@options.force
@options.quiet
def command(
    model: str, file: str, *, proba: bool, output: str | None, delimiter: str | None, decimal: str | None, force: bool
) -> None:
    """Print what MODEL predicts for the rows of FILE as CSV: a header line, then one line a row.

    FILE has the columns of the table that MODEL was fitted to, in any order. Where it has the target too, the score
    goes to stderr.

    \b
    Examples:
      homotopy predict model.npz new.csv > predicted.csv
      homotopy predict model.npz new.csv --proba -o shares.csv
    """  # noqa: D301
    from homotopy.cli.tables.wording import worded
    from homotopy.errors import ArgumentError
    from homotopy.fits.table import load_model
    from homotopy.fits.table.files import free, put

    with worded(file):
        place = None if output is None else free(output, overwrite=force)
        found = load_model(model)
        if proba and found.data.target.loss == "squared":
            raise ArgumentError(f"--proba is for classes; {model} predicts numbers ({found.target})")
        frame = found.read(file, delimiter=delimiter, decimal=decimal)
        coded, notes = found.coded(frame)
        outputs = found.outputs(coded)
        text = _text(_probabilities(found, outputs) if proba else _values(found, found.decoded(outputs, frame)))
    for note in notes:
        say(note)
    if place is None:
        Data().write(text)
    else:
        put(place, lambda stream: stream.write(text.encode()))
        say(f"wrote {place}: {len(frame):,} row{'' if len(frame) == 1 else 's'}")
    _score(found, frame, outputs)


def _values(model: Model, values: Any) -> list[list[Any]]:
    """Return a header and one row a prediction."""
    return [list(model.data.target.names), *values.reshape(len(values), len(model.data.target.names)).tolist()]


def _probabilities(model: Model, outputs: Any) -> list[list[Any]]:
    """Return a header of classes and one row of probabilities each; of several targets the second class of each."""
    target = model.data.target
    names = model.classes or [f"{name}={one[1]}" for name, one in zip(target.names, target.classes, strict=True)]
    return [list(names), *model.shares(outputs).tolist()]


def _text(rows: list[list[Any]]) -> str:
    """Return rows as CSV; numbers with all their digits, names that a spreadsheet would compute with an apostrophe."""
    from homotopy.texts import cell

    made = io.StringIO()
    guarded = ([cell(v) if isinstance(v, str) else v for v in row] for row in rows)
    csv.writer(made, lineterminator="\n").writerows(guarded)
    return made.getvalue()


def _score(model: Model, frame: Frame, outputs: Any) -> None:
    """Say how good the predictions are, where the table has the targets."""
    import numpy as np

    from homotopy.errors import DataError
    from homotopy.fits.table.model import decodable

    target = model.data.target
    if not set(target.names) <= set(frame.names) or not len(frame):
        return
    truth = frame.chosen(target.names)
    known = ~np.any([column.missing for column in truth.columns], axis=0)
    if not known.any():
        return
    try:
        score = target.score(decodable(outputs[known], target.loss), target.encode(truth.taken(known)))
    except DataError as error:
        say(f"no score: {error}")
        return
    n = int(known.sum())
    which = "" if known.all() else f" that {'have' if n > 1 else 'has'} {target.names[0]!r}"
    if score == score:
        say(f"{target.score_name} {score:.4g} on the {n:,} row{'s' if n > 1 else ''} of {frame.source}{which}")
