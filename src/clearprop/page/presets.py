"""What the page can begin with: known examples, and networks that are broken on purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from ..checks import check_name
from ..rules.array import Array
from .datasets import Own
from .settings import Settings


@dataclass(frozen=True, eq=False)
class Origin:
    """Data and first weights by name that no settings describe; None where there are none."""

    data: Own | None = None
    first: Mapping[str, Array] | None = None

    def fits(self, sizes: Sequence[int]) -> bool:
        """Return whether the first weights are those of a network of these sizes."""
        if self.first is None:
            return False
        weights = [self.first[f"W{k + 1}"].shape for k in range(len(self.first) // 2)]
        return weights == list(pairwise(sizes))


Beginning = tuple[Settings, Origin]  # what a tab begins with


@dataclass(frozen=True, eq=False)
class Preset:
    """A beginning: its settings, its origin; the page knows its title, and says what to look for."""

    changes: Mapping[str, Any]
    origin: Origin = field(default_factory=Origin)


def begin(name: object) -> Beginning:
    """Return the settings and the origin of a preset.

    Raises:
        InputError: an unknown name.
    """
    from .gallery import PRESETS

    preset = PRESETS[check_name("preset", name, PRESETS)]
    return Settings().changed({**preset.changes, "preset": name}), preset.origin


def example(settings: Settings) -> str | None:
    """Return the preset that these settings still show: its data, its hidden layers."""
    if settings.preset is None:
        return None
    first, _ = begin(settings.preset)
    is_its = (settings.data, settings.net.hidden) == (first.data, first.net.hidden)
    return settings.preset if is_its else None
