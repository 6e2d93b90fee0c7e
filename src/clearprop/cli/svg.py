"""Two charts as SVG. They take their colours from the page's style, and are light or dark as it is."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence

from .text import short

__all__ = ["line_chart", "scatter_chart"]

WIDTH, HEIGHT = 460, 280
LEFT, RIGHT, TOP, BOTTOM = 30, 26, 12, 40  # left of the labels of the y axis there is its name
LETTER = 7.5  # the width of a digit in the page's style
MOST_POINTS = 2000
STEEP = 20.0  # a loss that falls by more than this factor is drawn on a logarithmic scale
UNITS = ((1e6, "M"), (1e3, "k"))
Ends = tuple[float, float]


class Axis:
    """One axis: from values to places, with its ticks."""

    def __init__(self, ends: Ends, places: Ends, *, log: bool = False) -> None:
        self._log = log
        low, high = (math.log10(end) for end in ends) if log else ends
        if high == low:
            low, high = low - 0.5, high + 0.5
        self._low, self._high, self._places = low, high, places
        self.start = places[0]
        self.ticks = _log_ticks(low, high) if log else _ticks(low, high)
        self.labels = _labels(self.ticks)

    def place(self, value: float) -> float:
        """Return where a value stands."""
        share = ((math.log10(value) if self._log else value) - self._low) / (self._high - self._low)
        return self._places[0] + share * (self._places[1] - self._places[0])


def line_chart(curves: Mapping[str, Sequence[float]], first: int, mark: int | None, label: str) -> str:
    """Return curves over the epochs, counted from `first`, with a mark at one of them."""
    values = [value for curve in curves.values() for value in curve]
    epochs = len(next(iter(curves.values())))
    log = min(values) > 0 and max(values) / min(values) > STEEP
    y = Axis((min(values) if log else min(0.0, *values), max(values)), (HEIGHT - BOTTOM, TOP), log=log)
    x = Axis((first, first + epochs - 1), (_left_of(y), WIDTH - RIGHT))
    parts = [_frame(x, y, "epoch", label)]
    if mark is not None:
        parts.append(f'<path class="mark" d="M{x.place(mark):.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
    for k, curve in enumerate(curves.values()):
        points = " ".join(f"{x.place(first + i):.1f},{y.place(v):.1f}" for i, v in enumerate(curve))
        parts.append(f'<polyline class="curve c{k}" points="{points}"/>')
    return _svg(parts, f"{label} over the epochs")


def scatter_chart(truth: Sequence[float], predicted: Sequence[float], name: str) -> str:
    """Return predicted against true values, of many rows a part, with the line where both are equal."""
    step = -(-len(truth) // MOST_POINTS)
    pairs = list(zip(truth[::step], predicted[::step], strict=True))
    ends = min(map(min, pairs)), max(map(max, pairs))
    y = Axis(ends, (HEIGHT - BOTTOM, TOP))
    x = Axis(ends, (_left_of(y), WIDTH - RIGHT))
    parts = [_frame(x, y, f"true {short(name, 30)}", f"predicted {short(name, 24)}")]
    corners = [f"{x.place(end):.1f},{y.place(end):.1f}" for end in ends]
    parts.append(f'<polyline class="mark" points="{" ".join(corners)}"/>')
    parts += [f'<circle r="2.6" cx="{x.place(a):.1f}" cy="{y.place(b):.1f}"/>' for a, b in pairs]
    return _svg(parts, "predicted against true values")


def _svg(parts: Sequence[str], title: str) -> str:
    label = html.escape(title)
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def _frame(x: Axis, y: Axis, x_label: str, y_label: str) -> str:
    left, bottom, middle = x.start, HEIGHT - BOTTOM, (HEIGHT - BOTTOM + TOP) / 2
    parts = []
    for tick, text in zip(y.ticks, y.labels, strict=True):
        at = y.place(tick)
        parts.append(f'<path class="grid" d="M{left} {at:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text x="{left - 6}" y="{at + 4:.1f}" text-anchor="end">{text}</text>')
    for tick, text in zip(x.ticks, x.labels, strict=True):
        parts.append(f'<text x="{x.place(tick):.1f}" y="{bottom + 17}" text-anchor="middle">{text}</text>')
    parts.append(f'<path class="axis" d="M{left} {bottom}H{WIDTH - RIGHT}"/>')
    names = html.escape(x_label), html.escape(y_label)
    parts.append(
        f'<text x="{(left + WIDTH - RIGHT) / 2}" y="{HEIGHT - 5}" text-anchor="middle">{names[0]}</text>'
    )
    turned = f'transform="translate(12 {middle}) rotate(-90)"'
    parts.append(f'<text {turned} text-anchor="middle">{names[1]}</text>')
    return "".join(parts)


def _left_of(y: Axis) -> float:
    """Return where the chart begins, right of the labels of its y axis."""
    return LEFT + LETTER * max((len(label) for label in y.labels), default=0)


def _labels(ticks: Sequence[float]) -> list[str]:
    """Return the ticks in words as short as can be: 800k for 800000, all in one unit."""
    largest = max(map(abs, ticks), default=0.0)
    size, unit = next((each for each in UNITS if 10 * each[0] <= largest < 1e4 * each[0]), (1.0, ""))
    return [f"{tick / size:.10g}{unit if tick else ''}" for tick in ticks]


def _ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round numbers between the ends, 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    """Return the powers of ten between ends given as logarithms, and 3, 30, … where these are few."""
    powers = range(math.floor(low), math.ceil(high) + 1)
    wanted = (1,) if high - low > 2.5 else (1, 3)
    ticks = [k * 10.0**p for p in powers for k in wanted]
    return [tick for tick in ticks if low - 1e-9 <= math.log10(tick) <= high + 1e-9]
