"""Plant a random sample of faults in three floors and count how many the tests see.

Cosmic-ray lists the mutants of ``cosmic-ray.toml`` and keeps the outcomes in its session (a file of SQLite, which its
own ``cr-report`` and ``cr-html`` read). Which test runs which line is measured once, by coverage.py. Each mutant is
then tried in a fork by the tests that run its line, quickest first, until one fails; what survives is printed.
"""

import argparse
import collections
import difflib
import json
import os
import subprocess
import sys
from pathlib import Path

from mutation.planted import mutated
from mutation.selecting import FLOORS, Covering, floor_of, sample

FOLDERS = ("experiments", "homotopies", "continuation", "penalties", "weights", "methods")
TESTS = [*(f"tests/{folder}" for folder in FOLDERS), *FLOORS]  # those of the floors themselves are in docstrings
OPTIONS = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-m", "not long"]


def environment(folder):
    """Return the environment of the tests: one thread each, nothing written beside the sources."""
    own = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg", "PYTHONDONTWRITEBYTECODE": "1"}
    return os.environ | own | {"HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis")}


def measure(folder):
    """Measure once which test runs which line."""
    where = {"COVERAGE_FILE": str(folder / ".coverage"), "COVERING": str(folder / "seconds.jsonl")}
    run = [sys.executable, "-m", "coverage", "run", "-m", "pytest", "-p", "mutation.covering", *OPTIONS, *TESTS]
    subprocess.run(run, env=environment(folder) | where, check=False)
    subprocess.run([sys.executable, "-m", "coverage", "combine", "-q"], env=environment(folder) | where, check=True)


def listed(folder):
    """Return the session of cosmic-ray with all mutants, and the mutants by job."""
    from cosmic_ray.work_db import WorkDB, use_db

    session = folder / "session.sqlite"
    if not session.exists():
        subprocess.run(["cosmic-ray", "init", "tests/mutation/cosmic-ray.toml", str(session)], check=True)
    with use_db(session, WorkDB.Mode.open) as db:
        return session, {item.job_id: item.mutations[0] for item in db.work_items}


def attempt(specs, jobs, folder, *, most, control=False):
    """Try the mutants; return what became of each: killed or not, by which test."""
    covering = Covering(folder / ".coverage", folder / "seconds.jsonl")
    mutants = []
    for job in jobs:
        tests, spent = [], 0.0
        for name in covering.tests(specs[job]):
            spent += covering.seconds[name]
            if tests and spent > most:
                break
            tests.append(name)
        path = str(specs[job].module_path)
        source = Path(path).read_text() if control else mutated(specs[job])
        mutants.append({"job": job, "path": path, "source": source, "tests": tests})
    files = sorted({name.split("::")[0] for mutant in mutants for name in mutant["tests"]})
    out = folder / "tried.jsonl"
    out.write_text("")
    tried = {"mutants": mutants, "seconds": covering.seconds, "out": str(out)}
    (folder / "trying.json").write_text(json.dumps(tried))
    run = [sys.executable, "-m", "pytest", "-p", "mutation.forked", *OPTIONS, *files]
    subprocess.run(run, env=environment(folder) | {"TRIED": str(folder / "trying.json")}, check=True)
    diffs = {mutant["job"]: diff(mutant["path"], mutant["source"]) for mutant in mutants}
    return {one["job"]: one | {"diff": diffs[one["job"]]} for one in map(json.loads, out.read_text().splitlines())}


def record(session, outcomes):
    """Keep the outcomes in the session."""
    from cosmic_ray.work_db import WorkDB, use_db
    from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

    with use_db(session, WorkDB.Mode.open) as db:
        for job, one in outcomes.items():
            outcome = TestOutcome.KILLED if one["killed"] else TestOutcome.SURVIVED
            db.set_result(job, WorkResult(WorkerOutcome.NORMAL, one["by"], outcome, one["diff"]))


def diff(path, source):
    """Return the lines that a mutant changes."""
    found = difflib.unified_diff(Path(path).read_text().splitlines(), source.splitlines(), lineterm="", n=0)
    return "\n".join(line for line in found if not line.startswith(("---", "+++", "@@")))


def report(specs, outcomes):
    """Print the survivors and the shares with Wilson's intervals of 95 %."""
    from scipy.stats import binomtest

    counts = collections.defaultdict(lambda: [0, 0])
    for job, one in outcomes.items():
        spec = specs[job]
        for key in ("all", floor_of(spec.module_path), spec.operator_name.split("_")[0].removeprefix("core/")):
            counts[key][0] += one["killed"]
            counts[key][1] += 1
        if not one["killed"]:
            print(f"{job} {spec.module_path}:{spec.start_pos[0]} ({one['by']}, {one['tests']} tests)\n{one['diff']}")
    for key, (killed, total) in counts.items():
        low, high = binomtest(killed, total).proportion_ci(method="wilson")
        print(f"{key:40s} {killed:4d} of {total:4d} killed: {killed / total:.1%} [{low:.1%}, {high:.1%}]")


def main():
    """Measure, draw, try, report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("build/mutation"), help="where the measurements are kept")
    parser.add_argument("--count", type=int, default=100, help="mutants of each floor")
    parser.add_argument("--floor", choices=FLOORS, action="append", help="only of this floor")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=float, default=60.0, help="seconds of tests that a mutant is given")
    parser.add_argument("--job", action="append", help="try these mutants, named by cosmic-ray, and draw none")
    parser.add_argument("--control", action="store_true", help="change nothing: all must survive")
    given = parser.parse_args()
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / ".coverage").exists():
        measure(folder)
    session, specs = listed(folder)
    jobs = given.job or sample(specs, given.count, given.seed, floors=given.floor or FLOORS)
    outcomes = attempt(specs, jobs, folder, most=given.most, control=given.control)
    if not given.control:
        record(session, outcomes)
    report(specs, outcomes)


if __name__ == "__main__":
    main()
