"""Run the study and write recurrent.csv, the page recurrent.md and the picture recurrent.png into a folder.

What recurrent.csv has is not run again: the same command goes on after an interruption, and writes the page anew where
all is done.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from homotopy.errors import HomotopyError
from homotopy.numerals import whole

__all__ = ["main"]


@click.command(help=__doc__)
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder.")
@click.option("--small/--full", default=False, help="Seconds, or all of it: half an hour of two cores.")
@click.option("-t", "--task", "keys", multiple=True, metavar="KEY", help='Only these tasks: "adding tanh 100".')
@click.option("-s", "--side", "sides", multiple=True, metavar="NAME", help='Only these: "length", "L-BFGS, zero".')
@click.option("-j", "--jobs", type=whole(1), default=2, show_default=True, help="Processes.")
def main(output: Path, small: bool, keys: tuple[str, ...], sides: tuple[str, ...], jobs: int) -> None:
    """Run what is not there and write the files."""
    from homotopy.papers.recurrent.page import write
    from homotopy.papers.recurrent.running import finish
    from homotopy.papers.recurrent.tasks import FULL, SMALL

    begin, size = time.perf_counter(), SMALL if small else FULL

    def say(text: str) -> None:
        print(f"{(time.perf_counter() - begin) / 60:5.1f} min  {text}", file=sys.stderr, flush=True)

    try:
        output.mkdir(parents=True, exist_ok=True)
        rows = finish(output / "recurrent.csv", size, keys, sides=sides, jobs=jobs, say=say)
        write(output, rows, size)
    except HomotopyError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{output}: cannot write there ({error.strerror})") from None
    say(f"wrote recurrent.csv, recurrent.md and recurrent.png to {output}")


if __name__ == "__main__":
    main()
