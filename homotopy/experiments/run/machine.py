"""What a result depends on besides its settings: versions, the machine, the compiled code and the BLAS threads."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import scipy

from homotopy._core import vmath
from homotopy._version import __version__
from homotopy.threads import blas_threads

__all__ = ["code_version", "cores", "describe", "kernels", "machine_name", "names"]

STALE = " (the sources in ext/ have changed since they were compiled)"
PACKAGE = Path(__file__).resolve().parents[2]
FLOORS = ("_core", "linalg", "models", "objectives", "problems", "homotopies", "continuation", "descent", "landscape")
NUMERICS = (*FLOORS, "methods")


@cache
def code_version() -> str:
    """Return the package's version and eight digits that change with every source that numbers come from.

    SHA-256 over the Python sources of the floors below the experiments and what the compiled kernels say of their own
    sources: an editable install, a wheel and a source distribution of one commit have the same. Results are kept under
    this text: a changed method is run again and never mixed with its older self.
    """
    files = [path for folder in NUMERICS for path in (PACKAGE / folder).rglob("*.py")]
    return f"{__version__}+{_digest(files, PACKAGE, vmath.sources())[:8]}"


def kernels() -> str:
    """Return what tells the sources of the compiled kernels from others, and whether a source tree has others now."""
    ext = PACKAGE.parent / "ext"
    now = _digest([path for path in ext.rglob("*") if path.is_file()], ext.parent)[:16] if ext.is_dir() else ""
    return vmath.sources() + (STALE if now not in ("", vmath.sources()) else "")


def _digest(files: Iterable[Path], root: Path, first: str = "") -> str:
    """Return SHA-256 over the names of files below a root and their bytes, whatever ends their lines."""
    digest = hashlib.sha256(first.encode())
    for name, path in sorted((path.relative_to(root).as_posix(), path) for path in files):
        digest.update(f"{name}\n".encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


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
    override = os.environ.get("HOMOTOPY_ISA")
    return vmath.isa() + (f" (HOMOTOPY_ISA={override})" if override else "")


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def names(descriptions: Iterable[Mapping[str, Any]]) -> str:
    """Return what machines are called by their processors, each once, from what `describe` said of them.

    Examples
    --------
    >>> names([{"cpu": "Intel(R) Xeon(R) CPU E5-2690 v4 @ 2.60GHz"}, {"cpu": "AMD EPYC 7B12 64-Core Processor"}])
    'Intel Xeon E5-2690 v4 and AMD EPYC 7B12'
    >>> names([{}])
    'an unknown machine'
    """
    found = dict.fromkeys(_short(str(one.get("cpu") or "")) or "an unknown machine" for one in descriptions)
    return " and ".join(found) or "an unknown machine"


def machine_name() -> str:
    """Return what this machine is called by its processor."""
    return names([describe()])


def _short(cpu: str) -> str:
    """Return the name of a processor without trade marks, clock rate and what goes without saying."""
    plain = re.sub(r"\((?:R|TM|C)\)|@.*|\b\d+-Core\b|\bCPU\b|\bProcessor\b|\bwith .*", " ", cpu, flags=re.IGNORECASE)
    return " ".join(plain.split())


def describe() -> dict[str, Any]:
    """Return what a result depends on besides its settings, as plain texts and numbers by their names."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "homotopy": __version__,
        "code": code_version(),
        "commit": _commit(),
        "kernels": kernels(),
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
