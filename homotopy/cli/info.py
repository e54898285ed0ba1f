"""``homotopy info``: what a result depends on besides its settings."""

from __future__ import annotations

from typing import Any

import click

from homotopy.cli.console import emit_json, table

__all__ = ["command"]


@click.command("info", short_help="Show versions, the machine, the compiled kernels and the BLAS threads.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout.")
def command(as_json: bool) -> None:
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
    table(("what", "value"), [(name.replace("_", " "), _text(value)) for name, value in data.items()])


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {inner}" for key, inner in value.items()) or "unknown"
    return str(value) or "unknown"
