// The network's layers: how many, how wide, with which activation.

import { make } from "/viewer/dom.js";
import { story } from "/viewer/story.js";
import { button, select } from "./dom.js";
import { ask, onView, page } from "./session.js";
import { isHidden, t } from "./texts.js";

let chosen = null; // the hidden layers that the clicks up to now ask for, while an answer is awaited
let shown = ""; // what the row is of, so that a control keeps the focus while nothing of it changes

export function watchLayers() {
  if (document.getElementById("layers") && !isHidden("layers")) onView(show);
}

function show({ settings: { net } }) {
  if (page.busy <= 1) chosen = null; // nothing is awaited after this answer
  const { activation, Z } = story.layers.at(-1);
  const wanted = JSON.stringify([net.hidden, net.activations, net.output, story.arrays.X.shape[1], story.arrays[Z].shape]);
  if (wanted === shown) return;
  shown = wanted;
  const row = document.getElementById("layers");
  const focused = document.activeElement?.dataset.key;
  row.replaceChildren(
    counted(t("layers.inputs"), story.arrays.X.shape[1]),
    ...net.hidden.map((units, k) => hiddenLayer(net, units, k)),
    changeDepth(net),
    counted(t("layers.outputs"), story.arrays[Z].shape[1] ?? 1, outputActivation(net, activation)));
  row.querySelector(`[data-key="${focused}"]`)?.focus();
}

function counted(name, count, ...more) {
  return make("div", { className: "layer" }, make("b", {}, name), make("span", { className: "count" }, String(count)), ...more);
}

function hiddenLayer(net, units, k) {
  const number = k + 1;
  const { units: most } = page.choices.limits;
  const to = (more) => {
    const hidden = chosen ?? net.hidden;
    const count = hidden[k] + more;
    if (count >= 1 && count <= most) set({ hidden: hidden.with(k, count) }); // NaN where the layer is taken out by now
  };
  const name = t("layers.activation", { number });
  const activation = select(page.choices.activations.map((one) => [one, one]), net.activations[k],
    (chosen) => set({ activations: net.activations.with(k, chosen) }));
  activation.setAttribute("aria-label", name);
  activation.dataset.key = `activation${k}`;
  activation.hidden = isHidden("activations");
  return make("div", { className: "layer" }, make("b", {}, t("layers.layer", { number })),
    keyed(`fewer${k}`, button("−", () => to(-1), { label: t("layers.fewer", { number }), disabled: units <= 1 })),
    make("span", { className: "count" }, String(units)),
    keyed(`more${k}`, button("+", () => to(1), { label: t("layers.more", { number }), disabled: units >= most })),
    activation);
}

function changeDepth({ hidden }) {
  const { hidden: most } = page.choices.limits;
  const add = () => {
    const now = chosen ?? hidden;
    if (now.length < most) set({ hidden: [...now, now.at(-1) ?? 3] });
  };
  const remove = () => {
    const now = chosen ?? hidden;
    if (now.length) set({ hidden: now.slice(0, -1) });
  };
  return make("div", { className: "layer depth" },
    make("b", {}, t("layers.depth")),
    keyed("remove", button("−", remove, { label: t("layers.remove"), disabled: !hidden.length })),
    make("span", { className: "count" }, String(hidden.length)),
    keyed("add", button("+", add, { label: t("layers.add"), disabled: hidden.length >= most })));
}

function outputActivation(net, activation) {
  const options = page.choices.outputs.map((one) => [one, one === "auto" ? t("layers.auto", { activation }) : one]);
  const element = select(options, net.output, (output) => set({ output }));
  element.setAttribute("aria-label", t("layers.output"));
  element.dataset.key = "output";
  element.hidden = isHidden("activations");
  return element;
}

function keyed(key, element) {
  element.dataset.key = key;
  return element;
}

function set(net) {
  chosen = net.hidden ?? chosen;
  ask("set", { changes: { net } });
}
