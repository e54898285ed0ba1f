"""What differs between scikit-learn 1.4 and 1.9: validation of data, and callbacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

try:
    from sklearn.utils.validation import validate_data
except ImportError:  # before 1.6 it was a method

    def validate_data(estimator: Any, /, *arrays: Any, **options: Any) -> Any:
        """Return the arrays, checked and converted."""
        return estimator._validate_data(*arrays, **options)


try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # before 1.9 there were none

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """No callbacks."""

    def with_callbacks(method: Callable[..., Any]) -> Callable[..., Any]:
        """Return the method."""
        return method


__all__ = ["CallbackSupportMixin", "validate_data", "with_callbacks"]
