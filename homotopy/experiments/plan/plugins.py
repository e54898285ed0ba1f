"""Problems, methods and homotopies of a user: from a Python file, or from an installed package's entry points."""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from homotopy import homotopies, methods, problems
from homotopy.errors import ArgumentError
from homotopy.extras import extra

__all__ = ["extra", "load", "load_entry_points"]

_loaded: dict[str, ModuleType] = {}
_loading = threading.RLock()  # two threads of a worker may meet the same file first
TABLES: dict[str, ModuleType] = {"PROBLEMS": problems, "METHODS": methods, "HOMOTOPIES": homotopies}


def load(path: str | Path) -> ModuleType:
    """Run a plugin file and enter what it offers under its names; a second time does nothing.

    The file has a dictionary ``METHODS``, ``PROBLEMS`` or ``HOMOTOPIES``, or several, from names to factories: a
    factory's parameters have annotations (int, float, bool, str) and defaults, and its Method or Problem carries the
    full name, parameters included. A homotopy's class takes the objective first, then ``x0`` where it needs a point;
    ``graduated:along=NAME`` and ``track:along=NAME`` use it.

    Raises
    ------
    ArgumentError
        If the file is not there, cannot be run, has none of them, or uses a name that is taken.
    """
    where = str(Path(path).resolve())
    with _loading:
        if where not in _loaded:
            _loaded[where] = _run(where, path)
        return _loaded[where]


def _run(where: str, path: str | Path) -> ModuleType:
    """Run a file that was not run before and enter what it offers."""
    if not Path(where).is_file():
        raise ArgumentError(f"there is no plugin file {str(path)!r}")
    name = f"homotopy_plugin_{Path(where).stem}"
    spec = importlib.util.spec_from_file_location(name, where)
    if spec is None or spec.loader is None:
        raise ArgumentError(f"the plugin {str(path)!r} is not a Python file (.py)")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # a user's file may raise anything
        del sys.modules[name]
        raise ArgumentError(f"the plugin {str(path)!r} cannot be run: {type(error).__name__}: {error}") from error
    given = {kind: getattr(module, kind) for kind in TABLES if hasattr(module, kind)}
    if not given:
        raise ArgumentError(f"the plugin {str(path)!r} has no dictionary METHODS, PROBLEMS or HOMOTOPIES")
    for kind, table in given.items():
        for key, factory in table.items():
            _enter(kind, key, factory, str(path))
    return module


def load_entry_points() -> None:
    """Enter what installed packages offer under the entry points ``homotopy.methods``, ``.problems``, ``.homotopies``.

    Raises
    ------
    ArgumentError
        If an entry point cannot be loaded or uses a name that is taken.
    """
    for kind in TABLES:
        for point in entry_points(group=f"homotopy.{kind.lower()}"):
            if getattr(TABLES[kind].BY_NAME.get(point.name), "homotopy_entry_point", None) == point.value:
                continue
            try:
                factory = point.load()
            except Exception as error:  # another package's code
                raise ArgumentError(f"the entry point {point.name!r} = {point.value} fails: {error}") from error
            _enter(kind, point.name, factory, point.value)
            with suppress(AttributeError):
                factory.homotopy_entry_point = point.value


def _enter(kind: str, name: str, factory: Callable[..., Any], source: str) -> None:
    """Enter one factory; a name that is taken is refused."""
    table: dict[str, Callable[..., Any]] = TABLES[kind].BY_NAME
    if table.get(name, factory) is not factory:
        raise ArgumentError(f"{source}: the name {name!r} is taken in {kind}; choose another")
    table[name] = factory
