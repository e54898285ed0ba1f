"""``homotopy completion``: the script that lets a shell complete subcommands, options and names."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

__all__ = ["MethodName", "ProblemName", "command"]

SHELLS = ("bash", "zsh", "fish")


class _Name(click.types.StringParamType):
    """A name that a table of the package knows; anything else passes too and is judged where it is built."""

    def __init__(self, table: str) -> None:
        self.name = self.table = table

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        """Return the names that begin so."""
        del ctx, param
        import importlib

        known = importlib.import_module(f"homotopy.{self.table}").BY_NAME
        return [click.shell_completion.CompletionItem(name) for name in sorted(known) if name.startswith(incomplete)]


ProblemName = _Name("problems")
MethodName = _Name("methods")


@click.command("completion", short_help="Print the completion script of a shell.")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
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
        click.echo(found(cli, {}, "homotopy", "_HOMOTOPY_COMPLETE").source())
