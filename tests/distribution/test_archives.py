"""What is distributed: the source archive is complete and its own tests run, the wheel holds what it must."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
import zlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("ext", "homotopy", "papers", "tests", ".ci")
FILES = ("pyproject.toml", "setup.py", "MANIFEST.in")
TEXTS = ("README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md")
MADE = (".so", ".pyd", ".pyc")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def sources():
    """The files that a checkout has, as paths from its root."""
    yield from map(Path, (*FILES, *TEXTS))
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            inside = path.relative_to(ROOT)
            caches = {part for part in inside.parts if part.endswith("cache__") or part in (".hypothesis", "results")}
            if (
                path.is_file()
                and path.suffix not in MADE
                and not caches
                and not inside.is_relative_to("homotopy/papers")
            ):
                yield inside


@pytest.mark.slow
def test_the_source_archive_has_every_file(archives):
    there = {path.relative_to(archives.source) for path in archives.source.rglob("*") if path.is_file()}
    assert set(sources()) <= there
    assert not [path for path in there if path.suffix in MADE or (path.parts[0] == "ext" and path.suffix == ".cpp")]


@pytest.mark.slow
def test_the_wheel_has_all_modules_and_data_and_nothing_else(archives):
    with zipfile.ZipFile(archives.wheel) as archive:
        inside = set(archive.namelist())
    stems = {p.stem for p in (ROOT / "ext").rglob("*.pyx")}
    assert {re.sub(r"\..*", "", Path(n).name) for n in inside if n.endswith(".so")} == stems
    assert "homotopy/papers/safran2018/study.py" in inside
    data = {p for p in sources() if p.parts[0] in ("homotopy", "papers")}
    data = {p for p in data if p.suffix in (".jinja", ".json", ".typed", ".pyi")}
    assert len(data) > 20
    assert {("homotopy/" if p.parts[0] == "papers" else "") + p.as_posix() for p in data} <= inside
    assert [n for n in inside if n.endswith(".pyi")]
    tops = {name.split("/")[0] for name in inside}
    assert {re.sub(r"-.*\.", ".", name) for name in tops} == {"homotopy", "homotopy_opt.dist-info"}


@pytest.mark.slow
def test_the_tests_of_the_source_archive_run_on_the_wheel(archives, tmp_path):
    with zipfile.ZipFile(archives.wheel) as archive:
        archive.extractall(tmp_path)
    # The sources in the working folder, which are not compiled, must not come before the wheel.
    tests = ("tests/linalg", "tests/models", "tests/selftest", "tests/test_naming.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(command, cwd=archives.source, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert " passed" in done.stdout


@pytest.mark.slow
def test_modules_hold_no_names_of_functions_and_no_folders_of_the_machine_that_built_them():
    modules = list((ROOT / "homotopy" / "_core").glob("*.so"))
    assert modules
    assert sum(len(zlib.compress(path.read_bytes())) for path in modules) < 2_250_000  # of a wheel of 3.9 MB
    readelf = shutil.which("readelf")
    for path in modules:
        data = path.read_bytes()
        assert b".symtab\0" not in data
        assert b".debug_info\0" not in data
        assert str(ROOT).encode() not in data
        if readelf:
            dynamic = subprocess.run([readelf, "-d", path], capture_output=True, text=True, check=True).stdout
            assert "PATH" not in dynamic


# ------------------------------------------------------------ the README as an index shows it


def described(folder):
    """What setup.py makes of the README of a folder."""
    tree = ast.parse((ROOT / "setup.py").read_text())
    tree.body = [node for node in tree.body if getattr(node, "name", "") == "described"]
    names = {"Path": Path, "re": re, "tomllib": tomllib}
    exec(compile(tree, "setup.py", "exec"), names)
    before = Path.cwd()
    os.chdir(folder)
    try:
        return names["described"]()
    finally:
        os.chdir(before)


def test_the_description_has_no_picture_that_an_index_cannot_show():
    text = described(ROOT)
    assert not re.findall(r"\]\((?!https://)[^)#]+\)", text)
    assert "Loss against gradient-equivalents on a teacher network" in text


@pytest.mark.parametrize("address", ["https://example.org/raw/main", "https://example.org/raw/main/"])
def test_pictures_lie_below_the_address_of_the_projects_files(tmp_path, address):
    (tmp_path / "pyproject.toml").write_text(f'[project.urls]\nFiles = "{address}"\n')
    (tmp_path / "README.md").write_text(
        "a ![two\nlines](papers/a.png) b ![](x.svg), ![far](https://b.org/c.png), [in](#x)"
    )
    assert described(tmp_path) == (
        "a ![two\nlines](https://example.org/raw/main/papers/a.png) b ![](https://example.org/raw/main/x.svg), "
        "![far](https://b.org/c.png), [in](#x)"
    )


# ------------------------------------------------------------ versions


def lowest(*extras):
    command = [sys.executable, ROOT / ".ci" / "lowest.py", *extras]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_every_dependency_has_a_lowest_version():
    extras = [name for name in PROJECT["optional-dependencies"] if name not in ("test", "dev", "all")]
    done = lowest(*extras)
    assert done.returncode == 0, done.stderr
    pins = done.stdout.split()
    assert len(pins) >= len(PROJECT["dependencies"]) + len(extras)
    assert all(re.fullmatch(r"[\w.-]+==[\d.]+", pin) for pin in pins)
    assert "scipy==1.15" in lowest().stdout.split()
    refused = lowest("dev")
    assert refused.returncode == 1
    assert "has no lowest version" in refused.stderr


def test_the_tools_of_the_checks_are_pinned():
    pinned = set(re.findall(r"^([\w-]+)==[\d.]+$", (ROOT / ".ci" / "tools.txt").read_text(), re.M))
    extras = PROJECT["optional-dependencies"]
    libraries = {"torch", "equinox", "flax", "homotopy-opt"}  # what is tested with, no tools
    wanted = {re.match(r"[\w-]+", word)[0] for word in (*extras["test"], *extras["dev"])} - libraries
    assert wanted <= pinned


def test_the_lock_of_the_interpreter_is_held_where_it_can_be_given_up():
    """The kernels' modules do not claim to do without it, so a free-threaded interpreter takes it back."""
    code = "import sys, homotopy._core.vmath as v; assert getattr(sys, '_is_gil_enabled', lambda: True)()"
    environment = os.environ | {"PYTHONWARNINGS": "ignore"}  # the interpreter says so in a warning
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
