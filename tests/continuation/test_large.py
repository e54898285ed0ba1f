"""A path of a net with 50,890 parameters, without a matrix."""

import numpy as np
import pytest
from peak import peak

from homotopy.continuation import Adaptive, NewtonKrylov, track
from homotopy.homotopies import Proximal
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk


@pytest.mark.slow
def test_thirty_steps_of_a_large_net_without_a_matrix():
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((1000, 784))
    labels = np.argmax(inputs @ rng.standard_normal((784, 10)), axis=1)
    model = MLP((784, 64, 10), "tanh")
    risk = EmpiricalRisk(model, "softmax", inputs, labels)
    family = Proximal(risk, model.init(np.random.default_rng(1)), mu=0.5)
    count = 0

    def stop(point):
        nonlocal count
        count += 1
        if count == 30:
            raise StopIteration

    corrector = NewtonKrylov(tolerance=1e-5, final_tolerance=1e-6)
    before = peak()
    path = track(family, corrector=corrector, step_control=Adaptive(maximum=0.025), callback=stop)
    assert path.counts.accepted == 30
    # A product costs two gradients of 1,000 samples, some 20 ms on one core: 3,000 of them are a minute.
    assert path.counts.hessp < 3000
    assert all(point.grad_norm <= 1e-5 for point in path.points)
    assert peak() - before < 1e6  # KiB; a dense Hessian has 20 GiB
