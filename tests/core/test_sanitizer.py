"""The kernel tests once more in a build with the address sanitizer: no access outside an array, no use after free."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = (
    "tests/core/recurrent",
    "tests/core/test_mlp_kernels.py",
    "tests/core/test_rnn_matrix.py",
    "tests/core/test_sign_search.py",
    "tests/core/test_vmath.py",
    "tests/models",
    "tests/objectives/test_risk.py",
    "tests/objectives/test_teacher.py",
    "tests/objectives/units",
    "tests/objectives/test_teacher_many.py",
    "tests/descent",
    "tests/weights/test_kernels.py",
    "tests/weights/test_lanes.py",
    "tests/weights/test_moves.py",
)


def build(folder):
    """Copy the sources to `folder` and compile them there with the sanitizer; return the path of its library."""
    for name in ("ext", "homotopy", "tests", "papers"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    flags = "-fsanitize=address -fno-omit-frame-pointer -g"
    command = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    env = os.environ | {"CFLAGS": flags, "HOMOTOPY_DEBUG": "1"}
    done = subprocess.run(command, cwd=folder, env=env, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    found = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    return found.stdout.strip()


def steady():
    """The words that start a program at fixed addresses, where that is allowed.

    The sanitizer keeps its shadow at a fixed place; kernels that scatter a process more widely may put something there.
    """
    words = ["setarch", "-R"]
    found = shutil.which(words[0])
    return words if found and subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0 else []


@pytest.mark.slow
def test_kernels_have_no_memory_error(tmp_path):
    library = build(tmp_path)
    # Python keeps memory at its exit, which is no leak of ours.
    env = os.environ | {"LD_PRELOAD": library, "ASAN_OPTIONS": "detect_leaks=0", "PYTHONPATH": str(tmp_path)}
    # The sanitizer holds freed blocks back, so the size of the process says nothing here.
    sizes = "--ignore=tests/descent/test_memory.py"
    command = [*steady(), sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", sizes, *TESTS]
    run = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert "AddressSanitizer" not in run.stdout + run.stderr
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
