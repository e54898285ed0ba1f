"""A researcher's table: read, checked, and coded as the inputs and targets of a net."""

from homotopy.tables.coding.encoding import Encoding, Input
from homotopy.tables.coding.targets import TargetCoding
from homotopy.tables.deciding import decided
from homotopy.tables.frames import Column, Frame
from homotopy.tables.reading import read_table
from homotopy.tables.splits import held_out
from homotopy.tables.taking import frame_of

__all__ = ["Column", "Encoding", "Frame", "Input", "TargetCoding", "decided", "frame_of", "held_out", "read_table"]
