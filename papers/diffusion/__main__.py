"""Run the study and write its results, table and picture."""

from __future__ import annotations

from pathlib import Path

import click

from homotopy.papers.diffusion.figures import picture
from homotopy.papers.diffusion.page import page
from homotopy.papers.diffusion.study import study


@click.command()
@click.option("-o", "folder", default=".", type=click.Path(file_okay=False, path_type=Path), help="Where to write.")
def main(folder: Path) -> None:
    """Write results.json (what is there already is not run again), diffusion.md and diffusion.png."""
    folder.mkdir(parents=True, exist_ok=True)
    found = study(to=folder / "results.json")
    (folder / "diffusion.md").write_text(page(found))
    picture().savefig(folder / "diffusion.png", dpi=120)


if __name__ == "__main__":
    main()
