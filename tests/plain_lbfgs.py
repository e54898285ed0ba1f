"""L-BFGS as the compiled loops run it on a net, in NumPy and slow: the truth that they are compared with."""

from types import SimpleNamespace

import numpy as np

from homotopy.status import Status

TRIALS = 30


def first_bend(value, grad_norm, x):
    """The curvature that others are measured by."""
    lengths = [each for each in (abs(value) / grad_norm, np.linalg.norm(x) / np.sqrt(x.size)) if each > 0]
    bend = grad_norm / min(lengths, default=1.0)
    return 1e-3 * bend if bend > 1e3 else 1.0


def direction(g, pairs, step_size):
    """Minus B g by the two-loop recursion; the newest pair is the last."""
    d, alphas = -g, []
    for s, y in reversed(pairs):
        alphas.append(s @ d / (s @ y))
        d = d - alphas[-1] * y
    if pairs:
        s, y = pairs[-1]
        d = d * (s @ y / (y @ y))
    else:
        d = d * (step_size or 1 / np.linalg.norm(g))
    for s, y in pairs:
        d = d + (alphas.pop() - y @ d / (s @ y)) * s
    return d


def shorter(low, f_low, slope_low, trial, f):
    """The minimum of the parabola through the lower end, kept inside."""
    h = trial - low
    if not np.isfinite(f):
        return low + 0.25 * h
    return low + np.clip(-slope_low * h / (2 * (f - f_low - slope_low * h)), 0.1, 0.6) * h


def search(run, d):
    """Whether a trial along d may be accepted, and what was found at the last one."""
    slope = run.g @ d
    low, high, trial, f_low, slope_low = 0.0, np.inf, 1.0, run.value, slope
    for _ in range(TRIALS):
        x = run.x + trial * d
        f, g = run.evaluate(x)
        slope_here = g @ d
        if run.hit:
            return True, x, f, g
        if not f <= run.value + 1e-4 * trial * slope:
            high, trial = trial, shorter(low, f_low, slope_low, trial, f)
        elif slope_here < 0.9 * slope:
            low, f_low, slope_low = trial, f, slope_here
            trial = 2.5 * trial if high == np.inf else 0.5 * (low + high)
        else:
            return True, x, f, g
        if run.n_evaluations >= run.limit:
            break
    return f < run.value, x, f, g


def ended(run, n_steps, tolerance):
    """The status at an iterate, or None."""
    norm = np.linalg.norm(run.g)
    if not np.isfinite(run.value + norm):
        return Status.NON_FINITE
    if run.hit:
        return Status.REACHED_TARGET
    if norm < tolerance:
        return Status.CONVERGED
    if run.n_steps >= n_steps:
        return Status.MAX_STEPS
    if run.n_evaluations >= run.limit:
        return Status.BUDGET_SPENT
    return Status.CONVERGED if norm == 0 else None


def plain_lbfgs(f, x, *, memory, n_steps, target=-np.inf, tolerance=0.0, limit=np.inf, step_size=0.0):
    """Return the end of one descent: x, value, g, n_steps, n_evaluations, hit and status; which pairs were `kept`."""
    run = SimpleNamespace(x=x, n_steps=0, n_evaluations=0, hit=0, limit=limit, kept=[])

    def evaluate(point):
        value, g = f(np.ascontiguousarray(point))
        run.n_evaluations += 1
        run.hit = run.hit or (value <= target) * run.n_evaluations
        return value, g

    run.evaluate, pairs = evaluate, []
    run.value, run.g = evaluate(x)
    bend = first_bend(run.value, np.linalg.norm(run.g), x) if np.any(run.g) else 1.0
    while True:
        run.status = ended(run, n_steps, tolerance)
        while run.status is None:
            d = direction(run.g, pairs, step_size)
            good, point, value, g = search(run, d) if run.g @ d < 0 else (False, None, None, None)
            if good:
                break
            if run.n_evaluations >= limit:
                run.status = Status.BUDGET_SPENT
            elif not pairs:
                run.status = Status.STEP_TOO_SMALL
            pairs = []
        if run.status is not None:
            return run
        s, y = point - run.x, g - run.g
        run.kept.append(bool(s @ y * bend > 1e-14 * (y @ y)))
        if run.kept[-1]:
            pairs = [*pairs, (s, y)][-memory:]
        run.x, run.value, run.g = point, value, g
        run.n_steps += 1
