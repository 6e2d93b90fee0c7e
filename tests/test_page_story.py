"""What the page shows is what Python computes: the same story, made independently, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from clearprop import MLP, Loss
from clearprop.errors import DivergedError
from clearprop.metrics import metric
from clearprop.optimizers import OPTIMIZERS
from clearprop.page.settings import Settings
from clearprop.samples import SAMPLES
from clearprop.story import Story
from clearprop.story.page.page import parts
from page_sessions import TABLE, Tab, random_settings, tab

Array = np.ndarray[Any, Any]
SETTINGS = 200


class Own:
    """Data, network and next batch of settings, made with the public names of clearprop alone."""

    def __init__(self, settings: Settings) -> None:
        data, net = settings.data, settings.net
        self.settings = settings
        if data.kind == "table":
            rows = [line.split(",") for line in str(TABLE["text"]).splitlines()[1:]]
            X = np.array([[float(cell) for cell in row[:3]] for row in rows])
            codes, classes = np.array(["xyz".index(row[3]) for row in rows]), 3
            self.inputs, target, names = ("a", "<b>", "c"), "d", ("x", "y", "z")
        else:
            samples = SAMPLES[data.kind](data.rows, seed=data.seed, noise=data.noise)
            X, codes, self.inputs, target, names = samples
            classes = len(names)
        order = np.random.Generator(np.random.PCG64([data.seed, 2**32 - 1])).permutation(len(X))
        held = round(data.test * len(X))
        train, test = np.sort(order[held:]), np.sort(order[:held])
        usual = (
            "squared_error" if not classes else "binary_cross_entropy" if classes == 2 else "cross_entropy"
        )
        loss = Loss(usual if net.loss == "auto" else net.loss)
        if net.option is not None:
            loss = Loss(loss.name, **dict.fromkeys(loss.options, net.option))
        is_one = classes == 0 or (classes == 2 and loss.name != "cross_entropy")
        Y = codes if is_one else np.eye(classes)[codes]
        self.outputs = (target,) if not classes else tuple(f"{target}={name}" for name in names[is_one:])
        sizes = [X.shape[1], *net.hidden, 1 if is_one else classes]
        self.net = MLP(
            sizes, net.activations, "auto", loss, l1=net.l1, l2=net.l2, seed=net.seed, init=net.init
        )
        self.X, self.Y, self.X_test, self.Y_test = X[train], Y[train], X[test], Y[test]

    def batch(self, epoch: int, batch: int) -> Array:
        if self.settings.focus is not None:
            return np.array(self.settings.focus)
        n, size = len(self.X), self.settings.training.batch or len(self.X)
        order = np.random.Generator(np.random.PCG64([self.settings.net.seed, epoch + 1])).permutation(n)
        order = np.arange(n) if size >= n else order
        return order[batch * size : (batch + 1) * size]

    def story(self, rows: Array) -> Story:
        choice = self.settings.training
        freeze = [name for name in choice.freeze if name in self.net.parameters]
        return self.net.explain(
            self.X[rows],
            self.Y[rows],
            optimizer=OPTIMIZERS[choice.optimizer](choice.learning_rate),
            update=choice.update,
            freeze=freeze,
            input_names=self.inputs,
            output_names=self.outputs,
        )


def assert_same(view: dict[str, Any], own: Own, rows: Array) -> Story:
    """The whole view is that of a network of our own, exactly."""
    assert view["place"]["rows"] == rows.tolist()
    story = own.story(rows)
    assert view["story"] == parts(story, zooms=False)
    assert {name: array.tolist() for name, array in own.net.parameters.items()} == view["weights"]
    loss, penalty = own.net.loss_parts(own.X, own.Y)
    _, gradients = own.net.loss_and_gradient(own.X, own.Y)
    norms = [
        np.sqrt(np.sum(np.concatenate([gradients[f"dW{k}"].ravel(), gradients[f"db{k}"]]) ** 2))
        for k in range(1, len(own.net.sizes))
    ]
    figures = view["figures"]
    assert (figures["loss"], figures["penalty"], figures["norms"]) == (loss, penalty, norms)
    assert figures["metric"]["train"] == score(own.net, own.X, own.Y)
    if len(own.X_test):
        assert figures["test_loss"] == own.net.loss_parts(own.X_test, own.Y_test)[0]
        assert figures["metric"]["test"] == score(own.net, own.X_test, own.Y_test)
    else:
        assert (figures["test_loss"], figures["metric"]["test"]) == (None, None)
    return story


def score(net: MLP, X: Array, Y: Array) -> float | None:
    if len(X) == 1 and net.loss_function.targets == "real":
        return None
    A = net.last_layer(X, "numpy")[1]
    return metric(net.loss_function, A, Y.reshape(A.shape))


@pytest.mark.parametrize("seed", range(SETTINGS))
def test_the_page_shows_the_story_that_python_tells(seed: int) -> None:
    settings = random_settings(seed)
    page, own = tab(settings), Own(settings)
    if page.view["diverged"]:
        with pytest.raises(DivergedError) as diverged:
            own.story(own.batch(0, 0))
        assert page.view["diverged"] == f"the next step diverges: {diverged.value.why}"
        return
    story = assert_same(page.view, own, own.batch(0, 0))
    step = story.phase("backward")[-1]
    zoom = page.ask("zoom", name=step.name, index=[0] * len(step.shape))["zoom"]
    assert zoom["rest"][0] == story.zoom(step.name, *[0] * len(step.shape)).rest[0]
    page.ask("step", unit="batch")
    for name in own.net.parameters:  # the step made is the step explained
        own.net.parameters[name] = story[f"{name}_new"].value
        assert page.view["weights"][name] == own.net.parameters[name].tolist()
    kept = page.session.net.memory.vectors
    for name in own.net.parameters:
        for k, letter in enumerate(letters_of(story)):
            if f"{letter}_{name}_new" in story:
                window = kept[k][own.net.parameters.slices[name]].reshape(own.net.parameters.shapes[name])
                assert np.array_equal(window, story[f"{letter}_{name}_new"].value)


def letters_of(story: Story) -> list[str]:
    """What the vectors of the optimiser's memory are called: v, or m and v."""
    found = [step.name.split("_")[0] for step in story.phase("update") if step.name.endswith("_new")]
    return sorted({letter for letter in found if letter[0] not in "Wb"})


