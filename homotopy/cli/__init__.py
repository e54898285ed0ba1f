"""The command ``homotopy``, whose subcommands are imported when they are used."""

from __future__ import annotations

import pkgutil
import sys
import warnings
from typing import Any

import click

from homotopy._version import __version__
from homotopy.cli.console import echo, speakable
from homotopy.cli.signals import Signals, on_interruption, tell_interruption
from homotopy.doors.telling import FAILURES
from homotopy.errors import HomotopyError, reason

__all__ = ["COMMANDS", "main", "on_interruption"]

# From a subcommand's name to where it is and one line of help, which is here so that `homotopy --help` imports nothing.
COMMANDS = {
    "fit": ("cli.tables.fit:command", "Fit a net to a table: scores beside baselines, a file that predicts."),
    "predict": ("cli.tables.predict:command", "Predict the rows of a table by what fit wrote."),
    "compare": ("cli.compare:compare", "Compare methods on problems: a table, pictures, every run in a store."),
    "solve": ("cli.solve:command", "Solve one problem by one method."),
    "track": ("cli.track:command", "Follow one path of a problem under a homotopy."),
    "landscape": (
        "cli.landscape.command:command",
        "Find minima and saddles of a problem, and the barriers between them.",
    ),
    "resume": ("cli.compare:resume", "Go on with a comparison that was stopped."),
    "report": ("cli.stores:report", "Write the report of a store again."),
    "tune": ("cli.tune:command", "Search a method's step size on seeds of its own."),
    "export": ("cli.stores:export", "Write all runs of a store as CSV or Parquet."),
    "merge": ("cli.stores:merge", "Put several stores into a new one."),
    "clean": ("cli.stores:clean", "Remove runs from a store."),
    "list": ("cli.about:listing", "List problems, methods or homotopies."),
    "reproduce": ("cli.reproduce:command", "Run a published experiment again, beside the published numbers."),
    "suite": ("papers.escape.command:command", "Run all methods on the escape suite."),
    "bench": ("bench.command:command", "Race the kernels against other libraries and the core's own limits."),
    "selftest": ("selftest.command:command", "See whether this installation works, and make a report of it."),
    "completion": ("cli.about:completion", "Print the completion script of a shell."),
    "info": ("cli.about:info", "Show versions, the machine, the compiled kernels and the BLAS threads."),
}


LONGEST = 1200  # characters of a sentence
PLUGINS = "homotopy.experiments.plan.plugins"


class _Lazy(click.Group):
    """A group whose subcommands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which the help shows them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a subcommand."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        where, line = COMMANDS[cmd_name]
        command: click.Command = pkgutil.resolve_name(f"homotopy.{where}")
        command.short_help = line
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand; an interruption ends it without the empty line that click would write."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise click.Abort from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of subcommands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="homotopy")
def cli() -> None:
    """Train networks by continuation, and see whether that escapes where gradient descent is caught.

    \b
    Examples:
      homotopy compare teacher:k=20
      homotopy compare xor -m gd -m lbfgs -m auto --seeds 200
      homotopy solve teacher:k=20 -m skip --seed 7
      homotopy fit houses.csv --target price -o model.npz
      homotopy predict model.npz new.csv

    A problem or a method is written name:parameter=value,parameter=value; lists are 6/10/20 and ranges 6..20.
    Results go to stdout, talk to stderr. Exit codes: 0 done, 1 something that ran has failed, 2 a wrong request.

    Ctrl-C lets the runs that are under way finish; again ends at once. SIGTERM and SIGHUP do the same and leave them
    five seconds. What was finished is kept, a line says how to go on, and the exit code is 1.
    """  # noqa: D301


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code.

    Parameters
    ----------
    arguments : list of str or None
        The words after ``homotopy``; None takes those of the process.

    Notes
    -----
    A caller's mistake is one sentence on stderr and exit code 2, never a traceback. An error that a plugin raises while
    it runs is one sentence with its line, and exit code 1.
    """
    speakable()
    if arguments is None and not sys.warnoptions:
        warnings.simplefilter("ignore", RuntimeWarning)  # of numbers that overflow: the result says what came of it
    with Signals() as signals:
        code = _code(arguments)
        if arguments is None:
            signals.leave(code)
    sys.exit(code)


def _code(arguments: list[str] | None) -> int:
    """Run the command line and return its exit code, whatever happens; errors are told."""
    try:
        code: Any = cli.main(args=arguments, prog_name="homotopy", standalone_mode=False)
    except click.exceptions.Exit as ending:
        code = ending.exit_code
    except click.UsageError as error:
        code = _fail(_usage(error))
    except click.ClickException as error:
        code = _fail(error.format_message())
    except HomotopyError as error:
        code = _fail(str(error))
    except (KeyboardInterrupt, click.Abort) as error:
        if isinstance(error.__cause__, EOFError):  # for click, too, an end of what a user types
            code = _failed(error.__cause__)
        else:
            tell_interruption()
            code = 1
    except BaseException as error:
        code = _failed(error)
    return code if isinstance(code, int) else 0


def _failed(error: BaseException) -> Any:
    """Tell what a plugin raises, which is its author's, or what the machine lacks; all else is a fault of ours."""
    blamed = sys.modules[PLUGINS].blamed(error) if PLUGINS in sys.modules else None
    if blamed is not None:
        return _fail(f"the plugin {blamed} raises {reason(error)}", code=1)
    if isinstance(error, BrokenPipeError):
        sys.stderr.close()  # the reader of stdout is gone: nothing is left to say
        return 1
    if isinstance(error, MemoryError):
        return _fail(f"not enough memory{f': {error}' if str(error) else ''}")
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return _fail(f"{where}{error.strerror or error}", code=1 if error.errno in FAILURES else 2)
    if isinstance(error, SystemExit):
        return error.code
    raise error


def _usage(error: click.UsageError) -> str:
    """Return click's message with the way to the help."""
    path = error.ctx.command_path if error.ctx else "homotopy"
    return f"{error.format_message().rstrip('.')} (see {path} --help)"


def _fail(message: str, code: int = 2) -> int:
    sentence = " ".join(message.split())
    if len(sentence) > LONGEST:  # it quotes a very long word
        sentence = f"{sentence[: LONGEST // 2]} ... {sentence[-LONGEST // 4 :]}"
    echo(f"homotopy: error: {sentence}", error=True)
    return code
