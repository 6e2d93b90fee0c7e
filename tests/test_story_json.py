"""A story's JSON says all that it needs to be recomputed by somebody who has nothing of ours."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from clearprop import MLP, Story, TwoLayerMLP
from clearprop.errors import InputError
from clearprop.story import Note
from random_networks import random_case
from story_reader import faults_in

X, Y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [[0.0], [1.0], [1.0], [0.0]]
OPTIMIZERS = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"]


def story_of(seed: int) -> Story:
    net, X, Y, weights = random_case(seed)
    update = "sequential" if seed % 3 == 0 else "simultaneous"
    freeze = ["b1"] if seed % 5 == 0 else []
    optimizer = OPTIMIZERS[seed % len(OPTIMIZERS)]
    return net.explain(X, Y, optimizer=optimizer, sample_weight=weights, update=update, freeze=freeze)


@pytest.mark.parametrize("block", range(10))
def test_an_independent_reader_recomputes_200_random_networks(block):
    for seed in range(20 * block, 20 * block + 20):
        assert faults_in(story_of(seed).to_json()) == [], f"seed {seed}"


def places_in(value, way=()):
    """Every number in nested lists, by its way."""
    if isinstance(value, list):
        return [place for k, part in enumerate(value) for place in places_in(part, (*way, k))]
    return [way]


def numbers_of(content):
    """The way to every number of a story that is a value."""
    ways = [("loss_after",)]
    for name, value in content["given"].items():
        ways += [("given", name, *way) for way in places_in(value)]
    for k, step in enumerate(content["steps"]):
        ways += [("steps", k, "value", *way) for way in places_in(step["value"])]
    return ways


def altered(content, way, change):
    copy = json.loads(json.dumps(content))
    part = copy
    for key in way[:-1]:
        part = part[key]
    part[way[-1]] = change(part[way[-1]])
    return json.dumps(copy)


@pytest.mark.parametrize("seed", [1, 2, 4, 7, 8, 11])
def test_the_reader_rejects_every_altered_number(seed):
    """All numbers of a story, one at a time, each moved a little: X, W1, eta, Z1, dW2, …"""
    activation, loss = ["tanh", "sigmoid", "gelu"][seed % 3], ["squared_error", "huber"][seed % 2]
    net = MLP([2, 3, 2], activation, loss=loss, seed=seed, l1=0.01, l2=0.1)
    for layer in net.layers:
        net.parameters[layer.b] = np.random.default_rng(seed).normal(size=layer.outputs)
    batch = np.random.default_rng(seed).normal(size=(3, 2))
    optimizer = OPTIMIZERS[seed % 7]
    weights, update = [1.0, 2.0, 0.5], ["simultaneous", "sequential"][seed % 2]
    net.fit(batch, batch, optimizer=optimizer, epochs=2, progress=False)  # so that it remembers something
    story = net.explain(batch, batch, optimizer=optimizer, sample_weight=weights, update=update)
    content = json.loads(story.to_json())
    assert faults_in(json.dumps(content)) == []
    for way in numbers_of(content):
        text = altered(content, way, lambda number: number + 1e-6 * max(1.0, abs(number)))
        assert faults_in(text) != [], way


def test_the_reader_rejects_another_line_or_shape():
    content = json.loads(story_of(4).to_json())
    code = altered(content, ("steps", 0, "code"), lambda code: code.replace(" + b1", " - b1"))
    assert "Z1" in faults_in(code)[0]
    assert faults_in(altered(content, ("steps", 0, "shape"), lambda shape: [*shape, 1])) != []
    assert faults_in(altered(content, ("steps", 0, "inputs"), lambda names: [*names, "Q"])) != []


def test_float32_is_recomputed_in_its_own_precision():
    net, X, Y, weights = random_case(13, dtype="float32")
    text = net.explain(X, Y, sample_weight=weights).to_json()
    assert json.loads(text)["dtype"] == "float32"
    assert faults_in(text, tolerance=1e-5) == []


def test_the_articles_network_is_recomputed_too():
    story = TwoLayerMLP(2, 3, 1, seed=0).explain(X, Y)
    text = story.to_json()
    assert faults_in(text) == []
    assert str(Story.from_json(text).paths("W1", 1, 1)) == str(story.paths("W1", 1, 1))
    assert faults_in(altered(json.loads(text), ("share",), lambda share: share * 2)) != []
    assert faults_in(altered(json.loads(text), ("given", "m"), lambda m: m + 1)) != []


def test_the_reader_imports_nothing_of_ours():
    reader = Path(__file__).with_name("story_reader.py")
    loaded = (
        f"import sys; sys.path.insert(0, {str(reader.parent)!r}); import story_reader; print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert "numpy" in run.stdout.split()
    assert "clearprop" not in run.stdout.split()


# ---- there and back


@pytest.mark.parametrize("seed", range(20))
def test_a_story_comes_back_to_the_last_bit(seed):
    net, X, Y, weights = random_case(seed, dtype="float32" if seed % 2 else "float64")
    names = [f"input {k}" for k in range(net.sizes[0])]
    story = net.explain(X, Y, sample_weight=weights, optimizer="adam", input_names=names)
    again = Story.from_json(story.to_json())
    assert again.to_json() == story.to_json()
    assert [step.code for step in again] == [step.code for step in story]
    for step in story:
        assert np.array_equal(again[step.name].value, step.value)
        assert np.asarray(again[step.name].value).dtype.itemsize >= np.asarray(step.value).dtype.itemsize
        assert (again[step.name].formula, again[step.name].latex) == (step.formula, step.latex)
    assert (again.header, again.notes, again.input_names) == (story.header, story.notes, story.input_names)
    assert str(again.zoom("dW1", 0, 0)) == str(story.zoom("dW1", 0, 0))
    assert str(again.paths("W1", 0, 0)) == str(story.paths("W1", 0, 0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda story: "{", "this is no JSON"),
        (lambda story: "[]", "this JSON is no story"),
        (lambda story: json.dumps({**story, "form": "novel"}), "this JSON is no story"),
        (lambda story: json.dumps({**story, "edition": 2}), "of another edition: expected 1, got 2"),
        (lambda story: json.dumps({**story, "steps": 3}), "the story is damaged"),
        (lambda story: json.dumps({**story, "given": {}}), "Z1: nothing before it is called"),
        (lambda story: json.dumps({**story, "dtype": "object"}), "numbers of 'object'"),
        (
            lambda story: altered(story, ("steps", 0, "phase"), lambda _: "sleep"),
            "no phase is called 'sleep'",
        ),
        (
            lambda story: altered(story, ("steps", 0, "code"), lambda _: "import os"),
            "the code is 'import os'",
        ),
        (lambda story: altered(story, ("steps", 0, "code"), lambda _: "Z1 = ("), "the story is damaged"),
        (lambda story: altered(story, ("steps", 0, "shape"), lambda _: [9]), "the value has shape"),
        (lambda story: altered(story, ("steps", 0, "value"), lambda _: "x"), "no number: 'x'"),
    ],
)
def test_what_is_no_story_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        Story.from_json(change(json.loads(story_of(4).to_json())))


def test_code_in_a_file_is_never_run(tmp_path):
    story = json.loads(MLP([2, 1], seed=0).explain(X, Y).to_json())
    trace = tmp_path / "trace"
    code = f"Z1 = X @ W1 + b1 + open({str(trace)!r}, 'w').write('x')"
    with pytest.raises(InputError, match="holds something that the rules do not use"):
        Story.from_json(altered(story, ("steps", 0, "code"), lambda _: code))
    assert not trace.exists()


HOSTILE = {
    "nested without end": lambda s: altered(s, ("steps", 0, "code"), lambda _: "Z1 = " + "-" * 50_000 + "X"),
    "a sum without end": lambda s: altered(s, ("steps", 0, "code"), lambda _: "Z1 = X" + "+X" * 20_000),
    "a condition": lambda s: altered(s, ("steps", 0, "code"), lambda _: "Z1 = X @ W1 + b1 if 1 else 2"),
    "no chain": lambda s: json.dumps({**s, "chain": []}),
    "an empty array": lambda s: altered(s, ("given", "X"), lambda _: []),
    "four dimensions": lambda s: altered(s, ("given", "X"), lambda x: [[x]]),
    "texts as numbers": lambda s: altered(s, ("given", "X"), lambda x: [["0", "1"]]),
    "a ragged array": lambda s: altered(s, ("given", "X"), lambda x: [[0.0, 1.0], [1.0]]),
    "a huge number": lambda s: json.dumps({**s, "given": {**s["given"], "eta": 10**400}}),
    "no number": lambda s: json.dumps(s).replace('"eta": 0.1', '"eta": NaN'),
    "too few names": lambda s: json.dumps({**s, "input_names": ["a"]}),
    "names that are none": lambda s: json.dumps({**s, "input_names": [1, 2]}),
    "an unknown activation": lambda s: altered(s, ("chain", 0, "activation"), lambda _: "evil"),
    "an unknown weight": lambda s: altered(s, ("chain", 0, "W"), lambda _: "nope"),
    "another shape": lambda s: altered(s, ("given", "X"), lambda x: [[0.0, 1.0]]),
    "a note of numbers": lambda s: json.dumps({**s, "notes": [dict.fromkeys(Note._fields, 1)]}),
    "a name that is none": lambda s: json.dumps({**s, "given": {**s["given"], "<img src=x>": 1}}),
    "steps in reverse": lambda s: json.dumps({**s, "steps": s["steps"][::-1]}),
    "one step twice": lambda s: json.dumps({**s, "steps": [*s["steps"], s["steps"][0]]}),
    "a layer without end": lambda s: json.dumps(s).replace('"layer": 1', '"layer": Infinity', 1),
    "half precision": lambda s: json.dumps({**s, "dtype": "float16"}),
    "a header of numbers": lambda s: json.dumps({**s, "header": [[1, 2]]}),
}  # fmt: skip


@pytest.mark.parametrize("fault", HOSTILE)
def test_a_story_that_cannot_be_is_refused(fault):
    story = json.loads(MLP([2, 2, 1], "tanh", seed=0).explain(X, Y).to_json())
    assert Story.from_json(json.dumps(story)).loss == story["steps"][4]["value"]
    with pytest.raises(InputError, match="the story is damaged"):
        Story.from_json(HOSTILE[fault](story))


def test_a_step_out_of_all_bounds_is_told_too():
    net = MLP([1, 1], loss="poisson", init={"W1": [[30.0]]})
    story = net.explain([[1.0]], [[0.0]], learning_rate=1e-10)
    assert np.isfinite(story.loss_after)
    far = MLP([1, 1], loss="poisson", init={"W1": [[1.0]]}).explain([[1.0]], [[900.0]], learning_rate=1.0)
    assert far.loss_after == np.inf
    assert [note.kind for note in far.notes] == ["raised loss"]
    again = Story.from_json(far.to_json())
    assert again.loss_after == np.inf
    assert again.notes == far.notes


def test_a_tower_of_powers_fails_at_once():
    story = json.loads(MLP([2, 2, 1], "tanh", seed=0).explain(X, Y).to_json())
    code = "Z1 = X @ (W1 * " + "9**" * 40 + "9)"
    again = Story.from_json(altered(story, ("steps", 0, "code"), lambda _: code))
    with pytest.raises(InputError, match="cannot be computed"):
        again.zoom("Z1", 0, 0)
