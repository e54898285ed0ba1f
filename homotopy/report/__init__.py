"""Comparisons made readable: tables, figures and the folder that holds them."""

from homotopy.report.folder import write

__all__ = ["write"]
