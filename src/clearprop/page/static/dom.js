// Small controls that every panel is made of.

import { make } from "/viewer/dom.js";
import { isHidden, t } from "./texts.js";

/** A labelled control: the label's text above it; nothing of it is there where the address hides it. */
export function field(key, control, part = key.split(".").at(-1)) {
  return make("label", { className: "field", data: { part }, hidden: isHidden(part) }, make("span", {}, t(key)), control);
}

export function select(options, chosen, act) {
  const element = make("select", {}, ...options.map(([value, text]) => make("option", { value, selected: value === chosen }, text)));
  element.addEventListener("change", () => act(element.value));
  return element;
}

/** A button with words or a sign; `label` is what a screen reader says. */
export function button(content, act, { label = "", ...properties } = {}) {
  const element = make("button", { type: "button", title: label, ...properties }, content);
  if (label) element.setAttribute("aria-label", label);
  element.addEventListener("click", act);
  return element;
}
