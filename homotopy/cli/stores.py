"""The subcommands on stores that are there already: ``clean``, ``export``, ``merge`` and ``report``."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TextIO, cast

import click

from homotopy.cli import options
from homotopy.cli.console import Data, say, table
from homotopy.cli.options import load_plugins
from homotopy.cli.request import damage_told, show

__all__ = ["clean", "export", "merge", "report"]


@click.command("clean")
@options.store
@click.option("--problem", "problems", multiple=True, metavar="PROBLEM", help="Runs of this problem, by its full name.")
@click.option("--method", "methods", multiple=True, metavar="METHOD", help="Runs of this method, by its full name.")
@click.option("--old", is_flag=True, help="Runs of other versions of the code than this one.")
@click.option("--yes", is_flag=True, help="Do it; without this only what would go is shown.")
@options.quiet
def clean(source: Path, problems: tuple[str, ...], methods: tuple[str, ...], old: bool, yes: bool) -> None:
    """Show what would be removed from STORE, and remove it with --yes; the file shrinks.

    \b
    Examples:
      homotopy clean teachers --old
      homotopy clean teachers --method lbfgs --yes
    """  # noqa: D301
    from homotopy.experiments.run.machine import code_version
    from homotopy.experiments.store import stores
    from homotopy.experiments.store.store import Store
    from homotopy.report.folder import store_path

    if not (problems or methods or old):
        raise click.UsageError("say what goes: --problem, --method or --old")
    path = store_path(source)
    with damage_told(), Store(path, create=False, readonly=not yes) as store:
        keep = code_version() if old else None
        gone = stores.clean(store, problems=problems, methods=methods, keep_version=keep, apply=yes)
    table(("problem", "method", "version", "runs"), [(r.problem, r.method, r.version, f"{r.runs:,}") for r in gone])
    runs = sum(removal.runs for removal in gone)
    say(f"{'removed' if yes else 'would remove'} {runs:,} runs from {path}{'' if yes else '; say --yes to do it'}")


@click.command("export")
@options.store
@click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path), metavar="FILE", help="A new .csv file; - is stdout."
)
@click.option("--parquet", "parquet_file", type=click.Path(path_type=Path), metavar="FILE", help="A new .parquet file.")
@options.quiet
def export(source: Path, csv_file: Path | None, parquet_file: Path | None) -> None:
    """Write every run in STORE, a folder of a comparison or its runs.sqlite.

    The column success says whether a run came within the tolerance of the known minimum, or where none is known near
    the lowest loss that any run found; score is that on held-out data, where there are some.

    \b
    Examples:
      homotopy export teachers --csv teachers.csv
      homotopy export teachers/runs.sqlite --parquet teachers.parquet
      homotopy export teachers --csv - | head
    """  # noqa: D301
    from homotopy.experiments import Comparison
    from homotopy.experiments.store import stores
    from homotopy.experiments.store.store import Store
    from homotopy.report.folder import store_path

    if csv_file is None and parquet_file is None:
        raise click.UsageError("say --csv FILE or --parquet FILE")
    with damage_told(), Store(store_path(source), readonly=True) as store:
        comparison = Comparison.load(store)
        if csv_file is not None and str(csv_file) == "-":
            comparison.to_csv(cast("TextIO", Data()))
        elif csv_file is not None:
            say(f"wrote {stores.export(comparison, _ending(csv_file, '.csv'))}")
        if parquet_file is not None:
            say(f"wrote {stores.export(comparison, _ending(parquet_file, '.parquet'))}")


def _ending(file: Path, ending: str) -> Path:
    if file.suffix != ending:
        raise click.UsageError(f"the file {str(file)!r} must end in {ending}")
    return file


@click.command("merge")
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="STORE...")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="DIR", help="A new folder.")
@options.quiet
def merge(sources: tuple[Path, ...], output: Path) -> None:
    """Put the runs of every STORE (a folder of a comparison or its runs.sqlite) into a new store in DIR.

    The sources are only read, and may lie where nothing can be written. Where two have the same run, the first one's
    is taken. A merge that fails leaves nothing behind.

    \b
    Examples:
      homotopy merge monday tuesday -o week
      homotopy report week
    """  # noqa: D301
    from homotopy.experiments.store import stores
    from homotopy.report.folder import prepare, store_path

    made = [folder for folder in (output, *output.parents) if not folder.exists()]
    try:
        with damage_told():
            n = stores.merge([store_path(source) for source in sources], prepare(output))
    except BaseException:
        with suppress(OSError):
            for folder in made:
                folder.rmdir()
        raise
    say(f"{n:,} runs are kept in {store_path(output)}")


@click.command("report")
@options.store
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Where files go.")
@options.formats
@options.plugin
@options.as_json
@options.quiet
def report(source: Path, output: Path | None, formats: tuple[str, ...], plugins: tuple[str, ...], as_json: bool) -> int:
    """Print the table of everything in STORE (a folder of a comparison or its runs.sqlite) and write its report.

    The files are report.html, table.tex, runs.csv and the pictures curves and success, each as .png for the screen and
    as .svg and .pdf for a paper, beside the store or in DIR; the store is only read, and may lie where nothing can be
    written. Shown are the runs with the budget of the newest ones, each method in its newest version. No file that the
    store names is run or opened: methods of a plugin are described where --plugin gives it.

    \b
    Examples:
      homotopy report teachers
      homotopy report week/runs.sqlite -o to-send
    """  # noqa: D301
    from homotopy.experiments import Comparison
    from homotopy.experiments.store.store import Store
    from homotopy.report.folder import FORMATS, store_path, write

    path = store_path(source)
    load_plugins(plugins)
    with damage_told(), Store(path, readonly=True) as store:
        comparison = Comparison.load(store)
        hint = "" if output else "; name another one with -o"
        written = write(comparison, output or path.parent, formats or FORMATS, hint=hint)
        show(comparison, as_json=as_json)
        for file in written:
            say(f"wrote {file}")
    return 0
