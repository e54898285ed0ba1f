"""``homotopy export``: all runs for another program."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from homotopy.cli.console import say

__all__ = ["command"]


@click.command("export", short_help="Write all runs of a store as CSV or Parquet.")
@click.argument("source", type=click.Path(path_type=Path), metavar="STORE")
@click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path), metavar="FILE", help="A new .csv file; - is stdout."
)
@click.option("--parquet", "parquet_file", type=click.Path(path_type=Path), metavar="FILE", help="A new .parquet file.")
@click.option("-q", "--quiet", is_flag=True, help="No talk on stderr.")
def command(source: Path, csv_file: Path | None, parquet_file: Path | None, quiet: bool) -> None:
    """Write every run in STORE, a folder of a comparison or its runs.sqlite.

    \b
    Examples:
      homotopy export teachers --csv teachers.csv
      homotopy export teachers/runs.sqlite --parquet teachers.parquet
      homotopy export teachers --csv - | head
    """  # noqa: D301
    del quiet
    from homotopy.experiments import Comparison
    from homotopy.experiments.store import stores
    from homotopy.experiments.store.store import Store
    from homotopy.report.folder import store_path

    if csv_file is None and parquet_file is None:
        raise click.UsageError("say --csv FILE or --parquet FILE")
    with Store(store_path(source), create=False) as store:
        comparison = Comparison.load(store)
        if csv_file is not None and str(csv_file) == "-":
            comparison.to_csv(sys.stdout)
        elif csv_file is not None:
            say(f"wrote {stores.export(comparison, _ending(csv_file, '.csv'))}")
        if parquet_file is not None:
            say(f"wrote {stores.export(comparison, _ending(parquet_file, '.parquet'))}")


def _ending(file: Path, ending: str) -> Path:
    if file.suffix != ending:
        raise click.UsageError(f"the file {str(file)!r} must end in {ending}")
    return file
