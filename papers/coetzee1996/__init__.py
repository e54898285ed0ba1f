"""Coetzee and Stonick, NIPS 1996: 488 solutions to the XOR problem; and their work on natural homotopies."""

from .census import census
from .figures import counts_picture, picture
from .natural import on_xor, one_layer
from .search import curves, discovery, roots, searched
from .study import PAPER

__all__ = [
    "PAPER",
    "census",
    "counts_picture",
    "curves",
    "discovery",
    "on_xor",
    "one_layer",
    "picture",
    "roots",
    "searched",
]
