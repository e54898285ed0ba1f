"""What is noted of a fit: how it was made, and what became of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from homotopy._version import __version__
from homotopy.fits.ensembles import Ensemble
from homotopy.fits.penalties import PenaltyPath
from homotopy.fits.table.judging import Row
from homotopy.fits.table.parts import Rows
from homotopy.fits.training import Training
from homotopy.problems.table import TableData

__all__ = ["about", "described", "others"]


def described(data: TableData, class_weight: Any) -> TableData:
    """Return what is known of the table without the penalty, which is another here, and with weights of classes."""
    said = [phrase for phrase in data.said if not phrase.startswith(("penalty ", "no penalty"))]
    if class_weight is not None:
        said.insert(3, "classes count alike" if class_weight == "balanced" else "classes are weighted")
    return replace(data, said=tuple(said))


def others(table: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the columns that are neither inputs nor targets, and are there all the same."""
    names: list[str] = []
    for given in (table.get("weights"), table.get("ignore") or ()):
        if isinstance(given, str):
            names += {given, *given.split("+")}
        elif isinstance(given, (list, tuple, set, frozenset)):
            names += [one for one in given if isinstance(one, str)]
    return tuple(sorted(names))


def _by(path: PenaltyPath, alpha: float) -> str:
    """Return how the penalty was chosen."""
    chosen = f"{path.losses.shape[1]}-fold cross-validation"
    return chosen if alpha == path.best else f"default, since the time ended {chosen} at {path.alphas[-1]:g}"


def about(
    how: Training, nets: Ensemble, path: PenaltyPath | None, lines: tuple[Row, ...], rows: Mapping[str, Rows]
) -> dict[str, Any]:
    """Return how a model was made, as JSON has it."""
    best, name = nets.best, how.method if isinstance(how.method, str) else how.method.name
    return {
        "homotopy": __version__,
        "method": name,
        "alpha": best.alpha,
        "alpha_by": "given" if path is None else _by(path, best.alpha),
        "alphas": [] if path is None else path.alphas.tolist(),
        "ensemble": len(nets.fits),
        "objective": best.value,
        "status": best.status.name,
        "rows": {part: len(here) for part, here in rows.items()},
        "net_cost": sum(fit.cost for fit in nets.fits),
        "scores": [asdict(line) for line in lines],
    }
