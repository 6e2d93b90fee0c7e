"""The gradient of one weight as a sum over paths: from the loss back through units to the weight.

Along a path the chain rule multiplies slopes and weights; over all samples, and all ways through the
network, the products add up to the gradient. Where the ways are too many to be listed, the largest
products are found exactly, layer by layer: the largest of a unit are among the largest of those it feeds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..ops import reference as rules
from ..rules.array import Array
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
        return self.count

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

    def __str__(self) -> str:
        place = f"[{', '.join(map(str, self.index))}]"
        lines = [f"d{self.name}{place} = {number(self.gradient)}: the sum over {self.count} paths"]
        lines += [line for path in self.paths for line in str(path).splitlines()]
        if len(self.paths) < self.count:
            lines.append(f"  {self.count - len(self.paths)} smaller paths: together {number(self.rest)}")
        if self.others:
            lines.append(f"  the penalty: {number(self.others)}")
        return wrapped(lines)


def find_paths(story: Story, name: str, index: tuple[int, ...], limit: int) -> Paths:
    """Return the paths to the entry `index` of the parameter `name`."""
    position = next(k for k, link in enumerate(story.chain) if name in (link.W, link.b))
    chain, unit = story.chain[position:], index[-1]
    samples = len(story.values["X"])
    scale, values = _scale(story), story.values
    entering = (
        values[chain[0].X][:, index[0]] if name == chain[0].W else np.ones(samples)
    )  # what the weight multiplies
    best: list[tuple[float, int, tuple[int, ...]]] = []
    for sample in range(samples):
        products, ways = _largest(story, chain, sample, unit, limit)
        best += [
            (float(entering[sample] * scale * p), sample, way) for p, way in zip(products, ways, strict=True)
        ]
    best.sort(key=lambda one: -abs(one[0]))
    count = samples * math.prod(_units(story, link) for link in chain[1:])
    gradient = float(values[gradient_of(name)][index])
    others = _beside(story, name, index)
    paths = tuple(
        Path(sample, way, _factors(story, chain, name, index, sample, way)) for _, sample, way in best[:limit]
    )
    return Paths(name, index, paths, count, others, gradient)


def _largest(
    story: Story, chain: tuple[Link, ...], sample: int, unit: int, limit: int
) -> tuple[list[float], list[tuple[int, ...]]]:
    """Return the largest products from the loss down to dZ of one unit, and the units on the way."""
    last = chain[-1]
    errors = np.asarray(story.values[last.dZ])[sample]  # (out,)
    products = errors[:, None]  # (units, up to limit)
    ways: list[list[tuple[int, ...]]] = [[(k,)] for k in range(len(errors))]
    for depth in range(len(chain) - 2, -1, -1):
        below, above = chain[depth], chain[depth + 1]
        slope = slopes(story, below)[sample]  # (units,)
        W = np.asarray(story.values[above.above])  # (units, units above)
        chosen = [unit] if depth == 0 else range(len(slope))
        new_products, new_ways = [], []
        for j in chosen:
            candidates = slope[j] * W[j][:, None] * products  # (units above, up to limit)
            order = np.argsort(-np.abs(candidates).ravel(), kind="stable")[:limit]
            places = [divmod(int(k), products.shape[1]) for k in order]
            new_products.append(candidates.ravel()[order])
            new_ways.append([(j, *ways[k][m]) for k, m in places])
        products, ways = np.array(new_products), new_ways
    row = unit if len(chain) == 1 else 0
    return products[row].tolist(), ways[row]


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
    if "m" in values and "learning_rate" in values:
        factors.append(Factor("1/m", _scale(story)))
    return tuple(factors)


def slopes(story: Story, link: Link) -> Array:
    """Return the slope of each unit at its weighted sum, (n, units), by the activation's own rule."""
    Z, A = np.asarray(story.values[link.Z]), np.asarray(story.values[link.A])
    with np.errstate(all="ignore"):
        back = getattr(rules, f"{link.activation}_back")
        return np.asarray(back(np.ones_like(Z), Z, A))


def _slope(story: Story, link: Link, sample: int, unit: int) -> Factor:
    value = float(slopes(story, link)[sample, unit])
    return Factor(f"{link.activation}′({link.Z}[{sample}, {unit}])", value)


def _entry(array: Array, name: str, i: int, j: int) -> Factor:
    return Factor(f"{name}[{i}, {j}]", float(np.asarray(array)[i, j]))


def _units(story: Story, link: Link) -> int:
    return int(np.shape(story.values[link.Z])[1])


def _scale(story: Story) -> float:
    """Return 1/m for the article's networks, whose dZ belong to single samples; 1 for all others."""
    return 1 / story.values["m"] if "learning_rate" in story.values else 1.0


def gradient_of(parameter: str) -> str:
    """Return the name of a parameter's gradient, in the article's one-layer network too."""
    return {"weights": "dW", "bias": "db"}.get(parameter, f"d{parameter}")


def _beside(story: Story, name: str, index: tuple[int, ...]) -> float:
    """Return the pull of the penalty on a weight; 0 without one."""
    data = f"d{name}_data"
    if data not in story.values:
        return 0.0
    return float(story.values[f"d{name}"][index]) - float(story.values[data][index])
