// The bar: reset, step back, play, step on; by which unit, how fast, and where it stands.

import { make } from "/viewer/dom.js";
import { go, state } from "/viewer/state.js";
import { story } from "/viewer/story.js";
import { isPlaying, play, playControl, speedChoice, stop } from "/viewer/player.js";
import { button, select } from "./dom.js";
import { ask, onView, page } from "./session.js";
import { TRAINING } from "./training.js";
import { isHidden, t } from "./texts.js";
import { UNITS, goBack, goOn, isWithin } from "./units.js";

const place = make("p", { id: "place" });
const unit = select(UNITS.map((one) => [one, t(`unit.${one}`)]), "operation", () => {
  if (isPlaying()) stop();
});
const STEPPING = { act: on, begin() {}, end() {}, isFast: false };

export function watchRun() {
  unit.id = "unit";
  unit.setAttribute("aria-label", t("run.unit"));
  const buttons = [
    ...(isHidden("reset") ? [] : [button("⟲", reset, { label: t("run.reset"), id: "reset" })]),
    button("←", () => back(), { label: t("run.back"), id: "back" }),
    playControl(t("run.play"), t("run.pause"), playOrPause),
    button("→", () => on(), { label: t("run.on"), id: "on" }),
  ];
  document.getElementById("bar").append(...buttons, unit, speedChoice(t("run.speed")), place);
  onView(showPlace);
}

export function playOrPause() {
  if (isPlaying()) stop();
  else play(unit.value === "epoch" ? TRAINING : STEPPING);
}

/** One unit on; past the end of the story that is the step itself. True where there is something further. */
export async function on() {
  if (page.training) return stop();
  if (page.busy) return true; // a key held down makes no steps ahead of what is shown
  if (!isWithin(unit.value)) return isDone(await ask("step", { unit: unit.value }));
  if (state.position < story.steps.length && !isUntold()) {
    goOn(unit.value);
    return true;
  }
  const moved = await ask("step", { unit: "batch" });
  if (moved) go(0);
  return isDone(moved);
}

function isDone(view) {
  return Boolean(view) && !view.diverged;
}

/** Whether what is shown has no story, as where the next step diverges. */
function isUntold() {
  return document.body.hasAttribute("data-untold");
}

/** One unit back; before the start of the story that is the end of the one before. */
export async function back() {
  stop();
  if (page.busy) return;
  if (isWithin(unit.value) && state.position) return goBack(unit.value);
  if (!page.view.place.can_go_back) return;
  const { steps } = page.view.place;
  const moved = await ask("back", { unit: isWithin(unit.value) ? "batch" : unit.value });
  if (moved && moved.place.steps < steps && isWithin(unit.value)) go(story.steps.length); // an edit was no step
}

export function reset() {
  if (isHidden("reset")) return;
  stop();
  ask("reset").then((moved) => moved && go(0));
}

export function setUnit(wanted) {
  stop();
  unit.value = wanted;
}

function showPlace({ place: at, settings }) {
  const values = { epoch: at.epoch, batch: at.batch + 1, batches: at.batches, rows: at.rows.length, steps: at.steps };
  place.textContent = t(settings.focus ? "run.place.focus" : "run.place", values);
}
