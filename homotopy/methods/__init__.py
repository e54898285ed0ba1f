"""Methods: ways to solve a problem, with what they cost."""

from homotopy.methods.base import Method, Result, records, streams
from homotopy.methods.batch import Batch, BatchMethod
from homotopy.methods.multistart import Multistart
from homotopy.methods.names import BY_NAME, method
from homotopy.methods.solving import minimize, solve

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
    "solve",
    "streams",
]
