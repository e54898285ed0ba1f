"""Estimators of scikit-learn that train nets by the methods of this package; they need the extra sklearn."""

from homotopy.errors import MissingExtraError

try:
    import sklearn  # noqa: F401
except ImportError:
    raise MissingExtraError(
        "homotopy.estimators needs the extra sklearn: pip install 'homotopy-opt[sklearn]'"
    ) from None

from homotopy.estimators.classifier import HomotopyClassifier
from homotopy.estimators.regressor import HomotopyRegressor

__all__ = ["HomotopyClassifier", "HomotopyRegressor"]
