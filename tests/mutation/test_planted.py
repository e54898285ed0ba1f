"""Mutants are planted where they should be: in functions that live, closures and methods too; else at import."""

import importlib.util
import json
import os
import subprocess
import sys

from mutation.planted import exchange

SOURCE = """
LIMIT = 3


def twice(x, by=2):
    return by * x


def adder(n):
    def add(x):
        return x + n

    return add


class Box:
    size = 4

    def area(self):
        return self.size * self.size


three = adder(3)
"""


def loaded(path):
    spec = importlib.util.spec_from_file_location("planted_here", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_code_is_exchanged_where_functions_live(tmp_path):
    path = tmp_path / "planted_here.py"
    path.write_text(SOURCE)
    module = loaded(path)
    kept, box = module.twice, module.Box()
    assert exchange(path, SOURCE.replace("by * x", "by + x"))
    assert (kept(5), module.three(1), box.area()) == (7, 4, 16)
    assert exchange(path, SOURCE.replace("x + n", "x - n"))
    assert (module.three(1), module.adder(1)(1)) == (-2, 0)
    assert exchange(path, SOURCE.replace("self.size * self.size", "self.size / self.size"))
    assert box.area() == 1
    assert exchange(path, SOURCE)  # the control


def test_what_runs_at_import_is_not_exchanged(tmp_path):
    path = tmp_path / "planted_here.py"
    path.write_text(SOURCE)
    module = loaded(path)
    for old, new in (("LIMIT = 3", "LIMIT = 4"), ("by=2", "by=3"), ("size = 4", "size = 5"), ("adder(3)", "adder(4)")):
        assert not exchange(path, SOURCE.replace(old, new))
    assert (module.twice(1), module.three(1), module.Box().area()) == (2, 4, 16)


def test_it_is_planted_at_import_in_another_process(tmp_path):
    path, told = tmp_path / "planted_here.py", tmp_path / "told.json"
    path.write_text(SOURCE)
    told.write_text(json.dumps({"path": str(path), "source": SOURCE.replace("LIMIT = 3", "LIMIT = 4")}))
    tests = os.path.dirname(os.path.dirname(__file__))
    code = "import mutation.planted, planted_here; print(planted_here.LIMIT)"
    environment = os.environ | {"PLANTED": str(told), "PYTHONPATH": os.pathsep.join([str(tmp_path), tests])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "4"
