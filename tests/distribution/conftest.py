"""The source archive and a wheel that is built from it, once for all tests: nothing else takes as long."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[2]


def built(*words):
    """Build with the package's own tool; what it said is shown where it fails."""
    quick = os.environ | {"HOMOTOPY_DEBUG": "1"}  # optimizes less: here it matters what is built, not how fast it is
    command = [sys.executable, "-m", "build", "--no-isolation", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=quick)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.fixture(scope="session")
def archives(tmp_path_factory):
    """The paths `sdist`, `source` (where it is unpacked) and `wheel`; those in the folder HOMOTOPY_ARCHIVES if set."""
    folder, unpacked = Path(os.environ.get("HOMOTOPY_ARCHIVES", "")), tmp_path_factory.mktemp("archives")
    if not folder.name:
        folder = unpacked / "made"
        built("-o", folder, ROOT)
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked / "source", filter="data")
    (source,) = (unpacked / "source").iterdir()
    return SimpleNamespace(sdist=sdist, source=source, wheel=wheel)
