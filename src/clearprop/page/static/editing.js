// Weights and biases by hand: a number field in the derivation of one.

import { make } from "/viewer/dom.js";
import { onChange, state } from "/viewer/state.js";
import { story, valueAt } from "/viewer/story.js";
import { button } from "./dom.js";
import { ask, page } from "./session.js";
import { isHidden, t } from "./texts.js";

let offered = null; // the form of the opened entry, so that what is typed stays when more of the derivation comes
let of = {};

export function watchEditing() {
  if (!isHidden("edit")) onChange(offer);
}

function offer() {
  const entry = state.trail.at(-1);
  const section = document.querySelector("#panel .derivation");
  if (!entry || !section || section.querySelector(".edit")) return;
  if (!story.layers.some(({ W, b }) => [W, b].includes(entry.name))) return;
  const isSame = of.story === story && of.name === entry.name && `${of.index}` === `${entry.index}`;
  if (!isSame) offered = form(entry);
  of = { story, ...entry };
  section.append(offered);
}

function form({ name, index }) {
  const own = `${name}[${index.join(", ")}]`;
  const input = make("input", { type: "number", step: "any", required: true, value: valueAt(name, index) });
  const element = make("form", { className: "edit" },
    make("label", {}, t("edit.label", { entry: own }), " ", input), button(t("edit.set"), () => {}, { type: "submit" }));
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    ask("edit", { name, index, value: Number(input.value) });
  });
  return element;
}
