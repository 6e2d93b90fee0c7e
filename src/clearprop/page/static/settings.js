// What the network is trained with: loss, optimiser, rate, batch; and, folded away, what is changed less often.

import { make } from "/viewer/dom.js";
import { story } from "/viewer/story.js";
import { button, field, select } from "./dom.js";
import { ask, onView, page } from "./session.js";
import { isHidden, t } from "./texts.js";

const controls = []; // each {element, section, name}
const option = numberOf("net", "option");
const frozen = make("div", { className: "freeze" });

export function watchSettings() {
  const place = document.getElementById("training");
  if (!place) return; // the address hides it
  const { losses, optimizers, initializers, updates } = page.choices;
  const first = [
    field("settings.loss", choiceOf("net", "loss", losses.map(([name]) => name))),
    field("settings.option", option),
    field("settings.optimizer", choiceOf("training", "optimizer", optimizers)),
    field("settings.learning_rate", numberOf("training", "learning_rate", { min: 0, step: "any" })),
    field("settings.batch", numberOf("training", "batch", { min: 1, step: 1, placeholder: t("settings.all") })),
  ];
  const more = make("details", { className: "more" }, make("summary", {}, t("settings.more")), make("div", {},
    field("settings.init", choiceOf("net", "init", initializers)),
    field("settings.seed", numberOf("net", "seed", { min: 0, step: 1 })),
    field("settings.l1", numberOf("net", "l1", { min: 0, step: "any" })),
    field("settings.l2", numberOf("net", "l2", { min: 0, step: "any" })),
    field("settings.update", choiceOf("training", "update", updates)),
    frozenField()));
  place.append(...first, more);
  onView(show);
}

function choiceOf(section, name, options) {
  const element = select(options.map((one) => [one, one === "auto" ? t("settings.auto") : one]), "", (value) => set(section, name, value));
  controls.push({ element, section, name });
  return element;
}

function numberOf(section, name, properties = {}) {
  const element = make("input", { type: "number", step: "any", ...properties });
  element.addEventListener("change", () => set(section, name, element.value === "" ? null : Number(element.value)));
  controls.push({ element, section, name });
  return element;
}

function frozenField() {
  const group = make("div", { className: "field", hidden: isHidden("freeze") }, make("span", {}, t("settings.freeze")), frozen);
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", t("settings.freeze"));
  return group;
}

function show({ settings }, changed) {
  const isOnlyFrame = changed.size > 1 && page.training; // what is being typed stays
  for (const { element, section, name } of controls) {
    if (isOnlyFrame && element === document.activeElement) continue;
    element.value = settings[section][name] ?? "";
  }
  const { loss } = settings.net;
  option.closest("label").hidden = isHidden("option") || !page.choices.losses.find(([name]) => name === loss)?.[1];
  showFrozen(settings.training.freeze);
}

function showFrozen(freeze) {
  const names = story.layers.flatMap(({ W, b }) => [W, b]);
  const wanted = `${names} ${freeze}`;
  if (frozen.dataset.shown === wanted) return;
  frozen.dataset.shown = wanted;
  frozen.replaceChildren(...names.map((name) => {
    const isFrozen = freeze.includes(name);
    const act = () => set("training", "freeze", isFrozen ? freeze.filter((one) => one !== name) : [...freeze, name]);
    const element = button(isFrozen ? `${name} ✓` : name, act);
    element.setAttribute("aria-pressed", String(isFrozen));
    return element;
  }));
}

function set(section, name, value) {
  ask("set", { changes: { [section]: { [name]: value } } });
}
