"""``homotopy landscape``: the critical points of a problem, gathered into a folder."""
