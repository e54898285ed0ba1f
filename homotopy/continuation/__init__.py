"""Follow one solution exactly: predictors, correctors, step control, events, branches.

Systems of plain functions, deflation and symmetries live on higher floors; their names are found here too.
"""

import importlib
from typing import Any

from homotopy.continuation.branches.diagram import Diagram, diagram
from homotopy.continuation.branches.explorer import Explorer, Start
from homotopy.continuation.branches.switching import switch
from homotopy.continuation.engine.course import Course
from homotopy.continuation.engine.settings import Limits, Observed, Steps
from homotopy.continuation.engine.tracker import Tracker
from homotopy.continuation.parts.descents import LBFGS, GradientDescent
from homotopy.continuation.parts.events import BranchPoint, Event, Fold, IndexChange, Jump, Kink, Occurrence
from homotopy.continuation.parts.hopf import Hopf
from homotopy.continuation.parts.linear import Auto, Dense, Krylov, Sparse
from homotopy.continuation.parts.newton import (
    ArclengthNewton,
    Corrector,
    DenseNewton,
    MoorePenrose,
    Newton,
    NewtonKrylov,
    SparseNewton,
)
from homotopy.continuation.parts.predictors import Constant, Polynomial, Predictor, Secant, Tangent
from homotopy.continuation.parts.spectrum import Spectrum
from homotopy.continuation.parts.stepcontrol import Adaptive, Fixed, StepControl
from homotopy.continuation.point import Correction, Direction, Guess, Metric, Point, Trail
from homotopy.continuation.progress import Progress
from homotopy.continuation.results.path import Path
from homotopy.continuation.results.table import table, write_csv
from homotopy.continuation.singular import Regularized
from homotopy.continuation.track import track

__all__ = [
    "LBFGS",
    "Adaptive",
    "ArclengthNewton",
    "Auto",
    "BranchPoint",
    "Constant",
    "Correction",
    "Corrector",
    "Course",
    "Deflated",
    "DeflatedNewton",
    "Deflation",
    "Dense",
    "DenseNewton",
    "Diagram",
    "Direction",
    "Event",
    "Explorer",
    "Fixed",
    "Fold",
    "GradientDescent",
    "GradientSystem",
    "Guess",
    "HiddenUnits",
    "Hopf",
    "IndexChange",
    "Jump",
    "Kink",
    "Krylov",
    "Limits",
    "Metric",
    "MoorePenrose",
    "Newton",
    "NewtonKrylov",
    "Observed",
    "Occurrence",
    "Path",
    "Point",
    "Polynomial",
    "Predictor",
    "ProbabilityOne",
    "Progress",
    "Regularized",
    "RootSystem",
    "Secant",
    "Sparse",
    "SparseNewton",
    "Spectrum",
    "Start",
    "StepControl",
    "Steps",
    "Still",
    "Symmetries",
    "Tangent",
    "Tracker",
    "Trail",
    "deflated_continuation",
    "diagram",
    "find_solutions",
    "homotopy_from",
    "probability_one",
    "switch",
    "symmetries_of",
    "table",
    "track",
    "write_csv",
]

# What users look for here and what lives above, by module; imported on first use, since no floor imports a higher one.
_ABOVE = {
    "homotopies.systems.plain": ("homotopy_from",),
    "homotopies.systems.probability": ("ProbabilityOne", "probability_one"),
    "homotopies.systems.roots": ("GradientSystem", "RootSystem", "Still"),
    "landscape.deflating.deflation": ("Deflated", "Deflation"),
    "landscape.deflating.newton": ("DeflatedNewton",),
    "landscape.deflating.solutions": ("deflated_continuation", "find_solutions"),
    "landscape.symmetry.units": ("HiddenUnits", "Symmetries", "symmetries_of"),
}


def __getattr__(name: str) -> Any:
    for module, names in _ABOVE.items():
        if name in names:
            return getattr(importlib.import_module(f"homotopy.{module}"), name)
    raise AttributeError(f"module 'homotopy.continuation' has no attribute {name!r}")
