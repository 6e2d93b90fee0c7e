// What is looked at: the step, the trail of opened entries, the sample. The address keeps it.

import { parse, keyOf, positions, story } from "./story.js";

const listeners = [];
export const state = { position: 0, trail: [], sample: 0 };

export function onChange(listener) {
  listeners.push(listener);
}

export function change(next) {
  const sample = "trail" in next ? sampleOf(next.trail.at(-1)) : undefined;
  Object.assign(state, sample === undefined ? {} : { sample }, next);
  remember();
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

export function current() {
  return state.position ? story.steps[state.position - 1] : null;
}

/** The sample that an entry belongs to; undefined for what belongs to none, such as a weight. */
export function sampleOf(entry) {
  return entry && story.arrays[entry.name].bySample ? entry.index[0] : undefined;
}

/** Take up the state that the address names, such as #step=dW1&entry=dW1[0,2]. */
export function restore() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  const entry = parse(wanted.get("entry") ?? "");
  const sample = Number.parseInt(wanted.get("sample") ?? sampleOf(entry)) || 0;
  change({
    position: positions.get(wanted.get("step")) ?? positions.get(entry?.name) ?? 0,
    trail: entry ? [entry] : [],
    sample: Math.min(Math.max(sample, 0), story.arrays.X.shape[0] - 1),
  });
}

function remember() {
  const entry = state.trail.at(-1);
  const parts = [];
  if (state.position) parts.push(`step=${current().name}`);
  if (entry) parts.push(`entry=${keyOf(entry.name, entry.index)}`);
  if (state.sample !== (sampleOf(entry) ?? 0)) parts.push(`sample=${state.sample}`);
  const hash = parts.length ? `#${parts.join("&")}` : "";
  if (location.hash === hash || location.protocol === "about:") return; // a frame has no address of its own
  history.replaceState(null, "", hash || location.pathname + location.search);
}
