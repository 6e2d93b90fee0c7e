// The network: units with their numbers, weights as lines; what the current step computes stands out.

import { make, svg } from "./dom.js";
import { word } from "./words.js";
import { keyOf, story } from "./story.js";
import { ON_CANVAS, number } from "./numbers.js";
import { change, current, isKnown, onChange, onStory, open, sampleOf, state } from "./state.js";
import { SMALLEST, layout, shortened } from "./layout.js";
import { relight } from "./highlight.js";
import { arrowHead, label, line, pill, quantity, text } from "./svg.js";
import { entrySymbol } from "./symbols.js";

const MOST_LABELS = 9; // numbers on the lines between two layers, where there are no more lines than that
const drawing = document.getElementById("drawing");
const picker = make("div", { id: "sample" });
let plan;
let drawn = ""; // what the drawing shows, so that it is made anew only for something else

export function watchNetwork() {
  drawing.after(picker);
  onStory(forget);
  onChange(drawIfNew);
  // the panel beside it may take its width later; a frame later, so that drawing anew is no part of the observation
  new ResizeObserver(() => requestAnimationFrame(drawIfNew)).observe(drawing);
}

/** Draw anew at the next change, though step and sample are the same. */
export function forget() {
  drawn = "";
}

function drawIfNew() {
  if (!story) return;
  const wanted = [state.position, state.sample, drawing.offsetWidth, drawing.offsetHeight].join();
  if (wanted !== drawn) draw();
  drawn = wanted;
  saySample();
}

function draw() {
  const step = current();
  plan = layout(drawing.offsetWidth, drawing.offsetHeight); // scroll bars aside, which come and go by the drawing
  const { columns, width, height } = plan;
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": description(step) });
  picture.dataset.phase = step?.phase ?? "given";
  picture.style.minWidth = `${width * SMALLEST}px`;
  picture.style.minHeight = `${height * SMALLEST}px`;
  picture.append(arrowHead(), ...columns.slice(1).map((column, k) => edges(columns[k], column, step)));
  picture.append(...columns.map((column) => units(column, step)), targets(), loss(step));
  drawing.replaceChildren(picture);
  picker.replaceChildren(...samplePicker());
  relight();
  scroll(picture);
}

/** Where the drawing is larger than its place: bring what the step computes into sight, and let the keyboard scroll. */
function scroll(picture) {
  const { scrollWidth, clientWidth, scrollHeight, clientHeight } = drawing;
  if (scrollWidth > clientWidth || scrollHeight > clientHeight) drawing.tabIndex = 0;
  else drawing.removeAttribute("tabindex");
  const seen = drawing.getBoundingClientRect();
  const active = picture.querySelector(".active")?.getBoundingClientRect();
  const { unit } = plan; // at the ends of lines there are units to be seen
  if (active?.left < seen.left + unit) drawing.scrollLeft += active.left - seen.left - unit;
  else if (active?.right > seen.right - unit) drawing.scrollLeft += active.right - seen.right + unit;
  if (drawing.scrollLeft < unit) drawing.scrollLeft = 0; // rather all than half of the inputs
}

function description(step) {
  const sizes = plan.columns.map((column) => column.size).join("-");
  return word(step ? "drawing.label.step" : "drawing.label", { sizes, sample: state.sample, step: step?.name });
}

/** The quantity that a column's units show: that of the current step, or the newest one. */
function quantityOf({ layer }, step) {
  if (!layer) return "X";
  const own = [layer.Z, layer.A, layer.dA, layer.dZ].filter((name) => name in story.arrays);
  if (own.includes(step?.name)) return step.name;
  const computed = story.steps.map((one) => one.name).filter((name) => own.includes(name) && isKnown(name));
  return computed.at(-1);
}

/** The quantity that the lines into a layer show: the weights, at its step their gradient, then the new weights. */
function weightsOf(layer, step) {
  if ([layer.dW, `${layer.dW}_data`].includes(step?.name)) return step.name;
  return isKnown(`${layer.W}_new`) ? `${layer.W}_new` : layer.W;
}

