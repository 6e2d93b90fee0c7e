"""What the tests share: the engines, one after the other."""

from __future__ import annotations

import pytest

from clearprop.compiled import available


@pytest.fixture(params=["native", "numpy"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each engine in turn, which is then what engine="auto" means: in fits, predictions and new processes."""
    if request.param == "native" and not available():
        pytest.skip("the compiled engine is not here")
    monkeypatch.setenv("CLEARPROP_ENGINE", request.param)
    return str(request.param)
