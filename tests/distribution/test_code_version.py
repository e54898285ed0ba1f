"""One commit has one version of its code, however it is installed; and other kernels have another."""

import os
import subprocess
import sys
import zipfile

import pytest

from homotopy.experiments.run.machine import STALE, code_version, kernels

ASKED = "from homotopy.experiments.run.machine import code_version, kernels; print(code_version()); print(kernels())"


def told(place):
    """Return the version of the code and its kernels, as a package in a folder tells them."""
    ran = subprocess.run(
        [sys.executable, "-c", ASKED],
        capture_output=True,
        text=True,
        check=True,
        cwd=place,
        env=os.environ | {"PYTHONPATH": str(place)},
    )
    return ran.stdout.splitlines()


@pytest.mark.slow
def test_a_wheel_a_source_archive_and_a_checkout_have_one_version(archives, tmp_path):
    assert not kernels().endswith(STALE)
    with zipfile.ZipFile(archives.wheel) as wheel:
        wheel.extractall(tmp_path / "wheel")
    assert told(tmp_path / "wheel") == [code_version(), kernels()]
    inside = archives.source / "homotopy" / "_core"
    for module in (tmp_path / "wheel" / "homotopy" / "_core").glob("*.so"):
        (inside / module.name).write_bytes(module.read_bytes())  # as if it were built there, for an editable install
    try:
        assert told(archives.source) == [code_version(), kernels()]
    finally:
        for module in inside.glob("*.so"):
            module.unlink()
