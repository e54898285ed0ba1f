"""A step of training allocates nothing."""

import subprocess

import pytest
from peak import program

SCRIPT = """
import tracemalloc
import numpy as np
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk
from peak import peak

steps = int(sys.argv[1])
rng = np.random.default_rng(0)
model = MLP([784, 128, 10], "relu", dtype=np.float32)
risk = EmpiricalRisk(model, "softmax", rng.standard_normal((256, 784)), rng.integers(0, 10, 256))
x, grad = model.init(0), np.empty(model.size, np.float32)

def train(n):
    for _ in range(n):
        risk.evaluate_into(x, grad)
        np.multiply(grad, np.float32(0.1), out=grad)
        np.subtract(x, grad, out=x)

train(10)
began = peak()
tracemalloc.start()
train(10)
before = tracemalloc.get_traced_memory()[0]
tracemalloc.reset_peak()
train(steps)
now, highest = tracemalloc.get_traced_memory()
print(now - before, highest - before, peak() - began)
"""


def measure(steps):
    run = subprocess.run([*program(SCRIPT), str(steps)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    kept, highest, resident = (int(word) for word in run.stdout.split())
    assert kept < 2000  # bytes: the interpreter's own counters
    assert highest < 20_000  # one temporary object at a time; an activation of the batch alone has 131,072
    # KiB. A hundred activations have 12,800; the kernel counts pages processor by processor, to a few MiB.
    assert resident < 8192


def test_a_hundred_steps_allocate_nothing():
    measure(100)


@pytest.mark.slow
def test_ten_thousand_steps_allocate_nothing():
    measure(10_000)
