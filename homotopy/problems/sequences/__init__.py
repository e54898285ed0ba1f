"""A problem made of a researcher's own sequences."""

from homotopy.problems.sequences.known import SequenceData
from homotopy.problems.sequences.making import from_sequences
from homotopy.problems.sequences.named import sequences

__all__ = ["SequenceData", "from_sequences", "sequences"]
