"""The critical points of a problem made readable: tables, figures and the folder that holds them."""

from homotopy.report.landscape.folder import write
from homotopy.report.landscape.surveyed import Survey

__all__ = ["Survey", "write"]
