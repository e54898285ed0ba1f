"""Linear systems: factorizations with their inertia, Krylov methods on operators, bordered systems."""

from homotopy.linalg.bordered import Bordered, WholeBordered, dense_bordered
from homotopy.linalg.dense import dense_hessian, full, identity_like
from homotopy.linalg.factors import DenseLU, DenseSymmetric, LinearSolver, NotFiniteError, SparseLU, Tridiagonal
from homotopy.linalg.krylov import KrylovResult, cg, gmres_solve, minres
from homotopy.linalg.operators import KrylovSolver, OperatorBordered, SymmetricBordered, scaled_bordered

__all__ = [
    "Bordered",
    "DenseLU",
    "DenseSymmetric",
    "KrylovResult",
    "KrylovSolver",
    "LinearSolver",
    "NotFiniteError",
    "OperatorBordered",
    "SparseLU",
    "SymmetricBordered",
    "Tridiagonal",
    "WholeBordered",
    "cg",
    "dense_bordered",
    "dense_hessian",
    "full",
    "gmres_solve",
    "identity_like",
    "minres",
    "scaled_bordered",
]
