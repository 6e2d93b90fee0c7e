// How far one step goes within a story: an operation, a layer's operations, or a whole pass.

import { go, state } from "/viewer/state.js";
import { story } from "/viewer/story.js";

export const UNITS = ["operation", "layer", "pass", "batch", "epoch"];

const KEYS = {
  operation: (step) => step.name,
  layer: (step) => `${step.phase} ${step.layer}`,
  pass: (step) => step.phase,
};

/** Whether a story has such steps; batches and epochs are the server's. */
export function isWithin(unit) {
  return unit in KEYS;
}

export function goOn(unit) {
  go(groupEnd(state.position, KEYS[unit]));
}

export function goBack(unit) {
  const key = KEYS[unit];
  const own = key(story.steps[state.position - 1]);
  let position = state.position;
  while (position > 0 && key(story.steps[position - 1]) === own) position -= 1;
  go(position);
}

/** The last position of the group of steps that begins after this one. */
function groupEnd(position, key) {
  const own = key(story.steps[position]);
  let end = position + 1;
  while (end < story.steps.length && key(story.steps[end]) === own) end += 1;
  return end;
}
