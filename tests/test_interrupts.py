"""What computes ends early when it is asked to, or when Ctrl-C is pressed, and works again afterwards."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import endless
import numpy as np
import pytest

import homotopy as hp
from homotopy import interrupts
from homotopy.errors import HomotopyError, Interrupted

# A machine that is busy with other things makes all of it later; left alone, every loop takes many seconds.
SOON = 2.0


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    assert not interrupts.requested()
    yield
    interrupts.clear()


def check(names):
    with subprocess.Popen([sys.executable, endless.__file__, *names], stdout=subprocess.PIPE, text=True) as child:
        late = threading.Timer(120, child.kill)  # a loop that nothing ends says nothing more
        late.start()
        for name in names:
            assert child.stdout.readline().strip() == name
            time.sleep(0.1)
            begin = time.monotonic()
            os.kill(child.pid, signal.SIGINT)
            how, when = child.stdout.readline().rsplit(maxsplit=1)
            assert how == "KeyboardInterrupt", name
            assert float(when) - begin < SOON, name
            how, seconds = child.stdout.readline().rsplit(maxsplit=1)
            assert how == "Interrupted", name
            assert float(seconds) < SOON, name
    late.cancel()
    assert child.returncode == 0


SOME = ["lanes across starts", "a tiny net", "lbfgs", "many sequences", "units pursued", "signs searched"]


def test_loops_end_by_a_signal_and_by_a_request():
    check(SOME)


@pytest.mark.slow
def test_every_other_kind_of_loop_ends_by_a_signal_and_by_a_request():
    check([name for name in endless.KINDS if name not in SOME])


def test_what_is_begun_after_a_request_ends_at_once_until_it_is_taken_back():
    problem = hp.problem("xor")
    before = hp.solve(problem, "escape", rng=1, budget=2000)
    interrupts.request()
    assert interrupts.requested()
    for task in (
        lambda: hp.descend(problem.objective, problem.start(np.random.default_rng(0)), n_steps=3),
        lambda: hp.solve(problem, "escape", rng=1, budget=2000),
        lambda: hp.track(hp.homotopies.WeightDecay(problem.objective)),
        lambda: problem.objective.value(np.zeros(9)),
        lambda: hp.minimize(lambda x: x @ x, [1.0], jac=lambda x: 2 * x),
        interrupts.check,
    ):
        with pytest.raises(Interrupted, match=r"requested by homotopy\.interrupts\.request"):
            task()
    interrupts.clear()
    interrupts.check()
    after = hp.solve(problem, "escape", rng=1, budget=2000)
    np.testing.assert_array_equal(before.x, after.x)
    assert issubclass(Interrupted, HomotopyError)


def test_loops_of_other_threads_end_too():
    loops = [endless.KINDS[name]() for name in ("a tiny net", "lm", "students side by side")]
    with ThreadPoolExecutor(len(loops)) as pool:
        ends = [pool.submit(endless.ended, loop) for loop in loops]
        time.sleep(0.1)
        begin = time.monotonic()
        interrupts.request()
        for end in ends:
            how, when = end.result()
            assert how == "Interrupted"
            assert when - begin < SOON


def alternating(risk, x, v):
    while True:
        risk.hessp(x, v)
        risk.hessp(v, x)


def test_the_kept_passes_of_an_interrupted_product_are_not_used():
    risk = endless.net((20, 100, 1), 20_000)
    x, v = endless.many(risk, 2)
    right = endless.net((20, 100, 1), 20_000).hessp(x, v)
    for _ in range(8):
        timer = threading.Timer(0.003, interrupts.request)
        timer.start()
        with pytest.raises(Interrupted):
            alternating(risk, x, v)
        timer.join()
        interrupts.clear()
        np.testing.assert_array_equal(risk.hessp(x, v), right)


def test_a_handler_that_raises_something_else_is_heard_too():
    def raising(number, frame):
        raise ZeroDivisionError("from the handler")

    before = signal.signal(signal.SIGALRM, raising)
    try:
        for name in ("lanes across starts", "a curve traced", "many samples"):
            loop = endless.KINDS[name]()
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            with pytest.raises(ZeroDivisionError, match="from the handler"):
                loop()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_fork_has_its_own_request():
    interrupts.request()
    code = "import os\nfrom homotopy import interrupts\n"
    code += "interrupts.request()\npid = os.fork()\n"
    code += "if not pid:\n    interrupts.clear()\n    os._exit(interrupts.requested())\n"
    code += "assert os.waitpid(pid, 0)[1] == 0 and interrupts.requested()"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
