"""Names as text: one function for each place where a text that anybody may have chosen is written."""

from homotopy.texts.plain import PLAIN, encoded
from homotopy.texts.shown import cell, file_name, tex, visible

__all__ = ["PLAIN", "cell", "encoded", "file_name", "tex", "visible"]
