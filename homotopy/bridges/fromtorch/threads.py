"""One thread inside torch while it is ours; parallelism is over starts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

__all__ = ["one_torch_thread"]

Found = TypeVar("Found")


def one_torch_thread(method: Callable[..., Found]) -> Callable[..., Found]:
    """Return a method during which torch has one thread; its object has torch as ``_torch``.

    The caller's number is given back, after an exception too.
    """

    @wraps(method)
    def alone(self: Any, *arguments: Any) -> Found:
        torch = self._torch
        n = torch.get_num_threads()
        if n == 1:
            return method(self, *arguments)
        torch.set_num_threads(1)
        try:
            return method(self, *arguments)
        finally:
            torch.set_num_threads(n)

    return alone
