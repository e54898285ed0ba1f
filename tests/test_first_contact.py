"""What the first import, the first help and the first solve load: nothing that they do not use.

Modules are counted, not only seconds: a machine may be slow, but what is loaded is the same everywhere.
"""

import ast
import subprocess
import sys
import time
from pathlib import Path

import pytest

import homotopy
import homotopy as hp

HEAVY = ("matplotlib", "pandas", "rich", "click", "jinja2", "dask", "distributed", "sklearn")
SCIPY = ("scipy.optimize", "scipy.stats", "scipy.interpolate", "scipy.integrate", "scipy.spatial", "scipy.fft")


def loaded(code):
    """Return the names of the modules that a fresh process has loaded after this code."""
    words = [sys.executable, "-c", f"{code}\nimport sys\nprint('modules:', *sys.modules)"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("modules:")[2].split())


def test_import_loads_neither_numpy_nor_a_room():
    found = loaded("import homotopy")
    assert not found & {"numpy", "scipy", *HEAVY}
    assert len([name for name in found if name.startswith("homotopy")]) <= 4


def test_help_loads_neither_numpy_nor_a_room():
    code = "import sys\nfrom homotopy.cli import main\nsys.argv = ['homotopy', '--help']\n"
    code += "try:\n    main()\nexcept SystemExit:\n    pass"
    found = loaded(code)
    assert "click" in found
    assert not found & ({"numpy", "scipy", *HEAVY} - {"click"})
    assert len([name for name in found if name.startswith("homotopy")]) <= 12


@pytest.mark.parametrize("problem", ["teacher:k=6", "xor", "ts:act=relu,d=4,h=4,N=50"])
def test_a_solve_loads_no_picture_no_table_and_no_solver_that_it_does_not_run(problem):
    found = loaded(f"import homotopy as hp\nassert hp.solve({problem!r}, rng=0).cost > 0")
    assert not found & {*HEAVY, *SCIPY}
    assert not [
        name for name in found if name.startswith(("homotopy.report", "homotopy.experiments", "homotopy.bench"))
    ]
    assert len(found) < 1000  # 745 when this was written, 340 of them of NumPy and SciPy


def test_the_command_solves_without_pictures_and_statistics():
    code = "import sys\nfrom homotopy.cli import main\nsys.argv = ['homotopy', 'solve', 'teacher:k=4']\n"
    found = loaded(code + "try:\n    main()\nexcept SystemExit:\n    pass")
    assert {"click", "numpy"} <= found
    assert not found & ({*HEAVY, *SCIPY} - {"click", "rich"})


def test_a_prediction_loads_no_pictures_no_methods_of_comparison_and_no_scikit_learn(tmp_path):
    hp.fit_table([[0.0], [1.0], [2.0], [3.0]], [1.0, 2.0, 4.0, 8.5], hidden=0, test=0, alpha=0.1).model.save(
        tmp_path / "m"
    )
    (tmp_path / "new.csv").write_text("X\n1.5\n")
    code = (
        f"import sys\nfrom homotopy.cli import main\nsys.argv = ['homotopy', 'predict', {str(tmp_path / 'm.npz')!r}, "
    )
    code += f"{str(tmp_path / 'new.csv')!r}]\ntry:\n    main()\nexcept SystemExit as end:\n    assert not end.code"
    found = loaded(code)
    assert "homotopy.fits.table" in found
    assert not found & ({*HEAVY} - {"click", "rich", "pandas"})  # pandas reads the file where it is installed
    assert not [
        name for name in found if name.startswith(("homotopy.report", "homotopy.experiments", "homotopy.bench"))
    ]


def test_it_is_quick():
    code = "import homotopy as hp\nhp.solve('teacher:k=6')"
    best = float("inf")
    for _ in range(3):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        best = min(best, time.perf_counter() - begin)
    assert best < 10  # 0.6 s on a quiet machine; a machine for tests may be ten times slower, or busy


def test_what_comes_late_is_seen_before():
    assert set(homotopy.__all__) <= set(dir(homotopy))
    assert all(getattr(homotopy, name) is not None for name in dir(homotopy))
    with pytest.raises(AttributeError, match="no attribute 'slove'"):
        homotopy.slove  # noqa: B018


def test_type_checkers_are_told_the_same_names():
    tree = ast.parse(Path(homotopy.__file__).read_text())
    (told,) = [node for node in tree.body if isinstance(node, ast.If)]
    names = {alias.name for line in told.body for alias in line.names}
    assert names | {"__version__"} == set(homotopy.__all__)
