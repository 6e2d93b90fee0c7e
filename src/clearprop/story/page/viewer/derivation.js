// Where one entry comes from: symbol = formula = numbers filled in = value, and the way that led there.

import { make } from "./dom.js";
import { word } from "./words.js";
import { add, derivation, labelOf, positions, story, valueAt, keyOf } from "./story.js";
import { IN_PANEL, number } from "./numbers.js";
import { change, go, openFurther, source, state } from "./state.js";
import { copy } from "./arrays.js";
import { callFor, entrySymbol, filledOf, formulaOf } from "./symbols.js";
import { pathsOf } from "./paths.js";

const asked = new WeakMap(); // for each story, the entries that were asked for

/** The opened entry as a section; none where nothing is open. */
export function derivationSection() {
  const entry = state.trail.at(-1);
  if (!entry) return [];
  const { name, index } = entry;
  if (source.ask) askFor(name, index);
  const section = make("section", { className: "derivation", tabIndex: -1, data: { entry: keyOf(name, index) } });
  section.setAttribute("aria-label", word("entry.label", { entry: labelOf(name, index) }));
  section.append(trail(), ...lines(name, index), ...pathsOf(name, index));
  return [section];
}

function lines(name, index) {
  const found = derivation(name, index);
  if (!found && source.ask) return [make("p", {}, "…")];
  if (!found) {
    return [make("p", {}, word("entry.unheld", { entry: labelOf(name, index), call: callFor(name, index) }))];
  }
  const rows = [];
  if (found.formula) rows.push(formulaOf(found.formula, openFurther));
  if (found.formula && found.spread !== found.formula) rows.push(formulaOf(found.spread, openFurther));
  if (found.spread) rows.push(found.filled ? formulaOf(found.filled, openFurther) : filledOf(found.spread, openFurther));
  rows.push([make("output", { data: { sign: found.value < 0 ? "minus" : "plus" } }, number(found.value, IN_PANEL)), copyButton(name, index)]);
  const equations = make("div", { className: "equations" }, ...rows.flatMap((row, k) => [
    make("span", { className: "symbol" }, ...(k ? [] : [entrySymbol(name, index)])),
    make("span", { className: "equals" }, "="),
    make("span", { className: "right" }, ...row),
  ]));
  return [equations, ...remarks(name, index, found)];
}

/** Ask once for what the page does not hold of an entry, and show it when it comes. */
async function askFor(name, index) {
  const own = story;
  const key = keyOf(name, index);
  if (!asked.has(own)) asked.set(own, new Set());
  if (asked.get(own).has(key)) return;
  asked.get(own).add(key);
  const found = await source.ask(name, index);
  if (!found) asked.get(own).delete(key); // the next change asks again
  if (!found || story !== own) return;
  add(name, index, found);
  change({});
}

function remarks(name, index, found) {
  const label = labelOf(name, index);
  const said = [];
  if (label !== `${name}[${index.join(", ")}]` && index.length) said.push(word("entry.named", { entry: label }));
  if (!found.formula) said.push(word("entry.given"));
  const [count, rest] = found.rest ?? [0, 0];
  if (count) said.push(word("entry.rest", { count, value: number(Number(rest), IN_PANEL) }));
  return said.map((text) => make("p", { className: "remark" }, text));
}

function trail() {
  const nav = make("nav", { className: "trail" });
  nav.setAttribute("aria-label", word("entry.trail"));
  state.trail.forEach((entry, k) => {
    const isLast = k === state.trail.length - 1;
    const crumb = make("button", { type: "button", disabled: isLast }, entrySymbol(entry.name, entry.index));
    crumb.addEventListener("click", () => change({ trail: state.trail.slice(0, k + 1) }));
    nav.append(crumb, isLast ? "" : " › ");
  });
  const { name } = state.trail.at(-1);
  if (positions.has(name) && story.steps[state.position - 1]?.name !== name) nav.append(stepLink(name));
  const close = make("button", { type: "button", className: "close", title: word("entry.close") }, "×");
  close.setAttribute("aria-label", word("entry.close.label"));
  close.addEventListener("click", () => change({ trail: [] }));
  nav.append(close);
  return nav;
}

function stepLink(name) {
  const element = make("button", { type: "button", className: "link" }, word("entry.step"));
  element.addEventListener("click", () => go(positions.get(name)));
  return element;
}

function copyButton(name, index) {
  const element = make("button", { type: "button", className: "copy", title: word("entry.copy") }, word("array.copy"));
  element.addEventListener("click", () => copy(String(valueAt(name, index)), element));
  return element;
}
