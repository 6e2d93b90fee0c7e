"""Samples and what is said about them: median, quartiles, ratios."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median, quantiles
from typing import Any

__all__ = ["BY_HAND", "add_ratios", "interleaved", "summary"]

BY_HAND = "article"  # the contender that is no library


def interleaved(names: Sequence[str], rounds: int) -> Iterator[str]:
    """Yield whose turn it is: A B C, C B A, A B C, …, so that a slow drift of the machine falls on all."""
    for k in range(rounds):
        yield from names if k % 2 == 0 else reversed(names)


def summary(samples: Sequence[float]) -> dict[str, Any]:
    """Return samples with their median and quartiles."""
    low, _, high = quantiles(samples, method="inclusive") if len(samples) > 1 else [samples[0]] * 3
    return {"median": median(samples), "quartiles": [low, high], "samples": list(samples)}


def add_ratios(results: Mapping[str, dict[str, Any]], ours: Sequence[str]) -> None:
    """Add to each of our results the best peer's time over its own: above 1 it is faster, below 1 slower.

    "library_ratio" is the same without the script that is written by hand, where both take part.
    """
    medians = {name: each["median"] for name, each in results.items() if "median" in each}
    peers = {name: value for name, value in medians.items() if name not in ours}
    libraries = [value for name, value in peers.items() if name != BY_HAND]
    for name in ours:
        if peers and name in medians:
            results[name]["ratio"] = min(peers.values()) / medians[name]
            if libraries and BY_HAND in peers:
                results[name]["library_ratio"] = min(libraries) / medians[name]
