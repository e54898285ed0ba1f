"""Nets on real data: where a homotopy pays, where restarts do as well, and where only the penalty matters."""
