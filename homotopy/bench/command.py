"""The command ``homotopy bench``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from homotopy.numerals import whole
from homotopy.scratch import beside

__all__ = ["command", "one_core"]

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process on one core; libraries that are loaded inside start one thread."""
    new = dict.fromkeys(THREADS, "1") | {"JAX_PLATFORMS": "cpu"}
    new = {name: value for name, value in new.items() if name not in os.environ}
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    os.environ.update(new)
    if cores is not None:
        os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        for name in new:
            del os.environ[name]
        if cores is not None:
            os.sched_setaffinity(0, cores)


@click.command(name="bench")
@click.argument("workloads", nargs=-1, metavar="[W1 ...]")
@click.option(
    "--peer", "peers", multiple=True, help="Only this peer: numpy, scipy, jax, optax, numba, scikit-learn or torch."
)
@click.option("--rounds", type=whole(1), default=25, show_default=True, help="Turns of each contestant.")
@click.option("--busy", is_flag=True, help="Measure processor time, for a machine that others use.")
@click.option("--json", "path", type=click.Path(dir_okay=False, path_type=Path), help="Also write the figures here.")
def command(workloads: tuple[str, ...], peers: tuple[str, ...], rounds: int, busy: bool, path: Path | None) -> None:
    """Race the kernels against other libraries and the core's own limits, on one core.

    W1 is one small net, W2 many small nets, W3 and W4 larger layers, W5 second order, W6 the teacher-student risk,
    W7 a path round a fold, W8 recurrent nets, W9 and W10 successes of many starts by L-BFGS and by
    Levenberg-Marquardt, W11 the time of methods' runs against the gradients that they are charged, W12 a comparison
    against its runs. Without a name all run. The exit code is 1 where a floor is missed, an answer differs, or a peer
    succeeds more often.

    \b
    Examples:
      homotopy bench
      homotopy bench W6 --peer numpy --json figures.json
      homotopy bench W9 --peer optax --peer scipy --rounds 3 --busy
    """  # noqa: D301
    with one_core():
        missed = _run(workloads, peers, (rounds, busy), path)
    if missed:
        sys.exit(1)


def _run(names: tuple[str, ...], peers: tuple[str, ...], timing: tuple[int, bool], path: Path | None) -> bool:
    """Race, print and write; return whether something was missed."""
    from rich.console import Console

    from homotopy._core import vmath
    from homotopy.bench import report
    from homotopy.bench.workloads import PEERS, WORKLOADS, missing, run

    unknown = [p for p in peers if p not in PEERS]
    if unknown:
        raise click.UsageError(f"unknown peer {unknown[0]!r}; known are {', '.join(PEERS)}")
    wanted = [w for w in WORKLOADS if not names or any(w == n or w.startswith(n + " ") for n in names)]
    for name in names:
        if not any(w == name or w.startswith(name + " ") for w in WORKLOADS):
            raise click.UsageError(f"unknown workload {name!r}; known are {', '.join(WORKLOADS)}")
    talk, data = Console(stderr=True), Console()
    chosen = peers or tuple(PEERS)
    if absent := missing(chosen):
        talk.print(
            f"not installed: {', '.join(absent)} (pip install 'homotopy-opt[bench]' brings jax, optax, numba, sklearn)"
        )
    outcomes = []
    for name in wanted:
        talk.print(f"{name} ...")
        outcomes.append(run(name, peers=chosen, rounds=timing[0], busy=timing[1], isa=vmath.isa()))
        data.print(report.table(outcomes[-1]))
    if any(outcome.verdicts for outcome in outcomes):
        data.print(report.floors_table(outcomes))
    else:
        data.print("no floor was looked at: none of the peers that the floors are told against took part")
    clock = "processor time" if timing[1] else "time"
    data.print(f"instruction set {vmath.isa()}; {clock} of one evaluation, best of {timing[0]} rounds taken by turns")
    if path is not None:
        try:
            with beside(path) as scratch:
                scratch.write_text(json.dumps(report.as_dict(outcomes, vmath.isa()), indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise click.UsageError(f"{path}: cannot write there ({error.strerror})") from None
    return any(o.disagreements or not all(ok for _, _, ok in o.verdicts) for o in outcomes)
