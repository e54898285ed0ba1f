"""The paths of homotopy methods: loss and index against t, for the first few seeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from homotopy import methods, problems
from homotopy.continuation.parts.spectrum import Spectrum
from homotopy.errors import HomotopyError
from homotopy.experiments.comparison import Comparison
from homotopy.experiments.run.machine import set_blas_threads
from homotopy.methods.base import streams
from homotopy.methods.tracked.tracked import Tracked
from homotopy.problems.base import Problem
from homotopy.report.figures import styled
from homotopy.report.style import colors

__all__ = ["Trace", "draw", "traces"]

PATIENCE = 1.0  # seconds that the paths of one method on one problem may take, by its median time
MOST = 5  # paths of one method
LARGEST = 200  # variables up to which the index is computed at every point


@dataclass(frozen=True)
class Trace:
    """A tracked path as it is drawn.

    Attributes
    ----------
    seed : int
        The seed of the run.
    t, value : ndarray of shape (m,)
        Along the path, in its order.
    index : ndarray of shape (m,)
        Negative eigenvalues of the Hessian, NaN where they were not computed.
    """

    seed: int
    t: NDArray[np.float64]
    value: NDArray[np.float64]
    index: NDArray[np.float64]


def traces(comparison: Comparison, problem: str) -> dict[str, list[Trace]]:
    """Return the paths of the methods that track one, from the first seeds of a comparison, run again.

    Parameters
    ----------
    comparison : Comparison
        What was run.
    problem : str
        The problem's name.

    Returns
    -------
    dict
        From the method's name to its paths; methods without paths, too slow ones, and ones that cannot be built again
        from their names are left out.
    """
    set_blas_threads(1)
    out: dict[str, list[Trace]] = {}
    for name in comparison.methods_on(problem):
        seconds = float(np.nanmedian(comparison.records(problem, name)["seconds"]))
        n = min(MOST, int(PATIENCE / max(seconds, 1e-3)))
        try:
            found, how = problems.problem(problem), methods.method(name)
            if isinstance(how, Tracked):
                tried = (_trace(comparison, found, how, seed) for seed in comparison.seeds[:n])
                out[name] = [trace for trace in tried if trace is not None]
        except HomotopyError:  # an object without a name to build it from, or a start that fails
            continue
    return {name: found for name, found in out.items() if found}


def _trace(comparison: Comparison, problem: Problem, method: Tracked, seed: int) -> Trace | None:
    path = method.solve(problem, rng=seed, budget=comparison.budget).path
    if path is None:
        return None
    index = np.full(len(path.points), np.nan)
    if problem.size <= LARGEST:
        homotopy = method.factory(problem.objective, problem.start(streams(seed)[0]))
        spectrum = Spectrum()
        index = np.array([spectrum.index(homotopy, point.x, point.t)[0] for point in path.points], dtype=np.float64)
        index[index < 0] = np.nan
    return Trace(seed, path.column("t"), path.column("value"), index)


@styled
def draw(found: dict[str, list[Trace]], order: tuple[str, ...]) -> Figure:
    """Return the figure of H along the paths against t and of the index of the Hessian there.

    Parameters
    ----------
    found : dict
        From the method's name to its paths (`traces`).
    order : tuple of str
        All methods of the comparison, which fixes the colors.
    """
    shades = colors(order)
    known = any(np.isfinite(trace.index).any() for runs in found.values() for trace in runs)
    figure = Figure(figsize=(6.4, 5.2 if known else 3.8), layout="constrained")
    rows = figure.subplots(2 if known else 1, 1, sharex=True, squeeze=False, height_ratios=[2, 1] if known else [1])
    upper, lower = rows[0, 0], rows[-1, 0]
    for name, runs in found.items():
        for i, trace in enumerate(runs):
            label = name if i == 0 else None
            upper.plot(trace.t, trace.value, color=shades[name], label=label, linewidth=1.2, alpha=0.9)
            upper.plot(trace.t[-1], trace.value[-1], "o", color=shades[name], markersize=3.5)
            if known:
                lower.plot(trace.t, trace.index, color=shades[name], linewidth=1.2, drawstyle="steps-mid")
    if min(trace.value.min() for runs in found.values() for trace in runs) > 0:
        upper.set_yscale("log")
    upper.set_ylabel("H(x(t), t)")
    if known:
        lower.set_ylabel("index")
        lower.set_ylim(bottom=-0.2)
        lower.yaxis.set_major_locator(MaxNLocator(integer=True))
    lower.set_xlabel("t (0: the easy problem, 1: the true one)")
    figure.legend(*upper.get_legend_handles_labels(), loc="outside right upper")
    return figure
