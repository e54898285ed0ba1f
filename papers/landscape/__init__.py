"""What the minima and saddles of the field's small problems are, with proofs where they can be had.

``python -m homotopy.papers.landscape -o DIR`` runs the study and writes landscape.csv, landscape.md and landscape.png.
"""

__all__: list[str] = []
