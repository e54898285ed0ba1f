"""What escapes: every method of a list on rows of problems, with restart cutoffs chosen on other seeds.

``homotopy reproduce escape --full -o DIR`` writes the page and its picture; ``homotopy suite`` runs parts of it.
"""

from .study import PAPER, kept, outcome

__all__ = ["PAPER", "kept", "outcome"]
