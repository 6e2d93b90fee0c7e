"""`play`: open the page on a network, from Python or a notebook."""

from __future__ import annotations

import webbrowser
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from ..errors import MissingExtraError
from ..mlp import MLP
from .beginning import of_network
from .presets import Beginning

if TYPE_CHECKING:
    from .server import Server


def play(
    net: MLP,
    X: ArrayLike | None = None,
    Y: ArrayLike | None = None,
    *,
    port: int | None = None,
    browser: bool = True,
) -> Server:
    """Open a page in the browser, on which a copy of the network can be stepped through and trained.

    The page is served at this machine's own address only, in a thread, until `stop()` or the end of
    the program. `url` of what is returned is its address, which can be opened once.

    Args:
        net: an MLP of up to 6 hidden layers of 12 units, 8 inputs and 12 outputs, without dropout.
        X: inputs (n, in), n up to 2,000; None takes a built-in data set that fits.
        Y: targets, as for `MLP.fit`.
        port: at 127.0.0.1; None takes 8765, or any where that is taken.
        browser: whether to open the page now.

    Raises:
        InputError: a network or data that the page has no room for, or a port that is taken.
        MissingExtraError: Starlette or uvicorn is not installed.
    """
    return serve(of_network(net, X, Y), port=port, browser=browser)


def serve(
    beginning: Beginning, *, port: int | None = None, browser: bool = True, link: str | None = None
) -> Server:
    """Start the server, and open the browser; a link, as an address or alone, is what it opens on instead.

    Raises:
        InputError: a beginning or a link that cannot be, or a port that is taken.
        MissingExtraError: the server's libraries are not installed.
    """
    try:
        from .server import Server
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"the page needs {error.name}", hint='pip install "clearprop[page]"'
        ) from None
    server = Server(beginning, port, link)
    if browser:
        webbrowser.open(server.url)
    return server
