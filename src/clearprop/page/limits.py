"""How much a session may ask for, in one place."""

from __future__ import annotations

HIDDEN_LAYERS = 6
UNITS = 12  # of a hidden layer
INPUTS = 8
OUTPUTS = 12
ROWS = 2000  # of training and test part together
COLUMNS = 50  # of a table, used or not
TABLE_BYTES = 1_000_000
LINKED_TABLE = 64_000  # bytes of a table that may travel in a link
LINK_LETTERS = 200_000  # of a link as text
LINK_BYTES = 400_000  # of a link unpacked
BODY_BYTES = 2_000_000
FRAME = 100  # milliseconds that one training frame may ask for
SNAPSHOTS = 200  # to go back by
TURNS = 100  # steps from one snapshot on, which are made again to go back by one of them
POINTS = 500  # of the curves
SESSIONS = 32
IDLE = 3600.0  # seconds after which a session is forgotten


def as_json() -> dict[str, int]:
    """Return what the page has to know of them."""
    return {
        "hidden": HIDDEN_LAYERS,
        "units": UNITS,
        "inputs": INPUTS,
        "outputs": OUTPUTS,
        "rows": ROWS,
        "table": TABLE_BYTES,
    }
