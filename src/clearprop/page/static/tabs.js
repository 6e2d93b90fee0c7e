// On a small screen the panels take turns below the network.

import { make } from "/viewer/dom.js";
import { onChange, state } from "/viewer/state.js";
import { isHidden, t } from "./texts.js";

const TABS = ["panel", "data", "build", "output"];
const buttons = new Map();

export function watchTabs() {
  for (const name of TABS.filter((one) => !isHidden(one))) {
    const element = make("button", { type: "button" }, t(name === "build" ? "tab.build" : `${name}.label`));
    element.setAttribute("aria-controls", name);
    element.addEventListener("click", () => showTab(name));
    buttons.set(name, element);
  }
  document.getElementById("tabs").append(...buttons.values());
  showTab("panel");
  let { trail } = state;
  onChange(() => {
    if (state.trail !== trail && state.trail.length) showTab("panel"); // what was opened is to be seen
    ({ trail } = state);
  });
}

export function showTab(name) {
  document.body.dataset.tab = name;
  for (const [one, element] of buttons) element.setAttribute("aria-pressed", String(one === name));
}
