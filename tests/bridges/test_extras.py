"""Without torch or JAX one sentence says what to install; nothing else of the package needs them."""

import subprocess
import sys

import pytest

import homotopy as hp
from homotopy.errors import MissingExtraError


@pytest.mark.parametrize(
    ("library", "call"),
    [
        ("torch", lambda: hp.objective_from_torch(None, "squared", [[0.0]], [0.0])),
        ("torch", lambda: hp.to_torch([0.0], None)),
        ("jax", lambda: hp.objective_from_jax(abs, n=1)),
    ],
)
def test_absence_is_one_sentence(library, call, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=rf"needs the extra {library}: pip install 'homotopy-opt\[{library}\]'"):
        call()


def test_a_solve_loads_neither():
    code = "import homotopy as hp, sys\nhp.objective_from_torch, hp.objective_from_jax, hp.to_torch\n"
    code += "hp.solve('xor', 'lbfgs', rng=0)\nassert not {'torch', 'jax', 'flax', 'equinox'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
