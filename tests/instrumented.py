"""The compiled kernels built again with what watches them: sanitizers of the compiler, or symbols for valgrind."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Compiles the named extensions of a tree in place, little optimized.
CHOSEN = """
import runpy
import sys

import Cython.Build

chosen, every = sys.argv[1:], Cython.Build.cythonize


def few(extensions, **options):
    extensions = [e for e in extensions if e.name.rpartition(".")[2] in chosen]
    for extension in extensions:
        extension.extra_compile_args += ["-O1", "-w"]
    return every(extensions, **options)


Cython.Build.cythonize = few
sys.argv[1:] = ["-q", "build_ext", "--inplace", "--force"]
runpy.run_path("setup.py", run_name="__main__")
"""


def build(folder, flags, change=None, isa=None, modules=()):
    """Copy the sources to `folder` and compile them there with these flags and checks of bounds, little optimized.

    Where a change (file, before, after) is given that text is another one in the copy; with `isa` that instruction set
    is the only one beside plain C; where modules are named the others are copied as they are.
    """
    left = ["__pycache__"] if modules else ["__pycache__", "*.so"]
    for name in ("ext", "homotopy", "tests", "papers"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*left))
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    if change is not None:
        file, before, after = change
        text = (folder / file).read_text()
        assert text.count(before) == 1
        (folder / file).write_text(text.replace(before, after))
    if isa is not None:
        trim(folder, isa)
    command = ["-c", CHOSEN, *modules] if modules else ["setup.py", "-q", "build_ext", "--inplace"]
    env = os.environ | {"CFLAGS": f"{flags} -fno-omit-frame-pointer -g", "HOMOTOPY_DEBUG": "1"}
    done = subprocess.run([sys.executable, *command], cwd=folder, env=env, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def trim(folder, isa):
    """Leave of all instruction sets this one and plain C in the sources in `folder`, which then build in half the time.

    What names another one gets this one's instead; the machine seems to have no other.
    """
    others = {"v4", "v3", "base"} - {isa}
    head, rows = folder / "ext/machine/isa.h", folder / "ext/machine/each_isa.h"
    named = ("narrow_matrix_f64", "signs_search_f64", "signs_descend_f64")
    lines = [f"#define {name}_{other} {name}_{isa}" for name in named for other in sorted(others)]
    lines += ["#undef HP_OF_ISA", "#define HP_OF_ISA(isa, name) \\"]
    lines += [f"    ((isa) == HP_ISA_PLAIN ? HP_JOIN(name, _plain) : HP_JOIN(name, _{isa}))"]
    text, end = head.read_text(), "\nstatic const char *const hp_isa_names"
    assert text.count(end) == text.count("#if HP_X86\n    if (isa == HP_ISA_V4)") == 1
    text = text.replace(end, "\n".join(["", *lines, end]))
    checks = "".join(f"    if (isa == HP_ISA_{other.upper()}) return 0;\n" for other in sorted(others))
    head.write_text(
        text.replace("#if HP_X86\n    if (isa == HP_ISA_V4)", checks + "#if HP_X86\n    if (isa == HP_ISA_V4)")
    )
    text = rows.read_text()
    for other in others:
        found = re.findall(rf'#define HP_SET {other}\n#define HP_BYTES \d+\n#include "both_types.h"\n', text)
        assert len(found) == 1
        text = text.replace(found[0], "")
    rows.write_text(text)


def library(name):
    """Return the path of a library of the compiler's."""
    found = subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True)
    return found.stdout.strip()


def steady():
    """The words that start a program at fixed addresses, where that is allowed.

    A sanitizer keeps its shadow at a fixed place; kernels that scatter a process more widely may put something there.
    """
    words = ["setarch", "-R"]
    found = shutil.which(words[0])
    return words if found and subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0 else []


def run(folder, *arguments, before=(), **environment):
    """Run Python with these arguments on the build in `folder`."""
    command = [*steady(), *before, sys.executable, *arguments]
    env = os.environ | {"PYTHONPATH": f"{folder}:{folder / 'tests'}"} | environment
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
