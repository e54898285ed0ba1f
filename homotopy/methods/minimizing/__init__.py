"""`minimize`, and the door through which SciPy's `minimize` calls it."""

from homotopy.methods.minimizing.minimize import minimize
from homotopy.methods.minimizing.scipydoor import scipy_method

__all__ = ["minimize", "scipy_method"]
