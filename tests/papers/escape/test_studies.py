"""The studies beside the table: small forms, and keys that tell them apart."""

import numpy as np
import pytest

from homotopy.papers.escape import studies
from homotopy.papers.escape.studies import Study, plan


@pytest.mark.parametrize("full", [False, True])
def test_studies_have_keys_of_their_own(full):
    asked = plan(full=full)
    assert len({study.key for study in asked}) == len(asked)
    assert {study.topic for study in asked} <= set(studies.WORK)


def test_the_full_form_covers_the_sizes_and_ten_thousand_runs():
    sizes: dict[int, int] = {}
    for study in plan(full=True):
        if study.topic == "scaling":
            k, _, n = study.arguments
            sizes[k] = sizes.get(k, 0) + n
    assert sizes[20] == 10_000
    assert sizes[500] == sizes[200] == 10
    assert min(sizes) == 6


def test_scaling_runs_the_skip_homotopy():
    costs = Study("scaling", (6, 2, 5)).run()
    assert len(costs) == 5
    assert np.all(np.isfinite(costs))


def test_the_convex_start_of_the_hard_problem_does_not_help():
    found = studies.origin("auer:d=6,hard=yes", 30)
    assert found["convex"] == found["near zero"] == 0
    assert 0 < found["start"] < 30
    easy = studies.origin("auer:d=6", 30)
    assert easy["convex"] == easy["near zero"] == 30


def test_noise_is_shared_by_all_methods():
    found = studies.noisy(0.3, 600, 2)
    assert {"skip", "width"} < set(found)
    assert all(len(values) == 2 and min(values) > 1e-3 for values in found.values())


def test_spirals_are_counted_point_by_point():
    found = studies.separation("greedy", 0, 1)
    assert 0 <= found["wrong"][0] <= 194
    assert found["loss"][0] > 0
    widths = studies.capacity(0, 1)
    assert len(widths) == 1
    assert 2 <= widths[0] <= 30