function units(column, step) {
  const { layer, x, ys, size } = column;
  const name = quantityOf(column, step);
  const title = layer ? titleOf(layer) : word("layers.inputs");
  const group = svg("g", { class: `units${name && name === step?.name ? " active" : ""}` },
    text(x, 22, title, "title"), ...(name ? [quantity(x, 36, name)] : []));
  const names = story.arrays[layer ? layer.A : "X"].names.at(-1);
  ys.forEach((y, i) => {
    group.append(pill(name, [state.sample, i], [x, y], plan.unit, unitReferences(layer, i)));
    if (!names) return;
    const short = shortened(names[i]);
    group.append(layer ? text(x, y + 24, short, "name") : text(x - plan.unit / 2 - 6, y + 4, short, "name left"));
  });
  if (ys.length < size) group.append(text(x, ys.at(-1) + 38, `⋮ ${word("drawing.more", { count: size - ys.length })}`, "more"));
  return group;
}

function titleOf({ number, activation }) {
  return `${plan.isNarrow ? number : word("layers.layer", { number })} · ${activation}`;
}

/** Everything that belongs to a unit, for the linked highlight. */
function unitReferences(layer, i) {
  if (!layer) return [keyOf("X", [state.sample, i])];
  const signals = [layer.Z, layer.A, layer.dA, layer.dZ].filter(Boolean).map((name) => keyOf(name, [state.sample, i]));
  const bias = story.arrays[layer.b].shape.length === 2 ? [0, i] : [i]; // the article's networks keep a row
  return [...signals, ...[layer.b, layer.db, `${layer.b}_new`].map((name) => keyOf(name, bias))];
}

function edges(from, to, step) {
  const { layer } = to;
  const name = weightsOf(layer, step);
  const isActive = [layer.Z, layer.dW, `${layer.dW}_data`, `${layer.W}_new`].includes(step?.name);
  const group = svg("g", { class: `edges${isActive ? " active" : ""}` });
  const isLabelled = from.ys.length * to.ys.length <= MOST_LABELS && !plan.isNarrow;
  const labels = [];
  from.ys.forEach((y, i) => to.ys.forEach((target, j) => {
    const references = [layer.W, layer.dW, `${layer.W}_new`].map((one) => keyOf(one, [i, j]));
    const ends = [[from.x + plan.unit / 2, y], [to.x - plan.unit / 2, target]];
    group.append(line(name, [i, j], ...ends, references));
    // labels of lines that cross stand apart, and above all lines
    if (isLabelled) labels.push(label(name, [i, j], ...ends, references, i % 2 ? 0.68 : 0.32));
  }));
  group.append(...labels);
  return group;
}

function targets() {
  const group = svg("g", { class: "units targets" }, text(plan.targets, 22, word("drawing.targets"), "title"), quantity(plan.targets, 36, "Y"));
  plan.columns.at(-1).ys.forEach((y, i) => {
    const index = [state.sample, i];
    group.append(pill("Y", index, [plan.targets, y], plan.unit * 0.8, [keyOf("Y", index)]));
  });
  return group;
}

function loss(step) {
  const { ys } = plan.columns.at(-1);
  const middle = (ys[0] + ys.at(-1)) / 2;
  const shown = isKnown("L") ? number(Number(story.loss), ON_CANVAS) : "·";
  const group = svg("g", { class: `loss${step?.name === "L" ? " active" : ""}`, "data-ref": "L" },
    quantity(plan.loss, middle - 14, "L"), text(plan.loss, middle + 12, shown, "value"));
  if (isKnown("L")) group.addEventListener("click", () => open("L", []));
  return group;
}

function samplePicker() {
  const samples = story.arrays.X.shape[0];
  if (samples < 2) return [];
  const choice = make("input", { type: "number", min: 0, max: samples - 1, value: state.sample });
  choice.addEventListener("change", () => {
    change({ sample: Math.min(Math.max(Math.trunc(choice.value) || 0, 0), samples - 1) });
  });
  const range = word("drawing.samples", { last: samples - 1 });
  return [make("label", {}, `${word("drawing.sample")} `, choice, ` ${range}`, make("span", { id: "why" }))];
}

/** Say where the sample comes from, when it is that of the opened entry. */
function saySample() {
  const entry = state.trail.at(-1);
  const isIts = entry && sampleOf(entry) === state.sample;
  document.getElementById("why")?.replaceChildren(...(isIts ? [`, ${word("drawing.why")} `, entrySymbol(entry.name, entry.index)] : []));
}
