"""Follow one solution exactly: predictors, correctors, step control, events, branches."""

from homotopy.continuation.branches import Explorer, Start, switch
from homotopy.continuation.correctors import (
    ArclengthNewton,
    Corrector,
    DenseNewton,
    MoorePenrose,
    Newton,
    NewtonKrylov,
    SparseNewton,
)
from homotopy.continuation.deflation import (
    Deflated,
    DeflatedNewton,
    Deflation,
    deflated_continuation,
    find_solutions,
)
from homotopy.continuation.diagram import Diagram, diagram
from homotopy.continuation.events import BranchPoint, Event, Fold, IndexChange, Jump, Kink, Occurrence
from homotopy.continuation.linear import Auto, Dense, Krylov, Sparse
from homotopy.continuation.minimizers import LBFGS, GradientDescent
from homotopy.continuation.path import Path
from homotopy.continuation.plain import homotopy_from
from homotopy.continuation.point import Correction, Direction, Guess, Metric, Point, Trail
from homotopy.continuation.predictors import Constant, Polynomial, Predictor, Secant, Tangent
from homotopy.continuation.probability import ProbabilityOne, probability_one
from homotopy.continuation.singular import Regularized
from homotopy.continuation.spectrum import Spectrum
from homotopy.continuation.stepcontrol import Adaptive, Fixed, StepControl
from homotopy.continuation.symmetries import HiddenUnits, Symmetries, symmetries_of
from homotopy.continuation.systems import GradientSystem, RootSystem, Still
from homotopy.continuation.table import table, write_csv
from homotopy.continuation.track import track
from homotopy.continuation.tracker import Tracker

__all__ = [
    "LBFGS",
    "Adaptive",
    "ArclengthNewton",
    "Auto",
    "BranchPoint",
    "Constant",
    "Correction",
    "Corrector",
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
    "IndexChange",
    "Jump",
    "Kink",
    "Krylov",
    "Metric",
    "MoorePenrose",
    "Newton",
    "NewtonKrylov",
    "Occurrence",
    "Path",
    "Point",
    "Polynomial",
    "Predictor",
    "ProbabilityOne",
    "Regularized",
    "RootSystem",
    "Secant",
    "Sparse",
    "SparseNewton",
    "Spectrum",
    "Start",
    "StepControl",
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
