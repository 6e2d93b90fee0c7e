"""The door: requests over HTTP. What they do stands in `requests.py`, who may ask in `guard.py`."""

from __future__ import annotations

import json
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..compiled import say
from ..errors import ClearpropError, InputError
from .assets import asset
from .exports import File
from .requests import Outdated, Requests, choices
from .sessions import Gone


def make_app(requests: Requests) -> Starlette:
    """Return the application that serves the page and answers it; it believes whoever asks."""

    async def answer(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(_answer, requests, request.path_params["name"], body)

    async def choose(request: Request) -> Response:
        return _json(choices())

    async def serve(request: Request) -> Response:
        found = asset(request.url.path)
        return (
            Response("there is no such file", 404)
            if found is None
            else Response(found[0], media_type=found[1])
        )

    return Starlette(
        routes=[
            Route("/api/choices", choose, methods=["GET"]),
            Route("/api/{name}", answer, methods=["POST"]),
            Route("/{path:path}", serve, methods=["GET"]),
        ]
    )


def _answer(requests: Requests, name: str, body: bytes) -> Response:
    try:
        asked = _object(body)
        found = requests.answer(name, asked)
    except ClearpropError as error:
        return _refusal(400, error.what, got=error.got, expected=error.expected, hint=error.hint)
    except Outdated:
        return _refusal(409, "the network has changed meanwhile", hint="asking again")
    except Gone:
        return _refusal(410, "the server has put this session away", hint="opening it again by its link")
    except Exception as error:
        say(f"the page could not answer {name}: {error!r}", warning=True)
        return _refusal(500, "the server met an error of its own", got=type(error).__name__)
    return _file(found) if isinstance(found, File) else _json(found)


def _object(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        raise InputError("the request is no JSON") from None
    try:
        if b"\\u" in body:  # where half of a character could be
            json.dumps(asked, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InputError("a text in the request holds half of a character") from None
    if not isinstance(asked, dict):
        raise InputError("the request does not fit", expected="a JSON object", got=f"{asked!r:.40}")
    return asked


def _json(content: object, status: int = 200) -> Response:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Response(text.encode("utf-8", "replace"), status, media_type="application/json")


def _refusal(status: int, what: str, **parts: object) -> Response:
    said = {name: None if part is None else str(part) for name, part in parts.items()}
    return _json({"error": {"what": what, "got": None, "expected": None, "hint": None, **said}}, status)


def _file(file: File) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, media_type=file.kind, headers=headers)
