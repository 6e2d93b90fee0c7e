"""Links: the same state to the bit, and nothing of a hostile one is believed."""

from __future__ import annotations

import base64
import json
import struct
import tracemalloc
import zlib
from typing import Any

import numpy as np
import pytest

from clearprop import MLP
from clearprop.errors import InputError
from clearprop.page import limits
from clearprop.page.beginning import of_network
from clearprop.page.link import MAGIC, decode, fragment_of
from clearprop.page.presets import begin
from clearprop.page.requests import Requests
from clearprop.page.session import Session
from page_sessions import TABLE, Tab

APART = {"session", "generation", "curve", "data"}


def reopened(page: Tab) -> Tab:
    return Tab(Requests(begin("xor")), link=page.view["link"])


def shown(page: Tab) -> dict[str, Any]:
    """The view without what is of a tab only: going back, and the points of the past."""
    place = {name: value for name, value in page.view["place"].items() if name != "can_go_back"}
    return {name: value for name, value in page.view.items() if name not in APART} | {"place": place}


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_a_link_restores_the_state_to_the_bit_and_training_goes_on(optimizer: str) -> None:
    page = Tab(preset="spiral")
    page.ask("set", changes={"training": {"optimizer": optimizer}})
    page.ask("train", budget=20)
    page.ask("settle")
    page.ask("step", unit="batch")
    page.ask("edit", name="W2", index=[1, 1], value=0.1 + 0.2)
    other = reopened(page)
    assert shown(other) == shown(page)
    for each in (page, other):
        each.ask("step", unit="epoch")
    assert shown(other) == shown(page)
    assert page.session.net.parameters.vector.tobytes() == other.session.net.parameters.vector.tobytes()


@pytest.mark.parametrize("preset", ["mazur", "dead", "symmetric", "article-two-layers"])
def test_given_weights_travel_too(preset: str) -> None:
    page = Tab(preset=preset)
    first = page.view["weights"]
    page.ask("step", unit="epoch")
    other = reopened(page)
    assert shown(other) == shown(page)
    other.ask("reset")
    assert other.view["weights"] == first


def test_a_table_travels_if_it_is_small() -> None:
    page = Tab(settings={"data": {"kind": "table", "table": TABLE}})
    assert shown(reopened(page)) == shown(page)
    text = "a,b\n" + "1,2\n3,4\n" * (limits.LINKED_TABLE // 8)
    large = Tab(
        settings={"data": {"kind": "table", "table": {**TABLE, "text": text, "inputs": ["a"], "target": "b"}}}
    )
    assert large.view["link"] == ""
    assert large.view["story"] is not None


def test_a_programs_data_are_not_mistaken_for_anothers() -> None:
    X, Y = np.random.default_rng(0).normal(size=(6, 2)), np.eye(2)[[0, 1, 0, 1, 1, 0]]
    net = MLP([2, 3, 2], loss="mean_squared_error", seed=0)
    first = Tab(Requests(of_network(net, X, Y)))
    first.ask("step", unit="batch")
    link = first.view["link"]
    again = Tab(Requests(of_network(net, X, Y)), link=link)
    assert shown(again) == shown(first)
    with pytest.raises(InputError, match="does not hold them"):
        Tab(Requests(of_network(net, X + 1, Y)), link=link)
    with pytest.raises(InputError, match="does not hold them"):
        Tab(link=link)


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("abc_-1", ("abc_-1", "link=abc_-1")),
        ("http://127.0.0.1:8765/#link=abc_-1&step=dW1", ("abc_-1", "link=abc_-1&step=dW1")),
        ("#step=dW1&link=abc", ("abc", "step=dW1&link=abc")),
    ],
)
def test_a_link_is_found_in_its_address(address: str, parts: tuple[str, str]) -> None:
    assert fragment_of(address) == parts


def test_a_link_is_short_enough_for_an_address() -> None:
    page = Tab(settings={"net": {"hidden": [12] * 6}, "training": {"optimizer": "adam"}})
    page.ask("step", unit="batch")
    assert len(Tab(preset="xor").view["link"]) < 1000
    assert len(page.view["link"]) < 40_000
    assert shown(reopened(page)) == shown(page)


# ---- hostile links


