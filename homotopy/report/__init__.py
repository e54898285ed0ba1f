"""Comparisons made readable: tables, figures and the folder that holds them."""

from homotopy.report.figures import styled
from homotopy.report.folder import write
from homotopy.report.overlap import reveal
from homotopy.report.style import INK, colors, marker
from homotopy.report.tables import (
    HEADINGS,
    RESTARTS,
    clock_text,
    cost_text,
    expected_text,
    headed,
    markdown,
    rate_text,
    restarts_row,
    restarts_table,
    row,
    seconds_text,
)

__all__ = [
    "HEADINGS",
    "INK",
    "RESTARTS",
    "clock_text",
    "colors",
    "cost_text",
    "expected_text",
    "headed",
    "markdown",
    "marker",
    "rate_text",
    "restarts_row",
    "restarts_table",
    "reveal",
    "row",
    "seconds_text",
    "styled",
    "write",
]
