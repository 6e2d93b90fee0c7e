// Linked highlight: what is pointed at lights up wherever it stands; a click pins it.
// Elements name the entries that they show in data-ref: "W1", "W1[0,2]", or several with spaces between.

import { labelOf, parse, story, valueAt } from "./story.js";
import { IN_PANEL, number } from "./numbers.js";
import { isKnown } from "./state.js";

const SEEN = "#drawing [data-ref], article:not([hidden]) [data-ref]";
const parsed = new Map(); // what each data-ref says, so that pointing stays quick
let pinned = "";
let lit = "";

export function watchPointer() {
  for (const kind of ["pointerover", "focusin"]) {
    document.addEventListener(kind, (event) => point(referenceOf(event.target) || pinned));
  }
  document.addEventListener("click", (event) => {
    pinned = referenceOf(event.target) || pinned;
    point(pinned);
  });
}

function point(references) {
  if (references !== lit) light(references);
}

/** Light something until another is pinned, in new elements too. */
export function pin(reference) {
  pinned = reference;
  light(pinned);
}

/** Light what is pinned, after new elements came. */
export function relight() {
  light(pinned);
}

function referenceOf(target) {
  return target.closest?.("[data-ref]")?.dataset.ref ?? "";
}

function light(references) {
  if (!story) return;
  lit = references;
  const wanted = entriesOf(references);
  for (const element of document.querySelectorAll(SEEN)) {
    const own = entriesOf(element.dataset.ref);
    const isCell = element.matches(".cell"); // a whole array lights its frame, not each of its cells
    const meets = (one) => wanted.some((other) => meet(one, other) && !(isCell && !other.places.length && one.places.length));
    element.classList.toggle("lit", own.some(meets));
  }
  document.getElementById("readout").textContent = references.split(" ").map(said).filter(Boolean).join("   ");
}

function entriesOf(references) {
  if (!parsed.has(references)) parsed.set(references, references.split(" ").filter(Boolean).map(split));
  return parsed.get(references);
}

function split(reference) {
  const [name, places] = reference.replace("]", "").split("[");
  return { name, places: places ? places.split(",") : [] };
}

/** Whether one is the other, a part of it, or holds it. */
function meet(one, other) {
  if (one.name !== other.name) return false;
  return one.places.every((place, k) => [place, ":"].includes(other.places[k] ?? ":") || place === ":");
}

function said(reference) {
  const entry = parse(reference);
  const value = entry && isKnown(entry.name) ? valueAt(entry.name, entry.index) : undefined;
  return value !== undefined ? `${labelOf(entry.name, entry.index)} = ${number(value, IN_PANEL)}` : "";
}
