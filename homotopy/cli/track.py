"""``homotopy track``: follow one path of a problem under a homotopy."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import click

from homotopy.cli import options
from homotopy.cli.console import emit_json, err, facts, quiet, say
from homotopy.cli.options import load_plugins, problem_texts, tell
from homotopy.cli.signals import on_interruption

if TYPE_CHECKING:
    from homotopy.continuation import Path, Point, Progress
    from homotopy.continuation.parts.linear import Linear

__all__ = ["command"]


@click.command("track")
@click.argument("problem", type=options.PROBLEM)
@click.option(
    "--homotopy",
    "name",
    default="proximal",
    show_default=True,
    metavar="NAME",
    help="The deformation, as in proximal:mu=0.5.",
)
@options.seed
@click.option(
    "--mode",
    type=click.Choice(["arclength", "natural", "auto"]),
    default="arclength",
    show_default=True,
    help="How steps are measured; auto goes by natural steps until they fail.",
)
@click.option(
    "--predictor",
    type=click.Choice(["constant", "secant", "tangent", "polynomial"]),
    default="tangent",
    show_default=True,
    help="Where the next point is guessed.",
)
@click.option("--free", is_flag=True, help="Without a matrix: Newton-Krylov.")
@click.option("--step", type=options.POSITIVE, default=0.02, show_default=True, help="The first step.")
@click.option("--max-step", type=options.POSITIVE, default=0.1, show_default=True, help="The largest step.")
@click.option("--max-steps", type=options.whole(1), default=1000, show_default=True, help="Steps in all.")
@click.option("--tolerance", type=options.POSITIVE, default=1e-8, show_default=True, help="Of the gradient on the way.")
@click.option("--index", is_flag=True, help="Compute the index of the Hessian at every point.")
@click.option("--budget", type=options.LIMIT, metavar="B", help="Gradient-equivalents that the path may cost.")
@options.target
@options.missing
@options.plugin
@click.option("-o", "--output", default="track", show_default=True, metavar="DIR", help="Where the results go.")
@options.formats
@options.as_json
def command(problem: str, name: str, seed: int, **settings: Any) -> None:
    """Follow the path of PROBLEM from the easy problem at t = 0 to the true one at t = 1.

    Writes path.npz, path.csv and a picture of the path (.png, .svg and .pdf) into DIR. The same command goes on where
    a killed one stopped.

    \b
    Examples:
      homotopy track xor:hidden=2 --homotopy linearized -o path
      homotopy track logistic --homotopy proximal:mu=0.5 --mode natural --index
      homotopy track xor --homotopy mine --plugin mine.py
    """  # noqa: D301
    from homotopy import homotopies, problems
    from homotopy.methods.base import streams
    from homotopy.objectives.flops import relative_cost
    from homotopy.report.folder import FORMATS, free, writable

    load_plugins(settings["plugins"])
    found = problems.problem(problem_texts([problem], settings["target"], settings["missing"])[0])
    tell([found])
    start_rng, own_rng = streams(seed)
    x0 = found.start(start_rng)
    family = homotopies.homotopy(name, found.objective, x0)
    folder = writable(FilePath(settings["output"]))
    free(folder, "path.npz", ("path.csv", *(f"path.{kind}" for kind in FORMATS)))
    on_interruption(f"interrupted; the path is kept in {folder} but for its last points, the same command goes on")
    path = _followed(family, own_rng, folder, settings)
    data = {
        "problem": found.name,
        "homotopy": name,
        "seed": seed,
        "success": path.success,
        "status": path.status.name,
        "message": path.message,
        "t": path.t,
        "value": path.value,
        "solved": found.solves(family.finish(path.x)) if path.t == 1.0 else False,
        "points": len(path.points),
        "folds": path.n_folds,
        "cost": path.counts.gradient_equivalents * relative_cost(family, found.objective),
        "seconds": path.seconds,
    }
    if len(path.points) == 1:  # else the checkpoint is there
        path.save(folder / "path.npz")
    _write(path, folder, f"{found.name} along {name}, seed {seed}", settings["formats"] or FORMATS)
    if settings["as_json"]:
        emit_json(data | {"notes": list(path.notes), "events": [[e.name, e.point.t] for e in path.events]})
    else:
        facts(data)
        for note in path.notes:
            say(note)
        pictures = ", ".join(f"path.{kind}" for kind in settings["formats"] or FORMATS)
        say(f"path.npz, path.csv and {pictures} are in {folder}")
    if not path.success:
        raise SystemExit(1)


def _followed(family: Any, rng: Any, folder: FilePath, settings: dict[str, Any]) -> Path:
    """Track with a line of progress."""
    from homotopy import continuation as c

    tolerance = settings["tolerance"]
    kind = c.Newton if settings["mode"] == "natural" else c.ArclengthNewton
    linear: Linear = c.Krylov() if settings["free"] else c.Auto()
    corrector = kind(tolerance=tolerance, final_tolerance=min(tolerance, 1e-10), linear=linear)
    predictor = getattr(c, settings["predictor"].capitalize())
    live = _Line(c.Progress(every=0.1, log=lambda line: None))
    try:
        return c.track(
            family,
            family.start(rng),
            predictor=predictor(),
            corrector=corrector,
            step_control=c.Adaptive(initial=settings["step"], maximum=max(settings["step"], settings["max_step"])),
            max_steps=settings["max_steps"],
            mode=settings["mode"],
            budget=settings["budget"],
            spectrum=c.Spectrum() if settings["index"] else None,
            checkpoint=folder / "path.npz",
            callback=live,
        )
    finally:
        live.close()


class _Line:
    """One line on stderr that follows the path, ten times a second; nothing where stderr is no terminal."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        console = err()
        spinner = "dots" if console.encoding.startswith("utf") else "line"
        self.status = console.status("starting", spinner=spinner) if not quiet() and sys.stderr.isatty() else None
        if self.status is not None:
            progress.log = self.status.update
            self.status.start()

    def __call__(self, point: Point) -> None:
        """Take an accepted point."""
        self.progress(point)

    def close(self) -> None:
        """Leave the line as it stands at the end."""
        if self.status is not None:
            self.status.stop()
            say(self.progress.line())


def _write(path: Path, folder: FilePath, title: str, formats: Sequence[str]) -> None:
    """Write path.csv and the picture."""
    from homotopy.report.folder import pictures, replaced
    from homotopy.report.paths import draw_path

    replaced(folder / "path.csv", path.to_csv)
    for file, make in pictures({"path": draw_path(path, title)}, formats).items():
        replaced(folder / file, make)
