// What is looked at: a story, and in it the step, the trail of opened entries, the sample.

import { isEntry, load, positions, story } from "./story.js";

const listeners = [];
const readers = [];
/** Who can be asked for what the page does not hold: `ask(name, index)` promises what `add` takes; null in a file. */
export const source = { ask: null };
export const state = { position: 0, trail: [], sample: 0, isVeiled: false }; // veiled: what comes is not told

export function onChange(listener) {
  listeners.push(listener);
}

/** Call a listener whenever another story is there, before anything of it is looked at. */
export function onStory(reader) {
  readers.push(reader);
}

/** Show another story; step, sample and opened entries stay where it has them too. */
export function renew(data) {
  const name = story && current()?.name;
  load(data);
  for (const reader of readers) reader();
  change({
    position: positions.get(name) ?? 0,
    sample: Math.min(state.sample, story.arrays.X.shape[0] - 1),
    trail: state.trail.every(({ name, index }) => isEntry(name, index)) ? state.trail : [],
  });
}

export function change(next) {
  const sample = "trail" in next ? sampleOf(next.trail.at(-1)) : undefined;
  Object.assign(state, sample === undefined ? {} : { sample }, next);
  for (const listener of listeners) listener(state);
}

/** Go to a step by its position: 0 is what is given. */
export function go(position) {
  change({ position: Math.min(Math.max(position, 0), story.steps.length), trail: [] });
}

export function open(name, index) {
  change({ trail: [{ name, index }] });
}

/** Open an operand of what is open. */
export function openFurther(name, index) {
  change({ trail: [...state.trail, { name, index }] });
}

/** Whether a quantity is there by now: given, or computed up to the current step. */
export function isKnown(name) {
  return name in story.arrays && (positions.get(name) ?? 0) <= state.position;
}

export function current() {
  return state.position ? story.steps[state.position - 1] : null;
}

/** The sample that an entry belongs to; undefined for what belongs to none, such as a weight. */
export function sampleOf(entry) {
  return entry && story.arrays[entry.name].bySample ? entry.index[0] : undefined;
}
