"""Train neural networks by continuation, and show against plain gradient descent when that escapes local minima."""

import importlib
import logging
from typing import TYPE_CHECKING, Any

from homotopy._version import __version__

if TYPE_CHECKING:
    from homotopy import errors, homotopies
    from homotopy.bridges import objective_from_jax, objective_from_torch, to_torch
    from homotopy.continuation import track
    from homotopy.descent import descend
    from homotopy.experiments import Comparison, compare
    from homotopy.fits import fit_table, load_model
    from homotopy.methods import Result, method, minimize, scipy_method, solve
    from homotopy.models import MLP, RNN
    from homotopy.objectives import EmpiricalRisk, TeacherStudent
    from homotopy.problems import Problem, from_sequences, from_table, problem
    from homotopy.status import Budget, Status

__all__ = [
    "MLP",
    "RNN",
    "Budget",
    "Comparison",
    "EmpiricalRisk",
    "Problem",
    "Result",
    "Status",
    "TeacherStudent",
    "__version__",
    "compare",
    "descend",
    "errors",
    "fit_table",
    "from_sequences",
    "from_table",
    "homotopies",
    "load_model",
    "method",
    "minimize",
    "objective_from_jax",
    "objective_from_torch",
    "problem",
    "scipy_method",
    "solve",
    "to_torch",
    "track",
]

# Where each public name lives; imported on first use, so that the command line answers at once.
_HOME = {
    "MLP": "models",
    "RNN": "models",
    "Budget": "status",
    "Comparison": "experiments",
    "EmpiricalRisk": "objectives",
    "Problem": "problems",
    "Result": "methods",
    "Status": "status",
    "TeacherStudent": "objectives",
    "compare": "experiments",
    "descend": "descent",
    "fit_table": "fits",
    "from_sequences": "problems",
    "from_table": "problems",
    "load_model": "fits",
    "method": "methods",
    "minimize": "methods",
    "objective_from_jax": "bridges",
    "objective_from_torch": "bridges",
    "problem": "problems",
    "scipy_method": "methods",
    "solve": "methods",
    "to_torch": "bridges",
    "track": "continuation",
}

logging.getLogger(__name__).addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    if name in ("errors", "homotopies"):
        return importlib.import_module(f"homotopy.{name}")
    if name in _HOME:
        return getattr(importlib.import_module(f"homotopy.{_HOME[name]}"), name)
    raise AttributeError(f"module 'homotopy' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
