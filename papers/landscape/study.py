"""What is run: the parts of the study, and how much of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from homotopy.papers.landscape import blocks, convex, gates, teachers, trap, xor
from homotopy.papers.landscape.facts import Fact, Facts, facts, read, write

from ..parts import each

__all__ = ["FULL", "SMALL", "Part", "Size", "finish", "one", "parts"]


LARGEST = 3
"""Hidden units of the nets in which those of two are embedded."""


@dataclass(frozen=True)
class Size:
    """How much is run.

    Attributes
    ----------
    teachers : tuple of (int, int)
        Units k, and random starts.
    nets : tuple of (int, float)
        Hidden units and penalty of the censuses.
    starts : int
        Random starts of a census.
    seeds : tuple of int
        Those of the censuses that are made again, each with as many and with twice as many starts.
    penalties : tuple of float
        Those of which minima are counted.
    widths : tuple of int
        Student units at the trap.
    trap_seeds : int
        Runs of each side there.
    data : tuple of str
        Data sets of the relu nets.
    decays : tuple of float
        Their penalties.
    runs : int
        Descents on each.
    gates : tuple of (int, float, int)
        Seeds of data, penalties and sampled gates that pyscnn is given, where it is installed.
    """

    teachers: tuple[tuple[int, int], ...]
    nets: tuple[tuple[int, float], ...]
    starts: int
    seeds: tuple[int, ...]
    penalties: tuple[float, ...]
    widths: tuple[int, ...]
    trap_seeds: int
    data: tuple[str, ...]
    decays: tuple[float, ...]
    runs: int
    gates: tuple[tuple[int, float, int], ...]


FULL = Size(
    teachers=((6, 10_000), *((k, 1_000) for k in range(7, 13))),
    nets=((2, 1e-2), (2, 1e-3), (3, 1e-2), (3, 1e-3)),
    starts=200,
    seeds=(1, 2, 3),
    penalties=(1e-1, 7e-2, 5e-2, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4),
    widths=(3, 4, 5, 6, 7, 8),
    trap_seeds=50,
    data=("swirszcz-d1", "swirszcz-d2", *(f"random {seed}" for seed in range(20))),
    decays=(1e-2, 1e-3),
    runs=10_000,
    gates=tuple((seed, 1e-2, count) for seed in range(2) for count in (20, 200)),
)
SMALL = Size(
    teachers=((7, 60),),
    nets=((2, 1e-2),),
    starts=40,
    seeds=(1,),
    penalties=(1e-2,),
    widths=(3, 5),
    trap_seeds=5,
    data=("swirszcz-d2",),
    decays=(1e-1,),
    runs=50,
    gates=(),
)


@dataclass(frozen=True)
class Part:
    """One part: what is called with what.

    Attributes
    ----------
    name : str
        By which a file says that it is done.
    function : callable
        Returns the facts.
    arguments : tuple
        Its arguments.
    """

    name: str
    function: Callable[..., list[Fact]]
    arguments: tuple[object, ...]


def parts(size: Size) -> list[Part]:
    """Return the parts of a study, in the order of the page."""
    out = [Part(f"teacher {k}", teachers.teacher, (k, starts)) for k, starts in size.teachers]
    out += [Part(f"blocks {k}", blocks.blocks, (k,)) for k, _ in size.teachers]
    for hidden, l2 in size.nets:
        case = xor.name(hidden, l2)
        out.append(Part(f"census {case}", xor.census, (hidden, l2, size.starts)))
        out.append(Part(f"repeats {case}", xor.repeats, (hidden, l2, size.starts, size.seeds)))
    for l2 in sorted({l2 for hidden, l2 in size.nets if hidden == LARGEST}, reverse=True):
        out.append(Part(f"embedded {l2:g}", xor.embedded, (l2, size.starts)))
    for hidden in sorted({hidden for hidden, _ in size.nets}):
        for l2 in size.penalties:
            out.append(Part(f"sweep {xor.name(hidden, l2)}", xor.sweep, (hidden, l2, size.starts)))
    out.append(Part("trap point", trap.point, ()))
    for n in size.widths:
        out += [Part(f"trap {n} {side}", trap.runs, (n, side, size.trap_seeds)) for side in trap.SIDES]
    for data in size.data:
        for l2 in size.decays:
            out.append(Part(f"convex {data} {l2:g}", convex.compared, (data, l2, size.runs)))
    if gates.installed():
        out += [
            Part(f"gates {seed} {l2:g} {count}", gates.sampled, (seed, l2, count)) for seed, l2, count in size.gates
        ]
    return out


def one(part: Part) -> list[Fact]:
    """Return the facts of one part, and what it took in processor seconds."""
    begin = time.process_time()
    found = part.function(*part.arguments)
    return found + facts("done", part.name, {"seconds": round(time.process_time() - begin, 3)})


def finish(path: Path, size: Size, *, jobs: int = 1, say: Callable[[str], None] = print) -> list[Fact]:
    """Return all facts of a study; what the file has not is run, and kept there as it is done.

    Parameters
    ----------
    path : Path
        The file of facts.
    size : Size
        How much is run.
    jobs : int
        Processes; 1 runs in this one.
    say : callable
        Called with a line of talk now and then.

    Raises
    ------
    DataError
        If the file is none of this study.
    """
    kept = read(path)
    known = Facts(kept)
    every = parts(size)
    left = [part for part in every if not known.has("done", part.name)]
    by_part = _sorted(kept, every)
    for number, (part, found) in enumerate(each(one, left, jobs), 1):
        by_part[part.name] = found
        write(path, [fact for some in by_part.values() for fact in some])
        say(f"{number} of {len(left)}: {part.name}, {found[-1].value:g} s")
    return read(path)


def _sorted(kept: Sequence[Fact], every: Sequence[Part]) -> dict[str, list[Fact]]:
    """Return facts by the part that they are of, in the order of the study; each part's end with its "done"."""
    found: dict[str, list[Fact]] = {part.name: [] for part in every}
    some: list[Fact] = []
    for fact in kept:
        some.append(fact)
        if fact.section == "done":
            found[fact.case] = some
            some = []
    return found
