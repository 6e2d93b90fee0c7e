"""The gradient of one weight as a sum over paths: from the loss back through units to the weight.

Along a path the chain rule multiplies slopes and weights; over all samples, and all ways through the
network, the products add up to the gradient. Where the ways are too many to be listed, the largest
products are found exactly, layer by layer: the largest of a unit are among the largest of those it feeds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..ops import reference as rules
from ..rules.array import Array
from .entries import reference
from .numbers import number
from .wrapping import wrapped

if TYPE_CHECKING:
    from .story import Story


ROUNDING = 1e-14


class Link(NamedTuple):
    """The quantities of one layer, by their names in a story.

    `above` is what the layer's error passes back through on its way down: its weights, or with a
    sequential update its new weights. `dA` is None where a loss gives dZ directly.
    """

    number: int
    X: str
    W: str
    b: str
    Z: str
    A: str
    dA: str | None
    dZ: str
    above: str
    activation: str


class Factor(NamedTuple):
    """One factor of a path: its name and its number."""

    name: str
    value: float


@dataclass(frozen=True)
class Path:
    """One way from the loss to a weight, for one sample.

    Attributes:
        sample: its number.
        units: the units that it passes, from the weight's own to the output.
        factors: from the loss to the weight; their product is `value`.
    """

    sample: int
    units: tuple[int, ...]
    factors: tuple[Factor, ...]

    @property
    def value(self) -> float:
        """The product of the factors."""
        return math.prod(factor.value for factor in self.factors)

    @property
    def smallest(self) -> Factor:
        """The factor that makes the product small."""
        return min(self.factors, key=lambda factor: abs(factor.value))

    def __str__(self) -> str:
        width = max(len(factor.name) for factor in self.factors)
        lines = [f"  sample {self.sample}: {number(self.value)}"]
        for factor in self.factors:
            mark = "   ← the smallest" if factor is self.smallest else ""
            lines.append(f"    {factor.name:<{width}} = {number(factor.value)}{mark}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Paths:
    """All paths to one weight; the larger ones are named, and with the `rest` they sum to the gradient.

    Attributes:
        name, index: the weight.
        paths: the named ones, the largest products first.
        count: of all paths.
        others: what the gradient has beside the paths: the pull of the penalty.
        gradient: the gradient itself, as the story has it.
    """

    name: str
    index: tuple[int, ...]
    paths: tuple[Path, ...]
    count: int
    others: float
    gradient: float

    def __iter__(self) -> Iterator[Path]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def rest(self) -> float:
        """What the paths that are not named add up to; exactly 0 where all are."""
        if len(self.paths) == self.count:
            return 0.0
        rest = self.gradient - self.others - math.fsum(path.value for path in self.paths)
        return rest if abs(rest) > ROUNDING * max(abs(self.gradient), abs(self.paths[0].value)) else 0.0

    @property
    def total(self) -> float:
        """The sum of all paths, and of what the gradient has beside them."""
        return math.fsum([*(path.value for path in self.paths), self.rest, self.others])

    @property
    def says(self) -> str:
        """What the gradient is the sum over: "6 paths", "1 path and the penalty"."""
        paths = f"{self.count} path{'s' * (self.count != 1)}"
        return f"{paths} and the penalty" if self.others else paths

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        symbol = reference(gradient_of(self.name), self.index)
        lines = [f"{symbol} = {number(self.gradient)}: the sum over {self.says}"]
        lines += [line for path in self.paths for line in str(path).splitlines()]
        if len(self.paths) < self.count:
            lines.append(f"  {self.count - len(self.paths)} smaller paths: together {number(self.rest)}")
        if self.others:
            lines.append(f"  the penalty: {number(self.others)}")
        return wrapped(lines)


def find_paths(story: Story, name: str, index: tuple[int, ...], limit: int) -> Paths:
    """Return the paths to the entry `index` of the parameter `name`."""
    position = next(k for k, link in enumerate(story.chain) if name in (link.W, link.b))
    chain, values = story.chain[position:], story.values
    products, ways = _extend(story, position, [index[-1]], limit)  # (n, 1, found), (n, 1, found, layers)
    multiplied = values[chain[0].X][:, index[0]] if name == chain[0].W else np.ones(len(products))
    whole = products[:, 0] * multiplied[:, None] * story.share  # (n, found)
    largest = np.argsort(-np.abs(whole), axis=None, kind="stable")[:limit]
    paths = []
    for sample, k in zip(*np.unravel_index(largest, whole.shape), strict=True):
        way = tuple(ways[sample, 0, k].tolist())
        paths.append(Path(int(sample), way, _factors(story, chain, name, index, int(sample), way)))
    count = len(whole) * math.prod(_units(story, link) for link in chain[1:])
    gradient = float(values[gradient_of(name)][index])
    return Paths(name, index, tuple(paths), count, _beside(story, name, index), gradient)


def _extend(story: Story, depth: int, units: Sequence[int], limit: int) -> tuple[Array, Array]:
    """Return the largest products from the loss down to dZ of some units of a layer, and their ways.

    The products are (n, units, found), the units on each way (n, units, found, layers from here on).
    """
    link = story.chain[depth]
    if depth == len(story.chain) - 1:
        errors = np.asarray(story.values[link.dZ])[:, units]  # (n, units)
        return errors[:, :, None], np.broadcast_to(np.array(units)[:, None, None], (*errors.shape, 1, 1))
    above, ways_above = _all_units(story, depth + 1, limit)  # (n, units above, found), (…, layers above)
    slope = slopes(story, link)[:, units]  # (n, units)
    W = np.asarray(story.values[story.chain[depth + 1].above])[units]  # (units, units above)
    products: list[Array] = []
    ways: list[Array] = []
    for sample in range(len(above)):
        candidates = slope[sample][:, None, None] * W[:, :, None] * above[sample]
        candidates = candidates.reshape(len(units), -1)  # (units, units above · found)
        order = np.argsort(-np.abs(candidates), axis=1, kind="stable")[:, :limit]
        products.append(np.take_along_axis(candidates, order, axis=1))
        further = ways_above[sample].reshape(-1, ways_above.shape[-1])[order]
        own = np.broadcast_to(np.array(units)[:, None, None], (*order.shape, 1))
        ways.append(np.concatenate([own, further], axis=2))
    return np.array(products), np.array(ways)


def _all_units(story: Story, depth: int, limit: int) -> tuple[Array, Array]:
    """Return `_extend` for all units of a layer, which many weights below have in common."""
    key = ("paths", depth, limit)
    if key not in story.known:
        story.known[key] = _extend(story, depth, range(_units(story, story.chain[depth])), limit)
    found: tuple[Array, Array] = story.known[key]
    return found


def _factors(
    story: Story,
    chain: tuple[Link, ...],
    name: str,
    index: tuple[int, ...],
    sample: int,
    way: tuple[int, ...],
) -> tuple[Factor, ...]:
    """Return the factors of one path, from the loss to the weight."""
    values, last, out = story.values, chain[-1], way[-1]
    factors = []
    elementwise = last.dA is not None and last.activation != "softmax"
    error = last.dA if elementwise and last.dA else last.dZ
    factors.append(_entry(values[error], error, sample, out))
    if elementwise and last.activation != "identity":
        factors.append(_slope(story, last, sample, out))
    for depth in range(len(chain) - 2, -1, -1):
        below, above = chain[depth], chain[depth + 1]
        factors.append(_entry(values[above.above], above.above, way[depth], way[depth + 1]))
        if below.activation != "identity":
            factors.append(_slope(story, below, sample, way[depth]))
    if name == chain[0].W:
        factors.append(_entry(values[chain[0].X], chain[0].X, sample, index[0]))
    if story.share != 1:
        factors.append(Factor("1/m", story.share))
    return tuple(factors)


def slopes(story: Story, link: Link) -> Array:
    """Return the slope of each unit at its weighted sum, (n, units), by the activation's own rule."""
    key = ("slopes", link.number)
    if key not in story.known:
        Z, A = np.asarray(story.values[link.Z]), np.asarray(story.values[link.A])
        with np.errstate(all="ignore"):
            story.known[key] = np.asarray(getattr(rules, f"{link.activation}_back")(np.ones_like(Z), Z, A))
    return np.asarray(story.known[key])


def _slope(story: Story, link: Link, sample: int, unit: int) -> Factor:
    value = float(slopes(story, link)[sample, unit])
    return Factor(f"{link.activation}′({reference(link.Z, (sample, unit))})", value)


def _entry(array: Array, name: str, i: int, j: int) -> Factor:
    return Factor(reference(name, (i, j)), float(np.asarray(array)[i, j]))


def _units(story: Story, link: Link) -> int:
    return int(np.shape(story.values[link.Z])[1])


def gradient_of(parameter: str) -> str:
    """Return the name of a parameter's gradient, in the article's one-layer network too."""
    return {"weights": "dW", "bias": "db"}.get(parameter, f"d{parameter}")


def _beside(story: Story, name: str, index: tuple[int, ...]) -> float:
    """Return the pull of the penalty on a weight; 0 without one."""
    data = f"d{name}_data"
    if data not in story.values:
        return 0.0
    return float(story.values[f"d{name}"][index]) - float(story.values[data][index])
