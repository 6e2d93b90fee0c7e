// The time line: every step as a mark, by phase; play, pause and speed.

import { story } from "./story.js";
import { go, onChange, state } from "./state.js";
import { aboutStep } from "./panel.js";
import { make, symbolOf } from "./symbols.js";

const STEP_TIME = 600; // milliseconds a step at normal speed
const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
const controls = document.getElementById("controls");
const marks = [];
let playing = null;
let speed = 1;

export function watchTimeline() {
  controls.append(
    control("⇤", "To the start (Home)", () => go(0)),
    control("←", "One step back (←)", () => go(state.position - 1)),
    control("▶", "Play (Space)", toggle, "play"),
    control("→", "One step on (→)", () => go(state.position + 1)),
    control("⇥", "To the end (End)", () => go(story.steps.length)),
    speedChoice());
  document.getElementById("steps").append(...groups());
  onChange(({ position }) => {
    marks.forEach((mark, k) => mark.toggleAttribute("data-past", k < position));
    for (const mark of marks) mark.removeAttribute("aria-current");
    marks[position].setAttribute("aria-current", "step");
    reveal(marks[position]);
  });
}

export function toggle() {
  if (playing) stop();
  else {
    if (state.position === story.steps.length) go(0);
    playing = setTimeout(advance, STEP_TIME / speed);
    showPlaying();
  }
}

function advance() {
  go(state.position + 1);
  if (state.position === story.steps.length) stop();
  else playing = setTimeout(advance, STEP_TIME / speed);
}

function stop() {
  clearTimeout(playing);
  playing = null;
  showPlaying();
}

function showPlaying() {
  const element = document.getElementById("play");
  element.textContent = playing ? "❚❚" : "▶";
  element.setAttribute("aria-label", playing ? "Pause (Space)" : "Play (Space)");
}

function control(text, label, act, id = "") {
  const element = make("button", { type: "button", title: label, id }, text);
  element.setAttribute("aria-label", label);
  element.addEventListener("click", act);
  return element;
}

function speedChoice() {
  const options = SPEEDS.map((one) => make("option", { value: one, selected: one === speed }, `${one}×`));
  const element = make("select", { title: "Speed" }, ...options);
  element.setAttribute("aria-label", "Speed");
  element.addEventListener("change", () => { speed = Number(element.value); });
  return element;
}

/** The marks in groups: what is given, then each phase as it comes. */
function groups() {
  const noted = new Set(story.notes.map((note) => aboutStep(note)?.name));
  const found = [group("given", [mark(0, "given", false)])];
  story.steps.forEach((step, k) => {
    const one = mark(k + 1, symbolOf(step.name), noted.has(step.name));
    one.setAttribute("aria-label", `${step.name}, ${step.phase}${noted.has(step.name) ? ", with a note" : ""}`);
    if (story.steps[k - 1]?.phase === step.phase) found.at(-1).lastElementChild.append(make("li", {}, one));
    else found.push(group(step.phase, [one]));
  });
  return found;
}

function group(phase, some) {
  const list = make("ol", {}, ...some.map((one) => make("li", {}, one)));
  return make("div", { className: "group", data: { phase } }, make("span", {}, phase), list);
}

function mark(position, content, isNoted) {
  const element = make("button", { type: "button", className: "mark" }, content);
  if (isNoted) element.append(make("i", { className: "noted", title: "There is a note on this step" }, "!"));
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
