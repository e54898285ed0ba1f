"""``homotopy list``: what there is, with parameters and their defaults."""

from __future__ import annotations

import inspect
import re
from typing import Any

import click

from homotopy.cli.console import emit_json, table
from homotopy.cli.names import load_plugins, plugin_option
from homotopy.naming import written

__all__ = ["command", "rows"]

KINDS = ("problems", "methods", "homotopies")


@click.command("list", short_help="List problems, methods or homotopies.")
@click.argument("kind", required=False, type=click.Choice(KINDS))
@plugin_option
@click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout.")
def command(kind: str | None, plugins: tuple[str, ...], as_json: bool) -> None:
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
        click.echo()


def rows(kind: str) -> list[dict[str, str]]:
    """Return name, parameters and one line about each entry of a kind.

    Parameters
    ----------
    kind : str
        ``problems``, ``methods`` or ``homotopies``.
    """
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
