"""What a result depends on besides its settings: versions, the machine, the compiled code and the BLAS threads."""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import scipy

from homotopy._version import __version__

__all__ = ["blas_threads", "code_version", "describe", "one_blas_thread", "set_blas_threads"]

PACKAGE = Path(__file__).resolve().parents[1]
FLOORS = ("_core", "linalg", "models", "objectives", "problems", "homotopies", "continuation", "descent", "methods")
NUMERICS = (*FLOORS, "../ext")
PREFIXES = ("openblas_", "scipy_openblas_")
SUFFIXES = ("", "64_", "_64", "64")


def _libraries() -> list[str]:
    """Return the paths of the BLAS libraries that this process has loaded (Linux)."""
    try:
        text = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    paths = {line.split(None, 5)[5].strip() for line in text.splitlines() if len(line.split(None, 5)) == 6}
    return sorted(path for path in paths if re.search(r"openblas|libmkl_rt|libblis", Path(path).name))


def _functions(kind: str) -> list[tuple[str, Any]]:
    """Return (library, function) for every loaded BLAS that has ``set_num_threads`` or ``get_num_threads``."""
    out = []
    for path in _libraries():
        try:
            library = ctypes.CDLL(path)
        except OSError:
            continue
        names = [f"{prefix}{kind}_num_threads{suffix}" for prefix in PREFIXES for suffix in SUFFIXES]
        names += [f"MKL_{kind.title()}_Max_Threads" if kind == "get" else "MKL_Set_Num_Threads"]
        names += [f"bli_thread_{kind}_num_threads"]
        found = next((name for name in names if hasattr(library, name)), None)
        if found:
            out.append((Path(path).name, getattr(library, found)))
    return out


def set_blas_threads(n: int = 1) -> None:
    """Fix the number of threads of every BLAS that is loaded in this process.

    Parameters
    ----------
    n : int
        The number of threads. Runs are spread over workers, so that a worker's BLAS uses one.

    Notes
    -----
    The libraries are found in ``/proc/self/maps`` and asked directly; where that is not possible, the environment
    variable ``OPENBLAS_NUM_THREADS=1`` set before Python starts does the same.
    """
    for _, function in _functions("set"):
        function(int(n))


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold every loaded BLAS at one thread inside the block, and give it back its own number afterwards."""
    before = blas_threads()
    set_blas_threads(1)
    try:
        yield
    finally:
        for name, function in _functions("set"):
            function(before.get(name, 1))


def blas_threads() -> dict[str, int]:
    """Return the number of threads of each loaded BLAS library, by the library's file name."""
    return {name: int(function()) for name, function in _functions("get")}


@cache
def code_version() -> str:
    """Return the package's version and eight digits that change with every source that numbers come from.

    Notes
    -----
    SHA-256 over the Python sources of the floors below the experiments and, in a source tree, the kernels' sources.
    Results are kept under this text: a changed method is run again and never mixed with its older self.
    """
    digest = hashlib.sha256()
    for folder in NUMERICS:
        for path in sorted((PACKAGE / folder).glob("*")):
            if path.suffix in (".py", ".pyx", ".pxd", ".h"):
                digest.update(path.name.encode())
                digest.update(path.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:8]}"


@cache
def _commit() -> str:
    """Return the commit of the source tree, with a mark if it has changes; empty outside of a tree."""
    if not (PACKAGE.parent / ".git").exists():
        return ""
    call = ["git", "-C", str(PACKAGE.parent), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        return subprocess.run(call, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _cpu() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor()
    match = re.search(r"model name\s*:\s*(.+)", text)
    return match[1].strip() if match else platform.processor()


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _instruction_set() -> str:
    """Return the name of the instruction set that the kernels use."""
    from homotopy._core import vmath

    override = os.environ.get("HOMOTOPY_ISA")
    return vmath.isa() + (f" (HOMOTOPY_ISA={override})" if override else "")


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe() -> dict[str, Any]:
    """Return what a result depends on besides its settings, as plain texts and numbers.

    Returns
    -------
    dict
        homotopy, code, commit, python, numpy, scipy, matplotlib, platform, machine, cpu, cores, instruction_set,
        blas (name and version), blas_threads (library to threads).
    """
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "homotopy": __version__,
        "code": code_version(),
        "commit": _commit(),
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "matplotlib": _installed("matplotlib"),
        "platform": platform.platform(),
        "machine": platform.node(),
        "cpu": _cpu(),
        "cores": cores(),
        "instruction_set": _instruction_set(),
        "blas": f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip(),
        "blas_threads": blas_threads(),
    }
