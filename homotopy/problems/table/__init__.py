"""A problem made of a researcher's own table."""

from homotopy.problems.table.known import HeldOut, TableData
from homotopy.problems.table.making import from_table, widths

__all__ = ["HeldOut", "TableData", "from_table", "widths"]
