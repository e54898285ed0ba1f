"""Forgetting a part of an activation or a loss is seen: at import, by the compiler, or by the tests of the truth."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import reference

from homotopy._core import mlp
from homotopy.errors import ArgumentError
from homotopy.models import MLP, activations, losses
from homotopy.objectives import EmpiricalRisk

EXT = Path(__file__).parents[2] / "ext"


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Import a module from its text."""

    def run(source):
        path = tmp_path / "planted.py"
        path.write_text(source)
        spec = importlib.util.spec_from_file_location("planted", path)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "planted", module)
        spec.loader.exec_module(module)
        return module

    return run


@pytest.mark.parametrize("module", [activations, losses])
def test_the_package_as_it_is_can_be_imported(module, load):
    assert list(load(Path(module.__file__).read_text()).BY_NAME) == list(module.BY_NAME)


@pytest.mark.parametrize(("module", "names"), [(activations, "activations"), (losses, "losses")])
def test_a_compiled_code_without_an_entry_fails_at_import(module, names, monkeypatch, load):
    compiled = [*getattr(mlp, names)(), "planted"]
    monkeypatch.setattr(mlp, names, lambda: compiled)
    with pytest.raises(ImportError, match=rf"'planted' has the code {len(compiled) - 1} in ext/passes and None"):
        load(Path(module.__file__).read_text())


def test_an_entry_without_a_compiled_code_fails_at_import(load):
    source = Path(activations.__file__).read_text()
    entry = '"leaky-relu": leaky_relu(),\n'
    planted = source.replace(entry, entry + '    "planted": Activation("planted", 9, np.sin, np.cos),\n')
    assert planted != source
    with pytest.raises(ImportError, match="'planted' has the code None in ext/passes and 9"):
        load(planted)


def test_a_wrong_code_fails_at_import(load):
    source = Path(losses.__file__).read_text()
    with pytest.raises(ImportError, match="'logistic' has the code 1 in ext/passes and 7"):
        load(source.replace("    code = 1\n", "    code = 7\n"))


@pytest.mark.parametrize(("list_", "wanted"), [("STORED", "act_planted"), ("SMOOTH", "smooth_planted")])
def test_a_line_of_the_list_without_its_function_does_not_compile(list_, wanted, tmp_path):
    if shutil.which("gcc") is None:
        pytest.skip("there is no gcc")
    source = (EXT / "passes" / "act.h").read_text()
    line = f"#define HP_{list_}_ACTS(X) "
    planted = "TANH, planted" if list_ == "SMOOTH" else "PLANTED, planted"
    passes = shutil.copytree(EXT / "passes", tmp_path / "passes")
    (passes / "act.h").write_text(source.replace(line, f"{line}X({planted}) "))
    rooms = [f"-I{folder}" for folder in (passes, *sorted(EXT.iterdir()))]
    command = [
        "gcc",
        "-fsyntax-only",
        "-DHP_NO_VECTORS",
        "-Werror=implicit-function-declaration",
        *rooms,
        "-x",
        "c",
        "-",
    ]
    done = subprocess.run(command, input='#include "mlp_kernels.h"\n', capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert wanted in done.stderr


def truth_of(activation, loss):
    """Raise where tests/reference.py lacks one of them."""
    assert activation in reference.ACTIVATIONS
    z = reference.np.zeros((1, 2))
    reference.loss(loss, z, z + 0.5)


def test_the_reference_has_every_activation_and_loss(monkeypatch):
    for name in activations.BY_NAME:
        truth_of(name, "squared")
    for name in losses.BY_NAME:
        truth_of("tanh", name)
    monkeypatch.delitem(reference.ACTIVATIONS, "sin")
    with pytest.raises(AssertionError):
        truth_of("sin", "squared")
    with pytest.raises(AssertionError, match="hinge"):
        truth_of("tanh", "hinge")


def test_kernels_refuse_codes_that_they_do_not_know():
    with pytest.raises(ArgumentError, match="activation has the code 99"):
        mlp.Net((1, 1), 99, 0, True, False)
    with pytest.raises(ArgumentError, match="output has the code -1"):
        mlp.Net((1, 1), 0, -1, True, False)
    risk = EmpiricalRisk(MLP([1, 1]), "squared", [[1.0]], [1.0])
    with pytest.raises(ArgumentError, match="loss has the code 3"):
        mlp.Risk(mlp.Net((1, 1), 0, 0, True, False), 3, risk.X, risk.y, 0.0)
