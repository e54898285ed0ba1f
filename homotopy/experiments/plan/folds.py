"""Cross-validation: a problem in so many folds, none of which is named, stands for the group of all of them."""

from __future__ import annotations

from homotopy.errors import ArgumentError
from homotopy.naming import join, parse

__all__ = ["folds_of"]

WHOLE, ONE = "folds", "fold"  # the parameters: how many folds there are, and which one is held out
MOST = 1000


def folds_of(text: str) -> list[str]:
    """Return the names of all folds that a problem's name stands for: its own where it names one or has none.

    Raises
    ------
    ArgumentError
        If the number of folds is not a whole number from 2 to 1,000.

    Examples
    --------
    >>> folds_of("csv:path=d.csv,folds=2")
    ['csv:path=d.csv,folds=2,fold=0', 'csv:path=d.csv,folds=2,fold=1']
    >>> folds_of("csv:path=d.csv,folds=5,fold=3"), folds_of("xor")
    (['csv:path=d.csv,folds=5,fold=3'], ['xor'])
    """
    name, parameters = parse(text)
    if WHOLE not in parameters or ONE in parameters:
        return [text]
    number = parameters[WHOLE]
    if not number.isdecimal() or not 2 <= int(number) <= MOST:
        raise ArgumentError(f"{text!r}: folds must be a whole number from 2 to {MOST:,}, not {number}")
    return [join(name, parameters | {ONE: str(fold)}) for fold in range(int(number))]
