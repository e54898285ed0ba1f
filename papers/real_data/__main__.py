"""Run the study and write real-data.csv, the page real-data.md and the picture real-data.png into a folder.

What real-data.csv has is not run again: the same command goes on after an interruption, and writes the page anew where
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
@click.option("--quick/--full", default=False, help="Two minutes, or all of it: half an hour of two cores.")
@click.option("-d", "--data", "names", multiple=True, metavar="NAME", help="Only these data sets.")
@click.option("-j", "--jobs", type=whole(1), default=2, show_default=True, help="Processes.")
def main(output: Path, quick: bool, names: tuple[str, ...], jobs: int) -> None:
    """Run what is not there and write the files."""
    from homotopy.papers.real_data.page import write
    from homotopy.papers.real_data.running import finish
    from homotopy.papers.real_data.study import FULL, QUICK

    begin = time.perf_counter()

    def say(text: str) -> None:
        print(f"{(time.perf_counter() - begin) / 60:5.1f} min  {text}", file=sys.stderr, flush=True)

    try:
        output.mkdir(parents=True, exist_ok=True)
        rows = finish(output / "real-data.csv", QUICK if quick else FULL, names, jobs=jobs, say=say)
        write(output, rows)
    except HomotopyError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{output}: cannot write there ({error.strerror})") from None
    say(f"wrote real-data.csv, real-data.md and real-data.png to {output}")


if __name__ == "__main__":
    main()
