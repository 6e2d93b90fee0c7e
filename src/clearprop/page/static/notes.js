// What the explanation notes: causes, each with its number, its remedy and the way to its place.

import { make } from "/viewer/dom.js";
import { pin } from "/viewer/highlight.js";
import { aboutStep } from "/viewer/panel.js";
import { go } from "/viewer/state.js";
import { positions } from "/viewer/story.js";
import { t } from "./texts.js";

/** A list, and how to show the notes of a view in it. */
export function notesList() {
  const element = make("section", { className: "notes" });
  element.setAttribute("aria-label", t("output.notes"));
  let shown = "";
  const show = ({ notes, diverged }) => {
    const wanted = JSON.stringify([notes, diverged]);
    if (wanted === shown) return; // what has the focus stays
    shown = wanted;
    const items = notes.map(noteOf);
    if (diverged) items.unshift(make("p", { className: "note", role: "alert", lang: "en" }, diverged));
    element.replaceChildren(...items);
  };
  return { element, show };
}

function noteOf(note) {
  const where = make("button", { type: "button", className: "link" }, note.where);
  where.title = t("output.show");
  where.addEventListener("click", () => {
    go(positions.get(aboutStep(note)?.name) ?? 0);
    pin(note.where);
  });
  return make("aside", { className: "note", lang: "en" },
    make("strong", {}, note.kind), " ", where, make("p", {}, `${note.text}. `, make("em", {}, `Try ${note.remedy}.`)));
}
