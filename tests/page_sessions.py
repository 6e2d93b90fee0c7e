"""Sessions of the page for the tests: settings drawn at random, and requests as a browser makes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearprop.page.presets import Origin, begin
from clearprop.page.requests import Requests
from clearprop.page.settings import STEPPING, Settings
from clearprop.rules import HIDDEN_ACTIVATIONS
from clearprop.samples import SAMPLES

TABLE = {
    "name": "<img src=x onerror=alert(1)>.csv",
    "text": "a,<b>,c,d\n" + "".join(f"{k},{k * k % 7},{(-1) ** k},{'xyz'[k % 3]}\n" for k in range(30)),
    "inputs": ["a", "<b>", "c"],
    "target": "d",
}


class Tab:
    """A tab: it remembers its session and generation, as the page does."""

    def __init__(self, requests: Requests | None = None, **opened: Any) -> None:
        self.requests = requests or Requests(begin("xor"))
        self.view: dict[str, Any] = {}
        self.ask("open", **opened)

    def ask(self, request: str, /, **body: Any) -> dict[str, Any]:
        if request != "open":
            body = {"session": self.view["session"], "generation": self.view["generation"], **body}
        answer = self.requests.answer(request, body)
        assert isinstance(answer, dict)
        if "settings" in answer:
            self.view = answer
        return answer

    @property
    def session(self) -> Any:
        return self.requests.sessions.get(self.view["session"])


def random_settings(seed: int) -> Settings:
    """Settings of all kinds, as far as they fit one another."""
    rng = np.random.default_rng(seed)
    kind = str(rng.choice([*SAMPLES, "table"]))
    depth = int(rng.integers(0, 4))
    losses = ["squared_error", "mean_squared_error", "absolute_error", "huber", "quantile"]
    losses += [] if kind == "sine" else ["cross_entropy", "binary_cross_entropy"]
    loss = str(rng.choice(["auto", *losses]))
    option = {"huber": 0.7, "quantile": 0.3, "cross_entropy": 0.1}.get(loss)
    rows = int(rng.integers(4, 60))
    data = {"kind": kind, "test": float(rng.choice([0, 0.3])), "seed": int(rng.integers(9))}
    data |= {"table": TABLE} if kind == "table" else {"rows": rows, "noise": float(rng.choice([0, 0.1]))}
    return Settings().changed(
        {
            "data": data,
            "net": {
                "hidden": rng.integers(1, 6, depth).tolist(),
                "activations": rng.choice(HIDDEN_ACTIVATIONS, depth).tolist(),
                "loss": loss,
                "option": option if rng.random() < 0.5 else None,
                "init": str(rng.choice(["auto", "he_normal", "orthogonal"])),
                "seed": int(rng.integers(100)),
                "l1": float(rng.choice([0, 0.01])),
                "l2": float(rng.choice([0, 0.1])),
            },
            "training": {
                "optimizer": str(rng.choice(STEPPING)),
                "learning_rate": float(rng.choice([0.001, 0.01])),
                "batch": [None, 1, 5, 32][rng.integers(4)],
                "update": str(rng.choice(["simultaneous", "sequential"])),
                "freeze": ["b1"] if rng.random() < 0.2 else [],
            },
            "focus": [2, 0] if rng.random() < 0.2 else None,
        }
    )


def tab(settings: Settings) -> Tab:
    return Tab(Requests((settings, Origin())))
