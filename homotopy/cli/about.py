"""The subcommands that tell of the package itself: ``completion``, ``info`` and ``list``."""

from __future__ import annotations

import inspect
import re
from typing import Any

import click
from click.shell_completion import get_completion_class

from homotopy.cli import options
from homotopy.cli.console import echo, emit_json, facts, table
from homotopy.cli.options import load_plugins
from homotopy.naming import written

__all__ = ["completion", "info", "listing"]

SHELLS = ("bash", "zsh", "fish")
KINDS = ("problems", "methods", "homotopies")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script that completes subcommands, options, problems and methods in a shell.

    \b
    Examples:
      eval "$(homotopy completion bash)"                      in ~/.bashrc
      eval "$(homotopy completion zsh)"                       in ~/.zshrc
      homotopy completion fish > ~/.config/fish/completions/homotopy.fish
    """  # noqa: D301
    from homotopy.cli import cli

    found = get_completion_class(shell)
    if found is not None:
        echo(found(cli, {}, "homotopy", "_HOMOTOPY_COMPLETE").source())


@click.command("info")
@options.as_json
def info(as_json: bool) -> None:
    """Show versions, the machine, the instruction set of the compiled kernels, the BLAS and its threads.

    \b
    Example:
      homotopy info --json
    """  # noqa: D301
    from homotopy.experiments.run.machine import describe
    from homotopy.threads import set_blas_threads

    set_blas_threads(1)  # as every worker of a comparison does
    data = describe()
    if as_json:
        emit_json(data)
        return
    facts({name: value or None for name, value in data.items()})


@click.command("list")
@click.argument("kind", required=False, type=click.Choice(KINDS))
@options.plugin
@options.as_json
def listing(kind: str | None, plugins: tuple[str, ...], as_json: bool) -> None:
    """List problems, methods or homotopies with their parameters and defaults; all three without an argument.

    \b
    Examples:
      homotopy list problems
      homotopy list methods --json
    """  # noqa: D301
    load_plugins(plugins)
    kinds = [kind] if kind else list(KINDS)
    data = {name: rows(name) for name in kinds}
    if as_json:
        emit_json(data)
        return
    for name in kinds:
        cells = [(item["name"], item["parameters"], item["about"]) for item in data[name]]
        table((name, "parameters and defaults", "what it is"), cells)
        echo()


def rows(kind: str) -> list[dict[str, str]]:
    """Return name, parameters and one line about each entry of a kind."""
    from homotopy import homotopies, methods, problems

    table: dict[str, Any] = {"problems": problems, "methods": methods, "homotopies": homotopies}[kind].BY_NAME
    return [
        {"name": name, "parameters": _parameters(factory), "about": _about(factory)}
        for name, factory in sorted(table.items())
    ]


def _parameters(factory: Any) -> str:
    """Return ``name=default`` of the parameters that can be written on the command line."""
    shown = []
    for parameter in inspect.signature(factory).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        default = parameter.default
        value = "..." if default is parameter.empty else written(default)
        shown.append(parameter.name if default is None else f"{parameter.name}={value}")
    return ", ".join(shown)


def _about(factory: Any) -> str:
    text = inspect.getdoc(factory) or ""
    line = " ".join(text.partition("\n\n")[0].split()).removesuffix(".")
    return re.sub(
        r":\w+:`([^`]*)`|`([^`]*)`", lambda found: (found[1] or found[2]).strip("~."), line.replace("``", "`")
    )
