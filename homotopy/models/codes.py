"""The compiled kernels and the entries of this package name the same things by the same codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

__all__ = ["agree"]


class Coded(Protocol):
    """Anything with a code."""

    @property
    def code(self) -> int:
        """Its code in the compiled kernels."""


def agree(kind: str, entries: Mapping[str, Coded], compiled: Sequence[str]) -> None:
    """Check a table of entries against the compiled names, which stand in the order of their codes.

    Raises
    ------
    ImportError
        If either side lacks one, or a code differs: nets would then compute something else than they say.

    Examples
    --------
    >>> from homotopy.models.losses import BY_NAME
    >>> agree("loss", BY_NAME, ["squared", "logistic", "softmax"])
    >>> agree("loss", BY_NAME, ["squared", "logistic", "softmax", "hinge"])
    Traceback (most recent call last):
    ImportError: loss 'hinge' has the code 3 in ext/passes and None in homotopy/models; both need it, and the same
    """
    codes = {name: code for code, name in enumerate(compiled)}
    for name in dict.fromkeys([*compiled, *entries]):
        there, here = codes.get(name), entries[name].code if name in entries else None
        if there != here:
            raise ImportError(
                f"{kind} {name!r} has the code {there} in ext/passes and {here} in homotopy/models; "
                "both need it, and the same"
            )
