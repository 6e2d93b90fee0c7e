// Linked highlight: what is pointed at lights up wherever it stands; a click pins it.
// Elements name the entries that they show in data-ref: "W1", "W1[0,2]", or several with spaces between.

import { labelOf, parse, valueAt } from "./story.js";
import { IN_PANEL, number } from "./numbers.js";

const SEEN = "#drawing [data-ref], article:not([hidden]) [data-ref]";
const readout = document.getElementById("readout");
let pinned = "";

export function watchPointer() {
  for (const kind of ["pointerover", "focusin"]) {
    document.addEventListener(kind, (event) => light(referenceOf(event.target) || pinned));
  }
  document.addEventListener("click", (event) => {
    const reference = referenceOf(event.target);
    if (reference) pin(reference);
  });
}

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
  const wanted = references ? references.split(" ").map(split) : [];
  for (const element of document.querySelectorAll(SEEN)) {
    const own = element.dataset.ref.split(" ").map(split);
    const isCell = element.matches(".cell"); // a whole array lights its frame, not each of its cells
    const meets = (one) => wanted.some((other) => meet(one, other) && !(isCell && !other.places.length && one.places.length));
    element.classList.toggle("lit", own.some(meets));
  }
  readout.textContent = references.split(" ").map(said).filter(Boolean).join("   ");
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
  const value = entry && valueAt(entry.name, entry.index);
  return entry && value !== undefined ? `${labelOf(entry.name, entry.index)} = ${number(value, IN_PANEL)}` : "";
}
