"""Linear systems: factorizations with their inertia, Krylov methods on operators, bordered systems."""

from homotopy.linalg.bordered import Bordered, dense_bordered
from homotopy.linalg.factors import DenseLU, DenseSymmetric, LinearSolver, SparseLU, Tridiagonal
from homotopy.linalg.krylov import KrylovResult, cg, gmres_solve, minres

__all__ = [
    "Bordered",
    "DenseLU",
    "DenseSymmetric",
    "KrylovResult",
    "LinearSolver",
    "SparseLU",
    "Tridiagonal",
    "cg",
    "dense_bordered",
    "gmres_solve",
    "minres",
]
