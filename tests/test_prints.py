"""What results print at a prompt: the outcome in words, never pages of numbers."""

import numpy as np

import homotopy as hp


def test_result_prints_its_outcome_and_stages():
    result = hp.solve("teacher:k=6", "skip", rng=0)
    assert "success=True" in repr(result)
    assert len(repr(result)) < 200
    lines = str(result).splitlines()
    assert lines[0].endswith("(success: the known optimum)")
    assert result.message in lines[1]
    assert f"{result.cost:.6g} gradient-equivalents" in lines[2]
    assert len(lines) == 3 + len(result.stages)


def test_path_prints_its_events():
    xor = hp.problem("xor")
    path = hp.track(hp.homotopies.Proximal(xor.objective, xor.start(np.random.default_rng(0))))
    assert f"points={len(path.points)}" in repr(path)
    assert repr(path).count("LP at") == path.n_folds == 2
    assert len(repr(path)) < 300


def test_comparison_prints_a_line_a_cell():
    found = hp.compare(["xor"], ["gd", "lbfgs"], seeds=range(4))
    assert "4 seeds" in repr(found)
    lines = str(found).splitlines()
    assert [line.split(": ")[0].split()[-1] for line in lines] == ["gd", "lbfgs"]
    successes = int(found.records("xor:hidden=2", "gd")["success"].sum())
    assert f"{successes} of 4 succeed" in lines[0]


def test_descents_print_how_they_ended():
    xor = hp.problem("xor")
    starts = np.array([xor.start(np.random.default_rng(seed)) for seed in range(3)])
    one = hp.descend(xor.objective, starts[0], step_size=0.1, n_steps=5)
    assert "1 starts" in repr(one)
    many = hp.descend(xor.objective, starts, step_size=0.1, n_steps=5)
    assert "3 starts" in repr(many)
    assert "{'MAX_STEPS': 3}" in repr(many)
    assert f"{many.value.min():.6g}" in repr(many)
