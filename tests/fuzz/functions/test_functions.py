"""Every public function and class, called with arguments that it is made for and with odd ones.

The law: a result, or one of the package's errors in one sentence; never another exception, a warning, a crash or a
hang. Cases run in processes of their own, so that a crash is told with the case that it came from.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz.functions.cases import outcome
from fuzz.functions.targets import targets
from fuzz.functions.usual import MAKERS

BATCH = 500  # cases of one process
TESTS = Path(__file__).parents[2]


def run(number, many, log):
    """Run a batch in a process; return its lines, and for a case that it died of one more."""
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-X", "faulthandler", "-m", "fuzz.functions.worker", str(number), str(many), str(log)]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": paths}, cwd=log.parent, capture_output=True, text=True
    )
    lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    if lines and "begun" in lines[-1]:
        where = [line.strip() for line in done.stderr.splitlines() if "homotopy" in line][:1]
        kind = f"crash: {done.returncode}"
        lines.append({"case": lines[-1]["begun"], "what": "found", "kind": kind, "where": "".join(where)})
    elif done.returncode:
        lines.append({"case": {}, "what": "found", "kind": f"the worker itself: {done.stderr[-2000:]}", "where": ""})
    return [line for line in lines if "what" in line]


@pytest.mark.slow
@pytest.mark.fuzz(share=2 / 3)
def test_every_call_ends_in_a_result_or_in_one_sentence(cases, fuzz_seed, told, tmp_path):
    found, left, number = {}, cases, 1000 * fuzz_seed
    while left > 0:
        lines = run(number, min(left, BATCH), tmp_path / f"{number}.jsonl")
        for line in lines:
            told(line["what"], case=line["case"], kind=line["kind"], where=line["where"])
            if line["what"] == "found":
                found.setdefault((line["where"], line["kind"].partition(":")[0]), line)
        assert lines, "no case was run"
        left, number = left - len(lines), number + 1
    assert not found, "\n".join(f"{line['kind']} at {line['where']}: {line['case']}" for line in found.values())


@pytest.mark.slow
@pytest.mark.fuzz(share=0)
def test_everything_public_has_usual_arguments():
    for target in targets().values():
        for parameter in target.parameters.values():
            known = target.usual(parameter)
            assert set(known) <= set(MAKERS), (target.name, parameter.name)
            assert known or parameter.default is not parameter.empty, (
                f"{target.name}({parameter.name}) takes nothing that tests/fuzz/functions/taken.py knows"
            )


def test_one_case_is_judged():
    assert outcome({"target": "MLP", "given": {"sizes": "sizes"}})[0] == "result"
    assert outcome({"target": "MLP", "given": {"sizes": "odd: itself"}})[0] == "refused"
