// The time line: every step as a mark, by phase.

import { make } from "./dom.js";
import { word } from "./words.js";
import { story } from "./story.js";
import { go, onChange, onStory } from "./state.js";
import { aboutStep } from "./panel.js";
import { spokenSymbol } from "./symbols.js";

let marks = [];

export function watchTimeline() {
  onStory(() => {
    marks = [];
    document.getElementById("steps").replaceChildren(...groups());
  });
  onChange(({ position }) => {
    marks.forEach((mark, k) => mark.toggleAttribute("data-past", k < position));
    for (const mark of marks) mark.removeAttribute("aria-current");
    marks[position].setAttribute("aria-current", "step");
    reveal(marks[position]);
  });
}

/** The marks in groups: what is given, then each phase as it comes. */
function groups() {
  const noted = new Set(story.notes.map((note) => aboutStep(note)?.name));
  const found = [group("given", [mark(0, word("phase.given"), false)])];
  story.steps.forEach((step, k) => {
    const one = mark(k + 1, spokenSymbol(step.name), noted.has(step.name));
    one.dataset.name = step.name;
    if (story.steps[k - 1]?.phase === step.phase) found.at(-1).lastElementChild.append(make("li", {}, one));
    else found.push(group(step.phase, [one]));
  });
  return found;
}

function group(phase, some) {
  const list = make("ol", { ariaLabel: word(`phase.${phase}`) }, ...some.map((one) => make("li", {}, one)));
  return make("div", { className: "group", data: { phase } }, make("span", { ariaHidden: "true" }, word(`phase.${phase}`)), list);
}

function mark(position, content, isNoted) {
  const element = make("button", { type: "button", className: "mark" }, content);
  if (isNoted) element.append(make("i", { className: "noted", role: "img", title: word("step.note") }, "!"));
  element.addEventListener("click", () => go(position));
  marks.push(element);
  return element;
}

/** Scroll the row of marks, and nothing else, so that one is seen. */
function reveal(element) {
  const row = document.getElementById("steps");
  const from = element.getBoundingClientRect().left - row.getBoundingClientRect().left + row.scrollLeft;
  row.scrollLeft = from - (row.clientWidth - element.offsetWidth) / 2;
}
