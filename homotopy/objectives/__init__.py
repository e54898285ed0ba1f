"""Objectives: what is minimized, with exact derivatives."""

from homotopy.objectives.base import Objective, check_derivatives
from homotopy.objectives.facets import FACETS, lacking, offered
from homotopy.objectives.function import Function
from homotopy.objectives.outputs import NetObjective, Outputs
from homotopy.objectives.recurrent import RecurrentRisk
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.objectives.teacher import TeacherStudent

__all__ = [
    "FACETS",
    "EmpiricalRisk",
    "Function",
    "NetObjective",
    "Objective",
    "Outputs",
    "RecurrentRisk",
    "TeacherStudent",
    "check_derivatives",
    "lacking",
    "offered",
]
