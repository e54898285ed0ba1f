"""How starts are shared among threads, and which compiled loop takes them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy._core.damped import DampedLanes, damped_weights
from homotopy._core.descent import Block, Loop, block_width
from homotopy._core.many import Lanes, widest_layer
from homotopy._core.quasi import QuasiLanes
from homotopy.descent.memory import n_samples
from homotopy.descent.rules import LBFGS, LM
from homotopy.descent.settings import Aim, Ends, Settings, Starts
from homotopy.interrupts import check

__all__ = ["LARGEST_LAYER", "LARGEST_NET", "run_lanes", "run_loops", "takes_lanes"]

# Up to this many weights in its largest layer a net is faster with lanes across starts than one start after the
# other: measured at 64 starts, 8 times on 2-2-1, twice on 10-20-1, 1.2 to 1.4 times at 900 to 1,300 weights, equal at
# 2,500, slower from 4,000 on (AVX-512, 4 to 1,000 samples).
LARGEST_LAYER = 2048
# A net whose samples fill vectors (ext/net/mlp_layout.h: layers of at most 1,024 weights, 64 samples) is as fast by
# itself once weights times samples pass this number: 24 starts in lanes take 0.6 to 0.8 of its time at 4,000 (relu,
# tanh), 0.75 to 0.95 at 29,000 of 100 samples, 0.9 to 1.2 at 12,000 to 900,000 of 200 samples and more. Lanes waste
# what the last block of eight does not fill, and a single start of shape (1, p) then takes ten times as long.
LARGEST_PRODUCT, NARROW, FILLED = 16_384, 1024, 64
# Up to this many weights L-BFGS runs in lanes across starts. At 64 starts and 20 to 40 steps it is then 1.5 to 3 times
# as fast as one start after the other (4 to 1,000 samples, tanh, relu, gelu, softmax; AVX-512), at 81 weights still
# 1.1 to 1.7; but a single start of shape (1, p), which takes the same loop, pays for eight.
LARGEST_NET = 40
# A pool of starts keeps the rule's vectors of all of them.
LARGEST_POOL = 4096
# Up to this many weights Levenberg-Marquardt runs in lanes. Many starts then take 0.1 of the time that they take one
# after the other at 9 weights, 0.17 to 0.33 at 33, 0.25 to 0.55 at 65, 0.5 to 0.8 at 81 to 201, where more samples gain
# less (AVX-512; AVX2 0.7 at 65). A start that is alone fills one lane of eight: it costs as much as by itself at 9
# weights, 1.6 times as much at 13 with 100 samples, five times as much at 61.
MOST_DAMPED = 48


def takes_lanes(aim: Aim, settings: Settings, starts: Starts, *, alone: bool = False) -> bool:
    """Return whether the block kernels can take these starts, and would be faster.

    A start that is `alone`, of shape (p,), has a loop of its own but for Levenberg-Marquardt.
    """
    if settings.pause_every or len(starts.x) == 0:
        return False
    if settings.rule == LM.code:
        return len(settings.t_table) == 1 and 0 < damped_weights(aim.capsule) <= MOST_DAMPED
    if alone or settings.rule > LBFGS.code:
        return False
    if settings.rule == LBFGS.code:
        return not settings.settled and aim.size <= LARGEST_NET and widest_layer(aim.capsule) > 0
    layer, samples = widest_layer(aim.capsule), n_samples(aim.thing)
    if layer <= NARROW and samples >= FILLED and aim.size * samples > LARGEST_PRODUCT:
        return False
    return 0 < layer <= LARGEST_LAYER and len(starts.x) * records(settings, starts) < 1 << 31


def records(settings: Settings, starts: Starts) -> int:
    """Return how many entries the longest trace can have."""
    if not settings.record_every:
        return 0
    return int(min(settings.n_steps, int(starts.limits.max()) - 1)) // settings.record_every + 1


def run_lanes(aim: Aim, settings: Settings, starts: Starts, n_jobs: int) -> Ends:
    """Run every start in blocks, shares of the starts in threads."""
    r = len(starts.x)
    stop = np.zeros(1, dtype=np.int32)
    ends = Ends(r)
    share = -(-r // n_jobs)
    share = -(-share // 32) * 32 if n_jobs > 1 else share
    refilled: Any = {LBFGS.code: QuasiLanes, LM.code: DampedLanes}.get(settings.rule)
    if refilled is not None:
        _share(lambda: refilled(aim.capsule, settings, starts, ends, stop).run, r, share, n_jobs, stop)
        return ends
    m = records(settings, starts)
    traces = np.empty((r, m, 2)) if m else None

    def make() -> Callable[[int, int], None]:
        return Lanes(aim.capsule, settings, starts, ends, traces, stop).run

    _share(make, r, min(LARGEST_POOL, share), n_jobs, stop)
    if traces is not None:
        lengths = ends.n_steps // settings.record_every + 1
        lengths -= ~np.isfinite(ends.values + ends.grad_norms) & (ends.n_steps % settings.record_every == 0)
        begins = np.arange(r) * m
        ends.traces.keep(0, traces.reshape(-1, 2), begins, begins + lengths)
    return ends


def run_loops(aim: Aim, settings: Settings, starts: Starts, n_jobs: int, watch: Any = None) -> Ends:
    """Run every start, one after the other or a block at a time; threads take the next few when they are free."""
    r, width = len(starts.x), _block(aim, settings, starts)
    stop = np.zeros(1, dtype=np.int32)
    ends = Ends(r)

    def make() -> Callable[[int, int], None]:
        if width:
            return Block(aim.capsule, settings, starts, ends, stop).run
        loop = Loop(aim.capsule, settings, starts, ends, stop)

        def run(begin: int, end: int) -> None:
            loop.run(begin, end, watch)
            if aim.interpreted is not None and aim.interpreted.error is not None:
                stop[0] = 1

        return run

    _share(make, r, max(1, width, r // (8 * n_jobs)) if n_jobs > 1 else max(r, 1), n_jobs, stop)
    aim.raise_error()
    return ends


def _block(aim: Aim, settings: Settings, starts: Starts) -> int:
    """Return how many starts descend side by side, 0 for one after the other; both ways lead to equal results."""
    if settings.rule > LBFGS.code or settings.pause_every or len(starts.x) < 2:
        return 0
    return block_width(aim.capsule)


def _share(
    make: Callable[[], Callable[[int, int], None]], r: int, share: int, n_jobs: int, stop: NDArray[np.int32]
) -> None:
    """Run starts 0 to r - 1 by `share` at a time; every thread makes a runner of its own."""
    turns, lock = iter(range(0, r, share)), threading.Lock()

    def work() -> None:
        run = make()
        while not stop[0]:
            check()
            with lock:
                begin = next(turns, None)
            if begin is None:
                return
            run(begin, min(begin + share, r))

    n_jobs = min(n_jobs, -(-r // share))
    if n_jobs <= 1:
        work()
    else:
        _threads(work, n_jobs, stop)


def _threads(work: Callable[[], None], n_jobs: int, stop: NDArray[np.int32]) -> None:
    """Run `work` in threads; an exception here or there stops them all."""
    with ThreadPoolExecutor(n_jobs) as pool:
        futures = [pool.submit(work) for _ in range(n_jobs)]
        try:
            pending = set(futures)
            while pending:
                done, pending = wait(pending, timeout=0.1)
                for future in done:
                    future.result()
        finally:
            stop[0] = 1
