"""`clearprop play`: serve the page until Ctrl-C."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..mlp import MLP
from ..page import beginning, limits
from ..page.play import serve
from ..page.presets import Beginning
from ..page.session import Session
from ..samples import SAMPLES
from .encodings import to_utf8
from .endings import say
from .messages import shown
from .paths import open_model, table_path

__all__ = ["play"]


def play(
    net: str | None,
    data: str | None,
    target: str | None,
    model: Path | None,
    link: str | None,
    *,
    port: int | None,
    browser: bool,
) -> None:
    """Run the command, until Ctrl-C."""
    begun = _begin(net, data, target, model)
    with serve(begun, port=port, browser=browser, link=link) as server:
        try:
            print(f"The page is at {server.url}\nCtrl-C ends it.", flush=True)
            server.wait()
        except KeyboardInterrupt:
            print("\nThe page is closed.", flush=True)


def _begin(net: str | None, data: str | None, target: str | None, model: Path | None) -> Beginning:
    found = None if data is None else _data(data, target)
    if target is not None and (found is None or found["kind"] != "table"):
        raise InputError("--target is for a table", hint="--data with a file")
    if model is not None:
        return _of_model(model, net, found)
    if net is None:
        return beginning.usual(found)
    sizes = _sizes(net)
    for kind in [found] if found else [{"kind": name} for name in SAMPLES]:
        begun = beginning.usual(kind, sizes[1:-1])
        fitting = Session(*begun).net.sizes
        if list(fitting) == sizes:
            return begun
    if found is None:
        raise InputError(f"no built-in data set fits --net {net}", hint="--data with a table")
    fitted = "-".join(map(str, fitting))
    raise InputError(f"--net {net} does not fit the data", expected=f"--net {fitted}", got=f"--net {net}")


def _of_model(path: Path, net: str | None, data: dict[str, Any] | None) -> Beginning:
    if net is not None:
        raise InputError("--net and --model are two networks", hint="one of them")
    model = open_model(path)
    if not isinstance(model, MLP):
        raise InputError(
            "the page plays with a bare network",
            expected="what MLP.save writes",
            got=f"a model with columns around it in {path.name}",
        )
    return beginning.of_network(model, data=data)


def _data(name: str, target: str | None) -> dict[str, Any]:
    """Return the data for the settings.

    Raises:
        InputError: no such data set or table.
        OSError: the table cannot be read.
    """
    if name in SAMPLES:
        return {"kind": name}
    path = table_path(name)
    if path.stat().st_size > limits.TABLE_BYTES:
        raise InputError(f"{path.name} is too large", expected=f"at most {limits.TABLE_BYTES:,} bytes")
    text, _, notes = to_utf8(path.read_bytes(), path.name)
    data, others = beginning.of_table(path.name, text.decode(), target)
    for note in (*notes, *others):
        say("note", note)
    return data


def _sizes(text: str) -> list[int]:
    if not re.fullmatch(r"0*[1-9]\d*(-0*[1-9]\d*)+", text):
        raise InputError(
            "--net does not fit",
            expected="sizes from 1 with - between them",
            got=shown(text),
            hint="--net 2-3-1",
        )
    return [int(size) for size in text.split("-")]
