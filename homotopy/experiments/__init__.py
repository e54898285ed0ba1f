"""Comparisons of methods on problems: what runs, who runs it, where it is kept, and what the numbers mean."""

from homotopy.experiments.comparison import Comparison
from homotopy.experiments.plan.grid import Grid, Group
from homotopy.experiments.plan.shares import share_out
from homotopy.experiments.progress import Progress
from homotopy.experiments.run.executors import Workers
from homotopy.experiments.run.machine import code_version, machine_name
from homotopy.experiments.run.workers.processes import as_worker, end_workers, shielded
from homotopy.experiments.running import compare, run_grids
from homotopy.experiments.statistics.paired import holm
from homotopy.experiments.statistics.restarts import ExpectedCost, expected_cost, tuned_cost
from homotopy.experiments.statistics.statistics import Rate, Summary, success_rate, summarize
from homotopy.experiments.store.store import Store

__all__ = [
    "Comparison",
    "ExpectedCost",
    "Grid",
    "Group",
    "Progress",
    "Rate",
    "Store",
    "Summary",
    "Workers",
    "as_worker",
    "code_version",
    "compare",
    "end_workers",
    "expected_cost",
    "holm",
    "machine_name",
    "run_grids",
    "share_out",
    "shielded",
    "success_rate",
    "summarize",
    "tuned_cost",
]
