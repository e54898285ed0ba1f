"""``homotopy solve``: one problem, one method, one seed, and one screen that says how it ended."""

from __future__ import annotations

import textwrap
from collections import Counter
from math import isfinite
from typing import TYPE_CHECKING, Any

import click

from homotopy.cli import options
from homotopy.cli.console import echo, emit_json, width
from homotopy.cli.options import load_plugins, problem_texts

if TYPE_CHECKING:
    from homotopy.methods import Method, Result
    from homotopy.problems import Problem
    from homotopy.status import Budget

__all__ = ["command", "screen"]

WIDTH, HEIGHT = 80, 24  # columns and rows of a screen
LABEL = 10  # of them the names at the left
MOST = {"data": 5, "method": 4, "end": 3, "test": 1}  # rows of an entry; of the others two
GIVES_WAY = ("method", "end", "data")  # where a screen is full, the longest one of these
FEW = 6  # kinds of stages that are named


@click.command("solve")
@click.argument("problem", type=options.PROBLEM)
@click.option(
    "-m",
    "--method",
    "method_text",
    default="auto",
    show_default=True,
    type=options.METHOD,
    metavar="METHOD",
    help="How.",
)
@options.seed
@click.option("--budget", type=options.LIMIT, metavar="B", help="Gradient-equivalents that the run may cost.")
@click.option("--seconds", type=options.LIMIT, metavar="S", help="Wall-clock seconds that the run may take.")
@options.target
@options.missing
@options.plugin
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write the final point (.npy).")
@options.force
@options.as_json
def command(problem: str, method_text: str, seed: int, **settings: Any) -> None:
    """Solve PROBLEM once and say on one screen how it ended.

    Success is a value within the tolerance of the known minimum; where none is known, that the run converged to a
    minimum, which need not be the lowest one.

    \b
    Examples:
      homotopy solve teacher:k=20 -m skip --seed 3
      homotopy solve data.csv --target price -m lbfgs -o weights.npy
      homotopy solve sequences:path=runs.csv,id=run,target=y,test=0.2
    """  # noqa: D301
    import numpy as np

    from homotopy import methods, problems
    from homotopy.cli.request import limits
    from homotopy.errors import ArgumentError
    from homotopy.fits.table.files import free, put
    from homotopy.returned import number_of

    output = settings["output"]
    place = None if output is None else free(output, overwrite=settings["force"], ending=".npy")
    load_plugins(settings["plugins"])
    found = problems.problem(problem_texts([problem], settings["target"], settings["missing"])[0])
    how = methods.method(method_text)
    reason = how.accepts(found)
    if reason is not None:
        raise ArgumentError(f"the method {how.name!r} does not run on {found.name!r}: {reason}")
    budget = limits(settings["budget"], settings["seconds"])
    result = methods.solve(found, how, rng=seed, budget=budget)
    if place is not None:
        put(place, lambda stream: np.save(stream, result.x))
    written = "" if place is None else str(place)
    if not settings["as_json"]:
        echo("\n".join(screen(found, how, result, budget=budget, written=written)))
        return
    data = {
        "problem": found.name,
        "method": how.name,
        "seed": seed,
        "success": result.success,
        "value": result.value,
        "optimum": found.optimum,
        "bound": None if result.bound is None else result.bound.value,
        "certificate": "" if result.bound is None else result.bound.certificate,
        "gap": result.gap,
        "cost": result.cost,
        "cost_to_success": result.cost_to_success,
        "status": result.status.name,
        "message": result.message,
        "seconds": result.seconds,
    }
    data |= {"written": written} if written else {}
    data |= (
        {"score": number_of("score", found.score(np.array(result.x))), "score_name": found.score_name}
        if found.score
        else {}
    )
    emit_json(data | {"x": result.x})


