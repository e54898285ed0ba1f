"""A fit that fails leaves the estimator as it was."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

__all__ = ["kept_on_error"]


def kept_on_error(fit: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method of an estimator after whose errors its attributes are those before.

    Otherwise nets of the last fit would be read with the scaling of data that another one never fitted.
    """

    @wraps(fit)
    def method(self: Any, *arguments: Any, **options: Any) -> Any:
        before = dict(vars(self))
        try:
            return fit(self, *arguments, **options)
        except BaseException:
            vars(self).clear()
            vars(self).update(before)
            raise

    return method
