"""Recording leaves no trace: not on the network, not on the rules, not on a profiler that is at work."""

from __future__ import annotations

import copy
import cProfile
import os
import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest

from clearprop import MLP, MLPClassifier
from clearprop.data import check_data
from clearprop.errors import InputError
from clearprop.ops import reference
from clearprop.optimizers import SGD
from clearprop.stepping import Memory, Rates, Stepper

X, Y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [[0.0], [1.0], [1.0], [0.0]]


def net() -> MLP:
    return MLP([2, 3, 1], "gelu", seed=0)


def test_training_that_is_not_explained_calls_the_very_rules():
    before = dict(vars(reference))
    net().explain(X, Y)
    assert sys.getprofile() is None
    assert vars(reference) == before
    mlp = net()
    stepper = Stepper(mlp, Memory(SGD(0.1), np.zeros((0, mlp.parameters.vector.size))), Rates(None))
    assert stepper.ops is reference
    stepper.step(check_data(mlp, X, Y), np.arange(4), 0.1)


def test_a_profiler_at_work_goes_on():
    profile = cProfile.Profile()
    profile.enable()
    story = net().explain(X, Y)
    net().forward(X)
    profile.disable()
    assert str(story["A1"].value) == str(net().explain(X, Y)["A1"].value)
    assert any(entry.code == MLP.forward.__code__ for entry in profile.getstats())


def test_threads_do_not_disturb_one_another():
    expected = net().explain(X, Y).to_json()
    told: list[str] = []
    threads = [
        threading.Thread(target=lambda: told.extend(net().explain(X, Y).to_json() for _ in range(5)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [expected] * 20


def test_a_story_can_be_copied_and_pickled_but_not_written_into():
    story = net().explain(X, Y)
    for other in (copy.deepcopy(story), pickle.loads(pickle.dumps(story))):
        assert other.to_json() == story.to_json()
    with pytest.raises(ValueError, match="read-only"):
        story.values["W1"][:] = 0
    with pytest.raises(ValueError, match="read-only"):
        story["dW1"].value[:] = 0


def test_explaining_leaves_an_estimator_as_it_is():
    labels = np.array([[0, 1], [1, 0], [1, 1], [0, 0]])
    estimator = MLPClassifier(hidden_layer_sizes=(4,), random_state=0, max_iter=3).fit(X, labels)
    before = estimator.predict(X)
    estimator.explain(X, labels)
    with pytest.raises(InputError, match="y is not what the model was fitted on: expected a row of labels"):
        estimator.explain(X, [0, 1, 1, 0])
    assert np.array_equal(estimator.predict(X), before)


def test_two_processes_tell_the_same_story_to_the_last_letter():
    code = (
        "from clearprop import MLP; "
        "net = MLP([2, 3, 1], 'gelu', seed=0, l1=0.1, l2=0.1); "
        "print(net.explain([[0, 1]], [1], optimizer='adam').to_json())"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1]
