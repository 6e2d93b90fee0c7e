// The pieces that the drawing of the network is made of.

import { make, svg } from "./dom.js";
import { keyOf, story, valueAt } from "./story.js";
import { ON_CANVAS, number } from "./numbers.js";
import { open } from "./state.js";
import { TOUCH, UNIT_HEIGHT } from "./layout.js";
import { symbolOf } from "./symbols.js";

const FONT = 13; // pixels, in a unit with room enough
const LETTER = 0.64; // width of a letter over its height, at most
const SYMBOL = { width: 90, height: 28 };

export function text(x, y, content, kind) {
  return svg("text", { x, y, class: kind }, content);
}

/** The symbol of a quantity, set as in the panel, around a point. */
export function quantity(x, y, name) {
  const { width, height } = SYMBOL;
  return svg("foreignObject", { x: x - width / 2, y: y - height / 2, width, height, "data-name": name },
    make("div", { className: "quantity" }, symbolOf(name)));
}

/** A number in a frame: an entry of a quantity, or a dot before it is known. */
export function pill(name, index, [x, y], width, references) {
  const value = name === undefined ? undefined : valueAt(name, index);
  const frame = { x: x - width / 2, y: y - UNIT_HEIGHT / 2, width, height: UNIT_HEIGHT, rx: name === "Y" ? 6 : UNIT_HEIGHT / 2 };
  const shown = value === undefined ? "·" : number(value, ON_CANVAS);
  const touch = { class: "touch", x: frame.x, y: y - TOUCH / 2, width, height: TOUCH };
  const element = svg("g", { class: "unit", "data-ref": references.join(" ") },
    svg("rect", touch), svg("rect", frame), text(x, y + 4.5, shown, "value"));
  const room = (width - 14) / (shown.length * LETTER);
  element.lastChild.style.fontSize = `${Math.min(FONT, room)}px`;
  return signed(element, name, index);
}

/** A weight as a line. */
export function line(name, index, [x1, y1], [x2, y2], references) {
  const ends = { x1, y1, x2, y2 };
  const element = svg("g", { class: "edge", "data-ref": references.join(" ") },
    svg("line", { ...ends, class: "touch" }), svg("line", { ...ends, class: "line" }));
  return signed(element, name, index);
}

/** The number of a weight, at a part of the way along its line. */
export function label(name, index, [x1, y1], [x2, y2], references, part) {
  const value = valueAt(name, index);
  const shown = value === undefined ? "" : number(value, 3);
  const lift = Math.abs(y2 - y1) < 8 ? -5 : 3.5; // on a level line it stands above, not on it
  const element = text(x1 + (x2 - x1) * part, y1 + (y2 - y1) * part + lift, shown, "weight");
  element.dataset.ref = references.join(" ");
  return element;
}

/** Colour an element by the sign and size of its entry, and open that on a click. */
function signed(element, name, index) {
  const value = name === undefined ? undefined : valueAt(name, index);
  const size = name === undefined ? 0 : Number(story.arrays[name].size);
  element.dataset.sign = value < 0 ? "minus" : value > 0 ? "plus" : "zero";
  element.style.setProperty("--strength", size ? Math.min(Math.abs(value) / size, 1) || 0 : 0);
  if (value !== undefined) {
    element.append(svg("title", {}, `${keyOf(name, index)} = ${number(value, ON_CANVAS)}`));
    element.addEventListener("click", () => open(name, index));
  }
  return element;
}

/** The head of the arrows on the lines of the current step. */
export function arrowHead() {
  const attributes = {
    id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 11, markerHeight: 11,
    markerUnits: "userSpaceOnUse", orient: "auto-start-reverse",
  };
  return svg("defs", {}, svg("marker", attributes, svg("path", { d: "M0,0 L8,4 L0,8 z" })));
}
