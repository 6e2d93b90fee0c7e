// An array as a table: coloured by sign, each entry a button; a large one as its corner and largest entries.

import { make } from "./dom.js";
import { word } from "./words.js";
import { story, valueAt } from "./story.js";
import { ON_CANVAS, number } from "./numbers.js";
import { open } from "./state.js";
import { button, entrySymbol, symbolOf } from "./symbols.js";

export function arrayFigure(name, role) {
  const array = story.arrays[name];
  const figure = make("figure", { className: `array ${role}`, data: { ref: name } });
  const caption = make("figcaption", {}, symbolOf(name), make("small", { className: "shape" }, shapeOf(name)));
  if (array.shape.length && allValues(array)) caption.append(copyAll(name, array));
  figure.append(caption, array.shape.length ? table(name, array) : cell(name, [], "span"));
  if (array.largest) figure.append(...largest(name, array));
  return figure;
}

/** "4 × 3", or that it is one number. */
export function shapeOf(name) {
  return story.arrays[name].shape.join(" × ") || word("array.number");
}

function table(name, array) {
  const { shape, names, corner = Infinity } = array;
  const [rows, columns] = shape.length > 1 ? shape : [1, shape[0]];
  const shownColumns = Math.min(columns, corner);
  const element = make("table", {});
  element.setAttribute("aria-label", `${name}, ${shape.join(` ${word("array.by")} `)}`);
  const heads = Array.from({ length: shownColumns }, (_, j) => header(names.at(-1)?.[j] ?? j, "col"));
  element.append(make("thead", {}, make("tr", {}, make("td", {}), ...heads, ...more(columns - shownColumns))));
  const body = make("tbody", {});
  for (let i = 0; i < Math.min(rows, corner); i += 1) {
    const cells = Array.from({ length: shownColumns }, (_, j) => cell(name, shape.length > 1 ? [i, j] : [j], "td"));
    const head = shape.length > 1 ? header(names[0]?.[i] ?? i, "row") : make("td", {});
    body.append(make("tr", {}, head, ...cells, ...more(columns - shownColumns)));
  }
  if (rows > corner) body.append(make("tr", {}, header("⋮", "row"), make("td", {}, "⋮")));
  element.append(body);
  return make("div", { className: "scroll" }, element);
}

function cell(name, index, tag) {
  const value = valueAt(name, index);
  const content = button(name, index, open, value === undefined ? "·" : number(value, ON_CANVAS));
  content.classList.add("cell");
  const size = index.length ? Number(story.arrays[name].size) : 0; // a single number has nothing to compare with
  content.style.setProperty("--strength", size ? Math.min(Math.abs(value) / size, 1) || 0 : 0);
  return make(tag, {}, content);
}

function header(text, scope) {
  return make("th", { scope, title: String(text) }, String(text));
}

function more(count) {
  return count > 0 ? [make("td", { className: "more" }, "…")] : [];
}

function largest(name, array) {
  const list = make("ol", { className: "largest" });
  for (const index of array.largest) {
    list.append(make("li", {}, entrySymbol(name, index), " = ", ...cell(name, index, "span").childNodes));
  }
  const summary = make("span", { lang: "en" }, `${array.summary}.`);
  return [make("p", { className: "summary" }, summary, " ", word("array.shown")), list];
}

function allValues(array) {
  return Array.isArray(array.values);
}

/** All digits of an array, a line a row. */
function copyAll(name, array) {
  const element = make("button", { type: "button", className: "copy", title: word("array.digits", { name }) }, word("array.copy"));
  const width = array.shape.at(-1);
  element.addEventListener("click", (event) => {
    const rows = Array.from({ length: array.values.length / width }, (_, i) =>
      array.values.slice(i * width, (i + 1) * width).join("\t"));
    copy(rows.join("\n"), element);
    event.stopPropagation();
  });
  return element;
}

export async function copy(text, element) {
  const before = element.textContent;
  try {
    await navigator.clipboard.writeText(text);
    element.textContent = word("array.copied");
  } catch { // a frame may not write there: show what would have been copied
    element.textContent = text.length < 60 ? text : word("array.uncopied");
  }
  setTimeout(() => { element.textContent = before; }, 2000);
}