def pack(head: Any, numbers: Any, magic: bytes = MAGIC) -> str:
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    body = numbers if isinstance(numbers, bytes) else np.array(numbers, "<f8").tobytes()
    return seal(magic + struct.pack("<I", len(text)) + text + body)


def seal(raw: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(raw)).rstrip(b"=").decode()


GOOD = {"settings": {}, "own": None, "epoch": 0, "batch": 0, "steps": 0, "memory_steps": -1}
THETA = [0.5] * 13  # of 2-3-1


def test_the_links_below_are_wrong_in_one_place_only() -> None:
    assert Session.from_link(pack(GOOD, THETA)).net.parameters.vector.tolist() == THETA


@pytest.mark.parametrize(
    ("link", "message"),
    [
        (None, "it is no text"),
        ("", "cut short|damaged"),
        ("%%%", "damaged"),
        ("é", "damaged"),
        ("AAAA", "damaged"),
        (seal(b""), "does not begin as one"),
        (seal(b"cp1"), "does not begin as one"),
        (seal(b"cp1\xff\xff\xff\xff{}"), "cut short"),
        (pack(GOOD, THETA)[:-9], "cut short|damaged"),
        (pack(GOOD, THETA, magic=b"cp2"), "does not begin as one"),
        (pack(b"{", THETA), "its head is no JSON"),
        (pack(b"[" * 100_000, THETA), "its head is no JSON"),
        (pack([], THETA), "its head is malformed"),
        (pack({**GOOD, "more": 1}, THETA), "its head is malformed"),
        (pack({**GOOD, "epoch": 1.5}, THETA), "its epoch is no whole number"),
        (pack({**GOOD, "epoch": True}, THETA), "its epoch is no whole number"),
        (pack({**GOOD, "epoch": -1}, THETA), "its epoch is no whole number"),
        (pack({**GOOD, "steps": 10**400}, THETA), "its steps is no whole number|head is no JSON"),
        (pack({**GOOD, "batch": 1}, THETA), "do not fit its settings"),
        (pack({**GOOD, "batch": -1}, THETA), "its batch is no whole number"),
        (pack({**GOOD, "settings": {"net": {"hidden": [10**6]}}}, THETA), "hidden does not fit"),
        (pack({**GOOD, "settings": {"preset": "none"}}, THETA), "unknown preset"),
        (pack({**GOOD, "settings": {"data": {"kind": "preset"}}}, THETA), "no data of a preset"),
        (pack({**GOOD, "settings": {"net": {"init": "given"}}}, THETA), "do not fit its settings"),
        (
            pack({**GOOD, "memory_steps": 3, "settings": {"training": {"optimizer": "adam"}}}, THETA),
            "do not fit",
        ),
        (pack(GOOD, THETA[:-1]), "do not fit its settings"),
        (pack(GOOD, THETA * 2), "do not fit its settings"),
        (pack(GOOD, []), "do not fit its settings"),
        (pack(GOOD, b"1234567"), "cut short"),
        (pack(GOOD, [float("nan"), *THETA[1:]]), "is not finite"),
        (pack(GOOD, [float("inf"), *THETA[1:]]), "is not finite"),
        ("A" * (limits.LINK_LETTERS + 1), "more than 200,000 letters"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_hostile_link_is_refused(link: Any, message: str) -> None:
    requests = Requests(begin("xor"))
    with pytest.raises(InputError, match=message):
        requests.answer("open", {"link": link} if link is not None else {"link": 3})
    assert len(requests.sessions) == 0


def test_a_link_that_swells_is_cut_before_it_takes_memory() -> None:
    bomb = seal(MAGIC + b"\0" * 100_000_000)
    assert len(bomb) < limits.LINK_LETTERS
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="cut short, or too large"):
            decode(bomb)
        assert tracemalloc.get_traced_memory()[1] < 4 * limits.LINK_BYTES
    finally:
        tracemalloc.stop()


def test_every_cut_and_every_flipped_bit_is_refused_or_opens() -> None:
    link = pack(GOOD, THETA)
    raw = bytearray(zlib.decompress(base64.urlsafe_b64decode(link + "=" * (-len(link) % 4))))
    for place in range(0, len(raw), 3):
        for cut in (seal(bytes(raw[:place])), seal(bytes(raw[:place]) + b"\xff" + bytes(raw[place + 1 :]))):
            try:
                Session.from_link(cut)
            except InputError:
                continue
