"""What the page asks of the server: every request, good and bad, there and back."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest

from clearprop import MLP
from clearprop.errors import InputError
from clearprop.optimizers import OPTIMIZERS
from clearprop.page import limits
from clearprop.page.beginning import of_network
from clearprop.page.gallery import PRESETS
from clearprop.page.presets import Origin, begin
from clearprop.page.requests import CHANGES, Outdated, Requests, choices
from clearprop.page.sessions import Gone, Sessions
from clearprop.page.settings import Settings, drawn
from clearprop.page.state import Training
from page_sessions import TABLE, Tab, random_settings, tab

BATCHES = {"data": {"kind": "moons"}, "net": {"hidden": [4]}, "training": {"optimizer": "momentum"}}


def batches() -> Tab:
    """Three batches an epoch, of 80 rows, and an optimiser with a memory."""
    return tab(Settings().changed(BATCHES))


def state(page: Tab) -> tuple[Any, ...]:
    """Everything that training changes, to the bit."""
    session, memory = page.session, page.session.net.memory
    kept = None if memory is None else (memory.steps, memory.vectors.tobytes())
    place = {name: page.view["place"][name] for name in ("epoch", "batch", "steps", "rows")}
    return session.net.parameters.vector.tobytes(), kept, place


# ---- stepping


def test_a_step_goes_to_the_next_batch_and_back_restores_what_was_before() -> None:
    page = batches()
    seen = [state(page)]
    for _ in range(7):
        page.ask("step", unit="batch")
        seen.append(state(page))
    assert [place["epoch"] * 3 + place["batch"] for *_, place in seen] == list(range(8))
    assert len({theta for theta, *_ in seen}) == 8
    for before in reversed(seen[:-1]):
        assert page.view["place"]["can_go_back"]
        page.ask("back", unit="batch")
        assert state(page) == before
        assert page.view["story"] is not None
    assert not page.view["place"]["can_go_back"]
    page.ask("back", unit="epoch")
    assert state(page) == seen[0]


def test_an_epoch_is_its_batches() -> None:
    page, other = batches(), batches()
    page.ask("step", unit="batch")
    for request in ("epoch", "batch"):
        page.ask("step", unit=request)
    for _ in range(4):
        other.ask("step", unit="batch")
    assert state(page) == state(other)
    page.ask("back", unit="epoch")
    assert page.view["place"]["epoch"] == 1
    assert page.view["place"]["batch"] == 0
    page.ask("back", unit="epoch")
    assert (page.view["place"]["epoch"], page.view["place"]["batch"]) == (0, 0)


def test_a_step_on_rows_in_focus_leaves_the_place_in_the_epoch() -> None:
    page = batches()
    page.ask("step", unit="batch")
    page.ask("set", changes={"focus": [5, 3]})
    assert page.view["place"]["rows"] == [5, 3]
    story = page.view["story"]["data"]
    data = page.session.training.data
    assert story["arrays"]["X"]["values"] == data.X[[5, 3]].ravel().tolist()
    page.ask("step", unit="epoch")
    assert (page.view["place"]["batch"], page.view["place"]["steps"]) == (1, 2)
    page.ask("set", changes={"focus": None})
    assert len(page.view["place"]["rows"]) == 32


def test_training_frames_make_whole_epochs_and_answer_without_story(engine: str) -> None:
    page = batches()
    page.ask("step", unit="batch")
    theta = state(page)[0]
    page.ask("train", budget=100)
    view = page.view
    assert (view["story"], view["link"], view["diverged"], view["data"]) == (None, None, None, None)
    assert view["place"]["steps"] > 1
    assert view["place"]["steps"] == 3 * view["place"]["epoch"] + view["place"]["batch"]
    assert (state(page)[0] == theta) is False
    page.ask("settle")
    assert page.view["story"] is not None
    assert page.view["link"] is not None


def test_back_goes_through_the_epochs_of_a_frame_one_by_one() -> None:
    page = batches()
    training, optimizer = page.session.training, page.session.optimizer
    seen = []
    for _ in range(3):
        seen.append(state(page))
        training.fit(optimizer, 1)
        page.ask("settle")
    other = batches()
    other.session.training.fit(other.session.optimizer, 3)
    other.ask("settle")
    assert state(other) == state(page)
    for before in reversed(seen):
        other.ask("back", unit="batch")
        assert state(other) == before
    assert not other.view["place"]["can_go_back"]


def spiral() -> Tab:
    """480 batches an epoch, of one row."""
    data, training = {"kind": "spiral", "rows": 600}, {"batch": 1, "optimizer": "momentum"}
    return tab(Settings().changed({"data": data, "net": {"hidden": [2]}, "training": training}))


@pytest.mark.parametrize("unit", ["batch", "epoch"])
def test_an_epoch_of_many_batches_is_gone_back_to_its_beginning(unit: str) -> None:
    page, seen = spiral(), []
    training, optimizer = page.session.training, page.session.optimizer
    for _ in range(2):
        seen.append(state(page))
        if unit == "batch":
            for _ in range(479):
                training.turn(optimizer)
        page.ask("step", unit=unit)
    assert page.view["place"]["epoch"] == 2
    for before in reversed(seen):
        page.ask("back", unit="epoch")
        assert state(page) == before
    assert not page.view["place"]["can_go_back"]


def test_each_batch_of_an_epoch_made_at_once_is_gone_back_through() -> None:
    page, other = spiral(), spiral()
    there, here = page.session.training, other.session.training
    seen = []
    for _ in range(480):
        seen.append(exact(here))
        here.turn(other.session.optimizer)
    page.ask("step", unit="epoch")
    assert exact(there) == exact(here)
    for before in reversed(seen):
        there.back(page.session.optimizer, "batch")
        assert exact(there) == before
    assert not there.trail
    page.ask("step", unit="epoch")
    page.ask("back", unit="batch")
    page.ask("step", unit="batch")
    assert exact(there) == exact(here)


def exact(training: Training) -> list[Any]:
    """All that training changes, to the bit."""
    now = training.snapshot()
    kept = [now.memory.steps, now.memory.vectors.tobytes()] if now.memory else []
    return [now.theta.tobytes(), now.epoch, now.batch, now.steps, *kept]


def test_of_too_many_snapshots_whole_epochs_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SNAPSHOTS", 3)
    monkeypatch.setattr(limits, "TURNS", 2)  # two snapshots an epoch
    page, seen = batches(), []
    for _ in range(4):
        seen.append(state(page))
        page.ask("step", unit="epoch")
        assert len(page.session.training.trail) <= 3
    page.ask("back", unit="epoch")
    assert state(page) == seen[3]
    assert not page.view["place"]["can_go_back"]


def test_an_epoch_of_too_many_snapshots_keeps_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SNAPSHOTS", 3)
    page = batches()
    first = state(page)
    page.ask("step", unit="batch")
    for value in range(5):
        page.ask("edit", name="b2", index=[0], value=value)
    page.ask("step", unit="batch")
    assert len(page.session.training.trail) == 3
    page.ask("back", unit="epoch")
    assert state(page) == first
    assert not page.view["place"]["can_go_back"]


def test_a_rate_too_high_is_said_and_nothing_is_broken() -> None:
    page = Tab(preset="too-fast")
    for _ in range(400):
        page.ask("train", budget=20)
        if page.view["diverged"]:
            break
    assert_ahead(page)
    before = state(page)
    page.ask("step", unit="batch")
    assert_ahead(page)
    assert not page.view["is_told"]
    assert state(page)[:1] == before[:1]
    json.dumps(page.view, allow_nan=False)
    page.ask("reset")
    assert page.view["diverged"] is None
    assert page.view["story"] is not None


def test_where_the_first_step_diverges_the_network_is_shown_and_nothing_computed() -> None:
    text = "a,b\n" + "".join(f"{k},1e200\n" for k in range(6))
    table = {"name": "t.csv", "text": text, "inputs": ["a"], "target": "b", "classes": None}
    page = Tab(settings={"data": {"kind": "table", "table": table, "test": 0}, "net": {"hidden": [2, 4]}})
    view, data = page.view, page.view["story"]["data"]
    assert_ahead(page)
    assert not view["is_told"]
    assert (data["steps"], data["notes"], view["story"]["articles"]) == ([], [], "")
    assert [data["arrays"][link["W"]]["shape"] for link in data["layers"]] == [[1, 2], [2, 4], [4, 1]]
    assert data["arrays"]["Y"]["values"] == [1e200] * 6
    assert data["arrays"]["W2"]["values"] == np.ravel(view["weights"]["W2"]).tolist()
    assert all(data["arrays"][name]["values"] == [] for name in ("Z1", "A3"))
    again = Tab(page.requests, link=view["link"])
    assert again.view["story"] == view["story"]
    page.ask("set", changes={"data": {"kind": "xor"}})
    assert page.view["is_told"]


def test_a_tab_comes_back_to_a_session_that_it_left() -> None:
    page = batches()
    page.ask("step", unit="epoch")
    whole, session = page.view, page.view["session"]
    assert whole["data"] is None
    page.ask("open", preset="mazur")
    page.ask("look", session=session)
    for part in ("session", "generation", "settings", "weights", "story", "link", "place"):
        assert page.view[part] == whole[part]
    assert page.view["data"]["train"]
    assert page.view["curve"]["points"]


def assert_ahead(page: Tab) -> None:
    """It says why the next step cannot be made; nobody has made it, and clipping cannot be chosen here."""
    said = page.view["diverged"]
    assert said.startswith("the next step diverges: the loss is not finite; the first such number is in L (")
    assert "clip_norm" not in said
    assert "training" not in said


# ---- changes


def test_an_edit_changes_one_number_and_all_that_depends_on_it() -> None:
    page = batches()
    before = page.view
    page.ask("edit", name="W1", index=[1, 2], value=2.5)
    assert page.view["weights"]["W1"][1][2] == 2.5
    same = np.array(before["weights"]["W1"]) == np.array(page.view["weights"]["W1"])
    assert same.sum() == same.size - 1
    assert page.view["figures"]["loss"] != before["figures"]["loss"]
    assert page.view["story"] != before["story"]
    page.ask("edit", name="b2", index=[0], value=-1)
    assert page.view["weights"]["b2"] == [-1.0]


@pytest.mark.parametrize("unit", ["batch", "epoch"])
@pytest.mark.parametrize("steps", [0, 2, 3])
def test_an_edit_is_taken_back_alone(unit: str, steps: int) -> None:
    page, seen = batches(), []
    for _ in range(steps):
        page.ask("step", unit="batch")
    for name, index in [("W1", [0, 0]), ("W1", [0, 0]), ("b2", [0])]:
        seen.append(all_of(page))
        page.ask("edit", name=name, index=index, value=len(seen))
    edited = all_of(page)
    page.ask("step", unit="batch")
    page.ask("back", unit="batch")
    assert all_of(page) == edited
    for before in reversed(seen):
        generation = page.view["generation"]
        page.ask("back", unit=unit)
        assert page.view["generation"] > generation
        assert all_of(page) == before
    assert page.view["place"]["can_go_back"] == (steps > 0)


def all_of(page: Tab) -> list[Any]:
    view = page.view
    return [state(page), view["link"], view["figures"], view["story"], list(page.session.curves.points)]


def test_an_edit_within_an_epoch_is_on_the_way_to_its_beginning() -> None:
    page = batches()
    first = state(page)
    page.ask("step", unit="batch")
    page.ask("edit", name="W1", index=[0, 0], value=3)
    page.ask("step", unit="batch")
    page.ask("back", unit="epoch")
    assert state(page) == first


def test_an_edit_that_is_refused_leaves_nothing_to_go_back_to() -> None:
    page = batches()
    with pytest.raises(InputError):
        page.ask("edit", name="W1", index=[0, 0], value=float("nan"))
    page.ask("settle")
    assert not page.view["place"]["can_go_back"]


def test_settings_that_leave_the_network_leave_its_weights() -> None:
    page = batches()
    for _ in range(4):
        page.ask("step", unit="batch")
    theta, memory, place = state(page)
    for changes in (
        {"training": {"learning_rate": 0.5}},
        {"training": {"update": "sequential", "freeze": ["b1"]}},
        {"net": {"l2": 0.1}},
    ):
        page.ask("set", changes=changes)
        assert state(page) == (theta, memory, place)
    page.ask("set", changes={"focus": [1]})
    assert state(page)[:2] == (theta, memory)
    page.ask("set", changes={"focus": None})
    assert state(page) == (theta, memory, place)
    page.ask("set", changes={"data": {"noise": 0.3}})
    assert state(page)[0] == theta
    assert page.view["data"] is not None
    page.ask("set", changes={"training": {"optimizer": "adam"}})
    assert (state(page)[0], state(page)[1]) == (theta, None)
    page.ask("set", changes={"net": {"activations": ["relu"]}})
    assert state(page)[0] != theta
    assert page.view["place"]["steps"] == 0


def test_the_past_stays_where_data_and_network_stay() -> None:
    page = batches()
    seen = [state(page)]
    for _ in range(4):
        page.ask("step", unit="batch")
    page.ask("set", changes={"focus": [1]})
    assert page.view["place"]["can_go_back"]
    page.ask("set", changes={"focus": None})
    for _ in range(4):
        page.ask("back", unit="batch")
    assert state(page) == seen[0]
    page.ask("step", unit="epoch")
    points = list(page.session.curves.points)
    page.ask("set", changes={"training": {"learning_rate": 0.3}})
    assert page.session.curves.points == points
    assert not page.view["place"]["can_go_back"]  # epochs of another rate could not be made again
    page.ask("set", changes={"net": {"l2": 0.3}})
    assert len(page.session.curves.points) == 1


def test_reset_begins_again_with_the_first_weights() -> None:
    for opened in ({"preset": "mazur"}, {"preset": "spiral"}, {"preset": "symmetric"}):
        page = Tab(**opened)
        first = state(page)
        page.ask("train", budget=20)
        page.ask("reset")
        assert state(page) == first
        assert not page.view["place"]["can_go_back"]


def test_given_weights_go_where_they_no_longer_fit() -> None:
    page = Tab(preset="mazur")
    page.ask("set", changes={"net": {"hidden": [3]}})
    assert page.view["settings"]["net"]["init"] == "auto"
    with pytest.raises(InputError, match="no first weights are given"):
        Tab(settings={"net": {"init": "given"}})
    other = Tab(preset="symmetric")
    other.ask("set", changes={"data": {"kind": "blobs"}})
    assert (other.view["settings"]["net"]["init"], len(other.view["weights"]["b2"])) == ("auto", 3)


def test_a_smaller_network_forgets_what_was_frozen_above() -> None:
    page = tab(Settings().changed({"net": {"hidden": [2, 2]}, "training": {"freeze": ["b1", "b3"]}}))
    page.ask("set", changes={"net": {"hidden": [2]}})
    assert page.view["settings"]["training"]["freeze"] == ("b1",)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_opens(name: str) -> None:
    page = Tab(preset=name)
    assert page.view["settings"]["preset"] == name
    assert page.view["story"] is not None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("vanishing", "vanishing gradient"),
        ("dead", "dead relu"),
        ("symmetric", "symmetric units"),
        ("too-fast", "raised loss"),
    ],
)
def test_what_is_broken_on_purpose_is_noted(name: str, kind: str) -> None:
    assert kind in [note["kind"] for note in Tab(preset=name).view["notes"]]


def test_the_articles_networks_are_the_articles() -> None:
    from clearprop import TwoLayerMLP

    page, net = Tab(preset="article-two-layers"), TwoLayerMLP(2, 4, 1, seed=0)
    X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    for _ in range(20):
        net.forward(X)
        net.backward(Y, learning_rate=5.0)
        page.ask("step", unit="batch")
    for name, values in page.view["weights"].items():
        assert np.allclose(values, getattr(net, name).reshape(np.shape(values)), rtol=1e-12, atol=0)


# ---- a table with hostile names


def test_a_table_is_data_and_its_names_are_text() -> None:
    page = Tab(settings={"data": {"kind": "table", "table": TABLE}})
    data = page.view["data"]
    assert (data["inputs"], data["targets"], data["classes"]) == (["a", "<b>", "c"], ["d"], ["x", "y", "z"])
    assert (len(data["train"]), len(data["test"])) == (24, 6)
    story = page.view["story"]
    assert "<b>" not in story["articles"] + story["symbols"] + story["header"]
    assert story["data"]["arrays"]["X"]["names"][1] == ("a", "<b>", "c")


def test_the_text_of_a_table_goes_out_with_its_data_only() -> None:
    page = Tab(settings={"data": {"kind": "table", "table": TABLE}})
    assert page.view["settings"]["data"]["table"]["text"] == TABLE["text"]
    page.ask("step", unit="batch")
    assert page.view["settings"]["data"]["table"]["text"] is None
    page.ask("set", changes=page.view["settings"])
    assert page.session.settings.data.table.text == TABLE["text"]


def test_table_says_what_is_in_a_text() -> None:
    assert Requests(begin("xor")).answer("table", {"text": "a,b\n1,x\n"})["rows"] == 1  # type: ignore[index]


# ---- what is not asked rightly


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("steps", {}, "unknown request.*try 'step'"),
    ("step", {}, "unknown unit"),
    ("step", {"unit": "layer"}, "unknown unit"),
    ("step", {"unit": ["batch"]}, "unknown unit"),
    ("back", {"unit": 3}, "unknown unit"),
    ("set", {}, "settings does not fit"),
    ("set", {"changes": {"net": {"loss": "poison"}}}, "unknown loss"),
    ("set", {"changes": {"data": {"test": 0.001}}}, "leaves a part empty"),
    ("set", {"changes": {"preset": "mazur"}}, "a preset brings its own"),
    ("set", {"changes": {"focus": [80]}}, "no such row to focus on: expected 0 to 79, got 80"),
    ("set", {"changes": {"training": {"freeze": ["W9"]}}}, "no parameter is named 'W9'|freeze"),
    ("set", {"changes": {"net": {"output": "relu"}}}, "natural output"),
    ("set", {"changes": {"net": {"init": "given"}}}, "no first weights are given"),
    ("set", {"changes": {"data": {"kind": "sine"}, "net": {"loss": "cross_entropy"}}}, "is for classes"),
    ("set", {"changes": {"data": {"kind": "preset"}}}, "no data of a preset"),
    ("edit", {"name": "W3", "index": [0, 0], "value": 1}, "unknown parameter"),
    ("edit", {"name": None, "index": [0, 0], "value": 1}, "unknown parameter"),
    ("edit", {"name": "W1", "index": [0], "value": 1}, "W1 has shape"),
    ("edit", {"name": "W1", "index": 0, "value": 1}, "W1 has shape"),
    ("edit", {"name": "W1", "index": [0, 4], "value": 1}, "no such place: expected 0 to 3, got 4"),
    ("edit", {"name": "W1", "index": [0, -1], "value": 1}, "index does not fit"),
    ("edit", {"name": "W1", "index": [0, "0"], "value": 1}, "index"),
    ("edit", {"name": "W1", "index": [0, [1, 2]], "value": 1}, "index does not fit"),
    ("edit", {"name": "W1", "index": [0, 0], "value": "1"}, "W1 does not fit"),
    ("edit", {"name": "W1", "index": [0, 0], "value": float("inf")}, "W1 does not fit"),
    ("edit", {"name": "W1", "index": [0, 0], "value": None}, "W1 does not fit"),
    ("train", {}, "budget does not fit"),
    ("train", {"budget": 101}, "budget does not fit"),
    ("train", {"budget": 0}, "budget does not fit"),
    ("train", {"budget": 10, "curve_from": -1}, "curve_from does not fit"),
    ("zoom", {"name": "dW9", "index": []}, "unknown quantity"),
    ("zoom", {"name": "dW1", "index": [0]}, "dW1 has shape"),
    ("zoom", {"name": "dW1", "index": [0, 99]}, "no such place"),
    ("zoom", {"name": 3}, "this names no entry"),
    ("zoom", {"name": "dW1[0,0]", "index": "0"}, "this names no entry"),
    ("paths", {"name": "W1", "index": [9, 9]}, "no such place"),
    ("export", {}, "unknown kind of export"),
    ("export", {"kind": "../html"}, "unknown kind of export"),
    ("table", {}, "a table is a text"),
]


@pytest.mark.parametrize(("request_name", "body", "message"), BAD, ids=lambda value: str(value)[:50])
def test_a_request_that_does_not_fit_changes_nothing(
    request_name: str, body: dict[str, Any], message: str
) -> None:
    page = batches()
    page.ask("step", unit="batch")
    before, generation, settings = state(page), page.view["generation"], page.session.settings
    with pytest.raises(InputError, match=message):
        page.ask(request_name, **body)
    assert (state(page), page.session.generation) == (before, generation)
    assert page.session.settings == settings
    page.ask("step", unit="batch")  # and all goes on


@pytest.mark.parametrize("opened", [{"preset": "mzur"}, {"settings": 3}, {"link": ""}, {"link": 3}])
def test_what_cannot_be_opened_leaves_no_session(opened: dict[str, Any]) -> None:
    requests = Requests(begin("xor"))
    with pytest.raises(InputError):
        requests.answer("open", opened)
    with pytest.raises(InputError, match="one thing at a time"):
        requests.answer("open", {"preset": "xor", "settings": {}})
    assert len(requests.sessions) == 0


# ---- generations and sessions


def test_each_change_makes_a_new_generation_and_an_old_one_is_refused() -> None:
    page = batches()
    bodies: dict[str, dict[str, Any]] = {
        "set": {"changes": {}},
        "edit": {"name": "b1", "index": [0], "value": 1},
        "step": {"unit": "batch"},
        "back": {"unit": "batch"},
        "train": {"budget": 1},
        "settle": {},
        "reset": {},
    }
    assert set(bodies) == set(CHANGES)
    for name, body in bodies.items():
        old = page.view["generation"]
        page.ask(name, **body)
        assert page.view["generation"] > old
        before = state(page)
        for wrong in (old, None, "1", page.view["generation"] + 1):
            with pytest.raises(Outdated):
                page.requests.answer(name, {"session": page.view["session"], "generation": wrong, **body})
        assert state(page) == before


def test_sessions_are_apart() -> None:
    page = batches()
    other = Tab(page.requests)
    before = state(other)
    page.ask("step", unit="batch")
    assert state(other) == before
    for unknown in ("", None, 3, ["x"], "another"):
        with pytest.raises(Gone):
            page.requests.answer("step", {"session": unknown, "generation": 1, "unit": "batch"})


def test_the_longest_idle_session_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SESSIONS", 3)
    first = batches()
    others = [Tab(first.requests) for _ in range(2)]
    first.ask("step", unit="batch")
    Tab(first.requests)
    first.ask("step", unit="batch")
    with pytest.raises(Gone):
        others[0].ask("settle")
    others[1].ask("settle")
    assert len(first.requests.sessions) == 3


def test_a_session_is_forgotten_after_an_hour_and_its_memory_freed() -> None:
    import gc
    import weakref

    from clearprop.page.session import Session

    now = [0.0]
    sessions = Sessions(lambda: now[0])
    session = Session(*begin("xor"))
    name, watched = sessions.add(session), weakref.ref(session)
    del session
    now[0] = limits.IDLE - 1
    assert sessions.get(name) is watched()
    now[0] += limits.IDLE + 1
    with pytest.raises(Gone):
        sessions.get(name)
    gc.collect()
    assert watched() is None


# ---- curves


def test_the_curve_goes_on_from_what_is_known() -> None:
    page = batches()
    points = list(page.view["curve"]["points"])
    assert points[0][0] == 0
    for _ in range(4):
        page.ask("step", unit="batch", curve_from=len(points))
        curve = page.view["curve"]
        assert (curve["from"], len(curve["points"])) == (len(points), 1)
        points += curve["points"]
    assert [point[0] for point in points] == [0, 1 / 3, 2 / 3, 1, 4 / 3]
    assert points[-1][1] == page.view["figures"]["loss"]
    page.ask("back", unit="batch", curve_from=len(points))
    assert page.view["curve"]["from"] == 0
    assert page.view["curve"]["points"] == points[:-1]
    page.ask("step", unit="batch", curve_from=9999)
    assert page.view["curve"] == {"from": 0, "points": points}


def test_a_long_curve_is_thinned_and_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "POINTS", 10)
    page, points = batches(), list[Any]()
    for _ in range(40):
        page.ask("step", unit="batch", curve_from=len(points))
        curve = page.view["curve"]
        points = points[: curve["from"]] + curve["points"]
        assert points == page.session.curves.points
        assert len(points) <= 10
    assert (points[0][0], points[-1][0]) == (0, page.view["place"]["epoch"] + 1 / 3)


# ---- questions


def test_zoom_and_paths_are_those_of_the_story() -> None:
    from clearprop.story.page.payload import payload

    page = batches()
    whole = payload(page.session.story)
    for key, expected in list(whole["zooms"].items())[:20]:
        name, _, places = key.rstrip("]").partition("[")
        index = [int(place) for place in places.split(",")] if places else []
        answer = page.ask("zoom", name=name, index=index)
        assert answer["zoom"] == expected
        for operand, at, value in answer["values"]:
            assert np.asarray(page.session.story.values[operand])[tuple(at)] == value
    for key, expected in list(whole["paths"].items())[:20]:
        name, _, places = key.rstrip("]").partition("[")
        index = [int(place) for place in places.split(",")]
        assert page.ask("paths", name=name, index=index)["paths"] == expected
        assert page.ask("paths", name=f"d{name}", index=index)["paths"] == expected
    assert page.ask("paths", name="Z1", index=[0, 0])["paths"] is None
    assert page.ask("zoom", name="W1", index=[0, 0])["zoom"] is None
    page.ask("train", budget=5)
    with pytest.raises(InputError, match="no step to look into"):
        page.ask("zoom", name="dW1", index=[0, 0])


def test_the_choices_can_all_be_chosen() -> None:
    found = choices()
    json.dumps(found)
    for kind in found["data"]:
        if kind != "table":
            assert Settings().changed({"data": {"kind": kind}}).data.rows == drawn(kind).rows
    for name, option in found["losses"]:
        Settings().changed({"net": {"loss": name, "option": option and 0.5}})
    for name in found["optimizers"]:
        rate = (
            Settings()
            .changed({"training": {"optimizer": "momentum"}})
            .changed({"training": {"optimizer": name}})
        )
        assert rate.training.learning_rate == OPTIMIZERS[name]().learning_rate
    for name in found["presets"]:
        begin(name)


def test_a_picture_of_more_inputs_and_of_classes() -> None:
    blobs = Tab(settings={"data": {"kind": "blobs"}}).view["picture"]
    assert set(base64.b64decode(blobs["values"])) <= {0, 1, 2}
    assert blobs["classes"] == 3
    table = Tab(
        settings={"data": {"kind": "table", "table": {**TABLE, "target": "c", "inputs": ["a", "<b>"]}}}
    )
    assert (table.view["picture"]["classes"], len(table.view["picture"]["range"])) == (0, 2)
    many = Tab(settings={"data": {"kind": "table", "table": TABLE}}).view["picture"]
    assert many["axes"] == [0, 1]


def test_a_network_of_the_users() -> None:
    net = MLP([3, 4, 2], "relu", loss="cross_entropy", seed=3)
    X, Y = np.random.default_rng(0).normal(size=(9, 3)), [0, 1, 0, 1, 1, 0, 1, 0, 1]
    page = tab_of(net, X, Y)
    assert page.view["weights"]["W1"] == net.parameters["W1"].tolist()
    assert page.session.training.data.X.tobytes() == X.tobytes()
    assert page.session.net.loss(X, Y) == page.view["figures"]["loss"] == net.loss(X, Y)
    for built_in, sizes in (("xor", [2, 5, 1]), ("blobs", [2, 3]), ("sine", [1, 3, 1])):
        kind = "cross_entropy" if built_in == "blobs" else "squared_error"
        assert tab_of(MLP(sizes, loss=kind, seed=0)).view["settings"]["data"]["kind"] == built_in
    several = tab_of(MLP([2, 3, 2], seed=1), X[:, :2], X[:, 1:])
    assert several.view["data"]["targets"] == ["y1", "y2"]
    again = Tab(several.requests, link=several.view["link"])
    assert again.view["story"] == several.view["story"]
    one_class = tab_of(MLP([3, 2, 3], loss="cross_entropy", seed=0), X, Y)
    assert one_class.view["data"]["classes"] == ["0", "1", "2"]


def tab_of(*arguments: Any) -> Tab:
    return Tab(Requests(of_network(*arguments)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3,), "cannot be played with.*got int"),
        ((MLP([2, 3, 1], dropout=0.1, seed=0),), "some dropout"),
        ((MLP([2, 13, 1], seed=0),), "1 to 12 units"),
        ((MLP([2, 3, 3, 3, 3, 3, 3, 3, 1], seed=0),), "at most 6 layers"),
        ((MLP([9, 3, 1], seed=0), np.ones((4, 9)), np.ones(4)), "inputs"),
        ((MLP([2, 13], seed=0), np.ones((4, 2)), np.ones((4, 13))), "room for 12 outputs"),
        ((MLP([3, 3, 1], seed=0),), "no built-in data set fits this network, got 3-3-1"),
        ((MLP([2, 3, 1], seed=0), [[0, 1]]), "X and Y belong together"),
        ((MLP([2, 3, 1], seed=0), [[0, 1, 2]], [1]), "expects X with 2 columns"),
        ((MLP([2, 3, 2], loss="cross_entropy", seed=0), [[0, 1]], [[0.5, 0.5]]), "shares of several"),
        ((MLP([2, 3, 2], seed=0), np.ones((2001, 2)), np.ones((2001, 2))), "room for 2000 rows"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_network_that_the_page_has_no_room_for(arguments: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        tab_of(*arguments)


def test_random_walks_agree_with_themselves_after_a_link() -> None:
    for seed in range(12):
        page = tab(random_settings(seed))
        rng = np.random.default_rng(seed)
        for _ in range(6):
            request = str(rng.choice(["step", "train", "back", "edit", "settle"]))
            body: dict[str, Any] = {"unit": "batch"} if request in ("step", "back") else {}
            if request == "train":
                body = {"budget": 3}
            if request == "edit":
                body = {"name": "b1", "index": [0], "value": float(rng.normal())}
            page.ask(request, **body)
        page.ask("settle")
        again = Tab(Requests((Settings(), Origin())), link=page.view["link"])
        apart = {"session", "generation", "curve", "data", "settings"}
        for view in (again.view, page.view):
            view["place"].pop("can_go_back")
        assert {k: v for k, v in again.view.items() if k not in apart} == {
            k: v for k, v in page.view.items() if k not in apart
        }
