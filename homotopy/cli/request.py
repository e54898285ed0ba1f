"""A comparison as it was asked for: options over a configuration file over defaults; run, shown and written."""

from __future__ import annotations

import os
import shlex
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from homotopy.cli.console import echo, emit_json, say, table, warn
from homotopy.cli.options import load_plugins, plain, problem_texts, tell
from homotopy.cli.signals import on_interruption
from homotopy.errors import DamageWarning
from homotopy.naming import parse

__all__ = ["asked_again", "damage_told", "execute", "limits", "prepared", "show"]


def prepared(problems: Iterable[str], options: dict[str, Any]) -> dict[str, Any]:
    """Return the request of a command line: its options, None where not given, over those of ``--config``.

    Problems are names or .csv files, and without any those of the configuration; if there are none either, this is a
    UsageError.
    """
    from homotopy.experiments.plan.config import read_config

    words = list(problems)
    options = plain(options)
    config = options.pop("config", None)
    request = plain((read_config(config) if config else {}) | options)
    words = words or request.get("problems", [])
    names = [*words, *request.get("groups", {})]
    if not names:
        raise click.UsageError("name one problem or more, as in: homotopy compare xor")
    texts = problem_texts(words, request.pop("target", None), request.pop("missing", None))
    return request | {"problems": texts, "words": names}