def screen(problem: Problem, method: Method, result: Result, *, budget: Budget, written: str = "") -> list[str]:
    """Return the lines of the screen, at most 24 of at most 80 columns; `written` is the file of the final point.

    On a terminal that is narrower there are as many more lines.
    """
    room = width(WIDTH)
    height = HEIGHT * WIDTH // room
    entries = [
        ("problem", problem.name),
        ("data", _data(problem)),
        ("method", _method(method, result)),
        ("value", _value(problem, result)),
        ("bound", result.gap_text),
        ("success", _success(problem, result)),
        ("end", _end(result)),
        ("cost", _cost(result, budget)),
        ("test", _score(problem, result)),
        ("written", written),
        ("next", _next(problem, method, result, written)),
    ]
    most = dict(MOST)
    while True:
        found = [(name, _rows(text, room - LABEL, most.get(name, 2) * WIDTH // room)) for name, text in entries if text]
        out = [f"{name if i == 0 else '':<{LABEL}}{row}" for name, rows in found for i, row in enumerate(rows)]
        if len(out) <= height:
            return out
        longest = max(GIVES_WAY, key=lambda name: len(dict(found).get(name, ())))
        most[longest] = len(dict(found)[longest]) - 1


def _rows(text: str, room: int, most: int) -> list[str]:
    """Return a text in rows of so many columns beside the names, at most so many; no number is broken."""
    return textwrap.wrap(text, room, max_lines=most, placeholder=" ...", break_on_hyphens=False)


def _data(problem: Problem) -> str:
    """Return what the problem is made from: its table in its own words, or the numbers of samples and variables."""
    size = f"{problem.size:,} variables"
    if hasattr(problem.data, "describe"):
        return f"{problem.data.describe()}; {size}"
    samples = getattr(problem.objective, "n_samples", None)
    return f"{samples:,} samples, {size}" if samples else size


def _method(method: Method, result: Result) -> str:
    """Return which method ran, what it chose and why, and its stages summed up."""
    stages = [stage for stage in result.stages if stage.get("stage") not in ("choice", "end")]
    choices = [stage for stage in result.stages if stage.get("stage") == "choice"]
    text = method.name
    for choice in choices:
        names = list(dict.fromkeys(str(choice.get("methods", "")).split(", ")))
        text += f"; chose {', then '.join(names)}: {choice.get('why', '')}"
    ran = Counter(str(stage["method"]) for stage in stages if "method" in stage)
    if ran:
        starts = sum(ran.values())
        return f"{text}; {starts} start{'s' if starts > 1 else ''}: {_counted(ran)}"
    kinds = Counter(str(stage.get("stage", "")) for stage in stages)
    return f"{text}; stages: {_counted(kinds)}" if kinds else text


def _counted(names: Counter[str]) -> str:
    shown = [name if n == 1 else f"{name} x {n:,}" for name, n in list(names.items())[:FEW]]
    return ", ".join(shown) + (", ..." if len(names) > FEW else "")


def _value(problem: Problem, result: Result) -> str:
    """Return the value, the known minimum, and what the best constant has."""
    from homotopy.problems.constant import constant_loss

    parts = [f"{result.value:.6g}"]
    if problem.optimum is not None:
        parts.append(f"{max(result.value - problem.optimum, 0.0):.3g} above the known minimum {problem.optimum:.6g}")
    constant = constant_loss(problem.objective)
    if isfinite(constant):
        bare = ", without penalty" if getattr(problem.objective, "l2", 0.0) else ""
        parts.append(f"the best constant prediction has {constant:.6g}{bare}")
    return "; ".join(parts)


def _success(problem: Problem, result: Result) -> str:
    """Return whether the run succeeded, in words: where the optimum is unknown, whether it converged to a minimum."""
    if problem.optimum is not None:
        within = f"within {problem.tolerance:.3g} of the known minimum"
        if result.note and problem.solved(result.value):
            return f"no: {within}, but not on held-out data"
        return f"yes: {within}" if result.success else f"no: not {within}"
    if not result.success:
        return "no: it did not converge to a minimum"
    if _proved(result):
        return "yes: it converged, and no value is lower" + (f" by more than {result.gap:.3g}" if result.gap else "")
    curvature = result.curvature
    if curvature is not None and curvature.kind != "minimum":
        return "yes: it converged, and nothing says that the end is no minimum; the global one is unknown"
    return "yes: it converged to a minimum; whether it is the global one is unknown"


def _proved(result: Result) -> bool:
    """Return whether the bound says that the value is that of the global minimum."""
    return result.bound is not None and result.bound.proves(result.value)


def _end(result: Result) -> str:
    """Return how the run ended, and what is known of its end."""
    told = [stage for stage in result.stages if stage.get("stage") == "end"]
    why = str(told[-1].get("why", "")) if told else ""
    return why if result.message in why else "; ".join(filter(None, [result.message, why]))


def _cost(result: Result, budget: Budget) -> str:
    """Return what the run spent in gradients and in seconds, of what it might."""
    of = f" of {budget.gradients:,.6g}" if isfinite(budget.gradients) else ""
    within = f" of {budget.seconds:.4g}" if isfinite(budget.seconds) else ""
    text = f"{result.cost:,.6g}{of} gradient-equivalents, {result.seconds:.3g}{within} s"
    if isfinite(result.cost_to_success) and result.cost_to_success < result.cost:
        text += f"; the target was reached after {result.cost_to_success:,.6g}"
    return text


def _score(problem: Problem, result: Result) -> str:
    """Return the score on held-out data; nothing where none are held out."""
    from homotopy.returned import number_of

    if problem.score is None:
        return ""
    rows = getattr(problem.test, "n_samples", None)
    kind = "sequences" if hasattr(problem.test, "n_steps") else "rows"
    where = f"{rows:,} held-out {kind}" if rows else "held-out data"
    text = f"{problem.score_name or 'score'} {number_of('score', problem.score(result.x)):.4g}"
    if problem.test is not None and problem.test_target is not None:
        loss = problem.judged(result.x)[0]
        text = f"loss {loss:.4g}, of which at most {problem.test_target:.4g} is a success, and {text}"
    return f"{text} on {where}"


def _next(problem: Problem, method: Method, result: Result, written: str) -> str:
    """Return what to do next: where a run failed, and where another start may end lower."""
    many = f"homotopy compare '{problem.name}' -m {method.name}"
    if result.success and problem.optimum is not None:
        return "" if written else "-o FILE writes the point"
    from homotopy.status import Status

    if result.status is Status.BUDGET_SPENT:
        return "give it more with --budget or --seconds, or try another start with --seed 1"
    if result.status is Status.NON_FINITE:
        return "values became infinite: scale the data, or try another start with --seed 1 or another method with -m"
    if not result.success:
        return f"try another start with --seed 1, another method with -m, or many starts: {many}"
    if _proved(result):
        return "" if written else "-o FILE writes the point"
    return f"other starts may end lower: {many} --seeds 20"
