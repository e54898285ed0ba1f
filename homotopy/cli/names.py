"""How things are named on the command line: problems as CSV files too, and everything in files of a user's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from homotopy.errors import ArgumentError
from homotopy.naming import join

__all__ = ["load_plugins", "plain", "problem_texts"]


def load_plugins(paths: Iterable[str]) -> None:
    """Enter what installed packages offer, then what these files do.

    Raises
    ------
    ArgumentError
        If one of them cannot be loaded or uses a name that is taken.
    """
    from homotopy.experiments.plan.plugins import load, load_entry_points

    load_entry_points()
    for path in paths:
        load(path)


def problem_texts(words: Iterable[str], target: str | None) -> list[str]:
    """Return the problems' names; a path that ends in ``.csv`` becomes the problem ``csv`` with that target column.

    Raises
    ------
    ArgumentError
        If a file is given without a target or a target without a file, or a path has a comma.
    """
    words = list(words)
    files = [word for word in words if is_file(word)]
    if files and target is None:
        raise ArgumentError(f"{files[0]!r} needs the name of its target column, as in --target y")
    if target is not None and not files:
        raise ArgumentError("--target goes with a file that ends in .csv, and none was given")
    return [join("csv", {"path": word, "target": str(target)}) if is_file(word) else word for word in words]


def is_file(word: str) -> bool:
    """Return whether a word is a CSV file and not a name with parameters."""
    return word.lower().endswith(".csv") and "path=" not in word


def plain(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that are set, so that a stored command is short."""
    return {key: value for key, value in settings.items() if value is not None and value != () and value != ""}
