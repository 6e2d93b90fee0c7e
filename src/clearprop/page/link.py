"""The state as text for the address: settings, weights, the optimiser's memory and the place, to the bit.

    base64url( zlib( "cp1", length of the head (4 bytes), head as JSON, numbers as float64, little-endian ) )

The numbers are θ, then the optimiser's vectors, then the first weights where these are given. A link is
foreign until each of its sizes is found to fit; nothing in it is run.
"""

from __future__ import annotations

import binascii
import json
import struct
import zlib
from base64 import b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs

import numpy as np

from ..errors import InputError
from ..rules.array import Array
from . import limits
from .settings import Settings

if TYPE_CHECKING:
    from .session import Session

MAGIC = b"cp1"
PLACE = ("epoch", "batch", "steps", "memory_steps")


class State(NamedTuple):
    """What a link says: settings, the place as whole numbers by name, and all numbers in one vector.

    `own` is the fingerprint of a program's data, which do not travel; None where there are none.
    """

    settings: Settings
    place: dict[str, int]
    numbers: Array
    own: str | None


def fragment_of(address: str) -> tuple[str, str]:
    """Return the link in an address, and all that stands behind its "#"; a bare link is an address too."""
    behind = address.rpartition("#")[2]
    link = parse_qs(behind).get("link", [behind])[0]
    return link, behind if link != behind else f"link={link}"


def encode(session: Session) -> str:
    """Return the link of a session; "" where its table is too large to travel."""
    table = session.settings.data.table
    if table is not None and len(table.text.encode()) > limits.LINKED_TABLE:
        return ""
    net, memory = session.net, session.net.memory
    place = {
        "epoch": net.epochs,
        "batch": session.training.batch,
        "steps": session.training.steps,
        "memory_steps": -1 if memory is None else memory.steps,
    }
    vectors = [net.parameters.vector]
    vectors += [] if memory is None else list(memory.vectors)
    vectors += [session.first] if session.first is not None else []
    content = {"settings": session.settings.as_json(), "own": session.own, **place}
    head = json.dumps(content, separators=(",", ":")).encode()
    body = np.concatenate(vectors).astype("<f8").tobytes()
    packed = zlib.compress(MAGIC + struct.pack("<I", len(head)) + head + body, 9)
    return urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode(link: object) -> State:
    """Return what a link says.

    Raises:
        InputError: it is damaged, foreign or too large.
    """
    raw = _unpacked(link)
    if raw[:3] != MAGIC or len(raw) < 7:
        raise _refusal("it does not begin as one")
    (length,) = struct.unpack("<I", raw[3:7])
    head, body = raw[7 : 7 + length], raw[7 + length :]
    if len(head) != length or len(body) % 8:
        raise _refusal("it is cut short")
    try:
        content: Any = json.loads(head)
    except (ValueError, RecursionError):
        raise _refusal("its head is no JSON") from None
    if not isinstance(content, dict) or set(content) != {"settings", "own", *PLACE}:
        raise _refusal("its head is malformed")
    for name in PLACE:
        least = -1 if name == "memory_steps" else 0  # −1: nothing is remembered
        if type(content[name]) is not int or not least <= content[name] < 2**53:
            raise _refusal(f"its {name} is no whole number")
    numbers = np.frombuffer(body, "<f8").astype(np.float64)
    if not np.isfinite(numbers).all():
        raise _refusal("a number in it is not finite")
    own = content.pop("own")
    if own is not None and not isinstance(own, str):
        raise _refusal("its data have no fingerprint")
    settings = Settings().changed(content.pop("settings"))
    return State(settings, content, numbers, own)


def _unpacked(link: object) -> bytes:
    if not isinstance(link, str):
        raise _refusal("it is no text")
    if len(link) > limits.LINK_LETTERS:
        raise _refusal(f"it has more than {limits.LINK_LETTERS:,} letters")
    try:
        packed = b64decode(link.encode("ascii") + b"=" * (-len(link) % 4), altchars=b"-_", validate=True)
        unpacking = zlib.decompressobj()
        raw = unpacking.decompress(packed, limits.LINK_BYTES)
    except (ValueError, binascii.Error, zlib.error):
        raise _refusal("it is damaged") from None
    if not unpacking.eof or unpacking.unused_data:
        raise _refusal("it is cut short, or too large")
    return raw


def _refusal(reason: str) -> InputError:
    return InputError(f"this link cannot be opened: {reason}", hint="copying the whole address")
