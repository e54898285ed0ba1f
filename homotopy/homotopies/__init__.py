"""Homotopies: an easy problem at t = 0 deformed into the true one at t = 1."""

from homotopy.homotopies.base import At, Homotopy
from homotopy.homotopies.bratu import Bratu, MovingQuadratic
from homotopy.homotopies.linearized import Linearized
from homotopy.homotopies.proximal import Proximal
from homotopy.homotopies.skip import Skip

__all__ = ["BY_NAME", "At", "Bratu", "Homotopy", "Linearized", "MovingQuadratic", "Proximal", "Skip"]

BY_NAME: dict[str, type[Homotopy]] = {"linearized": Linearized, "proximal": Proximal, "skip": Skip}
