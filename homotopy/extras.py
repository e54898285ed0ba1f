"""Optional dependencies: imported where they are used, and a sentence that names the extra where they are not there."""

from __future__ import annotations

import importlib
from typing import Any

from homotopy.errors import MissingExtraError

__all__ = ["extra"]


def extra(module: str, name: str, purpose: str) -> Any:
    """Return an optional module that the extra `name` brings; the message says for what purpose it is needed.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise MissingExtraError(f"{purpose} needs the extra {name}: pip install 'homotopy-opt[{name}]'") from None
