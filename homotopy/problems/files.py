"""The named problem of a user's file, and the file's name as that of a problem."""

from __future__ import annotations

import re
from typing import Any

from homotopy.naming import parse, spell
from homotopy.problems.base import Problem
from homotopy.problems.table import from_table, widths

__all__ = ["csv", "file_parts"]

_FILE = re.compile(r"(.+?\.csv)(?::(.*))?", re.IGNORECASE)


def file_parts(text: str) -> tuple[str, dict[str, str]] | None:
    """Return the path and the parameters of a file's name, ``data.csv`` or ``data.csv:par=value,...``; else None.

    Examples
    --------
    >>> file_parts("houses.csv:hidden=8+8"), file_parts("xor"), file_parts("csv:path=houses.csv")
    (('houses.csv', {'hidden': '8+8'}), None, None)
    """
    found = _FILE.fullmatch(text) if isinstance(text, str) else None
    if found is None or text.startswith(("csv:", "sequences:")):
        return None
    return found[1], parse(f"csv:{found[2] or ''}")[1]


def csv(
    path: str,
    target: str | None = None,
    hidden: int | str = 8,
    activation: str = "tanh",
    loss: str | None = None,
    l2: float = 0.0,
    standardized: bool = True,
    missing: str | None = None,
    test: float = 0.0,
    folds: int | None = None,
    fold: int | None = None,
    seed: int = 0,
    weights: str | None = None,
    class_weight: str | None = None,
    categories: str | None = None,
    ignore: str | None = None,
    delimiter: str | None = None,
    decimal: str = "point",
) -> Problem:
    """Fit a net to a user's file.

    Parameters
    ----------
    path : str
        A text file whose first row names the columns.
    target : str or None
        The target's column, or several as ``y1+y2``; by default the last column.
    hidden : int or str
        Units of each hidden layer, as ``8`` or ``8+8``; 0 for none.
    activation, loss, l2
        As for `homotopy.from_table`.
    standardized : bool
        Whether inputs, and targets under the squared loss, are standardized.
    missing, test, folds, fold, seed
        As for `homotopy.from_table`.
    weights : str or None
        The column that says what each row counts.
    class_weight : str or None
        ``balanced``.
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
    The optimum is unknown, so that a run counts as ended well when it converged. Starts have weights
    N(0, 1/n_inputs) and biases N(0, 0.01).
    """
    net = "+".join(map(str, widths(hidden))) or "0"
    given: dict[str, Any] = {
        "activation": activation,
        "loss": loss,
        "l2": l2,
        "missing": missing,
        "test": test,
        "folds": folds,
    }
    given |= {"fold": fold, "seed": seed, "weights": weights, "class_weight": class_weight, "delimiter": delimiter}
    name = spell(
        "csv",
        csv,
        path=str(path),
        target=target,
        hidden=net,
        **given,
        standardized=standardized,
        categories=categories,
        ignore=ignore,
        decimal=decimal,
    )
    given |= {"categories": categories or (), "ignore": ignore or ()}
    return from_table(str(path), target, hidden=hidden, standardize=standardized, decimal=decimal, name=name, **given)
