"""What is seen of a path: lines of progress, and the picture."""

import logging

import curves
import matplotlib.pyplot as plt
import numpy as np
import pytest

from homotopy.continuation import BranchPoint, Progress, Spectrum, track
from homotopy.errors import ArgumentError


def test_a_line_after_every_point_tells_what_happened():
    lines = []
    path = track(curves.s_curve(), curves.S_START, callback=Progress(every=0, log=lines.append))
    assert len(lines) == path.counts.accepted
    assert f"{path.counts.accepted} points" in lines[-1]
    assert "2 folds" in lines[-1]
    assert "LP near t = 0.4" in lines[-1]
    assert f"{sum(p.n_iter for p in path.points[1:])} Newton steps" in lines[-1]


def test_lines_are_rare_and_go_to_the_logger(caplog):
    with caplog.at_level(logging.INFO, logger="homotopy.continuation.progress"):
        track(curves.s_curve(), curves.S_START, callback=Progress(every=3600))
        assert caplog.messages == []
        track(curves.s_curve(), curves.S_START, callback=Progress(every=0))
    assert caplog.messages
    with pytest.raises(ArgumentError, match="every must be"):
        Progress(every=-1)
    with pytest.raises(ArgumentError, match="log must be a function"):
        Progress(log=3)


def test_the_line_changes_where_the_stability_does():
    path = track(curves.s_curve(), curves.S_START, spectrum=Spectrum(), milestones=[0.5])
    ax = path.plot(measure=lambda p: p.x[0])
    lines = [line for line in ax.lines if line.get_marker() == "None"]
    assert [line.get_linestyle() for line in lines] == ["-", "--", "-"]
    folds = [event.point.t for event in path.events if event.name == "LP"]
    assert [line.get_xdata()[-1] for line in lines[:2]] == folds
    assert [line.get_xdata()[0] for line in lines[1:]] == folds
    labels = ax.get_legend_handles_labels()[1]
    assert labels == ["stable", "unstable", "milestone", "LP (fold)"]
    assert [text.get_text() for text in ax.texts] == ["LP", "LP"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("t", "measure")
    plt.close("all")


def test_without_an_index_nothing_is_said_of_stability():
    path = track(curves.pitchfork(), np.zeros(1), t0=1.0, target=-2.0, events=[BranchPoint()])
    ax = path.plot(measure="norm")
    assert ax.get_legend_handles_labels()[1] == ["BP (branch point)"]
    assert ax.get_ylabel() == "|x|"
    quiet = path.plot(measure="norm", legend=False)
    assert quiet.get_legend() is None
    assert not quiet.texts
    plt.close("all")
