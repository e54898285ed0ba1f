"""Callbacks of scikit-learn 1.9."""

import numpy as np
import pytest
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from homotopy.estimators import HomotopyClassifier, HomotopyRegressor

X = np.random.default_rng(0).standard_normal((60, 3))
Y = np.sin(X[:, 0]) + X[:, 1] * X[:, 2]


class Recorder:
    """Keeps what it is told; asks to stop at the end of a task of this name."""

    def __init__(self, stop=None):
        self.stop, self.told = stop, []

    def setup(self, estimator, context):
        self.told.append(("setup", context.task_name))

    def teardown(self, estimator, context):
        self.told.append(("teardown", context.task_name))

    def on_fit_task_begin(self, estimator, context):
        self.told.append(("begin", context.task_name))

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None, metadata=None):
        self.told.append(("end", context.task_name))
        self.last = fitted_estimator, metadata
        return context.task_name == self.stop

    def count(self, what, name):
        return self.told.count((what, name))


def test_every_task_begins_and_ends():
    recorder = Recorder()
    net = HomotopyRegressor((4,), budget=40, alpha="cv", ensemble=2, random_state=0).set_callbacks(recorder)
    net.fit(X, Y, sample_weight=np.ones(60))
    for name in ("fit", "penalty path", "net 1", "net 2"):
        assert recorder.count("begin", name) == recorder.count("end", name) == 1
    assert recorder.count("begin", "step") == recorder.count("end", "step") > 10
    assert recorder.told[0] == ("setup", "fit")
    assert recorder.told[-1] == ("teardown", "fit")
    assert recorder.last[1]["sample_weight"].sum() == 60


@pytest.mark.parametrize("kind", [HomotopyClassifier, HomotopyRegressor])
def test_the_estimator_of_a_step_predicts(kind):
    scores = []

    class Scores(Recorder):
        def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
            if context.task_name == "step":
                scores.append(fitted_estimator.score(X, y))

    y = Y > 0 if kind is HomotopyClassifier else Y
    net = kind((6,), "tanh", method="lbfgs", budget=60, random_state=0).set_callbacks(Scores()).fit(X, y)
    assert len(scores) > 20
    assert scores[-1] == pytest.approx(net.score(X, y), abs=0.02)
    assert scores[-1] > scores[0] + 0.1


def test_a_callback_stops_a_net_or_the_fit():
    step = HomotopyRegressor((4,), method="lbfgs", budget=40, ensemble=2, random_state=0)
    recorder = Recorder("step")
    step.set_callbacks(recorder).fit(X, Y)
    assert recorder.count("end", "step") == 2
    assert step.status_ == "STOPPED_BY_CALLBACK"
    whole = HomotopyRegressor((4,), method="lbfgs", budget=40, ensemble=5, random_state=0)
    assert len(whole.set_callbacks(Recorder("net 2")).fit(X, Y).fits_) == 2


def test_callbacks_do_not_change_the_fit():
    net = HomotopyRegressor((4,), "tanh", method="lbfgs", budget=40, random_state=0)
    alone = net.fit(X, Y).predict(X)
    np.testing.assert_allclose(net.set_callbacks(Recorder()).fit(X, Y).predict(X), alone)


def test_the_progress_bar_and_the_scoring_monitor_work_also_in_a_pipeline(capsys):
    monitor = ScoringMonitor(scoring="r2")
    net = HomotopyRegressor((4,), method="lbfgs", budget=30, random_state=0).set_callbacks(monitor)
    make_pipeline(StandardScaler(), net).set_callbacks(ProgressBar()).fit(X, Y)
    assert "HomotopyRegressor" in capsys.readouterr().out
    rows = monitor.get_logs().data
    assert sum(row["task_name"] == "step" for row in rows) > 10


def test_callbacks_are_torn_down_where_a_fit_fails():
    recorder = Recorder()
    with pytest.raises(ValueError, match="alpha"):
        HomotopyRegressor(alpha=-1.0).set_callbacks(recorder).fit(X, Y)
    assert recorder.told[-1] == ("teardown", "fit")
