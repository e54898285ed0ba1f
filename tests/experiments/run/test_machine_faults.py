"""Faults of the machine that really happen: no space, no folder, no memory, no scheduler, a clock that jumps."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

import homotopy
from homotopy.errors import DataError, HomotopyError
from homotopy.experiments import Comparison, Grid, Store, Workers, compare, run_grids
from homotopy.experiments.filling import KEPT, LOST

CALL = [sys.executable, "-c", "from homotopy.cli import main; main()"]
PATIENCE = 120
ONE = Workers(n_jobs=1)
METHODS = ["-m", "gd", "-m", "lbfgs", "-m", "momentum", "-m", "adam"]


def few(limit):
    """Return a function that a child calls: its files may have so many bytes."""

    def call():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return call


@pytest.fixture
def small(tmp_path):
    """A folder of 3 MB: a file system of its own where this user may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    call = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(call, capture_output=True, check=False).returncode == 0
    yield folder, None if mounted else few(3 * 2**20)
    if mounted:
        subprocess.run(["umount", str(folder)], check=True)


def command(*words, folder, **settings):
    return subprocess.run(
        [*CALL, *words], cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False, **settings
    )


@pytest.mark.slow
def test_a_full_disk_ends_a_comparison_with_a_sentence_and_what_is_kept(small, tmp_path):
    folder, limit = small
    words = ["compare", "teacher:k=20", *METHODS, "--seeds", "300", "--budget", "30", "-q", "-j", "1"]
    done = command(*words, "-o", str(folder / "out"), folder=tmp_path, preexec_fn=limit)
    assert done.returncode == 1, done.stderr
    assert done.stderr.count("\n") == 1
    assert "cannot be written: " in done.stderr
    assert f"{KEPT}, go on with: homotopy resume {folder / 'out'}" in done.stderr
    room = tmp_path / "room"
    shutil.copytree(folder / "out", room)
    with Store(room / "runs.sqlite", create=False) as store:
        n = len(Comparison.load(store).table())
    assert 0 < n < 1200
    done = command("resume", str(room), "-q", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    with Store(room / "runs.sqlite", create=False) as store:
        assert len(Comparison.load(store).table()) == 1200


@pytest.mark.parametrize("moved", [False, True])
def test_a_folder_that_vanishes_is_noticed_at_the_next_block(bowl, walk, tmp_path, moved):
    folder = tmp_path / "out"
    folder.mkdir()

    class Vandal(walk):
        def solve(self, problem, *, rng=None, **settings):
            if rng == 20 and folder.exists():
                folder.rename(tmp_path / "elsewhere") if moved else shutil.rmtree(folder)
                folder.mkdir()
            return super().solve(problem, rng=rng, **settings)

    with Store(folder / "runs.sqlite") as store, pytest.raises(DataError, match="is gone") as error:
        compare(bowl, Vandal("vandal"), seeds=10_000, budget=20, store=store, workers=ONE)
    assert error.value.__notes__ == [LOST]
    assert list(folder.iterdir()) == []


LIMITED = """
import resource, sys
from homotopy.cli import main
import homotopy.experiments.run.streaming
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + 600_000_000,) * 2)
main()
"""
GREEDY = '''
"""A method that wants all the memory there is, at seed 3."""
import numpy as np

from homotopy.methods import method
from homotopy.methods.base import Method


class Greedy(Method):
    """See above."""

    name, reference = "greedy-for-memory", "none"

    def solve(self, problem, *, rng=None, budget=None, callback=None):
        kept = []
        while rng == 3:
            kept.append(np.ones(10_000_000))
        return method("lbfgs").solve(problem, rng=rng, budget=budget)


METHODS = {"greedy-for-memory": Greedy}
'''


@pytest.mark.slow
def test_a_run_without_memory_fails_and_the_others_go_on(tmp_path):
    (tmp_path / "greedy.py").write_text(GREEDY)
    (tmp_path / "limited.py").write_text(LIMITED)
    words = ["compare", "xor", "-m", "greedy-for-memory", "-m", "lbfgs", "--seeds", "20", "--budget", "100", "-q"]
    words += ["-j", "1", "--plugin", "greedy.py", "-o", "out"]
    call = [sys.executable, "limited.py", *words]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("failed: greedy-for-memory on xor:hidden=2: ")
    assert "Unable to allocate" in done.stderr
    assert done.stderr.count("\n") == 1
    with Store(tmp_path / "out" / "runs.sqlite", create=False) as store:
        table = Comparison.load(store).table()
    assert sum(table["method"] == "lbfgs") == 20
    assert set(table["seed"][table["method"] != "lbfgs"]) >= {0, 1, 2}


JUMPS = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>
static long jump(void) {            /* a day back, a day forth, by turns */
    static unsigned n;
    return (__atomic_add_fetch(&n, 1, __ATOMIC_RELAXED) % 3 - 1L) * 86400;
}
int clock_gettime(clockid_t id, struct timespec *t) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    const int found = real(id, t);
    if (id == CLOCK_REALTIME) t->tv_sec += jump();
    return found;
}
time_t time(time_t *out) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    if (out) *out = t.tv_sec;
    return t.tv_sec;
}
int gettimeofday(struct timeval *t, void *zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    t->tv_sec = now.tv_sec, t->tv_usec = now.tv_nsec / 1000;
    return 0;
}
"""


@pytest.mark.slow
def test_a_clock_that_jumps_by_days_changes_nothing(tmp_path):
    """All durations are those of clocks that only go forward."""
    (tmp_path / "jumps.c").write_text(JUMPS)
    library = tmp_path / "jumps.so"
    call = ["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(tmp_path / "jumps.c"), "-ldl"]
    subprocess.run(call, check=True, capture_output=True)
    jumpy = os.environ | {"LD_PRELOAD": str(library)}
    check = "import time; t = [time.time() for _ in range(30)]; print(min(b - a for a, b in zip(t, t[1:])))"
    told = subprocess.run([sys.executable, "-c", check], env=jumpy, capture_output=True, text=True, check=True)
    assert float(told.stdout) < -80_000  # it does jump
    words = ["compare", "xor", "-m", "gd", "-m", "lbfgs", "--seeds", "40", "--budget", "100", "-q", "-j", "2"]
    words += ["--seconds", "30", "--run-timeout", "60"]
    for name, environment in (("jumpy", jumpy), ("steady", None)):
        done = command(*words, "-o", name, folder=tmp_path, env=environment)
        assert done.returncode == 0, done.stderr
    tables = []
    for name in ("jumpy", "steady"):
        with Store(tmp_path / name / "runs.sqlite", create=False) as store:
            table = Comparison.load(store).table()
        assert (table["seconds"] >= 0).all()
        assert (table["seconds"] < 60).all()
        tables.append([tuple(map(repr, row)) for row in table[["method", "seed", "status", "value", "cost"]].tolist()])
    assert tables[0] == tables[1]
    assert len(tables[0]) == 80


SLOW = '''
"""A method that takes its time and says in which process."""
import os
import time
from pathlib import Path

from homotopy.methods import method
from homotopy.methods.base import Method


class Slow(Method):
    """See above."""

    name, reference = "slow-here", "none"

    def solve(self, problem, *, rng=None, budget=None, callback=None):
        Path(__file__).with_name("pids").joinpath(str(os.getpid())).touch()
        time.sleep(0.05)
        return method("lbfgs").solve(problem, rng=rng, budget=budget)


METHODS = {"slow-here": Slow}
'''


@pytest.fixture
def slow(tmp_path):
    from homotopy.experiments.plan.plugins import load

    (tmp_path / "pids").mkdir()
    path = tmp_path / "slow.py"
    path.write_text(SLOW)
    load(path)
    return path


def killed_once(folder, n=1):
    """Kill, from another thread, the first process of n that says it runs; return the thread."""

    def call():
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            pids = [int(path.name) for path in folder.iterdir()]
            if len(pids) >= n:
                os.kill(pids[0], signal.SIGKILL)
                return
            time.sleep(0.02)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("kind", ["processes", pytest.param("dask", marks=pytest.mark.slow)])
def test_a_worker_that_is_killed_costs_time_and_nothing_else(slow, kind):
    if kind == "dask":
        pytest.importorskip("distributed")
    killer = killed_once(slow.with_name("pids"))
    grid = Grid.of("xor", ["lbfgs", "slow-here"], seeds=40, budget=60)
    got = run_grids([grid], Store(), workers=Workers(kind, 2), plugins=(str(slow),))[0]
    killer.join(timeout=1)
    assert not killer.is_alive()
    assert got.failures == ()
    same = ["success", "value", "cost", "status", "seed"]
    rows = [got.records("xor:hidden=2", name)[same] for name in ("lbfgs", "slow-here")]
    assert rows[0].tolist() == rows[1].tolist()
    assert len(rows[0]) == 40


def dask(*words, folder, env=None):
    with (folder / "dask.log").open("a") as log:
        return subprocess.Popen([sys.executable, "-m", "dask", *words], cwd=folder, stdout=log, stderr=log, env=env)


def dask_worker(address, folder, env=None):
    """Start a worker and wait until the scheduler knows it alone."""
    from distributed import Client

    more = ["--nworkers", "1", "--nthreads", "1", "--no-dashboard", "--local-directory", str(folder)]
    worker = dask("worker", address, *more, folder=folder, env=env)
    with Client(address) as client:
        end = time.monotonic() + PATIENCE
        while len(client.scheduler_info()["workers"]) != 1 and time.monotonic() < end:
            time.sleep(0.1)
    return worker


def ended(process):
    for child in psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []:
        child.kill()
    process.kill()
    process.wait()


@pytest.fixture
def cluster(tmp_path):
    """A Dask scheduler and a worker, started by their commands; its address, and the processes."""
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    scheduler = dask("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file), folder=tmp_path)
    end = time.monotonic() + PATIENCE
    while not file.exists() or not file.read_text().strip():
        assert scheduler.poll() is None
        assert time.monotonic() < end
        time.sleep(0.05)
    address = json.loads(file.read_text())["address"]
    worker = dask_worker(address, tmp_path)
    yield address, scheduler, worker
    ended(worker)
    ended(scheduler)


@pytest.mark.slow
def test_a_scheduler_that_is_killed_ends_the_comparison_with_a_sentence(slow, cluster, tmp_path):
    address, scheduler, _ = cluster

    def kill():
        started_ = slow.with_name("pids")
        while not any(started_.iterdir()):
            time.sleep(0.02)
        time.sleep(1.0)
        scheduler.kill()

    threading.Thread(target=kill, daemon=True).start()
    words = ["compare", "xor", "-m", "slow-here", "--seeds", "2000", "--budget", "60", "-q", "--plugin", "slow.py"]
    done = command(*words, "-o", "out", "--executor", "dask", "--address", address, folder=tmp_path)
    assert done.returncode == 1, done.stderr
    assert f"the Dask scheduler at {address} does not answer any more; {KEPT}" in done.stderr
    assert "Traceback" not in done.stderr
    with Store(tmp_path / "out" / "runs.sqlite", create=False) as store:
        assert 0 < len(Comparison.load(store).table()) < 2000


@pytest.mark.slow
def test_a_worker_with_another_version_is_refused(cluster, tmp_path):
    """A copy of the package in which one file is another has another version."""
    address, _, worker = cluster
    assert len(compare("xor", "lbfgs", seeds=2, workers=Workers("dask", address=address)).table()) == 2
    for child in psutil.Process(worker.pid).children(recursive=True):
        child.kill()
    worker.kill()
    here = Path(homotopy.__file__).parent
    shutil.copytree(here, tmp_path / "other" / "homotopy", ignore=shutil.ignore_patterns("papers", "__pycache__"))
    with (tmp_path / "other" / "homotopy" / "methods" / "runs.py").open("a") as file:
        file.write("# another\n")
    other = dask_worker(address, tmp_path, os.environ | {"PYTHONPATH": str(tmp_path / "other")})
    try:
        with pytest.raises(HomotopyError, match=r"the worker tcp://.* has homotopy .* and this process"):
            compare("xor", "lbfgs", seeds=2, workers=Workers("dask", address=address))
    finally:
        ended(other)
