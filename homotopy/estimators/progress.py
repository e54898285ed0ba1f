"""What scikit-learn's callbacks, and a reader of ``verbose``, are told of a fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import isfinite
from typing import Any

import numpy as np

from homotopy.fits.training import Callback

__all__ = ["Progress"]

Attributes = Callable[[Any], dict[str, Any]]


class Progress:
    """The fit as a task, with one task for each stage (the penalty path, each net) and within it one for each step.

    Parameters
    ----------
    estimator : HomotopyClassifier or HomotopyRegressor
        What is fitted.
    data : dict
        X, y and metadata, as callbacks take them.
    n_stages : int
        Stages.
    budget : float
        Gradients of one net: steps beyond their number are not told of, so that a bar can be drawn.

    Attributes
    ----------
    stopped : bool
        Whether a callback has asked that no further stage begins.
    """

    def __init__(self, estimator: Any, data: dict[str, Any], n_stages: int, budget: float) -> None:
        self.estimator, self.data = estimator, data
        self.steps = int(budget) + 1 if isfinite(budget) else None
        self.stopped = False
        self.root: Any = None
        if hasattr(estimator, "_init_callback_context"):
            self.root = estimator._init_callback_context(max_subtasks=n_stages)
            self.root.call_on_fit_task_begin(estimator=estimator, **data)

    @property
    def watched(self) -> bool:
        """Whether there are callbacks."""
        return self.root is not None and bool(getattr(self.estimator, "_skl_callbacks", ()))

    @contextmanager
    def stage(self, name: str, attributes: Attributes | None = None, size: int = 0) -> Iterator[Callback]:
        """Go through a stage, and yield what is to be called with each Point; None where nobody listens.

        ``attributes(theta)`` are those of an estimator that had ended with these weights, `size` of them; None for a
        stage that makes no net, which has no steps.
        """
        if not self.watched:
            yield None
            return
        steps = 0 if attributes is None else self.steps
        task = self.root.subcontext(task_name=name, max_subtasks=steps)
        task.call_on_fit_task_begin(estimator=self.estimator, **self.data)
        teller = None if attributes is None else _Teller(self, task, attributes, size)
        yield teller
        ended = None if teller is None or teller.last is None else teller.attributes(teller.last)
        done = task.call_on_fit_task_end(estimator=self.estimator, **self.data, reconstruction_attributes=ended)
        self.stopped = self.stopped or bool(done)

    def end(self) -> None:
        """End the fit."""
        if self.root is not None:
            self.root.call_on_fit_task_end(estimator=self.estimator, **self.data, reconstruction_attributes={})

    def say(self, text: str) -> None:
        """Print a line where the estimator is verbose."""
        if self.estimator.verbose:
            print(f"[{type(self.estimator).__name__}] {text}")


class _Teller:
    """Tells callbacks of each step of one net; `last` is the newest point of it."""

    def __init__(self, progress: Progress, task: Any, attributes: Attributes, size: int) -> None:
        self.progress, self.task, self.attributes, self.size = progress, task, attributes, size
        self.n_steps = 0
        self.last: Any = None

    def __call__(self, point: Any) -> None:
        """Tell of a point; where it is that of another net, as some methods pass through, no estimator goes with it."""
        if self.n_steps == self.progress.steps:
            return
        self.n_steps += 1
        now: Any = None
        if np.size(point.x) == self.size:
            self.last = theta = np.array(point.x)
            now = partial(self.attributes, theta)
        about = {"estimator": self.progress.estimator, **self.progress.data}
        step = self.task.subcontext(task_name="step")
        step.call_on_fit_task_begin(**about)
        if step.call_on_fit_task_end(**about, reconstruction_attributes=now):
            raise StopIteration
