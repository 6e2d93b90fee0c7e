// The output: how good the network is by now, what it says of every input, and how it came to that.

import { make } from "/viewer/dom.js";
import { curves } from "./curves.js";
import { figuresTable } from "./figures.js";
import { notesList } from "./notes.js";
import { planeFigure } from "./plane.js";
import { onView } from "./session.js";
import { isHidden, t } from "./texts.js";

export function watchOutput() {
  const output = document.getElementById("output");
  if (!output) return; // the address hides it
  const [figures, picture, charts, notes] = [figuresTable(), planeFigure(), curves(), notesList()];
  const parts = [
    ["figures", figures, "figures"], ["picture", picture, "picture"], ["curves", charts, "curve"], ["notes", notes, "notes"]];
  const column = make("div", { className: "output" }, make("h2", { className: "unseen" }, t("output.label")));
  for (const [part, { element }] of parts) if (!isHidden(part)) column.append(element);
  output.append(column);
  onView((view, changed) => {
    if (changed.has("figures")) figures.show(view);
    picture.show(view, changed);
    charts.show(view, changed);
    notes.show(view);
  });
}
