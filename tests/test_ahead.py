"""Calls that are made beside the work on the one before."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from clearprop.ahead import ahead


def calls_of(*results: int) -> Iterator[Callable[[], int]]:
    return (lambda result=result: result for result in results)  # type: ignore[misc]


@pytest.mark.parametrize("results", [(), (1,), (1, 2), (3, 1, 2, 5)])
def test_results_come_in_the_order_of_the_calls(results: tuple[int, ...]) -> None:
    assert tuple(ahead(calls_of(*results))) == results


def test_a_call_is_under_way_before_the_result_before_it_is_handed_out() -> None:
    has_begun = threading.Event()

    def second() -> str:
        has_begun.set()
        return "second"

    results = ahead(iter([lambda: "first", second]))
    assert next(results) == "first"
    assert has_begun.wait(10)
    assert next(results) == "second"


def test_an_error_comes_where_its_result_would() -> None:
    def fail() -> int:
        raise ValueError("no such rate")

    results = ahead(iter([lambda: 1, fail, lambda: 3]))
    assert next(results) == 1
    with pytest.raises(ValueError, match="no such rate"):
        next(results)


def test_no_call_is_under_way_when_nobody_asks_for_more() -> None:
    is_over = threading.Event()
    may_end = threading.Event()

    def second() -> int:
        may_end.wait(10)
        is_over.set()
        return 2

    results = ahead(iter([lambda: 1, second]))
    assert next(results) == 1
    threading.Timer(0.05, may_end.set).start()
    results.close()  # type: ignore[attr-defined]
    assert is_over.is_set()


def test_without_more_threads_the_calls_are_made_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert tuple(ahead(calls_of(1, 2, 3))) == (1, 2, 3)
