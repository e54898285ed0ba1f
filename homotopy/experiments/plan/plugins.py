"""Problems, methods and homotopies of a user: from a Python file, or from an installed package's entry points."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from homotopy import homotopies, methods, problems
from homotopy.arguments import shown
from homotopy.doors.telling import FOREIGN
from homotopy.errors import ArgumentError, reason
from homotopy.extras import ORIGINS, extra

__all__ = ["blamed", "extra", "load", "load_entry_points"]

_loaded: dict[str, ModuleType] = {}
_loading = threading.RLock()  # two threads of a worker may meet the same file first
CALLED = re.compile(r"TypeError: (\w+)[\w.]*\(\) ")  # what Python says where arguments do not fit
NAME = re.compile(r"[^\s:,=+/]+")
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
        If the file is not there, cannot be run, has none of them, holds something else in one, or uses a name that is
        taken; nothing of it is entered then.
    """
    try:
        where = os.path.realpath(path)  # which a link that leads to itself does not keep it from
    except ValueError:
        raise ArgumentError(f"there is no plugin file {str(path)!r}") from None
    with _loading:
        if where not in _loaded:
            _loaded[where] = _run(where, path)
        return _loaded[where]


def _run(where: str, path: str | Path) -> ModuleType:
    """Run a file that was not run before and enter what it offers."""
    if not Path(where).is_file():
        raise ArgumentError(f"there is no plugin file {str(path)!r}")
    stem = name = f"homotopy_plugin_{Path(where).stem}"
    while name in sys.modules:  # a file of the same name in another folder
        name = f"{stem}_{len(sys.modules)}"
    spec = importlib.util.spec_from_file_location(name, where)
    if spec is None or spec.loader is None:
        raise ArgumentError(f"the plugin {str(path)!r} is not a Python file (.py)")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        _execute(module, spec.loader, str(path))
        offers = [(kind, *one) for kind in TABLES for one in _offered(module, kind, str(path))]
        if not any(hasattr(module, kind) for kind in TABLES):
            raise ArgumentError(f"the plugin {str(path)!r} has no dictionary METHODS, PROBLEMS or HOMOTOPIES")
        for offer in offers:
            _free(*offer, str(path))
    except BaseException:
        del sys.modules[name]
        raise
    for kind, key, factory in offers:
        TABLES[kind].BY_NAME[key] = factory
        ORIGINS[key] = load, (where,)
    return module


def _execute(module: ModuleType, loader: Any, path: str) -> None:
    """Run a file as a module."""
    try:
        loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a user's file may raise anything, and may leave Python
        raise ArgumentError(f"the plugin {path!r} cannot be run: {reason(error)}") from error


def _offered(module: ModuleType, kind: str, path: str) -> list[tuple[str, Callable[..., Any]]]:
    """Return the names and factories of a kind that a file offers, checked."""
    table = getattr(module, kind, {})
    if not isinstance(table, dict):
        raise ArgumentError(
            f"the plugin {path!r}: {kind} must be a dictionary of factories by name, not {shown(table)}"
        )
    for name, factory in table.items():
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise ArgumentError(
                f"the plugin {path!r}: a name in {kind} must be a text without spaces and : , = + /, not {shown(name)}"
            )
        if not callable(factory):
            raise ArgumentError(
                f"the plugin {path!r}: {name!r} in {kind} must be a class or a function, not {shown(factory)}"
            )
    return list(table.items())


def blamed(error: BaseException) -> str | None:
    """Return where in a plugin an error comes from, as in ``path.py, line 3,``; None where it does not.

    A function that cannot be called with what it is given has no line: then the plugin alone is told.
    """
    lines = traceback.walk_tb(error.__traceback__)
    found = [(frame.f_code.co_filename, line) for frame, line in lines if frame.f_code.co_filename in _loaded]
    if found:
        return f"{Path(found[-1][0]).name}, line {found[-1][1]},"
    if not isinstance(error, TypeError):
        return None
    called = CALLED.match(reason(error))
    name = called[1] if called else ""
    latest = list(reversed(_loaded.items()))
    own = (path for path, module in latest if _defines(module, name))
    given = [path for path, _ in latest] if any(FOREIGN in note for note in getattr(error, "__notes__", ())) else []
    return next((Path(path).name for path in (*own, *given)), None)


def _defines(module: ModuleType, name: str) -> bool:
    """Return whether a module defines a function or a class of a name."""
    return getattr(vars(module).get(name), "__module__", None) == module.__name__


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
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # another package's code
                raise ArgumentError(f"the entry point {point.name!r} = {point.value} fails: {reason(error)}") from error
            _free(kind, point.name, factory, point.value)
            TABLES[kind].BY_NAME[point.name] = factory
            ORIGINS[point.name] = load_entry_points, ()
            with suppress(AttributeError):
                factory.homotopy_entry_point = point.value


def _free(kind: str, name: str, factory: Callable[..., Any], source: str) -> None:
    """Refuse a name that is taken."""
    if TABLES[kind].BY_NAME.get(name, factory) is not factory:
        raise ArgumentError(f"{source}: the name {name!r} is taken in {kind}; choose another")
