"""Named problems: an objective, a distribution of starts, and what counts as solved."""

from __future__ import annotations

from collections.abc import Callable

from homotopy.arguments import one_of, shown
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.naming import build, join, parse
from homotopy.problems import boolean, files, planar, published, recurrent, regression, teachers, traps
from homotopy.problems.base import Problem
from homotopy.problems.bounds import Bound
from homotopy.problems.files import file_parts
from homotopy.problems.sequences import from_sequences, sequences
from homotopy.problems.table import from_table

__all__ = ["BY_NAME", "SHORT", "Bound", "Problem", "from_sequences", "from_table", "problem"]

BY_NAME: dict[str, Callable[..., Problem]] = {
    "adding": recurrent.adding,
    "auer": traps.auer,
    "csv": files.csv,
    "dying-relu": traps.dying_relu,
    "generate": recurrent.generate,
    "identify": recurrent.identify,
    "jellyfish": boolean.jellyfish,
    "latch": recurrent.latch,
    "linear": regression.linear,
    "logistic": regression.logistic,
    "multiplication": recurrent.multiplication,
    "order": recurrent.order,
    "permuted": published.permuted,
    "rts": recurrent.rts,
    "sequences": sequences,
    "sine": regression.sine,
    "spirals": boolean.spirals,
    "swirszcz-d1": published.swirszcz_d1,
    "swirszcz-d2": published.swirszcz_d2,
    "teacher": teachers.teacher,
    "temporal-xor": recurrent.temporal_xor,
    "trap": planar.trap,
    "ts": teachers.ts,
    "xor": boolean.xor,
    "yun": published.yun,
}
"""Every named problem and the factory that makes it."""

SHORT = {"h": "hidden", "hidden": "h", "act": "activation", "activation": "act"}
"""Other spellings of parameters: ``xor:h=3`` is ``xor:hidden=3``."""


@door
def problem(text: str | Problem, *, target: str | None = None) -> Problem:
    """Return the problem that a text names.

    Parameters
    ----------
    text : str or Problem
        ``name`` or ``name:par=value,par=value`` with a name of `BY_NAME`; or the path of a file that ends in
        ``.csv``, to which parameters of ``csv`` may be added: ``data.csv:hidden=8+8``.
        A Problem is returned as it is.
    target : str or None
        The target's column in a file; by default the last.

    Returns
    -------
    Problem
        A new problem; its `name` builds the same again.

    Raises
    ------
    ArgumentError
        If the name or a parameter is unknown, a value is not allowed, or `target` is given without a file, or twice.
    DataError
        If a file cannot be used.

    Examples
    --------
    >>> problem("teacher:k=6").size
    36
    """
    if isinstance(text, Problem):
        return text
    file = file_parts(text)
    if file is not None:
        named = {} if target is None else {"target": target}
        if named and "target" in file[1]:
            raise ArgumentError(f"{text!r} names a target, and target={target!r} another one")
        text, target = join("csv", {"path": file[0]} | named | file[1]), None
    if target is not None:
        raise ArgumentError(f"target is for files ending in .csv only; {shown(text)} is not one")
    path, _, more = text.partition(":") if isinstance(text, str) else ("", "", "")
    if path.lower().endswith(".npz"):
        right = f"sequences:path={path}{',' if more else ''}{more}"
        raise ArgumentError(f"{text!r} is a file of arrays; sequences in it are the problem {right!r}")
    made = build("problem", text, BY_NAME, short=SHORT)
    one_of(f"problem {text!r}", made, Problem, "made by its factory as a Problem")
    return made if "path" in parse(text)[1] else made.named(problem, text)  # a file may change