@contextmanager
def damage_told() -> Iterator[None]:
    """Say on stderr, also where it is to be quiet, what is damaged in the stores that are read meanwhile."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", DamageWarning)
        shown = warnings.showwarning

        def told(message: Any, category: Any, *rest: Any, **named: Any) -> None:
            if issubclass(category, DamageWarning):
                warn(f"homotopy: warning: {message}")
            else:
                shown(message, category, *rest, **named)

        warnings.showwarning = told
        yield


def asked_again(store: Path, command: dict[str, Any], settings: dict[str, Any]) -> tuple[dict[str, Any], Path]:
    """Return the request of a stored command with present settings, and the folder its relative paths start from.

    What a store names is not trusted to run code: plugins and the address of a scheduler, which sends pickles, count
    only where they are given now; if the command had some and they are not, this is a UsageError. So `plugins` of the
    settings start from the present folder.

    Raises
    ------
    DataError
        If the store's command is not one of this package.
    """
    from homotopy.experiments.plan.config import stored

    request = stored(f"the command in {str(store)!r}", command)
    settings = plain(settings)
    named, given = request.pop("plugins", []), settings.get("plugins", ())
    if named and not given:
        raise click.UsageError(
            f"the runs in {str(store.parent)!r} were made with {'plugins' if len(named) > 1 else 'the plugin'} "
            f"{', '.join(map(repr, named))}; a store runs no code, say --plugin FILE for what is to be loaded"
        )
    address = request.pop("address", "")
    if address and not {"address", "executor"} & set(settings):
        raise click.UsageError(
            f"the runs in {str(store.parent)!r} were made by the Dask scheduler {address!r}; say --address URL to "
            "connect to one, or --executor threads"
        )
    settings |= {"plugins": [os.path.realpath(file) for file in given], "output": os.path.realpath(store.parent)}
    if settings.get("address") and "executor" not in settings:
        settings["executor"] = "dask"
    return request | settings, _home(store, request)


def _home(store: Path, request: dict[str, Any]) -> Path:
    """Return the folder from which the relative paths of a stored request lead to its files.

    It is the folder in which the command was given, as it lies from the store, so that a tree of folders may be moved;
    or as it was called then; or the present one: the first in which all files are there.
    """
    names = [*request.get("problems", []), *(name for group in request.get("groups", {}).values() for name in group)]
    paths = [parse(name)[1].get("path", "") for name in names if name.startswith(("csv:", "sequences:"))]
    files = [path for path in paths if path and not Path(path).is_absolute()]
    places = [Path(request["folder"])] if "folder" in request else []
    if "place" in request:
        places.insert(0, Path(os.path.realpath(store.parent), request["place"]))
    return next((place for place in places if files and all((place / file).exists() for file in files)), Path())


def limits(gradients: float | None, seconds: float | None) -> Any:
    """Return the Budget of the options; a negative number or none that is positive raises ArgumentError."""
    from math import inf

    from homotopy.status import Budget

    return Budget(gradients=inf if gradients is None else gradients, seconds=inf if seconds is None else seconds)


def execute(request: dict[str, Any], *, as_json: bool) -> int:
    """Run a request into its folder, show it as JSON or a table, and return the exit code."""
    from homotopy.cli.live import Live
    from homotopy.errors import HomotopyError
    from homotopy.experiments import Store, Workers, run_grids
    from homotopy.experiments.filling import KEPT, LOST
    from homotopy.experiments.run.machine import STALE, kernels
    from homotopy.report.folder import FORMATS, default_folder, prepare

    folder = Path(request.get("output") or default_folder(request["words"]))
    workers = Workers(
        request.get("executor", "threads"), request.get("jobs"), request.get("address", ""), request.get("run_timeout")
    )
    load_plugins(request.get("plugins", ()))
    plugins = tuple(os.path.realpath(path) for path in request.get("plugins", ()))
    grid = _grid(request)
    tell(grid.built)
    if kernels().endswith(STALE):
        say(f"the kernels are those of {kernels()}; python setup.py build_ext --inplace compiles them anew")
    asked = request | {"folder": str(Path.cwd()), "place": _place(folder)}  # which relative paths in it start from
    kept = f"{KEPT}, go on with: {_resume(folder, request)}"
    on_interruption(f"interrupted; {kept}")
    with Store(prepare(folder)) as store:
        try:
            with Live(grid.n_runs) as live:
                (comparison,) = run_grids([grid], store, workers=workers, progress=live, command=asked, plugins=plugins)
        except HomotopyError as error:
            notes = getattr(error, "__notes__", ())
            if not {KEPT, LOST} & set(notes):
                raise
            warn(f"homotopy: error: {error}; {kept if KEPT in notes else LOST}")
            return 1
        # before the table: the reader of stdout may leave
        written = _written(comparison, folder, request.get("formats", FORMATS))
        show(comparison, as_json=as_json)
        for path in written:
            say(f"wrote {path}")
        say(f"runs are kept in {store.path}")
        return 1 if comparison.failures or not written else 0


def _resume(folder: Path, request: dict[str, Any]) -> str:
    """Return the command that goes on with a request."""
    plugins = [word for path in request.get("plugins", ()) for word in ("--plugin", path)]
    return shlex.join(["homotopy", "resume", str(folder), *plugins])


def _written(comparison: Any, folder: Path, formats: Sequence[str]) -> list[Path]:
    """Write the report and return its files; none where it cannot be written, which is told."""
    from homotopy.experiments.filling import KEPT
    from homotopy.report.folder import write

    try:
        return write(comparison, folder, formats)
    except OSError as error:
        again = shlex.join(["homotopy", "report", str(folder)])
        warn(f"homotopy: error: the report cannot be written: {error.strerror or error}; {KEPT}, try: {again}")
        return []


def _place(folder: Path) -> str:
    """Return the present folder as it lies from another one; on another drive by its full name."""
    try:
        return os.path.relpath(Path.cwd(), os.path.realpath(folder))
    except ValueError:
        return str(Path.cwd())


def _grid(request: dict[str, Any]) -> Any:
    """Return the Grid of a request."""
    from homotopy.experiments import Grid, Group
    from homotopy.experiments.running import DEFAULT_BUDGET

    groups = [Group(name, problems) for name, problems in request.get("groups", {}).items()]
    budget = limits(request.get("budget", None if "seconds" in request else DEFAULT_BUDGET), request.get("seconds"))
    return Grid.of(
        [*request["problems"], *groups],
        request.get("methods"),
        seeds=request.get("seeds"),
        tuning=request.get("tuning", 0),
        budget=budget,
    )


def show(comparison: Any, *, as_json: bool) -> None:
    """Write a comparison's summaries to stdout, as a table a problem or as JSON."""
    from homotopy.experiments.groups import together
    from homotopy.report.bounds import bound_text, same_runs, same_text
    from homotopy.report.figures import goals, heading
    from homotopy.report.losses import lines, near_text

    found = {name: comparison.summaries(name) for name in comparison.groups}
    if as_json:
        skips = [dict(zip(("problem", "method", "reason"), skip, strict=True)) for skip in comparison.skips]
        failures = [dict(zip(("problem", "method", "error"), fail, strict=True)) for fail in comparison.failures]
        rows = [summary.to_dict() for summaries in found.values() for summary in summaries]
        aims = {problem: asdict(goal) for name in found for problem, goal in goals(comparison, name).items()}
        kept = {problem: comparison.bound(problem) for problem in aims}
        bounds = {problem: asdict(bound) for problem, bound in kept.items() if bound is not None}
        head = {"machine": comparison.machine, "goals": aims, "bounds": bounds}
        emit_json(head | {"summaries": rows, "skips": skips, "failures": failures})
        return
    for name, summaries in found.items():
        if summaries:
            title = f"{heading(comparison, name)}; {near_text(*goals(comparison, name).values())}"
            told = lines(summaries, comparison.machine)
            table(told.headings, told.rows, title=title, bold=told.best, numbers=True)
            told_below = (same_text(same_runs(comparison, name)), bound_text(comparison, name))
            echo("\n".join([*filter(None, told_below), ""]))
    for problem, method, reason in together(comparison.skips, comparison.groups):
        say(f"skipped: {method} on {problem}: {reason}")
    for problem, method, error in together(comparison.failures, comparison.groups):
        warn(f"failed: {method} on {problem}: {error}")
