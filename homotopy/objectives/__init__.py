"""Objectives: what is minimized, with exact derivatives."""

from homotopy.objectives.base import Objective, check_derivatives
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.objectives.teacher import TeacherStudent

__all__ = ["EmpiricalRisk", "Objective", "TeacherStudent", "check_derivatives"]
