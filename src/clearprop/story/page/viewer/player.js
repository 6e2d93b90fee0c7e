// Play and pause: something is done again and again, at a speed.

import { make } from "./dom.js";
import { word } from "./words.js";
import { story } from "./story.js";
import { go, state } from "./state.js";

const STEP_TIME = 600; // milliseconds a step at normal speed
const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
const STORY = { act: playStep, begin: rewind, end() {}, isFast: false };
let played = STORY; // `act` makes one move and says whether there is another; a fast one is made without a wait
let playing = null; // what was started last, as long as it runs
export let speed = 1;

/** The buttons of an exported page, with its time line. */
export function watchControls() {
  document.getElementById("controls").append(
    control("⇤", word("run.start"), () => go(0)),
    control("←", word("run.back"), () => go(state.position - 1)),
    playControl(word("run.play"), word("run.pause")),
    control("→", word("run.on"), () => go(state.position + 1)),
    control("⇥", word("run.end"), () => go(story.steps.length)),
    speedChoice(word("run.speed")));
}

export function toggle() {
  if (playing) stop();
  else play();
}

/** Play the story's steps, or something else. */
export function play(what = STORY) {
  stop();
  played = what;
  played.begin();
  playing = {};
  wait(playing);
  showPlaying();
}

export function stop() {
  if (!playing) return;
  playing = null;
  played.end();
  showPlaying();
}

export function isPlaying() {
  return playing !== null;
}

function wait(own) {
  setTimeout(() => move(own), played.isFast ? 0 : STEP_TIME / speed);
}

async function move(own) {
  if (playing !== own) return; // stopped, or started anew, in the meantime
  const isMore = await played.act();
  if (playing !== own) return;
  if (isMore) wait(own);
  else stop();
}

function rewind() {
  if (state.position === story.steps.length) go(0);
}

function playStep() {
  go(state.position + 1);
  return state.position < story.steps.length;
}

function showPlaying() {
  const element = document.getElementById("play");
  const label = playing ? element.dataset.pause : element.dataset.play;
  element.textContent = playing ? "❚❚" : "▶";
  element.title = label;
  element.setAttribute("aria-label", label);
}

export function playControl(play, pause, act = toggle) {
  const element = control("▶", play, act);
  element.id = "play";
  Object.assign(element.dataset, { play, pause });
  return element;
}

function control(text, label, act) {
  const element = make("button", { type: "button", title: label }, text);
  element.setAttribute("aria-label", label);
  element.addEventListener("click", act);
  return element;
}

export function speedChoice(label) {
  const options = SPEEDS.map((one) => make("option", { value: one, selected: one === speed }, `${one}×`));
  const element = make("select", { title: label }, ...options);
  element.setAttribute("aria-label", label);
  element.addEventListener("change", () => { speed = Number(element.value); });
  return element;
}
