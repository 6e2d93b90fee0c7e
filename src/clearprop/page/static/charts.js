// A chart of numbers over epochs: its lines, and the ends of both axes.

import { make, svg } from "/viewer/dom.js";
import { button } from "./dom.js";
import { t } from "./texts.js";

const WIDTH = 300;
const HEIGHT = 100; // of the drawing, in units of its own; it is stretched to its place
const SIDES = ["top", "bottom", "last"];

/**
 * A figure, and how to show the points of a curve in it; a point is [epoch, …].
 * `lines`: [name, style, numberAt(point)] each; one without a name says its newest number instead. `numbersOf(points)`
 * are those that the axis has to hold; it is the first of `axes`, and of two a button changes it. `write(number)` says one.
 */
export function chart(title, lines, { numbersOf, axes, write }) {
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const drawn = lines.map(([name, style, numberAt]) => {
    const path = svg("path", { class: `line ${style}` });
    const newest = name ? null : make("b", {}); // a line without a name says its number
    drawing.append(path);
    return { path, newest, numberAt, key: make("span", { className: `key ${style}` }, name || newest) };
  });
  const ends = SIDES.map((side) => make("span", { className: `end ${side}` }));
  const caption = make("figcaption", {}, make("span", {}, title), ...drawn.map((one) => one.key));
  const figure = make("figure", { className: "chart" }, caption, make("div", { className: "frame" }, drawing, ...ends));
  let [axis] = axes;
  let shown = [];
  const show = (points) => {
    shown = points;
    const [from, to] = axis.ends(numbersOf(points));
    const place = placing(points, axis.scale(from), axis.scale(to), axis.scale);
    for (const one of drawn) showLine(one, points, place, write);
    const words = points.length ? [write(to), write(from), t("output.epoch", { epoch: points.at(-1)[0] })] : [];
    ends.forEach((end, k) => { end.textContent = words[k] ?? ""; });
  };
  const change = (event) => {
    axis = axes[1 - axes.indexOf(axis)];
    event.currentTarget.setAttribute("aria-pressed", String(axis === axes[1]));
    show(shown);
  };
  if (axes.length > 1) caption.firstChild.append(" ", button(t("output.log"), change, { label: t("output.log.title"), className: "log", ariaPressed: "false" }));
  return { figure, show };
}

function showLine({ path, newest, key, numberAt }, points, place, write) {
  const numbers = points.map((point) => Number(numberAt(point) ?? NaN));
  path.setAttribute("d", pathOf(points.map(([epoch], k) => place(epoch, numbers[k]))));
  if (newest) newest.textContent = points.length ? write(numbers.at(-1)) : "";
  key.hidden = numbers.every(Number.isNaN);
}

/** From an epoch and a number to the drawing; what is far below the axis has no place. */
function placing(points, from, to, scale) {
  const [first, last] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0];
  return (epoch, value) => {
    const part = (scale(value) - from) / (to - from);
    const x = last > first ? (WIDTH * (epoch - first)) / (last - first) : 0;
    return [x, Number.isFinite(part) && part > -1 ? HEIGHT * (1 - part) : NaN];
  };
}

/** A path through places, broken where one is none; a place alone is a dot. */
function pathOf(places) {
  let isDrawing = false;
  const pieces = places.map(([x, y]) => {
    const wasDrawing = isDrawing;
    isDrawing = !Number.isNaN(y);
    if (!isDrawing) return "";
    return wasDrawing ? `L${x.toFixed(1)},${y.toFixed(1)}` : `M${x.toFixed(1)},${y.toFixed(1)}h0`;
  });
  return pieces.join("");
}
