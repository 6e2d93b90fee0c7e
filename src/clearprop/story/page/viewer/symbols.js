// Symbols and formulas as elements: names become mathematics, entries become buttons.

import { make } from "./dom.js";
import { word } from "./words.js";
import { derivation, keyOf, labelOf, tokens, valueAt } from "./story.js";
import { IN_PANEL, number } from "./numbers.js";
import { onStory, source } from "./state.js";

let symbols = new Map();

export function watchSymbols() {
  onStory(() => {
    const found = document.querySelectorAll("#symbols [data-symbol]");
    symbols = new Map([...found].map((one) => [one.dataset.symbol, one.firstElementChild]));
  });
}

/** A name as a mathematical symbol. */
export function symbolOf(name) {
  return symbols.get(name).cloneNode(true);
}

/** A symbol that a button has for all its words: what is said of it is its name. */
export function spokenSymbol(name) {
  const symbol = symbolOf(name);
  symbol.setAttribute("aria-hidden", "true");
  return make("span", { className: "spoken" }, symbol, make("span", { className: "unseen" }, name));
}

/** An entry as mathematics: a symbol and its place. */
export function entrySymbol(name, index) {
  const place = index.length ? `[${index.join(", ")}]` : "";
  return make("span", { className: "entry" }, symbolOf(name), place);
}

/** A formula's text as elements; `opener` says what a click on an entry does. */
export function formulaOf(text, opener) {
  return terms(tokens(text).map((one) => {
    if (typeof one === "string") return one;
    const index = one.index.map(Number);
    if (index.some(Number.isNaN)) { // the letter of a sum stands for many entries
      const target = `${one.name}[${one.index.map((i) => (/^\d+$/.test(i) ? i : ":")).join(",")}]`;
      return make("span", { data: { ref: target } }, entrySymbol(one.name, one.index));
    }
    return button(one.name, index, opener, entrySymbol(one.name, one.index));
  }));
}

/** The same with its numbers in the place of the entries. */
export function filledOf(text, opener) {
  const pieces = tokens(text);
  return terms(pieces.map((one, k) => {
    if (typeof one === "string") return one;
    const index = one.index.map(Number);
    const value = valueAt(one.name, index);
    const before = pieces[k - 1] ?? "";
    const after = pieces[k + 1] ?? "";
    const isBare = before === "" || (typeof before === "string" && /[([,|] ?$/.test(before));
    const isRaised = typeof after === "string" && /^[⁰¹²³⁴⁵⁶⁷⁸⁹^]/u.test(after);
    const shown = number(value, IN_PANEL);
    const text = (value < 0 && !isBare) || (isRaised && /[−e]/.test(shown)) ? `(${shown})` : shown;
    return button(one.name, index, opener, text);
  }));
}

/** A button that opens an entry; plain text where the page does not know how it came about. */
export function button(name, index, opener, content) {
  const value = valueAt(name, index);
  const data = { ref: keyOf(name, index), sign: value < 0 ? "minus" : value > 0 ? "plus" : "zero" };
  const shown = value === undefined ? word("entry.missing") : number(value, IN_PANEL);
  const said = `${labelOf(name, index)} = ${shown}`;
  if (!derivation(name, index) && !source.ask) {
    const title = word("entry.closed", { entry: said, call: callFor(name, index) });
    return make("span", { className: "closed", title, data }, content);
  }
  const element = make("button", { type: "button", className: "open", title: said, data }, content);
  // a number says whose it is; what is said holds what is seen, so that one can ask for it by voice
  if (typeof content === "string") element.setAttribute("aria-label", `${labelOf(name, index)} = ${content}`);
  else if (!index.length) element.setAttribute("aria-label", name);
  element.addEventListener("click", () => opener(name, index));
  return element;
}

/** What shows in Python how an entry comes about. */
export function callFor(name, index) {
  return `story.zoom(${[`"${name}"`, ...index].join(", ")})`;
}

/** Pieces of a formula as terms, which part at the outermost plus and minus signs; long ones part once more within. */
function terms(pieces) {
  const parts = pieces.flatMap((piece) => (typeof piece === "string" ? piece.split(/(?= [+−] )/) : [piece]));
  const depths = depthsOf(parts);
  const outermost = Math.min(...depths);
  if (outermost === Infinity) return parts.map((part) => (typeof part === "string" ? running(part) : part));
  const found = [[]];
  parts.forEach((part, k) => {
    if (depths[k] === outermost) found.push([]);
    found.at(-1).push(part);
  });
  return found.flatMap((term, k) => [k ? " " : "", make("span", { className: "term" }, ...terms(term))]);
}

/** How deep within brackets the signs stand that parts begin with; the first part's own, and no sign, are no place to part. */
function depthsOf(parts) {
  let depth = 0;
  let bars = 0; // of an absolute value
  return parts.map((part, k) => {
    if (typeof part !== "string") return Infinity;
    const found = k && /^ [+−] /.test(part) ? depth + bars : Infinity;
    for (const letter of part) {
      if ("([".includes(letter)) depth += 1;
      else if (")]".includes(letter)) depth -= 1;
      else if (letter === "|") bars = 1 - bars;
    }
    return found;
  });
}

/** Text between entries, with what stands below a Σ set below it. */
function running(text) {
  const parts = text.split(/(?:(?<=Σ|max|min)_(\{[^}]*\}|\p{L}))/u);
  return make("span", {}, ...parts.map((part, k) => (k % 2 ? make("sub", {}, part.replace(/[{}]/g, "")) : part)));
}