def test_a_planted_difference_is_seen() -> None:
    settings = random_settings(3)
    page, own = tab(settings), Own(settings)
    own.net.parameters.vector[0] = np.nextafter(own.net.parameters.vector[0], 1)
    with pytest.raises(AssertionError):
        assert_same(page.view, own, own.batch(0, 0))


@pytest.mark.parametrize("seed", [1, 5, 8])
def test_batches_by_hand_are_those_of_fit(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEARPROP_ENGINE", "numpy")
    settings = random_settings(seed).changed({"focus": None, "training": {"batch": 5, "optimizer": "adam"}})
    page, own = tab(settings), Own(settings)
    for epoch in (1, 2):
        page.ask("step", unit="epoch")
        assert (page.view["place"]["epoch"], page.view["place"]["batch"]) == (epoch, 0)
    choice = settings.training
    own.net.fit(
        own.X,
        own.Y,
        optimizer=OPTIMIZERS["adam"](choice.learning_rate),
        epochs=2,
        batch_size=5,
        update=choice.update,
        freeze=[name for name in choice.freeze if name in own.net.parameters],
        progress=False,
    )
    assert {name: array.tolist() for name, array in own.net.parameters.items()} == page.view["weights"]


def test_what_the_page_draws_is_what_the_network_answers() -> None:
    import base64

    page = Tab(preset="spiral")
    picture = page.view["picture"]
    values = np.frombuffer(base64.b64decode(picture["values"]), np.uint8).reshape(picture["size"])
    x, y = np.linspace(*picture["x"], 48), np.linspace(*picture["y"], 48)
    answers = page.session.net.forward([[x[5], y[-1]], [x[40], y[0]]])[:, 0]
    assert [values[0, 5], values[47, 40]] == np.round(255 * answers).tolist()
    curve = Tab(preset="too-fast").view["picture"]
    assert (curve["kind"], len(curve["x"]), len(curve["y"]), len(curve["y"][0])) == ("curve", 120, 1, 120)


def test_mazurs_example() -> None:
    page = Tab(preset="mazur")
    assert round(page.view["figures"]["loss"], 9) == 0.298371109
    assert round(page.ask("step", unit="batch")["figures"]["loss"], 9) == 0.291027774
