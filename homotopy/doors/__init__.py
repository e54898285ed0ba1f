"""Doors of the package: what fails behind one because an argument is of a wrong kind is told by that argument."""

from homotopy.doors.telling import door, doors

__all__ = ["door", "doors"]
