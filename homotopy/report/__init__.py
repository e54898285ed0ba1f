"""Comparisons made readable: tables, figures and the folder that holds them."""

from homotopy.report.figures import styled
from homotopy.report.folder import write
from homotopy.report.style import INK, colors
from homotopy.report.tables import HEADINGS, RESTARTS, expected_text, markdown, restarts_row, row

__all__ = [
    "HEADINGS",
    "INK",
    "RESTARTS",
    "colors",
    "expected_text",
    "markdown",
    "restarts_row",
    "row",
    "styled",
    "write",
]
