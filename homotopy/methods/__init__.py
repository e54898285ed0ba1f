"""Methods: ways to solve a problem, with what they cost."""

from homotopy.methods.base import Method, streams
from homotopy.methods.batch import Batch, BatchMethod
from homotopy.methods.minimizing import minimize, scipy_method
from homotopy.methods.multistart import Multistart
from homotopy.methods.names import BY_NAME, method
from homotopy.methods.result import Result, records
from homotopy.methods.solving import solve

__all__ = [
    "BY_NAME",
    "Batch",
    "BatchMethod",
    "Method",
    "Multistart",
    "Result",
    "method",
    "minimize",
    "records",
    "scipy_method",
    "solve",
    "streams",
]
