"""The named problem of a file with a user's sequences."""

from __future__ import annotations

from typing import Any

from homotopy.doors import door
from homotopy.naming import spell
from homotopy.problems.base import Problem
from homotopy.problems.sequences.making import from_sequences

__all__ = ["sequences"]


@door
def sequences(
    path: str,
    target: str | None = None,
    id: str | None = None,
    time: str | None = None,
    hidden: int = 8,
    activation: str = "tanh",
    cell: str = "elman",
    loss: str | None = None,
    l2: float = 0.0,
    standardized: bool = True,
    predict: str | None = None,
    windows: int | None = None,
    washout: int = 0,
    state: str | None = None,
    start: str = "orthogonal",
    missing: str | None = None,
    test: float = 0.0,
    folds: int | None = None,
    fold: int | None = None,
    seed: int = 0,
    categories: str | None = None,
    ignore: str | None = None,
    delimiter: str | None = None,
    decimal: str = "point",
) -> Problem:
    """Fit a recurrent net to a user's file of sequences.

    Parameters
    ----------
    path : str
        A text file in the long form, a row a step, whose first row names the columns; or an .npz file with arrays
        ``X``, ``y`` and perhaps ``lengths``.
    target, id, time
        As for `homotopy.from_sequences`: columns of the text file.
    hidden, activation, cell, loss, l2
        As for `homotopy.from_sequences`.
    standardized : bool
        Whether inputs, and targets under the squared loss, are standardized.
    predict, windows, washout, state, start, missing, test, folds, fold, seed
        As for `homotopy.from_sequences`.
    categories, ignore : str or None
        Columns that are categories though they look like numbers, and columns that are no inputs, as ``a+b``.
    delimiter : str or None
        One character, or ``comma``, ``semicolon``, ``tab``, ``space``, ``pipe``; found by default.
    decimal : str
        ``point`` or ``comma``.

    Raises
    ------
    ArgumentError
        If a parameter is not allowed.
    DataError
        If the file cannot be used.

    Notes
    -----
    The optimum is unknown, so that a run counts as ended well when it converged.
    """
    given: dict[str, Any] = {"target": target, "id": id, "time": time, "hidden": hidden, "activation": activation}
    given |= {"cell": cell, "loss": loss, "l2": l2, "predict": predict, "windows": windows, "washout": washout}
    given |= {"state": state, "start": start, "missing": missing, "test": test, "folds": folds, "fold": fold}
    given |= {"seed": seed, "delimiter": delimiter, "decimal": decimal}
    named: dict[str, Any] = {"standardized": standardized, "categories": categories, "ignore": ignore}
    name = spell("sequences", sequences, path=str(path), **given, **named)
    given |= {"categories": categories or (), "ignore": ignore or ()}
    return from_sequences(str(path), standardize=standardized, name=name, **given)
