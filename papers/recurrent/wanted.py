"""What was wanted before the runs, and what came."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from homotopy.papers.recurrent.numbers import Found, numbers
from homotopy.papers.recurrent.words import cost_text, rate_text, ratio_text
from homotopy.report import markdown

__all__ = ["WANTED", "Wanted", "wanted"]


@dataclass(frozen=True)
class Wanted:
    """A limit of `length` on a task: the least success, the most expected gradients, the least ratio to L-BFGS."""

    task: str
    success: float = 0.0
    cost: float = 0.0
    times: float = 0.0


WANTED = (
    Wanted("adding tanh 100", 0.99, 180),
    Wanted("adding relu 100", 0.99, 70),
    Wanted("adding tanh 400", cost=260),
    Wanted("adding relu 400", cost=90),
    Wanted("adding tanh 1000", 1.0),
    Wanted("adding relu 1000", 1.0),
    Wanted("latch 300", 0.99),
    Wanted("temporal-xor 50", 0.95),
    Wanted("temporal-xor 100", 0.95),
    Wanted("order 60", 0.9),
    *(
        Wanted(f"rts {key} 20", cost=cost)
        for key, cost in zip("ABCDEFI", (60, 230, 410, 90, 480, 750, 2250), strict=True)
    ),
    *(Wanted(f"rts {key} 100", cost=cost) for key, cost in zip("ADB", (25, 37, 290), strict=True)),
    Wanted("identify wh", 0.45, 1800),
    Wanted("identify duff", cost=640),
    *(Wanted(f"generate {wave}", times=6.0) for wave in ("sine", "two", "square")),
)


def wanted(found: Found) -> str:
    """Return the table of what was wanted of `length`, and whether the values, not their intervals, reached it."""
    body = []
    for one in WANTED:
        mine = found.of(one.task, "length")
        if not mine:
            continue
        ours = numbers(mine)
        asked, came, held = [], [], []
        if one.success:
            asked.append(f"success {one.success:g}")
            came.append(rate_text(ours.rate))
            held.append(ours.rate.rate >= one.success)
        if one.cost:
            asked.append(f"E\\* at most {one.cost:,.0f}")
            came.append(f"E\\* {cost_text(ours.expected)}")
            held.append(ours.expected.value <= one.cost)
        times = found.ratio(one.task, found.best(one.task, "L-BFGS")) if one.times else None
        if times is not None:
            asked.append(f"{one.times:g} times below L-BFGS")
            came.append(f"{ratio_text(times)} times")
            held.append(isfinite(times.value) and times.value >= one.times)
        body.append([one.task, "; ".join(asked), "; ".join(came), "reached" if all(held) else "**missed**"])
    return markdown(["task", "wanted", "came", ""], body) if body else ""
